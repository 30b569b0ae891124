"""The store in PostgreSQL: the embedded server's, or any other.

`exclusive` says that this process alone writes, so the catalogue it published last is the newest;
otherwise each read asks for the version first and reloads what changed. What is written, and in
which order, is writer.py's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from datetime import date, datetime
from threading import Lock
from typing import Final

from sqlalchemy.engine import Engine

from redshare.adapters.store import codec, decision, rows, usage
from redshare.adapters.store.connections import (
    TROUBLE,
    make_engine,
    pooled,
    read,
    roll_back,
    transaction,
)
from redshare.adapters.store.data_log import PostgresqlDataLog
from redshare.adapters.store.decision import Plan
from redshare.adapters.store.locks import Locks, locks_of
from redshare.adapters.store.migrate import migrate
from redshare.adapters.store.rows import Connection
from redshare.adapters.store.writer import Busy, Published, Writer
from redshare.core.audit_chain import ChainedRow
from redshare.core.catalog import Catalog, Change
from redshare.core.errors import DuplicateName, StaleState, StoreUnavailable
from redshare.core.ids import AccountId, DatabaseId, NamespaceId
from redshare.core.last_use import LastUse
from redshare.core.share_usage import ShareMeter, ShareRequest
from redshare.ports import AuditRecord, Commit, Staged

#: How long a unit of work waits for a staged one that holds what it needs.
LOCK_TIMEOUT: Final = 30.0


def open_store(url: str, *, exclusive: bool, lock_timeout: float = LOCK_TIMEOUT) -> PostgresqlStore:
    """Open the store, making or upgrading its tables. Raises SchemaTooNew, StoreUnavailable."""
    engine = make_engine(url)
    try:
        migrate(engine)
        with pooled(engine) as connection:
            catalog = _snapshot(connection, rows.load)
    except TROUBLE as error:
        engine.dispose()
        raise StoreUnavailable from error
    except BaseException:
        engine.dispose()
        raise
    return PostgresqlStore(engine, catalog, exclusive=exclusive, lock_timeout=lock_timeout)


class PostgresqlStore:
    """The port Store. Any thread may call it."""

    def __init__(
        self, engine: Engine, catalog: Catalog, *, exclusive: bool, lock_timeout: float
    ) -> None:
        self._engine = engine
        self._exclusive = exclusive
        self._lock_timeout = lock_timeout
        self._published = Published(catalog)
        self._writer = Writer(engine, self._published)
        self._reloading = Lock()

    def catalog(self) -> Catalog:
        """The newest committed catalogue. Raises StoreUnavailable where it must ask and cannot."""
        if self._exclusive and not self._writer.in_doubt:
            return self._published.newest
        return read(self._engine, self._refreshed)

    def _refreshed(self, connection: Connection) -> Catalog:
        known = self._published.newest
        doubted = self._writer.in_doubt
        if rows.version_of(connection)[0] != known.version:
            # One reload serves all who wait: it starts after each of them asked.
            with self._reloading:
                known = self._published.newest
                known = self._published.publish(
                    _snapshot(connection, lambda inside: rows.reload(inside, known))
                )
        if doubted:
            self._writer.in_doubt = False
        return known

    def commit(self, commit: Commit) -> Catalog:
        """Make it durable.

        Raises StaleState, DuplicateName, and StoreUnavailable: then nothing was changed, unless
        the server was lost just at the COMMIT and stayed away (see writer.py).
        """
        return self._run(locks_of(commit), lambda catalog: decision.of_commit(catalog, commit))

    @contextmanager
    def stage(self, commit: Commit) -> Iterator[Staged]:
        """Lock and check. Raises as commit."""
        locks = locks_of(commit)

        def check(catalog: Catalog) -> Plan:
            decision.of_commit(catalog, commit)
            return Plan()

        with self._locked(locks):
            # Through the writer: what committed before the locks were got is in its catalogue.
            self._run({}, check)
            yield _Staged(self, commit)

    def recover(self, database: DatabaseId, snapshot: int, changes: str) -> Catalog:
        """Apply what a snapshot carries. Raises UnreadableChanges, StoreUnavailable."""
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
        """The account's audit rows. Raises StoreUnavailable."""
        statement = """SELECT sequence, body::text FROM audit
            WHERE account = %s AND sequence > %s ORDER BY sequence LIMIT %s"""
        found = read(
            self._engine,
            lambda connection: rows.run(connection, statement, [account, after, limit]).fetchall(),
        )
        return [(sequence, codec.decode_audit(text)) for sequence, text in found]

    def share_changes(
        self, logs: Sequence[str], since: datetime, limit: int
    ) -> Sequence[AuditRecord]:
        """The newest rows of change logs of datashares. Raises StoreUnavailable."""
        found = read(
            self._engine, lambda connection: rows.share_changes(connection, logs, since, limit)
        )
        return [codec.decode_audit(text) for text in reversed(found)]

    def add_usage(self, requests: Sequence[ShareRequest]) -> None:
        """Keep requests and add them up. Raises StoreUnavailable."""
        read(self._engine, lambda connection: usage.add(connection, requests))

    def usage(
        self, namespace: NamespaceId, since: datetime, limit: int, *, produced: bool
    ) -> Sequence[ShareRequest]:
        """The newest requests of one side. Raises StoreUnavailable."""
        side = "producer" if produced else "consumer"
        return read(
            self._engine,
            lambda connection: usage.usage(connection, side, namespace, since, limit),
        )

    def metered(self, namespace: NamespaceId) -> Sequence[ShareMeter]:
        """The sums that a namespace has part in. Raises StoreUnavailable."""
        return read(self._engine, lambda connection: usage.metered(connection, namespace))

    def cross_region(self, consumer: NamespaceId, since: date) -> int:
        """The megabytes counted since a day. Raises StoreUnavailable."""
        return read(self._engine, lambda found: usage.cross_region(found, consumer, since))

    def add_uses(self, uses: Sequence[LastUse]) -> None:
        """Keep the last use of each subject. Raises StoreUnavailable."""
        read(self._engine, lambda connection: usage.add_uses(connection, uses))

    def last_use(self, subject: str) -> LastUse | None:
        """The last use that is kept. Raises StoreUnavailable."""
        return read(self._engine, lambda connection: usage.last_use(connection, subject))

    def forget_usage(self, before: datetime, most: int, meters_before: datetime) -> None:
        """Drop what is too old, or too much. Raises StoreUnavailable."""
        read(
            self._engine,
            lambda connection: usage.forget(connection, before, most, meters_before),
        )

    def record(self, records: Sequence[AuditRecord]) -> None:
        """Append audit rows, in one order with those of commits. Raises StoreUnavailable."""
        self._run({}, lambda _: Plan(audit=tuple(records)))

    def chain(self, *, after: int = 0, limit: int = 100) -> Sequence[ChainedRow]:
        """All audit rows as they are stored. Raises StoreUnavailable."""
        return read(self._engine, lambda connection: rows.chain(connection, after, limit))

    def data_log(self, node: str) -> PostgresqlDataLog:
        """What a node's Data API keeps beside the catalogue, in the same database."""
        return PostgresqlDataLog(self._engine, node)

    def close(self) -> None:
        """Release connections."""
        self._writer.close()
        self._engine.dispose()

    # --- how ------------------------------------------------------------------------------

    def _run(self, locks: Locks, decide: Callable[[Catalog], Plan]) -> Catalog:
        while True:
            try:
                return self._writer.submit(locks, decide)
            except Busy:
                # Waiting outside the order of commits lets all others pass.
                with self._locked(locks):
                    pass

    def _locked(self, locks: Locks) -> AbstractContextManager[None]:
        """Hold the buckets. Raises StoreUnavailable when someone holds them too long."""
        if not locks:
            return nullcontext()

        def begin(connection: Connection) -> None:
            with connection.pipeline():
                rows.run(connection, "BEGIN")
                rows.run(
                    connection, f"SET LOCAL lock_timeout = {max(1, int(self._lock_timeout * 1000))}"
                )
                rows.wait_for_locks(connection, locks)

        return transaction(self._engine, begin)

    def finish(self, commit: Commit) -> Catalog:
        """Commit what is staged: its locks are held already."""
        return self._run({}, lambda catalog: decision.of_commit(catalog, commit))


class _Staged:
    def __init__(self, store: PostgresqlStore, commit: Commit) -> None:
        self._store = store
        self._commit = commit
        self._done = False

    def commit(self, lake_snapshot: tuple[DatabaseId, int] | None = None) -> Catalog:
        """Make it durable."""
        if self._done:
            raise RuntimeError("a staged unit of work is committed once")
        self._done = True
        try:
            return self._store.finish(replace(self._commit, lake_snapshot=lake_snapshot))
        except (StaleState, DuplicateName) as error:
            # Its locks were lost with the server, and someone came between: recovery's to settle.
            raise StoreUnavailable from error


def _snapshot(connection: Connection, ask: Callable[[Connection], Catalog]) -> Catalog:
    """Ask in one snapshot of the database."""
    rows.run(connection, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    try:
        return ask(connection)
    finally:
        roll_back(connection)
