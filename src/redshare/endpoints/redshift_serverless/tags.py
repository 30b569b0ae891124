"""Tags of serverless namespaces and workgroups.

https://docs.aws.amazon.com/redshift-serverless/latest/APIReference/API_TagResource.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from redshare.app.caller import Caller
from redshare.app.tags import Tags

Params = Mapping[str, Any]


class ServerlessTagOperations:
    """What is tagged is named by its ARN."""

    def __init__(self, tags: Tags) -> None:
        self._tags = tags
        self.operations = {
            "TagResource": self.tag_resource,
            "UntagResource": self.untag_resource,
            "ListTagsForResource": self.list_tags_for_resource,
        }

    def tag_resource(self, caller: Caller, params: Params) -> Params:
        """Add tags, or give their keys other values."""
        tags = {tag["key"]: tag["value"] for tag in params["tags"]}
        self._tags.add(caller.account, caller.region, params["resourceArn"], tags)
        return {}

    def untag_resource(self, caller: Caller, params: Params) -> Params:
        """Remove tags; keys that are not there do not matter."""
        arn = params["resourceArn"]
        self._tags.remove(caller.account, caller.region, arn, params["tagKeys"])
        return {}

    def list_tags_for_resource(self, caller: Caller, params: Params) -> Params:
        """All of them at once."""
        found = self._tags.resource(caller.account, caller.region, params["resourceArn"])
        return {"tags": [{"key": key, "value": value} for key, value in found.tags]}
