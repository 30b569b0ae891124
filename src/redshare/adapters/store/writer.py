"""How units of work become durable in PostgreSQL: batch by batch, in one order for all nodes.

One transaction a batch: the row of catalog_version is locked first, so that nobody else commits
meanwhile; the catalogue is then brought up to that version, so it is exactly what is stored;
each unit is decided on it in memory, after the ones before it; then all rows and the COMMIT go in
one round trip. What a unit may not do fails that unit alone.

The order of locks, which makes circles impossible: a staged unit of work waits for its buckets
(locks.py), then for catalog_version; a batch holds catalog_version and only tries its buckets.

An unknown outcome: each batch writes its number into its writer's row. If the connection is lost
on COMMIT, that row tells on a new one whether the batch was made. (A transaction's id would not do:
after a crash PostgreSQL may give the same id to another.) If no server answers in time, the units
end with StoreUnavailable although they may have been made; `in_doubt` says so until the catalogue
was read again.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from threading import Lock
from typing import Any, Final

import psycopg
from sqlalchemy.engine import Engine

from redshare.adapters.store import rows
from redshare.adapters.store.connections import TROUBLE, roll_back, writers
from redshare.adapters.store.decision import Plan
from redshare.adapters.store.group import GroupWriter
from redshare.adapters.store.locks import Locks
from redshare.adapters.store.rows import Connection
from redshare.core.catalog import Catalog
from redshare.core.errors import RedshareError, StaleState, StoreUnavailable

#: How long the fate of a lost COMMIT is asked for: a local server restarts within it.
DOUBT_SECONDS: Final = 5.0
_DOUBT_PAUSE: Final = 0.05


class Published:
    """The newest catalogue of this process; its version only grows."""

    def __init__(self, catalog: Catalog) -> None:
        self.newest = catalog
        self._lock = Lock()

    def publish(self, catalog: Catalog) -> Catalog:
        """Show it to all readers, unless there is a newer one already."""
        with self._lock:
            if catalog.version >= self.newest.version:
                self.newest = catalog
            return self.newest


@dataclass(slots=True)
class _Unit:
    locks: Locks
    decide: Callable[[Catalog], Plan]
    plan: Plan | None = None
    result: Catalog | None = None
    error: Exception | None = None
    busy: bool = False


class _Differs(Exception):
    """Rows are not as the catalogue says: someone wrote past the protocol."""


class Busy(Exception):
    """A staged unit of work holds what this one needs."""


class Writer:
    """The one writer of this process."""

    def __init__(self, engine: Engine, published: Published) -> None:
        self._engine = engine
        self._published = published
        self._connection: Connection | None = None
        self._group: GroupWriter[_Unit] = GroupWriter(self._write)
        self._id = secrets.token_hex(16)
        self._batch = 0
        self.in_doubt = False

    def submit(self, locks: Locks, decide: Callable[[Catalog], Plan]) -> Catalog:
        """Make what `decide` plans durable. Raises what it does, Busy, StoreUnavailable."""
        unit = _Unit(locks, decide)
        self._group.submit(unit)
        if unit.error is not None:
            raise unit.error
        if unit.busy:
            raise Busy
        assert unit.result is not None, "every unit of a batch has an outcome"
        return unit.result

    def close(self) -> None:
        """Let the connection go."""
        self._drop_connection()

    # --- a batch --------------------------------------------------------------------------

    def _write(self, batch: list[_Unit]) -> None:
        try:
            try:
                self._attempt(batch)
            except _Differs:
                self._attempt(batch)
        except _Differs:
            _fail(batch, StaleState)
        except TROUBLE:
            self._drop_connection()
            _fail(batch, StoreUnavailable)
        except Exception as error:  # noqa: BLE001 - each caller of the batch must hear of it
            self._drop_connection()
            _fail(batch, partial(_same, error))

    def _attempt(self, batch: list[_Unit]) -> None:
        connection, catalog, head = self._begin(batch)
        planned: list[_Unit] = []
        writes: list[tuple[int, Any]] = []
        for unit in batch:
            unit.plan = unit.error = None
            if unit.busy:
                continue
            try:
                unit.plan = unit.decide(catalog)
            except (RedshareError, ValueError) as error:
                unit.error = error
                continue
            planned.append(unit)
            if unit.plan.writes:
                catalog = unit.plan.on(catalog)
                writes.append((catalog.version, unit.plan.writes))
        plans = [unit.plan for unit in planned if unit.plan is not None]
        if any(plan != Plan() for plan in plans):
            self._finish(connection, writes, plans, head)
        else:
            roll_back(connection)
        newest = self._published.publish(catalog)
        for unit in planned:
            unit.result = newest

    def _begin(self, batch: Sequence[_Unit]) -> tuple[Connection, Catalog, str]:
        """A transaction that holds the order of commits; the catalogue and audit's head in it."""
        locks: dict[int, bool] = {}
        for unit in batch:
            for bucket, alone in unit.locks.items():
                locks[bucket] = alone or locks.get(bucket, False)
        try:
            connection = self._connected()
            version, head, held = _begin(connection, locks)
        except TROUBLE:
            # It was dead before anything began: a fresh one may be tried, once.
            self._drop_connection()
            connection = self._connected()
            version, head, held = _begin(connection, locks)
        for unit in batch:
            unit.busy = not held.issuperset(unit.locks)
        catalog = self._published.newest
        if catalog.version != version:
            catalog = self._published.publish(rows.reload(connection, catalog))
        self.in_doubt = False
        return connection, catalog, head

    def _finish(
        self,
        connection: Connection,
        writes: Sequence[tuple[int, Any]],
        plans: Sequence[Plan],
        head: str,
    ) -> None:
        self._batch += 1
        try:
            with connection.pipeline():
                rows.sign(connection, self._id, self._batch)
                if writes:
                    rows.write(connection, writes)
                rows.append(connection, [record for plan in plans for record in plan.audit], head)
                rows.run(connection, "COMMIT")
        except (psycopg.errors.DivisionByZero, psycopg.IntegrityError) as error:
            roll_back(connection)
            self._published.publish(rows.load(connection))
            raise _Differs from error
        except TROUBLE:
            if not connection.broken:
                roll_back(connection)
                raise
            self._drop_connection()
            if not self._was_committed():
                raise

    def _was_committed(self) -> bool:
        """The fate of the batch whose COMMIT got no answer; False where it stays unknown."""
        self.in_doubt = True
        until = time.monotonic() + DOUBT_SECONDS
        while (left := until - time.monotonic()) > 0:
            try:
                made = rows.was_signed(
                    self._connected(), self._id, self._batch, max(1, int(left * 1000))
                )
            except TROUBLE:
                self._drop_connection()
                time.sleep(_DOUBT_PAUSE)
            else:
                self.in_doubt = False
                return made
        return False

    # --- its connection -------------------------------------------------------------------

    def _connected(self) -> Connection:
        if self._connection is None:
            self._connection = writers(self._engine)
        return self._connection

    def _drop_connection(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _begin(connection: Connection, locks: Locks) -> tuple[int, str, frozenset[int]]:
    with connection.pipeline():
        rows.run(connection, "BEGIN")
        version = rows.lock_version(connection)
        held = rows.try_locks(connection, locks) if locks else None
    number, head = version.fetchone()
    got = frozenset(bucket for bucket, got in held if got) if held is not None else frozenset()
    return number, head, got


def _same(error: Exception) -> Exception:
    return error


def _fail(batch: Sequence[_Unit], error: Callable[[], Exception]) -> None:
    for unit in batch:
        unit.busy = False
        if unit.error is None:
            unit.error = error()
