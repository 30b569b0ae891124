"""Cluster parameter groups.

https://docs.aws.amazon.com/redshift/latest/APIReference/API_CreateClusterParameterGroup.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from redshare.app.caller import Caller
from redshare.app.warehouses.parameter_groups import ParameterGroups
from redshare.core.aws_errors import InvalidParameterCombination, InvalidParameterValue
from redshare.core.parameter_group import (
    DEFAULT_PREFIX,
    FAMILIES,
    PARAMETERS,
    Parameter,
    ParameterGroup,
    default_of,
)
from redshare.endpoints.redshift.pages import page_request
from redshare.endpoints.redshift.tag_lists import read_tags, shown_tags, tagged

Params = Mapping[str, Any]

_SOURCES = frozenset({"user", "engine-default"})
_CHANGED = "Your parameter group has been updated but changes won't get applied until you reboot the associated Clusters."  # noqa: E501 - AWS's words


class ParameterGroupOperations:
    """Made, shown, changed, ended."""

    def __init__(self, groups: ParameterGroups) -> None:
        self._groups = groups
        self.operations = {
            "CreateClusterParameterGroup": self.create_cluster_parameter_group,
            "DescribeClusterParameterGroups": self.describe_cluster_parameter_groups,
            "DescribeClusterParameters": self.describe_cluster_parameters,
            "DescribeDefaultClusterParameters": self.describe_default_cluster_parameters,
            "ModifyClusterParameterGroup": self.modify_cluster_parameter_group,
            "ResetClusterParameterGroup": self.reset_cluster_parameter_group,
            "DeleteClusterParameterGroup": self.delete_cluster_parameter_group,
        }

    def create_cluster_parameter_group(self, caller: Caller, params: Params) -> Params:
        """A group with its family's defaults."""
        made = self._groups.create(
            ParameterGroup(
                caller.account,
                caller.region,
                params["ParameterGroupName"].lower(),
                params["ParameterGroupFamily"],
                params["Description"],
                tags=read_tags(params),
            )
        )
        return {"ClusterParameterGroup": _group(made)}

    def describe_cluster_parameter_groups(self, caller: Caller, params: Params) -> Params:
        """One group, or a page of all."""
        name = params.get("ParameterGroupName")
        if name:
            found = [self._groups.group(caller.account, caller.region, name.lower())]
        else:
            found = self._groups.all(caller.account, caller.region)
        page = page_request("DescribeClusterParameterGroups", caller, params).of(
            (group for group in found if tagged(group.tags, params)), lambda group: [group.name]
        )
        return {"ParameterGroups": [_group(g) for g in page.items], "Marker": page.marker}

    def describe_cluster_parameters(self, caller: Caller, params: Params) -> Params:
        """A page of a group's parameters, with where their values are from."""
        source = params.get("Source")
        if source and source not in _SOURCES:
            raise InvalidParameterValue(f"Invalid source: {source!r}.")
        name = params["ParameterGroupName"].lower()
        group = self._groups.group(caller.account, caller.region, name)
        page = page_request("DescribeClusterParameters", caller, params).of(
            (p for p in _parameters(group) if not source or p["Source"] == source),
            lambda p: [p["ParameterName"]],
        )
        return {"Parameters": list(page.items), "Marker": page.marker}

    def describe_default_cluster_parameters(self, caller: Caller, params: Params) -> Params:
        """A page of a family's defaults."""
        family = params["ParameterGroupFamily"]
        if family not in FAMILIES:
            raise InvalidParameterValue(f"Invalid parameter group family: {family!r}.")
        group = self._groups.group(caller.account, caller.region, DEFAULT_PREFIX + family)
        page = page_request("DescribeDefaultClusterParameters", caller, params).of(
            _parameters(group), lambda p: [p["ParameterName"]]
        )
        return {
            "DefaultClusterParameters": {
                "ParameterGroupFamily": family,
                "Marker": page.marker,
                "Parameters": list(page.items),
            }
        }

    def modify_cluster_parameter_group(self, caller: Caller, params: Params) -> Params:
        """Set parameters."""
        values = {_name(p): p.get("ParameterValue") or "" for p in params["Parameters"]}
        name = params["ParameterGroupName"].lower()
        changed = self._groups.set(caller.account, caller.region, name, values)
        return {"ParameterGroupName": changed.name, "ParameterGroupStatus": _CHANGED}

    def reset_cluster_parameter_group(self, caller: Caller, params: Params) -> Params:
        """Give some parameters, or all of them, their defaults again."""
        names = frozenset(_name(p) for p in params.get("Parameters") or ())
        everything = params.get("ResetAllParameters", not names)
        if everything and names:
            raise InvalidParameterCombination("Specify Parameters or ResetAllParameters, not both.")
        changed = self._groups.reset(
            caller.account,
            caller.region,
            params["ParameterGroupName"].lower(),
            None if everything else names,
        )
        return {"ParameterGroupName": changed.name, "ParameterGroupStatus": _CHANGED}

    def delete_cluster_parameter_group(self, caller: Caller, params: Params) -> Params:
        """A group that no cluster has."""
        self._groups.delete(caller.account, caller.region, params["ParameterGroupName"].lower())
        return {}


def _name(parameter: Params) -> str:
    name: str | None = parameter.get("ParameterName")
    if not name:
        raise InvalidParameterCombination("Each parameter needs a ParameterName.")
    return name


def _group(group: ParameterGroup) -> Params:
    return {
        "ParameterGroupName": group.name,
        "ParameterGroupFamily": group.family,
        "Description": group.description,
        "Tags": shown_tags(group.tags),
    }


def _parameters(group: ParameterGroup) -> Iterator[Params]:
    own = dict(group.parameters)
    for parameter in PARAMETERS.values():
        default = default_of(group.family, parameter.name)
        source = "user" if parameter.name in own else "engine-default"
        yield _parameter(parameter, own.get(parameter.name, default), source)


def _parameter(parameter: Parameter, value: str, source: str) -> Params:
    return {
        "ParameterName": parameter.name,
        "ParameterValue": value,
        "Description": parameter.description,
        "Source": source,
        "DataType": parameter.type,
        "AllowedValues": parameter.values or None,
        "ApplyType": "dynamic" if parameter.dynamic else "static",
        "IsModifiable": True,
    }
