"""The macros that a worker defines: the engine accepts each, and only the binder names it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from redshare.core.sql_errors import FeatureNotSupported, SqlError
from redshare.sql.macros import MACROS, NAMES, definitions
from redshare.sql.raised import parse_raised
from tests.sql.world import World


@pytest.fixture(scope="module")
def connection() -> Iterator[Any]:
    """An engine with the macros and nothing else."""
    opened = duckdb.connect()
    opened.execute("SET TimeZone = 'UTC'")
    for definition in definitions():
        opened.execute(definition)
    yield opened
    opened.close()


def test_names_are_unique_and_ours() -> None:
    """Each name begins with rs_ and is defined once."""
    assert len(NAMES) == len(MACROS)
    assert all(name.startswith("rs_") for name in NAMES)


@pytest.mark.parametrize("name", sorted(NAMES))
def test_no_statement_can_call_one(name: str) -> None:
    """A user's call of a macro by its name is refused."""
    with pytest.raises((FeatureNotSupported, SqlError)):
        World().bind(f"select {name}(id) from t")


NULLS = [
    "rs_divisor(NULL::INTEGER)", "rs_finite(NULL::DOUBLE)", "rs_cmp(NULL::DATE, DATE '2020-01-01')",
    "rs_strtol(NULL::VARCHAR, 10)", "rs_text_integer(NULL::VARCHAR)", "rs_text_date(NULL::VARCHAR)",
    "rs_text_timestamptz(NULL::VARCHAR)", "rs_text_timetz(NULL::VARCHAR)",
    "rs_text_boolean(NULL::VARCHAR)", "rs_cut(NULL::VARCHAR, 3)",
    "rs_fit(NULL::VARCHAR, 3, 'x')",
    "rs_add_years(NULL::TIMESTAMP, 12)", "rs_add_months(NULL::TIMESTAMP, 1)",
    "rs_months_between(NULL::TIMESTAMP, TIMESTAMP '2020-01-01')",
    "rs_next_day(NULL::DATE, 'Mon')", "rs_trunc_years(NULL::TIMESTAMP, 100)",
    "rs_substring(NULL::VARCHAR, 1, 2)", "rs_lpad(NULL::VARCHAR, 3, ' ')",
    "rs_split_part(NULL::VARCHAR, ',', 1)", "rs_chr(NULL::INTEGER)", "rs_soundex(NULL::VARCHAR)",
    "rs_initcap(NULL::VARCHAR)", "rs_crc32(NULL::VARCHAR)", "rs_quote_ident(NULL::VARCHAR)",
    "rs_fnv(NULL::VARCHAR, 1)", "rs_getbit(NULL::VARCHAR, 1)", "rs_roman(NULL::INTEGER)",
    "rs_to_number(NULL::VARCHAR, 2)", "rs_weeks_between(NULL::DATE, DATE '2020-01-01')",
    "rs_regexp_substr(NULL::VARCHAR, 'a', 1, 1, 0, 's')", "rs_zone(NULL::VARCHAR)",
]  # fmt: skip


@pytest.mark.parametrize("call", NULLS)
def test_null_of_null(connection: Any, call: str) -> None:
    """NULL gives NULL."""
    assert connection.execute(f"SELECT {call}").fetchall() == [(None,)]


@pytest.mark.parametrize(
    ("call", "sqlstate"),
    [
        ("rs_divisor(0)", "22012"),
        ("rs_finite('inf'::DOUBLE)", "22003"),
        ("rs_strtol('9', 8)", "22P02"),
        ("rs_strtol('1', 1)", "22023"),
        ("rs_text_integer('x')", "22P02"),
        ("rs_text_date('2020-02-30')", "22008"),
        ("rs_text_date('soon')", "22007"),
        ("rs_fit('abcd', 3, 'character varying(3)')", "22001"),
        ("rs_next_day(DATE '2020-01-01', 'someday')", "22023"),
        ("rs_split_part('a', '-', 0)", "22023"),
        ("rs_substring('a', 1, -1)", "22011"),
        ("rs_getbit('4D', 8)", "22023"),
        ("rs_weeks_between(DATE '2020-01-05', DATE '2020-01-06')", "0A000"),
    ],
)
def test_errors_carry_their_sqlstate(connection: Any, call: str, sqlstate: str) -> None:
    """What a macro raises is read back with its SQLSTATE."""
    with pytest.raises(duckdb.Error) as caught:
        connection.execute(f"SELECT {call}").fetchall()

    found = parse_raised(str(caught.value))

    assert found is not None
    assert found.sqlstate == sqlstate


def test_a_row_that_fails_is_only_looked_at_where_it_counts(connection: Any) -> None:
    """An error is raised for the row that has it, not for its neighbours."""
    rows = "(VALUES ('1'), ('x'), ('3')) v(s)"

    found = connection.execute(
        f"SELECT CASE WHEN s = 'x' THEN 0 ELSE rs_text_integer(s)::INTEGER END FROM {rows}"
    ).fetchall()

    assert found == [(1,), (0,), (3,)]
