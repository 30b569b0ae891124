"""Attributes, tags and usage limits of warehouses, set to what a world file says.

A cluster whose parameter group is another one is rebooted, so that it runs with it.
https://docs.aws.amazon.com/redshift/latest/mgmt/working-with-parameter-groups.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from redshare.adapters.world.make_namespaces import wait_available
from redshare.adapters.world.places import Place
from redshare.adapters.world.tags import tag_list
from redshare.adapters.world.warehouse_attributes import CLUSTER, NAMESPACE, WORKGROUP, changed
from redshare.app.world import WorldNamespace
from redshare.app.world.warehouse import WorldCluster, WorldServerless, WorldUsageLimit


def make_attributes(place: Place, wanted: WorldNamespace, found: WorldNamespace) -> Iterator[str]:
    """What was set, in words."""
    label = f"{place.account.number}/{place.name}"
    if place.kind == "provisioned":
        old = found.cluster or WorldCluster()
        done = [*_cluster(place, wanted.cluster or old, old), *_cluster_tags(place, wanted, found)]
    else:
        known = found.serverless or WorldServerless()
        done = [
            *_namespace(place, wanted.serverless or known, known),
            *_workgroup(place, wanted.serverless or known, known),
            *_serverless_tags(place, "tags of the namespace", place.arn, wanted.tags, found.tags),
        ]
    done += _limits(place, wanted.usage_limits or (), found.usage_limits or ())
    yield from (f"{what} of {label}" for what in done)


def _cluster(place: Place, wanted: WorldCluster, found: WorldCluster) -> Iterator[str]:
    redshift = place.account.redshift
    values = changed(CLUSTER, wanted, found)
    if values:
        redshift.modify_cluster(ClusterIdentifier=place.name, **values)
        wait_available(place.account, place.name)
        yield f"attributes {', '.join(values)}"
    if "ClusterParameterGroupName" in values:
        redshift.reboot_cluster(ClusterIdentifier=place.name)
        wait_available(place.account, place.name)
        yield "reboot"
    roles: dict[str, Any] = {}
    added = [role for role in wanted.iam_roles or () if role not in (found.iam_roles or ())]
    if added:
        roles["AddIamRoles"] = added
    if wanted.default_iam_role_arn not in {None, found.default_iam_role_arn}:
        roles["DefaultIamRoleArn"] = wanted.default_iam_role_arn
    if roles:
        redshift.modify_cluster_iam_roles(ClusterIdentifier=place.name, **roles)
        yield f"attributes {', '.join(roles)}"


def _namespace(place: Place, wanted: WorldServerless, found: WorldServerless) -> Iterator[str]:
    values = changed(NAMESPACE, wanted, found)
    if values:
        place.account.serverless.update_namespace(namespaceName=place.name, **values)
        yield f"attributes {', '.join(values)}"


def _workgroup(place: Place, wanted: WorldServerless, found: WorldServerless) -> Iterator[str]:
    if place.workgroup is None:
        return
    values = changed(WORKGROUP, wanted, found)
    if values:
        place.account.serverless.update_workgroup(workgroupName=place.workgroup, **values)
        wait_available(place.account, place.workgroup)
        yield f"attributes {', '.join(values)}"
    arn = place.workgroup_shown["workgroupArn"]
    tags = wanted.workgroup_tags, found.workgroup_tags
    yield from _serverless_tags(place, "tags of the workgroup", arn, *tags)


def _cluster_tags(place: Place, wanted: WorldNamespace, found: WorldNamespace) -> Iterator[str]:
    missing = _missing(wanted.tags, found.tags)
    if missing:
        partition, _, region = place.arn.split(":")[1:4]
        arn = f"arn:{partition}:redshift:{region}:{place.account.number}:cluster:{place.name}"
        place.account.redshift.create_tags(ResourceName=arn, Tags=tag_list(missing))
        yield f"tags {', '.join(missing)}"


def _serverless_tags(
    place: Place,
    what: str,
    arn: str,
    wanted: Mapping[str, str] | None,
    found: Mapping[str, str] | None,
) -> Iterator[str]:
    missing = _missing(wanted, found)
    if missing:
        tags = [{"key": key, "value": value} for key, value in missing.items()]
        place.account.serverless.tag_resource(resourceArn=arn, tags=tags)
        yield what


def _missing(wanted: Mapping[str, str] | None, found: Mapping[str, str] | None) -> dict[str, str]:
    return {key: value for key, value in (wanted or {}).items() if (found or {}).get(key) != value}


def _limits(
    place: Place, wanted: tuple[WorldUsageLimit, ...], found: tuple[WorldUsageLimit, ...]
) -> Iterator[str]:
    have = {(limit.feature, limit.period) for limit in found}
    for limit in wanted:
        if (limit.feature, limit.period) in have:
            continue
        if place.kind == "provisioned":
            place.account.redshift.create_usage_limit(
                ClusterIdentifier=place.name,
                FeatureType=limit.feature,
                LimitType=limit.limit_type,
                Amount=limit.amount,
                Period=limit.period,
                BreachAction=limit.breach_action,
                Tags=tag_list(limit.tags),
            )
        else:
            place.account.serverless.create_usage_limit(
                resourceArn=place.workgroup_shown["workgroupArn"],
                usageType=limit.feature,
                amount=limit.amount,
                period=limit.period,
                breachAction=limit.breach_action,
            )
        yield f"{limit.period} usage limit {limit.feature}"
