"""Statements, transactions and their ends on one or several sessions."""

from __future__ import annotations

import contextlib
import datetime as dt
import threading
from decimal import Decimal

import pytest

from redshare.core.plan import EnginePlan, InputTable, LakeUse, WriteTarget, WriteVerb
from redshare.core.sql_errors import (
    ExecutionError,
    MultipleDatabaseWrite,
    ReadOnlyTransaction,
    SqlError,
)
from redshare.ports import CommitNote, Committed
from tests.adapters.engine.lake import Lake, World, rows, transact

pytestmark = pytest.mark.server


def test_a_committed_transaction_is_read_by_anyone(world: World, new_lake: Lake) -> None:
    """What one session committed, a session of another warehouse reads at once."""
    writer, reader = world.session(), world.apart()
    made = transact(writer, new_lake.create(), new_lake.insert("(1, 'one'), (2, 'two')"))
    assert made.lake == new_lake.id
    assert made.snapshot_id == 1
    assert rows(reader, new_lake.read()) == [(1, "one"), (2, "two")]


def test_dml_answers_its_count(world: World, lake: Lake) -> None:
    """INSERT, UPDATE and DELETE tell how many rows; DDL tells nothing."""
    session = world.session()
    session.begin()
    assert session.run(lake.create()).affected is None
    assert session.run(lake.fill(10)).affected == 10
    assert session.run(lake.update("SET b = 'x' WHERE a < 4")).affected == 4
    assert session.run(lake.delete("a < 3")).affected == 3
    assert session.run(lake.delete("a < 0")).affected == 0
    session.commit()


def test_rollback_leaves_nothing(world: World, lake: Lake) -> None:
    """Neither rows nor tables of a transaction rolled back are there."""
    session = world.session()
    session.begin()
    session.run(lake.create())
    session.rollback()
    with pytest.raises(ExecutionError) as caught:
        session.run(lake.read())
    assert caught.value.sqlstate == "42P01"


def test_a_transaction_that_wrote_nothing_makes_no_snapshot(world: World, lake: Lake) -> None:
    """Committed names no snapshot for a read, a no-op delete, and an empty transaction."""
    session = world.session()
    transact(session, lake.create())
    assert transact(session, lake.delete("a = 1")) == Committed()
    assert transact(session, lake.read()) == Committed()
    assert transact(session) == Committed()


def test_a_note_is_found_in_its_snapshot(world: World, new_lake: Lake) -> None:
    """committed_notes gives what was written with the data, after the given snapshot."""
    session = world.session()
    session.begin()
    session.run(new_lake.create())
    first = session.commit(CommitNote("user", "first", '{"n": 1}')).snapshot_id
    transact(session, new_lake.insert())
    session.begin()
    session.run(new_lake.insert())
    second = session.commit(CommitNote("user", "it's", '{"n": "quote \' and $1"}')).snapshot_id
    assert world.engine.committed_notes(new_lake.id, 0) == [
        (first, '{"n": 1}'),
        (second, '{"n": "quote \' and $1"}'),
    ]
    assert [s for s, _ in world.engine.committed_notes(new_lake.id, first)] == [second]


def test_a_note_of_a_transaction_rolled_back_is_not_there(world: World, new_lake: Lake) -> None:
    """A note lives and dies with its snapshot."""
    session = world.session()
    transact(session, new_lake.create())
    session.begin()
    session.run(new_lake.delete("a = 99"))
    assert session.commit(CommitNote("user", "", "lost")) == Committed()
    assert world.engine.committed_notes(new_lake.id, 0) == []


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("INTEGER", 7),
        ("BIGINT", -(2**63)),
        ("HUGEINT", 2**100),
        ("VARCHAR", "a'b\x00c".replace("\x00", "")),
        ("BOOLEAN", True),
        ("DECIMAL(38,10)", Decimal("12345678901234567890.0123456789")),
        ("DOUBLE", 1.5),
        ("DATE", dt.date(2024, 2, 29)),
        ("TIME", dt.time(12, 34, 56, 789)),
        ("TIMESTAMP", dt.datetime(2024, 2, 29, 1, 2, 3, 4)),  # noqa: DTZ001 - without zone
        ("TIMESTAMPTZ", dt.datetime(2024, 2, 29, 1, 2, 3, 4, tzinfo=dt.UTC)),
        ("BLOB", b"\x00\xff"),
        ("INTEGER", None),
    ],
)
def test_parameters_keep_their_value(world: World, kind: str, value: object) -> None:
    """$n is bound by position, whatever its type."""
    session = world.session()
    plan = EnginePlan(f"SELECT $2::{kind} AS v, $1::VARCHAR AS n")
    assert rows(session, plan, "first", value) == [(value, "first")]


