"""What the producer committed is in the consumer's next transaction, whole.

REDSHARE_SOAK=1 runs the long form.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator

import psycopg
import pytest

from tests.node.conftest import Connect
from tests.node.running import RunningNode
from tests.node.test_sharing import Writable, one

pytestmark = pytest.mark.server

COMMITS = 10_000 if os.environ.get("REDSHARE_SOAK") else 250
READS = 1_000 if os.environ.get("REDSHARE_SOAK") else 150
TOTAL = 1_000


@pytest.fixture
def share(node: RunningNode, name: str, connect: Connect) -> Iterator[Writable]:
    """A share of two tables of one row, the second of which holds everything."""
    made = Writable(node, name, connect)
    made.producer.execute(f"INSERT INTO w_{name}.t VALUES (0)")
    made.producer.execute(f"INSERT INTO w_{name}.readonly VALUES ({TOTAL})")
    yield made
    made.producer.execute(f"DROP DATASHARE {name}")


def test_no_read_is_stale(share: Writable) -> None:
    """A transaction that begins after a commit was acknowledged reads what it wrote."""
    stale = []
    for number in range(1, COMMITS + 1):
        share.producer.execute(f"UPDATE w_{share.name}.t SET i = {number}")
        with share.consumer.transaction():
            found = one(share.consumer, f"SELECT i FROM {share.table}")
        if found != number:
            stale.append((number, found))
    assert stale == []


def test_no_transfer_is_torn(share: Writable, connect: Connect) -> None:
    """Two tables that one transaction changes are read as before it or after it."""
    source, target = f"w_{share.name}.readonly", f"w_{share.name}.t"
    ended, broken = threading.Event(), []
    writer = connect("sales")

    def transfer() -> None:
        amount = 1
        try:
            while not ended.is_set():
                with writer.transaction():
                    writer.execute(f"UPDATE {source} SET i = i - {amount}")
                    writer.execute(f"UPDATE {target} SET i = i + {amount}")
                amount = 1 - 2 * (amount > 0)
        except psycopg.Error as error:
            broken.append(error)

    thread = threading.Thread(target=transfer)
    thread.start()
    torn, seen = [], set()
    try:
        for _ in range(READS):
            with share.consumer.transaction():
                # Two statements: one snapshot has to serve both.
                here = one(share.consumer, f"SELECT i FROM d_{share.name}.{source}")
                there = one(share.consumer, f"SELECT i FROM {share.table}")
            seen.add((here, there))
            if here + there != TOTAL:
                torn.append((here, there))
    finally:
        ended.set()
        thread.join()
    assert (torn, broken) == ([], [])
    assert len(seen) > 1, "nothing was transferred while the consumer read"
