"""Parameter groups, subnet groups, tags and offers, by boto3 and its paginators."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from botocore.exceptions import ClientError

from tests.node.running import PASSWORD, PRODUCER, REGION, RunningNode

pytestmark = pytest.mark.server


@pytest.fixture
def client(node: RunningNode, name: str) -> Iterator[Any]:
    """The producer's, whose cluster of the test's name goes afterwards."""
    made = node.client()
    yield made
    with contextlib.suppress(ClientError):
        made.delete_cluster(ClusterIdentifier=name, SkipFinalClusterSnapshot=True)


def create(client: Any, name: str, **more: Any) -> dict[str, Any]:
    """A cluster of this name."""
    client.create_cluster(
        ClusterIdentifier=name,
        NodeType="ra3.xlplus",
        MasterUsername="admin",
        MasterUserPassword=PASSWORD,
        **more,
    )
    found: dict[str, Any] = client.describe_clusters(ClusterIdentifier=name)["Clusters"][0]
    return found


def value(client: Any, group: str, parameter: str) -> tuple[str, str]:
    """Value and source of a parameter."""
    pages = client.get_paginator("describe_cluster_parameters").paginate(ParameterGroupName=group)
    found = next(p for page in pages for p in page["Parameters"] if p["ParameterName"] == parameter)
    return found["ParameterValue"], found["Source"]


def show(cluster: dict[str, Any], setting: str, sslmode: str = "require") -> str:
    """What a session of the cluster begins with."""
    with psycopg.connect(
        host=cluster["Endpoint"]["Address"],
        port=cluster["Endpoint"]["Port"],
        dbname="dev",
        user="admin",
        password=PASSWORD,
        sslmode=sslmode,
    ) as connection:
        row = connection.execute(f"SHOW {setting}").fetchone()
    assert row is not None
    return str(row[0])


def test_parameter_group(client: Any, name: str) -> None:
    """A group's parameters are in force in a cluster's sessions from its next reboot on."""
    made = client.create_cluster_parameter_group(
        ParameterGroupName=name, ParameterGroupFamily="redshift-1.0", Description="mine"
    )["ClusterParameterGroup"]
    assert (made["ParameterGroupName"], made["Description"]) == (name, "mine")
    with pytest.raises(client.exceptions.ClusterParameterGroupAlreadyExistsFault):
        client.create_cluster_parameter_group(
            ParameterGroupName=name, ParameterGroupFamily="redshift-1.0", Description=""
        )
    cluster = create(client, name, ClusterParameterGroupName=name)
    assert show(cluster, "statement_timeout") == "0"
    client.modify_cluster_parameter_group(
        ParameterGroupName=name,
        Parameters=[
            {"ParameterName": "statement_timeout", "ParameterValue": "20000"},
            {"ParameterName": "enable_case_sensitive_identifier", "ParameterValue": "true"},
            {"ParameterName": "require_ssl", "ParameterValue": "true"},
        ],
    )
    assert value(client, name, "statement_timeout") == ("20000", "user")
    assert value(client, name, "auto_mv") == ("true", "engine-default")
    status = client.describe_clusters(ClusterIdentifier=name)["Clusters"][0]
    assert status["ClusterParameterGroups"] == [
        {"ParameterGroupName": name, "ParameterApplyStatus": "pending-reboot"}
    ]
    assert show(cluster, "statement_timeout") == "0"
    assert show(cluster, "statement_timeout", "disable") == "0"
    rebooted = client.reboot_cluster(ClusterIdentifier=name)["Cluster"]
    assert rebooted["ClusterParameterGroups"][0]["ParameterApplyStatus"] == "in-sync"
    assert show(cluster, "statement_timeout") == "20000"
    assert show(cluster, "enable_case_sensitive_identifier") == "on"
    with pytest.raises(psycopg.OperationalError, match="SSL off"):
        show(cluster, "statement_timeout", "disable")

    with pytest.raises(client.exceptions.InvalidClusterParameterGroupStateFault):
        client.delete_cluster_parameter_group(ParameterGroupName=name)
    changed = client.modify_cluster(
        ClusterIdentifier=name, ClusterParameterGroupName="default.redshift-1.0"
    )["Cluster"]
    assert changed["ClusterParameterGroups"][0]["ParameterApplyStatus"] == "pending-reboot"
    client.reset_cluster_parameter_group(
        ParameterGroupName=name, Parameters=[{"ParameterName": "require_ssl"}]
    )
    assert value(client, name, "require_ssl") == ("false", "engine-default")
    assert value(client, name, "statement_timeout") == ("20000", "user")
    client.reset_cluster_parameter_group(ParameterGroupName=name, ResetAllParameters=True)
    assert value(client, name, "statement_timeout") == ("0", "engine-default")
    client.delete_cluster_parameter_group(ParameterGroupName=name)
    with pytest.raises(client.exceptions.ClusterParameterGroupNotFoundFault):
        client.describe_cluster_parameter_groups(ParameterGroupName=name)


@pytest.mark.parametrize(
    ("parameter", "wrong"),
    [
        ("statement_timeout", "99"),
        ("statement_timeout", "2147483648"),
        ("statement_timeout", "soon"),
        ("extra_float_digits", "-16"),
        ("require_ssl", "perhaps"),
        ("never_heard_of", "1"),
    ],
)
def test_wrong_parameters(client: Any, name: str, parameter: str, wrong: str) -> None:
    """A value that no cluster could have is refused, and nothing is set."""
    client.create_cluster_parameter_group(
        ParameterGroupName=name, ParameterGroupFamily="redshift-2.0", Description=""
    )
    with pytest.raises(ClientError, match="InvalidParameterValue"):
        client.modify_cluster_parameter_group(
            ParameterGroupName=name,
            Parameters=[
                {"ParameterName": "query_group", "ParameterValue": "x"},
                {"ParameterName": parameter, "ParameterValue": wrong},
            ],
        )
    assert value(client, name, "query_group") == ("default", "engine-default")
    assert value(client, name, "require_ssl") == ("true", "engine-default")
    client.delete_cluster_parameter_group(ParameterGroupName=name)


def test_default_groups(client: Any, name: str) -> None:
    """The default groups are always there, and nobody changes or ends them."""
    pages = client.get_paginator("describe_cluster_parameter_groups").paginate()
    names = {g["ParameterGroupName"] for page in pages for g in page["ParameterGroups"]}
    assert {"default.redshift-1.0", "default.redshift-2.0"} <= names
    with pytest.raises(client.exceptions.InvalidClusterParameterGroupStateFault):
        client.delete_cluster_parameter_group(ParameterGroupName="default.redshift-1.0")
    with pytest.raises(client.exceptions.InvalidClusterParameterGroupStateFault):
        client.reset_cluster_parameter_group(ParameterGroupName="default.redshift-1.0")
    pages = client.get_paginator("describe_default_cluster_parameters").paginate(
        ParameterGroupFamily="redshift-1.0"
    )
    defaults = [p for page in pages for p in page["DefaultClusterParameters"]["Parameters"]]
    assert len(defaults) == 13
    with pytest.raises(client.exceptions.ClusterParameterGroupNotFoundFault):
        create(client, name, ClusterParameterGroupName="not-there")


def test_subnet_group(client: Any, name: str) -> None:
    """A subnet group is kept and shown; one that a cluster is in cannot go."""
    made = client.create_cluster_subnet_group(
        ClusterSubnetGroupName=name, Description="d", SubnetIds=["subnet-1", "subnet-2"]
    )["ClusterSubnetGroup"]
    assert [s["SubnetIdentifier"] for s in made["Subnets"]] == ["subnet-1", "subnet-2"]
    with pytest.raises(client.exceptions.ClusterSubnetGroupAlreadyExistsFault):
        client.create_cluster_subnet_group(
            ClusterSubnetGroupName=name, Description="d", SubnetIds=["subnet-1"]
        )
    assert create(client, name, ClusterSubnetGroupName=name)["ClusterSubnetGroupName"] == name
    with pytest.raises(client.exceptions.InvalidClusterSubnetGroupStateFault):
        client.delete_cluster_subnet_group(ClusterSubnetGroupName=name)
    client.modify_cluster_subnet_group(ClusterSubnetGroupName=name, SubnetIds=["subnet-3"])
    (found,) = client.describe_cluster_subnet_groups(ClusterSubnetGroupName=name)[
        "ClusterSubnetGroups"
    ]
    assert [s["SubnetIdentifier"] for s in found["Subnets"]] == ["subnet-3"]
    with pytest.raises(client.exceptions.InvalidSubnet):
        client.modify_cluster_subnet_group(ClusterSubnetGroupName=name, SubnetIds=["net-1"])
    with pytest.raises(client.exceptions.ClusterSubnetQuotaExceededFault):
        client.modify_cluster_subnet_group(
            ClusterSubnetGroupName=name, SubnetIds=[f"subnet-{i}" for i in range(21)]
        )
    client.delete_cluster(ClusterIdentifier=name, SkipFinalClusterSnapshot=True)
    client.delete_cluster_subnet_group(ClusterSubnetGroupName=name)
    for gone in (client.describe_cluster_subnet_groups, client.delete_cluster_subnet_group):
        with pytest.raises(client.exceptions.ClusterSubnetGroupNotFoundFault):
            gone(ClusterSubnetGroupName=name)
    with pytest.raises(client.exceptions.ClusterSubnetGroupNotFoundFault):
        create(client, name, ClusterSubnetGroupName=name)


def test_tags(client: Any, name: str) -> None:
    """Groups have tags as clusters have, are found by them, and refuse what no tag can be."""
    client.create_cluster_parameter_group(
        ParameterGroupName=name,
        ParameterGroupFamily="redshift-1.0",
        Description="",
        Tags=[{"Key": "of", "Value": name}],
    )
    arn = f"arn:aws:redshift:{REGION}:{PRODUCER}:parametergroup:{name}"
    client.create_tags(ResourceName=arn, Tags=[{"Key": "more", "Value": "1"}])
    (group,) = client.describe_cluster_parameter_groups(TagValues=[name])["ParameterGroups"]
    assert {t["Key"] for t in group["Tags"]} == {"of", "more"}
    told = client.describe_tags(ResourceType="Parameter group", TagKeys=["more"])
    assert [t["ResourceName"] for t in told["TaggedResources"]] == [arn]
    client.delete_tags(ResourceName=arn, TagKeys=["of", "more"])
    assert client.describe_tags(ResourceName=arn)["TaggedResources"] == []
    for wrong in ("aws:x", "k" * 129, ""):
        with pytest.raises(client.exceptions.InvalidTagFault):
            client.create_tags(ResourceName=arn, Tags=[{"Key": wrong, "Value": ""}])
    with pytest.raises(client.exceptions.TagLimitExceededFault):
        client.create_tags(ResourceName=arn, Tags=[{"Key": str(i), "Value": ""} for i in range(51)])
    client.delete_cluster_parameter_group(ParameterGroupName=name)
    with pytest.raises(client.exceptions.ResourceNotFoundFault):
        client.describe_tags(ResourceName=arn)


PAGED = [
    ("describe_cluster_parameter_groups", {}),
    ("describe_cluster_parameters", {"ParameterGroupName": "default.redshift-1.0"}),
    ("describe_default_cluster_parameters", {"ParameterGroupFamily": "redshift-1.0"}),
    ("describe_cluster_subnet_groups", {}),
    ("describe_cluster_versions", {}),
    ("describe_cluster_tracks", {}),
    ("describe_cluster_db_revisions", {}),
    ("describe_orderable_cluster_options", {}),
    (
        "describe_node_configuration_options",
        {"ActionType": "resize-cluster", "ClusterIdentifier": "finance"},
    ),
]


@pytest.mark.parametrize(("operation", "arguments"), PAGED)
def test_pages(client: Any, operation: str, arguments: dict[str, str]) -> None:
    """Each describe takes 20 to 100 records a page, and only markers of its own."""
    call = getattr(client, operation)
    for size in (0, -1, 19, 101, 10**9):
        with pytest.raises(ClientError, match="InvalidParameterValue"):
            call(MaxRecords=size, **arguments)
    with pytest.raises(ClientError, match="InvalidParameterValue"):
        call(Marker="bm90IG91cnM=", **arguments)
    assert list(
        client.get_paginator(operation).paginate(PaginationConfig={"PageSize": 20}, **arguments)
    )


def test_offers(client: Any) -> None:
    """What tools ask before they order: node types, versions, tracks, quotas."""
    options = client.describe_orderable_cluster_options(NodeType="ra3.xlplus")
    kinds = {o["ClusterType"] for o in options["OrderableClusterOptions"]}
    assert kinds == {"single-node", "multi-node"}
    assert client.describe_orderable_cluster_options(NodeType="x")["OrderableClusterOptions"] == []
    versions = client.describe_cluster_versions()["ClusterVersions"]
    assert {v["ClusterVersion"] for v in versions} == {"1.0"}
    assert len(client.describe_cluster_tracks()["MaintenanceTracks"]) == 2
    with pytest.raises(client.exceptions.InvalidClusterTrackFault):
        client.describe_cluster_tracks(MaintenanceTrackName="x")
    quotas = client.describe_account_attributes(AttributeNames=["max-number-of-clusters"])
    assert len(quotas["AccountAttributes"]) == 1
    pages = client.get_paginator("describe_node_configuration_options").paginate(
        ActionType="resize-cluster", ClusterIdentifier="finance"
    )
    found = [o for page in pages for o in page["NodeConfigurationOptionList"]]
    assert {o["NodeType"].partition(".")[0] for o in found} == {"ra3"}
    assert len(found) > 100
