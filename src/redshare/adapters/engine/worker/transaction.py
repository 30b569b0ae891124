"""One transaction of a session: its instance, what it has read, the lock it writes under.

The snapshot of a lake is pinned by the first statement that touches it. A transaction that only
reads never locks. Before its first write to a lake it takes the lake's lock; if it had read an
older snapshot, it may go on only where nothing it depends on has changed since. The lock is let go
after COMMIT or ROLLBACK has returned, however it ended.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb

from redshare.adapters.engine.failure import Kind, Refused
from redshare.adapters.engine.protocol import Begin, CommittedAs, Note, Plan, Target, WorkerConfig
from redshare.adapters.engine.worker.conflicts import all_there, conflicts, parse_changes
from redshare.adapters.engine.worker.durable import sync_new_files
from redshare.adapters.engine.worker.instance import Instance, Instances
from redshare.adapters.engine.worker.lock import LakeLock
from redshare.adapters.engine.worker.trace import Trace
from redshare.core.plan import WriteVerb


class Transaction:
    """From the first statement to COMMIT or ROLLBACK. Used by one thread, but for cancel()."""

    def __init__(
        self, instances: Instances, config: WorkerConfig, trace: Trace, begin: Begin
    ) -> None:
        self._instances = instances
        self._config = config
        self._trace = trace
        self._begin = begin
        self._instance: Instance | None = None
        self._held: list[str] = []
        self._locks: dict[str, LakeLock] = {}
        self._pinned: set[str] = set()
        self._checked: set[Target] = set()
        self._tables: set[str] = set()
        self._locked_ns = 0
        self._written: str | None = None
        self._sound = True
        self._failed = False
        self.cursor: Any = None
        self.started = time.monotonic()

    @property
    def wrote(self) -> bool:
        """Whether a write was begun."""
        return self._written is not None

    def prepare(self, plan: Plan) -> None:
        """Make ready to run the plan: instance, lakes, lock. Raises Refused."""
        if self._failed:
            raise _aborted()
        lakes = self._checked_lakes(plan)
        if self._instance is None:
            self._start(lakes)
        assert self._instance is not None
        fresh = [lake for lake in lakes if lake not in self._held]
        self._instance.hold(fresh)
        self._held += fresh
        if plan.targets:
            self._prepare_write(plan.targets)
        self._pinned.update(use.lake for use in plan.lakes)

    def pinned(self) -> dict[str, int]:
        """The snapshots that were read."""
        return {lake: self._snapshot(lake) for lake in sorted(self._pinned)}

    def commit(self, note: Note | None) -> CommittedAs:
        """Make it durable. Raises Refused, duckdb.Error; the transaction is over either way."""
        try:
            return self._commit(note)
        except BaseException:
            self._undo()
            raise
        finally:
            self._end()

    def rollback(self) -> None:
        """Undo it. Never raises for an engine that is broken: nothing was committed."""
        self._undo()
        self._end()

    def failed(self, *, broken: bool) -> None:
        """A statement failed: only ROLLBACK is left. `broken`: and the instance is of no use."""
        self._failed = True
        self._sound = self._sound and not broken

    def cancel(self) -> None:
        """End what is running or waited for, from another thread."""
        for lock in list(self._locks.values()):
            lock.cancel()
        cursor = self.cursor
        if cursor is not None:
            with contextlib.suppress(duckdb.Error):
                cursor.interrupt()

    def _checked_lakes(self, plan: Plan) -> list[str]:
        targets = {target.lake for target in plan.targets}
        if targets and self._begin.read_only:
            raise Refused(Kind.READ_ONLY, "a write", "25006")
        if targets - {use.lake for use in plan.lakes if use.may_write}:
            raise Refused(Kind.EXECUTION, "the database is read-only here", "25006")
        if len(targets) > 1 or (self._written and targets - {self._written}):
            raise Refused(Kind.MULTIPLE_DATABASES, "", "0A000")
        return [use.lake for use in plan.lakes]

    def _start(self, lakes: Sequence[str]) -> None:
        self._instance = self._instances.take()
        first = self._begin.lock_first
        may_lock = first is not None and first in lakes and not self._begin.read_only
        if first is not None and may_lock and self._instance.right(first).may_write:
            self._lock(first)
        wanted = [*dict.fromkeys([*lakes, *self._begin.pinned])]
        self._instance.hold(wanted)
        self._held = wanted
        self.cursor = self._instance.cursor()
        self.cursor.execute("BEGIN")
        for lake, snapshot in self._begin.pinned.items():
            self._pinned.add(lake)
            if self._snapshot(lake) != snapshot:
                message = "a table was changed by another transaction"
                raise Refused(Kind.SERIALIZATION, message, "40001", lake)

    def _lock(self, lake: str) -> LakeLock:
        assert self._instance is not None
        lock = self._instance.lock(lake)
        self._locks[lake] = lock
        if not lock.held:
            lock.acquire()
            self._locked_ns = time.time_ns()
            self._trace("lock", lake)
        return lock

    def _prepare_write(self, targets: Sequence[Target]) -> None:
        lake = targets[0].lake
        for other in [held for held in self._locks if held != lake]:
            # Locked in advance for a write that went elsewhere: holding two could deadlock.
            self._locks.pop(other).release()
        lock = self._lock(lake)
        self._written = lake
        self._check(lock, lake, [target for target in targets if target not in self._checked])
        self._checked.update(targets)
        self._tables.update(target.table for target in targets)

    def _check(self, lock: LakeLock, lake: str, targets: Sequence[Target]) -> None:
        """Abort where the snapshot this transaction works on is too old for its target."""
        if not targets:
            return
        pinned, newest = self._snapshot(lake), lock.newest()
        if pinned == newest:
            return
        texts = lock.changes_after(pinned)
        changes = [change for text in texts for change in parse_changes(text)]
        if all_there(pinned, newest, len(texts)) and not any(
            conflicts(WriteVerb(target.verb), target.table, lock.table_ids(target.table), changes)
            for target in targets
        ):
            return
        message = "a table was changed by another transaction"
        raise Refused(Kind.SERIALIZATION, message, "40001", lake)

    def _snapshot(self, lake: str) -> int:
        """The pinned snapshot; asking pins."""
        row = self.cursor.execute(f"SELECT id FROM lake_{lake}.current_snapshot()").fetchone()
        return int(row[0])

    def _commit(self, note: Note | None) -> CommittedAs:
        if self._failed:
            raise _aborted()
        if self._written is not None:
            return self._commit_write(self._written, note)
        if self.cursor is not None:
            self.cursor.execute("COMMIT")
        return CommittedAs(None, None)

    def _commit_write(self, lake: str, note: Note | None) -> CommittedAs:
        if note is not None:
            self.cursor.execute(
                f"CALL lake_{lake}.set_commit_message(?, ?, extra_info => ?)",
                [note.author, note.message, note.extra_info],
            )
        place = Path(self._config.data) / lake
        sync_new_files(place, self._tables, self._locked_ns, self._trace)
        before = self._locks[lake].newest()
        self._trace("commit", lake)
        self.cursor.execute("COMMIT")
        self._trace("committed", lake)
        row = self.cursor.execute(f"SELECT * FROM lake_{lake}.last_committed_snapshot()").fetchone()
        made = None if row is None or row[0] is None or row[0] <= before else int(row[0])
        self._locks[lake].confirm(made)
        return CommittedAs(lake if made is not None else None, made)

    def _undo(self) -> None:
        if self.cursor is not None:
            try:
                self.cursor.execute("ROLLBACK")
            except duckdb.TransactionException:
                # The failed COMMIT has rolled back itself.
                pass
            except duckdb.Error:
                self._sound = False

    def _end(self) -> None:
        instance, self._instance = self._instance, None
        cursor, self.cursor = self.cursor, None
        try:
            if cursor is not None:
                cursor.close()
        finally:
            for lock in self._locks.values():
                lock.release()
                self._trace("unlock", lock.lake)
            self._locks = {}
            if instance is not None:
                instance.let_go(self._held)
                self._held = []
                self._instances.give_back(instance, sound=self._sound)


def _aborted() -> Refused:
    message = "current transaction is aborted, commands ignored until end of transaction block"
    return Refused(Kind.EXECUTION, message, "25P02")
