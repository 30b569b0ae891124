"""The audit's rows of statements on schemas, tables, views, functions, policies and privileges."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from redshare.adapters.postgres import AttachedPostgres
from redshare.bootstrap import CONTROL_DATABASE
from tests.node.conftest import Connect
from tests.node.running import PASSWORD, PRODUCER, REGION, RunningNode

pytestmark = pytest.mark.server

#: An event's name, the end of its resource's ARN, and its error.
Row = tuple[str, str, str]


class Rows:
    """The rows that one session of `sales` leaves; others write to the same audit."""

    def __init__(self, node: RunningNode, connection: psycopg.Connection[Any]) -> None:
        url = AttachedPostgres(node.directory / "state" / "postgres").url(CONTROL_DATABASE)
        self._store = psycopg.connect(url, autocommit=True)
        self._session = str(connection.info.backend_pid)
        self._guid, self._seen = node.guid("sales"), 0
        self.connection = connection
        self.said: Any = None

    def new(self) -> list[Row]:
        """Those since the last look; `said` is the last one's statement."""
        found = self._store.execute(
            "SELECT sequence, body FROM audit WHERE sequence > %s"
            " AND body->'parameters'->>'sessionId' = %s ORDER BY sequence",
            (self._seen, self._session),
        ).fetchall()
        for sequence, body in found:
            self._seen, self.said = sequence, body["parameters"].get("statement")
        return [self._row(body) for _, body in found]

    def _row(self, body: dict[str, Any]) -> Row:
        where = f"arn:aws:redshift:{REGION}:{PRODUCER}:"
        assert body["resource"].startswith(where)
        resource = body["resource"].removeprefix(where).replace(f":{self._guid}/", " ")
        return body["action"].removeprefix("redshift:"), resource, body["error"]

    def of(self, sql: str) -> list[Row]:
        """Of a statement that may fail."""
        told = ""
        try:
            self.connection.execute(sql)  # type: ignore[call-overload]
        except psycopg.Error as error:
            told = error.diag.sqlstate or ""
        found = self.new()
        assert {row[2] for row in found} <= {told}, sql
        return found

    def close(self) -> None:
        self._store.close()


@pytest.fixture
def rows(node: RunningNode, connect: Connect, name: str) -> Iterator[Rows]:
    connection = connect("sales")
    connection.execute(f"CREATE SCHEMA {name}")  # type: ignore[call-overload]
    connection.execute(f"SET search_path TO {name}, public")  # type: ignore[call-overload]
    made = Rows(node, connection)
    made.new()
    yield made
    made.close()


