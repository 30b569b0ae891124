"""Tags of clusters, parameter groups, subnet groups and usage limits.

https://docs.aws.amazon.com/redshift/latest/APIReference/API_CreateTags.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from redshare.app.caller import Caller
from redshare.app.paging import PageRequest
from redshare.app.tags import Tags
from redshare.core.aws_errors import InvalidParameterCombination, InvalidParameterValue
from redshare.core.ids import NamespaceKind
from redshare.core.namespace import Namespace
from redshare.core.resource_arn import Tagged, resource_arn, resource_type
from redshare.core.snapshot import Snapshot
from redshare.core.warehouse import Warehouse, WarehouseKind

Params = Mapping[str, Any]


class TagOperations:
    """What is tagged is named by its ARN."""

    def __init__(self, tags: Tags) -> None:
        self._tags = tags
        self.operations = {
            "CreateTags": self.create_tags,
            "DeleteTags": self.delete_tags,
            "DescribeTags": self.describe_tags,
        }

    def create_tags(self, caller: Caller, params: Params) -> Params:
        """Add tags, or give their keys other values."""
        tags = {t.get("Key") or "": t.get("Value") or "" for t in params["Tags"]}
        self._tags.add(caller.account, caller.region, _arn(params["ResourceName"]), tags)
        return {}

    def delete_tags(self, caller: Caller, params: Params) -> Params:
        """Remove tags; keys that are not there do not matter."""
        arn = _arn(params["ResourceName"])
        self._tags.remove(caller.account, caller.region, arn, params["TagKeys"])
        return {}

    def describe_tags(self, caller: Caller, params: Params) -> Params:
        """The tags of one resource or of all, a page at a time."""
        name, kind = params.get("ResourceName"), params.get("ResourceType")
        if name and kind:
            raise InvalidParameterCombination("Specify ResourceName or ResourceType, not both.")
        if name:
            found = [self._tags.resource(caller.account, caller.region, _arn(name))]
        else:
            found = [
                resource
                for resource in self._tags.resources(caller.account, caller.region)
                if _of_redshift(resource) and (not kind or _same(kind, resource_type(resource)))
            ]
        keys, values = params.get("TagKeys") or (), params.get("TagValues") or ()
        listing = ("DescribeTags", caller.account, caller.region, name, kind, *keys, *values)
        page = PageRequest(listing, params.get("MaxRecords"), params.get("Marker")).of(
            (
                [resource_arn(resource), key, value, resource_type(resource)]
                for resource in found
                for key, value in resource.tags
                if (not keys or key in keys) and (not values or value in values)
            ),
            list,
        )
        return {
            "TaggedResources": [
                {
                    "ResourceName": arn,
                    "ResourceType": shown,
                    "Tag": {"Key": key, "Value": value},
                }
                for arn, key, value, shown in page.items
            ],
            "Marker": page.marker,
        }


def _arn(text: str) -> str:
    if not text.startswith("arn:"):
        raise InvalidParameterValue(f"Invalid resource name: {text!r} is not an ARN.")
    return text


def _of_redshift(resource: Tagged) -> bool:
    """What is serverless has tags at the other service."""
    match resource:
        case Namespace() | Warehouse(kind=WarehouseKind.WORKGROUP):
            return False
        case Snapshot(kind=NamespaceKind.SERVERLESS):
            return False
        case _:
            return True


def _same(asked: str, kind: str) -> bool:
    """The manual writes `Parameter group`, the console and the ARN `parametergroup`."""
    return asked.replace(" ", "").lower() == kind
