"""The open SQL sessions of this node: opened for a user on a warehouse, cancelled by their key."""

from __future__ import annotations

import hmac
import itertools
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from redshare.app.sessions.backends import Backend, Backends
from redshare.app.sessions.session import CommandRunner, SqlSession
from redshare.app.sessions.state import SessionState
from redshare.app.warehouses.parameter_groups import session_settings
from redshare.app.warehouses.temporary_credentials import live_credentials
from redshare.app.work import Work
from redshare.core.credential import TemporaryCredential
from redshare.core.database import Database
from redshare.core.ids import GroupId, WarehouseId
from redshare.core.sql_errors import SqlError, UndefinedDatabase
from redshare.core.user import User
from redshare.core.warehouse import (
    DEFAULT_BASE_CAPACITY,
    Warehouse,
    WarehouseKind,
    WarehouseStatus,
)
from redshare.ports import Engine, Spools, WarehouseSpec

#: Bytes of the key that a client shows to cancel; PostgreSQL's protocol 3.0 has four.
CANCEL_KEY_BYTES = 4


@dataclass(frozen=True, slots=True)
class ComputeSize:
    """What one node of a cluster may take, and so may a workgroup of the default capacity.

    A bigger warehouse may take as many times more, up to what the machine has.
    """

    memory_bytes: int
    threads: int
    machine_memory_bytes: int
    machine_threads: int

    def of(self, warehouse: Warehouse) -> WarehouseSpec:
        """The limits of a warehouse's worker."""
        nodes = warehouse.number_of_nodes
        if warehouse.kind is WarehouseKind.WORKGROUP:
            nodes = max(1, warehouse.base_capacity // DEFAULT_BASE_CAPACITY)
        return WarehouseSpec(
            warehouse.warehouse_id,
            max(self.memory_bytes, min(nodes * self.memory_bytes, self.machine_memory_bytes)),
            max(self.threads, min(nodes * self.threads, self.machine_threads)),
        )


@dataclass(frozen=True, slots=True)
class Connection:
    """A session with the two numbers that name it to a canceller."""

    session: SqlSession
    process_id: int
    cancel_key: bytes
    backend: Backend

    @property
    def idle_seconds(self) -> float | None:
        """How long the client may say nothing; None is for ever."""
        session = self.session
        user = session.work.catalog().user_by_id(session.namespace, session.state.session_user)
        return None if user is None else user.session_timeout


class Connections:
    """Opens, counts and cancels sessions."""

    def __init__(
        self,
        work: Work,
        engine: Engine,
        size: ComputeSize,
        commands: CommandRunner,
        backends: Backends,
        spools: Spools,
        most: int = 500,
    ) -> None:
        self._work = work
        self._engine = engine
        self._size = size
        self._commands = commands
        self._backends = backends
        self._spools = spools
        self._most = most
        self._lock = threading.Lock()
        self._numbers = itertools.count(1000)
        self._open: dict[int, Connection] = {}

    def requires_tls(self, warehouse: WarehouseId) -> bool:
        """Whether its parameter group has require_ssl."""
        found = self._work.catalog().warehouse(warehouse)
        return found is not None and ("require_ssl", "true") in found.parameters

    def user(self, warehouse: WarehouseId, name: str) -> User | None:
        """A user who may try to log in, by the name a client gave."""
        found = self._work.catalog().warehouse(warehouse)
        return None if found is None else self._work.catalog().user(found.namespace, name)

    def credentials(
        self, warehouse: WarehouseId, login: str, now: datetime
    ) -> list[tuple[User, TemporaryCredential]]:
        """The temporary credentials that may be used under a login, with their users."""
        catalog = self._work.catalog()
        found = catalog.warehouse(warehouse)
        return [] if found is None else live_credentials(catalog, found.namespace, login, now)

    def groups(self, warehouse: WarehouseId, names: Iterable[str]) -> tuple[GroupId, ...]:
        """The groups of those names. Raises SqlError where one is not there."""
        catalog, found = self._work.catalog(), self._available(warehouse)
        groups = []
        for name in names:
            group = catalog.group(found.namespace, name)
            if group is None:
                raise SqlError(f'group "{name}" does not exist', "42704")
            groups.append(group.group_id)
        return tuple(groups)

    def open(
        self,
        warehouse: WarehouseId,
        database: str,
        user: User,
        groups: tuple[GroupId, ...] = (),
    ) -> Connection:
        """A session of a user whose identity was proven; `groups` are of this login alone.

        Raises UndefinedDatabase, SqlError.
        """
        found = self._available(warehouse)
        place = self._database(found, database)
        settings = {**session_settings(found.parameters), **dict(user.settings)}
        state = SessionState(
            database=place.database_id,
            user=user.user_id,
            settings=dict(settings),
            initial=settings,
            groups=groups,
        )
        with self._lock:
            self._within_limits(found, place, user)
            process_id = next(self._numbers)
        engine = self._engine.open_session(self._size.of(found))
        session = SqlSession(
            self._work,
            engine,
            self._commands,
            self._spools,
            warehouse=found,
            state=state,
            session_id=process_id,
        )
        key = self._work.ids.secret(CANCEL_KEY_BYTES)
        connection = Connection(session, process_id, key, self._backends.add(session))
        with self._lock:
            self._open[process_id] = connection
        self._work.history.session_began(session, user.name, place.name)
        return connection

    def close(self, connection: Connection) -> None:
        """End a session."""
        with self._lock:
            self._open.pop(connection.process_id, None)
        self._backends.remove(connection.session)
        connection.session.close()
        self._work.history.session_ended(connection.session)

    def cancel(self, process_id: int, cancel_key: bytes) -> None:
        """End what that session runs; a wrong key does nothing and says nothing."""
        with self._lock:
            connection = self._open.get(process_id)
        if connection is not None and hmac.compare_digest(connection.cancel_key, cancel_key):
            connection.session.cancel()

    def _within_limits(self, warehouse: Warehouse, database: Database, user: User) -> None:
        """Of the warehouse, the user and the database; superusers have only the first.

        Raises SqlError.
        """
        states = [
            connection.session.state
            for connection in self._open.values()
            if connection.session.warehouse.namespace == warehouse.namespace
        ]
        here = sum(
            connection.session.warehouse.warehouse_id == warehouse.warehouse_id
            for connection in self._open.values()
        )
        if here >= self._most:
            raise SqlError("connection limit exceeded", "53300")
        if user.superuser:
            return
        limit = user.connection_limit
        if limit is not None and sum(s.session_user == user.user_id for s in states) >= limit:
            raise SqlError(f'too many connections for user "{user.name}"', "53300")
        limit = database.connection_limit
        taken = sum(s.database == database.database_id for s in states)
        if limit is not None and 0 <= limit <= taken:
            raise SqlError(f'too many connections for database "{database.name}"', "53300")

    def _available(self, warehouse: WarehouseId) -> Warehouse:
        found = self._work.catalog().warehouse(warehouse)
        if found is None or found.status is not WarehouseStatus.AVAILABLE:
            raise SqlError("the warehouse is not available", "57P03")
        return found

    def _database(self, warehouse: Warehouse, name: str) -> Database:
        database = self._work.catalog().database_named(warehouse.namespace, name)
        if database is None:
            raise UndefinedDatabase(name)
        if database.source is not None and database.source.catalog:
            raise SqlError(
                f'Cannot connect to shared database "{name}" created from Data Catalog ARN. '
                "Connect to a database in your cluster or a database created from a datashare "
                "instead and use cross-database query notation "
                "<shareddatabase>.<schema>.<object> to query the data in shared database.",
                "0A000",
            )
        return database
