"""Node type and number of nodes, as the cluster operations take them.

https://docs.aws.amazon.com/redshift/latest/APIReference/API_ResizeCluster.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from redshare.core.aws_errors import (
    InvalidParameterCombination,
    InvalidParameterValue,
    LimitExceeded,
)
from redshare.core.node_types import node_type
from redshare.core.warehouse import Warehouse
from redshare.endpoints.redshift.cluster_attributes import RESIZE, Attributes

Params = Mapping[str, Any]

SINGLE, MULTI = "single-node", "multi-node"
#: What LimitExceeded says was too many; the endpoint's table has its fault.
NODES = "NumberOfNodesPerCluster"


@dataclass(frozen=True, slots=True)
class ClusterSize:
    """What a cluster is made of."""

    node_type: str
    number_of_nodes: int

    def given_to(self, cluster: Warehouse, attributes: Attributes) -> Warehouse:
        """The cluster in this size; another size is remembered as its last resize."""
        if self == ClusterSize(cluster.node_type, cluster.number_of_nodes):
            return replace(cluster, attributes=attributes)
        resize = json.dumps([self.node_type, self.number_of_nodes])
        return replace(
            cluster,
            node_type=self.node_type,
            number_of_nodes=self.number_of_nodes,
            attributes=tuple(sorted({**dict(attributes), RESIZE: resize}.items())),
        )


def new_size(params: Params) -> ClusterSize:
    """Of CreateCluster.

    Raises InvalidParameterValue, InvalidParameterCombination, LimitExceeded.
    """
    kind, count = params.get("ClusterType"), params.get("NumberOfNodes")
    if count is None:
        count = 1 if kind != MULTI else 0
    return _checked(params["NodeType"], count, kind)


def changed_size(cluster: Warehouse, params: Params) -> ClusterSize:
    """Of a request that may say nothing of it. Raises as new_size."""
    kind, count = params.get("ClusterType"), params.get("NumberOfNodes")
    if count is None:
        count = 1 if kind == SINGLE else cluster.number_of_nodes
    name = params.get("NodeType") or cluster.node_type
    if (name, count) == (cluster.node_type, cluster.number_of_nodes) and kind is None:
        return ClusterSize(name, count)
    return _checked(name, count, kind)


def _checked(name: str, count: int, kind: str | None) -> ClusterSize:
    found = node_type(name)
    if found is None:
        raise InvalidParameterValue(f"Invalid node type: {name}.")
    if kind not in {None, SINGLE, MULTI}:
        raise InvalidParameterValue(f"Invalid cluster type: {kind}.")
    if kind == MULTI and count < 2:
        raise InvalidParameterCombination("Number of nodes for cluster type multi-node must be 2+.")
    if kind == SINGLE and count != 1:
        raise InvalidParameterCombination("Number of nodes for cluster type single-node must be 1.")
    if count > found.most:
        raise LimitExceeded(NODES, f"A cluster of {name} has at most {found.most} nodes.")
    if count < found.fewest:
        raise InvalidParameterValue(f"A cluster of {name} has at least {found.fewest} nodes.")
    return ClusterSize(name, count)
