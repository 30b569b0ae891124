"""What needs two sessions, a share or a crash: temporary tables, identities, views, functions."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.node.conftest import Connect
from tests.node.running import RunningNode
from tests.node.test_sharing import one, refusal

pytestmark = pytest.mark.server

Sql = psycopg.Connection[Any]


def both(node: RunningNode, name: str, connect: Connect) -> tuple[Sql, Sql]:
    """A share of `sales` with the schema s_<name>, used by `finance` as d_<name>."""
    producer, consumer = connect("sales"), connect("finance")
    for sql in (
        f"CREATE SCHEMA s_{name}",
        f"CREATE TABLE s_{name}.base (a integer, b varchar(10))",
        f"INSERT INTO s_{name}.base VALUES (1, 'x'), (2, 'y')",
        f"CREATE DATASHARE {name}",
        f"ALTER DATASHARE {name} ADD SCHEMA s_{name}",
        f"GRANT USAGE ON DATASHARE {name} TO NAMESPACE '{node.guid('finance')}'",
    ):
        producer.execute(sql)
    consumer.execute(
        f"CREATE DATABASE d_{name} FROM DATASHARE {name} OF NAMESPACE '{node.guid('sales')}'"
    )
    return producer, consumer


def test_a_materialized_view_through_a_share(
    node: RunningNode, name: str, connect: Connect
) -> None:
    """Its stored result is shared without its table, and is the producer's to refresh."""
    producer, consumer = both(node, name, connect)
    view = f"s_{name}.sums"
    producer.execute(f"CREATE MATERIALIZED VIEW {view} AS SELECT sum(a) AS s FROM s_{name}.base")
    producer.execute(f"ALTER DATASHARE {name} ADD TABLE {view}")
    objects = (
        "SELECT object_type, object_name FROM svv_datashare_objects "
        f"WHERE share_name = '{name}' AND object_type <> 'schema'"
    )
    assert consumer.execute(objects).fetchall() == [("materialized view", view)]
    read = f"SELECT s FROM d_{name}.{view}"
    assert one(consumer, read) == 3
    producer.execute(f"INSERT INTO s_{name}.base VALUES (10, 'z')")
    assert one(consumer, read) == 3
    producer.execute(f"REFRESH MATERIALIZED VIEW {view}")
    assert one(consumer, read) == 13
    refused = refusal(consumer, f"REFRESH MATERIALIZED VIEW d_{name}.{view}")
    assert refused == ("0A000", "Operation is not supported through datashares")
    hidden = refusal(consumer, f"SELECT * FROM d_{name}.s_{name}.base")
    assert hidden[0] == "42P01"
    producer.execute(f"DROP MATERIALIZED VIEW {view}")
    assert refusal(consumer, read)[0] == "42P01"


def test_a_materialized_view_over_shared_data(
    node: RunningNode, name: str, connect: Connect
) -> None:
    """A consumer keeps a result of its own, refreshed while the share is there."""
    producer, consumer = both(node, name, connect)
    producer.execute(f"ALTER DATASHARE {name} ADD TABLE s_{name}.base")
    consumer.execute(
        f"CREATE MATERIALIZED VIEW mine_{name} AS SELECT a FROM d_{name}.s_{name}.base"
    )
    producer.execute(f"DELETE FROM s_{name}.base WHERE a = 1")
    assert one(consumer, f"SELECT count(*) FROM mine_{name}") == 2
    consumer.execute(f"REFRESH MATERIALIZED VIEW mine_{name}")
    assert one(consumer, f"SELECT count(*) FROM mine_{name}") == 1
    producer.execute(f"REVOKE USAGE ON DATASHARE {name} FROM NAMESPACE '{node.guid('finance')}'")
    gone = "The requested data share doesn't exist or is not accessible."
    assert refusal(consumer, f"REFRESH MATERIALIZED VIEW mine_{name}")[1] == gone
    assert one(consumer, f"SELECT count(*) FROM mine_{name}") == 1


