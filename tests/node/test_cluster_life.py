"""Clusters between their first day and their last, by boto3 and its waiters."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from botocore.exceptions import ClientError

from tests.node.running import CONSUMER, PASSWORD, PRODUCER, RunningNode

pytestmark = pytest.mark.server


@pytest.fixture
def cluster(node: RunningNode, name: str) -> Iterator[dict[str, Any]]:
    """A cluster of the producer's."""
    client = node.client()
    client.create_cluster(
        ClusterIdentifier=name,
        NodeType="ra3.xlplus",
        MasterUsername="admin",
        MasterUserPassword=PASSWORD,
    )
    yield client.describe_clusters(ClusterIdentifier=name)["Clusters"][0]
    for left in (name, f"{name}-renamed"):
        with contextlib.suppress(ClientError):
            client.delete_cluster(ClusterIdentifier=left, SkipFinalClusterSnapshot=True)


def connect(cluster: dict[str, Any], password: str = PASSWORD) -> psycopg.Connection[Any]:
    """An SQL connection of its administrator."""
    return psycopg.connect(
        host=cluster["Endpoint"]["Address"],
        port=cluster["Endpoint"]["Port"],
        dbname="dev",
        user="admin",
        password=password,
        sslmode="require",
        autocommit=True,
    )


def told(client: Any, name: str) -> dict[str, Any]:
    """The cluster as it is described."""
    found: dict[str, Any] = client.describe_clusters(ClusterIdentifier=name)["Clusters"][0]
    return found


def test_pause_and_resume(node: RunningNode, name: str, cluster: dict[str, Any]) -> None:
    """A paused cluster ends its connections and refuses new ones; its share is still read."""
    client, consumer = node.client(), node.client(CONSUMER)
    with connect(cluster) as producer:
        producer.execute("CREATE TABLE t AS SELECT 7 AS i")
        producer.execute(f"CREATE DATASHARE {name}")
        producer.execute(f"ALTER DATASHARE {name} ADD SCHEMA public")
        producer.execute(f"ALTER DATASHARE {name} ADD TABLE public.t")
        producer.execute(f"GRANT USAGE ON DATASHARE {name} TO ACCOUNT '{CONSUMER}'")
        guid = cluster["ClusterNamespaceArn"].rpartition(":")[2]
        arn = f"arn:aws:redshift:us-east-1:{PRODUCER}:datashare:{guid}/{name}"
        client.authorize_data_share(DataShareArn=arn, ConsumerIdentifier=CONSUMER)
        consumer.associate_data_share_consumer(
            DataShareArn=arn, ConsumerArn=node.namespace_arn("analytics")
        )
        paused = client.pause_cluster(ClusterIdentifier=name)["Cluster"]
        assert paused["ClusterStatus"] == "pausing"
        with pytest.raises(psycopg.Error):
            producer.execute("SELECT 1")
    assert told(client, name)["ClusterStatus"] == "paused"
    with pytest.raises(psycopg.OperationalError, match="not available"):
        connect(cluster)
    for refused in (client.pause_cluster, client.reboot_cluster):
        with pytest.raises(client.exceptions.InvalidClusterStateFault):
            refused(ClusterIdentifier=name)
    with pytest.raises(client.exceptions.InvalidClusterStateFault):
        client.modify_cluster(ClusterIdentifier=name, NumberOfNodes=2)

    with node.connect("analytics") as reader:
        reader.execute(
            f"CREATE DATABASE {name} FROM DATASHARE {name} "
            f"OF ACCOUNT '{PRODUCER}' NAMESPACE '{guid}'"
        )
        assert reader.execute(f"SELECT i FROM {name}.public.t").fetchall() == [(7,)]

    assert client.resume_cluster(ClusterIdentifier=name)["Cluster"]["ClusterStatus"] == "resuming"
    client.get_waiter("cluster_available").wait(ClusterIdentifier=name)
    with connect(cluster) as again:
        assert again.execute("SELECT i FROM t").fetchall() == [(7,)]
    with pytest.raises(client.exceptions.InvalidClusterStateFault):
        client.resume_cluster(ClusterIdentifier=name)


