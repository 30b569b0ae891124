"""The audit row of the API call that a thread is in: it goes with the first commit the call makes.

So the row and the mutation are one transaction, whatever use case commits, and none can forget it.
A call that committed nothing, or failed, leaves its row by itself. Where a thread makes what the
world file says (`declared`), nobody calls, and each commit has rows of its own.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from redshare.core.catalog import Catalog
from redshare.ports import AuditRecord, Commit

#: What a call will be answered: of the catalogue before and after, and of what its use case says.
Respond = Callable[[Catalog, Catalog, object], Mapping[str, Any] | None]


@dataclass(slots=True)
class AuditedCall:
    """A call that runs; `kept`: its row is on disk."""

    record: AuditRecord
    respond: Respond
    kept: bool = False


class Trail:
    """The calls that run now, each in its own thread."""

    def __init__(self) -> None:
        self._local = threading.local()

    @contextmanager
    def calling(self, call: AuditedCall) -> Iterator[AuditedCall]:
        """What this thread commits meanwhile is the call's."""
        self._local.call = call
        try:
            yield call
        finally:
            self._local.call = None

    @contextmanager
    def declared(self) -> Iterator[None]:
        """What this thread commits meanwhile is the world file's."""
        self._local.declared = True
        try:
            yield
        finally:
            self._local.declared = False

    @property
    def is_declared(self) -> bool:
        """Whether this thread makes what the world file says."""
        return bool(getattr(self._local, "declared", False))

    @property
    def call(self) -> AuditedCall | None:
        """The call of this thread whose row is still to be kept."""
        call: AuditedCall | None = getattr(self._local, "call", None)
        return None if call is None or call.kept else call


def with_row(commit: Commit, call: AuditedCall, before: Catalog, answer: object) -> Commit:
    """The commit with the call's row, or with the use case's own row completed.

    Rows without a request are of no call: they tell what it brings about, and follow its row.
    """
    response = call.respond(before, before.after(commit.changes), answer)
    told = tuple(row for row in commit.audit if not row.request_id)
    rows = tuple(row for row in commit.audit if row.request_id) or (call.record,)
    return replace(commit, audit=(*(replace(row, response=response) for row in rows), *told))