def test_a_function_through_a_share(node: RunningNode, name: str, connect: Connect) -> None:
    """A consumer calls what was added, by three parts; what was not added is not there."""
    producer, consumer = both(node, name, connect)
    for function in ("shared", "kept"):
        producer.execute(
            f"CREATE FUNCTION s_{name}.f_{function} (int) RETURNS int IMMUTABLE "
            "AS $$ SELECT $1 * 2 $$ LANGUAGE sql"
        )
    producer.execute(f"ALTER DATASHARE {name} ADD FUNCTION s_{name}.f_shared(int)")
    objects = (
        "SELECT object_name FROM svv_datashare_objects "
        f"WHERE share_name = '{name}' AND object_type = 'function'"
    )
    assert one(consumer, objects) == f"s_{name}.f_shared(integer)"
    call = f"SELECT d_{name}.s_{name}.f_shared(21)"
    assert one(consumer, call) == 42
    assert refusal(consumer, f"SELECT d_{name}.s_{name}.f_kept(1)")[0] == "42883"
    again = refusal(producer, f"ALTER DATASHARE {name} ADD FUNCTION s_{name}.f_shared(int)")
    assert again[0] == "42710"
    producer.execute(
        f"CREATE FUNCTION s_{name}.f_nested (int) RETURNS int IMMUTABLE "
        f"AS $$ SELECT s_{name}.f_kept($1) $$ LANGUAGE sql"
    )
    nested = refusal(producer, f"ALTER DATASHARE {name} ADD FUNCTION s_{name}.f_nested(int)")
    assert nested[0] == "0A000"
    producer.execute(f"ALTER DATASHARE {name} REMOVE FUNCTION s_{name}.f_shared(int)")
    assert refusal(consumer, call)[0] == "42883"
    producer.execute(f"ALTER DATASHARE {name} ADD FUNCTION s_{name}.f_shared(int)")
    producer.execute(f"DROP FUNCTION s_{name}.f_shared(int)")
    assert refusal(consumer, call)[0] == "42883"


def test_an_external_schema_over_a_share(node: RunningNode, name: str, connect: Connect) -> None:
    """Two parts reach the share; without access it stays and is refused, and can be dropped."""
    producer, consumer = both(node, name, connect)
    producer.execute(f"ALTER DATASHARE {name} ADD TABLE s_{name}.base")
    create = f"CREATE EXTERNAL SCHEMA x_{name} FROM REDSHIFT DATABASE 'd_{name}' SCHEMA 's_{name}'"
    assert consumer.execute(create).statusmessage == "CREATE SCHEMA"
    assert refusal(consumer, create) == ("42P06", f'Schema "x_{name}" already exists')
    assert one(consumer, f"SELECT count(*) FROM x_{name}.base") == 2
    consumer.execute(f"CREATE USER u_{name} PASSWORD 'Secret1234'")
    user = connect("finance", user=f"u_{name}", password="Secret1234")
    assert refusal(user, f"SELECT count(*) FROM x_{name}.base")[0] == "42501"
    consumer.execute(f"GRANT USAGE ON SCHEMA x_{name} TO u_{name}")
    consumer.execute(f"GRANT USAGE ON DATABASE d_{name} TO u_{name}")
    assert one(user, f"SELECT count(*) FROM x_{name}.base") == 2
    producer.execute(f"REVOKE USAGE ON DATASHARE {name} FROM NAMESPACE '{node.guid('finance')}'")
    gone = "The requested data share doesn't exist or is not accessible."
    assert refusal(consumer, f"SELECT count(*) FROM x_{name}.base")[1] == gone
    assert consumer.execute(f"DROP SCHEMA x_{name}").statusmessage == "DROP SCHEMA"


