"""Result columns have Redshift's types: what is described is what is sent."""

from __future__ import annotations

from datetime import UTC, time
from decimal import Decimal

import pytest
import redshift_connector
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGconn

from tests.node.conftest import Connect
from tests.node.running import PASSWORD, RunningNode

pytestmark = pytest.mark.server

#: A column of every type: its DDL, a value, OID, typmod, text.
COLUMNS = {
    "smallint": ("-7", 21, -1, "-7"),
    "integer": ("7", 23, -1, "7"),
    "bigint": ("9223372036854775807", 20, -1, "9223372036854775807"),
    "real": ("1.5", 700, -1, "1.5"),
    "double precision": ("-0.25", 701, -1, "-0.25"),
    "numeric(10,2)": ("1.5", 1700, (10 << 16 | 2) + 4, "1.50"),
    "decimal": ("12", 1700, (18 << 16) + 4, "12"),
    "numeric(38,37)": ("1.5", 1700, (38 << 16 | 37) + 4, "1.5" + "0" * 36),
    "boolean": ("true", 16, -1, "t"),
    "varchar(10)": ("'é'", 1043, 14, "é"),
    "varchar": ("'x'", 1043, 260, "x"),
    "varchar(max)": ("'x'", 1043, 65539, "x"),
    "text": ("'x'", 1043, 260, "x"),
    "char(4)": ("'ab'", 1042, 8, "ab  "),
    "date": ("'2024-02-29'", 1082, -1, "2024-02-29"),
    "time": ("'12:34:56.5'", 1083, -1, "12:34:56.5"),
    "timetz": ("'12:34:56'", 1266, -1, "12:34:56+00"),
    "timestamp": ("'2024-02-29 12:34:56.789'", 1114, -1, "2024-02-29 12:34:56.789"),
    "timestamptz": ("'2024-02-29 12:34:56+00'", 1184, -1, "2024-02-29 12:34:56+00"),
    "varbyte(16)": ("'xyz'::varbyte", 6551, 20, "78797a"),
}

#: Expressions whose engine type is not the one that was described.
EXPRESSIONS = {
    "count(*)": (20, -1, "1"),
    "sum(i)": (20, -1, "7"),
    "sum(b)": (1700, (38 << 16) + 4, "9223372036854775807"),
    "avg(i)": (20, -1, "7"),
    "i / 2": (23, -1, "3"),
    "n * 2": (1700, None, "3.00"),
    "'x'": (1043, -1, "x"),
    "NULL": (1043, -1, None),
    "true": (16, -1, "t"),
    "1.50": (1700, (3 << 16 | 2) + 4, "1.50"),
    "'2024-01-01'::date": (1082, -1, "2024-01-01"),
}


def _described(pg: PGconn, sql: str) -> list[tuple[int, int]]:
    """OID and typmod of a statement's columns, from Describe alone."""
    prepared = pg.prepare(b"walk", sql.encode())
    assert prepared.status == ExecStatus.COMMAND_OK, prepared.error_message
    found = pg.describe_prepared(b"walk")
    assert found.status == ExecStatus.COMMAND_OK, found.error_message
    pg.exec_(b"DEALLOCATE ALL")
    return [(found.ftype(n), found.fmod(n)) for n in range(found.nfields)]


def _sent(pg: PGconn, sql: str) -> tuple[list[tuple[int, int]], list[str | None]]:
    found = pg.exec_(sql.encode())
    assert found.status == ExecStatus.TUPLES_OK, found.error_message
    values = [found.get_value(0, n) for n in range(found.nfields)]
    return (
        [(found.ftype(n), found.fmod(n)) for n in range(found.nfields)],
        [None if value is None else value.decode() for value in values],
    )


