"""What a script in a client's own environment uses to say how each of its steps went.

Standard library only: it runs beside whatever the client needs.
"""

from __future__ import annotations

import json
import sys
import traceback
from collections.abc import Callable
from typing import Any

#: What the job tells its script.
TOLD: dict[str, Any] = json.loads(sys.argv[1])


def step(what: str) -> Callable[[Callable[[], object]], None]:
    """Run a function now and say whether it passed its assertions."""

    def run(function: Callable[[], object]) -> None:
        said = ""
        try:
            function()
        except Exception:  # noqa: BLE001 - whatever a foreign client does is its result
            said = traceback.format_exc(limit=-3, chain=False)
        print(json.dumps({"what": what, "ok": not said, "said": said}), flush=True)

    return run


def same(found: object, expected: object) -> None:
    """Assert that they are equal, and show them."""
    assert found == expected, f"{found!r} is not {expected!r}"
