"""Parameters: their types are inferred from where they stand, their values arrive unchanged."""

from __future__ import annotations

import psycopg
import pytest
from psycopg.pq import ExecStatus, Format
from psycopg.pq.abc import PGconn, PGresult

from tests.node.conftest import Connect

pytestmark = pytest.mark.server

INT2, INT4, INT8, FLOAT8, NUMERIC, BOOL, VARCHAR = 21, 23, 20, 701, 1700, 16, 1043
DATE, TIMESTAMP, TIMESTAMPTZ, INTERVAL, TIMETZ, VARBYTE = 1082, 1114, 1184, 1186, 1266, 6551

#: A statement over t, and the OIDs of its parameters.
INFERRED = {
    "SELECT $1": [VARCHAR],
    "SELECT $1::integer, $2::date": [INT4, DATE],
    "SELECT * FROM {t} WHERE i = $1": [INT4],
    "SELECT * FROM {t} WHERE $1 < b AND (($2)) >= n": [INT8, NUMERIC],
    "SELECT * FROM {t} WHERE i IN ($1, 3, $2)": [INT4, INT4],
    "SELECT * FROM {t} WHERE $1 IN (SELECT d FROM {t})": [DATE],
    "SELECT * FROM {t} WHERE d BETWEEN $1 AND $2": [DATE, DATE],
    "SELECT * FROM {t} WHERE v LIKE $1 AND f": [VARCHAR],
    "SELECT * FROM {t} WHERE f = $1": [BOOL],
    "SELECT i FROM {t} LIMIT $1 OFFSET $2": [INT8, INT8],
    "SELECT CASE WHEN i = 1 THEN $1 ELSE b END FROM {t}": [INT8],
    "SELECT CASE i WHEN $1 THEN 'a' END FROM {t}": [INT4],
    "SELECT coalesce(ts, $1), nullif($2, i) FROM {t}": [TIMESTAMP, INT4],
    "SELECT decode(i, $1, 'x', v) FROM {t}": [INT4],
    "SELECT v || $1, i + $2 FROM {t}": [VARCHAR, INT4],
    "SELECT d + $1, ts + $2 FROM {t}": [INT4, INTERVAL],
    "SELECT substring(v, $1, $2), left(v, $3) FROM {t}": [INT4, INT4, INT4],
    "SELECT dateadd(day, $1, $2), date_trunc('month', $3)": [INT8, TIMESTAMP, TIMESTAMP],
    "SELECT sqrt($1), round(x, $2) FROM {t}": [FLOAT8, INT4],
    "INSERT INTO {t} (s, n, d) VALUES ($1, $2, $3), ($4, 1, NULL)": [INT2, NUMERIC, DATE, INT2],
    "INSERT INTO {t} (b, ts) SELECT $1, $2": [INT8, TIMESTAMP],
    "UPDATE {t} SET v = $1, n = $2 WHERE i = $3": [VARCHAR, NUMERIC, INT4],
    "DELETE FROM {t} WHERE d > $1": [DATE],
    "MERGE INTO {t} USING {t}2 AS o ON {t}.i = o.i WHEN MATCHED THEN UPDATE SET d = $1 "
    "WHEN NOT MATCHED THEN INSERT (i, b) VALUES (o.i, $2)": [DATE, INT8],
}

#: OID, the text of a value; the text it comes back as.
VALUES = [
    (INT2, "-7", "-7"),
    (INT4, "7", "7"),
    (INT8, "9223372036854775807", "9223372036854775807"),
    (700, "1.5", "1.5"),
    (FLOAT8, "-Infinity", "-Infinity"),
    (FLOAT8, "NaN", "NaN"),
    (NUMERIC, "1.5", "1.5"),
    (NUMERIC, "-0.00012", "-0.00012"),
    (NUMERIC, "12345678901234567890123456789012345678", "12345678901234567890123456789012345678"),
    (NUMERIC, "1." + "0" * 36 + "1", "1." + "0" * 36 + "1"),
    (BOOL, "t", "t"),
    (VARCHAR, "é ", "é "),
    (DATE, "2024-02-29", "2024-02-29"),
    (1083, "23:59:59.999999", "23:59:59.999999"),
    (TIMETZ, "12:34:56+02", "10:34:56+00"),
    (TIMESTAMP, "2024-02-29 01:02:03.5", "2024-02-29 01:02:03.5"),
    (TIMESTAMPTZ, "2024-02-29 01:02:03+02", "2024-02-28 23:02:03+00"),
    (INTERVAL, "1 mon 2 days 00:00:03", "1 mon 2 days 00:00:03"),
    (VARBYTE, "00ff", "00ff"),
]


