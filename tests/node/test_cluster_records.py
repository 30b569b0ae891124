"""Events, usage limits, resource policies and registrations, by boto3."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.node.running import CONSUMER, PASSWORD, PRODUCER, STRANGER, RunningNode

pytestmark = pytest.mark.server


@pytest.fixture
def client(node: RunningNode, name: str) -> Iterator[Any]:
    """The producer's, with a cluster of the test's name."""
    made = node.client()
    made.create_cluster(
        ClusterIdentifier=name,
        NodeType="ra3.xlplus",
        MasterUsername="admin",
        MasterUserPassword=PASSWORD,
    )
    yield made
    with contextlib.suppress(ClientError):
        made.delete_cluster(ClusterIdentifier=name, SkipFinalClusterSnapshot=True)


def told(client: Any, name: str, **more: Any) -> list[str]:
    """The ids of a cluster's events."""
    pages = client.get_paginator("describe_events").paginate(
        SourceIdentifier=name, SourceType="cluster", **more
    )
    return [e["EventId"].removeprefix("REDSHIFT-EVENT-") for p in pages for e in p["Events"]]


def test_events(client: Any, node: RunningNode, name: str) -> None:
    """What happens to a cluster is told in order, also once it is gone, and to nobody else."""
    client.pause_cluster(ClusterIdentifier=name)
    client.resume_cluster(ClusterIdentifier=name)
    client.reboot_cluster(ClusterIdentifier=name)
    client.resize_cluster(ClusterIdentifier=name, NumberOfNodes=2)
    client.modify_cluster(ClusterIdentifier=name, MasterUserPassword="An0therOne")
    client.delete_cluster(ClusterIdentifier=name, SkipFinalClusterSnapshot=True)
    wanted = ["2000", "3618", "3619", "3622", "3000", "2006", "3002", "4000", "2001"]
    assert told(client, name) == wanted
    assert told(client, name, Duration=1440) == wanted
    hour = timedelta(hours=1)
    now = datetime.now(UTC)
    assert told(client, name, StartTime=now - hour, EndTime=now + hour) == wanted
    assert told(client, name, StartTime=now - 2 * hour, EndTime=now - hour) == []
    assert told(node.client(CONSUMER), name) == []
    first = client.describe_events(SourceIdentifier=name, SourceType="cluster")["Events"][0]
    assert name in first["Message"]
    assert (first["EventCategories"], first["Severity"]) == (["management"], "INFO")
    kinds = client.describe_event_categories(SourceType="cluster")["EventCategoriesMapList"]
    assert set(wanted) <= {e["EventId"][-4:] for e in kinds[0]["Events"]}


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"SourceIdentifier": "x"}, "InvalidParameterCombination"),
        ({"SourceType": "moon"}, "InvalidParameterValue"),
        ({"Duration": 0}, "InvalidParameterValue"),
        ({"Duration": 20161}, "InvalidParameterValue"),
        ({"Duration": 5, "StartTime": datetime(2026, 1, 1, tzinfo=UTC)}, "InvalidParameterComb"),
        ({"StartTime": datetime(2999, 1, 1, tzinfo=UTC)}, "InvalidParameterCombination"),
        ({"MaxRecords": 0}, "InvalidParameterValue"),
        ({"MaxRecords": -1}, "InvalidParameterValue"),
        ({"MaxRecords": 10**9}, "InvalidParameterValue"),
        ({"Marker": "bm90IG91cnM="}, "InvalidParameterValue"),
    ],
)
def test_wrong_questions_for_events(node: RunningNode, wrong: dict[str, Any], code: str) -> None:
    """DescribeEvents refuses what it could not mean."""
    with pytest.raises(ClientError, match=code):
        node.client().describe_events(**wrong)


