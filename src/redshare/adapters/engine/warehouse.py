"""A warehouse's workers: the current generation, and older ones that still finish transactions.

A worker's rights are fixed when it starts, because a process can only give rights up. A statement
that needs more gets a next generation with the wider rights; the old one ends with its last user.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable

from redshare.adapters.engine import protocol as p
from redshare.adapters.engine.lakes import Lakes
from redshare.adapters.engine.process import WorkerProcess
from redshare.adapters.engine.rundir import RunDirectory
from redshare.adapters.engine.settings import EngineSettings
from redshare.core.sql_errors import EngineUnavailable
from redshare.ports import WarehouseSpec


class Warehouse:
    """Gives sessions the worker that can run their statement."""

    def __init__(
        self,
        settings: EngineSettings,
        lakes: Lakes,
        run: RunDirectory,
        spec: WarehouseSpec,
        *,
        landlock: bool,
    ) -> None:
        self._run = run
        self._settings = settings
        self._lakes = lakes
        self._spec = spec
        self._landlock = landlock
        self._guard = threading.Lock()
        self._current: WorkerProcess | None = None
        self._old: list[WorkerProcess] = []
        self._stopped = False

    @property
    def stopped(self) -> bool:
        """Whether it takes no more statements."""
        return self._stopped

    def resize(self, spec: WarehouseSpec) -> None:
        """New statements run on workers of the new size."""
        with self._guard:
            if spec == self._spec:
                return
            self._spec = spec
            self._replace(None)

    def enter(self, uses: Iterable[p.Use]) -> WorkerProcess:
        """A live worker with at least these rights, entered. Raises EngineUnavailable."""
        wanted = list(uses)
        with self._guard:
            if self._stopped:
                raise EngineUnavailable
            worker = self._current
            if worker is None or not worker.alive() or not covers(worker, wanted):
                before = list(worker.uses.values()) if worker is not None else []
                rights = _widened(before, wanted)[-self._settings.rights :]
                self._replace(self._made(rights))
                worker = self._current
            assert worker is not None
            worker.enter()
            return worker

    def forget(self, lake: str) -> None:
        """The lake is gone: later generations do not ask for it."""
        with self._guard:
            worker = self._current
            if worker is not None and lake in worker.uses:
                kept = [use for use in worker.uses.values() if use.lake != lake]
                self._replace(self._made(kept) if kept else None)

    def stop(self) -> None:
        """End all workers; sessions get EngineUnavailable."""
        with self._guard:
            self._stopped = True
            self._replace(None)
            workers, self._old = self._old, []
        for worker in workers:
            worker.stop()

    def processes(self) -> list[int]:
        """The process ids of the live workers, the current generation last."""
        with self._guard:
            workers = [*self._old, *([self._current] if self._current else [])]
            return [worker.process_id for worker in workers if worker.alive()]

    def _made(self, rights: list[p.Use]) -> WorkerProcess:
        return WorkerProcess(
            self._settings, self._lakes, self._run, self._spec, rights, landlock=self._landlock
        )

    def _replace(self, worker: WorkerProcess | None) -> None:
        old, self._current = self._current, worker
        self._old = [other for other in self._old if other.alive()]
        if old is not None:
            self._old.append(old)
            old.retire()


def covers(worker: WorkerProcess, uses: Iterable[p.Use]) -> bool:
    """Whether the worker's rights suffice."""
    return all(_within(use, worker.uses.get(use.lake)) for use in uses)


def _within(use: p.Use, has: p.Use | None) -> bool:
    if has is None:
        return False
    if use.may_write:
        return has.may_write
    if has.may_write or has.tables is None:
        return True
    return use.tables is not None and set(use.tables) <= set(has.tables)


def _widened(before: Iterable[p.Use], wanted: Iterable[p.Use]) -> list[p.Use]:
    """Both together; what is wanted now stands last, for it is the most recently used."""
    rights = {use.lake: use for use in before}
    for use in wanted:
        has = rights.pop(use.lake, None)
        rights[use.lake] = use if has is None else _either(has, use)
    return list(rights.values())


def _either(one: p.Use, other: p.Use) -> p.Use:
    writes = one.may_write or other.may_write
    if writes or one.tables is None or other.tables is None:
        return p.Use(one.lake, writes, None)
    return p.Use(one.lake, False, sorted({*one.tables, *other.tables}))