def test_each_statement_leaves_its_row(rows: Rows, name: str) -> None:
    """One a statement, with the object's full name and the statement's own words."""
    other, table = f"{name}_o", f"table dev/{name}/t"
    role, user = f"{name}_r", f"{name}_u"
    rows.connection.execute(f"CREATE ROLE {role}; CREATE USER {user} PASSWORD '{PASSWORD}'")  # type: ignore[call-overload]
    rows.new()
    expected: list[tuple[str, str, str]] = [
        (f"CREATE SCHEMA {other} QUOTA 5 GB", "CreateSchema", f"schema dev/{other}"),
        (f"ALTER SCHEMA {other} OWNER TO {user}", "AlterSchema", f"schema dev/{other}"),
        ("CREATE TABLE t (i integer, s varchar(20))", "CreateTable", table),
        ("CREATE TABLE IF NOT EXISTS t (i integer)", "CreateTable", table),
        ("CREATE TABLE c AS SELECT i FROM t", "CreateTable", f"table dev/{name}/c"),
        ("SELECT i INTO p FROM t", "CreateTable", f"table dev/{name}/p"),
        ("CREATE VIEW v AS SELECT i FROM t", "CreateView", f"view dev/{name}/v"),
        ("CREATE OR REPLACE VIEW v AS SELECT i FROM t", "CreateView", f"view dev/{name}/v"),
        (
            "CREATE MATERIALIZED VIEW m AS SELECT i FROM t",
            "CreateMaterializedView",
            f"view dev/{name}/m",
        ),
        (
            "CREATE FUNCTION f(integer) RETURNS integer IMMUTABLE AS $$ SELECT $1 $$ LANGUAGE sql",
            "CreateFunction",
            f"function dev/{name}/f",
        ),
        ("ALTER TABLE t ADD COLUMN d date", "AlterTable", table),
        ("ALTER TABLE t RENAME TO t2", "AlterTable", table),
        (f"ALTER TABLE {name}.t2 RENAME TO t", "AlterTable", f"table dev/{name}/t2"),
        (f"ALTER TABLE t OWNER TO {user}", "AlterTable", table),
        ("ALTER TABLE c APPEND FROM p", "AlterTable", f"table dev/{name}/c"),
        (
            "ALTER MATERIALIZED VIEW m RENAME TO m2",
            "AlterMaterializedView",
            f"view dev/{name}/m",
        ),
        ("TRUNCATE c", "TruncateTable", f"table dev/{name}/c"),
        ("COMMENT ON TABLE t IS 'x'", "Comment", table),
        ("COMMENT ON COLUMN t.i IS 'x'", "Comment", table),
        (f"COMMENT ON SCHEMA {name} IS 'x'", "Comment", f"schema dev/{name}"),
        (f"GRANT SELECT ON t TO ROLE {role}", "GrantPrivileges", table),
        (f"REVOKE SELECT ON t FROM ROLE {role}", "RevokePrivileges", table),
        (f"GRANT USAGE ON SCHEMA {name} TO {user}", "GrantPrivileges", f"schema dev/{name}"),
        (
            f"GRANT SELECT FOR TABLES IN SCHEMA {name} TO ROLE {role}",
            "GrantPrivileges",
            f"schema dev/{name}",
        ),
        (f"GRANT TEMP ON DATABASE dev TO {user}", "GrantPrivileges", "dbname dev"),
        (
            f"GRANT EXECUTE ON FUNCTION f(integer) TO {user}",
            "GrantPrivileges",
            f"function dev/{name}/f"
        ),
        (
            f"ALTER DEFAULT PRIVILEGES IN SCHEMA {name} GRANT SELECT ON TABLES TO {user}",
            "AlterDefaultPrivileges",
            f"schema dev/{name}",
        ),
        (
            f"CREATE RLS POLICY {name} WITH (i integer) USING (i > 0)",
            "CreateRlsPolicy",
            f"policy dev/{name}",
        ),
        (f"ALTER RLS POLICY {name} USING (i > 1)", "AlterRlsPolicy", f"policy dev/{name}"),
        (
            f"ATTACH RLS POLICY {name} ON t TO ROLE {role}",
            "AttachRlsPolicy",
            f"policy dev/{name}",
        ),
        (
            f"DETACH RLS POLICY {name} ON t FROM ROLE {role}",
            "DetachRlsPolicy",
            f"policy dev/{name}",
        ),
        (
            f"GRANT SELECT ON c TO RLS POLICY {name}",
            "GrantRlsPolicyLookup",
            f"policy dev/{name}",
        ),
        (
            f"REVOKE SELECT ON c FROM RLS POLICY {name}",
            "RevokeRlsPolicyLookup",
            f"policy dev/{name}",
        ),
        (f"DROP RLS POLICY {name}", "DropRlsPolicy", f"policy dev/{name}"),
        (
            f"CREATE MASKING POLICY {name} WITH (s varchar(20)) USING ('x'::varchar(20))",
            "CreateMaskingPolicy",
            f"policy dev/{name}",
        ),
        (f"DROP MASKING POLICY {name}", "DropMaskingPolicy", f"policy dev/{name}"),
        ("DROP FUNCTION f(integer)", "DropFunction", f"function dev/{name}/f"),
        ("DROP VIEW v", "DropView", f"view dev/{name}/v"),
        ("DROP MATERIALIZED VIEW m2", "DropMaterializedView", f"view dev/{name}/m2"),
        ("DROP TABLE c, p", "DropTable", f"table dev/{name}/c"),
        (f"DROP SCHEMA {other}", "DropSchema", f"schema dev/{other}"),
    ]  # fmt: skip
    for sql, event, resource in expected:
        assert rows.of(sql) == [(event, resource, "")], sql


def test_what_a_row_says(rows: Rows, name: str) -> None:
    """Of a table its columns, of a view and a function their text, of a command what was said."""
    rows.of("CREATE TABLE t AS SELECT 1 AS i, 'secret'::varchar(9) AS s")
    assert rows.said == {"name": ["t"], "columns": {"i": "integer", "s": "character varying(9)"}}
    view = f"CREATE VIEW {name}.v AS SELECT i FROM {name}.t"
    rows.of(view)
    assert rows.said == {"name": [name, "v"], "text": view}
    rows.of("ALTER TABLE t DROP COLUMN s")
    assert rows.said == {"name": ["t"], "action": {"dropColumn": {"column": "s"}}}
    rows.of("ALTER TABLE t ROW LEVEL SECURITY OFF")
    assert rows.said["action"] == {"rowLevelSecurity": {"on": False}}
    rows.of(f"GRANT SELECT ON {name}.t TO PUBLIC")
    assert rows.said["objects"] == {"tables": {"names": [[name, "t"]]}}


