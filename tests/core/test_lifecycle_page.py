"""docs/reference/lifecycle.md is made from the table; with `REDSHARE_WRITE=1` it is made again."""

from __future__ import annotations

import os
from itertools import groupby
from pathlib import Path

from redshare.core.lifecycle import ACTOR_OF, TRANSITIONS, Actor, Status

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "lifecycle.md"

INTRODUCTION = """\
# The lifecycle of a datashare's authorization

<!-- Made from src/redshare/core/lifecycle.py by tests/core/test_lifecycle_page.py. Do not edit. -->

Each `GRANT USAGE ON DATASHARE` makes one entry, which these verbs move. A verb that has no line
for a status is an error in it and changes nothing. A consumer sees `AUTHORIZED` as `AVAILABLE`,
and sees nothing of an entry that is pending, deauthorized or rejected.
"""


def diagram() -> str:
    """The transitions that change a status, those between the same two on one arrow."""
    moves = [
        (_node(old), _node(new), verb) for (verb, old), new in TRANSITIONS.items() if old is not new
    ]
    moves.sort(key=lambda move: move[:2])
    lines = ["```mermaid", "stateDiagram-v2"]
    for (old, new), group in groupby(moves, key=lambda move: move[:2]):
        verbs = "<br/>".join(verb for _, _, verb in group)
        lines.append(f"    {old} --> {new}: {verbs}")
    return "\n".join([*lines, "```"])


def table() -> str:
    """All transitions, by who may do them."""
    lines = ["| by | verb | from | to |", "|---|---|---|---|"]
    for actor in Actor:
        for (verb, old), new in TRANSITIONS.items():
            if ACTOR_OF[verb] is actor:
                to = "unchanged" if old is new else _word(new)
                lines.append(f"| {actor} | {verb} | {_word(old)} | {to} |")
    return "\n".join(lines)


def page() -> str:
    """The whole page."""
    return f"{INTRODUCTION}\n{diagram()}\n\n## Every transition\n\n{table()}\n"


def _node(status: Status | None) -> str:
    return "[*]" if status is None else status.value


def _word(status: Status | None) -> str:
    return "no entry" if status is None else f"`{status.value}`"


def test_the_page_is_made_from_the_table() -> None:
    """The page in the documentation says what the table does."""
    if os.environ.get("REDSHARE_WRITE"):
        PAGE.parent.mkdir(parents=True, exist_ok=True)
        PAGE.write_text(page())
    assert page() == PAGE.read_text()