def test_a_temporary_table_is_its_sessions_own(name: str, connect: Connect) -> None:
    """Another session neither reads nor sees it, and may have one of the same name."""
    mine, other = connect("sales"), connect("sales")
    mine.execute(f"CREATE TEMP TABLE t_{name} (a integer)")
    mine.execute(f"INSERT INTO t_{name} VALUES (1)")
    assert refusal(other, f"SELECT * FROM t_{name}")[0] == "42P01"
    schema = f"SELECT schema_name FROM svv_all_tables WHERE table_name = 't_{name}'"
    hidden = one(mine, schema)
    assert refusal(other, f"SELECT * FROM {hidden}.t_{name}")[0] == "3F000"
    assert other.execute(schema).fetchall() == []
    other.execute(f"CREATE TEMP TABLE t_{name} (b varchar(5))")
    other.execute(f"INSERT INTO t_{name} VALUES ('x'), ('y')")
    assert one(mine, f"SELECT count(*) FROM t_{name}") == 1
    assert one(other, f"SELECT count(*) FROM t_{name}") == 2
    mine.execute(f"CREATE DATASHARE {name}")
    mine.execute(f"ALTER DATASHARE {name} ADD SCHEMA public")
    assert refusal(mine, f"ALTER DATASHARE {name} ADD TABLE t_{name}")[0] == "0A000"


def test_a_temporary_table_ends_with_its_session(name: str, connect: Connect) -> None:
    """The next session does not find it, and the name is free."""
    first = connect("sales")
    first.execute(f"CREATE TABLE #t_{name} (a integer)")
    first.close()
    second = connect("sales")
    assert refusal(second, f"SELECT * FROM #t_{name}")[0] == "42P01"
    second.execute(f"CREATE TABLE #t_{name} (a integer)")


def test_a_stage_is_merged_in_one_transaction(name: str, connect: Connect) -> None:
    """The usual upsert: a temporary stage and a permanent table commit together."""
    session, other = connect("sales"), connect("sales")
    session.execute(f"CREATE TABLE p_{name} (id integer, v varchar(10))")
    session.execute(f"INSERT INTO p_{name} VALUES (1, 'old'), (2, 'old')")
    for sql in (
        "BEGIN",
        f"CREATE TEMP TABLE stage_{name} (LIKE p_{name})",
        f"INSERT INTO stage_{name} VALUES (2, 'new'), (3, 'new')",
        f"DELETE FROM p_{name} USING stage_{name} s WHERE p_{name}.id = s.id",
        f"INSERT INTO p_{name} SELECT * FROM stage_{name}",
        f"DROP TABLE stage_{name}",
    ):
        session.execute(sql)
    assert one(other, f"SELECT count(*) FROM p_{name}") == 2
    session.execute("COMMIT")
    rows = other.execute(f"SELECT id, v FROM p_{name} ORDER BY id").fetchall()
    assert rows == [(1, "old"), (2, "new"), (3, "new")]


def test_temporary_tables_beside_a_shared_database(
    node: RunningNode, name: str, connect: Connect
) -> None:
    """Connected to a shared database, and after USE, a session has temporary tables too."""
    producer, consumer = both(node, name, connect)
    producer.execute(f"ALTER DATASHARE {name} ADD TABLE s_{name}.base")
    direct = connect("finance", f"d_{name}")
    direct.execute(f"CREATE TEMP TABLE t_{name} AS SELECT a FROM s_{name}.base")
    assert one(direct, f"SELECT count(*) FROM t_{name}") == 2
    consumer.execute(f"USE d_{name}")
    consumer.execute("CREATE TEMP TABLE u (a integer)")
    consumer.execute("INSERT INTO u VALUES (7)")
    assert one(consumer, "SELECT a FROM u") == 7


