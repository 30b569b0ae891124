"""redshift_connector, both sides of a share, its metadata API and its IAM mode."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import redshift_connector
from telling import TOLD, same, step

SHARE = TOLD["share"]
TABLE = f"t_{SHARE}"
ROW = (
    7, 1, 2**40, Decimal("-1.50"), Decimal("12345678901234567890.123456"), 0.1, True,
    dt.date(2026, 1, 2), dt.datetime(2026, 1, 2, 3, 4, 5, 678900), "zwölf 'q' \\ €", None,
)  # fmt: skip
TYPES = (
    "s smallint, i int, b bigint, n decimal(8,2), m decimal(38,6), f float8, e bool, d date, "
    "t timestamp, w varchar(40), z int"
)


def connect(side: str, **how: Any) -> Any:
    return redshift_connector.connect(
        **TOLD[side],
        database=TOLD["database"],
        user=TOLD["user"],
        password=TOLD["password"],
        **how,
    )


def run(side: str, *texts: str) -> list[list[Any]]:
    """In autocommit mode; the rows of the last text."""
    with connect(side) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            for sql in texts:
                cursor.execute(sql)
            return [list(row) for row in cursor.fetchall()] if cursor.description else []


@step("producer: DDL, ALTER DATASHARE, over verified TLS")
def _() -> None:
    run(
        "producer",
        f"CREATE TABLE rc (PRIMARY KEY (i), {TYPES})",
        f"ALTER DATASHARE {SHARE} ADD TABLE public.rc",
    )


@step("parameters and types there and back, NULL and unicode")
def _() -> None:
    with connect("producer", ssl=False) as connection, connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO rc VALUES ({', '.join(['%s'] * len(ROW))})", ROW)
        cursor.execute("SELECT * FROM rc WHERE i = %s", (1,))
        same(tuple(cursor.fetchone()), ROW)
        connection.commit()


@step("each protocol version reads the same row")
def _() -> None:
    for version in (0, 1, 2):
        with connect("producer", client_protocol_version=version) as connection:
            cursor = connection.cursor()
            cursor.execute("SELECT * FROM rc")
            same(tuple(cursor.fetchone()), ROW)


@step("executemany, insert_data_bulk, transactions")
def _() -> None:
    with connect("producer") as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE rc_many (i int, w varchar(9))")
        cursor.executemany("INSERT INTO rc_many VALUES (%s, %s)", [(1, "a"), (2, None), (3, "ü")])
        connection.commit()
        cursor.execute("DELETE FROM rc_many")
        connection.rollback()
        cursor.execute("SELECT count(*), count(w) FROM rc_many")
        same(list(cursor.fetchone()), [3, 2])


@step("a large result")
def _() -> None:
    grown = ["INSERT INTO rc_many SELECT i, w FROM rc_many"] * 13
    found = run("producer", *grown, "SELECT i, repeat('x', 100) FROM rc_many")
    same((len(found), found[0][1]), (3 << 13, "x" * 100))


@step("errors with their SQLSTATE, and the session goes on")
def _() -> None:
    with connect("producer") as connection, connection.cursor() as cursor:
        for sql, code in (
            ("SELECT * FROM nothing_here", "42P01"),
            ("SELECT nothing FROM rc", "42703"),
            ("SELEC 1", "42601"),
            ("SELECT 1 / 0", "22012"),
        ):
            try:
                cursor.execute(sql)
            except redshift_connector.ProgrammingError as error:
                same((sql, error.args[0]["C"]), (sql, code))
            else:
                raise AssertionError(f"{sql} ran")
            connection.rollback()
        cursor.execute("SELECT 1")
        same(list(cursor.fetchone()), [1])


@step("consumer: CREATE DATABASE FROM DATASHARE, INSERT, SELECT")
def _() -> None:
    found = run(
        "consumer",
        f"CREATE DATABASE {SHARE} FROM DATASHARE {SHARE} OF ACCOUNT '{TOLD['account']}' "
        f"NAMESPACE '{TOLD['namespace']}'",
        f"INSERT INTO {SHARE}.public.{TABLE} VALUES (3, 'c')",
        f"SELECT count(*) FROM {SHARE}.public.{TABLE}",
    )
    same(found, [[3]])


def names(rows: Any, place: int) -> list[Any]:
    return [row[place] for row in rows]


@step("metadata of one's own database: schemas, tables, columns, primary keys")
def _() -> None:
    with connect("producer") as connection, connection.cursor() as cursor:
        same("public" in names(cursor.get_schemas(), 0), True)
        tables = cursor.get_tables(schema_pattern="public", table_name_pattern="rc%")
        same(names(tables, 2), ["rc", "rc_many"])
        columns = cursor.get_columns(schema_pattern="public", tablename_pattern="rc")
        same(names(columns, 3), [part.split()[0] for part in TYPES.split(", ")])
        same(names(cursor.get_primary_keys(schema="public", table="rc"), 3), ["i"])


@step("metadata across a shared database: catalogs, schemas, tables, columns")
def _() -> None:
    with (
        connect("consumer", database_metadata_current_db_only=False) as connection,
        connection.cursor() as cursor,
    ):
        same({"dev", SHARE} <= set(names(cursor.get_catalogs(), 0)), True)
        same("public" in names(cursor.get_schemas(catalog=SHARE), 0), True)
        tables = cursor.get_tables(catalog=SHARE, schema_pattern="public")
        same((names(tables, 0)[0], TABLE in names(tables, 2)), (SHARE, True))
        columns = cursor.get_columns(
            catalog=SHARE, schema_pattern="public", tablename_pattern=TABLE
        )
        same(names(columns, 3), ["i", "words"])


def asked(**how: Any) -> list[Any]:
    with redshift_connector.connect(database=TOLD["database"], **how) as connection:
        cursor = connection.cursor()
        cursor.execute("SELECT current_user, current_database()")
        return list(cursor.fetchone())


@step("IAM mode: a cluster, GetClusterCredentials")
def _() -> None:
    way = {**TOLD["iam"]["producer"], "cluster_identifier": "finance", "db_user": "admin"}
    same(asked(**way)[1], TOLD["database"])
    # A host that is not of amazonaws.com is asked about as a custom domain first.
    same(asked(**way, **TOLD["cluster"])[1], TOLD["database"])


@step("IAM mode: a cluster, GetClusterCredentialsWithIAM")
def _() -> None:
    way = {**TOLD["iam"]["producer"], "cluster_identifier": "finance", "group_federation": True}
    same(asked(**way)[0].startswith("IAM"), True)


@step("IAM mode: a workgroup of each account, GetCredentials")
def _() -> None:
    for side, group in (("producer", "sales-wg"), ("consumer", "analytics-wg")):
        way = {**TOLD["iam"][side], "is_serverless": True, "serverless_work_group": group}
        same(asked(**way, serverless_acct_id=TOLD["account"])[1], TOLD["database"])