def _table(connection: psycopg.Connection[object], name: str) -> str:
    columns = (
        "s smallint, i integer, b bigint, n numeric(10,2), x double precision, f boolean, "
        "v varchar(20), d date, ts timestamp"
    )
    connection.execute(f"CREATE TABLE p_{name} ({columns})".encode())
    connection.execute(f"CREATE TABLE p_{name}2 ({columns})".encode())
    return f"p_{name}"


def test_inferred_types(name: str, connect: Connect) -> None:
    """Describe tells a parameter's type by its cast, neighbour, column, clause or function."""
    connection = connect("sales")
    table, pg = _table(connection, name), connection.pgconn
    for number, (sql, oids) in enumerate(INFERRED.items()):
        prepared = pg.prepare(f"s{number}".encode(), sql.format(t=table).encode())
        assert prepared.status == ExecStatus.COMMAND_OK, (sql, prepared.error_message)
        found = pg.describe_prepared(f"s{number}".encode())
        assert [found.param_type(n) for n in range(found.nparams)] == oids, sql


def _selected(pg: PGconn, oid: int, value: bytes, form: Format, wanted: Format) -> PGresult:
    result = pg.exec_params(b"SELECT $1", [value], [oid], [form], wanted)
    assert result.status == ExecStatus.TUPLES_OK, result.error_message
    return result


@pytest.mark.parametrize(("oid", "text", "shown"), VALUES)
def test_values_both_ways(oid: int, text: str, shown: str, connect: Connect) -> None:
    """A value comes back unchanged, whichever format it went and comes in."""
    pg = connect("sales").pgconn
    binary = _selected(pg, oid, text.encode(), Format.TEXT, Format.BINARY).get_value(0, 0)
    assert binary is not None
    for form, value in ((Format.TEXT, text.encode()), (Format.BINARY, binary)):
        result = _selected(pg, oid, value, form, Format.TEXT)
        assert result.get_value(0, 0) == shown.encode()
        assert result.ftype(0) == oid
        assert _selected(pg, oid, value, form, Format.BINARY).get_value(0, 0) == binary


def test_a_numeric_parameter_keeps_its_digits(name: str, connect: Connect) -> None:
    """Compared with a numeric column, a value of more digits is not rounded to the column's."""
    connection = connect("sales")
    table, pg = _table(connection, name), connection.pgconn
    connection.execute(f"INSERT INTO {table} (n) VALUES (1.56)".encode())
    for value, rows in ((b"1.556", 0), (b"1.56", 1)):
        sql = f"SELECT n FROM {table} WHERE n = $1".encode()
        assert pg.exec_params(sql, [value]).ntuples == rows


@pytest.mark.parametrize(
    ("oid", "value", "state"),
    [
        (NUMERIC, b"NaN", "22P02"),
        (NUMERIC, b"1" * 39, "22003"),
        (INT4, b"x", "22P02"),
        (1015, b"{a}", "0A000"),
        (999_999, b"x", "0A000"),
    ],
)
def test_values_refused(oid: int, value: bytes, state: str, connect: Connect) -> None:
    """A value that is not of its type, or a type without values, is an error by name."""
    pg = connect("sales").pgconn
    result = pg.exec_params(b"SELECT $1", [value], [oid])
    assert (result.error_field(ord("C")) or b"").decode() == state
    assert pg.exec_(b"SELECT 1").status == ExecStatus.TUPLES_OK