def test_columns_of_every_type(name: str, connect: Connect) -> None:
    """A table's columns are described and sent with their own OID and modifier."""
    connection = connect("sales")
    columns = ", ".join(f"c{n} {kind}" for n, kind in enumerate(COLUMNS))
    values = ", ".join(value for value, *_ in COLUMNS.values())
    connection.execute(f"CREATE TABLE types_{name} ({columns})".encode())
    connection.execute(f"INSERT INTO types_{name} VALUES ({values})".encode())
    pg, sql = connection.pgconn, f"SELECT * FROM types_{name}"
    types, texts = _sent(pg, sql)
    assert types == [(oid, typmod) for _, oid, typmod, _ in COLUMNS.values()]
    assert texts == [text for *_, text in COLUMNS.values()]
    assert _described(pg, sql) == types


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_expressions(expression: str, name: str, connect: Connect) -> None:
    """An expression has the type the binder gave it, whatever the engine computes it in."""
    connection = connect("sales")
    connection.execute(f"CREATE TABLE e_{name} (i integer, b bigint, n numeric(10,2))".encode())
    connection.execute(f"INSERT INTO e_{name} VALUES (7, 9223372036854775807, 1.5)".encode())
    sql = f"SELECT {expression} AS e FROM e_{name}"
    types, texts = _sent(connection.pgconn, sql)
    oid, typmod, text = EXPRESSIONS[expression]
    assert types[0][0] == oid
    assert typmod is None or types[0][1] == typmod
    assert texts == [text]
    assert _described(connection.pgconn, sql) == types


def test_the_data_api_says_the_same(node: RunningNode, name: str) -> None:
    """ColumnMetadata has the type's name, precision and scale, and the relation."""
    client = node.client(service="redshift-data")
    target = {"WorkgroupName": "sales-wg", "Database": "dev"}
    sql = [
        f"CREATE TABLE meta_{name} (i integer not null, n numeric(10,2), c varchar(7))",
        f"SELECT i, n, c, i + 1 AS next FROM meta_{name}",
    ]
    made = client.batch_execute_statement(Sqls=sql, **target)
    while client.describe_statement(Id=made["Id"])["Status"] not in {"FINISHED", "FAILED"}:
        pass
    columns = client.get_statement_result(Id=f"{made['Id']}:2")["ColumnMetadata"]
    assert [(c["typeName"], c["precision"], c["scale"]) for c in columns[:3]] == [
        ("int4", 10, 0), ("numeric", 10, 2), ("varchar", 7, 0),
    ]  # fmt: skip
    assert [c["tableName"] for c in columns] == [f"meta_{name}"] * 3 + [""]
    assert [c["nullable"] for c in columns] == [0, 1, 1, 1]


@pytest.mark.parametrize("protocol", [0, 1, 2])
def test_amazons_driver(protocol: int, node: RunningNode, name: str, connect: Connect) -> None:
    """Each protocol version gives Amazon's driver the same values; from 1 on, their origin."""
    connect("sales").execute(
        f"CREATE TABLE d_{name} (i integer NOT NULL, n numeric(10,2), w numeric(38,10), "
        "t timetz, k integer IDENTITY(1,1))".encode()
    )
    host, port = node.endpoint("sales")
    with redshift_connector.connect(
        host=host, port=port, user="admin", password=PASSWORD, database="dev",
        ssl=False, client_protocol_version=protocol,
    ) as connection, connection.cursor() as cursor:  # fmt: skip
        cursor.execute(
            f"INSERT INTO d_{name} (i, n, w, t) VALUES (%s, %s, %s, %s)",
            (7, Decimal("1.005"), Decimal("-12345678901234567890.5"), time(3, 4)),
        )
        cursor.execute(f"SELECT i, n, w, t, k, n * %s AS p FROM d_{name} AS x", (Decimal("1.5"),))
        assert cursor.fetchall() == ([
            7, Decimal("1.01"), Decimal("-12345678901234567890.5"), time(3, 4, tzinfo=UTC), 1,
            Decimal("1.515"),
        ],)  # fmt: skip
        told = cursor.ps["row_desc"]
    if protocol:
        place = {"schema_name": b"public", "table_name": f"d_{name}".encode(), "nullable": 0}
        assert told[0].items() >= (place | {"column_name": b"i", "catalog_name": b"dev"}).items()
        assert [c["nullable"] for c in told[:2]] == [0, 1]
        assert [c["autoincrement"] for c in told[3:5]] == [0, 1]
        assert told[5]["table_name"] == b""
