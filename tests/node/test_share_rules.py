"""Shares that AWS Data Exchange manages, publicly accessible consumers, encryption."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from tests.node.conftest import Connect
from tests.node.running import PASSWORD, PRODUCER, RunningNode

pytestmark = pytest.mark.server

DENIED = "The requested data share doesn't exist or is not accessible."


def _refused(connection: psycopg.Connection[Any], sql: str) -> str:
    with pytest.raises(psycopg.Error) as raised:
        connection.execute(sql)
    return str(raised.value.diag.message_primary)


class Cluster:
    """A cluster of the producer's account that consumes a share of `sales`."""

    def __init__(self, node: RunningNode, name: str, **options: Any) -> None:
        self.node, self.name, self.client = node, name, node.client()
        made = self.client.create_cluster(
            ClusterIdentifier=name,
            NodeType="ra3.xlplus",
            MasterUsername="admin",
            MasterUserPassword=PASSWORD,
            ClusterType="single-node",
            **options,
        )["Cluster"]
        self.guid = made["ClusterNamespaceArn"][-36:]
        self.client.get_waiter("cluster_available").wait(
            ClusterIdentifier=name, WaiterConfig={"Delay": 1, "MaxAttempts": 60}
        )

    def connect(self) -> psycopg.Connection[Any]:
        found = self.client.describe_clusters(ClusterIdentifier=self.name)["Clusters"][0]
        return psycopg.connect(
            host=found["Endpoint"]["Address"],
            port=found["Endpoint"]["Port"],
            dbname="dev",
            user="admin",
            password=PASSWORD,
            autocommit=True,
        )

    def drop(self) -> None:
        self.client.delete_cluster(ClusterIdentifier=self.name, SkipFinalClusterSnapshot=True)


@pytest.fixture
def offered(connect: Connect, name: str) -> psycopg.Connection[Any]:
    """The producer, with a share `name` of a table with one row."""
    producer = connect("sales")
    for sql in (
        f"CREATE SCHEMA s_{name}",
        f"CREATE TABLE s_{name}.t AS SELECT 1 AS i",
        f"CREATE DATASHARE {name}",
        f"ALTER DATASHARE {name} ADD SCHEMA s_{name}",
        f"ALTER DATASHARE {name} ADD TABLE s_{name}.t",
    ):
        producer.execute(sql)
    return producer


@pytest.fixture
def make_cluster(node: RunningNode) -> Iterator[Any]:
    """Clusters that are deleted after the test."""
    made: list[Cluster] = []

    def make(name: str, **options: Any) -> Cluster:
        made.append(Cluster(node, name, **options))
        return made[-1]

    yield make
    for cluster in made:
        cluster.drop()


@pytest.mark.scenario(34)
def test_a_publicly_accessible_consumer(
    node: RunningNode, offered: psycopg.Connection[Any], name: str, make_cluster: Any
) -> None:
    """It is refused at its queries, until the share allows it; not at grant or CREATE DATABASE."""
    cluster = make_cluster(f"{name}-public", PubliclyAccessible=True)
    offered.execute(f"GRANT USAGE ON DATASHARE {name} TO NAMESPACE '{cluster.guid}'")
    query = f"SELECT i FROM d_{name}.s_{name}.t"
    with cluster.connect() as consumer:
        consumer.execute(
            f"CREATE DATABASE d_{name} FROM DATASHARE {name} OF NAMESPACE '{node.guid('sales')}'"
        )
        assert _refused(consumer, query) == DENIED
        offered.execute(f"ALTER DATASHARE {name} SET PUBLICACCESSIBLE TRUE")
        assert consumer.execute(query).fetchall() == [(1,)]
        (share,) = node.client().describe_data_shares(DataShareArn=node.share_arn(name))[
            "DataShares"
        ]
        assert share["AllowPubliclyAccessibleConsumers"] is True
        offered.execute(f"ALTER DATASHARE {name} SET PUBLICACCESSIBLE FALSE")
        assert _refused(consumer, query) == DENIED
        node.client().modify_cluster(ClusterIdentifier=cluster.name, PubliclyAccessible=False)
        assert consumer.execute(query).fetchall() == [(1,)]


