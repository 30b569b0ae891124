"""Threads that run statements of the Data API: of each warehouse its own, so that none waits for
another's statements.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final

import structlog

from redshare.core.ids import WarehouseId

log = structlog.get_logger(__name__)

#: Statements that connect, and statements that continue a session: these have threads of their
#: own, for a COMMIT must never stand behind statements that wait for its locks.
CONNECTING: Final = 32
CONTINUING: Final = 500


class StatementThreads:
    """Started when they are needed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pools: dict[tuple[WarehouseId, bool], ThreadPoolExecutor] = {}

    def run(
        self, warehouse: WarehouseId, work: Callable[[], None], *, continues: bool = False
    ) -> None:
        """Do it as soon as a thread is free."""
        with self._lock:
            pool = self._pools.get((warehouse, continues))
            if pool is None:
                size = CONTINUING if continues else CONNECTING
                pool = ThreadPoolExecutor(size, "data-api")
                self._pools[warehouse, continues] = pool
            pool.submit(work).add_done_callback(_tell)

    def forget(self, warehouse: WarehouseId) -> None:
        """The warehouse is gone; what runs goes on to its end."""
        with self._lock:
            for key in [key for key in self._pools if key[0] == warehouse]:
                self._pools.pop(key).shutdown(wait=False)

    def warehouses(self) -> set[WarehouseId]:
        """Those that have threads."""
        with self._lock:
            return {warehouse for warehouse, _ in self._pools}

    def close(self) -> None:
        """Wait for all that runs."""
        with self._lock:
            pools = list(self._pools.values())
        for pool in pools:
            pool.shutdown()


def _tell(ended: Future[None]) -> None:
    error = ended.exception()
    if error is not None:
        log.error("a statement of the Data API failed", exc_info=error)
