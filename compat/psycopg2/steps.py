"""psycopg2, both sides of a share and what else its users do."""

from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal
from typing import Any

import psycopg2
import psycopg2.extras
from psycopg2.extensions import ISOLATION_LEVEL_SERIALIZABLE
from telling import TOLD, same, step

NOW = dt.datetime(2026, 1, 2, 3, 4, 5, 678900)
ROW = (1, 2**40, Decimal("-1.50"), 0.1, True, dt.date(2026, 1, 2), NOW, "zwölf 'q' \\ €", None)
TYPES = (
    "a int, b bigint, c decimal(8,2), d float8, e bool, f date, g timestamp, h varchar(40), i int"
)


def connect(side: str) -> Any:
    return psycopg2.connect(
        **TOLD[side],
        dbname=TOLD["database"],
        user=TOLD["user"],
        password=TOLD["password"],
        sslmode="verify-full",
        sslrootcert=TOLD["ca_file"],
    )


def autocommit(side: str) -> Any:
    connection = connect(side)
    connection.autocommit = True
    return connection


@step("producer: ALTER DATASHARE ADD TABLE")
def _() -> None:
    with autocommit("producer").cursor() as cursor:
        cursor.execute(f"CREATE TABLE p2 ({TYPES})")
        cursor.execute(f"ALTER DATASHARE {TOLD['share']} ADD TABLE public.p2")
        cursor.execute(f"GRANT SELECT ON public.p2 TO DATASHARE {TOLD['share']}")


@step("types there and back, NULL and unicode")
def _() -> None:
    with connect("producer") as connection, connection.cursor() as cursor:
        cursor.execute("INSERT INTO p2 VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)", ROW)
        same(cursor.rowcount, 1)
        cursor.execute("SELECT * FROM p2")
        same(cursor.fetchall(), [ROW])
        same(
            [c.type_code for c in cursor.description], [23, 20, 1700, 701, 16, 1082, 1114, 1043, 23]
        )


@step("consumer: CREATE DATABASE FROM DATASHARE, INSERT, SELECT")
def _() -> None:
    share = TOLD["share"]
    with autocommit("consumer").cursor() as cursor:
        cursor.execute(
            f"CREATE DATABASE {share} FROM DATASHARE {share} OF ACCOUNT '{TOLD['account']}' "
            f"NAMESPACE '{TOLD['namespace']}'"
        )
        cursor.execute(f"INSERT INTO {share}.public.t_{share} VALUES (%s, %s)", (3, "ü"))
        cursor.execute(f"SELECT words FROM {share}.public.t_{share} ORDER BY i")
        same(cursor.fetchall(), [("a",), ("b",), ("ü",)])
        cursor.execute(f"SELECT h, i FROM {share}.public.p2")
        same(cursor.fetchall(), [ROW[-2:]])


@step("executemany, execute_batch and execute_values")
def _() -> None:
    with connect("producer") as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE p2_many (i int, w varchar(20))")
        cursor.executemany("INSERT INTO p2_many VALUES (%s, %s)", [(1, "a"), (2, None)])
        psycopg2.extras.execute_batch(
            cursor, "INSERT INTO p2_many VALUES (%s, %s)", [(n, str(n)) for n in range(3, 13)]
        )
        psycopg2.extras.execute_values(
            cursor, "INSERT INTO p2_many VALUES %s", [(n, "v") for n in range(13, 21)]
        )
        cursor.execute("SELECT count(*), count(w), sum(i) FROM p2_many")
        same(cursor.fetchone(), (20, 19, 210))


@step("transactions: commit, rollback, an error and 25P02 after it")
def _() -> None:
    connection = connect("producer")
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE p2_gone (i int)")
        connection.rollback()
        try:
            cursor.execute("SELECT * FROM p2_gone")
        except psycopg2.Error as error:
            same(error.pgcode, "42P01")
        else:
            raise AssertionError("the table is there")
        try:
            cursor.execute("SELECT 1")
        except psycopg2.Error as error:
            same(error.pgcode, "25P02")
        else:
            raise AssertionError("the transaction goes on")
        connection.rollback()
        cursor.execute("SELECT 1")
        connection.commit()


@step("isolation level serializable, read only, autocommit")
def _() -> None:
    connection = connect("producer")
    connection.set_session(isolation_level=ISOLATION_LEVEL_SERIALIZABLE, readonly=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM p2")
        same(cursor.fetchone(), (1,))
        try:
            cursor.execute("DELETE FROM p2")
        except psycopg2.Error as error:
            same(error.pgcode, "25006")
        else:
            raise AssertionError("it was written")
    connection.rollback()


@step("named cursors: iteration, fetchmany, a large result")
def _() -> None:
    with connect("producer") as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE p2_large (i int)")
        cursor.execute("INSERT INTO p2_large VALUES (0), (1), (2), (3), (4), (5), (6), (7)")
        for _ in range(12):
            cursor.execute("INSERT INTO p2_large SELECT i FROM p2_large")
        cursor.execute("SELECT count(*) FROM p2_large")
        same(cursor.fetchone(), (8 << 12,))
        connection.commit()
        with connection.cursor("named") as named:
            named.itersize = 5000
            named.execute("SELECT i FROM p2_large WHERE i < %s", (4,))
            same(len(named.fetchmany(10)), 10)
            same(sum(1 for _ in named), (4 << 12) - 10)


@step("a large result at once")
def _() -> None:
    with connect("producer") as connection, connection.cursor() as cursor:
        cursor.execute("SELECT i, repeat('x', 100) FROM p2_large")
        rows = cursor.fetchall()
        same((len(rows), rows[0][1]), (8 << 12, "x" * 100))


@step("errors with their SQLSTATE")
def _() -> None:
    for sql, code in (
        ("SELEC 1", "42601"),
        ("SELECT nothing FROM p2", "42703"),
        ("SELECT * FROM nowhere.at_all", "3F000"),
        ("SELECT 1 / 0", "22012"),
        ("CREATE TABLE p2 (i int)", "42P07"),
    ):
        with autocommit("producer").cursor() as cursor:
            try:
                cursor.execute(sql)
            except psycopg2.Error as error:
                same((sql, error.pgcode), (sql, code))
            else:
                raise AssertionError(f"{sql} ran")


@step("COPY FROM STDIN and TO STDOUT: refused, and the session goes on")
def _() -> None:
    with autocommit("producer").cursor() as cursor:
        for move in (
            lambda: cursor.copy_expert("COPY p2_many FROM STDIN", io.StringIO("1\ta\n")),
            lambda: cursor.copy_expert("COPY p2_many TO STDOUT", io.StringIO()),
        ):
            try:
                move()
            except psycopg2.Error as error:
                same(error.pgcode, "0A000")
            else:
                raise AssertionError("it was copied")
        cursor.execute("SELECT 1")
        same(cursor.fetchone(), (1,))


@step("several statements of one text, notices, dict rows, cancel")
def _() -> None:
    connection = autocommit("producer")
    with connection.cursor(cursor_factory=psycopg2.extras.RealDictCursor) as cursor:
        cursor.execute("SELECT 1 AS a; SELECT 2 AS b")
        same([dict(row) for row in cursor.fetchall()], [{"b": 2}])
        connection.cancel()
        cursor.execute("SELECT 3 AS c")
        same(dict(cursor.fetchone()), {"c": 3})
