"""Writers of one lake: the lock, the conflicts it leaves, cancels and timeouts."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest

from redshare.core.plan import EnginePlan, LakeUse, WriteVerb
from redshare.core.sql_errors import (
    ExecutionError,
    LockNotAvailable,
    QueryCanceled,
    SerializationFailure,
    SqlError,
)
from tests.adapters.engine.lake import Lake, World, rows, transact

pytestmark = pytest.mark.server

WAITS = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
ENDLESS = "SELECT sum(a.i * b.i) FROM range(100000000) a(i), range(100000000) b(i)"


class Background:
    """A call in another thread, and what came of it."""

    def __init__(self, call: Callable[[], object]) -> None:
        self.error: BaseException | None = None
        self.value: object = None
        self._call = call
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        try:
            self.value = self._call()
        except SqlError as error:
            self.error = error

    def result(self) -> object:
        """Wait; raise what it raised."""
        self._thread.join(60)
        assert not self._thread.is_alive()
        if self.error is not None:
            raise self.error
        return self.value


@pytest.fixture(name="waiting")
def _waiting(world: World, new_lake: Lake) -> Iterator[Callable[[], None]]:
    """Blocks until somebody waits for the new lake's lock."""
    with psycopg.connect(world.postgres.url(f"lake_{new_lake.id}"), autocommit=True) as connection:

        def wait() -> None:
            query = (
                f"{WAITS} AND database ="
                " (SELECT oid FROM pg_database WHERE datname = current_database())"
            )
            deadline = time.monotonic() + 30
            while connection.execute(query).fetchone() == (0,):
                assert time.monotonic() < deadline
                time.sleep(0.01)

        yield wait


def test_writers_of_a_lake_wait_for_each_other(
    world: World, new_lake: Lake, waiting: Callable[[], None]
) -> None:
    """Two writers that have read nothing both commit, one after the other."""
    one, two = world.session(), world.apart()
    transact(one, new_lake.create())
    one.begin()
    one.run(new_lake.insert("(1, 'one')"))
    second = Background(lambda: transact(two, new_lake.update("SET b = 'late'")))
    waiting()
    one.commit()
    second.result()
    assert rows(one, new_lake.read()) == [(1, "late")]


def test_a_stale_target_fails_with_the_serialization_error(world: World, lake: Lake) -> None:
    """Read, then another commits a change of that table, then write: the writer loses."""
    one, two = world.session(), world.session()
    transact(one, lake.create(), lake.insert())
    one.begin()
    rows(one, lake.read())
    transact(two, lake.update("SET b = 'theirs'"))
    with pytest.raises(SerializationFailure):
        one.run(lake.update("SET b = 'mine'"))
    one.rollback()
    assert rows(one, lake.read()) == [(1, "theirs")]


@pytest.mark.parametrize(
    ("theirs", "mine", "conflict"),
    [
        ("insert", "insert", False),
        ("insert", "update", True),
        ("insert", "delete", True),
        ("update", "insert", True),
        ("delete", "insert", True),
        ("alter", "insert", True),
        ("other", "update", False),
        ("drop", "insert", True),
    ],
)
def test_what_conflicts(world: World, lake: Lake, theirs: str, mine: str, conflict: bool) -> None:
    """Appends stand beside appends; everything else on one table excludes everything else."""
    one, two = world.session(), world.session()
    other = lake.other()
    plans: dict[str, EnginePlan] = {
        "insert": lake.insert("(5, 'five')"),
        "update": lake.update("SET b = 'x'"),
        "delete": lake.delete("a = 1"),
        "alter": lake.write("ALTER TABLE T ADD COLUMN c INTEGER", WriteVerb.DDL),
        "drop": lake.write("DROP TABLE T", WriteVerb.DDL),
        "other": other.insert(),
    }
    transact(one, lake.create(), lake.insert(), other.create())
    one.begin()
    rows(one, lake.read())
    transact(two, plans[theirs])
    if conflict:
        with pytest.raises(SerializationFailure):
            one.run(plans[mine])
        one.rollback()
    else:
        one.run(plans[mine])
        assert one.commit().snapshot_id is not None


def test_two_creators_of_one_name_conflict(world: World, lake: Lake) -> None:
    """CREATE TABLE of a name that another transaction has just made fails."""
    one, two = world.session(), world.session()
    other = lake.other()
    transact(one, other.create())
    one.begin()
    rows(one, other.read())
    transact(two, lake.create())
    with pytest.raises(SerializationFailure):
        one.run(lake.create())
    one.rollback()


