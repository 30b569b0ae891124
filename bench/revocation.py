"""`make bench-revocation`: how long what runs through a share outlives its revocation.

A consumer's query that would run for minutes is under way; the share, or its object, is taken away;
measured is the time from that call's answer to the consumer's error. The goal is a second.
"""

from __future__ import annotations

import statistics
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import psycopg

from tests.node.running import RunningNode
from tests.node.test_revocation import WAYS, Revocable

REPEATS = 5
ROWS = 300
GOAL = 1.0


def ended_after(share: Revocable, way: str) -> float:
    """Seconds from the revocation's answer to the end of a query; its own connection's."""
    share.consumer.execute(
        f"INSERT INTO {share.table} VALUES " + ", ".join(f"({i})" for i in range(ROWS))
    )
    t = share.table
    slow: Any = f"SELECT sum(a.i * b.i + c.i * e.i) FROM {t} a, {t} b, {t} c, {t} e"
    ended: list[float] = []

    def run() -> None:
        try:
            share.consumer.execute(slow)
        except psycopg.Error:
            ended.append(time.perf_counter())

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(1)
    if not thread.is_alive():
        raise SystemExit("the query ended before it could be revoked")
    getattr(share, way)()
    answered = time.perf_counter()
    thread.join()
    if not ended:
        raise SystemExit(f"{way}: the query succeeded")
    return max(0.0, ended[0] - answered)


def main() -> None:
    """Each way as often as REPEATS says, on one node."""
    worst = 0.0
    with tempfile.TemporaryDirectory(prefix="redshare-bench-") as directory:
        node = RunningNode(Path(directory)).start()
        try:
            print(f"{'taken away by':<16} {'median':>8} {'worst':>8}  (goal {GOAL:g} s)")
            for way in WAYS:
                taken = []
                for number in range(REPEATS):
                    share = Revocable(node, f"{way}_{number}", node.connect)
                    taken.append(ended_after(share, way))
                    share.producer.close()
                    share.consumer.close()
                worst = max(worst, *taken)
                print(f"{way:<16} {statistics.median(taken):7.3f}s {max(taken):7.3f}s")
        finally:
            node.stop()
    print(f"worst of all {worst:.3f} s")


main()
