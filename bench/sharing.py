"""`make bench-sharing`: what it costs to work through a share instead of in the producer itself.

The 22 queries of TPC-H, the same text over the same tables, once by the consumer and once by the
producer of one node; rounds are interleaved and alternate in who begins: a noisy machine is noisy
for both. DuckDB's tpch extension makes the data, from a wheel; TPCH_SF is the scale factor.
"""

from __future__ import annotations

import importlib.util
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import psycopg

from tests.node.running import CONSUMER, PRODUCER, RunningNode

SCALE = float(os.environ.get("TPCH_SF", "1"))
ROUNDS = 3
TABLES = ["region", "nation", "supplier", "customer", "part", "partsupp", "orders", "lineitem"]
SUFFIXES = {"VARCHAR": "(256)"}
Sql = psycopg.Connection[Any]


def generate(directory: Path) -> tuple[dict[str, str], list[tuple[int, str]]]:
    """Parquet files of every table into `directory`: table -> its columns, and the queries."""
    package = importlib.util.find_spec("duckdb_extension_tpch")
    if package is None or package.origin is None:
        raise SystemExit("the wheel duckdb-extension-tpch is not installed")
    folder = Path(package.origin).parent / "extensions" / f"v{duckdb.__version__}"
    database = duckdb.connect()
    database.execute(f"LOAD '{folder / 'tpch.duckdb_extension'}'")
    database.execute(f"CALL dbgen(sf = {SCALE})")
    columns = {}
    for table in TABLES:
        found = database.execute(f"DESCRIBE {table}").fetchall()
        columns[table] = ", ".join(f"{row[0]} {row[1]}{SUFFIXES.get(row[1], '')}" for row in found)
        database.execute(f"COPY {table} TO '{directory / table}.parquet' (FORMAT parquet)")
    queries = database.execute("SELECT query_nr, query FROM tpch_queries() ORDER BY 1").fetchall()
    database.close()
    return columns, queries


def share(node: RunningNode, producer: Sql, consumer: Sql) -> list[tuple[int, str]]:
    """Load the producer, share every table, and let the consumer stand in its database."""
    columns, queries = generate(node.buckets / "landing")
    producer.execute("CREATE DATASHARE tpch")
    producer.execute("GRANT USAGE ON SCHEMA public TO DATASHARE tpch")
    for table in TABLES:
        producer.execute(f"CREATE TABLE {table} ({columns[table]})")
        producer.execute(
            f"COPY {table} FROM 's3://landing/{table}.parquet' "
            f"IAM_ROLE 'arn:aws:iam::{PRODUCER}:role/loader' FORMAT PARQUET"
        )
        producer.execute(f"GRANT SELECT ON TABLE {table} TO DATASHARE tpch")
    producer.execute(f"CREATE TABLE sink ({columns['lineitem']})")
    producer.execute("GRANT SELECT, INSERT ON TABLE sink TO DATASHARE tpch")
    producer.execute(f"GRANT USAGE ON DATASHARE tpch TO ACCOUNT '{CONSUMER}'")
    arn = node.share_arn("tpch")
    node.client().authorize_data_share(
        DataShareArn=arn, ConsumerIdentifier=CONSUMER, AllowWrites=True
    )
    node.client(CONSUMER).associate_data_share_consumer(
        DataShareArn=arn, ConsumerArn=node.namespace_arn("analytics"), AllowWrites=True
    )
    consumer.execute(
        f"CREATE DATABASE tpch FROM DATASHARE tpch OF ACCOUNT '{PRODUCER}' "
        f"NAMESPACE '{node.guid('sales')}'"
    )
    consumer.execute("USE tpch")
    return queries


def seconds(call: Callable[[], object]) -> float:
    """How long a call takes."""
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def interleaved(
    through: Callable[[], object],
    local: Callable[[], object],
    before: Callable[[], object] = lambda: None,
) -> list[tuple[float, float]]:
    """Seconds of both in every round; each begins every second round."""
    pairs = []
    for number in range(ROUNDS):
        taken = {}
        for call in (through, local) if number % 2 else (local, through):
            before()
            taken[call] = seconds(call)
        pairs.append((taken[through], taken[local]))
    return pairs


def reads(queries: list[tuple[int, str]], consumer: Sql, producer: Sql) -> None:
    """Each query's ratio, and the ratio of the sums."""
    sums = [[0.0, 0.0] for _ in range(ROUNDS)]
    for number, query in queries:
        sql: Any = query.rstrip().rstrip(";")
        try:
            rows = producer.execute(sql).fetchall()
        except psycopg.Error as error:
            print(f"Q{number:<3} is not run: {error.diag.message_primary}")
            continue
        if consumer.execute(sql).fetchall() != rows:
            raise SystemExit(f"Q{number}: the consumer reads other rows")
        pairs = interleaved(
            lambda sql=sql: consumer.execute(sql).fetchall(),
            lambda sql=sql: producer.execute(sql).fetchall(),
        )
        for total, pair in zip(sums, pairs, strict=True):
            total[0] += pair[0]
            total[1] += pair[1]
        ratio = statistics.median(mine / peer for mine, peer in pairs)
        print(f"Q{number:<3} {statistics.median(p[0] for p in pairs) * 1e3:9.1f} ms {ratio:6.2f}x")
    ratios = [mine / peer for mine, peer in sums]
    total = statistics.median(mine for mine, _ in sums)
    print(
        f"all  {total * 1e3:9.1f} ms {statistics.median(ratios):6.2f}x "
        f"(worst round {max(ratios):.2f}x) goal 1.05x or less"
    )


def writes(consumer: Sql, producer: Sql) -> None:
    """Rows a second of INSERT … SELECT into the producer's table."""
    insert = "INSERT INTO sink SELECT * FROM lineitem"
    count = producer.execute(insert).rowcount
    pairs = interleaved(
        lambda: consumer.execute(insert),
        lambda: producer.execute(insert),
        before=lambda: producer.execute("TRUNCATE sink"),
    )
    rates = [local / through for through, local in pairs]
    rate = statistics.median(count / through for through, _ in pairs)
    print(
        f"INSERT … SELECT through the share {rate:12,.0f} rows/s {statistics.median(rates):6.2f}x "
        f"(worst round {min(rates):.2f}x) goal 0.9x or more"
    )


def stored(node: RunningNode) -> dict[str, int]:
    """Bytes of the data files of every database that has some, by the database's directory."""
    found: dict[str, int] = {}
    lakes = node.directory / "state" / "lakes"
    for file in lakes.glob("[0-9a-f]*/**/*"):
        if file.is_file():
            lake = file.relative_to(lakes).parts[0]
            found[lake] = found.get(lake, 0) + file.stat().st_size
    return found


def main() -> None:
    """Start a node, measure, stop it."""
    with tempfile.TemporaryDirectory(prefix="redshare-bench-") as directory:
        node = RunningNode(Path(directory)).start()
        try:
            with node.connect("sales") as producer, node.connect("analytics") as consumer:
                queries = share(node, producer, consumer)
                loaded = stored(node)
                print(f"TPC-H SF{SCALE:g}, consumer ÷ producer, {ROUNDS} rounds")
                reads(queries, consumer, producer)
                writes(consumer, producer)
                # Only the producer's database had files when the share was made.
                copied = sum(size for lake, size in stored(node).items() if lake not in loaded)
                print(f"bytes of the producer's tables {sum(loaded.values()):,}")
                print(f"bytes copied to the consumer {copied:,} goal 0")
        finally:
            node.stop()


main()
