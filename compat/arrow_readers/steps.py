"""Both sides of a share through connectorx, polars and ADBC."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import quote

import adbc_driver_postgresql.dbapi as adbc
import connectorx as cx
import polars as pl
from telling import TOLD, same, step

DATABASE = "d_by_arrow"
ROWS = [(1, 2**40, "zwölf 'q' €", dt.date(2026, 1, 2)), (2, None, None, None)]


def address(scheme: str, side: str) -> str:
    place, password = TOLD[side], quote(TOLD["password"], safe="")
    return (
        f"{scheme}://{TOLD['user']}:{password}@{place['host']}:{place['port']}/{TOLD['database']}"
    )


def connection(side: str) -> Any:
    return adbc.connect(address("postgresql", side))


def without_copy(cursor: Any) -> Any:
    """Redshift has no COPY to a client; the driver takes rows as they come instead."""
    cursor.adbc_statement.set_options(**{"adbc.postgresql.use_copy": "false"})
    return cursor


@step("ADBC: producer: ALTER DATASHARE ADD TABLE, rows by parameters")
def _() -> None:
    with connection("producer") as made, without_copy(made.cursor()) as cursor:
        cursor.execute("CREATE TABLE arrows (i int, b bigint, s varchar(40), d date)")
        cursor.execute(f"ALTER DATASHARE {TOLD['share']} ADD TABLE public.arrows")
        for row in ROWS:
            cursor.execute("INSERT INTO arrows VALUES ($1, $2, $3, $4)", row)
        made.commit()


@step("ADBC: types, a parameter, the schema of a table")
def _() -> None:
    with connection("producer") as made, without_copy(made.cursor()) as cursor:
        cursor.execute("SELECT i, b, s, d FROM arrows ORDER BY i")
        same([tuple(row.values()) for row in cursor.fetch_arrow_table().to_pylist()], ROWS)
        cursor.execute("SELECT s FROM arrows WHERE i = $1", (1,))
        same(cursor.fetchall(), [(ROWS[0][2],)])
        same(made.adbc_get_table_schema("arrows").names, ["i", "b", "s", "d"])


@step("connectorx: consumer: a table of the share, whole and in parts")
def _() -> None:
    with connection("consumer") as made, without_copy(made.cursor()) as cursor:
        made.adbc_connection.set_autocommit(True)
        cursor.execute(
            f"CREATE DATABASE {DATABASE} FROM DATASHARE {TOLD['share']} "
            f"OF ACCOUNT '{TOLD['account']}' NAMESPACE '{TOLD['namespace']}'"
        )
    sql = f"SELECT i, b, s, d FROM {DATABASE}.public.arrows"
    for parts in ({}, {"partition_on": "i", "partition_num": 2}):
        found = cx.read_sql(address("redshift", "consumer"), sql, return_type="arrow", **parts)
        same(sorted(tuple(row.values()) for row in found.to_pylist()), ROWS)


@step("polars: read_database_uri")
def _() -> None:
    sql = f"SELECT i, b, s, d FROM {DATABASE}.public.arrows ORDER BY i"
    same(pl.read_database_uri(sql, address("redshift", "consumer")).rows(), ROWS)
