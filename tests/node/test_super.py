"""SUPER values through a share and through prepared statements."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from tests.node.conftest import Connect
from tests.node.running import RunningNode

pytestmark = pytest.mark.server

SUPER = 4000


@pytest.fixture(name="shared")
def _shared(
    node: RunningNode, name: str, connect: Connect
) -> tuple[psycopg.Connection[Any], psycopg.Connection[Any], str]:
    """A table with a SUPER column, shared within an account with writes."""
    producer, consumer = connect("sales"), connect("finance")
    for sql in (
        f"CREATE TABLE public.s_{name} (i integer, v super)",
        f"""INSERT INTO s_{name} VALUES (1, JSON_PARSE('{{"a":[1, 2.50], "b":"x"}}'))""",
        f"CREATE DATASHARE {name}",
        f"GRANT USAGE ON SCHEMA public TO DATASHARE {name}",
        f"GRANT SELECT, INSERT ON TABLE public.s_{name} TO DATASHARE {name}",
        f"GRANT USAGE ON DATASHARE {name} TO NAMESPACE '{node.guid('finance')}'",
    ):
        producer.execute(sql)
    consumer.execute(
        f"CREATE DATABASE d_{name} FROM DATASHARE {name} OF NAMESPACE '{node.guid('sales')}'"
    )
    return producer, consumer, f"d_{name}.public.s_{name}"


def test_a_consumer_navigates_what_is_shared(
    shared: tuple[psycopg.Connection[Any], psycopg.Connection[Any], str],
) -> None:
    """The digits and the types are the producer's."""
    _, consumer, table = shared
    cursor = consumer.execute(f"SELECT v, t.v.a[1], x FROM {table} t, t.v.a x ORDER BY x")
    assert [column.type_code for column in cursor.description or ()] == [SUPER] * 3
    assert cursor.fetchall() == [
        ('{"a":[1,2.50],"b":"x"}', "2.50", "1"),
        ('{"a":[1,2.50],"b":"x"}', "2.50", "2.50"),
    ]


def test_a_consumer_writes_documents(
    shared: tuple[psycopg.Connection[Any], psycopg.Connection[Any], str],
) -> None:
    """JSON_PARSE through a share with writes; the producer reads what was written."""
    producer, consumer, table = shared
    consumer.execute(f"""INSERT INTO {table} SELECT 2, JSON_PARSE('{{"c": 1.10}}')""")
    consumer.execute(f"INSERT INTO {table} VALUES (3, 'plain')")
    local = table.rpartition(".")[2]
    rows = producer.execute(f"SELECT i, v FROM {local} WHERE i > 1 ORDER BY i").fetchall()
    assert rows == [(2, '{"c":1.10}'), (3, '"plain"')]


def test_parameters_are_strings_of_a_super_value(connect: Connect, name: str) -> None:
    """A parameter in a SUPER's place is a string; JSON_PARSE takes one as a document."""
    connection = connect("sales")
    connection.execute(f"CREATE TABLE p_{name} (i integer, v super)")
    connection.execute(f"INSERT INTO p_{name} VALUES (%s, %s)", (1, '{"a":1}'))
    connection.execute(f"INSERT INTO p_{name} VALUES (%s, JSON_PARSE(%s))", (2, '{"a":1}'))
    rows = connection.execute(f"SELECT i, v FROM p_{name} ORDER BY i").fetchall()
    assert rows == [(1, '"{\\"a\\":1}"'), (2, '{"a":1}')]
    found = connection.execute(f"SELECT i FROM p_{name} WHERE v = %s", ('{"a":1}',)).fetchall()
    assert found == [(1,)]
    found = connection.execute(f"SELECT i FROM p_{name} t WHERE t.v.a = %s", (1,)).fetchall()
    assert found == [(2,)]