def test_failed_ones_have_their_sqlstate(rows: Rows, name: str) -> None:
    """Refused at Parse, when bound, by the engine and by privileges; no syntax is no statement."""
    table, new = f"table dev/{name}/t", f"table dev/{name}/n"
    view = [("CreateView", f"view dev/{name}/v", "42703")]
    rows.of("CREATE TABLE t (i integer)")
    assert rows.of("CREATE TABLE t (i integer)") == [("CreateTable", table, "42P07")]
    assert rows.of("CREATE VIEW v AS SELECT no FROM t") == view
    assert rows.of("SELECT no INTO n FROM t") == [("CreateTable", new, "42703")]
    (row,) = rows.of("CREATE TABLE n AS SELECT 1 / (i - i) AS x FROM (SELECT 1 AS i) AS one")
    assert row[:2] == ("CreateTable", new)
    assert rows.of("DROP TABLE none") == [("DropTable", "table dev/none", "42P01")]
    assert rows.of("ALTER TABLE t DROP COLUMN no") == [("AlterTable", table, "42703")]
    with pytest.raises(psycopg.Error):
        rows.connection.execute("CREATE TABLE n (i integer,)")
    assert rows.new() == []
    with pytest.raises(psycopg.Error):
        rows.connection.execute("CREATE VIEW v AS SELECT no FROM t", prepare=True)
    assert rows.new() == view


def test_transactions(rows: Rows, name: str) -> None:
    """What was rolled back leaves nothing; TRUNCATE commits what was before it, and itself."""
    table = f"table dev/{name}/t"
    for sql in ("BEGIN", "CREATE TABLE t (i integer)", "DROP TABLE t", "ROLLBACK"):
        rows.connection.execute(sql)  # type: ignore[call-overload]
    assert rows.new() == []
    rows.connection.execute("BEGIN; CREATE TABLE t (i integer); COMMENT ON TABLE t IS 'x'; COMMIT")
    assert rows.new() == [("CreateTable", table, ""), ("Comment", table, "")]
    for sql in ("BEGIN", "GRANT SELECT ON t TO PUBLIC", "TRUNCATE t", "DROP TABLE t", "ROLLBACK"):
        rows.connection.execute(sql)  # type: ignore[call-overload]
    assert rows.new() == [("GrantPrivileges", table, ""), ("TruncateTable", table, "")]


def test_rows_of_rows_and_temporary_tables_stay_out(rows: Rows) -> None:
    """INSERT, UPDATE, DELETE, REFRESH and the session's own tables leave nothing."""
    rows.of("CREATE TABLE t (i integer)")
    rows.of("CREATE MATERIALIZED VIEW m AS SELECT i FROM t")
    for sql in (
        "INSERT INTO t VALUES (1)",
        "UPDATE t SET i = 2",
        "DELETE FROM t",
        "REFRESH MATERIALIZED VIEW m",
        "VACUUM t",
        "ANALYZE t",
        "CREATE TEMP TABLE a (i integer)",
        "CREATE TABLE #b (i integer)",
        "SELECT i INTO #c FROM t",
        "ALTER TABLE a ADD COLUMN d date",
        "TRUNCATE a",
        "COMMENT ON TABLE a IS 'x'",
        "GRANT SELECT ON a TO PUBLIC",
        "DROP TABLE a, #b",
        "DROP TABLE IF EXISTS #none",
        "EXPLAIN CREATE TABLE e AS SELECT 1 AS i",
    ):
        assert rows.of(sql) == [], sql


def test_a_consumer_leaves_rows_of_what_it_makes_through_a_share(
    node: RunningNode, name: str, connect: Connect
) -> None:
    """In the consumer's account, under its own name of the database; a refusal too."""
    producer, consumer = connect("finance"), connect("sales")
    for sql in (
        f"CREATE SCHEMA {name}",
        f"CREATE DATASHARE {name}",
        f"ALTER DATASHARE {name} ADD SCHEMA {name}",
        f"GRANT USAGE ON DATASHARE {name} TO NAMESPACE '{node.guid('sales')}'",
    ):
        producer.execute(sql)  # type: ignore[call-overload]
    of = f"FROM DATASHARE {name} OF NAMESPACE '{node.guid('finance')}'"
    consumer.execute(f"CREATE DATABASE d_{name} {of}")  # type: ignore[call-overload]
    rows, table = Rows(node, consumer), f"table d_{name}/{name}/t"
    rows.new()
    create = f"CREATE TABLE d_{name}.{name}.t (i integer)"
    assert rows.of(create) == [("CreateTable", table, "42501")]
    producer.execute(f"GRANT CREATE ON SCHEMA {name} TO DATASHARE {name}")  # type: ignore[call-overload]
    assert rows.of(create) == [("CreateTable", table, "")]
    assert rows.of(f"CREATE MATERIALIZED VIEW {name} AS SELECT i FROM d_{name}.{name}.t") == [
        ("CreateMaterializedView", f"view dev/public/{name}", "")
    ]
    rows.close()
