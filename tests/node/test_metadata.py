"""What metadata clients ask for: psql's commands, Amazon's driver, and who may see what."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
import redshift_connector

from tests.node.conftest import Connect
from tests.node.running import PASSWORD, RunningNode

pytestmark = pytest.mark.server

LOCAL = "CREATE TABLE {0} (id integer PRIMARY KEY, label varchar(20) NOT NULL, n numeric(8,2))"
LINES = "CREATE TABLE {0}_lines (line smallint, of_id integer REFERENCES {0} (id))"


def psql(node: RunningNode, name: str, command: str) -> str:
    """The output of an unmodified psql for a command, unaligned."""
    program = shutil.which("psql")
    if program is None:
        pytest.skip("there is no psql")
    host, port = node.endpoint(name)
    arguments = [program, f"host={host} port={port} dbname=dev user=admin sslmode=require"]
    arguments += ["-X", "-A", "-v", "ON_ERROR_STOP=1", "-c", command]
    environment = {**os.environ, "PGPASSWORD": PASSWORD}
    done = subprocess.run(arguments, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def shared(node: RunningNode, name: str, connect: Connect) -> str:
    """A database of `finance` made from a share of two tables of `sales`; a third is not in it."""
    producer, consumer = connect("sales"), connect("finance")
    for statement in (LOCAL, LINES, "CREATE TABLE {0}_secret (id integer REFERENCES {0} (id))"):
        producer.execute(statement.format(name))
    producer.execute(f"CREATE DATASHARE {name}")
    producer.execute(f"ALTER DATASHARE {name} ADD SCHEMA public")
    producer.execute(f"ALTER DATASHARE {name} ADD TABLE {name}, {name}_lines")
    producer.execute(f"GRANT USAGE ON DATASHARE {name} TO NAMESPACE '{node.guid('finance')}'")
    consumer.execute(f"CREATE DATABASE {name} FROM DATASHARE {name} OF NAMESPACE '{node.guid('sales')}'")  # fmt: skip  # noqa: E501
    return name


@pytest.fixture
def cursor(node: RunningNode) -> Iterator[Any]:
    """A cursor of Amazon's own driver that looks across databases."""
    host, port = node.endpoint("finance")
    way = {"host": host, "port": port, "database": "dev", "user": "admin", "password": PASSWORD}
    connection = redshift_connector.connect(
        **way, ssl=False, database_metadata_current_db_only=False
    )
    connection.autocommit = True
    with connection, connection.cursor() as made:
        yield made


def test_the_driver_lists_catalogs_and_schemas(cursor: Any, shared: str) -> None:
    """get_catalogs and get_schemas show local and shared databases."""
    catalogs = [row[0] for row in cursor.get_catalogs()]
    assert {"dev", shared} <= set(catalogs)
    assert [list(row) for row in cursor.get_schemas(shared)] == [["public", shared]]
    found = [list(row) for row in cursor.get_schemas(None, "pub%")]
    assert ["public", "dev"] in found
    assert ["public", shared] in found


def test_the_driver_lists_the_tables_of_a_share(cursor: Any, shared: str) -> None:
    """get_tables and get_columns show the members of the share, and nothing else of it."""
    tables = cursor.get_tables(shared, "public", "%")
    assert [row[:4] for row in tables] == [
        [shared, "public", shared, "TABLE"],
        [shared, "public", f"{shared}_lines", "TABLE"],
    ]
    columns = cursor.get_columns(shared, "public", shared, "%")
    assert [(row[3], row[5], row[6], row[17]) for row in columns] == [
        ("id", "int4", 10, "NO"),
        ("label", "varchar", 20, "NO"),
        ("n", "numeric", 8, "YES"),
    ]
    some = cursor.get_columns(shared, "public", shared, "l%")
    assert [row[3] for row in some] == ["label"]


def test_the_driver_lists_the_keys_of_a_share(cursor: Any, shared: str) -> None:
    """Primary, imported and exported keys; none to or from a table outside the share."""
    assert [list(row) for row in cursor.get_primary_keys(shared, "public", shared)] == [
        [shared, "public", shared, "id", 1, f"{shared}_pkey"]
    ]
    imported = [list(row) for row in cursor.get_imported_keys(shared, "public", f"{shared}_lines")]
    key = [shared, "public", shared, "id", shared, "public", f"{shared}_lines", "of_id", 1, 3, 3]
    key += [f"{shared}_lines_of_id_fkey", f"{shared}_pkey", 7]
    assert imported == [key]
    assert [list(r) for r in cursor.get_exported_keys(shared, "public", shared)] == [key]
    best = cursor.get_best_row_identifier(shared, "public", shared, 1, True)
    assert [row[1] for row in best] == ["id"]


