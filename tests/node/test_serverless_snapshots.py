"""Snapshots of serverless namespaces, by boto3: taken, restored in place, dropped."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from tests.node.running import CONSUMER, PASSWORD, PRODUCER, REGION, STRANGER, RunningNode

pytestmark = pytest.mark.server


@pytest.fixture
def name(name: str) -> str:
    """A namespace's name has at least three letters."""
    return f"ns{name}"


@pytest.fixture
def client(node: RunningNode, name: str) -> Iterator[Any]:
    """The producer's, with a namespace and a workgroup of the test's name."""
    made = node.client(PRODUCER, "redshift-serverless")
    made.create_namespace(namespaceName=name, adminUsername="admin", adminUserPassword=PASSWORD)
    made.create_workgroup(workgroupName=name, namespaceName=name)
    yield made
    made.delete_workgroup(workgroupName=name)
    made.delete_namespace(namespaceName=name)
    for snapshot in made.list_snapshots(namespaceName=name)["snapshots"]:
        made.delete_snapshot(snapshotName=snapshot["snapshotName"])


@contextlib.contextmanager
def connect(client: Any, name: str) -> Iterator[psycopg.Connection[Any]]:
    """An SQL connection of the administrator."""
    endpoint = client.get_workgroup(workgroupName=name)["workgroup"]["endpoint"]
    with psycopg.connect(
        host=endpoint["address"],
        port=endpoint["port"],
        dbname="dev",
        user="admin",
        password=PASSWORD,
        sslmode="require",
        autocommit=True,
    ) as connection:
        yield connection


def test_restored_in_place(client: Any, node: RunningNode, name: str) -> None:
    """What was made since is gone; a consumer's grant survives if it was there then and is now."""
    redshift, consumer = node.client(), node.client(CONSUMER)
    guid = client.get_namespace(namespaceName=name)["namespace"]["namespaceId"]
    with connect(client, name) as producer:
        for sql in (
            "CREATE TABLE t AS SELECT 1 AS i",
            "CREATE USER ann PASSWORD DISABLE",
            f"CREATE DATASHARE {name}",
            f"ALTER DATASHARE {name} ADD SCHEMA public",
            f"ALTER DATASHARE {name} ADD TABLE public.t",
            f"GRANT USAGE ON DATASHARE {name} TO ACCOUNT '{CONSUMER}'",
            f"GRANT USAGE ON DATASHARE {name} TO ACCOUNT '{STRANGER}'",
        ):
            producer.execute(sql)
    arn = f"arn:aws:redshift:{REGION}:{PRODUCER}:datashare:{guid}/{name}"
    redshift.authorize_data_share(DataShareArn=arn, ConsumerIdentifier=CONSUMER)
    consumer.associate_data_share_consumer(
        DataShareArn=arn, ConsumerArn=node.namespace_arn("analytics")
    )
    snapshot = f"{name}-snapshot"
    taken = client.create_snapshot(snapshotName=snapshot, namespaceName=name)["snapshot"]
    assert taken["status"] == "CREATING"

    with node.connect("analytics") as reader, connect(client, name) as producer:
        reader.execute(
            f"CREATE DATABASE {name} FROM DATASHARE {name} "
            f"OF ACCOUNT '{PRODUCER}' NAMESPACE '{guid}'"
        )
        for sql in (
            "INSERT INTO t VALUES (2)",
            "CREATE TABLE later AS SELECT 3 AS i",
            "CREATE USER bob PASSWORD DISABLE",
            "DROP USER ann",
            f"REVOKE USAGE ON DATASHARE {name} FROM ACCOUNT '{STRANGER}'",
            f"GRANT USAGE ON DATASHARE {name} TO NAMESPACE '{node.guid('finance')}'",
            f"CREATE DATASHARE {name}_later",
        ):
            producer.execute(sql)
        assert reader.execute(f"SELECT count(*) FROM {name}.public.t").fetchall() == [(2,)]

        restored = client.restore_from_snapshot(
            snapshotName=snapshot, namespaceName=name, workgroupName=name
        )
        assert restored["namespace"]["namespaceId"] == guid
        with pytest.raises(psycopg.Error):
            producer.execute("SELECT 1")
        with connect(client, name) as again:
            assert again.execute("SELECT i FROM t").fetchall() == [(1,)]
            users = again.execute("SELECT usename FROM pg_user ORDER BY usesysid").fetchall()
            assert {"ann"} == {user for (user,) in users} & {"ann", "bob"}
            shares = again.execute(
                "SELECT share_name FROM svv_datashares WHERE share_type = 'OUTBOUND'"
            ).fetchall()
            assert shares == [(name,)]
            with pytest.raises(psycopg.errors.UndefinedTable):
                again.execute("SELECT * FROM later")
            again.execute("INSERT INTO t VALUES (7)")
        rows = reader.execute(f"SELECT i FROM {name}.public.t ORDER BY 1").fetchall()
        assert rows == [(1,), (7,)]
        reader.execute(f"DROP DATABASE {name}")
    share = redshift.describe_data_shares(DataShareArn=arn)["DataShares"][0]
    consumers = {a["ConsumerIdentifier"] for a in share["DataShareAssociations"]}
    assert CONSUMER in consumers
    assert STRANGER not in consumers
    assert node.namespace_arn("finance") not in consumers


