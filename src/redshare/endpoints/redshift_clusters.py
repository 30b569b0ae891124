"""The cluster operations of the redshift service.

Attributes that clients set and read back and that decide nothing here are kept by the API's names.
https://docs.aws.amazon.com/redshift/latest/APIReference/API_Cluster.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from redshare.app.caller import Caller
from redshare.app.paging import PageRequest
from redshare.app.provision import NewNamespace
from redshare.app.warehouses import NewWarehouse, Warehouses
from redshare.core.errors import InvalidParameterCombination, InvalidParameterValue
from redshare.core.ids import NamespaceKind
from redshare.core.warehouse import Warehouse, WarehouseKind

Params = Mapping[str, Any]

_IDENTIFIER = re.compile(r"[a-z](-?[a-z0-9]){0,62}")
#: Name and default of what is only kept; the window is lower case, as Terraform compares it.
_KEPT: Final[dict[str, Any]] = {
    "AvailabilityZone": "",
    "PreferredMaintenanceWindow": "sun:05:00-sun:05:30",
    "AutomatedSnapshotRetentionPeriod": 1,
    "ManualSnapshotRetentionPeriod": -1,
    "ClusterVersion": "1.0",
    "AllowVersionUpgrade": True,
    "EnhancedVpcRouting": False,
    "MaintenanceTrackName": "current",
    "ClusterSubnetGroupName": "default",
    "ClusterParameterGroupName": "default.redshift-1.0",
    "IpAddressType": "ipv4",
    "MultiAZ": False,
    "AvailabilityZoneRelocation": False,
}
_BOOLEANS = ("AllowVersionUpgrade", "EnhancedVpcRouting", "MultiAZ", "AvailabilityZoneRelocation")
_NUMBERS = ("AutomatedSnapshotRetentionPeriod", "ManualSnapshotRetentionPeriod")
_NODE_TYPES = re.compile(r"(ra3|rg|dc2|ds2)\.[0-9a-z]+")


class ClusterOperations:
    """Provisioned clusters."""

    def __init__(self, warehouses: Warehouses, address: str) -> None:
        self._warehouses = warehouses
        self._address = address
        self.operations = {
            "CreateCluster": self.create_cluster,
            "DescribeClusters": self.describe_clusters,
            "ModifyCluster": self.modify_cluster,
            "DeleteCluster": self.delete_cluster,
        }

    def create_cluster(self, caller: Caller, params: Params) -> Params:
        """A cluster with its namespace; it answers `creating`, and is available at once."""
        identifier = params["ClusterIdentifier"].lower()
        if not _IDENTIFIER.fullmatch(identifier):
            raise InvalidParameterValue(f"Invalid cluster identifier: {identifier!r}.")
        if not _NODE_TYPES.fullmatch(params["NodeType"]):
            raise InvalidParameterValue(f"Invalid node type: {params['NodeType']}.")
        tags = tuple((t["Key"], t.get("Value", "")) for t in params.get("Tags", ()))
        warehouse = NewWarehouse(
            kind=WarehouseKind.CLUSTER,
            identifier=identifier,
            account=caller.account,
            region=caller.region,
            port=params.get("Port"),
            node_type=params["NodeType"],
            number_of_nodes=_nodes(params),
            publicly_accessible=params.get("PubliclyAccessible", False),
            attributes=_kept(params),
            tags=tags,
        )
        namespace = NewNamespace(
            account=caller.account,
            region=caller.region,
            kind=NamespaceKind.PROVISIONED,
            name=identifier,
            admin_username=params["MasterUsername"],
            admin_password=_password(params),
            database=params.get("DBName") or "dev",
            encrypted=params.get("Encrypted", True),
            kms_key_id=params.get("KmsKeyId", ""),
            iam_roles=tuple(params.get("IamRoles", ())),
            default_iam_role_arn=params.get("DefaultIamRoleArn", ""),
        )
        made, _ = self._warehouses.create_cluster(warehouse, namespace)
        return {"Cluster": self._cluster(made, status="creating")}

    def describe_clusters(self, caller: Caller, params: Params) -> Params:
        """One cluster, or a page of them filtered by tags."""
        identifier = params.get("ClusterIdentifier")
        if identifier:
            found = self._find(caller, identifier)
            return {"Clusters": [self._cluster(found)]}
        request = PageRequest(
            ("DescribeClusters", caller.account, caller.region),
            params.get("MaxRecords"),
            params.get("Marker"),
            smallest=20,
        )
        wanted = self._warehouses.all(WarehouseKind.CLUSTER, caller.account, caller.region)
        page = request.of((c for c in wanted if _tagged(c, params)), lambda c: [c.identifier])
        clusters = [self._cluster(cluster) for cluster in page.items]
        return {"Clusters": clusters, "Marker": page.marker}

    def modify_cluster(self, caller: Caller, params: Params) -> Params:
        """Simple attributes: those that are kept, node type and count, flags, the password."""
        cluster = self._find(caller, params["ClusterIdentifier"])
        namespace = self._warehouses.namespace_of(cluster)
        if params.get("MasterUserPassword"):
            self._warehouses.change_password(namespace, params["MasterUserPassword"])
        changed = replace(
            cluster,
            node_type=params.get("NodeType", cluster.node_type),
            number_of_nodes=params.get("NumberOfNodes", cluster.number_of_nodes),
            publicly_accessible=params.get("PubliclyAccessible", cluster.publicly_accessible),
            attributes=_kept(params, dict(cluster.attributes)),
        )
        if changed != cluster:
            self._warehouses.save(changed)
        if "Encrypted" in params and params["Encrypted"] != namespace.encrypted:
            self._warehouses.save(replace(namespace, encrypted=params["Encrypted"]))
        return {"Cluster": self._cluster(self._find(caller, params["ClusterIdentifier"]))}

    def delete_cluster(self, caller: Caller, params: Params) -> Params:
        """The cluster, its namespace, and every share of it."""
        cluster = self._find(caller, params["ClusterIdentifier"])
        skip = params.get("SkipFinalClusterSnapshot", False)
        final = params.get("FinalClusterSnapshotIdentifier")
        if skip == bool(final):
            raise InvalidParameterCombination(
                "FinalClusterSnapshotIdentifier is required unless SkipFinalClusterSnapshot is "
                "true, and excluded by it."
            )
        if final:
            raise InvalidParameterValue(
                "Snapshots are not supported; delete with SkipFinalClusterSnapshot."
            )
        answer = {"Cluster": self._cluster(cluster, status="deleting")}
        self._warehouses.delete_warehouse(cluster)
        return answer

    def _find(self, caller: Caller, identifier: str) -> Warehouse:
        return self._warehouses.warehouse(
            WarehouseKind.CLUSTER, caller.account, caller.region, identifier.lower()
        )

    def _cluster(self, cluster: Warehouse, status: str | None = None) -> Params:
        namespace = self._warehouses.namespace_of(cluster)
        kept = {**_KEPT, **_read(cluster.attributes)}
        group = kept.pop("ClusterParameterGroupName")
        relocation = "enabled" if kept.pop("AvailabilityZoneRelocation") else "disabled"
        multi = "enabled" if kept.pop("MultiAZ") else "disabled"
        said = status or cluster.status.value
        return {
            **kept,
            "ClusterIdentifier": cluster.identifier,
            "NodeType": cluster.node_type,
            "ClusterStatus": said,
            "ClusterAvailabilityStatus": said.capitalize(),
            "MasterUsername": namespace.admin_username,
            "DBName": namespace.default_database,
            "Endpoint": {"Address": self._address, "Port": cluster.port},
            "ClusterCreateTime": cluster.created,
            "AvailabilityZone": kept["AvailabilityZone"] or f"{cluster.region}a",
            "NumberOfNodes": cluster.number_of_nodes,
            "PubliclyAccessible": cluster.publicly_accessible,
            "Encrypted": namespace.encrypted,
            "KmsKeyId": namespace.kms_key_id or None,
            "ClusterNamespaceArn": str(namespace.arn),
            "ClusterSecurityGroups": [],
            "VpcSecurityGroups": [],
            "ClusterParameterGroups": [
                {"ParameterGroupName": group, "ParameterApplyStatus": "in-sync"}
            ],
            "PendingModifiedValues": {},
            "ClusterNodes": _cluster_nodes(cluster),
            "IamRoles": [
                {"IamRoleArn": arn, "ApplyStatus": "in-sync"} for arn in namespace.iam_roles
            ],
            "DefaultIamRoleArn": namespace.default_iam_role_arn or None,
            "Tags": [{"Key": key, "Value": value} for key, value in cluster.tags],
            "AvailabilityZoneRelocationStatus": relocation,
            "MultiAZ": multi,
        }


def _nodes(params: Params) -> int:
    count: int = params.get("NumberOfNodes", 1)
    multi = params.get("ClusterType", "multi-node" if count > 1 else "single-node")
    if multi not in {"single-node", "multi-node"}:
        raise InvalidParameterValue(f"Invalid cluster type: {multi}.")
    if multi == "multi-node" and count < 2:
        raise InvalidParameterCombination("Number of nodes for cluster type multi-node must be 2+.")
    if multi == "single-node" and count != 1:
        raise InvalidParameterCombination("Number of nodes for cluster type single-node must be 1.")
    return count


def _password(params: Params) -> str:
    password: str | None = params.get("MasterUserPassword")
    if not password:
        raise InvalidParameterCombination(
            "MasterUserPassword is required; managed passwords are not supported."
        )
    return password


def _kept(params: Params, old: Mapping[str, str] | None = None) -> tuple[tuple[str, str], ...]:
    kept = dict(old or {})
    for name in _KEPT:
        value = params.get(name)
        if value is not None:
            text = str(value).lower() if isinstance(value, bool) else str(value)
            kept[name] = text.lower() if name == "PreferredMaintenanceWindow" else text
    return tuple(sorted(kept.items()))


def _read(attributes: tuple[tuple[str, str], ...]) -> dict[str, Any]:
    read: dict[str, Any] = dict(attributes)
    for name in _BOOLEANS:
        if name in read:
            read[name] = read[name] == "true"
    for name in _NUMBERS:
        if name in read:
            read[name] = int(read[name])
    return read


def _tagged(cluster: Warehouse, params: Params) -> bool:
    keys, values = params.get("TagKeys") or (), params.get("TagValues") or ()
    return (not keys or any(key in keys for key, _ in cluster.tags)) and (
        not values or any(value in values for _, value in cluster.tags)
    )


def _cluster_nodes(cluster: Warehouse) -> list[Params]:
    address = {"PrivateIPAddress": "127.0.0.1", "PublicIPAddress": "127.0.0.1"}
    if cluster.number_of_nodes == 1:
        return [{"NodeRole": "SHARED", **address}]
    compute = [{"NodeRole": f"COMPUTE-{i}", **address} for i in range(cluster.number_of_nodes)]
    return [{"NodeRole": "LEADER", **address}, *compute]
