"""Attributes of warehouses in the API's words: how Describe tells each, and what sets it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from redshare.app.world.warehouse import WorldCluster, WorldServerless
from redshare.core.subnet_group import DEFAULT_SUBNET_GROUP

Shown = Mapping[str, Any]
#: The parameter that sets it, how a description tells it.
Attribute = tuple[str, Callable[[Shown], Any]]


def _same(name: str) -> Attribute:
    return name, lambda shown: shown.get(name)


def _names(parameter: str, members: str, member: str) -> Attribute:
    return parameter, lambda shown: tuple(each[member] for each in shown.get(members, ()))


CLUSTER: Final[dict[str, Attribute]] = {
    "node_type": _same("NodeType"),
    "number_of_nodes": _same("NumberOfNodes"),
    "parameter_group": (
        "ClusterParameterGroupName",
        lambda shown: shown["ClusterParameterGroups"][0]["ParameterGroupName"],
    ),
    "availability_zone": _same("AvailabilityZone"),
    "preferred_maintenance_window": _same("PreferredMaintenanceWindow"),
    "automated_snapshot_retention_period": _same("AutomatedSnapshotRetentionPeriod"),
    "manual_snapshot_retention_period": _same("ManualSnapshotRetentionPeriod"),
    "cluster_version": _same("ClusterVersion"),
    "allow_version_upgrade": _same("AllowVersionUpgrade"),
    "enhanced_vpc_routing": _same("EnhancedVpcRouting"),
    "maintenance_track_name": _same("MaintenanceTrackName"),
    "cluster_security_groups": _names(
        "ClusterSecurityGroups", "ClusterSecurityGroups", "ClusterSecurityGroupName"
    ),
    "vpc_security_group_ids": _names(
        "VpcSecurityGroupIds", "VpcSecurityGroups", "VpcSecurityGroupId"
    ),
    "elastic_ip": ("ElasticIp", lambda shown: shown.get("ElasticIpStatus", {}).get("ElasticIp")),
    "ip_address_type": _same("IpAddressType"),
    "multi_az": ("MultiAZ", lambda shown: _enabled(shown, "MultiAZ")),
    "availability_zone_relocation": (
        "AvailabilityZoneRelocation",
        lambda shown: _enabled(shown, "AvailabilityZoneRelocationStatus"),
    ),
    "kms_key_id": _same("KmsKeyId"),
}
NAMESPACE: Final[dict[str, Attribute]] = {
    "kms_key_id": (
        "kmsKeyId",
        lambda shown: None if shown.get("kmsKeyId") == _OWNED else shown.get("kmsKeyId"),
    ),
    "iam_roles": ("iamRoles", lambda shown: tuple(map(_role, shown.get("iamRoles", ())))),
    "default_iam_role_arn": _same("defaultIamRoleArn"),
    "log_exports": ("logExports", lambda shown: tuple(shown.get("logExports", ()))),
}
WORKGROUP: Final[dict[str, Attribute]] = {
    "base_capacity": _same("baseCapacity"),
    "max_capacity": _same("maxCapacity"),
    "enhanced_vpc_routing": _same("enhancedVpcRouting"),
    "config_parameters": (
        "configParameters",
        lambda shown: {
            each["parameterKey"]: each["parameterValue"]
            for each in shown.get("configParameters", ())
        },
    ),
    "security_group_ids": (
        "securityGroupIds",
        lambda shown: tuple(shown.get("securityGroupIds", ())),
    ),
    "subnet_ids": ("subnetIds", lambda shown: tuple(shown.get("subnetIds", ()))),
    "track_name": _same("trackName"),
    "ip_address_type": _same("ipAddressType"),
}
#: What a namespace under no key of its owner's is under.
_OWNED: Final = "AWS_OWNED_KMS_KEY"


def read_cluster(shown: Shown) -> WorldCluster:
    """Of DescribeClusters."""
    subnet_group = shown.get("ClusterSubnetGroupName")
    return WorldCluster(
        **_read(CLUSTER, shown),
        subnet_group=None if subnet_group == DEFAULT_SUBNET_GROUP else subnet_group,
        iam_roles=tuple(role["IamRoleArn"] for role in shown.get("IamRoles", ())),
        default_iam_role_arn=shown.get("DefaultIamRoleArn"),
    )


def read_serverless(
    namespace: Shown, workgroup: Shown, workgroup_tags: Mapping[str, str]
) -> WorldServerless:
    """Of ListNamespaces and ListWorkgroups; the workgroup may be missing."""
    of_workgroup = _read(WORKGROUP, workgroup) if workgroup else {}
    return WorldServerless(
        **_read(NAMESPACE, namespace), **of_workgroup, workgroup_tags=workgroup_tags
    )


def changed(
    attributes: Mapping[str, Attribute], wanted: msgspec.Struct, found: msgspec.Struct
) -> dict[str, Any]:
    """The parameters of what is said and is other."""
    values = {
        parameter: getattr(wanted, name)
        for name, (parameter, _) in attributes.items()
        if getattr(wanted, name) not in (None, getattr(found, name))
    }
    if "configParameters" in values:
        values["configParameters"] = [
            {"parameterKey": key, "parameterValue": value}
            for key, value in values["configParameters"].items()
        ]
    return values


def _read(attributes: Mapping[str, Attribute], shown: Shown) -> dict[str, Any]:
    return {name: read(shown) for name, (_, read) in attributes.items()}


def _enabled(shown: Shown, name: str) -> bool:
    return str(shown.get(name, "")).lower() == "enabled"


def _role(text: str) -> str:
    """AWS tells `IamRole(applyStatus=in-sync, iamRoleArn=ARN)`."""
    return text.rpartition("iamRoleArn=")[2].removesuffix(")")