def test_reboot(node: RunningNode, name: str, cluster: dict[str, Any]) -> None:
    """A reboot ends what is open and rolls it back; the cluster answers again at once."""
    client = node.client()
    with connect(cluster) as before:
        before.execute("CREATE TABLE t (i integer)")
        before.execute("BEGIN")
        before.execute("INSERT INTO t VALUES (1)")
        rebooting = client.reboot_cluster(ClusterIdentifier=name)["Cluster"]
        assert rebooting["ClusterStatus"] == "rebooting"
        with pytest.raises(psycopg.Error):
            before.execute("COMMIT")
    client.get_waiter("cluster_available").wait(ClusterIdentifier=name)
    with connect(cluster) as after:
        assert after.execute("SELECT count(*) FROM t").fetchall() == [(0,)]


def test_rename(node: RunningNode, name: str, cluster: dict[str, Any]) -> None:
    """A renamed cluster is found by the new name alone, with the same port and namespace."""
    client, renamed = node.client(), f"{name}-renamed"
    answer = client.modify_cluster(ClusterIdentifier=name, NewClusterIdentifier=renamed)["Cluster"]
    assert answer["ClusterStatus"] == "renaming"
    assert answer["PendingModifiedValues"] == {"ClusterIdentifier": renamed}
    found = told(client, renamed)
    assert found["Endpoint"] == cluster["Endpoint"]
    assert found["ClusterNamespaceArn"] == cluster["ClusterNamespaceArn"]
    with pytest.raises(client.exceptions.ClusterNotFoundFault):
        told(client, name)
    with pytest.raises(client.exceptions.ClusterAlreadyExistsFault):
        client.modify_cluster(ClusterIdentifier=renamed, NewClusterIdentifier="finance")
    client.delete_cluster(ClusterIdentifier=renamed, SkipFinalClusterSnapshot=True)
    client.get_waiter("cluster_deleted").wait(ClusterIdentifier=renamed)


def test_resize(node: RunningNode, name: str, cluster: dict[str, Any]) -> None:
    """A resize changes node type and count, is told of afterwards, and loses nothing."""
    client = node.client()
    with pytest.raises(client.exceptions.ResizeNotFoundFault):
        client.describe_resize(ClusterIdentifier=name)
    with connect(cluster) as connection:
        connection.execute("CREATE TABLE t AS SELECT 1 AS i")
        answer = client.resize_cluster(
            ClusterIdentifier=name,
            ClusterType="multi-node",
            NodeType="ra3.4xlarge",
            NumberOfNodes=4,
        )["Cluster"]
        assert answer["ClusterStatus"] == "resizing"
        assert connection.execute("SELECT i FROM t").fetchall() == [(1,)]
    found = told(client, name)
    assert (found["NodeType"], found["NumberOfNodes"]) == ("ra3.4xlarge", 4)
    assert [node["NodeRole"] for node in found["ClusterNodes"]][:2] == ["LEADER", "COMPUTE-0"]
    resize = client.describe_resize(ClusterIdentifier=name)
    assert (resize["Status"], resize["TargetNumberOfNodes"]) == ("SUCCEEDED", 4)
    assert resize["TargetClusterType"] == "multi-node"
    with connect(cluster) as after:
        assert after.execute("SELECT i FROM t").fetchall() == [(1,)]
    with pytest.raises(client.exceptions.ResizeNotFoundFault):
        client.cancel_resize(ClusterIdentifier=name)
    with pytest.raises(client.exceptions.NumberOfNodesPerClusterLimitExceededFault):
        client.resize_cluster(ClusterIdentifier=name, NumberOfNodes=10**9)
    with pytest.raises(ClientError, match="InvalidParameterValue"):
        client.resize_cluster(ClusterIdentifier=name, NodeType="m5.large")
    with pytest.raises(ClientError, match="InvalidParameterCombination"):
        client.resize_cluster(ClusterIdentifier=name, ClusterType="single-node", NumberOfNodes=2)
    single = client.resize_cluster(
        ClusterIdentifier=name, ClusterType="single-node", NodeType="ra3.large"
    )["Cluster"]
    assert (single["NumberOfNodes"], single["NodeType"]) == (1, "ra3.large")