def test_supplied_rows_are_a_table_of_the_statement_only(world: World) -> None:
    """System views come as rows; they are gone after the statement."""
    session = world.session()
    given = InputTable(
        "svv_x",
        (("n", "INTEGER"), ("d", "DECIMAL(10,2)"), ("t", "TIMESTAMP"), ("s", "VARCHAR")),
        (
            (1, Decimal("1.50"), dt.datetime(2024, 1, 1), "x"),  # noqa: DTZ001
            (2, None, None, None),
        ),
    )
    plan = EnginePlan("SELECT n, d, t, s FROM svv_x ORDER BY n", inputs=(given,))
    assert rows(session, plan) == list(given.rows)
    with pytest.raises(ExecutionError):
        session.run(EnginePlan("SELECT n FROM svv_x"))
    none = InputTable("svv_y", (("n", "INTEGER"),), ())
    assert rows(session, EnginePlan("SELECT n FROM svv_y", inputs=(none,))) == []


def test_supplied_rows_join_a_lake_in_a_transaction(world: World, lake: Lake) -> None:
    """The same inside a transaction, twice under one name."""
    session = world.session()
    session.begin()
    session.run(lake.create())
    session.run(lake.insert("(1, 'x'), (2, 'y')"))
    for wanted in (1, 2):
        given = InputTable("svv_x", (("n", "INTEGER"),), ((wanted,),))
        uses = (LakeUse(lake.id, may_write=False),)
        sql = f"SELECT a FROM {lake.name} JOIN svv_x ON a = n"
        assert rows(session, EnginePlan(sql, uses, inputs=(given,))) == [(wanted,)]
    session.commit()


def test_a_transaction_reads_one_snapshot(world: World, lake: Lake) -> None:
    """What others commit meanwhile is seen by the next transaction, not by this one."""
    writer, reader = world.session(), world.apart()
    transact(writer, lake.create(), lake.insert("(1, 'a')"))
    reader.begin(read_only=True)
    assert rows(reader, lake.read("SELECT count(*) FROM T")) == [(1,)]
    transact(writer, lake.insert("(2, 'b')"))
    transact(writer, lake.update("SET b = 'z'"))
    assert rows(reader, lake.read()) == [(1, "a")]
    reader.commit()
    assert rows(reader, lake.read()) == [(1, "z"), (2, "z")]


def test_a_consumer_sees_new_columns_and_tables_at_once(world: World, lake: Lake) -> None:
    """DDL of the producer is visible to a long-lived reader's next statement."""
    producer, consumer = world.session(), world.apart()
    transact(producer, lake.create(), lake.insert())
    assert rows(consumer, lake.read()) == [(1, "one")]
    transact(producer, lake.write("ALTER TABLE T ADD COLUMN c INTEGER", WriteVerb.DDL))
    assert rows(consumer, lake.read("SELECT * FROM T")) == [(1, "one", None)]
    second = lake.other()
    transact(producer, second.create(), second.insert())
    assert rows(consumer, second.read()) == [(1, "one")]


def test_a_long_result_is_streamed_in_batches(world: World) -> None:
    """A result bigger than memory can be read bit by bit, or left at any point."""
    session = world.session()
    result = session.run(EnginePlan("SELECT i, repeat('x', 1000) AS s FROM range(100000000) r(i)"))
    batches = result.batches()
    assert [next(batches).column(0)[0].as_py() for _ in range(3)] == [0, 32768, 65536]
    result.close()
    assert rows(session, EnginePlan("SELECT 1 AS a")) == [(1,)]


