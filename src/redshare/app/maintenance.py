"""What is done from time to time: of lakes, of snapshots, of events."""

from __future__ import annotations

import threading

import structlog

from redshare.app.shares.cross_region import forget_breaches
from redshare.app.snapshots.upkeep import SnapshotUpkeep
from redshare.app.warehouses.cluster_events import forget_events
from redshare.app.work import Work
from redshare.core.database import Database, DatabaseKind
from redshare.core.errors import RedshareError
from redshare.ports import Engine

log = structlog.get_logger(__name__)


class Maintenance:
    """A thread that sleeps `interval` seconds between rounds."""

    def __init__(
        self, work: Work, engine: Engine, snapshots: SnapshotUpkeep, interval: float
    ) -> None:
        self._work = work
        self._engine = engine
        self._snapshots = snapshots
        self._interval = interval
        self._stop = threading.Event()
        self._one = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="maintenance", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._stop.wait(self._interval):
            self.round()

    def round(self) -> None:
        """All that is due; what cannot be done now is tried in the next round."""
        with self._one:
            self._lakes()
            self._snapshots.round(self._stop.is_set)
            self._events()

    def _lakes(self) -> None:
        databases: list[Database] = list(self._work.catalog().tables[Database].values())
        for database in databases:
            if database.kind is not DatabaseKind.LOCAL or self._stop.is_set():
                continue
            try:
                self._engine.maintain(database.lake)
            except RedshareError as error:
                log.warning("maintenance", database=database.name, error=error.message)

    def _events(self) -> None:
        try:
            forget_events(self._work)
            forget_breaches(self._work)
        except RedshareError as error:
            log.warning("maintenance of events", error=error.message)

    def close(self) -> None:
        """Stop after the lake or the snapshot at work."""
        self._stop.set()
        self._thread.join()
