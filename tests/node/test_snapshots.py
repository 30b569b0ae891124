"""Snapshots of clusters, by boto3 and its waiters: taken, restored, dropped."""

from __future__ import annotations

import contextlib
import itertools
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from botocore.exceptions import ClientError

from tests.node.running import CONSUMER, PASSWORD, PRODUCER, REGION, STRANGER, RunningNode

pytestmark = pytest.mark.server

Open = Callable[..., psycopg.Connection[Any]]


@pytest.fixture
def client(node: RunningNode, name: str) -> Iterator[Any]:
    """The producer's, with a cluster of the test's name; what is made goes afterwards."""
    made = node.client()
    made.create_cluster(
        ClusterIdentifier=name,
        NodeType="ra3.xlplus",
        MasterUsername="admin",
        MasterUserPassword=PASSWORD,
    )
    yield made
    for cluster in (name, f"{name}-again"):
        with contextlib.suppress(ClientError):
            made.delete_cluster(ClusterIdentifier=cluster, SkipFinalClusterSnapshot=True)
    for snapshot in made.describe_cluster_snapshots(ClusterIdentifier=name)["Snapshots"]:
        made.delete_cluster_snapshot(SnapshotIdentifier=snapshot["SnapshotIdentifier"])


@pytest.fixture
def connect(client: Any) -> Iterator[Open]:
    """Connections to clusters by identifier, closed after the test."""
    with contextlib.ExitStack() as stack:

        def opened(identifier: str, **more: Any) -> psycopg.Connection[Any]:
            found = client.describe_clusters(ClusterIdentifier=identifier)["Clusters"][0]
            named = {"dbname": "dev", "user": "admin", "password": PASSWORD, **more}
            connection = psycopg.connect(
                host=found["Endpoint"]["Address"],
                port=found["Endpoint"]["Port"],
                sslmode="require",
                autocommit=True,
                **named,
            )
            stack.callback(connection.close)
            return connection

        yield opened


def namespace(client: Any, identifier: str) -> str:
    """The GUID of a cluster's namespace."""
    found = client.describe_clusters(ClusterIdentifier=identifier)["Clusters"][0]
    return str(found["ClusterNamespaceArn"])[-36:]


def restore(client: Any, name: str, **more: Any) -> str:
    """The snapshot of that name as another cluster, once that is restored."""
    again = f"{name}-again"
    client.restore_from_cluster_snapshot(
        ClusterIdentifier=again, SnapshotIdentifier=f"{name}-snapshot", **more
    )
    client.get_waiter("cluster_restored").wait(ClusterIdentifier=again)
    return again


