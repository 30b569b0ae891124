"""What the clock does to snapshots: automated ones, recovery points, retention periods."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Iterator
from typing import Any
from urllib.request import Request, urlopen

import psycopg
import pytest
from botocore.exceptions import ClientError

from tests.node.running import CONSUMER, PASSWORD, PRODUCER, REGION, STRANGER, WORLD, RunningNode

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def controlled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningNode]:
    """It has one namespace: maintenance is of all there are."""
    producer = {**WORLD["accounts"][PRODUCER]}
    producer["namespaces"] = {"sales": producer["namespaces"]["sales"]}
    world = {"region": REGION, "accounts": {PRODUCER: producer}}
    directory = tmp_path_factory.mktemp("times")
    arguments = ("--test-controls", "--events-file", str(directory / "events.jsonl"))
    node = RunningNode(directory, arguments=arguments, world=world)
    yield node.start()
    node.stop()


def later(node: RunningNode, hours: float) -> None:
    """It is so many hours later, and maintenance was done."""
    for path, order in (("clock", {"advance_seconds": hours * 3600}), ("maintenance", {})):
        url = f"{node.ready['endpoint']}/_redshare/{path}"
        headers = {"content-type": "application/json"}
        urlopen(Request(url, json.dumps(order).encode(), headers), timeout=60).close()


def lakes(node: RunningNode) -> set[str]:
    """The directories of the node's lakes."""
    return {
        found.name
        for found in (node.directory / "state" / "lakes").iterdir()
        if not found.name.startswith(".")
    }


@contextlib.contextmanager
def cluster(node: RunningNode, identifier: str) -> Iterator[psycopg.Connection[Any]]:
    """A connection to a cluster."""
    found = node.client().describe_clusters(ClusterIdentifier=identifier)["Clusters"][0]
    with psycopg.connect(
        host=found["Endpoint"]["Address"],
        port=found["Endpoint"]["Port"],
        dbname="dev",
        user="admin",
        password=PASSWORD,
        sslmode="require",
        autocommit=True,
    ) as connection:
        yield connection


def create_cluster(node: RunningNode, identifier: str, **more: Any) -> Any:
    """A client of a cluster's account, which has the cluster now."""
    client = node.client()
    client.create_cluster(
        ClusterIdentifier=identifier,
        NodeType="ra3.xlplus",
        MasterUsername="admin",
        MasterUserPassword=PASSWORD,
        **more,
    )
    return client


def test_manual_snapshots_end_with_their_retention(controlled: RunningNode, name: str) -> None:
    """A manual snapshot says how many days are left, and is gone with its files when none is."""
    client = create_cluster(
        controlled, name, AutomatedSnapshotRetentionPeriod=0, ManualSnapshotRetentionPeriod=7
    )
    with cluster(controlled, name) as connection:
        connection.execute("CREATE TABLE t AS SELECT 1 AS i")
    before = lakes(controlled)
    client.create_cluster_snapshot(ClusterIdentifier=name, SnapshotIdentifier=f"{name}-a")
    client.create_cluster_snapshot(
        ClusterIdentifier=name, SnapshotIdentifier=f"{name}-b", ManualSnapshotRetentionPeriod=-1
    )

    def shown(snapshot: str) -> Any:
        return client.describe_cluster_snapshots(SnapshotIdentifier=snapshot)["Snapshots"][0]

    first = shown(f"{name}-a")
    assert (first["ManualSnapshotRetentionPeriod"], first["ManualSnapshotRemainingDays"]) == (7, 7)
    assert first["SnapshotRetentionStartTime"] == first["SnapshotCreateTime"]
    assert "ManualSnapshotRemainingDays" not in shown(f"{name}-b")
    later(controlled, 6.5 * 24)
    assert shown(f"{name}-a")["ManualSnapshotRemainingDays"] == 1
    with pytest.raises(client.exceptions.InvalidRetentionPeriodFault):
        client.modify_cluster_snapshot(
            SnapshotIdentifier=f"{name}-a", ManualSnapshotRetentionPeriod=6
        )
    changed = client.modify_cluster_snapshot(
        SnapshotIdentifier=f"{name}-a", ManualSnapshotRetentionPeriod=8
    )["Snapshot"]
    assert changed["ManualSnapshotRemainingDays"] == 2
    later(controlled, 1.5 * 24)
    with pytest.raises(client.exceptions.ClusterSnapshotNotFoundFault):
        shown(f"{name}-a")
    (kept,) = client.describe_cluster_snapshots(ClusterIdentifier=name)["Snapshots"]
    assert kept["SnapshotIdentifier"] == f"{name}-b"
    gone = client.modify_cluster_snapshot(
        SnapshotIdentifier=f"{name}-b", ManualSnapshotRetentionPeriod=1, Force=True
    )["Snapshot"]
    assert gone["Status"] == "deleted"
    with cluster(controlled, name) as connection:
        assert connection.execute("SELECT i FROM t").fetchall() == [(1,)]
    client.delete_cluster(ClusterIdentifier=name, SkipFinalClusterSnapshot=True)
    assert lakes(controlled) & before < before