@pytest.mark.scenario(45)
def test_encryption_must_fit(
    node: RunningNode, offered: psycopg.Connection[Any], name: str, make_cluster: Any
) -> None:
    """Within an account both sides are encrypted or neither; a change ends what ran."""
    cluster = make_cluster(f"{name}-plain", Encrypted=False)
    offered.execute(f"GRANT USAGE ON DATASHARE {name} TO NAMESPACE '{cluster.guid}'")
    create = f"CREATE DATABASE d_{name} FROM DATASHARE {name} OF NAMESPACE '{node.guid('sales')}'"
    query = f"SELECT i FROM d_{name}.s_{name}.t"
    with cluster.connect() as consumer:
        assert _refused(consumer, create) == DENIED
        node.client().modify_cluster(ClusterIdentifier=cluster.name, Encrypted=True)
        consumer.execute(create)
        assert consumer.execute(query).fetchall() == [(1,)]
        node.client().modify_cluster(ClusterIdentifier=cluster.name, Encrypted=False)
        assert _refused(consumer, query) == DENIED


def _broken_glass(connection: psycopg.Connection[Any], sql: str, action: str) -> None:
    """Refused, refused with a wrong value, done with the right one; each value serves once."""
    found = set()
    for _ in range(2):
        said = _refused(connection, sql)
        match = re.fullmatch(
            f"{re.escape(action)} requires session variable datashare_break_glass_session_var "
            "to be set to value '([0-9a-f]{14})'",
            said,
        )
        assert match, said
        found.add(match[1])
        connection.execute("SET datashare_break_glass_session_var TO 'wrong'")
    assert len(found) == 2
    said = _refused(connection, sql)
    connection.execute(f"SET datashare_break_glass_session_var TO '{said[-15:-1]}'")
    connection.execute(sql)


@pytest.mark.scenario(35)
def test_a_share_of_aws_data_exchange(node: RunningNode, connect: Connect, name: str) -> None:
    """ADX is its one consumer; changing that, dropping it or closing it needs a broken glass."""
    producer = connect("sales")
    producer.execute(f"CREATE DATASHARE {name} SET PUBLICACCESSIBLE TRUE, MANAGEDBY ADX")
    row = producer.execute(
        f"SELECT managed_by, is_publicaccessible FROM svv_datashares WHERE share_name = '{name}'"
    ).fetchone()
    assert row == ("ADX", True)
    arn = node.share_arn(name)
    (share,) = node.client().describe_data_shares(DataShareArn=arn)["DataShares"]
    assert share["ManagedBy"] == "ADX"
    (entry,) = share["DataShareAssociations"]
    assert (entry["ConsumerIdentifier"], entry["Status"]) == ("ADX", "PENDING_AUTHORIZATION")
    answer = node.client().authorize_data_share(DataShareArn=arn, ConsumerIdentifier="ADX")
    assert answer["DataShareAssociations"][0]["Status"] == "AUTHORIZED"
    for verb, preposition in (("GRANT", "TO"), ("REVOKE", "FROM")):
        said = _refused(
            producer, f"{verb} USAGE ON DATASHARE {name} {preposition} ACCOUNT '{PRODUCER}'"
        )
        assert said == (
            f"Permission denied to add/remove consumer to/from datashare {name}. "
            "Datashare consumers are managed by ADX."
        )
    _broken_glass(
        producer,
        f"ALTER DATASHARE {name} SET PUBLICACCESSIBLE FALSE",
        f"Alter of ADX-managed datashare {name}",
    )
    _broken_glass(producer, f"DROP DATASHARE {name}", f"Drop of ADX-managed datashare {name}")
    producer.execute(f"CREATE DATABASE db_{name}")
    with connect("sales", f"db_{name}") as inside:
        inside.execute(f"CREATE DATASHARE {name} MANAGEDBY ADX")
    _broken_glass(
        producer,
        f"DROP DATABASE db_{name}",
        f"Drop of database db_{name} that contains ADX-managed datashare(s)",
    )
