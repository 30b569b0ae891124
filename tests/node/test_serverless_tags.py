"""Tags of serverless resources, by boto3."""

from __future__ import annotations

from typing import Any

import pytest

from tests.node.running import PRODUCER, RunningNode

pytestmark = pytest.mark.server


def _tags(client: Any, arn: str) -> dict[str, str]:
    return {t["key"]: t["value"] for t in client.list_tags_for_resource(resourceArn=arn)["tags"]}


def test_tags(node: RunningNode) -> None:
    """Namespaces and workgroups keep tags; nobody else sees that they are there."""
    client = node.client(PRODUCER, "redshift-serverless")
    namespace = client.get_namespace(namespaceName="sales")["namespace"]["namespaceArn"]
    workgroup = client.get_workgroup(workgroupName="sales-wg")["workgroup"]["workgroupArn"]
    for arn in (namespace, workgroup):
        client.tag_resource(resourceArn=arn, tags=[{"key": "a", "value": "1"}])
        client.tag_resource(
            resourceArn=arn, tags=[{"key": "a", "value": "2"}, {"key": "b", "value": ""}]
        )
        assert _tags(client, arn) == {"a": "2", "b": ""}
        client.untag_resource(resourceArn=arn, tagKeys=["a", "b", "never"])
        assert _tags(client, arn) == {}
        stranger = node.client("333333333333", "redshift-serverless")
        with pytest.raises(stranger.exceptions.ResourceNotFoundException):
            stranger.list_tags_for_resource(resourceArn=arn)
