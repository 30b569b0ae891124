"""dlt to a producer's warehouse: nested rows, every write disposition, a schema that grows."""

from __future__ import annotations

import os
import tempfile
from typing import Any

HOME = tempfile.mkdtemp(prefix="redshare-dlt-")
os.environ.update(DLT_DATA_DIR=HOME, RUNTIME__DLTHUB_TELEMETRY="false", RUNTIME__LOG_LEVEL="ERROR")

import dlt  # noqa: E402 - its folder is read from the environment
import psycopg2  # noqa: E402 - beside dlt
from telling import TOLD, same, step  # noqa: E402 - as above

SHARE = TOLD["share"]


def destination() -> Any:
    way = TOLD["producer"]
    return dlt.destinations.redshift(
        credentials={
            **way,
            "username": TOLD["user"],
            "password": TOLD["password"],
            "database": TOLD["database"],
            "query": {"sslmode": "disable"},
        }
    )


def load(data: Any, **how: Any) -> None:
    pipeline = dlt.pipeline(
        "compat", destination=destination(), dataset_name="dlt_data", pipelines_dir=HOME
    )
    pipeline.run(data, **how).raise_on_failed_jobs()


def asked(side: str, sql: str) -> list[tuple[Any, ...]]:
    connection = psycopg2.connect(
        **TOLD[side],
        dbname=TOLD["database"],
        user=TOLD["user"],
        password=TOLD["password"],
        sslmode="disable",
    )
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall() if cursor.description else []


@step("a first load: tables of nested rows")
def _() -> None:
    people = [
        {"id": 1, "name": "Ada", "tags": ["a", "b"], "born": "1815-12-10"},
        {"id": 2, "name": "Jürgen 'q'", "tags": [], "born": None},
    ]
    load(people, table_name="people", write_disposition="append")
    same(asked("producer", "SELECT name FROM dlt_data.people ORDER BY id")[1], ("Jürgen 'q'",))
    same(asked("producer", "SELECT count(*) FROM dlt_data.people__tags"), [(2,)])


@step("append with a new column: the schema grows")
def _() -> None:
    load(
        [{"id": 3, "name": "Grace", "height": 1.68}],
        table_name="people",
        write_disposition="append",
    )
    same(asked("producer", "SELECT count(*), count(height) FROM dlt_data.people"), [(3, 1)])


@step("replace")
def _() -> None:
    for n in (1, 2):
        load([{"id": n}], table_name="replaced", write_disposition="replace")
    same(asked("producer", "SELECT id FROM dlt_data.replaced"), [(2,)])


@step("merge on a key")
def _() -> None:
    for rows in ([{"id": 1, "n": 1}, {"id": 2, "n": 1}], [{"id": 2, "n": 2}, {"id": 3, "n": 2}]):
        load(rows, table_name="merged", write_disposition="merge", primary_key="id")
    same(asked("producer", "SELECT n FROM dlt_data.merged ORDER BY id"), [(1,), (2,), (2,)])


@step("its dataset read back")
def _() -> None:
    pipeline = dlt.pipeline(
        "compat", destination=destination(), dataset_name="dlt_data", pipelines_dir=HOME
    )
    with (
        pipeline.sql_client() as client,
        client.execute_query("SELECT count(*) FROM merged") as found,
    ):
        same(found.fetchall(), [(3,)])


@step("consumer: the loaded tables through a share")
def _() -> None:
    asked("producer", f"ALTER DATASHARE {SHARE} ADD SCHEMA dlt_data")
    asked("producer", f"ALTER DATASHARE {SHARE} ADD ALL TABLES IN SCHEMA dlt_data")
    asked(
        "consumer",
        f"CREATE DATABASE {SHARE} FROM DATASHARE {SHARE} OF ACCOUNT '{TOLD['account']}' "
        f"NAMESPACE '{TOLD['namespace']}'",
    )
    same(asked("consumer", f"SELECT count(*) FROM {SHARE}.dlt_data.merged"), [(3,)])
