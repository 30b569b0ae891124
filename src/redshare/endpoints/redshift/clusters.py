"""The cluster operations of the redshift service.

https://docs.aws.amazon.com/redshift/latest/APIReference/API_CreateCluster.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from redshare.app.caller import Caller
from redshare.app.snapshots.snapshots import NewSnapshot, Snapshots
from redshare.app.warehouses.life import Modification, WarehouseLife
from redshare.app.warehouses.parameter_groups import ParameterGroups
from redshare.app.warehouses.provision import NewNamespace
from redshare.app.warehouses.subnet_groups import SubnetGroups
from redshare.app.warehouses.warehouses import NewWarehouse, Warehouses
from redshare.core.aws_errors import InvalidParameterCombination, InvalidParameterValue
from redshare.core.cluster_event import RESIZE_STARTED, RESIZED
from redshare.core.ids import NamespaceKind
from redshare.core.namespace import Namespace
from redshare.core.parameter_group import DEFAULT_GROUP
from redshare.core.subnet_group import DEFAULT_SUBNET_GROUP
from redshare.core.warehouse import Warehouse, WarehouseKind
from redshare.endpoints.redshift import cluster_attributes
from redshare.endpoints.redshift.cluster import Clusters, cluster_identifier
from redshare.endpoints.redshift.cluster_encryption import encryption
from redshare.endpoints.redshift.cluster_size import ClusterSize, changed_size, new_size
from redshare.endpoints.redshift.cluster_snapshots import snapshot_identifier
from redshare.endpoints.redshift.pages import page_request
from redshare.endpoints.redshift.snapshot_retention import retention
from redshare.endpoints.redshift.tag_lists import read_tags, tagged

Params = Mapping[str, Any]
#: Of clusters that are moved to another one.
FIRST_PORT, LAST_PORT = 1150, 65535


class ClusterOperations:
    """Provisioned clusters: made, shown, changed, ended."""

    def __init__(
        self,
        warehouses: Warehouses,
        life: WarehouseLife,
        clusters: Clusters,
        groups: ParameterGroups,
        subnets: SubnetGroups,
        snapshots: Snapshots,
    ) -> None:
        self._warehouses = warehouses
        self._life = life
        self._clusters = clusters
        self._groups = groups
        self._subnets = subnets
        self._snapshots = snapshots
        self.operations = {
            "CreateCluster": self.create_cluster,
            "DescribeClusters": self.describe_clusters,
            "ModifyCluster": self.modify_cluster,
            "ModifyClusterIamRoles": self.modify_cluster_iam_roles,
            "DeleteCluster": self.delete_cluster,
        }

    def create_cluster(self, caller: Caller, params: Params) -> Params:
        """A cluster with its namespace; it answers `creating`, and is available at once."""
        identifier = cluster_identifier(params["ClusterIdentifier"])
        size = new_size(params)
        subnet_group = params.get("ClusterSubnetGroupName") or DEFAULT_SUBNET_GROUP
        self._subnets.require(caller.account, caller.region, subnet_group)
        warehouse = NewWarehouse(
            kind=WarehouseKind.CLUSTER,
            identifier=identifier,
            account=caller.account,
            region=caller.region,
            port=params.get("Port"),
            node_type=size.node_type,
            number_of_nodes=size.number_of_nodes,
            publicly_accessible=params.get("PubliclyAccessible", False),
            subnet_group=subnet_group,
            parameter_group=params.get("ClusterParameterGroupName") or DEFAULT_GROUP,
            attributes=cluster_attributes.written(params),
            tags=read_tags(params),
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
        return self._clusters.answer(made, "creating")

    def describe_clusters(self, caller: Caller, params: Params) -> Params:
        """One cluster, or a page of them filtered by tags."""
        identifier = params.get("ClusterIdentifier")
        if identifier:
            return {"Clusters": [self._clusters.document(self._clusters.find(caller, identifier))]}
        page = page_request("DescribeClusters", caller, params).of(
            (c for c in self._clusters.all(caller) if tagged(c.tags, params)),
            lambda cluster: [cluster.identifier],
        )
        clusters = [self._clusters.document(cluster) for cluster in page.items]
        return {"Clusters": clusters, "Marker": page.marker}

    def modify_cluster(self, caller: Caller, params: Params) -> Params:
        """Size, flags, the password, the port, another identifier, and what is only kept."""
        cluster = self._clusters.find(caller, params["ClusterIdentifier"])
        size = changed_size(cluster, params)
        identifier = params.get("NewClusterIdentifier")
        renamed = None if identifier is None else cluster_identifier(identifier)
        group = params.get("ClusterParameterGroupName") or cluster.parameter_group
        if params.get("ManageMasterPassword"):
            raise InvalidParameterCombination("Managed passwords are not supported.")
        port = params.get("Port")
        if port is not None and not FIRST_PORT <= port <= LAST_PORT:
            raise InvalidParameterValue(
                f"Invalid port {port}. It must be between {FIRST_PORT} and {LAST_PORT}."
            )
        password = params.get("MasterUserPassword")
        namespace = self._warehouses.namespace_of(cluster)
        resized = size != ClusterSize(cluster.node_type, cluster.number_of_nodes)

        def changed(now: Warehouse) -> Warehouse:
            attributes = cluster_attributes.written(params, now.attributes)
            return replace(
                size.given_to(now, attributes),
                parameter_group=group,
                publicly_accessible=params.get("PubliclyAccessible", now.publicly_accessible),
            )

        modified = self._life.modify(
            cluster,
            Modification(
                changed,
                lambda now: encryption(now, params),
                renamed,
                self._warehouses.verifiers(namespace, password) if password else None,
                port,
                (RESIZE_STARTED, RESIZED) if resized else (),
            ),
        )
        if modified.identifier != cluster.identifier:
            # AWS answers under the old name; the next describe needs the new one.
            old = replace(modified, identifier=cluster.identifier)
            return self._clusters.answer(old, "renaming", {"ClusterIdentifier": renamed})
        return self._clusters.answer(modified, "resizing" if resized else None)

    def modify_cluster_iam_roles(self, caller: Caller, params: Params) -> Params:
        """Add and remove roles, and name the default one."""
        cluster = self._clusters.find(caller, params["ClusterIdentifier"])
        added, removed = params.get("AddIamRoles", ()), params.get("RemoveIamRoles", ())

        def changed(namespace: Namespace) -> Namespace:
            kept = [role for role in namespace.iam_roles if role not in removed]
            return replace(
                namespace,
                iam_roles=tuple(dict.fromkeys([*kept, *added])),
                default_iam_role_arn=params.get(
                    "DefaultIamRoleArn", namespace.default_iam_role_arn
                ),
            )

        self._life.change_namespace(cluster, changed)
        return self._clusters.answer(cluster)

    def delete_cluster(self, caller: Caller, params: Params) -> Params:
        """The cluster, its namespace, and every share of it."""
        cluster = self._clusters.find(caller, params["ClusterIdentifier"])
        skip = params.get("SkipFinalClusterSnapshot", False)
        final = params.get("FinalClusterSnapshotIdentifier")
        if skip == bool(final):
            raise InvalidParameterCombination(
                "FinalClusterSnapshotIdentifier is required unless SkipFinalClusterSnapshot is "
                "true, and excluded by it."
            )
        if final:
            kept = retention(params.get("FinalClusterSnapshotRetentionPeriod"))
            self._snapshots.take(cluster, NewSnapshot(snapshot_identifier(final), kept))
        answer = self._clusters.answer(cluster, "deleting")
        self._warehouses.delete_warehouse(cluster)
        return answer


def _password(params: Params) -> str:
    password: str | None = params.get("MasterUserPassword")
    if not password:
        raise InvalidParameterCombination(
            "MasterUserPassword is required; managed passwords are not supported."
        )
    return password
