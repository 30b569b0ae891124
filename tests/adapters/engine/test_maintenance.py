"""Upkeep of a lake, and the expiry that must never be done."""

from __future__ import annotations

import psycopg
import pytest

from redshare.adapters.engine import EngineSettings
from redshare.core.sql_errors import SerializationFailure
from tests.adapters.engine.lake import Lake, World, rows, transact

pytestmark = pytest.mark.server


def _age(world: World, lake: Lake, table: str, column: str) -> None:
    with psycopg.connect(world.postgres.url(f"lake_{lake.id}"), autocommit=True) as connection:
        connection.execute(f"UPDATE {table} SET {column} = {column} - INTERVAL '30 days'")


def _expire_all_but_the_newest(world: World, lake: Lake) -> None:
    """What an expiry of everything leaves: the rows by which DuckLake finds conflicts are gone."""
    with psycopg.connect(world.postgres.url(f"lake_{lake.id}"), autocommit=True) as connection:
        for table in ("ducklake_snapshot", "ducklake_snapshot_changes"):
            connection.execute(
                f"DELETE FROM {table} WHERE snapshot_id <"
                " (SELECT max(snapshot_id) FROM ducklake_snapshot)"
            )


def test_small_files_are_merged_and_deleted_rows_rewritten(world: World, new_lake: Lake) -> None:
    """Upkeep makes few files of many; every row stays."""
    session = world.session()
    transact(session, new_lake.create())
    for number in range(12):
        transact(session, new_lake.insert(f"({number}, 'x')"))
    transact(session, new_lake.delete("a >= 6"))
    report = world.engine.maintain(new_lake.id)
    assert report.merged + report.rewritten >= 1
    expected = [(number, "x") for number in range(6)]
    assert rows(session, new_lake.read()) == expected
    assert rows(world.apart(), new_lake.read()) == expected


def test_nothing_young_is_expired_or_removed(world: World, new_lake: Lake) -> None:
    """Snapshots, old files and orphans younger than the retention stay."""
    session = world.session()
    transact(session, new_lake.create(), new_lake.insert())
    transact(session, new_lake.update("SET b = 'new'"))
    orphan = world.directory / "lakes" / new_lake.id / "main" / new_lake.table / "orphan.parquet"
    orphan.write_bytes(b"in flight")
    report = world.engine.maintain(new_lake.id)
    assert (report.expired, report.removed) == (0, 0)
    assert orphan.exists()


def test_what_is_old_is_expired_and_removed(world: World, new_lake: Lake) -> None:
    """Beyond the retention snapshots go, and with them the files only they needed."""
    session = world.session()
    transact(session, new_lake.create(), new_lake.insert())
    transact(session, new_lake.update("SET b = 'new'"))
    table = world.directory / "lakes" / new_lake.id / "main" / new_lake.table
    before = len(list(table.iterdir()))
    _age(world, new_lake, "ducklake_snapshot", "snapshot_time")
    assert world.engine.maintain(new_lake.id).expired >= 1
    _age(world, new_lake, "ducklake_files_scheduled_for_deletion", "schedule_start")
    assert world.engine.maintain(new_lake.id).removed >= 1
    assert len(list(table.iterdir())) < before
    assert rows(session, new_lake.read()) == [(1, "new")]


def test_a_pinned_reader_survives_upkeep(world: World, new_lake: Lake) -> None:
    """A transaction's files stay as long as a transaction may last."""
    session, reader = world.session(), world.session()
    transact(session, new_lake.create(), new_lake.insert())
    reader.begin(read_only=True)
    assert rows(reader, new_lake.read()) == [(1, "one")]
    for number in range(8):
        transact(session, new_lake.insert(f"({number}, 'x')"))
    transact(session, new_lake.delete("a = 1"))
    world.engine.maintain(new_lake.id)
    assert rows(reader, new_lake.read()) == [(1, "one")]
    reader.commit()


def test_a_retention_shorter_than_two_transactions_is_refused(world: World) -> None:
    """Expiry that could meet an open transaction cannot be configured."""
    with pytest.raises(ValueError, match="twice"):
        EngineSettings(world.directory / "lakes", max_transaction=10, retention=19)


def test_a_writer_whose_conflict_was_expired_away_still_fails(world: World, new_lake: Lake) -> None:
    """Where even DuckLake would let a stale write corrupt the lake, our check refuses it."""
    one, two, other = world.session(), world.session(), new_lake.other()
    transact(one, new_lake.create(), new_lake.insert(), other.create())
    one.begin()
    assert rows(one, new_lake.read()) == [(1, "one")]
    transact(two, new_lake.update("SET b = 'theirs'"))
    transact(two, other.insert())
    _expire_all_but_the_newest(world, new_lake)
    with pytest.raises(SerializationFailure):
        one.run(new_lake.update("SET b = 'mine'"))
    one.rollback()
    assert rows(one, new_lake.read()) == [(1, "theirs")]


def test_without_the_check_such_a_write_corrupts(world: World, new_lake: Lake) -> None:
    """The guard's reason, on a bare DuckDB: the row is there twice. If not, DuckLake changed."""
    bare = world.bare(new_lake)
    two, other = world.session(), new_lake.other()
    transact(two, new_lake.create(), new_lake.insert(), other.create())
    bare.execute("BEGIN")
    assert bare.execute(f"SELECT a FROM {new_lake.name}").fetchall() == [(1,)]
    transact(two, new_lake.update("SET b = 'theirs'"))
    transact(two, other.insert())
    _expire_all_but_the_newest(world, new_lake)
    bare.execute(f"UPDATE {new_lake.name} SET b = 'mine'")
    bare.execute("COMMIT")
    found = bare.execute(f"SELECT a FROM {new_lake.name} ORDER BY a").fetchall()
    bare.close()
    assert found == [(1,), (1,)]