def test_usage_limits(client: Any, node: RunningNode, name: str) -> None:
    """A cluster's limits are kept, counted against four a feature, and go with it."""
    made = client.create_usage_limit(
        ClusterIdentifier=name,
        FeatureType="cross-region-datasharing",
        LimitType="data-scanned",
        Amount=3,
        BreachAction="disable",
        Tags=[{"Key": "a", "Value": name}],
    )
    assert (made["Period"], made["BreachAction"], made["Amount"]) == ("monthly", "disable", 3)
    again = {
        "ClusterIdentifier": name,
        "FeatureType": "cross-region-datasharing",
        "LimitType": "data-scanned",
    }
    with pytest.raises(client.exceptions.UsageLimitAlreadyExistsFault):
        client.create_usage_limit(**again, Amount=3, BreachAction="disable")
    for amount in (4, 5, 6):
        client.create_usage_limit(**again, Amount=amount)
    with pytest.raises(client.exceptions.LimitExceededFault):
        client.create_usage_limit(**again, Amount=7)
    for amount in (0, -1):
        with pytest.raises(client.exceptions.InvalidUsageLimitFault):
            client.create_usage_limit(**again, Amount=amount)
    with pytest.raises(client.exceptions.InvalidUsageLimitFault):
        client.create_usage_limit(**{**again, "LimitType": "time"}, Amount=1)
    with pytest.raises(ClientError, match="InvalidParameterValue"):
        client.create_usage_limit(**again, Amount=1, Period="yearly")
    with pytest.raises(client.exceptions.ClusterNotFoundFault):
        node.client(STRANGER).create_usage_limit(**again, Amount=1)
    changed = client.modify_usage_limit(UsageLimitId=made["UsageLimitId"], Amount=10)
    assert (changed["Amount"], changed["BreachAction"]) == (10, "disable")
    (found,) = client.describe_usage_limits(TagValues=[name])["UsageLimits"]
    assert found["UsageLimitId"] == made["UsageLimitId"]
    assert len(client.describe_usage_limits(ClusterIdentifier=name)["UsageLimits"]) == 4
    with pytest.raises(node.client(CONSUMER).exceptions.UsageLimitNotFoundFault):
        node.client(CONSUMER).delete_usage_limit(UsageLimitId=made["UsageLimitId"])
    client.delete_usage_limit(UsageLimitId=made["UsageLimitId"])
    with pytest.raises(client.exceptions.UsageLimitNotFoundFault):
        client.modify_usage_limit(UsageLimitId=made["UsageLimitId"], Amount=1)
    client.delete_cluster(ClusterIdentifier=name, SkipFinalClusterSnapshot=True)
    left = client.describe_usage_limits()["UsageLimits"]
    assert [limit for limit in left if limit.get("ClusterIdentifier") in {None, name}] == []


def test_serverless_usage_limits(node: RunningNode) -> None:
    """A workgroup's limits are kept, listed by its ARN, and answered once more when they go."""
    client = node.client(PRODUCER, "redshift-serverless")
    arn = client.get_workgroup(workgroupName="sales-wg")["workgroup"]["workgroupArn"]
    made = client.create_usage_limit(
        resourceArn=arn, usageType="cross-region-datasharing", amount=2, breachAction="deactivate"
    )["usageLimit"]
    assert (made["resourceArn"], made["period"]) == (arn, "monthly")
    with pytest.raises(client.exceptions.ConflictException):
        client.create_usage_limit(
            resourceArn=arn,
            usageType="cross-region-datasharing",
            amount=2,
            breachAction="deactivate",
        )
    with pytest.raises(client.exceptions.ValidationException):
        client.create_usage_limit(resourceArn=arn, usageType="spectrum", amount=2)
    client.update_usage_limit(usageLimitId=made["usageLimitId"], amount=9)
    (listed,) = client.list_usage_limits(resourceArn=arn)["usageLimits"]
    assert listed["amount"] == 9
    assert client.delete_usage_limit(usageLimitId=made["usageLimitId"])["usageLimit"] == listed
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.get_usage_limit(usageLimitId=made["usageLimitId"])
    stranger = node.client(STRANGER, "redshift-serverless")
    with pytest.raises(stranger.exceptions.ResourceNotFoundException):
        stranger.list_usage_limits(resourceArn=arn)


POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "redshift.amazonaws.com"},
            "Action": ["redshift:AuthorizeInboundIntegration"],
        }
    ],
}


