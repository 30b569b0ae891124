"""awswrangler: frames written and read by both of its ways, both sides of a share."""

from __future__ import annotations

import datetime as dt
import os
from decimal import Decimal
from typing import Any

import awswrangler as wr
import boto3
import pandas as pd
import redshift_connector
from telling import TOLD, same, step

SHARE = TOLD["share"]
ROLE = "arn:aws:iam::111111111111:role/load"
os.environ.update(TOLD["environment"])


def connect(side: str) -> Any:
    return redshift_connector.connect(
        **TOLD[side],
        database=TOLD["database"],
        user=TOLD["user"],
        password=TOLD["password"],
        ssl=False,
    )


def frame(first: int, words: list[str | None]) -> pd.DataFrame:
    size = len(words)
    return pd.DataFrame(
        {
            "id": pd.Series(range(first, first + size), dtype="Int64"),
            "words": pd.Series(words, dtype="string"),
            "part": pd.Series([0.5] * size, dtype="float64"),
            "flag": pd.Series([True] * size, dtype="boolean"),
            "day": [dt.date(2026, 1, 2)] * size,
            "at": pd.Series([pd.Timestamp("2026-01-02 03:04:05.678")] * size),
            "amount": [Decimal("1.50")] * size,
        }
    )


def write(rows: pd.DataFrame, table: str, **how: Any) -> None:
    with connect("producer") as connection:
        wr.redshift.to_sql(rows, connection, table=table, schema="public", index=False, **how)


def read(sql: str, side: str = "producer", **how: Any) -> pd.DataFrame:
    with connect(side) as connection:
        return wr.redshift.read_sql_query(sql, connection, **how)


@step("to_sql: a new table, read_sql_query and read_sql_table")
def _() -> None:
    write(frame(1, ["a", None, "ü 'q' \\"]), "wr_one", mode="overwrite")
    found = read("SELECT * FROM wr_one ORDER BY id")
    same(found["words"].tolist()[::2], ["a", "ü 'q' \\"])
    same(found["words"].isna().tolist(), [False, True, False])
    same(found["amount"].tolist(), [Decimal("1.50")] * 3)
    same(found["at"].tolist()[0], pd.Timestamp("2026-01-02 03:04:05.678"))
    with connect("producer") as connection:
        table = wr.redshift.read_sql_table("wr_one", connection, schema="public")
    same(len(table), 3)


@step("to_sql: append, with a new column, and overwrite by each method")
def _() -> None:
    write(frame(4, ["d"]), "wr_one", mode="append")
    write(frame(5, ["e"]).assign(more="x"), "wr_one", mode="append", add_new_columns=True)
    same(int(read("SELECT count(*) AS n FROM wr_one WHERE more IS NULL")["n"][0]), 4)
    for method in ("drop", "cascade", "truncate", "delete"):
        write(frame(1, ["a"]), "wr_over", mode="overwrite", overwrite_method=method)
    same(int(read("SELECT count(*) AS n FROM wr_over")["n"][0]), 1)


@step("to_sql: upsert on a key")
def _() -> None:
    keys = {"primary_keys": ["id"]}
    write(frame(1, ["a", "b"]), "wr_up", mode="overwrite", **keys)
    write(frame(2, ["B", "C"]), "wr_up", mode="upsert", **keys)
    same(read("SELECT words FROM wr_up ORDER BY id")["words"].tolist(), ["a", "B", "C"])


@step("to_sql: distribution and sort keys, types by hand, many rows")
def _() -> None:
    rows = pd.DataFrame({"id": range(1000), "words": ["x" * 50] * 1000})
    write(
        rows,
        "wr_many",
        mode="overwrite",
        diststyle="KEY",
        distkey="id",
        sortkey=["id"],
        varchar_lengths={"words": 50},
        chunksize=500,
    )
    chunks = read("SELECT * FROM wr_many", chunksize=300)
    same(int(read("SELECT sum(id) AS n FROM wr_many")["n"][0]), 499500)
    del chunks


@step("read_sql_query with parameters and in chunks")
def _() -> None:
    found = read("SELECT words FROM wr_one WHERE id = %s", params=[4])
    same(found["words"].tolist(), ["d"])
    with connect("producer") as connection:
        chunks = wr.redshift.read_sql_query("SELECT id FROM wr_many", connection, chunksize=300)
        same([len(chunk) for chunk in chunks], [300, 300, 300, 100])


@step("copy: a frame by way of S3, upserted as well")
def _() -> None:
    way = {"path": f"{TOLD['folder']}copy/", "iam_role": ROLE, "schema": "public"}
    with connect("producer") as connection:
        wr.redshift.copy(frame(1, ["a", "ü"]), con=connection, table="wr_copy", **way)
        wr.redshift.copy(
            frame(2, ["B", "C"]),
            con=connection,
            table="wr_copy",
            mode="upsert",
            primary_keys=["id"],
            **way,
        )
    found = read("SELECT * FROM wr_copy ORDER BY id")
    same(found["words"].tolist(), ["a", "B", "C"])
    same(found["amount"].tolist(), [Decimal("1.50")] * 3)


@step("unload: a query by way of S3")
def _() -> None:
    with connect("producer") as connection:
        found = wr.redshift.unload(
            "SELECT id, words FROM wr_one WHERE id < 3",
            path=f"{TOLD['folder']}unload/",
            con=connection,
            iam_role=ROLE,
        )
    same(sorted(found["id"].tolist()), [1, 2])


@step("consumer: CREATE DATABASE FROM DATASHARE, frames through the share")
def _() -> None:
    for side, sql in (
        ("producer", f"ALTER DATASHARE {SHARE} ADD TABLE public.wr_one"),
        (
            "consumer",
            f"CREATE DATABASE {SHARE} FROM DATASHARE {SHARE} OF ACCOUNT '{TOLD['account']}' "
            f"NAMESPACE '{TOLD['namespace']}'",
        ),
    ):
        with connect(side) as connection:
            connection.autocommit = True
            connection.cursor().execute(sql)
    found = read(
        f"SELECT id, words FROM {SHARE}.public.wr_one WHERE id > 3 ORDER BY id", "consumer"
    )
    same(found["words"].tolist(), ["d", "e"])


@step("Data API: both accounts' workgroups")
def _() -> None:
    for side, group, table in (
        ("producer", "sales-wg", "public.wr_one"),
        ("consumer", "analytics-wg", f"{SHARE}.public.wr_one"),
    ):
        data = wr.data_api.redshift.connect(
            workgroup_name=group,
            database=TOLD["database"],
            boto3_session=boto3.Session(**TOLD["sessions"][side]),
        )
        found = wr.data_api.redshift.read_sql_query(
            f"SELECT id, words, amount, flag FROM {table} ORDER BY id", data
        )
        same(found["id"].tolist(), [1, 2, 3, 4, 5])
        same(found["flag"].tolist()[0], True)