def test_everything_comes_back(client: Any, connect: Open, name: str) -> None:
    """A restored cluster has the data and the rules of its moment, in a namespace of its own."""
    first = connect(name)
    for sql in (
        "CREATE SCHEMA books",
        "CREATE TABLE books.t (i integer, words varchar(20))",
        "INSERT INTO books.t VALUES (1, 'a'), (2, 'b')",
        "DELETE FROM books.t WHERE i = 2",
        "CREATE VIEW v AS SELECT words FROM books.t",
        "CREATE FUNCTION twice(integer) RETURNS integer STABLE AS $$ SELECT 2 * $1 $$ LANGUAGE sql",
        "CREATE GROUP readers",
        "CREATE ROLE writers",
        "CREATE USER ann PASSWORD 'Passw0rd!' IN GROUP readers",
        "GRANT USAGE ON SCHEMA books TO GROUP readers",
        "GRANT SELECT ON books.t TO GROUP readers",
        "CREATE DATABASE other",
        f"CREATE DATASHARE {name}",
        f"ALTER DATASHARE {name} ADD SCHEMA books",
        f"ALTER DATASHARE {name} ADD TABLE books.t",
        f"GRANT USAGE ON DATASHARE {name} TO ACCOUNT '{CONSUMER}'",
    ):
        first.execute(sql)
    connect(name, dbname="other").execute("CREATE TABLE o AS SELECT 7 AS i")

    taken = client.create_cluster_snapshot(
        SnapshotIdentifier=f"{name}-snapshot", ClusterIdentifier=name
    )["Snapshot"]
    assert (taken["Status"], taken["SnapshotType"]) == ("creating", "manual")
    client.get_waiter("snapshot_available").wait(SnapshotIdentifier=f"{name}-snapshot")
    first.execute("INSERT INTO books.t VALUES (3, 'after')")
    first.execute("CREATE TABLE after (i integer)")

    again = restore(client, name)
    assert namespace(client, again) != namespace(client, name)
    second = connect(again)
    assert second.execute("SELECT * FROM books.t").fetchall() == [(1, "a")]
    assert second.execute("SELECT * FROM v").fetchall() == [("a",)]
    assert second.execute("SELECT twice(4)").fetchall() == [(8,)]
    with pytest.raises(psycopg.errors.UndefinedTable):
        second.execute("SELECT * FROM after")
    ann = connect(again, user="ann")
    assert ann.execute("SELECT count(*) FROM books.t").fetchall() == [(1,)]
    assert connect(again, dbname="other").execute("SELECT i FROM o").fetchall() == [(7,)]

    second.execute("INSERT INTO books.t VALUES (4, 'restored')")
    second.execute("UPDATE books.t SET words = 'changed' WHERE i = 1")
    second.execute("CREATE TABLE mine AS SELECT * FROM books.t")
    assert first.execute("SELECT i, words FROM books.t ORDER BY 1").fetchall() == [
        (1, "a"),
        (3, "after"),
    ]
    shares = second.execute(
        "SELECT share_name FROM svv_datashares WHERE share_type = 'OUTBOUND'"
    ).fetchall()
    assert shares == [(name,)]
    arn = f"arn:aws:redshift:{REGION}:{PRODUCER}:datashare:{namespace(client, again)}/{name}"
    with pytest.raises(client.exceptions.InvalidDataShareFault):
        client.authorize_data_share(DataShareArn=arn, ConsumerIdentifier=CONSUMER)

    # The restored cluster needs neither the one it came from nor the snapshot.
    client.delete_cluster(ClusterIdentifier=name, SkipFinalClusterSnapshot=True)
    client.delete_cluster_snapshot(SnapshotIdentifier=f"{name}-snapshot")
    rows = second.execute("SELECT i, words FROM books.t ORDER BY 1").fetchall()
    assert rows == [(1, "changed"), (4, "restored")]


def test_a_restored_share_is_shared_anew(
    client: Any, connect: Open, node: RunningNode, name: str
) -> None:
    """A share comes back with its objects and without consumers, and works once granted."""
    first = connect(name)
    first.execute("CREATE TABLE t AS SELECT 5 AS i")
    first.execute(f"CREATE DATASHARE {name}")
    first.execute(f"ALTER DATASHARE {name} ADD SCHEMA public")
    first.execute(f"ALTER DATASHARE {name} ADD TABLE public.t")
    first.execute(f"GRANT USAGE ON DATASHARE {name} TO NAMESPACE '{node.guid('sales')}'")
    client.create_cluster_snapshot(SnapshotIdentifier=f"{name}-snapshot", ClusterIdentifier=name)
    again = restore(client, name)
    guid = namespace(client, again)
    made = f"CREATE DATABASE {name} FROM DATASHARE {name} OF NAMESPACE '{guid}'"
    with node.connect("sales") as reader:
        with pytest.raises(psycopg.Error):
            reader.execute(made)
        connect(again).execute(
            f"GRANT USAGE ON DATASHARE {name} TO NAMESPACE '{node.guid('sales')}'"
        )
        reader.execute(made)
        assert reader.execute(f"SELECT i FROM {name}.public.t").fetchall() == [(5,)]
        reader.execute(f"DROP DATABASE {name}")


@contextlib.contextmanager
def writing(*writers: Callable[[int], None]) -> Iterator[None]:
    """Each is called again and again, with 0, 1, 2, … in a thread of its own."""
    stop = threading.Event()
    errors: list[BaseException] = []

    def write(writer: Callable[[int], None]) -> None:
        try:
            for number in itertools.count():
                if stop.is_set():
                    return
                writer(number)
        except psycopg.Error as error:
            errors.append(error)

    threads = [threading.Thread(target=write, args=(writer,)) for writer in writers]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert errors == []


