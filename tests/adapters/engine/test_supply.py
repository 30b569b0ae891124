"""Rows streamed to a statement while it runs: all of them once, or the reason why not."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pytest

from redshare.core.plan import EnginePlan, StreamedInput
from redshare.core.sql_errors import EngineUnavailable, ExecutionError, QueryCanceled
from tests.adapters.engine.lake import Lake, World, rows, transact

pytestmark = pytest.mark.server

SCHEMA = pa.schema([("c0", pa.int32()), ("c1", pa.string())])


def batch(first: int, count: int) -> Any:
    numbers = list(range(first, first + count))
    return pa.record_batch([pa.array(numbers, pa.int32()), [f"row {n}" for n in numbers]], SCHEMA)


def loading(lake: Lake, open_: Any) -> EnginePlan:
    """INSERT of what `open_` gives."""
    plan = replace(lake.fill(0), sql=f"INSERT INTO {lake.name} SELECT c0, c1 FROM streamed")
    return replace(plan, stream=StreamedInput("streamed", SCHEMA, open_))


def counted(session: Any, lake: Lake) -> list[Any]:
    return rows(session, lake.read("SELECT count(*), count(DISTINCT a), min(a), max(a) FROM T"))


def test_every_batch_arrives_once(world: World, lake: Lake) -> None:
    """Many batches and an empty one among them; the count is that of the INSERT."""
    session = world.session()
    transact(session, lake.create())

    def batches() -> Iterator[Any]:
        yield batch(0, 0)
        for start in range(0, 200_000, 10_000):
            yield batch(start, 10_000)

    session.begin()
    assert session.run(loading(lake, batches)).affected == 200_000
    session.commit()
    assert counted(session, lake) == [(200_000, 200_000, 0, 199_999)]


def test_no_rows(world: World, lake: Lake) -> None:
    """A stream without a batch is an INSERT of nothing."""
    session = world.session()
    transact(session, lake.create())
    session.begin()
    assert session.run(loading(lake, lambda: iter(()))).affected == 0
    session.rollback()


def test_a_source_that_breaks(world: World, lake: Lake) -> None:
    """Its own error is raised, nothing is kept, and the session goes on."""
    session = world.session()
    transact(session, lake.create())

    def batches() -> Iterator[Any]:
        yield batch(0, 100)
        raise OSError("the source broke")

    session.begin()
    with pytest.raises(OSError, match="the source broke"):
        session.run(loading(lake, batches))
    session.rollback()
    assert counted(session, lake) == [(0, 0, None, None)]
    transact(session, loading(lake, lambda: iter([batch(0, 5)])))
    assert counted(session, lake) == [(5, 5, 0, 4)]


def test_a_statement_that_fails_early(world: World, lake: Lake) -> None:
    """What the engine refuses is its error, however much of the stream it has not asked for."""
    session = world.session()
    transact(session, lake.create())

    def batches() -> Iterator[Any]:
        for start in range(0, 1_000_000, 10_000):
            yield batch(start, 10_000)

    plan = loading(lake, batches)
    broken = replace(plan, sql=plan.sql.replace("c1 FROM", "error('#' || c1) FROM"))
    session.begin()
    with pytest.raises(ExecutionError):
        session.run(broken)
    session.rollback()
    assert counted(session, lake) == [(0, 0, None, None)]


def test_a_cancel_ends_it(world: World, lake: Lake) -> None:
    """While batches still come."""
    session = world.session()
    transact(session, lake.create())
    ended = threading.Event()

    def batches() -> Iterator[Any]:
        yield batch(0, 1000)
        session.cancel()
        start = 1000
        while not ended.is_set():
            yield batch(start, 1000)
            start += 1000

    session.begin()
    with pytest.raises(QueryCanceled):
        session.run(loading(lake, batches))
    ended.set()
    session.rollback()
    assert counted(session, lake) == [(0, 0, None, None)]


def test_a_worker_that_dies(world: World, lake: Lake) -> None:
    """Before the transaction had begun elsewhere, another worker is given the rows anew."""
    session = world.apart()
    transact(session, lake.create())
    warehouse = world._sessions[-1][1]
    opened = 0

    def batches() -> Iterator[Any]:
        nonlocal opened
        opened += 1
        yield batch(0, 1000)
        if opened == 1:
            os.kill(world.engine.processes(warehouse)[-1], signal.SIGKILL)
        yield batch(1000, 1000)

    session.begin()
    assert session.run(loading(lake, batches)).affected == 2000
    session.commit()
    assert opened == 2
    assert counted(session, lake) == [(2000, 2000, 0, 1999)]

    def dying() -> Iterator[Any]:
        yield batch(0, 1000)
        os.kill(world.engine.processes(warehouse)[-1], signal.SIGKILL)
        yield batch(1000, 1000)

    session.begin()
    session.run(lake.insert("(9999, 'x')"))
    with pytest.raises(EngineUnavailable):
        session.run(loading(lake, dying))
    session.rollback()
    assert counted(session, lake) == [(2000, 2000, 0, 1999)]


def test_it_needs_a_transaction(world: World, lake: Lake) -> None:
    """Outside of one nothing is asked for."""
    session = world.session()
    transact(session, lake.create())
    with pytest.raises(ExecutionError) as raised:
        session.run(loading(lake, lambda: iter([batch(0, 1)])))
    assert raised.value.sqlstate == "25P01"
