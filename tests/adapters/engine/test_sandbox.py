"""What a worker cannot reach even if its SQL tries: files, databases, environment, settings."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from redshare.adapters.engine.worker.sandbox import landlock_version
from redshare.core.plan import EnginePlan, LakeUse
from redshare.core.sql_errors import SqlError
from tests.adapters.engine.lake import Lake, World, rows, transact

pytestmark = pytest.mark.server
needs_landlock = pytest.mark.skipif(landlock_version() == 0, reason="the kernel has no Landlock")


def _file(world: World, lake: Lake) -> Path:
    return next((world.directory / "lakes" / lake.id / "main" / lake.table).iterdir())


def _parquet(world: World, lake: Lake, use: LakeUse) -> EnginePlan:
    return EnginePlan(f"SELECT count(*) FROM read_parquet('{_file(world, lake)}')", (use,))


@pytest.mark.parametrize("landlock", [pytest.param(True, marks=needs_landlock), False])
def test_another_lakes_files_are_out_of_reach(world: World, lake: Lake, landlock: bool) -> None:
    """A worker given one lake reads its files and no other's, by the kernel or by DuckDB."""
    other = world.lake()
    transact(world.session(), lake.create(), lake.insert())
    transact(world.session(), other.create(), other.insert())
    engine = world.another(landlock=landlock)
    try:
        session = world.apart(engine)
        use = LakeUse(lake.id, may_write=False)
        assert rows(session, lake.read()) == [(1, "one")]
        assert rows(session, _parquet(world, lake, use)) == [(1,)]
        with pytest.raises(SqlError):
            rows(session, _parquet(world, other, use))
        with pytest.raises(SqlError):
            rows(session, EnginePlan("SELECT * FROM read_text('/etc/passwd')"))
    finally:
        world.close_sessions()
        engine.close()


@needs_landlock
def test_a_reader_of_one_table_reads_no_other_of_the_lake(world: World, lake: Lake) -> None:
    """The tables of a use narrow the files; rows added later are still read."""
    hidden = lake.other()
    transact(world.session(), lake.create(), hidden.create(), hidden.insert())
    session = world.apart()
    use = LakeUse(lake.id, may_write=False, tables=frozenset({lake.table}))
    assert rows(session, lake.read(tables=frozenset({lake.table}))) == []
    transact(world.session(), lake.insert())
    assert rows(session, lake.read(tables=frozenset({lake.table}))) == [(1, "one")]
    with pytest.raises(SqlError):
        rows(session, EnginePlan(f"SELECT * FROM {hidden.name}", (use,)))
    wider = frozenset({lake.table, hidden.table})
    assert rows(session, hidden.read(tables=wider)) == [(1, "one")]


@needs_landlock
def test_a_reader_cannot_change_a_file(world: World, lake: Lake) -> None:
    """Not even by COPY over a file it may read."""
    transact(world.session(), lake.create(), lake.insert())
    session = world.apart()
    target = lake.insert().targets
    plan = EnginePlan(
        f"COPY (SELECT 2 AS a) TO '{_file(world, lake)}' (FORMAT parquet)",
        (LakeUse(lake.id, may_write=True),),
        target,
        returns_rows=False,
    )
    reader = EnginePlan(plan.sql, (LakeUse(lake.id, may_write=False),), returns_rows=False)
    with pytest.raises(SqlError):
        session.run(reader)
    assert rows(session, lake.read()) == [(1, "one")]


def test_a_worker_has_nothing_of_the_nodes_environment(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Keys and tokens of the node are not inherited."""
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hidden")
    session = world.apart()
    rows(session, EnginePlan("SELECT 1"))
    (process,) = world.engine.processes(session._warehouse._spec.warehouse_id)
    names = {
        entry.partition("=")[0]
        for entry in Path(f"/proc/{process}/environ").read_text().split("\0")
        if entry
    }
    assert names <= {"PATH", "LD_LIBRARY_PATH", "HOME", "TMPDIR", "LANG", "TZ", "LC_CTYPE"}
    command = Path(f"/proc/{process}/cmdline").read_text()
    assert "password" not in command
    limits = Path(f"/proc/{process}/limits").read_text()
    assert "Max core file size        0 " in limits


@pytest.mark.parametrize(
    "sql", ["SET memory_limit = '1TB'", "SET lock_configuration = false", "SET threads = 99"]
)
def test_settings_are_locked(world: World, lake: Lake, sql: str) -> None:
    """Even a plan that names a target cannot change them."""
    transact(world.session(), lake.create())
    session = world.session()
    session.begin()
    with pytest.raises(SqlError, match=r"(?i)lock"):
        session.run(EnginePlan(sql, lake.insert().lakes, lake.insert().targets, returns_rows=False))
    session.rollback()


def test_a_reading_worker_connects_with_a_role_that_cannot_write(
    world: World, new_lake: Lake
) -> None:
    """SELECT works, INSERT fails in PostgreSQL; another lake's database refuses the role."""
    other = world.lake()
    lakes = world.engine._lakes
    user = f"lake_{new_lake.id}_ro"
    password = lakes._password(user)
    url = world.postgres.url(f"lake_{new_lake.id}")
    with psycopg.connect(url, user=user, password=password, autocommit=True) as connection:
        assert connection.execute("SELECT count(*) FROM ducklake_snapshot").fetchone() == (1,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("DELETE FROM ducklake_snapshot")
    with pytest.raises(psycopg.OperationalError, match="permission denied"):
        psycopg.connect(world.postgres.url(f"lake_{other.id}"), user=user, password=password)


def test_secrets_are_the_owners_alone(world: World, lake: Lake) -> None:
    """The key beside the data and a worker's private directory are closed to others."""
    session = world.apart()
    transact(session, lake.create())
    private = session._link.worker.private
    for path, mode in (
        (world.directory / "lakes" / ".key", 0o600),
        (private / "passfile", 0o600),
        (private, 0o700),
    ):
        assert path.stat().st_mode & 0o777 == mode
