"""The Engine port on DuckDB worker processes over DuckLake."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence

import msgspec
import psycopg

from redshare.adapters.engine import protocol as p
from redshare.adapters.engine.extensions import build_extensions
from redshare.adapters.engine.failure import as_error
from redshare.adapters.engine.lakes import Lakes
from redshare.adapters.engine.link import Link
from redshare.adapters.engine.pinned_lakes import PinnedLakes
from redshare.adapters.engine.process import WorkerProcess
from redshare.adapters.engine.rundir import RunDirectory
from redshare.adapters.engine.session import Session
from redshare.adapters.engine.settings import EngineSettings
from redshare.adapters.engine.warehouse import Warehouse
from redshare.adapters.engine.worker.sandbox import landlock_version
from redshare.adapters.postgres import PostgresServer
from redshare.core.ids import LakeId
from redshare.core.sql_errors import EngineUnavailable
from redshare.ports import Clock, WarehouseSpec

_LOG = logging.getLogger(__name__)
#: The worker that makes and maintains lakes.
SYSTEM = WarehouseSpec("system", 1024**3, 1)


class DuckDBEngine:
    """Engine. Thread-safe."""

    def __init__(self, postgres: PostgresServer, settings: EngineSettings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._lakes = Lakes(postgres, settings.data)
        self._run = RunDirectory(settings.data)
        build_extensions(settings.extensions)
        self._landlock = settings.landlock and landlock_version() > 0
        if settings.landlock and not self._landlock:
            _LOG.warning("the kernel has no Landlock: DuckDB's own settings are the file boundary")
        self._guard = threading.Lock()
        self._system_guard = threading.Lock()
        self._warehouses: dict[str, Warehouse] = {}
        self._system: WorkerProcess | None = None
        self._closed = False

    def create_lake(self, lake: LakeId) -> None:
        """Make the lake's database, roles, directory and catalogue."""
        self._lakes.prepare(lake)
        self._ask_system(lake, lambda conninfo: p.CreateLake(lake, conninfo))

    @contextlib.contextmanager
    def pin_lakes(self, lakes: Iterable[LakeId]) -> Iterator[PinnedLakes]:
        """Those lakes at one moment.

        A lake that is dropped meanwhile and a disk that is full make it EngineUnavailable.
        """
        pinned = PinnedLakes(self._lakes)
        try:
            with pinned.hold(lakes):
                yield pinned
        except (psycopg.Error, OSError) as error:
            raise EngineUnavailable from error

    def drop_lake(self, lake: LakeId) -> None:
        """Remove all of it."""
        with self._guard:
            warehouses = list(self._warehouses.values())
        for warehouse in warehouses:
            warehouse.forget(lake)
        self._lakes.drop(lake)

    def open_session(self, warehouse: WarehouseSpec) -> Session:
        """A session; its worker starts with the first statement."""
        with self._guard:
            if self._closed:
                raise EngineUnavailable
            found = self._warehouses.get(warehouse.warehouse_id)
            if found is None:
                found = Warehouse(
                    self._settings, self._lakes, self._run, warehouse, landlock=self._landlock
                )
                self._warehouses[warehouse.warehouse_id] = found
        found.resize(warehouse)
        return Session(found, self._settings.cancel_grace, self._clock)

    def stop_warehouse(self, warehouse_id: str) -> None:
        """End the warehouse's workers."""
        with self._guard:
            found = self._warehouses.pop(warehouse_id, None)
        if found is not None:
            found.stop()

    def committed_notes(self, lake: LakeId, after_snapshot: int) -> Sequence[tuple[int, str]]:
        """Snapshots with their extra information. Read them before maintain() may expire them."""
        return self._lakes.notes(lake, after_snapshot)

    def drop_temporary(self, lake: LakeId) -> int:
        """Drop what sessions of a node now dead left; before any session is opened."""
        tables = self._lakes.temporary(lake)
        if tables:
            self._ask_system(lake, lambda conninfo: p.DropTables(lake, conninfo, tables))
        return len(tables)

    def maintain(self, lake: LakeId) -> p.Maintained:
        """Compact and expire, a step at a time under the lake's write lock."""
        retention = self._settings.retention
        answer = self._ask_system(lake, lambda conninfo: p.Maintain(lake, conninfo, retention))
        assert isinstance(answer, p.Maintained)
        return answer

    def processes(self, warehouse_id: str) -> list[int]:
        """The process ids of a warehouse's workers, the newest last."""
        with self._guard:
            found = self._warehouses.get(warehouse_id)
        return [] if found is None else found.processes()

    def close(self) -> None:
        """End all workers."""
        with self._guard:
            self._closed = True
            warehouses, self._warehouses = list(self._warehouses.values()), {}
        for warehouse in warehouses:
            warehouse.stop()
        with self._system_guard:
            if self._system is not None:
                self._system.stop()
                self._system = None
        self._run.close()

    def _ask_system(self, lake: LakeId, make: Callable[[str], msgspec.Struct]) -> p.Answer:
        worker = self._system_worker()
        worker.add_secret(lake, writes=True)
        conninfo = self._lakes.conninfo(lake, writes=True, passfile=worker.passfile)
        link = Link(worker)
        try:
            answer, _ = link.ask(make(conninfo))
        finally:
            link.close()
        if isinstance(answer, p.Failed):
            raise as_error(answer)
        return answer

    def _system_worker(self) -> WorkerProcess:
        with self._system_guard:
            if self._closed:
                raise EngineUnavailable
            if self._system is not None and not self._system.alive():
                self._system.stop()
                self._system = None
            if self._system is None:
                self._system = WorkerProcess(
                    self._settings,
                    self._lakes,
                    self._run,
                    SYSTEM,
                    (),
                    landlock=self._landlock,
                    system=True,
                )
            self._system.enter()
            return self._system
