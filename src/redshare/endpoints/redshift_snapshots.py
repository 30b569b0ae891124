"""Manual snapshots of clusters.

https://docs.aws.amazon.com/redshift/latest/APIReference/API_CreateClusterSnapshot.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from redshare.app.caller import Caller
from redshare.app.snapshots import SNAPSHOT, NewSnapshot, Snapshots
from redshare.app.subnet_groups import SubnetGroups
from redshare.app.warehouses import NewWarehouse
from redshare.core.errors import (
    InvalidParameterCombination,
    InvalidParameterValue,
    LimitExceeded,
    ResourceNotFound,
)
from redshare.core.namespace import Namespace
from redshare.core.resource_arn import resource_arn
from redshare.core.snapshot import INDEFINITE, Snapshot
from redshare.core.warehouse import Warehouse, WarehouseKind
from redshare.endpoints import cluster_attributes
from redshare.endpoints.cluster_encryption import encryption
from redshare.endpoints.cluster_size import changed_size
from redshare.endpoints.clusters import Clusters, cluster_identifier
from redshare.endpoints.query_pages import page_request
from redshare.endpoints.query_tags import read_tags, shown_tags, tagged

Params = Mapping[str, Any]

_IDENTIFIER: Final = re.compile(r"[a-z](-?[a-z0-9]){0,254}")
#: Days; https://docs.aws.amazon.com/redshift/latest/APIReference/API_ModifyClusterSnapshot.html
MAX_RETENTION: Final = 3653
#: How an error names a retention period that no snapshot can have.
RETENTION: Final = "RetentionPeriod"
_MEGABYTE: Final = 1 << 20


class SnapshotOperations:
    """Taken, shown, restored, dropped."""

    def __init__(self, snapshots: Snapshots, clusters: Clusters, subnets: SubnetGroups) -> None:
        self._snapshots = snapshots
        self._clusters = clusters
        self._subnets = subnets
        self.operations = {
            "CreateClusterSnapshot": self.create_cluster_snapshot,
            "DescribeStorage": self.describe_storage,
            "DescribeClusterSnapshots": self.describe_cluster_snapshots,
            "DeleteClusterSnapshot": self.delete_cluster_snapshot,
            "RestoreFromClusterSnapshot": self.restore_from_cluster_snapshot,
        }

    def create_cluster_snapshot(self, caller: Caller, params: Params) -> Params:
        """It answers `creating`, and is available at once."""
        cluster = self._clusters.find(caller, params["ClusterIdentifier"])
        taken = self._snapshots.take(
            cluster,
            NewSnapshot(
                snapshot_identifier(params["SnapshotIdentifier"]),
                retention(params.get("ManualSnapshotRetentionPeriod")),
                read_tags(params),
            ),
        )
        return {"Snapshot": {**self._snapshot(taken), "Status": "creating"}}

    def describe_storage(self, caller: Caller, _: Params) -> Params:
        """What the snapshots hold; none is more than what comes for nothing with the clusters."""
        size = sum(s.size for s in self._snapshots.all(caller.account, caller.region))
        return {
            "TotalBackupSizeInMegaBytes": size / _MEGABYTE,
            "TotalProvisionedStorageInMegaBytes": 0.0,
        }

    def describe_cluster_snapshots(self, caller: Caller, params: Params) -> Params:
        """One snapshot, or a page of them by what they are of and when they were taken."""
        if params.get("SortingEntities"):
            raise InvalidParameterValue("SortingEntities is not supported.")
        named = self._named(caller, params)
        found = [named] if named else self._snapshots.all(caller.account, caller.region)
        page = page_request("DescribeClusterSnapshots", caller, params).of(
            (s for s in found if _wanted(s, caller, params) and self._exists(s, caller, params)),
            lambda s: [s.created.isoformat(), s.identifier],
        )
        return {"Snapshots": [self._snapshot(s) for s in page.items], "Marker": page.marker}

    def delete_cluster_snapshot(self, caller: Caller, params: Params) -> Params:
        """A snapshot that is no more; the answer shows what it was."""
        identifier = params["SnapshotIdentifier"].lower()
        found = self._snapshots.find(caller.account, caller.region, identifier)
        _of_cluster(found, params)
        gone = self._snapshots.delete(caller.account, caller.region, identifier)
        return {"Snapshot": {**self._snapshot(gone), "Status": "deleted"}}

    def restore_from_cluster_snapshot(self, caller: Caller, params: Params) -> Params:
        """A cluster with a namespace of its own; what is not said is as it was."""
        snapshot = self._named(caller, params)
        if snapshot is None:
            raise InvalidParameterCombination("Specify SnapshotIdentifier or SnapshotArn.")
        if params.get("OwnerAccount") not in {None, "", caller.account}:
            raise ResourceNotFound(SNAPSHOT, snapshot.identifier)
        if params.get("ManageMasterPassword"):
            raise InvalidParameterCombination("Managed passwords are not supported.")
        _of_cluster(snapshot, params)
        old = _cluster(snapshot)
        size = changed_size(old, params)
        subnet_group = params.get("ClusterSubnetGroupName") or old.subnet_group
        self._subnets.require(caller.account, caller.region, subnet_group)
        made, _ = self._snapshots.restore(
            snapshot,
            NewWarehouse(
                kind=WarehouseKind.CLUSTER,
                identifier=cluster_identifier(params["ClusterIdentifier"]),
                account=caller.account,
                region=caller.region,
                port=params.get("Port") or old.port,
                node_type=size.node_type,
                number_of_nodes=size.number_of_nodes,
                publicly_accessible=params.get("PubliclyAccessible", old.publicly_accessible),
                subnet_group=subnet_group,
                parameter_group=params.get("ClusterParameterGroupName") or old.parameter_group,
                attributes=cluster_attributes.restored(
                    cluster_attributes.written(params, old.attributes), snapshot.size // _MEGABYTE
                ),
            ),
            lambda namespace: _chosen(namespace, params),
        )
        return self._clusters.answer(made, "creating")

    def _named(self, caller: Caller, params: Params) -> Snapshot | None:
        """The snapshot, whichever way it is named. Raises ResourceNotFound."""
        identifier, arn = params.get("SnapshotIdentifier"), params.get("SnapshotArn")
        if identifier and arn:
            raise InvalidParameterCombination("Specify SnapshotIdentifier or SnapshotArn.")
        if identifier:
            return self._snapshots.find(caller.account, caller.region, identifier.lower())
        if not arn:
            return None
        for snapshot in self._snapshots.all(caller.account, caller.region):
            if resource_arn(snapshot) == arn:
                return snapshot
        raise ResourceNotFound(SNAPSHOT, arn)

    def _exists(self, snapshot: Snapshot, caller: Caller, params: Params) -> bool:
        wanted = params.get("ClusterExists")
        there = {cluster.warehouse_id for cluster in self._clusters.all(caller)}
        return wanted is None or wanted == (_cluster(snapshot).warehouse_id in there)

    def _snapshot(self, snapshot: Snapshot) -> Params:
        cluster = _cluster(snapshot)
        kept = cluster_attributes.read(cluster.attributes)
        megabytes = snapshot.size / _MEGABYTE
        return {
            "SnapshotIdentifier": snapshot.identifier,
            "ClusterIdentifier": cluster.identifier,
            "SnapshotCreateTime": snapshot.created,
            "Status": "available",
            "Port": cluster.port,
            "AvailabilityZone": kept["AvailabilityZone"] or f"{cluster.region}a",
            "ClusterCreateTime": cluster.created,
            "MasterUsername": snapshot.admin_username,
            "ClusterVersion": kept["ClusterVersion"],
            "SnapshotType": "manual",
            "NodeType": cluster.node_type,
            "NumberOfNodes": cluster.number_of_nodes,
            "DBName": snapshot.default_database,
            "Encrypted": snapshot.encrypted,
            "KmsKeyId": snapshot.kms_key_id or None,
            "EncryptedWithHSM": False,
            "OwnerAccount": snapshot.account,
            "TotalBackupSizeInMegaBytes": megabytes,
            "ActualIncrementalBackupSizeInMegaBytes": megabytes,
            "BackupProgressInMegaBytes": megabytes,
            "EstimatedSecondsToCompletion": 0,
            "ElapsedTimeInSeconds": 0,
            "Tags": shown_tags(snapshot.tags),
            "EnhancedVpcRouting": kept["EnhancedVpcRouting"],
            "MaintenanceTrackName": kept["MaintenanceTrackName"],
            "ManualSnapshotRetentionPeriod": snapshot.retention,
            "SnapshotRetentionStartTime": snapshot.created,
            "SnapshotArn": resource_arn(snapshot),
        }


def _cluster(snapshot: Snapshot) -> Warehouse:
    assert snapshot.cluster is not None, "a provisioned snapshot is of a cluster"
    return snapshot.cluster


def snapshot_identifier(text: str) -> str:
    """Lower case, as AWS keeps it. Raises InvalidParameterValue."""
    identifier = text.lower()
    if not _IDENTIFIER.fullmatch(identifier):
        raise InvalidParameterValue(f"Invalid snapshot identifier: {identifier!r}.")
    return identifier


def retention(days: int | None) -> int:
    """Days, or for ever. Raises LimitExceeded."""
    if days is None or days == INDEFINITE:
        return INDEFINITE
    if not 1 <= days <= MAX_RETENTION:
        raise LimitExceeded(
            RETENTION, f"The retention period must be -1 or between 1 and {MAX_RETENTION}."
        )
    return days


def _chosen(namespace: Namespace, params: Params) -> Namespace:
    return replace(
        encryption(namespace, params),
        iam_roles=tuple(params.get("IamRoles", namespace.iam_roles)),
        default_iam_role_arn=params.get("DefaultIamRoleArn", namespace.default_iam_role_arn),
    )


def _of_cluster(snapshot: Snapshot, params: Params) -> None:
    cluster = params.get("SnapshotClusterIdentifier")
    if cluster and cluster.lower() != snapshot.namespace_name:
        raise ResourceNotFound(SNAPSHOT, snapshot.identifier)


def _wanted(snapshot: Snapshot, caller: Caller, params: Params) -> bool:
    cluster, start, end = (params.get(n) for n in ("ClusterIdentifier", "StartTime", "EndTime"))
    return (
        cluster in {None, "", snapshot.namespace_name}
        and params.get("OwnerAccount") in {None, "", caller.account}
        and params.get("SnapshotType") in {None, "", "manual"}
        and (start is None or start <= snapshot.created)
        and (end is None or snapshot.created <= end)
        and tagged(snapshot.tags, params)
    )