def test_the_driver_finds_no_routines(cursor: Any, shared: str) -> None:
    """Functions, procedures and their columns are asked for and answered with none."""
    for name in ("get_procedures", "get_functions", "get_procedure_columns"):
        assert len(getattr(cursor, name)(shared)) == 0
    assert len(cursor.get_column_privileges(shared, "public", shared)) == 0


def test_the_driver_reads_grants(node: RunningNode, name: str, connect: Connect) -> None:
    """get_table_privileges lists grants on local tables."""
    connection = connect("finance")
    connection.execute(LOCAL.format(name))
    connection.execute(f"CREATE USER {name}_u PASSWORD '{PASSWORD}'")
    connection.execute(f"GRANT SELECT ON {name} TO {name}_u")
    connection.execute(f"GRANT UPDATE (label) ON {name} TO {name}_u")
    host, port = node.endpoint("finance")
    way = {"host": host, "port": port, "database": "dev", "user": "admin", "password": PASSWORD}
    with redshift_connector.connect(**way, ssl=False) as driver, driver.cursor() as cursor:
        tables = cursor.get_table_privileges("dev", "public", name)
        columns = cursor.get_column_privileges("dev", "public", name)
    assert [row[2:] for row in tables] == [[name, "admin", f"{name}_u", "SELECT", "NO"]]
    assert [row[2:] for row in columns] == [[name, "label", "admin", f"{name}_u", "UPDATE", "NO"]]


def test_identifiers_are_bound(shared: str, connect: Connect) -> None:
    """SHOW takes its names and patterns as parameters, as Amazon's drivers send them."""
    connection = connect("finance")
    found = connection.execute(
        "SHOW TABLES FROM SCHEMA %s.%s LIKE %s", (shared, "public", "%lines")
    )
    assert [row[2] for row in found] == [f"{shared}_lines"]
    found = connection.execute(
        "SHOW COLUMNS FROM DATABASE %s WHERE SCHEMA_NAME LIKE %s AND TABLE_NAME LIKE %s",
        (shared, "pub%", shared),
    )
    assert [row[3] for row in found] == ["id", "label", "n"]
    with pytest.raises(psycopg.errors.InvalidCatalogName):
        connection.execute("SHOW SCHEMAS FROM DATABASE %s", ("nothing_here",))


def test_a_revoked_share_is_gone_from_show(
    node: RunningNode, shared: str, connect: Connect
) -> None:
    """The database stays listed; nothing of the producer is."""
    connect("sales").execute(
        f"REVOKE USAGE ON DATASHARE {shared} FROM NAMESPACE '{node.guid('finance')}'"
    )
    consumer = connect("finance")
    assert len(consumer.execute(f"SHOW DATABASES LIKE '{shared}'").fetchall()) == 1
    assert consumer.execute(f"SHOW SCHEMAS FROM DATABASE {shared}").fetchall() == []
    query = f"SELECT count(*) FROM svv_all_columns WHERE database_name = '{shared}'"
    assert consumer.execute(query).fetchone() == (0,)


def test_psql_describes(node: RunningNode, name: str, connect: Connect) -> None:
    r"""Psql's \d of a table has its columns and keys; \d+ its view's query."""
    connection = connect("sales")
    for statement in (LOCAL, LINES, "CREATE VIEW {0}_v AS SELECT id FROM {0}"):
        connection.execute(statement.format(name))
    assert psql(node, "sales", rf"\d {name}").splitlines() == [
        f'Table "public.{name}"',
        "Column|Type|Collation|Nullable|Default",
        "id|integer||not null|",
        "label|character varying(20)||not null|",
        "n|numeric(8,2)|||",
        "Indexes:",
        f'    "{name}_pkey" PRIMARY KEY, btree (id)',
    ]
    lines = psql(node, "sales", rf"\d {name}_lines")
    assert f'"{name}_lines_of_id_fkey" FOREIGN KEY (of_id) REFERENCES {name}(id)' in lines
    assert f"SELECT id FROM {name};" in psql(node, "sales", rf"\d+ {name}_v")


