"""pg8000, both sides of a share and what else its users do."""

from __future__ import annotations

import datetime as dt
import ssl
from decimal import Decimal
from typing import Any

import pg8000.dbapi
import pg8000.native
from telling import TOLD, same, step

NOW = dt.datetime(2026, 1, 2, 3, 4, 5, 678900)
ROW = [1, 2**40, Decimal("-1.50"), 0.1, True, dt.date(2026, 1, 2), NOW, "zwölf 'q' \\ €", None]
TYPES = (
    "a int, b bigint, c decimal(8,2), d float8, e bool, f date, g timestamp, h varchar(40), i int"
)


def way(side: str) -> dict[str, Any]:
    return {
        **TOLD[side],
        "database": TOLD["database"],
        "user": TOLD["user"],
        "password": TOLD["password"],
        "ssl_context": ssl.create_default_context(cafile=TOLD["ca_file"]),
    }


def native(side: str) -> Any:
    return pg8000.native.Connection(**way(side))


@step("producer: ALTER DATASHARE ADD TABLE")
def _() -> None:
    with native("producer") as connection:
        connection.run(f"CREATE TABLE p8 ({TYPES})")
        connection.run(f"ALTER DATASHARE {TOLD['share']} ADD TABLE public.p8")


@step("types there and back, NULL and unicode")
def _() -> None:
    with pg8000.dbapi.connect(**way("producer")) as connection:
        cursor = connection.cursor()
        cursor.execute("INSERT INTO p8 VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)", ROW)
        same(cursor.rowcount, 1)
        cursor.execute("SELECT * FROM p8")
        same(list(cursor.fetchall()), [ROW])
        connection.commit()


@step("consumer: CREATE DATABASE FROM DATASHARE, INSERT, SELECT")
def _() -> None:
    share = TOLD["share"]
    with native("consumer") as connection:
        connection.run(
            f"CREATE DATABASE {share} FROM DATASHARE {share} OF ACCOUNT '{TOLD['account']}' "
            f"NAMESPACE '{TOLD['namespace']}'"
        )
        connection.run(f"INSERT INTO {share}.public.t_{share} VALUES (:i, :w)", i=3, w="ü")
        same(
            connection.run(f"SELECT words FROM {share}.public.t_{share} WHERE i > :i", i=2), [["ü"]]
        )


@step("native: named parameters, prepared statements, columns")
def _() -> None:
    with native("producer") as connection:
        same(connection.run("SELECT a FROM p8 WHERE h LIKE :h", h="zw%"), [[1]])
        same([column["name"] for column in connection.columns], ["a"])
        prepared = connection.prepare("SELECT cast(:n as int) + 1")
        same([prepared.run(n=n) for n in range(3)], [[[1]], [[2]], [[3]]])
        prepared.close()


@step("executemany")
def _() -> None:
    with pg8000.dbapi.connect(**way("producer")) as connection:
        cursor = connection.cursor()
        cursor.execute("CREATE TABLE p8_many (i int, w varchar(9))")
        cursor.executemany("INSERT INTO p8_many VALUES (%s, %s)", [(1, "a"), (2, None), (3, "ü")])
        cursor.execute("SELECT count(*), count(w) FROM p8_many")
        same(cursor.fetchone(), [3, 2])
        connection.commit()


@step("transactions: rollback, an error and 25P02 after it")
def _() -> None:
    with pg8000.dbapi.connect(**way("producer")) as connection:
        cursor = connection.cursor()
        cursor.execute("DELETE FROM p8_many")
        connection.rollback()
        cursor.execute("SELECT count(*) FROM p8_many")
        same(cursor.fetchone(), [3])
        for sql, code in (("SELECT * FROM p8_nowhere", "42P01"), ("SELECT 1", "25P02")):
            try:
                cursor.execute(sql)
            except pg8000.dbapi.DatabaseError as error:
                same(error.args[0]["C"], code)
            else:
                raise AssertionError(f"{sql} ran")
        connection.rollback()


@step("a large result")
def _() -> None:
    with native("producer") as connection:
        connection.run("CREATE TABLE p8_large (i int)")
        connection.run("INSERT INTO p8_large VALUES (0), (1), (2), (3), (4), (5), (6), (7)")
        for _ in range(10):
            connection.run("INSERT INTO p8_large SELECT i FROM p8_large")
        rows = connection.run("SELECT i, repeat('x', 100) FROM p8_large")
        same((len(rows), rows[0][1]), (8 << 10, "x" * 100))


@step("errors with their SQLSTATE; COPY refused")
def _() -> None:
    with native("producer") as connection:
        for sql, code in (
            ("SELEC 1", "42601"),
            ("SELECT nothing FROM p8", "42703"),
            ("SELECT 1 / 0", "22012"),
            ("COPY p8_many FROM STDIN", "0A000"),
        ):
            try:
                connection.run(sql)
            except pg8000.native.DatabaseError as error:
                same((sql, error.args[0]["C"]), (sql, code))
            else:
                raise AssertionError(f"{sql} ran")
        same(connection.run("SELECT 1"), [[1]])
