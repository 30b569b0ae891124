"""The store for unit tests: nothing outlives the process, all else is as in PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from threading import Condition

from redshare.adapters.store import codec, decision
from redshare.adapters.store.decision import Plan
from redshare.adapters.store.locks import Locks, locks_of
from redshare.adapters.store.memory_usage import MemoryUsage
from redshare.core.audit_chain import START, ChainedRow, link
from redshare.core.catalog import Catalog, Change
from redshare.core.errors import StoreUnavailable
from redshare.core.ids import AccountId, DatabaseId, NamespaceId
from redshare.core.last_use import LastUse
from redshare.core.share_usage import ShareMeter, ShareRequest
from redshare.ports import AuditRecord, Commit, Staged

#: How long a unit of work waits for a staged one that holds what it needs.
LOCK_TIMEOUT = 30.0


class MemoryStore:
    """The port Store under one mutex."""

    def __init__(self, lock_timeout: float = LOCK_TIMEOUT) -> None:
        self._changed = Condition()
        self._catalog = Catalog()
        self._audit: list[ChainedRow] = []
        self._held: list[Locks] = []
        self._usage = MemoryUsage()
        self._lock_timeout = lock_timeout

    def catalog(self) -> Catalog:
        """The newest committed catalogue."""
        return self._catalog

    def commit(self, commit: Commit) -> Catalog:
        """Make it so. Raises StaleState, DuplicateName, StoreUnavailable."""
        return self._run(locks_of(commit), lambda catalog: decision.of_commit(catalog, commit))

    @contextmanager
    def stage(self, commit: Commit) -> Iterator[Staged]:
        """Lock and check. Raises as commit."""
        locks = locks_of(commit)
        with self._changed:
            self._wait_for(locks)
            decision.of_commit(self._catalog, commit)
            self._held.append(locks)
        try:
            yield _Staged(self, commit)
        finally:
            with self._changed:
                # By identity: another staged unit of work may hold equal locks.
                self._held = [held for held in self._held if held is not locks]
                self._changed.notify_all()

    def recover(self, database: DatabaseId, snapshot: int, changes: str) -> Catalog:
        """Apply what a snapshot carries. Raises UnreadableChanges."""
        decoded, audit = codec.decode_changes(changes)
        return self._run(
            locks_of(Commit(changes=decoded)),
            lambda catalog: decision.of_recovery(catalog, database, snapshot, decoded, audit),
        )

    def encode(self, changes: Sequence[Change], audit: Sequence[AuditRecord] = ()) -> str:
        """The changes and their audit rows as text."""
        return codec.encode_changes(changes, audit)

    def decode(self, changes: str) -> Sequence[Change]:
        """The changes of such a text. Raises UnreadableChanges."""
        return codec.decode_changes(changes)[0]

    def audit(
        self, account: AccountId, *, after: int = 0, limit: int = 100
    ) -> Sequence[tuple[int, AuditRecord]]:
        """The account's audit rows."""
        with self._changed:
            rows = [
                (row.sequence, codec.decode_audit(row.body))
                for row in self._audit[after:]
                if row.account == account
            ]
        return rows[:limit]

    def share_changes(
        self, logs: Sequence[str], since: datetime, limit: int
    ) -> Sequence[AuditRecord]:
        """The newest rows of change logs of datashares."""
        with self._changed:
            records = [codec.decode_audit(row.body) for row in self._audit if row.at >= since]
        return [record for record in records if record.share_log in logs][-limit:]

    def add_usage(self, requests: Sequence[ShareRequest]) -> None:
        """Keep requests and add them up."""
        with self._changed:
            self._usage.add(requests)

    def usage(
        self, namespace: NamespaceId, since: datetime, limit: int, *, produced: bool
    ) -> Sequence[ShareRequest]:
        """The newest requests of one side."""
        with self._changed:
            found = self._usage.of(namespace, since, produced=produced)
        return found[-limit:]

    def metered(self, namespace: NamespaceId) -> Sequence[ShareMeter]:
        """The sums that a namespace has part in."""
        with self._changed:
            return self._usage.metered(namespace)

    def cross_region(self, consumer: NamespaceId, since: date) -> int:
        """The megabytes counted since a day."""
        with self._changed:
            return self._usage.cross_region(consumer, since)

    def add_uses(self, uses: Sequence[LastUse]) -> None:
        """Keep the last use of each subject."""
        with self._changed:
            self._usage.add_uses(uses)

    def last_use(self, subject: str) -> LastUse | None:
        """The last use that is kept."""
        with self._changed:
            return self._usage.last_use(subject)

    def forget_usage(self, before: datetime, most: int, meters_before: datetime) -> None:
        """Drop what is too old, or too much."""
        with self._changed:
            self._usage.forget(before, most, meters_before)

    def record(self, records: Sequence[AuditRecord]) -> None:
        """Append audit rows."""
        self._run({}, lambda _: Plan(audit=tuple(records)))

    def chain(self, *, after: int = 0, limit: int = 100) -> Sequence[ChainedRow]:
        """All audit rows as they are stored."""
        with self._changed:
            return self._audit[after:][:limit]

    def close(self) -> None:
        """Nothing to release."""

    def _run(self, locks: Locks, decide: Callable[[Catalog], Plan]) -> Catalog:
        with self._changed:
            self._wait_for(locks)
            plan = decide(self._catalog)
            bodies = [codec.encode_record(record) for record in plan.audit]
            self._catalog = plan.on(self._catalog)
            for record, body in zip(plan.audit, bodies, strict=True):
                self._append(record, body)
            return self._catalog

    def _append(self, record: AuditRecord, body: str) -> None:
        head = self._audit[-1].hash if self._audit else START
        link_ = link(head, record.at, record.account, body)
        sequence = len(self._audit) + 1
        self._audit.append(ChainedRow(sequence, record.at, record.account, body, head, link_))

    def _wait_for(self, locks: Locks) -> None:
        if not self._changed.wait_for(lambda: self._free(locks), self._lock_timeout):
            raise StoreUnavailable

    def _free(self, locks: Locks) -> bool:
        return not any(
            alone or held[bucket]
            for held in self._held
            for bucket, alone in locks.items()
            if bucket in held
        )

    def finish(self, commit: Commit) -> Catalog:
        """Commit what is staged: its locks are held already."""
        return self._run({}, lambda catalog: decision.of_commit(catalog, commit))


class _Staged:
    def __init__(self, store: MemoryStore, commit: Commit) -> None:
        self._store = store
        self._commit = commit
        self._done = False

    def commit(self, lake_snapshot: tuple[DatabaseId, int] | None = None) -> Catalog:
        """Make it durable."""
        if self._done:
            raise RuntimeError("a staged unit of work is committed once")
        self._done = True
        return self._store.finish(replace(self._commit, lake_snapshot=lake_snapshot))
