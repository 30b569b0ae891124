"""What drivers take for granted of a PostgreSQL server, beside what each of them sends."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import psycopg
import pytest
import redshift_connector

from tests.node.conftest import Connect
from tests.node.running import PASSWORD, RunningNode

pytestmark = pytest.mark.server


@pytest.fixture
def driver(node: RunningNode) -> Iterator[Any]:
    """A connection of Amazon's own driver, in its own transaction."""
    host, port = node.endpoint("sales")
    way = {"host": host, "port": port, "database": "dev", "user": "admin", "password": PASSWORD}
    with redshift_connector.connect(**way, ssl=False) as connection:
        yield connection
        connection.rollback()


def test_a_declared_numeric_keeps_its_digits(driver: Any, name: str) -> None:
    """A Decimal parameter is not rounded, in a column, in a comparison and alone."""
    with driver.cursor() as cursor:
        cursor.execute(f"CREATE TABLE {name} (n decimal(8,2))")
        cursor.execute(f"INSERT INTO {name} VALUES (%s)", (Decimal("1.50"),))
        cursor.execute(f"SELECT n, %s FROM {name}", (Decimal("-0.125"),))
        assert list(cursor.fetchone()) == [Decimal("1.50"), Decimal("-0.125")]
        cursor.execute(f"SELECT count(*) FROM {name} WHERE n < %s", (Decimal("1.505"),))
        assert cursor.fetchone()[0] == 1


def test_a_refused_parse_leaves_no_statement(driver: Any) -> None:
    """The driver gives the next statement the name of the refused one, and it runs."""
    with driver.cursor() as cursor:
        for column in ("nothing", "nothing_else"):
            with pytest.raises(redshift_connector.ProgrammingError) as refused:
                cursor.execute(f"SELECT {column} FROM pg_namespace")
            assert refused.value.args[0]["C"] == "42703"
            driver.rollback()
        cursor.execute("SELECT 1")
        assert list(cursor.fetchone()) == [1]


def test_settings_of_the_startup_packet(node: RunningNode, name: str, connect: Connect) -> None:
    """A search_path in `options` is the session's, and what cannot be set ends the connection."""
    connect("sales").execute(f"CREATE SCHEMA {name}")
    host, port = node.endpoint("sales")
    way = f"host={host} port={port} dbname=dev user=admin password={PASSWORD}"
    with psycopg.connect(way, options=f"-csearch_path={name},public") as connection:
        for reset in ("SET search_path TO public", "RESET ALL"):
            assert connection.execute("SELECT current_schema()").fetchone() == (name,)
            connection.execute(reset)
            connection.execute("RESET search_path")
    for options in ("-cserver_version=9", "-h"):
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(way, options=options)


def test_a_cursor_with_parameters(name: str, connect: Connect) -> None:
    """DECLARE by the extended protocol takes its query's parameters; in a text it has none."""
    connect("sales").execute(f"CREATE TABLE {name} AS SELECT 1 AS i UNION SELECT 2 UNION SELECT 3")
    connection = connect("sales")
    with connection.transaction():
        for binary in (False, True):
            with connection.cursor("named", binary=binary) as cursor:
                cursor.execute(f"SELECT i FROM {name} WHERE i < %s ORDER BY i", (3,))
                assert [cursor.fetchone(), *cursor] == [(1,), (2,)]
    with pytest.raises(psycopg.errors.UndefinedParameter), connection.transaction():
        connection.execute(f"DECLARE c CURSOR FOR SELECT i FROM {name} WHERE i < $1")