def test_identity_under_two_writers(name: str, connect: Connect) -> None:
    """Two sessions that insert never get the same value; who read before may be told to retry."""
    first, second = connect("sales"), connect("sales")
    table = f"i_{name}"
    first.execute(f"CREATE TABLE {table} (id integer IDENTITY(1, 1), who varchar(10))")
    for _ in range(3):
        first.execute(f"INSERT INTO {table} (who) VALUES ('first'), ('first')")
        second.execute(f"INSERT INTO {table} (who) VALUES ('second')")
    distinct = f"SELECT count(*), count(DISTINCT id) FROM {table}"
    assert first.execute(distinct).fetchall() == [(9, 9)]
    second.execute("BEGIN")
    assert one(second, f"SELECT count(*) FROM {table}") == 9
    first.execute(f"INSERT INTO {table} (who) VALUES ('first')")
    refused = refusal(second, f"INSERT INTO {table} (who) VALUES ('second')")
    assert refused[0] == "40001"
    second.execute("ROLLBACK")
    second.execute(f"INSERT INTO {table} (who) VALUES ('second')")
    assert first.execute(distinct).fetchall() == [(11, 11)]


def test_a_view_keeps_what_it_was_made_of(name: str, connect: Connect) -> None:
    """Swapping tables by renaming, as dbt does, moves no bound view to another table."""
    session = connect("sales")
    for sql in (
        f"CREATE TABLE m_{name} AS SELECT 'old' AS v",
        f"CREATE VIEW v_{name} AS SELECT v FROM m_{name}",
        f"CREATE TABLE m_{name}__tmp AS SELECT 'new' AS v",
        "BEGIN",
        f"ALTER TABLE m_{name} RENAME TO m_{name}__backup",
        f"ALTER TABLE m_{name}__tmp RENAME TO m_{name}",
        "COMMIT",
    ):
        session.execute(sql)
    assert one(session, f"SELECT v FROM m_{name}") == "new"
    assert one(session, f"SELECT v FROM v_{name}") == "old"
    assert refusal(session, f"DROP TABLE m_{name}__backup")[0] == "2BP01"
    session.execute(f"DROP TABLE m_{name}__backup CASCADE")
    assert refusal(session, f"SELECT v FROM v_{name}")[0] == "42P01"


@pytest.mark.crash
def test_a_killed_node_leaves_no_temporary_table(tmp_path: Path) -> None:
    """What a session had when its node was killed is out of the lake once the node serves again."""
    node = RunningNode(tmp_path).start()
    try:
        session = node.connect("sales")
        session.execute("CREATE TEMP TABLE t (a integer)")
        session.execute("INSERT INTO t VALUES (1)")
        assert len(_lake_tables(tmp_path, "s_")) == 1
        node.kill()
        session.close()
        node.start()
        assert _lake_tables(tmp_path, "s_") == []
        with node.connect("sales") as another:
            assert refusal(another, "SELECT * FROM t")[0] == "42P01"
    finally:
        node.stop()


def test_a_session_takes_its_tables_along(tmp_path: Path) -> None:
    """At the end of a session its tables are dropped from the lake."""
    node = RunningNode(tmp_path).start()
    try:
        session = node.connect("sales")
        session.execute("CREATE TEMP TABLE t AS SELECT 1 AS a")
        assert len(_lake_tables(tmp_path, "s_")) == 1
        session.close()
        deadline = time.monotonic() + 60
        while _lake_tables(tmp_path, "s_") and time.monotonic() < deadline:
            time.sleep(0.1)
        assert _lake_tables(tmp_path, "s_") == []
    finally:
        node.stop()


def _lake_tables(directory: Path, prefix: str) -> list[str]:
    """The tables in all lakes of a node whose names begin so, asked of its PostgreSQL."""
    home = directory / "state" / "postgres"
    lines = (home / "data" / "postmaster.pid").read_text().splitlines()
    password = (home / "password").read_text().strip()
    server: dict[str, Any] = {"host": lines[4], "user": "redshare", "password": password}
    found: list[str] = []
    with psycopg.connect(dbname="postgres", **server) as connection:
        query = "SELECT datname FROM pg_database WHERE datname LIKE 'lake\\_%'"
        names = [row[0] for row in connection.execute(query)]
    for name in names:
        with psycopg.connect(dbname=name, **server) as connection:
            tables = "SELECT table_name FROM ducklake_table WHERE end_snapshot IS NULL"
            found += [row[0] for row in connection.execute(tables) if row[0].startswith(prefix)]
    return found