def test_a_snapshot_is_of_one_moment(client: Any, connect: Open, name: str) -> None:
    """While nobody stops writing, each snapshot is taken, and has a transaction wholly or not."""
    first, second = connect(name), connect(name)
    for sql in (
        "CREATE DATABASE other",
        "CREATE TABLE a AS SELECT 500 AS i",
        "CREATE TABLE b AS SELECT 500 AS i",
        "CREATE TABLE made (i integer)",
    ):
        first.execute(sql)

    def transfer(number: int) -> None:
        with first.transaction():
            first.execute("LOCK TABLE a")
            first.execute(f"UPDATE a SET i = i - {number}")
            first.execute(f"UPDATE b SET i = i + {number}")

    def create(number: int) -> None:
        with second.transaction():
            second.execute("LOCK TABLE made")
            second.execute(f"CREATE TABLE m{number} AS SELECT {number} AS i")
            second.execute(f"INSERT INTO made VALUES ({number})")

    taken = [f"{name}-{number}" for number in range(3)]
    with writing(transfer, create):
        for snapshot in taken:
            client.create_cluster_snapshot(SnapshotIdentifier=snapshot, ClusterIdentifier=name)
    most = 0
    for snapshot in taken:
        again = f"{name}-again"
        client.restore_from_cluster_snapshot(ClusterIdentifier=again, SnapshotIdentifier=snapshot)
        with connect(again) as restored:
            total = restored.execute("SELECT (SELECT i FROM a) + (SELECT i FROM b)").fetchall()
            assert total == [(1000,)]
            made = restored.execute("SELECT i FROM made ORDER BY 1").fetchall()
            there = restored.execute(
                "SELECT tablename FROM pg_tables WHERE tablename ~ '^m[0-9]+$'"
            ).fetchall()
            assert sorted(int(table[1:]) for (table,) in there) == [number for (number,) in made]
            assert len(made) >= most
            most = len(made)
        client.delete_cluster(ClusterIdentifier=again, SkipFinalClusterSnapshot=True)
    assert most > 0


def test_a_long_writer_does_not_hold_a_snapshot_up(client: Any, connect: Open, name: str) -> None:
    """A transaction that has written and does not end is not in the snapshot, nor in its way."""
    writer = connect(name)
    writer.execute("CREATE TABLE t AS SELECT 1 AS i")
    with writer.transaction():
        writer.execute("INSERT INTO t VALUES (2)")
        client.create_cluster_snapshot(
            SnapshotIdentifier=f"{name}-snapshot", ClusterIdentifier=name
        )
    assert connect(restore(client, name)).execute("SELECT i FROM t").fetchall() == [(1,)]


def test_final_snapshot(client: Any, connect: Open, name: str) -> None:
    """A cluster deleted with a final snapshot comes back under its own name."""
    connect(name).execute("CREATE TABLE t AS SELECT 1 AS i")
    client.delete_cluster(ClusterIdentifier=name, FinalClusterSnapshotIdentifier=f"{name}-snapshot")
    (kept,) = client.describe_cluster_snapshots(ClusterIdentifier=name, ClusterExists=False)[
        "Snapshots"
    ]
    client.restore_from_cluster_snapshot(
        ClusterIdentifier=name,
        SnapshotArn=kept["SnapshotArn"],
        NodeType="ra3.4xlarge",
        NumberOfNodes=3,
        Encrypted=False,
    )
    client.get_waiter("cluster_restored").wait(ClusterIdentifier=name)
    found = client.describe_clusters(ClusterIdentifier=name)["Clusters"][0]
    assert (found["NodeType"], found["NumberOfNodes"]) == ("ra3.4xlarge", 3)
    assert found["Encrypted"] is False
    assert connect(name).execute("SELECT i FROM t").fetchall() == [(1,)]


