"""Snapshots of clusters as requests name them and as answers show them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from redshare.app.caller import Caller
from redshare.app.snapshots.snapshots import SNAPSHOT, Snapshots
from redshare.core.aws_errors import (
    InvalidParameterCombination,
    InvalidParameterValue,
    ResourceNotFound,
)
from redshare.core.resource_arn import resource_arn
from redshare.core.snapshot import Snapshot, SnapshotType
from redshare.core.warehouse import Warehouse
from redshare.endpoints.redshift import cluster_attributes
from redshare.endpoints.redshift.tag_lists import shown_tags

Params = Mapping[str, Any]

_IDENTIFIER: Final = re.compile(r"[a-z](-?[a-z0-9]){0,254}")
MEGABYTE: Final = 1 << 20


class ClusterSnapshots:
    """Those of an account's clusters in a Region."""

    def __init__(self, snapshots: Snapshots) -> None:
        self._snapshots = snapshots

    def find(self, caller: Caller, identifier: str, cluster: str | None = None) -> Snapshot:
        """The snapshot, and only if it is of that cluster. Raises ResourceNotFound."""
        found = self._snapshots.find(caller.account, caller.region, identifier.lower())
        require_of(found, cluster)
        return found

    def named(self, caller: Caller, params: Params) -> Snapshot | None:
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

    def document(self, snapshot: Snapshot, status: str = "available") -> Params:
        """As answers show it."""
        cluster = cluster_of(snapshot)
        kept = cluster_attributes.read(cluster.attributes)
        manual = snapshot.snapshot_type is SnapshotType.MANUAL
        megabytes = snapshot.size / MEGABYTE
        return {
            "SnapshotIdentifier": snapshot.identifier,
            "ClusterIdentifier": cluster.identifier,
            "SnapshotCreateTime": snapshot.created,
            "Status": status,
            "Port": cluster.port,
            "AvailabilityZone": kept["AvailabilityZone"] or f"{cluster.region}a",
            "ClusterCreateTime": cluster.created,
            "MasterUsername": snapshot.admin_username,
            "ClusterVersion": kept["ClusterVersion"],
            "SnapshotType": snapshot.snapshot_type.value,
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
            "ManualSnapshotRetentionPeriod": snapshot.retention if manual else None,
            "ManualSnapshotRemainingDays": self._snapshots.remaining_days(snapshot),
            "SnapshotRetentionStartTime": snapshot.retention_start,
            "SnapshotArn": resource_arn(snapshot),
        }


def cluster_of(snapshot: Snapshot) -> Warehouse:
    """What it was taken of."""
    assert snapshot.cluster is not None, "a provisioned snapshot is of a cluster"
    return snapshot.cluster


def snapshot_identifier(text: str) -> str:
    """Lower case, as AWS keeps it. Raises InvalidParameterValue."""
    identifier = text.lower()
    if not _IDENTIFIER.fullmatch(identifier):
        raise InvalidParameterValue(f"Invalid snapshot identifier: {identifier!r}.")
    return identifier


def require_of(snapshot: Snapshot, cluster: str | None) -> None:
    """Where the request says of which cluster. Raises ResourceNotFound."""
    if cluster and cluster.lower() != snapshot.namespace_name:
        raise ResourceNotFound(SNAPSHOT, snapshot.identifier)
