"""DuckDB's words about values as Redshift's."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest

from redshare.adapters.engine.worker.engine_errors import refused


@pytest.mark.parametrize(
    ("query", "sqlstate", "message"),
    [
        ("'abc'::INTEGER", "22P02", 'invalid input syntax for integer: "abc"'),
        ("'99999999999'::INTEGER", "22003", 'value "99999999999" is out of range for type integer'),
        ("40000::SMALLINT", "22003", "smallint out of range"),
        ("2147483647::INTEGER + 1::INTEGER", "22003", "integer out of range"),
        ("9223372036854775807 * 2::BIGINT", "22003", "bigint out of range"),
        ("12345.6::DECIMAL(4, 1)", "22003", "Numeric data overflow (result precision)"),
        ("'12345.6'::DECIMAL(4, 1)", "22003", "Numeric data overflow (result precision)"),
        ("'x'::DECIMAL(4, 1)", "22P02", 'invalid input syntax for type numeric: "x"'),
        ("'x'::DOUBLE", "22P02", 'invalid input syntax for type double precision: "x"'),
        ("'x'::BOOLEAN", "22P02", 'invalid input syntax for type boolean: "x"'),
        ("'2020-02-30'::DATE", "22008", 'date/time field value out of range: "2020-02-30"'),
        ("'soon'::DATE", "22007", 'invalid input syntax for type date: "soon"'),
        ("sqrt(-1)", "2201F", "cannot take square root of a negative number"),
        ("ln(0)", "2201E", "cannot take logarithm of zero"),
        ("timezone('Nowhere', TIMESTAMP '2020-01-01')", "22023",
         'time zone "Nowhere" not recognized'),
        ("error('#[22001] value too long, see 1/2/2020]#')", "22001",
         "#[22001] value too long, see 1/2/2020]#"),
    ],
)  # fmt: skip
def test_value_errors(query: str, sqlstate: str, message: str) -> None:
    """A value that does not fit or cannot be read has Redshift's SQLSTATE and text."""
    connection: Any = duckdb.connect()

    with connection, pytest.raises(duckdb.Error) as caught:
        connection.execute(f"SELECT {query}").fetchall()

    found = refused(caught.value)
    assert (found.answer.sqlstate, found.answer.message) == (sqlstate, message)
