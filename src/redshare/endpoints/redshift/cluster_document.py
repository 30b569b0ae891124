"""A cluster as the Redshift API shows it.

https://docs.aws.amazon.com/redshift/latest/APIReference/API_Cluster.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from redshare.core.namespace import Namespace
from redshare.core.parameter_group import ParameterGroup, in_force
from redshare.core.warehouse import Warehouse
from redshare.endpoints.redshift import cluster_attributes
from redshare.endpoints.redshift.tag_lists import shown_tags

Params = Mapping[str, Any]


def cluster_document(
    cluster: Warehouse,
    namespace: Namespace,
    group: ParameterGroup,
    address: str,
    status: str | None = None,
    pending: Params | None = None,
) -> Params:
    """`status` is what the request began, which has ended before anybody can ask."""
    kept = cluster_attributes.read(cluster.attributes)
    said = status or cluster.status.value
    elastic, domain = kept["ElasticIp"], cluster.custom_domain
    return {
        "ClusterIdentifier": cluster.identifier,
        "NodeType": cluster.node_type,
        "ClusterStatus": said,
        "ClusterAvailabilityStatus": _availability(said),
        "MasterUsername": namespace.admin_username,
        "DBName": namespace.default_database,
        "Endpoint": {"Address": address, "Port": cluster.port},
        "ClusterCreateTime": cluster.created,
        "AutomatedSnapshotRetentionPeriod": kept["AutomatedSnapshotRetentionPeriod"],
        "ManualSnapshotRetentionPeriod": kept["ManualSnapshotRetentionPeriod"],
        "ClusterSecurityGroups": [
            {"ClusterSecurityGroupName": name, "Status": "active"}
            for name in kept["ClusterSecurityGroups"]
        ],
        "VpcSecurityGroups": [
            {"VpcSecurityGroupId": group, "Status": "active"}
            for group in kept["VpcSecurityGroupIds"]
        ],
        "ClusterParameterGroups": [
            {
                "ParameterGroupName": group.name,
                "ParameterApplyStatus": _apply_status(cluster, group),
            }
        ],
        "ClusterSubnetGroupName": cluster.subnet_group,
        "AvailabilityZone": kept["AvailabilityZone"] or f"{cluster.region}a",
        "PreferredMaintenanceWindow": kept["PreferredMaintenanceWindow"],
        "PendingModifiedValues": pending or {},
        "ClusterVersion": kept["ClusterVersion"],
        "AllowVersionUpgrade": kept["AllowVersionUpgrade"],
        "NumberOfNodes": cluster.number_of_nodes,
        "PubliclyAccessible": cluster.publicly_accessible,
        "Encrypted": namespace.encrypted,
        "RestoreStatus": _restore_status(cluster),
        "ClusterNodes": _nodes(cluster),
        "ElasticIpStatus": {"ElasticIp": elastic, "Status": "active"} if elastic else None,
        "Tags": shown_tags(cluster.tags),
        "KmsKeyId": namespace.kms_key_id or None,
        "EnhancedVpcRouting": kept["EnhancedVpcRouting"],
        "IamRoles": [{"IamRoleArn": arn, "ApplyStatus": "in-sync"} for arn in namespace.iam_roles],
        "DefaultIamRoleArn": namespace.default_iam_role_arn or None,
        "MaintenanceTrackName": kept["MaintenanceTrackName"],
        "AvailabilityZoneRelocationStatus": _enabled(kept["AvailabilityZoneRelocation"]),
        "ClusterNamespaceArn": str(namespace.arn),
        "IpAddressType": kept["IpAddressType"],
        "MultiAZ": _enabled(kept["MultiAZ"]),
        "CustomDomainName": None if domain is None else domain.name,
        "CustomDomainCertificateArn": None if domain is None else domain.certificate,
    }


def _restore_status(cluster: Warehouse) -> Params | None:
    megabytes = cluster_attributes.restored_size(cluster.attributes)
    if megabytes is None:
        return None
    return {
        "Status": "completed",
        "SnapshotSizeInMegaBytes": megabytes,
        "ProgressInMegaBytes": megabytes,
        "ElapsedTimeInSeconds": 0,
        "EstimatedTimeToCompletionInSeconds": 0,
    }


def _apply_status(cluster: Warehouse, group: ParameterGroup) -> str:
    return "in-sync" if cluster.parameters == in_force(group) else "pending-reboot"


def _availability(status: str) -> str:
    match status:
        case "available":
            return "Available"
        case "paused":
            return "Paused"
        case _:
            return "Modifying"


def _enabled(value: bool) -> str:
    return "enabled" if value else "disabled"


def _nodes(cluster: Warehouse) -> list[Params]:
    address = {"PrivateIPAddress": "127.0.0.1", "PublicIPAddress": "127.0.0.1"}
    if cluster.number_of_nodes == 1:
        return [{"NodeRole": "SHARED", **address}]
    compute = [{"NodeRole": f"COMPUTE-{i}", **address} for i in range(cluster.number_of_nodes)]
    return [{"NodeRole": "LEADER", **address}, *compute]