def test_automated_snapshots(controlled: RunningNode, name: str) -> None:
    """One every eight hours in which something changed, for as long as the cluster says."""
    client = create_cluster(controlled, name)

    def of(kind: str) -> list[str]:
        found = client.describe_cluster_snapshots(ClusterIdentifier=name, SnapshotType=kind)
        assert all(snapshot["SnapshotType"] == kind for snapshot in found["Snapshots"])
        return [snapshot["SnapshotIdentifier"] for snapshot in found["Snapshots"]]

    with cluster(controlled, name) as connection:
        connection.execute("CREATE TABLE t AS SELECT 1 AS i")
        later(controlled, 7)
        assert of("automated") == []
        later(controlled, 1)
        (first,) = of("automated")
        assert first.startswith(f"rs:{name}-")
        later(controlled, 8)
        assert of("automated") == [first]
        connection.execute("INSERT INTO t VALUES (2)")
        later(controlled, 0.1)
        assert len(of("automated")) == 2

    assert of("manual") == []
    with pytest.raises(client.exceptions.InvalidClusterSnapshotStateFault):
        client.delete_cluster_snapshot(SnapshotIdentifier=first)
    with pytest.raises(client.exceptions.InvalidClusterSnapshotStateFault):
        client.modify_cluster_snapshot(SnapshotIdentifier=first, ManualSnapshotRetentionPeriod=3)
    copy = client.copy_cluster_snapshot(
        SourceSnapshotIdentifier=first,
        TargetSnapshotIdentifier=f"{name}-copy",
        ManualSnapshotRetentionPeriod=5,
    )["Snapshot"]
    assert (copy["SnapshotType"], copy["ManualSnapshotRemainingDays"]) == ("manual", 5)
    assert copy["SnapshotRetentionStartTime"] > copy["SnapshotCreateTime"]
    with pytest.raises(client.exceptions.InvalidClusterSnapshotStateFault):
        client.copy_cluster_snapshot(
            SourceSnapshotIdentifier=f"{name}-copy", TargetSnapshotIdentifier=f"{name}-more"
        )
    with pytest.raises(client.exceptions.ClusterSnapshotAlreadyExistsFault):
        client.copy_cluster_snapshot(
            SourceSnapshotIdentifier=first, TargetSnapshotIdentifier=f"{name}-copy"
        )

    later(controlled, 16)
    assert first not in of("automated")
    assert len(of("automated")) == 1
    for days in (-1, 36):
        with pytest.raises(client.exceptions.InvalidRetentionPeriodFault):
            client.modify_cluster(ClusterIdentifier=name, AutomatedSnapshotRetentionPeriod=days)
    before = lakes(controlled)
    client.delete_cluster(ClusterIdentifier=name, SkipFinalClusterSnapshot=True)
    assert of("automated") == []
    assert len(before - lakes(controlled)) == 2

    client.restore_from_cluster_snapshot(ClusterIdentifier=name, SnapshotIdentifier=f"{name}-copy")
    with cluster(controlled, name) as connection:
        assert connection.execute("SELECT i FROM t").fetchall() == [(1,)]
    client.delete_cluster(ClusterIdentifier=name, SkipFinalClusterSnapshot=True)
    client.delete_cluster_snapshot(SnapshotIdentifier=f"{name}-copy")


