"""Workers that die, and what is durable before a commit is answered."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading

import pytest

from redshare.adapters.clock import SystemClock
from redshare.adapters.engine import DuckDBEngine, EngineSettings
from redshare.adapters.postgres import ExternalPostgres
from redshare.core.plan import EnginePlan
from redshare.core.sql_errors import EngineUnavailable
from tests.adapters.engine.lake import Lake, World, rows, transact, wait_for

pytestmark = [pytest.mark.server, pytest.mark.crash]


def _kill(world: World, warehouse: str) -> None:
    for process in world.engine.processes(warehouse):
        os.kill(process, signal.SIGKILL)


def _warehouse(session: object) -> str:
    return str(session._warehouse._spec.warehouse_id)  # type: ignore[attr-defined]


def test_a_worker_killed_in_a_transaction(world: World, lake: Lake) -> None:
    """The transaction is gone, its lock is free, the session goes on with a fresh worker."""
    session = world.apart()
    transact(session, lake.create(), lake.insert())
    session.begin()
    session.run(lake.update("SET b = 'lost'"))
    _kill(world, _warehouse(session))
    with pytest.raises(EngineUnavailable):
        session.run(lake.read())
    with pytest.raises(EngineUnavailable):
        session.commit()
    transact(world.session(), lake.insert("(2, 'two')"))
    assert rows(session, lake.read()) == [(1, "one"), (2, "two")]


def test_a_worker_killed_while_a_result_is_read(world: World) -> None:
    """Reading on raises EngineUnavailable: no result ends early in silence."""
    session = world.apart()
    batches = session.run(EnginePlan("SELECT i FROM range(100000000) r(i)")).batches()
    next(batches)
    _kill(world, _warehouse(session))

    def drain() -> None:
        for _ in batches:
            pass

    with pytest.raises(EngineUnavailable):
        drain()
    assert rows(session, EnginePlan("SELECT 1")) == [(1,)]


def test_a_worker_killed_between_statements_is_not_noticed(world: World) -> None:
    """Outside a transaction the next statement simply runs on a fresh worker."""
    session = world.apart()
    assert rows(session, EnginePlan("SELECT 1")) == [(1,)]
    (process,) = world.engine.processes(_warehouse(session))
    os.kill(process, signal.SIGKILL)
    wait_for(f"grep -q 'State:.Z' /proc/{process}/status")
    assert rows(session, EnginePlan("SELECT 2")) == [(2,)]


def test_workers_killed_at_any_moment_lose_nothing_acknowledged(
    world: World, new_lake: Lake
) -> None:
    """Each acknowledged commit is there, each other is there wholly or not at all."""
    lake, twin = new_lake, new_lake.other()
    transact(world.session(), lake.create("(n INTEGER)"), twin.create("(n INTEGER)"))
    session = world.apart()
    acknowledged = []
    for number in range(1, 31):
        killer = None
        if number % 3 == 0:
            wait = 0.005 * (number % 10)
            killer = threading.Timer(wait, _kill, (world, _warehouse(session)))
            killer.start()
        try:
            transact(session, lake.insert(f"({number})"), twin.insert(f"({number})"))
            acknowledged.append(number)
        except EngineUnavailable:
            session.rollback()
        if killer is not None:
            killer.join()
    reader = world.session()
    found = [row[0] for row in rows(reader, lake.read("SELECT n FROM T ORDER BY n"))]
    assert found == [row[0] for row in rows(reader, twin.read("SELECT n FROM T ORDER BY n"))]
    assert set(acknowledged) <= set(found)
    assert len(found) == len(set(found))


def test_new_files_and_directories_are_synced_before_the_commit(
    world: World, new_lake: Lake
) -> None:
    """Between lock and commit every new file and every directory above it is fsynced."""
    session = world.session()
    transact(session, new_lake.create(), new_lake.insert("(1, 'x'), (2, 'y')"))
    transact(session, new_lake.delete("a = 1"))
    root = world.directory / "lakes" / new_lake.id
    synced: set[str] = set()
    unsynced_at_commit = []
    for line in world.trace.read_text().splitlines():
        step, _, what = line.partition(" ")
        if step == "fsync":
            synced.add(what)
        if step == "commit" and what == new_lake.id:
            unsynced_at_commit.append(not synced)
    files = {str(path) for path in (root / "main" / new_lake.table).iterdir()}
    above = {str(root), str(root / "main"), str(root / "main" / new_lake.table)}
    assert len(files) == 2
    assert files | above <= synced
    assert unsynced_at_commit == [False, False]


def test_a_stopped_warehouse_takes_its_processes_along(world: World) -> None:
    """stop_warehouse ends the workers; a session of it is told; a new one works."""
    session = world.session("stopped")
    rows(session, EnginePlan("SELECT 1"))
    (process,) = world.engine.processes("stopped")
    world.engine.stop_warehouse("stopped")
    wait_for(f"[ ! -e /proc/{process} ]")
    with pytest.raises(EngineUnavailable):
        session.run(EnginePlan("SELECT 1"))
    assert rows(world.session("stopped"), EnginePlan("SELECT 1")) == [(1,)]
    world.engine.stop_warehouse("stopped")


NODE = """
import sys, time
from pathlib import Path
from redshare.adapters.clock import SystemClock
from redshare.adapters.engine import DuckDBEngine, EngineSettings
from redshare.adapters.postgres import ExternalPostgres
from redshare.core.plan import EnginePlan
from redshare.ports import WarehouseSpec
settings = EngineSettings(Path(sys.argv[2]))
engine = DuckDBEngine(ExternalPostgres(sys.argv[1]), settings, SystemClock())
session = engine.open_session(WarehouseSpec("w", 2**28, 1))
list(session.run(EnginePlan("SELECT 1")).batches())
print(*engine.processes("w"), flush=True)
time.sleep(600)
"""


def test_a_killed_node_leaves_no_worker_and_the_next_one_tidies_up(world: World) -> None:
    """Workers follow their node at once; their passwords and files go with the next start."""
    data = world.directory / "killed"
    command = [sys.executable, "-c", NODE, world.postgres.url("postgres"), str(data)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as node:
        assert node.stdout is not None
        worker = int(node.stdout.readline())
        node.kill()
    wait_for(f"[ ! -e /proc/{worker} ] || grep -q 'State:.Z' /proc/{worker}/status")
    (left,) = (note.readlink() for note in (data / ".run").iterdir())
    assert list(left.glob("*/passfile")) != []
    engine = DuckDBEngine(
        ExternalPostgres(world.postgres.url("postgres")), EngineSettings(data), SystemClock()
    )
    assert not left.exists()
    engine.close()
    assert list((data / ".run").iterdir()) == []