def test_psql_lists(node: RunningNode, name: str, connect: Connect) -> None:
    r"""\d, \dt, \dv, \dn, \du, \l, \df, \dp list what there is."""
    connection = connect("sales")
    connection.execute(LOCAL.format(name))
    connection.execute(f"CREATE SCHEMA {name}_s")
    connection.execute(f"CREATE VIEW {name}_v AS SELECT id FROM {name}")
    connection.execute(f"CREATE USER {name}_u PASSWORD '{PASSWORD}'")
    connection.execute(f"GRANT SELECT ON {name} TO {name}_u")
    assert f"public|{name}|table|admin" in psql(node, "sales", r"\dt")
    assert f"public|{name}_v|view|admin" in psql(node, "sales", r"\dv")
    listed = psql(node, "sales", r"\d")
    assert f"public|{name}|table|admin" in listed
    assert "pg_class" not in listed
    assert f"{name}_s|admin" in psql(node, "sales", r"\dn")
    assert f"{name}_u||{{}}" in psql(node, "sales", r"\du")
    assert "dev|admin|UTF8" in psql(node, "sales", r"\l")
    assert "(0 rows)" in psql(node, "sales", r"\df")
    assert f"{name}_u=r/admin" in psql(node, "sales", rf"\dp {name}")
    assert "relname|name" in psql(node, "sales", r"\dS pg_class")


def test_an_ordinary_user_sees_what_it_reaches(name: str, connect: Connect) -> None:
    """No catalogue lists a relation on which a user holds nothing, nor another's statements."""
    admin = connect("sales")
    admin.execute(LOCAL.format(name))
    admin.execute(f"CREATE TABLE {name}_open (a integer)")
    admin.execute(f"CREATE VIEW {name}_v AS SELECT id FROM {name}")
    admin.execute(f"CREATE USER {name}_u PASSWORD '{PASSWORD}'")
    admin.execute(f"GRANT SELECT ON {name}_open TO {name}_u")
    user = connect("sales", user=f"{name}_u")
    for query in (
        "SELECT relname FROM pg_class WHERE relname LIKE %s AND relkind <> 'i'",
        "SELECT table_name FROM information_schema.tables WHERE table_name LIKE %s",
        "SELECT table_name FROM svv_all_tables WHERE table_name LIKE %s",
        "SELECT tablename FROM pg_tables WHERE tablename LIKE %s",
        "SELECT DISTINCT table_name FROM svv_columns WHERE table_name LIKE %s",
    ):
        assert user.execute(query, (f"{name}%",)).fetchall() == [(f"{name}_open",)], query
    assert user.execute("SHOW TABLES FROM SCHEMA public LIKE %s", (f"{name}%",)).rowcount == 1
    with pytest.raises(psycopg.errors.UndefinedTable):
        user.execute(f"SHOW COLUMNS FROM TABLE public.{name}")
    with pytest.raises(psycopg.errors.UndefinedTable):
        user.execute("SELECT %s::regclass", (f"public.{name}",))
    assert user.execute("SELECT count(*) FROM pg_constraint").fetchone() == (0,)
    mine = user.execute("SELECT DISTINCT user_id FROM sys_query_history").fetchall()
    assert len(mine) == 1
    assert user.execute("SELECT count(*) FROM svv_table_info").fetchone() == (0,)
    seen = user.execute("SELECT DISTINCT user_name FROM stv_sessions").fetchall()
    assert seen == [(f"{name}_u",)]


def test_statements_are_remembered(name: str, connect: Connect) -> None:
    """Failed statements with their error, transactions with one id, passwords never."""
    connection = connect("sales")
    with pytest.raises(psycopg.errors.DivisionByZero):
        connection.execute(f"SELECT 1 / 0 AS {name}")
    query = (
        "SELECT trim(status), trim(error_message) FROM sys_query_history WHERE query_text LIKE %s"
    )
    found = connection.execute(query, (f"%1 / 0 AS {name}%",)).fetchall()
    assert [row[0] for row in found] == ["failed"]
    assert "zero" in found[0][1].lower()
    connection.execute("BEGIN")
    connection.execute(f"SELECT 1 AS {name}_a")
    connection.execute(f"SELECT 2 AS {name}_b")
    connection.execute("COMMIT")
    query = "SELECT count(*), count(DISTINCT transaction_id) FROM sys_query_history WHERE query_text LIKE %s"  # noqa: E501
    assert connection.execute(query, (f"SELECT _ AS {name}\\_%",)).fetchone() == (2, 1)
    connection.execute(f"CREATE USER {name}_u PASSWORD '{PASSWORD}'")
    query = "SELECT count(*) FROM sys_query_history WHERE query_text LIKE %s"
    assert connection.execute(query, (f"CREATE USER {name}%***%",)).fetchone() == (1,)
    query = "SELECT count(*) FROM sys_query_text WHERE text LIKE %s"
    assert connection.execute(query, (f"CREATE USER {name}%{PASSWORD}%",)).fetchone() == (0,)