def test_resource_policy(node: RunningNode) -> None:
    """A namespace's policy is given back as it was put, and only to its account."""
    client, arn = node.client(), node.namespace_arn("sales")
    text = json.dumps(POLICY, indent=1)
    put = client.put_resource_policy(ResourceArn=arn, Policy=text)["ResourcePolicy"]
    assert put == {"ResourceArn": arn, "Policy": text}
    assert client.get_resource_policy(ResourceArn=arn)["ResourcePolicy"]["Policy"] == text
    stranger = node.client(STRANGER)
    for call in (stranger.get_resource_policy, stranger.delete_resource_policy):
        with pytest.raises(stranger.exceptions.ResourceNotFoundFault):
            call(ResourceArn=arn)
    client.delete_resource_policy(ResourceArn=arn)
    with pytest.raises(client.exceptions.ResourceNotFoundFault):
        client.get_resource_policy(ResourceArn=arn)
    with pytest.raises(client.exceptions.UnsupportedOperationFault):
        client.put_resource_policy(ResourceArn=node.share_arn("any"), Policy=text)


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "{",
        "[]",
        '"text"',
        "{}",
        json.dumps({**POLICY, "Statement": []}),
        json.dumps({**POLICY, "Version": "2020-01-01"}),
        json.dumps({**POLICY, "More": 1}),
        json.dumps({"Statement": {**POLICY["Statement"][0], "Effect": "Maybe"}}),  # type: ignore[dict-item]
        json.dumps({"Statement": {"Effect": "Allow", "Action": "redshift:*"}}),
        json.dumps({"Statement": {"Effect": "Allow", "Principal": "*"}}),
        json.dumps({"Statement": {"Effect": "Allow", "Principal": {}, "Action": "a:b"}}),
        "[" * 5000,
        " " * 20481,
    ],
)
def test_invalid_policies(node: RunningNode, wrong: str) -> None:
    """What is no policy document is refused."""
    client = node.client()
    with pytest.raises(client.exceptions.InvalidPolicyFault):
        client.put_resource_policy(ResourceArn=node.namespace_arn("sales"), Policy=wrong)


def test_registration(client: Any, name: str) -> None:
    """A registered namespace has an internal datashare until its last catalog is deregistered."""
    cluster = {"ProvisionedIdentifier": {"ClusterIdentifier": name}}
    catalogs = [f"DataCatalog/{CONSUMER}", f"DataCatalog/{PRODUCER}"]
    for catalog in catalogs:
        answer = client.register_namespace(
            NamespaceIdentifier=cluster, ConsumerIdentifiers=[catalog]
        )
        assert answer["Status"] == "Registering"
    producer = client.describe_clusters(ClusterIdentifier=name)["Clusters"][0]
    arn = producer["ClusterNamespaceArn"]
    (share,) = client.describe_data_shares_for_producer(ProducerArn=arn)["DataShares"]
    assert share["DataShareArn"].endswith("/ds_internal_namespace")
    assert share["DataShareType"] == "INTERNAL"
    entries = {a["ConsumerIdentifier"]: a["Status"] for a in share["DataShareAssociations"]}
    assert entries == dict.fromkeys(catalogs, "AUTHORIZED")
    for catalog in catalogs:
        answer = client.deregister_namespace(
            NamespaceIdentifier=cluster, ConsumerIdentifiers=[catalog]
        )
        assert answer["Status"] == "Deregistering"
    assert client.describe_data_shares_for_producer(ProducerArn=arn)["DataShares"] == []
    with pytest.raises(client.exceptions.InvalidNamespaceFault):
        client.deregister_namespace(NamespaceIdentifier=cluster, ConsumerIdentifiers=catalogs[:1])
    with pytest.raises(ClientError, match="InvalidParameterValue"):
        client.register_namespace(NamespaceIdentifier=cluster, ConsumerIdentifiers=catalogs)
    with pytest.raises(ClientError, match="InvalidParameterValue"):
        client.register_namespace(NamespaceIdentifier=cluster, ConsumerIdentifiers=[CONSUMER])
    with pytest.raises(client.exceptions.ClusterNotFoundFault):
        client.register_namespace(
            NamespaceIdentifier={"ProvisionedIdentifier": {"ClusterIdentifier": "none"}},
            ConsumerIdentifiers=catalogs[:1],
        )
    serverless = {"NamespaceIdentifier": "sales", "WorkgroupIdentifier": "sales-wg"}
    named = {"ServerlessIdentifier": serverless}
    client.register_namespace(NamespaceIdentifier=named, ConsumerIdentifiers=catalogs[:1])
    client.deregister_namespace(NamespaceIdentifier=named, ConsumerIdentifiers=catalogs[:1])
    with pytest.raises(client.exceptions.InvalidNamespaceFault):
        client.register_namespace(
            NamespaceIdentifier={
                "ServerlessIdentifier": {**serverless, "WorkgroupIdentifier": "other"}
            },
            ConsumerIdentifiers=catalogs[:1],
        )
    client.pause_cluster(ClusterIdentifier=name)
    with pytest.raises(client.exceptions.InvalidClusterStateFault):
        client.register_namespace(NamespaceIdentifier=cluster, ConsumerIdentifiers=catalogs[:1])
