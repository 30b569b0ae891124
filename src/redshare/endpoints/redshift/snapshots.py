"""Snapshots of clusters: taken, shown, dropped, restored.

https://docs.aws.amazon.com/redshift/latest/APIReference/API_CreateClusterSnapshot.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from redshare.app.caller import Caller
from redshare.app.snapshots.restores import Restores
from redshare.app.snapshots.snapshots import SNAPSHOT, NewSnapshot, Snapshots
from redshare.app.warehouses.subnet_groups import SubnetGroups
from redshare.app.warehouses.warehouses import NewWarehouse
from redshare.core.aws_errors import (
    InvalidParameterCombination,
    InvalidParameterValue,
    ResourceNotFound,
)
from redshare.core.namespace import Namespace
from redshare.core.snapshot import Snapshot
from redshare.core.warehouse import WarehouseKind
from redshare.endpoints.redshift import cluster_attributes
from redshare.endpoints.redshift.cluster import Clusters, cluster_identifier
from redshare.endpoints.redshift.cluster_encryption import encryption
from redshare.endpoints.redshift.cluster_size import changed_size
from redshare.endpoints.redshift.cluster_snapshots import (
    MEGABYTE,
    ClusterSnapshots,
    cluster_of,
    require_of,
    snapshot_identifier,
)
from redshare.endpoints.redshift.pages import page_request
from redshare.endpoints.redshift.snapshot_retention import retention
from redshare.endpoints.redshift.tag_lists import read_tags, tagged

Params = Mapping[str, Any]


class SnapshotOperations:
    """Taken, shown, restored, dropped."""

    def __init__(
        self,
        snapshots: Snapshots,
        restores: Restores,
        shown: ClusterSnapshots,
        clusters: Clusters,
        subnets: SubnetGroups,
    ) -> None:
        self._snapshots = snapshots
        self._restores = restores
        self._shown = shown
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
                retention(
                    params.get("ManualSnapshotRetentionPeriod"),
                    cluster_attributes.read(cluster.attributes)["ManualSnapshotRetentionPeriod"],
                ),
                read_tags(params),
            ),
        )
        return {"Snapshot": self._shown.document(taken, "creating")}

    def describe_storage(self, caller: Caller, _: Params) -> Params:
        """What the snapshots hold; none is more than what comes for nothing with the clusters."""
        size = sum(s.size for s in self._snapshots.all(caller.account, caller.region))
        return {
            "TotalBackupSizeInMegaBytes": size / MEGABYTE,
            "TotalProvisionedStorageInMegaBytes": 0.0,
        }

    def describe_cluster_snapshots(self, caller: Caller, params: Params) -> Params:
        """One snapshot, or a page of them by what they are of and when they were taken."""
        if params.get("SortingEntities"):
            raise InvalidParameterValue("SortingEntities is not supported.")
        named = self._shown.named(caller, params)
        found = [named] if named else self._snapshots.all(caller.account, caller.region)
        page = page_request("DescribeClusterSnapshots", caller, params).of(
            (s for s in found if _wanted(s, caller, params) and self._exists(s, caller, params)),
            lambda s: [s.created.isoformat(), s.identifier],
        )
        return {"Snapshots": [self._shown.document(s) for s in page.items], "Marker": page.marker}

    def delete_cluster_snapshot(self, caller: Caller, params: Params) -> Params:
        """A snapshot that is no more; the answer shows what it was."""
        found = self._shown.find(
            caller, params["SnapshotIdentifier"], params.get("SnapshotClusterIdentifier")
        )
        gone = self._snapshots.delete(caller.account, caller.region, found.identifier)
        return {"Snapshot": self._shown.document(gone, "deleted")}

    def restore_from_cluster_snapshot(self, caller: Caller, params: Params) -> Params:
        """A cluster with a namespace of its own; what is not said is as it was."""
        snapshot = self._shown.named(caller, params)
        if snapshot is None:
            raise InvalidParameterCombination("Specify SnapshotIdentifier or SnapshotArn.")
        if params.get("OwnerAccount") not in {None, "", caller.account}:
            raise ResourceNotFound(SNAPSHOT, snapshot.identifier)
        if params.get("ManageMasterPassword"):
            raise InvalidParameterCombination("Managed passwords are not supported.")
        require_of(snapshot, params.get("SnapshotClusterIdentifier"))
        old = cluster_of(snapshot)
        size = changed_size(old, params)
        subnet_group = params.get("ClusterSubnetGroupName") or old.subnet_group
        self._subnets.require(caller.account, caller.region, subnet_group)
        made, _ = self._restores.restore(
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
                    cluster_attributes.written(params, old.attributes), snapshot.size // MEGABYTE
                ),
            ),
            lambda namespace: _chosen(namespace, params),
        )
        return self._clusters.answer(made, "creating")

    def _exists(self, snapshot: Snapshot, caller: Caller, params: Params) -> bool:
        wanted = params.get("ClusterExists")
        there = {cluster.warehouse_id for cluster in self._clusters.all(caller)}
        return wanted is None or wanted == (cluster_of(snapshot).warehouse_id in there)


def _chosen(namespace: Namespace, params: Params) -> Namespace:
    return replace(
        encryption(namespace, params),
        iam_roles=tuple(params.get("IamRoles", namespace.iam_roles)),
        default_iam_role_arn=params.get("DefaultIamRoleArn", namespace.default_iam_role_arn),
    )


def _wanted(snapshot: Snapshot, caller: Caller, params: Params) -> bool:
    cluster, start, end = (params.get(n) for n in ("ClusterIdentifier", "StartTime", "EndTime"))
    return (
        (not cluster or cluster.lower() == snapshot.namespace_name)
        and params.get("OwnerAccount") in {None, "", caller.account}
        and params.get("SnapshotType") in {None, "", snapshot.snapshot_type.value}
        and (start is None or start <= snapshot.created)
        and (end is None or snapshot.created <= end)
        and tagged(snapshot.tags, params)
    )
