"""What can be ordered: node types, versions, maintenance tracks, quotas. Nothing here changes.

https://docs.aws.amazon.com/redshift/latest/APIReference/API_DescribeOrderableClusterOptions.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from redshare.app.caller import Caller
from redshare.core.aws_errors import (
    InvalidParameterCombination,
    InvalidParameterValue,
    ResourceNotFound,
)
from redshare.core.node_types import NODE_TYPES
from redshare.core.parameter_group import FAMILIES
from redshare.endpoints.redshift.cluster import Clusters
from redshare.endpoints.redshift.cluster_size import MULTI, SINGLE
from redshare.endpoints.redshift.pages import page_request

Params = Mapping[str, Any]

VERSION: Final = "1.0"
TRACKS: Final = ("current", "trailing")
#: How ResourceNotFound names a track that is not there.
TRACK: Final = "MaintenanceTrack"
_ATTRIBUTES: Final = {
    "max-defer-maintenance-duration": ("45",),
    "max-number-of-cluster-parameter-groups": ("20",),
    "max-number-of-cluster-subnet-groups": ("50",),
    "max-number-of-clusters": ("100",),
    "max-number-of-nodes": ("200",),
    "max-number-of-subnets-in-subnet-group": ("20",),
}
_ACTIONS: Final = frozenset({"restore-cluster", "recommend-node-config", "resize-cluster"})


class OfferOperations:
    """Describes without a state of their own."""

    def __init__(self, clusters: Clusters) -> None:
        self._clusters = clusters
        self.operations = {
            "DescribeAccountAttributes": self.describe_account_attributes,
            "DescribeClusterDbRevisions": self.describe_cluster_db_revisions,
            "DescribeClusterTracks": self.describe_cluster_tracks,
            "DescribeClusterVersions": self.describe_cluster_versions,
            "DescribeNodeConfigurationOptions": self.describe_node_configuration_options,
            "DescribeOrderableClusterOptions": self.describe_orderable_cluster_options,
        }

    def describe_account_attributes(self, _: Caller, params: Params) -> Params:
        """Quotas of an account, as AWS's defaults are; a node enforces none of them."""
        wanted = params.get("AttributeNames") or _ATTRIBUTES
        return {
            "AccountAttributes": [
                {
                    "AttributeName": name,
                    "AttributeValues": [{"AttributeValue": value} for value in values],
                }
                for name, values in _ATTRIBUTES.items()
                if name in wanted
            ]
        }

    def describe_cluster_db_revisions(self, caller: Caller, params: Params) -> Params:
        """Every cluster is of the node's revision."""
        identifier = params.get("ClusterIdentifier")
        found = (
            [self._clusters.find(caller, identifier)] if identifier else self._clusters.all(caller)
        )
        page = page_request("DescribeClusterDbRevisions", caller, params).of(
            found, lambda cluster: [cluster.identifier]
        )
        return {
            "ClusterDbRevisions": [
                {
                    "ClusterIdentifier": cluster.identifier,
                    "CurrentDatabaseRevision": VERSION,
                    "RevisionTargets": [],
                }
                for cluster in page.items
            ],
            "Marker": page.marker,
        }

    def describe_cluster_tracks(self, caller: Caller, params: Params) -> Params:
        """The tracks, which lead to the same version."""
        name = params.get("MaintenanceTrackName")
        if name and name not in TRACKS:
            raise ResourceNotFound(TRACK, name)
        page = page_request("DescribeClusterTracks", caller, params).of(
            (track for track in TRACKS if name in {None, "", track}), lambda track: [track]
        )
        return {
            "MaintenanceTracks": [
                {
                    "MaintenanceTrackName": track,
                    "DatabaseVersion": VERSION,
                    "UpdateTargets": [],
                }
                for track in page.items
            ],
            "Marker": page.marker,
        }

    def describe_cluster_versions(self, caller: Caller, params: Params) -> Params:
        """One version, in each family of parameter groups."""
        family = params.get("ClusterParameterGroupFamily")
        wanted = params.get("ClusterVersion") or VERSION
        page = page_request("DescribeClusterVersions", caller, params).of(
            (f for f in FAMILIES if wanted == VERSION and family in {None, "", f}), lambda f: [f]
        )
        return {
            "ClusterVersions": [
                {
                    "ClusterVersion": VERSION,
                    "ClusterParameterGroupFamily": found,
                    "Description": "Initial Release",
                }
                for found in page.items
            ],
            "Marker": page.marker,
        }

    def describe_orderable_cluster_options(self, caller: Caller, params: Params) -> Params:
        """Each node type, as single node and as several."""
        wanted = params.get("NodeType")
        version = params.get("ClusterVersion") or VERSION
        page = page_request("DescribeOrderableClusterOptions", caller, params).of(
            (pair for pair in _options() if version == VERSION and wanted in {None, "", pair[0]}),
            list,
        )
        return {
            "OrderableClusterOptions": [
                {
                    "ClusterVersion": VERSION,
                    "ClusterType": cluster_type,
                    "NodeType": node_type,
                    "AvailabilityZones": [{"Name": f"{caller.region}{zone}"} for zone in "abc"],
                }
                for node_type, cluster_type in page.items
            ],
            "Marker": page.marker,
        }

    def describe_node_configuration_options(self, caller: Caller, params: Params) -> Params:
        """What a cluster can be resized to."""
        action = params["ActionType"]
        if action not in _ACTIONS:
            raise InvalidParameterValue(f"Invalid action type: {action!r}.")
        if action != "resize-cluster" or not params.get("ClusterIdentifier"):
            raise InvalidParameterCombination("resize-cluster with a ClusterIdentifier is offered.")
        cluster = self._clusters.find(caller, params["ClusterIdentifier"])
        page = page_request("DescribeNodeConfigurationOptions", caller, params).of(
            (
                (kind.name, nodes)
                for kind in NODE_TYPES.values()
                if kind.name.partition(".")[0] == cluster.node_type.partition(".")[0]
                for nodes in range(kind.fewest, kind.most + 1)
            ),
            lambda option: [option[0], f"{option[1]:03}"],
        )
        return {
            "NodeConfigurationOptionList": [
                {"NodeType": name, "NumberOfNodes": nodes, "Mode": "standard"}
                for name, nodes in page.items
            ],
            "Marker": page.marker,
        }


def _options() -> Iterator[tuple[str, str]]:
    for kind in NODE_TYPES.values():
        if kind.fewest == 1:
            yield kind.name, SINGLE
        yield kind.name, MULTI
