"""`make bench`: a node's calls and statements, as ratios to a floor of the same run.

The floor of an AWS call is GetCallerIdentity (routed, verified, answered, no state); the peer of a
consumer's query is the producer's own. Rounds are interleaved: a noisy machine is noisy for both.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.node.running import CONSUMER, PRODUCER, RunningNode

ROUNDS, CALLS = 5, 40
ROWS = 200_000


def _seconds(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    for _ in range(CALLS):
        call()
    return (time.perf_counter() - began) / CALLS


def _compare(title: str, call: Callable[[], object], peer: Callable[[], object]) -> None:
    call()
    peer()
    pairs = [(_seconds(call), _seconds(peer)) for _ in range(ROUNDS)]
    mine = statistics.median(pair[0] for pair in pairs)
    ratio = statistics.median(pair[0] / pair[1] for pair in pairs)
    worst = max(pair[0] / pair[1] for pair in pairs)
    print(f"{title:<58} {mine * 1e3:8.2f} ms {ratio:7.2f}x (worst round {worst:.2f}x)")


def _measure(node: RunningNode) -> None:
    producer, consumer = node.connect("sales"), node.connect("analytics")
    redshift, sts = node.client(), node.client(PRODUCER, "sts")
    for sql in (
        "CREATE TABLE numbers (i integer, k integer)",
        "INSERT INTO numbers VALUES (0, 0), (1, 1), (2, 2), (3, 3), (4, 4)",
        "CREATE DATASHARE benched",
        "ALTER DATASHARE benched ADD SCHEMA public",
        "ALTER DATASHARE benched ADD TABLE numbers",
        f"GRANT USAGE ON DATASHARE benched TO ACCOUNT '{CONSUMER}'",
    ):
        producer.execute(sql)
    doubling = "INSERT INTO numbers SELECT i + (SELECT max(i) + 1 FROM numbers), k FROM numbers"
    size = 5
    while size < ROWS:
        producer.execute(doubling)
        size *= 2
    arn = node.share_arn("benched")
    redshift.authorize_data_share(DataShareArn=arn, ConsumerIdentifier=CONSUMER)
    node.client(CONSUMER).associate_data_share_consumer(
        DataShareArn=arn, ConsumerArn=node.namespace_arn("analytics")
    )
    consumer.execute(
        f"CREATE DATABASE d FROM DATASHARE benched OF ACCOUNT '{PRODUCER}' "
        f"NAMESPACE '{node.guid('sales')}'"
    )
    print(f"{'through boto3, ÷ GetCallerIdentity':<58} {'median':>8}    {'ratio':>7}")
    _compare(
        "DescribeDataShares",
        lambda: redshift.describe_data_shares(DataShareArn=arn),
        sts.get_caller_identity,
    )
    _compare(
        "AuthorizeDataShare (durable)",
        lambda: redshift.authorize_data_share(DataShareArn=arn, ConsumerIdentifier=CONSUMER),
        sts.get_caller_identity,
    )
    print(f"through psycopg, consumer ÷ producer, {size:,} rows")
    for title, sql in (
        ("point query", "SELECT * FROM {}numbers WHERE i = 77"),
        ("aggregate", "SELECT k, count(*), sum(i) FROM {}numbers GROUP BY k"),
    ):
        _compare(
            title,
            lambda sql=sql: consumer.execute(sql.format("d.public.")).fetchall(),
            lambda sql=sql: producer.execute(sql.format("")).fetchall(),
        )


def main() -> None:
    """Start a node, measure, stop it."""
    with tempfile.TemporaryDirectory(prefix="redshare-bench-") as directory:
        node = RunningNode(Path(directory)).start()
        try:
            _measure(node)
        finally:
            node.stop()


main()