def test_recovery_points(controlled: RunningNode) -> None:
    """A serverless namespace that changed has recovery points for a day; one becomes a snapshot."""
    client = controlled.client(PRODUCER, "redshift-serverless")

    def points() -> list[Any]:
        return list(client.list_recovery_points(namespaceName="sales")["recoveryPoints"])

    with controlled.connect("sales") as connection:
        connection.execute("CREATE TABLE t AS SELECT 1 AS i")
        later(controlled, 2)
        connection.execute("INSERT INTO t VALUES (2)")
    point = points()[-1]
    named = point["recoveryPointId"]
    assert client.get_recovery_point(recoveryPointId=named)["recoveryPoint"] == point
    assert (point["workgroupName"], point["namespaceName"]) == ("sales-wg", "sales")
    count = len(points())
    for _ in range(2):
        later(controlled, 2)
        assert len(points()) == count + 1
    assert client.list_snapshots(namespaceName="sales")["snapshots"] == []

    made = client.convert_recovery_point_to_snapshot(
        recoveryPointId=named, snapshotName="kept", retentionPeriod=3
    )["snapshot"]
    assert (made["snapshotRetentionPeriod"], made["snapshotRemainingDays"]) == (3, 3)
    kept = client.update_snapshot(snapshotName="kept")["snapshot"]
    assert kept["snapshotRetentionPeriod"] == 3
    where = {"namespaceName": "sales", "workgroupName": "sales-wg"}
    restored = client.restore_from_recovery_point(recoveryPointId=named, **where)
    assert restored["recoveryPointId"] == named
    with controlled.connect("sales") as connection:
        assert connection.execute("SELECT i FROM t").fetchall() == [(1,)]
        connection.execute("DELETE FROM t")
    later(controlled, 24)
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.get_recovery_point(recoveryPointId=named)
    with pytest.raises(client.exceptions.ValidationException):
        client.update_snapshot(snapshotName="kept", retentionPeriod=1)
    client.restore_from_snapshot(snapshotName="kept", **where)
    with controlled.connect("sales") as connection:
        assert connection.execute("SELECT i FROM t").fetchall() == [(1,)]
    later(controlled, 48)
    with pytest.raises(ClientError, match="ResourceNotFound"):
        client.get_snapshot(snapshotName="kept")


def test_what_a_restore_does_to_shares_is_told(controlled: RunningNode) -> None:
    """A share, a consumer and public access that a restore took back are each told as an event."""
    client = controlled.client(PRODUCER, "redshift-serverless")
    with controlled.connect("sales") as connection:
        connection.execute("CREATE DATASHARE kept")
        connection.execute(f"GRANT USAGE ON DATASHARE kept TO ACCOUNT '{STRANGER}'")
        client.create_snapshot(snapshotName="told", namespaceName="sales")
        for sql in (
            "ALTER DATASHARE kept SET PUBLICACCESSIBLE TRUE",
            f"GRANT USAGE ON DATASHARE kept TO ACCOUNT '{CONSUMER}'",
            "CREATE DATASHARE dropped",
        ):
            connection.execute(sql)
    client.restore_from_snapshot(
        snapshotName="told", namespaceName="sales", workgroupName="sales-wg"
    )
    events = controlled.directory / "events.jsonl"
    end = time.monotonic() + 60
    told: list[Any] = []
    while len(told) < 3:
        assert time.monotonic() < end, "not all was told"
        time.sleep(0.05)
        read = [json.loads(line) for line in events.read_text().splitlines()]
        told = [e for e in read if e["detail-type"] == "Redshift Serverless Data Sharing"]
    assert {event["source"] for event in told} == {"aws.redshift-serverless"}
    assert all(event["resources"] == [controlled.namespace_arn("sales")] for event in told)
    kept, dropped = controlled.share_arn("kept"), controlled.share_arn("dropped")
    found = sorted(
        (event["detail"]["eventId"][-4:], event["detail"]["dataShareArn"]) for event in told
    )
    assert found == [("1045", dropped), ("1046", kept), ("1047", kept)]
    assert {e["detail"].get("consumerIdentifier") for e in told} == {None, CONSUMER}
    calls = [e["detail"] for e in read if e["detail"].get("eventName") == "RestoreFromSnapshot"]
    assert calls[-1]["requestParameters"]["snapshotName"] == "told"
    shares = controlled.client().describe_data_shares_for_producer(
        ProducerArn=controlled.namespace_arn("sales")
    )["DataShares"]
    (share,) = shares
    assert share["AllowPubliclyAccessibleConsumers"] is False
    assert [a["ConsumerIdentifier"] for a in share["DataShareAssociations"]] == [STRANGER]


def test_a_namespace_leaves_its_last_snapshot(controlled: RunningNode, name: str) -> None:
    """A namespace deleted with a final snapshot keeps that one alone."""
    name = f"ns{name}"
    client = controlled.client(PRODUCER, "redshift-serverless")
    client.create_namespace(namespaceName=name, adminUsername="admin", adminUserPassword=PASSWORD)
    later(controlled, 2)
    (point,) = client.list_recovery_points(namespaceName=name)["recoveryPoints"]
    client.delete_namespace(
        namespaceName=name, finalSnapshotName=f"{name}-last", finalSnapshotRetentionPeriod=2
    )
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.get_recovery_point(recoveryPointId=point["recoveryPointId"])
    last = client.get_snapshot(snapshotName=f"{name}-last")["snapshot"]
    assert (last["namespaceName"], last["snapshotRemainingDays"]) == (name, 2)
