"""Did others change what this transaction is about to write? The decision, on plain values.

A transaction that read a lake at snapshot p and takes the lake's lock at snapshot m > p may write
only if nothing between p and m touched its target in a way its work depends on. Every snapshot
between must be accounted for: expiry removes rows, and DuckLake itself would then see no conflict.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from redshare.core.plan import WriteVerb

#: `inserted_into_table:5`, `created_table:"main"."t_1"`: the grammar of changes_made.
_CHANGE = re.compile(r'(\w+):(?:"((?:[^"]|"")*)"(?:\."((?:[^"]|"")*)")?|(\d+))')

#: What an INSERT cannot stand beside; appends and compactions of others it can.
_BREAKS_INSERT = frozenset({"deleted_from_table", "altered_table", "dropped_table"})


@dataclass(frozen=True, slots=True)
class Change:
    """One change of one snapshot: of a table's id, or of a name."""

    what: str
    table_id: int | None
    name: str | None


def parse_changes(text: str) -> tuple[Change, ...]:
    """The changes of a snapshot."""
    return tuple(
        Change(
            match[1],
            int(match[4]) if match[4] else None,
            (match[3] if match[3] is not None else match[2] or "").replace('""', '"') or None,
        )
        for match in _CHANGE.finditer(text)
    )


def conflicts(
    verb: WriteVerb, table: str, table_ids: Collection[int], changes: Sequence[Change]
) -> bool:
    """Whether a write to the table depends on something that `changes` changed."""
    for change in changes:
        if change.table_id in table_ids:
            if verb is not WriteVerb.INSERT or change.what in _BREAKS_INSERT:
                return True
        elif change.name == table:
            return True
    return False


def all_there(pinned: int, newest: int, rows: int) -> bool:
    """Whether each snapshot after `pinned` still has its row of changes."""
    return rows >= newest - pinned
