"""Warehouses with every attribute set, and all that their services say of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.node.running import CONSUMER, PRODUCER, REGION, STRANGER, RunningNode

CLUSTER_ARN = f"arn:aws:redshift:{REGION}:{PRODUCER}:cluster:finance"
TAGS = [{"Key": "team", "Value": "data"}]


def set_attributes(node: RunningNode) -> None:
    """Every attribute, tag, group and limit that a world file can say."""
    redshift = node.client()
    for name, family in (("tuned", "redshift-1.0"), ("unused", "redshift-2.0")):
        redshift.create_cluster_parameter_group(
            ParameterGroupName=name, ParameterGroupFamily=family, Description=name, Tags=TAGS
        )
    redshift.modify_cluster_parameter_group(
        ParameterGroupName="tuned",
        Parameters=[
            {"ParameterName": "statement_timeout", "ParameterValue": "60000"},
            {"ParameterName": "require_ssl", "ParameterValue": "false"},
        ],
    )
    redshift.create_cluster_subnet_group(
        ClusterSubnetGroupName="inner", Description="d", SubnetIds=["subnet-1", "subnet-2"]
    )
    redshift.modify_cluster(
        ClusterIdentifier="finance",
        NodeType="ra3.4xlarge",
        NumberOfNodes=3,
        ClusterParameterGroupName="tuned",
        PreferredMaintenanceWindow="mon:01:00-mon:02:00",
        AutomatedSnapshotRetentionPeriod=7,
        ManualSnapshotRetentionPeriod=30,
        AllowVersionUpgrade=False,
        EnhancedVpcRouting=True,
        MaintenanceTrackName="trailing",
        VpcSecurityGroupIds=["sg-1", "sg-2"],
        AvailabilityZoneRelocation=True,
        KmsKeyId="arn:aws:kms:us-east-1:111111111111:key/k",
    )
    role = f"arn:aws:iam::{PRODUCER}:role/amy"
    redshift.modify_cluster_iam_roles(
        ClusterIdentifier="finance", AddIamRoles=[role], DefaultIamRoleArn=role
    )
    redshift.reboot_cluster(ClusterIdentifier="finance")
    redshift.create_tags(ResourceName=CLUSTER_ARN, Tags=TAGS)
    redshift.create_usage_limit(
        ClusterIdentifier="finance",
        FeatureType="spectrum",
        LimitType="data-scanned",
        Amount=5,
        Period="weekly",
        BreachAction="disable",
        Tags=TAGS,
    )
    serverless = node.client(PRODUCER, "redshift-serverless")
    group = serverless.update_workgroup(
        workgroupName="sales-wg",
        baseCapacity=64,
        maxCapacity=512,
        enhancedVpcRouting=True,
        configParameters=[{"parameterKey": "search_path", "parameterValue": "public"}],
        securityGroupIds=["sg-3"],
        subnetIds=["subnet-3"],
    )["workgroup"]
    space = serverless.update_namespace(
        namespaceName="sales", iamRoles=[role], defaultIamRoleArn=role, logExports=["userlog"]
    )["namespace"]
    for arn, value in ((space["namespaceArn"], "n"), (group["workgroupArn"], "w")):
        serverless.tag_resource(resourceArn=arn, tags=[{"key": "of", "value": value}])
    for period, amount in (("daily", 10), ("monthly", 100)):
        serverless.create_usage_limit(
            resourceArn=group["workgroupArn"],
            usageType="serverless-compute",
            amount=amount,
            period=period,
            breachAction="deactivate",
        )


def warehouses(node: RunningNode) -> dict[str, Any]:
    """Every answer of both services about warehouses, without dates, ids, ports."""
    return {
        f"{account} {what}": _plain(answer)
        for account in (PRODUCER, CONSUMER, STRANGER)
        for what, answer in (
            *_clusters(node.client(account)),
            *_serverless(node.client(account, "redshift-serverless")),
        )
    }


def _clusters(redshift: Any) -> Iterator[tuple[str, Any]]:
    yield "clusters", redshift.describe_clusters()["Clusters"]
    groups = redshift.describe_cluster_parameter_groups()["ParameterGroups"]
    yield "parameter groups", groups
    for name in (group["ParameterGroupName"] for group in groups):
        parameters = redshift.describe_cluster_parameters(ParameterGroupName=name)["Parameters"]
        yield f"parameters of {name}", parameters
    yield "subnet groups", redshift.describe_cluster_subnet_groups()["ClusterSubnetGroups"]
    yield "limits", redshift.describe_usage_limits()["UsageLimits"]
    yield (
        "tags",
        [
            found
            for found in redshift.describe_tags()["TaggedResources"]
            if found["ResourceType"] != "usagelimit"
        ],
    )


def _serverless(serverless: Any) -> Iterator[tuple[str, Any]]:
    spaces = serverless.list_namespaces()["namespaces"]
    yield "namespaces", spaces
    for name, arn in ((space["namespaceName"], space["namespaceArn"]) for space in spaces):
        yield f"namespace {name}", serverless.get_namespace(namespaceName=name)["namespace"]
        yield f"tags of {name}", serverless.list_tags_for_resource(resourceArn=arn)["tags"]
    groups = serverless.list_workgroups()["workgroups"]
    yield "workgroups", groups
    for name, arn in ((group["workgroupName"], group["workgroupArn"]) for group in groups):
        yield f"workgroup {name}", serverless.get_workgroup(workgroupName=name)["workgroup"]
        yield f"tags of {name}", serverless.list_tags_for_resource(resourceArn=arn)["tags"]
        limits = serverless.list_usage_limits(resourceArn=arn)["usageLimits"]
        yield f"limits of {name}", sorted(limits, key=lambda limit: str(limit["period"]))


#: What the API chooses.
_DROPPED = frozenset(
    {
        "ClusterCreateTime", "Endpoint", "UsageLimitId", "creationDate", "endpoint", "port",
        "workgroupArn", "workgroupId", "usageLimitArn", "usageLimitId", "resourceArn",
    }
)  # fmt: skip


def _plain(answer: Any) -> Any:
    if isinstance(answer, dict):
        return {key: _plain(value) for key, value in answer.items() if key not in _DROPPED}
    return [_plain(each) for each in answer] if isinstance(answer, list) else answer