def test_a_suspended_reader_stops_nobody(world: World, lake: Lake) -> None:
    """While one session's result waits, others of the warehouse read and write."""
    slow, quick = world.session(), world.session()
    waiting = slow.run(EnginePlan("SELECT i FROM range(50000000) r(i)")).batches()
    next(waiting)
    transact(quick, lake.create(), lake.insert())
    assert rows(quick, lake.read()) == [(1, "one")]
    assert next(waiting).num_rows == 32768
    slow.close()


def test_an_open_result_is_taken_over_by_the_next_statement(world: World, lake: Lake) -> None:
    """Inside and outside a transaction no row of an open result is lost."""
    session = world.session()
    transact(session, lake.create(), lake.fill(50000))
    for explicit in (False, True):
        if explicit:
            session.begin()
        first = session.run(lake.read())
        head = first.batches()
        counted = next(head).num_rows
        assert rows(session, lake.read("SELECT count(*) FROM T")) == [(50000,)]
        assert counted + sum(batch.num_rows for batch in head) == 50000
    session.commit()


def test_a_result_outlives_its_transaction(world: World, lake: Lake) -> None:
    """COMMIT takes over what was not read yet."""
    session = world.session()
    transact(session, lake.create(), lake.fill(30000))
    session.begin()
    result = session.run(lake.read())
    session.commit()
    assert sum(batch.num_rows for batch in result.batches()) == 30000


def test_a_write_outside_a_transaction_is_refused(world: World, lake: Lake) -> None:
    """Autocommit on this port means reading."""
    with pytest.raises(ExecutionError, match="transaction"):
        world.session().run(lake.create())


def test_a_read_only_transaction_refuses_a_write(world: World, lake: Lake) -> None:
    """BEGIN READ ONLY is kept by the engine, too."""
    session = world.session()
    session.begin(read_only=True)
    with pytest.raises(ReadOnlyTransaction):
        session.run(lake.create())
    session.rollback()


@pytest.mark.parametrize(
    "sql",
    ["INSERT INTO T VALUES (9, 'x')", "DROP TABLE T", "SET threads = 4", "CREATE SECRET (TYPE s3)"],
)
@pytest.mark.parametrize("explicit", [False, True])
def test_a_plan_without_targets_only_reads(
    world: World, lake: Lake, sql: str, explicit: bool
) -> None:
    """What the binder did not call a write is refused if it is one."""
    session = world.session()
    transact(session, lake.create())
    if explicit:
        session.begin()
    with pytest.raises(ExecutionError, match="writes"):
        session.run(lake.read(sql))
    session.rollback()


def test_a_read_only_use_refuses_a_write_by_attachment(world: World, lake: Lake) -> None:
    """A worker without the right to write cannot, whatever the plan claims."""
    transact(world.session(), lake.create())
    session = world.apart()
    target = (WriteTarget(lake.id, lake.table, WriteVerb.INSERT),)
    uses = (LakeUse(lake.id, may_write=False),)
    session.begin()
    with pytest.raises(ExecutionError, match="read-only"):
        session.run(EnginePlan(f"INSERT INTO {lake.name} VALUES (1, 'x')", uses, target))
    session.rollback()


def test_a_transaction_writes_one_lake(world: World, lake: Lake) -> None:
    """A write to a second one is refused before it is touched; reading it is fine."""
    other = world.lake()
    session = world.session()
    transact(session, lake.create())
    transact(session, other.create(), other.insert())
    session.begin()
    session.run(lake.insert())
    assert rows(session, other.read()) == [(1, "one")]
    with pytest.raises(MultipleDatabaseWrite):
        session.run(other.insert())
    session.rollback()


def test_after_an_error_only_rollback_helps(world: World, lake: Lake) -> None:
    """A failed statement fails its transaction: the next is refused, COMMIT rolls back."""
    session = world.session()
    transact(session, lake.create())
    session.begin()
    session.run(lake.insert())
    with pytest.raises(ExecutionError):
        session.run(lake.insert("('x', 'y')"))
    with pytest.raises(SqlError) as caught:
        session.run(lake.read())
    assert caught.value.sqlstate == "25P02"
    with pytest.raises(SqlError):
        session.commit()
    assert rows(session, lake.read()) == []


