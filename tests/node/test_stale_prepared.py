"""Prepared statements over a share, and DDL between Prepare and Execute."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg import pq

from tests.node.conftest import Connect
from tests.node.running import RunningNode

pytestmark = pytest.mark.server


class Sides:
    """A table of `sales` that `finance` reads and truncates as `name.name.t`."""

    def __init__(self, node: RunningNode, connect: Connect, name: str) -> None:
        self.producer, self.consumer = connect("sales"), connect("finance")
        self.table = f"{name}.{name}.t"
        self.local = f"{name}.t"
        for statement in (
            f"CREATE SCHEMA {name}",
            f"CREATE TABLE {name}.t (i integer)",
            f"INSERT INTO {name}.t VALUES (1), (2)",
            f"CREATE DATASHARE {name}",
            f"ALTER DATASHARE {name} ADD SCHEMA {name}",
            f"GRANT SELECT, INSERT, TRUNCATE, ALTER ON {name}.t TO DATASHARE {name}",
            f"GRANT USAGE ON DATASHARE {name} TO NAMESPACE '{node.guid('finance')}'",
        ):
            self.producer.execute(statement)
        of = f"OF NAMESPACE '{node.guid('sales')}'"
        self.consumer.execute(f"CREATE DATABASE {name} FROM DATASHARE {name} {of}")

    @property
    def stale(self) -> str:
        return (
            f"[Data Sharing] Error Code 34510: Concurrent DDL committed on {self.table} "
            "between Prepare and Execute"
        )


@pytest.fixture
def sides(node: RunningNode, connect: Connect, name: str) -> Iterator[Sides]:
    made = Sides(node, connect, name)
    yield made
    made.producer.rollback()
    made.consumer.rollback()
    made.consumer.execute(f"DROP DATABASE {name}")
    made.producer.execute(f"DROP DATASHARE {name}")
    made.producer.execute(f"DROP SCHEMA {name} CASCADE")


def _parse(connection: psycopg.Connection[Any], name: str, sql: str) -> None:
    result = connection.pgconn.prepare(name.encode(), sql.encode())
    assert result.status == pq.ExecStatus.COMMAND_OK, result.error_message


def _run(connection: psycopg.Connection[Any], name: str) -> tuple[str, str]:
    """SQLSTATE and message, or nothing and the first value."""
    result = connection.pgconn.exec_prepared(name.encode(), None)
    if result.status == pq.ExecStatus.TUPLES_OK:
        return "", (result.get_value(0, 0) or b"").decode()
    told = (pq.DiagnosticField.SQLSTATE, pq.DiagnosticField.MESSAGE_PRIMARY)
    state, message = ((result.error_field(field) or b"").decode() for field in told)
    return state, message


@pytest.mark.scenario(27)
@pytest.mark.parametrize(
    "ddl",
    [
        ("consumer", "TRUNCATE {table}"),
        ("producer", "TRUNCATE {local}"),
        ("consumer", "ALTER TABLE {table} ADD COLUMN j integer"),
        ("producer", "ALTER TABLE {local} RENAME COLUMN i TO k"),
    ],
)
def test_stale_after_ddl(sides: Sides, ddl: tuple[str, str]) -> None:
    """A named statement over a share is refused with 34510 after DDL, until it is parsed again."""
    who, statement = ddl
    count = f"SELECT count(*) FROM {sides.table}"
    _parse(sides.consumer, "s", count)
    sides.consumer.execute(f"PREPARE p AS {count}")
    assert _run(sides.consumer, "s") == ("", "2")
    getattr(sides, who).execute(statement.format(table=sides.table, local=sides.local))
    left = "0" if "TRUNCATE" in statement else "2"
    for _ in range(2):
        assert _run(sides.consumer, "s") == ("XX000", sides.stale)
    with pytest.raises(psycopg.errors.InternalError_) as raised:
        sides.consumer.execute("EXECUTE p")
    assert raised.value.diag.message_primary == sides.stale
    _parse(sides.consumer, "fresh", count)
    assert _run(sides.consumer, "fresh") == ("", left)
    _parse(sides.producer, "own", f"SELECT count(*) FROM {sides.local}")
    assert _run(sides.producer, "own") == ("", left)


def test_what_is_not_stale(sides: Sides, name: str) -> None:
    """Rows, grants, comments, what is rolled back and what is not named make nothing stale."""
    count = f"SELECT count(*) FROM {sides.table}"
    _parse(sides.consumer, "s", count)
    _parse(sides.consumer, "", count)
    sides.consumer.execute(f"INSERT INTO {sides.table} VALUES (3)")
    sides.producer.execute(f"COMMENT ON TABLE {sides.local} IS 'seen'")
    sides.producer.execute(f"GRANT SELECT ON {sides.local} TO PUBLIC")
    sides.producer.execute(f"CREATE TABLE {name}.other (i integer)")
    assert _run(sides.consumer, "s") == ("", "3")
    sides.consumer.execute("BEGIN")
    sides.consumer.execute(f"TRUNCATE {sides.table}")
    _parse(sides.consumer, "inside", count)
    assert _run(sides.consumer, "inside") == ("", "0")
    assert _run(sides.consumer, "s") == ("", "0")
    sides.consumer.execute("ROLLBACK")
    assert _run(sides.consumer, "s") == ("", "3")
    sides.producer.execute(f"TRUNCATE {sides.local}")
    assert _run(sides.consumer, "") == ("", "0")


def test_local_statements_stay(sides: Sides) -> None:
    """The producer's own prepared statements know no 34510."""
    _parse(sides.producer, "s", f"SELECT count(*) FROM {sides.local}")
    sides.producer.execute(f"TRUNCATE {sides.local}")
    assert _run(sides.producer, "s") == ("", "0")
