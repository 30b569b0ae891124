"""Cluster parameter groups and subnet groups of an account: read, and made where missing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from redshare.adapters.world.account import AwsAccount
from redshare.adapters.world.tags import read_tags, tag_list
from redshare.app.world import WorldAccount
from redshare.app.world.warehouse import WorldParameterGroup, WorldSubnetGroup
from redshare.core.parameter_group import DEFAULT_PREFIX
from redshare.core.subnet_group import DEFAULT_SUBNET_GROUP

#: ModifyClusterParameterGroup takes no more.
_PARAMETERS: Final = 20


def read_parameter_groups(account: AwsAccount) -> dict[str, WorldParameterGroup]:
    """But for the default ones."""
    pages = account.redshift.get_paginator("describe_cluster_parameter_groups").paginate()
    found = {}
    for group in (group for page in pages for group in page["ParameterGroups"]):
        name = group["ParameterGroupName"]
        if name.startswith(DEFAULT_PREFIX):
            continue
        shown = account.redshift.get_paginator("describe_cluster_parameters").paginate(
            ParameterGroupName=name, Source="user"
        )
        found[name] = WorldParameterGroup(
            group["ParameterGroupFamily"],
            group["Description"],
            {
                parameter["ParameterName"]: parameter["ParameterValue"]
                for page in shown
                for parameter in page["Parameters"]
            },
            read_tags(group),
        )
    return found


def read_subnet_groups(account: AwsAccount) -> dict[str, WorldSubnetGroup]:
    """But for the default one."""
    pages = account.redshift.get_paginator("describe_cluster_subnet_groups").paginate()
    return {
        group["ClusterSubnetGroupName"]: WorldSubnetGroup(
            group["Description"],
            tuple(subnet["SubnetIdentifier"] for subnet in group["Subnets"]),
            read_tags(group),
        )
        for page in pages
        for group in page["ClusterSubnetGroups"]
        if group["ClusterSubnetGroupName"] != DEFAULT_SUBNET_GROUP
    }


def make_groups(account: AwsAccount, wanted: WorldAccount) -> Iterator[str]:
    """What was made, in words."""
    if wanted.parameter_groups:
        known = read_parameter_groups(account)
        for name, group in wanted.parameter_groups.items():
            if name not in known:
                _make_parameter_group(account, name, group)
                yield f"parameter group {account.number}/{name}"
    if wanted.subnet_groups:
        have = read_subnet_groups(account)
        for name, subnets in wanted.subnet_groups.items():
            if name not in have:
                account.redshift.create_cluster_subnet_group(
                    ClusterSubnetGroupName=name,
                    Description=subnets.description,
                    SubnetIds=list(subnets.subnet_ids),
                    Tags=tag_list(subnets.tags),
                )
                yield f"subnet group {account.number}/{name}"


def _make_parameter_group(account: AwsAccount, name: str, group: WorldParameterGroup) -> None:
    account.redshift.create_cluster_parameter_group(
        ParameterGroupName=name,
        ParameterGroupFamily=group.family,
        Description=group.description,
        Tags=tag_list(group.tags),
    )
    parameters = [
        {"ParameterName": key, "ParameterValue": value}
        for key, value in (group.parameters or {}).items()
    ]
    for start in range(0, len(parameters), _PARAMETERS):
        account.redshift.modify_cluster_parameter_group(
            ParameterGroupName=name, Parameters=parameters[start : start + _PARAMETERS]
        )