@pytest.mark.parametrize(
    ("sql", "sqlstate"),
    [
        ("SELECT 'abc'::INTEGER", "22P02"),
        ("SELECT 300::TINYINT", "22003"),
        ("SELECT 9223372036854775807 + 1", "22003"),
        ("SELECT '2020-99-01'::DATE", "22008"),
        ("SELECT nope(1)", "42883"),
        ("SELECT * FROM nope", "42P01"),
        ("SELECT (SELECT 1 UNION ALL SELECT 2)", "21000"),
        ("SELECT 1 +", "42601"),
        ("SELECT list(i) FROM range(400000000) r(i)", "53200"),
    ],
)
def test_errors_have_sqlstates(world: World, sql: str, sqlstate: str) -> None:
    """DuckDB's errors become PostgreSQL's codes."""
    with pytest.raises(SqlError) as caught:
        rows(world.session(), EnginePlan(sql))
    assert caught.value.sqlstate == sqlstate


def test_a_not_null_violation_names_no_lake(world: World, lake: Lake) -> None:
    """Neither the lake's alias, nor a path, nor a connection string is in a message."""
    session = world.session()
    transact(session, lake.create("(a INTEGER NOT NULL)"))
    session.begin()
    with pytest.raises(ExecutionError) as caught:
        session.run(lake.insert("(NULL)"))
    assert caught.value.sqlstate == "23502"
    assert lake.id not in str(caught.value)
    session.rollback()


def test_a_missing_file_is_told_without_its_path(world: World, lake: Lake) -> None:
    """Where files are is nobody's business."""
    session = world.session()
    transact(session, lake.create(), lake.insert())
    for path in (world.directory / "lakes" / lake.id / "main" / lake.table).iterdir():
        path.unlink()
    with pytest.raises(SqlError) as caught:
        rows(session, lake.read())
    assert "/" not in str(caught.value)


def test_lakes_are_made_and_dropped_again_and_again(world: World) -> None:
    """Twice is as good as once; a dropped lake leaves no database and no directory."""
    lake = world.lake()
    world.engine.create_lake(lake.id)
    session = world.session()
    transact(session, lake.create(), lake.insert())
    for _ in range(2):
        world.engine.drop_lake(lake.id)
    assert f"lake_{lake.id}" not in world.postgres.databases()
    assert not (world.directory / "lakes" / lake.id).exists()
    with pytest.raises(SqlError):
        session.run(lake.read())
    fresh = world.lake()
    transact(session, fresh.create(), fresh.insert())
    assert rows(session, fresh.read()) == [(1, "one")]


def test_a_lake_that_is_still_written_to_is_dropped_without_an_error(world: World) -> None:
    """What lets go late leaves at most an orphan; the next drop removes it."""
    lake = world.lake()
    world.engine.create_lake(lake.id)
    place = world.directory / "lakes" / lake.id / "main" / "late"
    over = threading.Event()

    def write() -> None:
        number = 0
        while not over.is_set():
            number += 1
            place.mkdir(parents=True, exist_ok=True)
            with contextlib.suppress(FileNotFoundError):
                (place / str(number)).touch()

    writer = threading.Thread(target=write)
    writer.start()
    world.engine.drop_lake(lake.id)
    over.set()
    writer.join()
    world.engine.drop_lake(lake.id)
    assert not (world.directory / "lakes" / lake.id).exists()


def test_inlining_is_off_and_files_are_zstd(world: World, lake: Lake) -> None:
    """The options are kept in the lake: one row is a file, and no inlined table exists."""
    session = world.session()
    transact(session, lake.create(), lake.insert())
    files = list((world.directory / "lakes" / lake.id / "main" / lake.table).iterdir())
    assert len(files) == 1
    assert rows(session, lake.read(f"SELECT count(*) FROM T WHERE '{lake.table}' <> ''")) == [(1,)]