def test_the_loser_locks_first_in_its_next_transaction(
    world: World, new_lake: Lake, waiting: Callable[[], None]
) -> None:
    """After a serialization error the next read-then-write transaction cannot lose again."""
    lake = new_lake
    one, two = world.session(), world.session()
    transact(one, lake.create(), lake.insert())
    one.begin()
    rows(one, lake.read())
    transact(two, lake.update("SET b = 'theirs'"))
    with pytest.raises(SerializationFailure):
        one.run(lake.update("SET b = 'mine'"))
    one.rollback()
    one.begin()
    assert rows(one, lake.read()) == [(1, "theirs")]
    late = Background(lambda: transact(two, lake.update("SET b = b || ' late'")))
    waiting()
    one.run(lake.update("SET b = 'mine'"))
    one.commit()
    late.result()
    assert rows(one, lake.read()) == [(1, "mine late")]


def test_a_reader_never_locks(world: World, lake: Lake) -> None:
    """Reads, also in a transaction, go on while a writer holds the lock."""
    writer, reader = world.session(), world.session()
    transact(writer, lake.create(), lake.insert())
    writer.begin()
    writer.run(lake.update("SET b = 'new'"))
    reader.begin()
    assert rows(reader, lake.read()) == [(1, "one")]
    reader.commit()
    writer.commit()


def test_waiting_for_the_lock_ends_by_its_timeout(world: World, lake: Lake) -> None:
    """LockNotAvailable, SQLSTATE 55P03; the transaction can be rolled back and tried again."""
    engine = world.another(lock_timeout=0.3)
    one, two = world.session(), world.session(engine=engine)
    try:
        transact(one, lake.create())
        one.begin()
        one.run(lake.insert())
        two.begin()
        with pytest.raises(LockNotAvailable):
            two.run(lake.insert())
        two.rollback()
        one.commit()
        transact(two, lake.insert())
        assert len(rows(one, lake.read())) == 2
    finally:
        world.close_sessions()
        engine.close()


def test_a_wait_for_the_lock_is_canceled(
    world: World, new_lake: Lake, waiting: Callable[[], None]
) -> None:
    """cancel() ends the wait; the holder is not disturbed."""
    one, two = world.session(), world.session()
    transact(one, new_lake.create())
    one.begin()
    one.run(new_lake.insert())
    two.begin()
    blocked = Background(lambda: two.run(new_lake.insert()))
    waiting()
    two.cancel()
    with pytest.raises(QueryCanceled):
        blocked.result()
    two.rollback()
    assert one.commit().snapshot_id == 2


@pytest.mark.parametrize("explicit", [False, True])
def test_a_running_statement_is_canceled(world: World, explicit: bool) -> None:
    """cancel() from another thread ends it; the session goes on."""
    session = world.session()
    if explicit:
        session.begin()
    blocked = Background(lambda: rows(session, EnginePlan(ENDLESS)))
    while session._cancelable is None:
        time.sleep(0.01)
    session.cancel()
    with pytest.raises(QueryCanceled):
        blocked.result()
    session.rollback()
    assert rows(session, EnginePlan("SELECT 1")) == [(1,)]


def test_an_open_result_is_canceled(world: World) -> None:
    """A cancel between two batches ends the result with the next one."""
    session = world.session()
    batches = session.run(EnginePlan("SELECT i FROM range(100000000) r(i)")).batches()
    next(batches)
    session.cancel()

    def drain() -> None:
        for _ in batches:
            pass

    with pytest.raises(QueryCanceled):
        drain()
    assert rows(session, EnginePlan("SELECT 1")) == [(1,)]


def test_a_cancel_of_nothing_does_nothing(world: World) -> None:
    """A cancel that comes too late does not hit the next statement."""
    session = world.session()
    assert rows(session, EnginePlan("SELECT 1")) == [(1,)]
    session.cancel()
    assert rows(session, EnginePlan("SELECT 2")) == [(2,)]


@pytest.mark.crash
def test_a_statement_that_does_not_obey_is_ended_with_its_worker(world: World) -> None:
    """After the grace time the process is killed; the session goes on with a fresh one."""
    engine = world.another(cancel_grace=0.2)
    session = world.apart(engine)
    try:
        stubborn = EnginePlan("SELECT levenshtein(repeat('ab', 60000), repeat('ba', 60001))")
        blocked = Background(lambda: rows(session, stubborn))
        while session._cancelable is None:
            time.sleep(0.01)
        session.cancel()
        with pytest.raises(QueryCanceled):
            blocked.result()
        assert rows(session, EnginePlan("SELECT 1")) == [(1,)]
    finally:
        world.close_sessions()
        engine.close()


