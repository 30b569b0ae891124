"""Attributes, tags and usage limits of a namespace and its warehouse."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from redshare.adapters.world.places import Place
from redshare.adapters.world.tags import read_tags
from redshare.adapters.world.warehouse_attributes import read_cluster, read_serverless
from redshare.app.world.warehouse import WorldUsageLimit


def read_attributes(place: Place) -> dict[str, Any]:
    """What a WorldNamespace has of them."""
    if place.kind == "provisioned":
        return {
            "tags": read_tags(place.shown),
            "cluster": read_cluster(place.shown),
            "usage_limits": tuple(_cluster_limits(place)),
        }
    workgroup = place.workgroup_shown
    tags = _serverless_tags(place, workgroup["workgroupArn"]) if workgroup else {}
    return {
        "tags": _serverless_tags(place, place.arn),
        "serverless": read_serverless(place.shown, workgroup, tags),
        "usage_limits": tuple(_workgroup_limits(place)) if workgroup else (),
    }


def _serverless_tags(place: Place, arn: str) -> dict[str, str]:
    found = place.account.serverless.list_tags_for_resource(resourceArn=arn)
    return {tag["key"]: tag["value"] for tag in found["tags"]}


def _cluster_limits(place: Place) -> Iterator[WorldUsageLimit]:
    pages = place.account.redshift.get_paginator("describe_usage_limits").paginate(
        ClusterIdentifier=place.name
    )
    for limit in (limit for page in pages for limit in page["UsageLimits"]):
        yield WorldUsageLimit(
            limit["FeatureType"],
            limit["Amount"],
            limit["LimitType"],
            limit["Period"],
            limit["BreachAction"],
            read_tags(limit),
        )


def _workgroup_limits(place: Place) -> Iterator[WorldUsageLimit]:
    pages = place.account.serverless.get_paginator("list_usage_limits").paginate(
        resourceArn=place.workgroup_shown["workgroupArn"]
    )
    for limit in (limit for page in pages for limit in page["usageLimits"]):
        yield WorldUsageLimit(
            limit["usageType"],
            limit["amount"],
            period=limit["period"],
            breach_action=limit["breachAction"],
        )