def test_modify(node: RunningNode, name: str, cluster: dict[str, Any]) -> None:
    """Flags, groups, roles and the password are taken and given back."""
    client = node.client()
    role = f"arn:aws:iam::{PRODUCER}:role/load"
    client.modify_cluster(
        ClusterIdentifier=name,
        Encrypted=False,
        PubliclyAccessible=True,
        VpcSecurityGroupIds=["sg-1", "sg-2"],
        EnhancedVpcRouting=True,
        MaintenanceTrackName="trailing",
        AutomatedSnapshotRetentionPeriod=3,
        MasterUserPassword="An0therOne",
    )
    client.modify_cluster_iam_roles(
        ClusterIdentifier=name, AddIamRoles=[role], DefaultIamRoleArn=role
    )
    found = told(client, name)
    assert (found["Encrypted"], found["PubliclyAccessible"]) == (False, True)
    assert [g["VpcSecurityGroupId"] for g in found["VpcSecurityGroups"]] == ["sg-1", "sg-2"]
    assert (found["EnhancedVpcRouting"], found["MaintenanceTrackName"]) == (True, "trailing")
    assert found["AutomatedSnapshotRetentionPeriod"] == 3
    assert [r["IamRoleArn"] for r in found["IamRoles"]] == [role]
    assert found["DefaultIamRoleArn"] == role
    connect(cluster, "An0therOne").close()
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        connect(cluster)
    for refused in (
        {"MasterUserPassword": "short"},
        {"MasterUserPassword": PASSWORD, "NewClusterIdentifier": "finance"},
        {"MasterUserPassword": PASSWORD, "ClusterParameterGroupName": "none"},
        {"MasterUserPassword": PASSWORD, "Port": 80},
        {"MasterUserPassword": PASSWORD, "Port": node.endpoint("finance")[1]},
        {"MasterUserPassword": PASSWORD, "ManageMasterPassword": True},
    ):
        with pytest.raises(ClientError):
            client.modify_cluster(ClusterIdentifier=name, EnhancedVpcRouting=False, **refused)
        assert told(client, name)["EnhancedVpcRouting"] is True
    connect(cluster, "An0therOne").close()
    client.modify_cluster_iam_roles(ClusterIdentifier=name, RemoveIamRoles=[role])
    assert told(client, name)["IamRoles"] == []


def test_another_port(node: RunningNode, name: str, cluster: dict[str, Any]) -> None:
    """The cluster is where it was told to be, and no more where it was; a refusal moves nothing."""
    client, old = node.client(), connect(cluster)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
        with pytest.raises(ClientError, match="not free"):
            client.modify_cluster(ClusterIdentifier=name, Port=port)
    with pytest.raises(ClientError, match="already exists"):
        client.modify_cluster(ClusterIdentifier=name, Port=port, NewClusterIdentifier="finance")
    old.execute("SELECT 1")
    answer = client.modify_cluster(ClusterIdentifier=name, Port=port)["Cluster"]
    assert answer["Endpoint"]["Port"] == told(client, name)["Endpoint"]["Port"] == port
    with pytest.raises(psycopg.OperationalError):
        old.execute("SELECT 1")
    with pytest.raises(psycopg.OperationalError):
        connect(cluster)
    connect(answer).close()
    client.modify_cluster(ClusterIdentifier=name, Port=port)


def test_listing(node: RunningNode, name: str, cluster: dict[str, Any]) -> None:
    """DescribeClusters pages between 20 and 100, and takes no marker of another listing."""
    client = node.client()
    pages = client.get_paginator("describe_clusters").paginate(PaginationConfig={"PageSize": 20})
    names = [c["ClusterIdentifier"] for page in pages for c in page["Clusters"]]
    assert {name, "finance"} <= set(names)
    for size in (0, -1, 19, 101, 10**9):
        with pytest.raises(ClientError, match="InvalidParameterValue"):
            client.describe_clusters(MaxRecords=size)
    with pytest.raises(ClientError, match="InvalidParameterValue"):
        client.describe_clusters(Marker="bm90IG91cnM=")
    assert client.describe_logging_status(ClusterIdentifier=name)["LoggingEnabled"] is False
    stranger = node.client("333333333333")
    for operation in ("pause_cluster", "resume_cluster", "reboot_cluster", "resize_cluster"):
        with pytest.raises(stranger.exceptions.ClusterNotFoundFault):
            getattr(stranger, operation)(ClusterIdentifier=cluster["ClusterIdentifier"])
