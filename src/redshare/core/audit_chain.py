"""The audit's chain: each row's hash covers the row and the hash of the one before.

So a row that is changed, removed, put in or moved is found by whoever reads the chain again. Who
may write to the database could build a whole new chain: only a head noted elsewhere tells of that.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

#: What the first row carries.
START: Final = "0" * 64


@dataclass(frozen=True, slots=True)
class ChainedRow:
    """An audit row as it is stored: `body` is its text, `previous` the hash it carries."""

    sequence: int
    at: datetime
    account: str
    body: str
    previous: str
    hash: str


@dataclass(frozen=True, slots=True)
class BrokenChain:
    """Where the chain stops being whole, and why."""

    sequence: int
    reason: str


def link(previous: str, at: datetime, account: str, body: str) -> str:
    """The hash of a row behind `previous`."""
    parts = (previous, at.astimezone(UTC).isoformat(), account, body)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


class Reading:
    """A chain read from its start, rows in their order, as many at a time as one likes."""

    def __init__(self) -> None:
        self.head = START
        self.count = 0
        self.last = 0

    def follow(self, rows: Iterable[ChainedRow]) -> BrokenChain | None:
        """Read on; the first row that does not fit, if there is one."""
        for row in rows:
            if row.previous != self.head:
                return BrokenChain(row.sequence, "it does not carry the hash of the row before it")
            if row.hash != link(row.previous, row.at, row.account, row.body):
                return BrokenChain(row.sequence, "it was changed after it was written")
            self.head, self.last = row.hash, row.sequence
            self.count += 1
        return None

    def ends(self, head: str) -> BrokenChain | None:
        """After the last row: whether the rows end where the store says."""
        if head == self.head:
            return None
        return BrokenChain(self.last + 1, "rows are missing from here on")