def test_a_restored_consumer_keeps_its_access(client: Any, node: RunningNode, name: str) -> None:
    """A consumer may read after its own restore; the database that was made since is made again."""
    guid = client.get_namespace(namespaceName=name)["namespace"]["namespaceId"]
    made = f"CREATE DATABASE shared FROM DATASHARE {name} OF NAMESPACE '{node.guid('sales')}'"
    with node.connect("sales") as producer:
        for sql in (
            f"CREATE TABLE {name} AS SELECT 1 AS i",
            f"CREATE DATASHARE {name}",
            f"ALTER DATASHARE {name} ADD SCHEMA public",
            f"ALTER DATASHARE {name} ADD TABLE public.{name}",
            f"GRANT USAGE ON DATASHARE {name} TO NAMESPACE '{guid}'",
        ):
            producer.execute(sql)
        client.create_snapshot(snapshotName=f"{name}-a", namespaceName=name)
        with connect(client, name) as consumer:
            consumer.execute(made)
        client.create_snapshot(snapshotName=f"{name}-b", namespaceName=name)
        for snapshot in (f"{name}-b", f"{name}-a"):
            client.restore_from_snapshot(
                snapshotName=snapshot, namespaceName=name, workgroupName=name
            )
            with connect(client, name) as consumer:
                if snapshot == f"{name}-a":
                    consumer.execute(made)
                rows = consumer.execute(f"SELECT i FROM shared.public.{name}").fetchall()
                assert rows == [(1,)]
        producer.execute(f"DROP DATASHARE {name}")
        producer.execute(f"DROP TABLE {name}")


def test_kept_and_shown(client: Any, node: RunningNode, name: str) -> None:
    """A snapshot is found by name, by ARN and by namespace; its retention is kept."""
    snapshot = f"{name}-snapshot"
    made = client.create_snapshot(
        snapshotName=snapshot,
        namespaceName=name,
        retentionPeriod=5,
        tags=[{"key": "a", "value": "1"}],
    )["snapshot"]
    with pytest.raises(client.exceptions.ConflictException):
        client.create_snapshot(snapshotName=snapshot, namespaceName=name)
    client.update_snapshot(snapshotName=snapshot, retentionPeriod=9)
    (listed,) = client.list_snapshots(namespaceName=name)["snapshots"]
    assert (listed["snapshotRetentionPeriod"], listed["status"]) == (9, "AVAILABLE")
    assert client.get_snapshot(snapshotArn=made["snapshotArn"])["snapshot"] == listed
    tags = client.list_tags_for_resource(resourceArn=made["snapshotArn"])["tags"]
    assert tags == [{"key": "a", "value": "1"}]
    for wrong in (0, 3654):
        with pytest.raises(client.exceptions.ValidationException):
            client.update_snapshot(snapshotName=snapshot, retentionPeriod=wrong)
    with pytest.raises(client.exceptions.ValidationException):
        client.get_snapshot()
    with pytest.raises(client.exceptions.ValidationException):
        client.restore_from_snapshot(
            snapshotName=snapshot, namespaceName=name, workgroupName="sales-wg"
        )
    stranger = node.client(STRANGER, "redshift-serverless")
    for call in (
        lambda: stranger.get_snapshot(snapshotName=snapshot),
        lambda: stranger.get_snapshot(snapshotArn=made["snapshotArn"]),
        lambda: stranger.delete_snapshot(snapshotName=snapshot),
        lambda: stranger.create_snapshot(snapshotName="x", namespaceName=name),
    ):
        with pytest.raises(stranger.exceptions.ResourceNotFoundException):
            call()
    assert client.delete_snapshot(snapshotName=snapshot)["snapshot"]["status"] == "DELETED"
    assert client.list_snapshots(namespaceName=name)["snapshots"] == []
