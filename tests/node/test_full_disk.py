"""A disk on which nothing more can be written: clear errors, nothing lost, and it goes on after."""

from __future__ import annotations

import contextlib
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from botocore.exceptions import ClientError

from tests.node.running import CONSUMER, RunningNode

pytestmark = [pytest.mark.server, pytest.mark.crash]

ROUNDS = 15
RESTART_SECONDS = 60


class SmallDisk:
    """A file system of its own that can be filled to the last byte."""

    def __init__(self, place: Path) -> None:
        self.place = place
        place.mkdir()
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=256m", "redshare-test", str(place)],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            pytest.skip(f"a file system cannot be mounted here: {done.stderr.strip()}")

    def fill(self) -> None:
        """Until there is no space left."""
        with contextlib.suppress(OSError), (self.place / "filler").open("wb", 0) as filler:
            while True:
                filler.write(bytes(1 << 12))

    def free(self) -> None:
        """As it was before."""
        (self.place / "filler").unlink(missing_ok=True)

    def unmount(self) -> None:
        """Give it up."""
        subprocess.run(["umount", "--lazy", str(self.place)], check=True)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    made = SmallDisk(tmp_path / "small")
    yield made
    made.unmount()


@pytest.fixture
def own_node(disk: SmallDisk) -> Iterator[RunningNode]:
    """A node of its own on that disk, with a share and a table."""
    node = RunningNode(disk.place).start()
    with node.connect("sales") as producer:
        for sql in (
            "CREATE TABLE t (i integer)",
            "CREATE DATASHARE s",
            f"GRANT USAGE ON DATASHARE s TO ACCOUNT '{CONSUMER}'",
        ):
            producer.execute(sql)
    yield node
    disk.free()
    assert node.stop() == 0


def _insert(node: RunningNode, number: int) -> str:
    """The SQLSTATE, or nothing if it was acknowledged."""
    try:
        with node.connect("sales") as producer:
            producer.execute(f"INSERT INTO t VALUES ({number})")
    except psycopg.Error as error:
        return error.sqlstate or "connection"
    return ""


def _authorize(node: RunningNode, *, writes: bool) -> str:
    """The error's code, or nothing if it was acknowledged."""
    try:
        node.client().authorize_data_share(
            DataShareArn=node.share_arn("s"), ConsumerIdentifier=CONSUMER, AllowWrites=writes
        )
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return ""


def test_a_full_disk_is_told_and_nothing_is_lost(own_node: RunningNode, disk: SmallDisk) -> None:
    """Every refusal is in the client's protocol; what was acknowledged is there afterwards."""
    arn = own_node.share_arn("s")
    rows = {number for number in range(ROUNDS) if not _insert(own_node, number)}
    flags = [writes for writes in (True,) if not _authorize(own_node, writes=writes)]
    disk.fill()
    told: set[str] = set()
    for number in range(ROUNDS, 2 * ROUNDS):
        state = _insert(own_node, number)
        code = _authorize(own_node, writes=bool(number % 2))
        told |= {state, code} - {""}
        rows |= {number} if not state else set()
        flags += [bool(number % 2)] if not code else []
    disk.free()
    deadline = time.monotonic() + RESTART_SECONDS
    while _insert(own_node, -1):
        assert time.monotonic() < deadline
    with own_node.connect("sales") as producer:
        found = {row[0] for row in producer.execute("SELECT i FROM t").fetchall()}
    assert rows <= found - {-1}
    (share,) = own_node.client().describe_data_shares(DataShareArn=arn)["DataShares"]
    assert share["DataShareAssociations"][0]["ProducerAllowedWrites"] == flags[-1]
    assert told, "nothing was refused: the disk was not full"
    assert told <= {"53100", "58030", "57P03", "08006", "ServiceUnavailable"}
