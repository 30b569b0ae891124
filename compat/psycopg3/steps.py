"""psycopg 3, both sides of a share and what else its users do."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import psycopg
from psycopg.rows import dict_row
from telling import TOLD, same, step

NOW = dt.datetime(2026, 1, 2, 3, 4, 5, 678900)
ZONED = dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.UTC)
ROW = (
    1, 2**40, Decimal("-1.50"), 0.1, True, dt.date(2026, 1, 2), NOW, ZONED, dt.time(3, 4, 5),
    "zwölf 'q' \\ €", None,
)  # fmt: skip
TYPES = (
    "a int, b bigint, c decimal(8,2), d float8, e bool, f date, g timestamp, z timestamptz, "
    "t time, h varchar(40), i int"
)


def connect(side: str, *, autocommit: bool = False) -> Any:
    return psycopg.connect(
        **TOLD[side],
        dbname=TOLD["database"],
        user=TOLD["user"],
        password=TOLD["password"],
        sslmode="verify-full",
        sslrootcert=TOLD["ca_file"],
        autocommit=autocommit,
    )


@step("producer: ALTER DATASHARE ADD TABLE")
def _() -> None:
    with connect("producer", autocommit=True) as connection:
        connection.execute(f"CREATE TABLE p3 ({TYPES})")
        connection.execute(f"ALTER DATASHARE {TOLD['share']} ADD TABLE public.p3")


@step("types there and back in text and binary, NULL and unicode")
def _() -> None:
    with connect("producer") as connection:
        for style in ("%s", "%b", "%t"):
            marks = ", ".join([style] * len(ROW))
            connection.execute(f"INSERT INTO p3 VALUES ({marks})", ROW)
        for binary in (False, True):
            cursor = connection.cursor(binary=binary)
            same(cursor.execute("SELECT * FROM p3").fetchall(), [ROW] * 3)
        same([c.type_code for c in cursor.description][:4], [23, 20, 1700, 701])


@step("consumer: CREATE DATABASE FROM DATASHARE, INSERT, SELECT")
def _() -> None:
    share = TOLD["share"]
    with connect("consumer", autocommit=True) as connection:
        connection.execute(
            f"CREATE DATABASE {share} FROM DATASHARE {share} OF ACCOUNT '{TOLD['account']}' "
            f"NAMESPACE '{TOLD['namespace']}'"
        )
        connection.execute(f"INSERT INTO {share}.public.t_{share} VALUES (%s, %s)", (3, "ü"))
        found = connection.execute(
            f"SELECT words FROM {share}.public.t_{share} WHERE i > %s ORDER BY i", (1,)
        )
        same(found.fetchall(), [("b",), ("ü",)])


@step("prepared statements, used often and by name")
def _() -> None:
    with connect("producer") as connection:
        for n in range(10):
            found = connection.execute("SELECT %s::int + 1, count(*) FROM p3 WHERE a = %s", (n, 1))
            same(found.fetchone(), (n + 1, 3))
        found = connection.execute("SELECT a FROM p3 WHERE h = %s", (ROW[-2],), prepare=True)
        same(found.fetchall(), [(1,)] * 3)
        connection.execute("DEALLOCATE ALL")


@step("executemany and a pipeline, an error inside one")
def _() -> None:
    with connect("producer") as connection:
        connection.execute("CREATE TABLE p3_many (i int, w varchar(9))")
        cursor = connection.cursor()
        cursor.executemany("INSERT INTO p3_many VALUES (%s, %s)", [(n, None) for n in range(20)])
        same(cursor.rowcount, 20)
        connection.commit()
        with connection.pipeline():
            first = connection.execute("SELECT count(*) FROM p3_many")
            connection.execute("INSERT INTO p3_many VALUES (%s, %s)", (20, "ü"))
            second = connection.execute("SELECT count(*), count(w) FROM p3_many")
        same((first.fetchone(), second.fetchone()), ((20,), (21, 1)))
        connection.commit()
    with connect("producer") as connection:
        try:
            with connection.pipeline():
                connection.execute("INSERT INTO p3_many VALUES (21, 'x')")
                connection.execute("SELECT * FROM p3_nowhere")
                connection.execute("INSERT INTO p3_many VALUES (22, 'x')")
        except psycopg.errors.UndefinedTable:
            connection.rollback()
        same(connection.execute("SELECT count(*) FROM p3_many").fetchone(), (21,))


@step("executemany returning rows, streams")
def _() -> None:
    with connect("producer") as connection:
        rows = connection.cursor(row_factory=dict_row)
        rows.executemany("SELECT i FROM p3_many WHERE i = %s", [(1,), (2,)], returning=True)
        found = [rows.fetchone()]
        while rows.nextset():
            found.append(rows.fetchone())
        same(found, [{"i": 1}, {"i": 2}])
        streamed = connection.cursor().stream("SELECT i FROM p3_many WHERE i < %s ORDER BY i", (3,))
        same(list(streamed), [(0,), (1,), (2,)])


@step("transactions: blocks, rollback, an error and 25P02 after it, serializable")
def _() -> None:
    with connect("producer", autocommit=True) as connection:
        try:
            with connection.transaction():
                connection.execute("DELETE FROM p3_many")
                connection.execute("SELECT 1 / 0")
        except psycopg.errors.DivisionByZero:
            pass
        same(connection.execute("SELECT count(*) FROM p3_many").fetchone(), (21,))
    with connect("producer") as connection:
        connection.isolation_level = psycopg.IsolationLevel.SERIALIZABLE
        for sql, code in (("SELECT * FROM p3_nowhere", "42P01"), ("SELECT 1", "25P02")):
            try:
                connection.execute(sql)
            except psycopg.Error as error:
                same(error.sqlstate, code)
            else:
                raise AssertionError(f"{sql} ran")
        connection.rollback()
        connection.read_only = True
        try:
            connection.execute("DELETE FROM p3_many")
        except psycopg.Error as error:
            same(error.sqlstate, "25006")
        connection.rollback()


@step("a large result, in text and binary")
def _() -> None:
    with connect("producer") as connection:
        connection.execute("CREATE TABLE p3_large (i int)")
        connection.execute("INSERT INTO p3_large VALUES (0), (1), (2), (3), (4), (5), (6), (7)")
        for _ in range(12):
            connection.execute("INSERT INTO p3_large SELECT i FROM p3_large")
        for binary in (False, True):
            cursor = connection.cursor(binary=binary)
            rows = cursor.execute("SELECT i, repeat('x', 100) FROM p3_large").fetchall()
            same((len(rows), rows[0][1]), (8 << 12, "x" * 100))


@step("named cursors, text and binary")
def _() -> None:
    with connect("producer") as connection:
        for binary in (False, True):
            with connection.cursor("named", binary=binary) as cursor:
                cursor.itersize = 5000
                cursor.execute("SELECT i FROM p3_large WHERE i < %s", (4,))
                same(len(cursor.fetchmany(10)), 10)
                same(sum(1 for _ in cursor), (4 << 12) - 10)


@step("errors with their SQLSTATE; COPY refused")
def _() -> None:
    with connect("producer", autocommit=True) as connection:
        for sql, code in (
            ("SELEC 1", "42601"),
            ("SELECT nothing FROM p3", "42703"),
            ("CREATE TABLE p3 (i int)", "42P07"),
            ("SELECT 1 / 0", "22012"),
        ):
            try:
                connection.execute(sql)
            except psycopg.Error as error:
                same((sql, error.sqlstate), (sql, code))
            else:
                raise AssertionError(f"{sql} ran")
        for sql in ("COPY p3_many FROM STDIN", "COPY p3_many TO STDOUT"):
            try:
                with connection.cursor().copy(sql):
                    raise AssertionError("it was copied")
            except psycopg.errors.FeatureNotSupported as error:
                same(error.sqlstate, "0A000")
        same(connection.execute("SELECT 1").fetchone(), (1,))
