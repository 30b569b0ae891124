"""Pausing, resuming, rebooting and resizing clusters.

Each answers what it began, and has ended before the next describe.
https://docs.aws.amazon.com/redshift/latest/APIReference/API_PauseCluster.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from redshare.app.caller import Caller
from redshare.app.warehouse_life import WarehouseLife
from redshare.app.warehouses import Warehouses
from redshare.core.errors import InvalidParameterCombination, ResourceNotFound
from redshare.core.warehouse import Warehouse, WarehouseKind
from redshare.endpoints import cluster_attributes
from redshare.endpoints.cluster_document import cluster_document
from redshare.endpoints.cluster_size import MULTI, SINGLE, changed_size

Params = Mapping[str, Any]

#: How ResourceNotFound names a resize that is not there.
RESIZE = "Resize"


class ClusterLifeOperations:
    """What a cluster goes through."""

    def __init__(self, warehouses: Warehouses, life: WarehouseLife, address: str) -> None:
        self._warehouses = warehouses
        self._life = life
        self._address = address
        self.operations = {
            "PauseCluster": self.pause_cluster,
            "ResumeCluster": self.resume_cluster,
            "RebootCluster": self.reboot_cluster,
            "ResizeCluster": self.resize_cluster,
            "DescribeResize": self.describe_resize,
            "CancelResize": self.cancel_resize,
        }

    def pause_cluster(self, caller: Caller, params: Params) -> Params:
        """No compute and no connections until it is resumed."""
        return self._answer(self._life.pause(self._find(caller, params)), "pausing")

    def resume_cluster(self, caller: Caller, params: Params) -> Params:
        """Compute again."""
        return self._answer(self._life.resume(self._find(caller, params)), "resuming")

    def reboot_cluster(self, caller: Caller, params: Params) -> Params:
        """Connections end, and may come again."""
        return self._answer(self._life.reboot(self._find(caller, params)), "rebooting")

    def resize_cluster(self, caller: Caller, params: Params) -> Params:
        """Another node type or number of nodes: sessions from now on have other limits."""
        cluster = self._find(caller, params)
        for name in ("ReservedNodeId", "TargetReservedNodeOfferingId"):
            if params.get(name):
                raise InvalidParameterCombination(f"{name}: there are no reserved nodes.")
        size = changed_size(cluster, params)
        resized = self._life.change(cluster, lambda c: size.given_to(c, c.attributes), "resized")
        return self._answer(resized, "resizing")

    def describe_resize(self, caller: Caller, params: Params) -> Params:
        """The last resize, which has succeeded."""
        cluster = self._find(caller, params)
        last = cluster_attributes.read(cluster.attributes).get(cluster_attributes.RESIZE)
        if last is None:
            raise ResourceNotFound(RESIZE, cluster.identifier)
        node_type, nodes = last
        return {
            "TargetNodeType": node_type,
            "TargetNumberOfNodes": nodes,
            "TargetClusterType": SINGLE if nodes == 1 else MULTI,
            "Status": "SUCCEEDED",
            "ResizeType": "ElasticResize",
            "DataTransferProgressPercent": 100.0,
        }

    def cancel_resize(self, caller: Caller, params: Params) -> Params:
        """There is never one under way."""
        raise ResourceNotFound(RESIZE, self._find(caller, params).identifier)

    def _find(self, caller: Caller, params: Params) -> Warehouse:
        return self._warehouses.warehouse(
            WarehouseKind.CLUSTER,
            caller.account,
            caller.region,
            params["ClusterIdentifier"].lower(),
        )

    def _answer(self, cluster: Warehouse, status: str) -> Params:
        namespace = self._warehouses.namespace_of(cluster)
        return {"Cluster": cluster_document(cluster, namespace, self._address, status)}
