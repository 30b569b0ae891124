"""Pausing, resuming, rebooting and resizing clusters.

Each answers what it began, and has ended before the next describe.
https://docs.aws.amazon.com/redshift/latest/APIReference/API_PauseCluster.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from redshare.app.caller import Caller
from redshare.app.warehouses.life import WarehouseLife
from redshare.core.aws_errors import InvalidParameterCombination, ResourceNotFound
from redshare.core.cluster_event import RESIZE_STARTED, RESIZED
from redshare.endpoints.redshift import cluster_attributes
from redshare.endpoints.redshift.cluster import Clusters
from redshare.endpoints.redshift.cluster_size import MULTI, SINGLE, changed_size

Params = Mapping[str, Any]

#: How ResourceNotFound names a resize that is not there.
RESIZE = "Resize"


class ClusterLifeOperations:
    """What a cluster goes through."""

    def __init__(self, clusters: Clusters, life: WarehouseLife) -> None:
        self._clusters = clusters
        self._life = life
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
        return self._clusters.answer(
            self._life.pause(self._clusters.find(caller, params["ClusterIdentifier"])), "pausing"
        )

    def resume_cluster(self, caller: Caller, params: Params) -> Params:
        """Compute again."""
        return self._clusters.answer(
            self._life.resume(self._clusters.find(caller, params["ClusterIdentifier"])), "resuming"
        )

    def reboot_cluster(self, caller: Caller, params: Params) -> Params:
        """Connections end, and may come again."""
        return self._clusters.answer(
            self._life.reboot(self._clusters.find(caller, params["ClusterIdentifier"])), "rebooting"
        )

    def resize_cluster(self, caller: Caller, params: Params) -> Params:
        """Another node type or number of nodes: sessions from now on have other limits."""
        cluster = self._clusters.find(caller, params["ClusterIdentifier"])
        for name in ("ReservedNodeId", "TargetReservedNodeOfferingId"):
            if params.get(name):
                raise InvalidParameterCombination(f"{name}: there are no reserved nodes.")
        size = changed_size(cluster, params)
        resized = self._life.change(
            cluster,
            lambda now: size.given_to(now, now.attributes),
            "resized",
            RESIZE_STARTED,
            RESIZED,
        )
        return self._clusters.answer(resized, "resizing")

    def describe_resize(self, caller: Caller, params: Params) -> Params:
        """The last resize, which has succeeded."""
        cluster = self._clusters.find(caller, params["ClusterIdentifier"])
        last = cluster_attributes.resized(cluster.attributes)
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
        raise ResourceNotFound(
            RESIZE, self._clusters.find(caller, params["ClusterIdentifier"]).identifier
        )