def test_refusals(client: Any, node: RunningNode, name: str) -> None:
    """Each error of the snapshot operations is AWS's."""
    snapshot = f"{name}-snapshot"
    client.create_cluster_snapshot(
        SnapshotIdentifier=snapshot,
        ClusterIdentifier=name,
        ManualSnapshotRetentionPeriod=7,
        Tags=[{"Key": "of", "Value": name}],
    )
    (found,) = client.describe_cluster_snapshots(TagValues=[name])["Snapshots"]
    assert (found["ManualSnapshotRetentionPeriod"], found["OwnerAccount"]) == (7, PRODUCER)
    with pytest.raises(client.exceptions.ClusterSnapshotAlreadyExistsFault):
        client.create_cluster_snapshot(SnapshotIdentifier=snapshot, ClusterIdentifier=name)
    for days in (0, -2, 3654):
        with pytest.raises(client.exceptions.InvalidRetentionPeriodFault):
            client.create_cluster_snapshot(
                SnapshotIdentifier="x", ClusterIdentifier=name, ManualSnapshotRetentionPeriod=days
            )
    with pytest.raises(client.exceptions.ClusterNotFoundFault):
        client.create_cluster_snapshot(SnapshotIdentifier="x", ClusterIdentifier="none")
    with pytest.raises(client.exceptions.ClusterAlreadyExistsFault):
        client.restore_from_cluster_snapshot(ClusterIdentifier=name, SnapshotIdentifier=snapshot)
    elsewhere = found["SnapshotArn"].replace(PRODUCER, CONSUMER)
    with pytest.raises(client.exceptions.ClusterSnapshotNotFoundFault):
        client.describe_cluster_snapshots(SnapshotArn=elsewhere)
    with pytest.raises(ClientError, match="InvalidParameterCombination"):
        client.restore_from_cluster_snapshot(ClusterIdentifier="x")
    stranger = node.client(STRANGER)
    for call in (
        lambda: stranger.describe_cluster_snapshots(SnapshotIdentifier=snapshot),
        lambda: stranger.delete_cluster_snapshot(SnapshotIdentifier=snapshot),
        lambda: stranger.restore_from_cluster_snapshot(
            ClusterIdentifier="x", SnapshotIdentifier=snapshot
        ),
    ):
        with pytest.raises(stranger.exceptions.ClusterSnapshotNotFoundFault):
            call()
    for size in (0, -1, 19, 101, 10**9):
        with pytest.raises(ClientError, match="InvalidParameterValue"):
            client.describe_cluster_snapshots(MaxRecords=size)
    with pytest.raises(ClientError, match="InvalidParameterValue"):
        client.describe_cluster_snapshots(Marker="bm90IG91cnM=")
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    assert client.describe_cluster_snapshots(StartTime=tomorrow)["Snapshots"] == []
    client.pause_cluster(ClusterIdentifier=name)
    with pytest.raises(client.exceptions.InvalidClusterStateFault):
        client.create_cluster_snapshot(SnapshotIdentifier="x", ClusterIdentifier=name)


def test_many_at_once(client: Any, name: str) -> None:
    """Of many snapshots in one request, each that cannot be changed or dropped is told with why."""
    made = [f"{name}-{letter}" for letter in "ab"]
    for snapshot in made:
        client.create_cluster_snapshot(SnapshotIdentifier=snapshot, ClusterIdentifier=name)
    changed = client.batch_modify_cluster_snapshots(
        SnapshotIdentifierList=[*made, f"{name}-none"], ManualSnapshotRetentionPeriod=4
    )
    assert changed["Resources"] == made
    (error,) = changed["Errors"]
    assert (error["SnapshotIdentifier"], error["FailureCode"]) == (
        f"{name}-none",
        "ClusterSnapshotNotFound",
    )
    shown = client.describe_cluster_snapshots(ClusterIdentifier=name)["Snapshots"]
    assert [snapshot["ManualSnapshotRemainingDays"] for snapshot in shown] == [4, 4]
    with pytest.raises(client.exceptions.InvalidRetentionPeriodFault):
        client.batch_modify_cluster_snapshots(
            SnapshotIdentifierList=made, ManualSnapshotRetentionPeriod=0
        )
    with pytest.raises(client.exceptions.BatchModifyClusterSnapshotsLimitExceededFault):
        client.batch_modify_cluster_snapshots(SnapshotIdentifierList=made * 51)
    one, other = ({"SnapshotIdentifier": snapshot} for snapshot in made)
    gone = client.batch_delete_cluster_snapshots(
        Identifiers=[one, {**other, "SnapshotClusterIdentifier": "another"}]
    )
    assert (gone["Resources"], len(gone["Errors"])) == ([made[0]], 1)
    with pytest.raises(client.exceptions.BatchDeleteRequestSizeExceededFault):
        client.batch_delete_cluster_snapshots(Identifiers=[other] * 101)
