"""Tags of clusters. https://docs.aws.amazon.com/redshift/latest/APIReference/API_CreateTags.html"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from redshare.app.caller import Caller
from redshare.app.paging import PageRequest
from redshare.app.warehouses import Warehouses
from redshare.core.errors import (
    InvalidParameterCombination,
    InvalidParameterValue,
    ResourceNotFound,
)
from redshare.core.warehouse import Warehouse, WarehouseKind

Params = Mapping[str, Any]


class TagOperations:
    """A cluster's ARN is `arn:aws:redshift:REGION:ACCOUNT:cluster:IDENTIFIER`."""

    def __init__(self, warehouses: Warehouses) -> None:
        self._warehouses = warehouses
        self.operations = {
            "CreateTags": self.create_tags,
            "DeleteTags": self.delete_tags,
            "DescribeTags": self.describe_tags,
        }

    def create_tags(self, caller: Caller, params: Params) -> Params:
        """Add tags, or give their keys other values."""
        cluster = self._find(caller, params["ResourceName"])
        tags = dict(cluster.tags)
        tags.update({t["Key"]: t.get("Value", "") for t in params["Tags"] if t.get("Key")})
        self._warehouses.save(replace(cluster, tags=tuple(tags.items())))
        return {}

    def delete_tags(self, caller: Caller, params: Params) -> Params:
        """Remove tags; keys that are not there do not matter."""
        cluster = self._find(caller, params["ResourceName"])
        kept = tuple(tag for tag in cluster.tags if tag[0] not in params["TagKeys"])
        self._warehouses.save(replace(cluster, tags=kept))
        return {}

    def describe_tags(self, caller: Caller, params: Params) -> Params:
        """The tags of one resource or of all, a page at a time."""
        name, kind = params.get("ResourceName"), params.get("ResourceType")
        if name and kind:
            raise InvalidParameterCombination("Specify ResourceName or ResourceType, not both.")
        if name:
            clusters = [self._find(caller, name)]
        elif kind in {None, "", "cluster"}:
            clusters = self._warehouses.all(WarehouseKind.CLUSTER, caller.account, caller.region)
        else:
            clusters = []
        keys, values = params.get("TagKeys") or (), params.get("TagValues") or ()
        listing = ("DescribeTags", caller.account, caller.region, name, kind, *keys, *values)
        page = PageRequest(listing, params.get("MaxRecords"), params.get("Marker")).of(
            (
                tag
                for tag in _tags(clusters)
                if (not keys or tag[1] in keys) and (not values or tag[2] in values)
            ),
            list,
        )
        found = [
            {
                "ResourceName": arn,
                "ResourceType": "cluster",
                "Tag": {"Key": key, "Value": value},
            }
            for arn, key, value in page.items
        ]
        return {"TaggedResources": found, "Marker": page.marker}

    def _find(self, caller: Caller, arn: str) -> Warehouse:
        prefix = f"arn:aws:redshift:{caller.region}:{caller.account}:cluster:"
        if not arn.startswith("arn:"):
            raise InvalidParameterValue(f"Invalid resource name: {arn!r} is not an ARN.")
        cluster = self._warehouses.find(
            WarehouseKind.CLUSTER, caller.account, caller.region, arn.removeprefix(prefix)
        )
        if cluster is None:
            raise ResourceNotFound("Resource", arn)
        return cluster


def cluster_arn(cluster: Warehouse) -> str:
    """A cluster's ARN."""
    return f"arn:aws:redshift:{cluster.region}:{cluster.account}:cluster:{cluster.identifier}"


def _tags(clusters: list[Warehouse]) -> Iterator[tuple[str, str, str]]:
    for cluster in clusters:
        for key, value in cluster.tags:
            yield cluster_arn(cluster), key, value
