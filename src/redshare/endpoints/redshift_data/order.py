"""The order of the Data API's lists, as keys of pages."""

from __future__ import annotations

from datetime import datetime
from typing import Final

#: Keys count down from a moment that nothing reaches.
_END: Final = 1 << 40


def newest_first(created: datetime, identifier: str) -> list[str]:
    """A key by which what was made later stands first."""
    return [f"{_END - created.timestamp():020.6f}", identifier]