def test_an_idle_transaction_is_ended(world: World, lake: Lake) -> None:
    """A silent client loses its transaction and the lock; its next statement tells it so."""
    engine = world.another(idle_in_transaction=0.3)
    idle, other = world.session(engine=engine), world.session()
    try:
        transact(other, lake.create())
        idle.begin()
        idle.run(lake.insert("(1, 'idle')"))
        transact(other, lake.insert("(2, 'other')"))
        with pytest.raises(ExecutionError) as caught:
            idle.run(lake.read())
        assert caught.value.sqlstate == "25P03"
        with pytest.raises(ExecutionError):
            idle.commit()
        assert rows(idle, lake.read()) == [(2, "other")]
    finally:
        world.close_sessions()
        engine.close()


def test_an_idle_result_is_ended(world: World) -> None:
    """An open result pins a snapshot as a transaction does: left alone too long, it ends."""
    # A batch that fits the socket, so that the worker waits for a request and not to be read.
    engine = world.another(idle_in_transaction=0.2, batch_rows=4096)
    session = world.session(engine=engine)
    try:
        batches = session.run(EnginePlan("SELECT i FROM range(100000000) r(i)")).batches()
        next(batches)
        time.sleep(0.5)
        next(batches)  # it was asked for ahead
        with pytest.raises(ExecutionError) as caught:
            next(batches)
        assert caught.value.sqlstate == "25P03"
        assert rows(session, EnginePlan("SELECT 1")) == [(1,)]
    finally:
        world.close_sessions()
        engine.close()


def test_a_transaction_too_old_is_ended_while_it_runs(world: World) -> None:
    """No statement keeps a snapshot pinned for longer than expiry relies on."""
    engine = world.another(max_transaction=1.0, retention=2.0)
    session = world.session(engine=engine)
    try:
        session.begin()
        with pytest.raises(ExecutionError, match="age"):
            rows(session, EnginePlan(ENDLESS))
        session.rollback()
        assert rows(session, EnginePlan("SELECT 1")) == [(1,)]
    finally:
        world.close_sessions()
        engine.close()


def test_a_transaction_moves_to_a_worker_with_more_rights(world: World, lake: Lake) -> None:
    """Read first, then write, then another lake: the snapshot stays the one it began with."""
    other = world.lake()
    transact(world.session(), lake.create(), lake.insert())
    transact(world.session(), other.create(), other.insert())
    session = world.apart()
    session.begin()
    assert rows(session, lake.read()) == [(1, "one")]
    assert rows(session, other.read()) == [(1, "one")]
    session.run(lake.insert("(2, 'two')"))
    assert session.commit().lake == lake.id


def test_a_transaction_whose_snapshot_is_gone_does_not_move(world: World, lake: Lake) -> None:
    """If what it has read is no longer the newest, it must be tried again: then it works."""
    other = world.lake()
    transact(world.session(), lake.create(), lake.insert())
    transact(world.session(), other.create(), other.insert())
    session = world.apart()
    session.begin()
    rows(session, lake.read())
    transact(world.session(), lake.insert("(2, 'two')"))
    with pytest.raises(SerializationFailure):
        session.run(other.read())
    session.rollback()
    session.begin()
    assert len(rows(session, lake.read())) == 2
    assert rows(session, other.read()) == [(1, "one")]
    session.commit()


def test_a_written_transaction_that_needs_more_is_tried_again(world: World, lake: Lake) -> None:
    """The first use of a share after a write costs one serialization error, not more."""
    other = world.lake()
    transact(world.session(), lake.create())
    transact(world.session(), other.create(), other.insert())
    session = world.apart()

    def insert_select() -> Any:
        session.begin()
        session.run(lake.insert())
        uses = (LakeUse(lake.id, may_write=True), LakeUse(other.id, may_write=False))
        plan = lake.insert()
        both = EnginePlan(
            f"INSERT INTO {lake.name} SELECT * FROM {other.name}",
            uses,
            plan.targets,
            returns_rows=False,
        )
        session.run(both)
        return session.commit()

    with pytest.raises(SerializationFailure):
        insert_select()
    session.rollback()
    assert insert_select().snapshot_id is not None


def test_an_old_generation_ends_when_nothing_runs_on_it(world: World, lake: Lake) -> None:
    """One process remains after the rights were widened, unless a transaction is open."""
    transact(world.session(), lake.create(), lake.insert())
    other = world.lake()
    transact(world.session(), other.create())
    session, second = world.apart(), None
    name = session._warehouse._spec.warehouse_id
    second = world.session(name)
    session.begin()
    rows(session, lake.read())
    rows(second, other.read())
    assert len(world.engine.processes(name)) == 2
    session.commit()
    assert len(world.engine.processes(name)) == 1
    assert rows(session, lake.read()) == [(1, "one")]
    world.engine.stop_warehouse(name)
