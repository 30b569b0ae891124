"""Nothing acknowledged is lost when a node, a worker or PostgreSQL is killed."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from tests.node.running import CONSUMER, PRODUCER, RunningNode

pytestmark = [pytest.mark.server, pytest.mark.crash]

SHARES = [f"crash{number}" for number in range(4)]
#: Acknowledged writes of each kind that a run must have seen.
ENOUGH = 200


@pytest.fixture
def crashing(tmp_path: Path) -> Iterator[RunningNode]:
    """A node of its own with a share that the consumer writes through two tables of."""
    node = RunningNode(tmp_path).start()
    with node.connect("sales") as producer, node.connect("analytics") as consumer:
        for sql in ("CREATE TABLE a (i integer)", "CREATE TABLE b (i integer)"):
            producer.execute(sql)
        for share in SHARES:
            producer.execute(f"CREATE DATASHARE {share}")
            producer.execute(f"ALTER DATASHARE {share} ADD SCHEMA public")
            producer.execute(f"GRANT USAGE ON DATASHARE {share} TO ACCOUNT '{CONSUMER}'")
        producer.execute("GRANT SELECT, INSERT ON TABLE a, b TO DATASHARE crash0")
        node.client().authorize_data_share(
            DataShareArn=node.share_arn("crash0"), ConsumerIdentifier=CONSUMER, AllowWrites=True
        )
        node.client(CONSUMER).associate_data_share_consumer(
            DataShareArn=node.share_arn("crash0"),
            ConsumerArn=node.namespace_arn("analytics"),
            AllowWrites=True,
        )
        consumer.execute(
            f"CREATE DATABASE d FROM DATASHARE crash0 OF ACCOUNT '{PRODUCER}' "
            f"NAMESPACE '{node.guid('sales')}'"
        )
    yield node
    node.stop()


class Load:
    """Threads that write until the node refuses them, and what was acknowledged to them."""

    def __init__(self, node: RunningNode) -> None:
        self.node = node
        self.flags: dict[str, bool] = {}
        #: The call that was under way when the node went: either value is right for it.
        self.asked: dict[str, bool] = {}
        self.calls = 0
        self.rows: list[int] = []
        self.tried = 0
        self._stop = threading.Event()
        self._arns = {share: node.share_arn(share) for share in SHARES[1:]}

    def run(self, until: Any) -> None:
        threads = [threading.Thread(target=self._authorize, args=(s,)) for s in self._arns]
        threads.append(threading.Thread(target=self._insert))
        for thread in threads:
            thread.start()
        until()
        self._stop.set()
        for thread in threads:
            thread.join(60)

    def _authorize(self, share: str) -> None:
        client, writes = self.node.client(), False
        while not self._stop.is_set():
            writes = not writes
            self.asked[share] = writes
            try:
                client.authorize_data_share(
                    DataShareArn=self._arns[share], ConsumerIdentifier=CONSUMER, AllowWrites=writes
                )
            except (ClientError, BotoCoreError, ResponseParserError):
                return  # the last of these: the node went between an answer's head and its body
            self.flags[share] = writes
            self.calls += 1

    def _insert(self) -> None:
        try:
            with self.node.connect("analytics") as consumer:
                while not self._stop.is_set():
                    self.tried += 1
                    consumer.execute("BEGIN")
                    consumer.execute(f"INSERT INTO d.public.a VALUES ({self.tried})")
                    consumer.execute(f"INSERT INTO d.public.b VALUES ({self.tried})")
                    consumer.execute("COMMIT")
                    self.rows.append(self.tried)
        except psycopg.Error:
            return


def check(node: RunningNode, load: Load) -> None:
    """Everything acknowledged is there, nothing is half there."""
    for share, writes in load.flags.items():
        found = node.client().describe_data_shares(DataShareArn=node.share_arn(share))
        (entry,) = found["DataShares"][0]["DataShareAssociations"]
        assert entry["Status"] == "AUTHORIZED"
        assert entry["ProducerAllowedWrites"] in {writes, load.asked[share]}
    with node.connect("sales") as producer:
        a = [row[0] for row in producer.execute("SELECT i FROM a ORDER BY i").fetchall()]
        b = [row[0] for row in producer.execute("SELECT i FROM b ORDER BY i").fetchall()]
    assert a == b
    assert set(load.rows) <= set(a)
    assert len(a) == len(set(a))


def enough(load: Load, calls: int, rows: int) -> Any:
    def wait() -> None:
        while load.calls < calls or len(load.rows) < rows:
            assert not load._stop.wait(0.01)

    return wait


def test_killed_node(crashing: RunningNode) -> None:
    """Twice kill -9 of the node, in streams of authorisations and of shared inserts."""
    calls = rows = 0
    load = Load(crashing)
    for _ in range(2):
        wait = enough(load, load.calls + ENOUGH // 2, len(load.rows) + ENOUGH // 2)

        def until(wait: Any = wait) -> None:
            wait()
            crashing.kill()

        load._stop.clear()
        load.run(until)
        crashing.start()
        check(crashing, load)
        calls, rows = load.calls, len(load.rows)
    assert calls >= ENOUGH
    assert rows >= ENOUGH


def children(of: int) -> dict[int, str]:
    """The processes below one, with their command lines."""
    found: dict[int, str] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue
            if int(fields[1]) == of:
                found[int(entry.name)] = line
                found |= children(int(entry.name))
    return found


def test_killed_worker(crashing: RunningNode) -> None:
    """A session hears of it; the next statement works; nothing acknowledged is lost."""
    load = Load(crashing)
    assert crashing.process is not None
    node_id = crashing.process.pid

    def until() -> None:
        enough(load, ENOUGH, ENOUGH)()
        for process, line in children(node_id).items():
            if "engine.worker" in line:
                os.kill(process, signal.SIGKILL)

    load.run(until)
    check(crashing, load)
    with crashing.connect("analytics") as consumer:
        consumer.execute("INSERT INTO d.public.a VALUES (-1)")


def test_killed_postgresql(crashing: RunningNode) -> None:
    """The node starts it again by itself; whatever was acknowledged is there."""
    load = Load(crashing)
    directory = crashing.directory / "state" / "postgres"

    def until() -> None:
        enough(load, ENOUGH, ENOUGH)()
        (pid_file,) = directory.rglob("postmaster.pid")
        os.kill(int(pid_file.read_text().split()[0]), signal.SIGKILL)

    load.run(until)
    for _ in range(300):
        with contextlib.suppress(ClientError, psycopg.Error), crashing.connect("sales") as producer:
            producer.execute("SELECT count(*) FROM a")
            break
        time.sleep(0.2)  # the node starts its PostgreSQL again by itself
    check(crashing, load)


def test_commit_without_its_lock(crashing: RunningNode) -> None:
    """A COMMIT that finds the write lock gone says so; it is never tried again and then "done"."""
    directory = crashing.directory / "state" / "postgres"
    server = psycopg.connect(
        host=str((directory / "sockets").readlink()),
        user="redshare",
        password=(directory / "password").read_text().strip(),
        dbname="postgres",
        autocommit=True,
    )
    with server, crashing.connect("sales") as producer:
        producer.execute("BEGIN")
        producer.execute("INSERT INTO a VALUES (1)")
        server.execute(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
            " WHERE application_name = 'redshare lock'"
        )
        with pytest.raises(psycopg.errors.SerializationFailure):
            producer.execute("COMMIT")
        assert producer.info.transaction_status == psycopg.pq.TransactionStatus.IDLE
        producer.execute("INSERT INTO a VALUES (2)")
        assert producer.execute("SELECT i FROM a").fetchall() == [(2,)]
