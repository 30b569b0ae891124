"""Tags of serverless namespaces and workgroups.

https://docs.aws.amazon.com/redshift-serverless/latest/APIReference/API_TagResource.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from redshare.app.caller import Caller
from redshare.app.warehouses import Warehouses
from redshare.core.errors import InvalidParameterValue, ResourceNotFound
from redshare.core.namespace import Namespace
from redshare.core.warehouse import Warehouse, WarehouseKind
from redshare.endpoints.redshift_serverless import workgroup_arn

Params = Mapping[str, Any]

#: https://docs.aws.amazon.com/redshift-serverless/latest/APIReference/API_TagResource.html
MAX_TAGS = 200


class ServerlessTagOperations:
    """What is tagged is named by its ARN."""

    def __init__(self, warehouses: Warehouses) -> None:
        self._warehouses = warehouses
        self.operations = {
            "TagResource": self.tag_resource,
            "UntagResource": self.untag_resource,
            "ListTagsForResource": self.list_tags_for_resource,
        }

    def tag_resource(self, caller: Caller, params: Params) -> Params:
        """Add tags, or give their keys other values."""
        found = self._find(caller, params["resourceArn"])
        tags = {**dict(found.tags), **{tag["key"]: tag["value"] for tag in params["tags"]}}
        if len(tags) > MAX_TAGS:
            raise InvalidParameterValue(f"A resource can have at most {MAX_TAGS} tags.")
        self._warehouses.save(replace(found, tags=tuple(tags.items())))
        return {}

    def untag_resource(self, caller: Caller, params: Params) -> Params:
        """Remove tags; keys that are not there do not matter."""
        found = self._find(caller, params["resourceArn"])
        kept = tuple(tag for tag in found.tags if tag[0] not in params["tagKeys"])
        self._warehouses.save(replace(found, tags=kept))
        return {}

    def list_tags_for_resource(self, caller: Caller, params: Params) -> Params:
        """All of them at once."""
        found = self._find(caller, params["resourceArn"])
        return {"tags": [{"key": key, "value": value} for key, value in found.tags]}

    def _find(self, caller: Caller, arn: str) -> Namespace | Warehouse:
        account, region = caller.account, caller.region
        tagged: list[Namespace | Warehouse] = [
            *(
                n
                for n in self._warehouses.serverless_namespaces(account, region)
                if str(n.arn) == arn
            ),
            *(
                w
                for w in self._warehouses.all(WarehouseKind.WORKGROUP, account, region)
                if workgroup_arn(w) == arn
            ),
        ]
        if not tagged:
            raise ResourceNotFound("Resource", arn)
        return tagged[0]
