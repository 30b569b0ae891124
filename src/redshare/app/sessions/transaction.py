"""A session's transaction: pending governance changes and the engine's transaction, ended as one.

Data and governance commit once: what changes both is written into the lake's snapshot and then
applied to the store under that snapshot's number, while the store's rows are already locked and
checked. What a crash leaves between the two, recovery finds in the snapshot.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from redshare.app.sessions.running import found_before, uses_allowed
from redshare.app.sessions.temporary import TemporaryObjects, is_temporary
from redshare.app.work import Work
from redshare.core.access import ShareUse
from redshare.core.catalog import Catalog, Change
from redshare.core.changes import fold
from redshare.core.errors import DuplicateName, StaleState, StoreUnavailable
from redshare.core.ids import DatabaseId, WarehouseId
from redshare.core.plan import EnginePlan
from redshare.core.sql_errors import (
    DuplicateObject,
    SerializationFailure,
    ShareNotAccessible,
    SqlError,
)
from redshare.ports import AuditRecord, Commit, CommitNote, Committed, EngineResult, EngineSession


@dataclass(slots=True)
class Transaction:
    """`explicit` is one the client began; any other ends with the statement or its pipeline."""

    work: Work
    engine: EngineSession
    warehouse: WarehouseId
    author: str
    temporary: TemporaryObjects
    explicit: bool = False
    read_only: bool = False
    changes: list[Change] = field(default_factory=list)
    #: Rows of the statements that are audited; they commit with the changes.
    audit: list[AuditRecord] = field(default_factory=list)
    #: What was reached by statements that wrote through a share.
    written: set[ShareUse] = field(default_factory=set)
    engine_active: bool = False
    wrote_lake: bool = False
    #: The xid that system views show; 0 until a statement asks for it.
    number: int = 0
    #: What is done once everything is durable.
    afterwards: list[Callable[[], None]] = field(default_factory=list)

    def catalog(self) -> Catalog:
        """The newest catalogue with this transaction's changes laid over."""
        newest = self.temporary.over(self.work.catalog())
        return newest.after(fold(self.changes)) if self.changes else newest

    def run(self, plan: EnginePlan, parameters: tuple[object, ...]) -> EngineResult:
        """Run a statement in the engine's transaction. Raises what EngineSession.run does."""
        if not self.engine_active:
            self.work.settle()
            self.engine.begin(read_only=self.read_only)
            self.engine_active = True
        self.wrote_lake = self.wrote_lake or bool(plan.targets)
        return self.engine.run(plan, parameters)

    def commit(self) -> None:
        """Make it all durable, or undo it all.

        Raises SerializationFailure, DuplicateObject, ShareNotAccessible, StoreUnavailable.
        """
        folded = fold(self.changes)
        changes = tuple(c for c in folded if not is_temporary(c))
        try:
            self._check_consent()
            if self.wrote_lake:
                self._commit_both(changes)
            else:
                self._end_engine()
                if changes or self.audit:
                    published = self.work.store.commit(Commit(changes, audit=tuple(self.audit)))
                    self.work.published(changes, published)
        except StaleState as error:
            raise SerializationFailure("an object was changed by another transaction") from error
        except DuplicateName as error:
            raise DuplicateObject(f'{error.kind} "{error.name}" already exists', "42P07") from error
        finally:
            self._end_engine()
        self.temporary.apply(c for c in folded if is_temporary(c))
        for action in self.afterwards:
            action()

    def record_failure(self, error: SqlError) -> None:
        """After a commit that was refused: its statements' rows, each with the SQLSTATE."""
        if self.audit:
            # For want of the store nothing can be kept.
            with contextlib.suppress(StoreUnavailable):
                self.work.store.record(_refused(self.audit, error))

    def rollback(self) -> None:
        """Undo it all."""
        self._end_engine()

    def _check_consent(self) -> None:
        """What was written through a share is committed only while the share is there."""
        if self.written and not uses_allowed(
            self.work.catalog(), self.warehouse, found_before(self.written, self.changes)
        ):
            raise ShareNotAccessible

    def _commit_both(self, changes: tuple[Change, ...]) -> None:
        if not changes and not self.audit:
            self._commit_engine(changes)
            return
        snapshot: tuple[DatabaseId, int] | None = None
        try:
            with self.work.store.stage(Commit(changes, audit=tuple(self.audit))) as staged:
                snapshot = _snapshot(self._commit_engine(changes))
                published = staged.commit(snapshot)
        except StoreUnavailable:
            if snapshot is not None:
                # The data are committed: the changes must follow them before anything else.
                self.work.owe(*snapshot, self.work.store.encode(changes, self.audit))
            raise
        self.work.published(changes, published)

    def _commit_engine(self, changes: tuple[Change, ...]) -> Committed:
        context = {"user": self.author, "shares": sorted({use.share for use in self.written})}
        extra = self.work.store.encode(changes, self.audit) if changes or self.audit else ""
        note = CommitNote(self.author, json.dumps(context), extra)
        self.engine_active = False
        return self.engine.commit(note)

    def _end_engine(self) -> None:
        if self.engine_active:
            self.engine_active = False
            self.engine.rollback()


def _refused(rows: Sequence[AuditRecord], error: SqlError) -> list[AuditRecord]:
    return [replace(row, error=error.sqlstate, message=error.message) for row in rows]


def _snapshot(committed: Committed) -> tuple[DatabaseId, int] | None:
    if committed.lake is None or committed.snapshot_id is None:
        return None
    return DatabaseId(committed.lake), committed.snapshot_id
