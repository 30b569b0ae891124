"""Cluster subnet groups.

https://docs.aws.amazon.com/redshift/latest/APIReference/API_CreateClusterSubnetGroup.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from redshare.app.caller import Caller
from redshare.app.warehouses.subnet_groups import SubnetGroups
from redshare.core.subnet_group import SubnetGroup
from redshare.endpoints.redshift.pages import page_request
from redshare.endpoints.redshift.tag_lists import read_tags, shown_tags, tagged

Params = Mapping[str, Any]


class SubnetGroupOperations:
    """Made, shown, changed, ended."""

    def __init__(self, groups: SubnetGroups) -> None:
        self._groups = groups
        self.operations = {
            "CreateClusterSubnetGroup": self.create_cluster_subnet_group,
            "DescribeClusterSubnetGroups": self.describe_cluster_subnet_groups,
            "ModifyClusterSubnetGroup": self.modify_cluster_subnet_group,
            "DeleteClusterSubnetGroup": self.delete_cluster_subnet_group,
        }

    def create_cluster_subnet_group(self, caller: Caller, params: Params) -> Params:
        """A name for subnets."""
        made = self._groups.create(
            SubnetGroup(
                caller.account,
                caller.region,
                params["ClusterSubnetGroupName"].lower(),
                params["Description"],
                tuple(params["SubnetIds"]),
                read_tags(params),
            )
        )
        return {"ClusterSubnetGroup": _group(made)}

    def describe_cluster_subnet_groups(self, caller: Caller, params: Params) -> Params:
        """One group, or a page of all."""
        name = params.get("ClusterSubnetGroupName")
        if name:
            found = [self._groups.group(caller.account, caller.region, name.lower())]
        else:
            found = self._groups.all(caller.account, caller.region)
        page = page_request("DescribeClusterSubnetGroups", caller, params).of(
            (group for group in found if tagged(group.tags, params)), lambda group: [group.name]
        )
        return {"ClusterSubnetGroups": [_group(g) for g in page.items], "Marker": page.marker}

    def modify_cluster_subnet_group(self, caller: Caller, params: Params) -> Params:
        """Other subnets."""
        changed = self._groups.change(
            caller.account,
            caller.region,
            params["ClusterSubnetGroupName"].lower(),
            tuple(params["SubnetIds"]),
            params.get("Description"),
        )
        return {"ClusterSubnetGroup": _group(changed)}

    def delete_cluster_subnet_group(self, caller: Caller, params: Params) -> Params:
        """A group that no cluster is in."""
        self._groups.delete(caller.account, caller.region, params["ClusterSubnetGroupName"].lower())
        return {}


def _group(group: SubnetGroup) -> Params:
    zone = {"Name": f"{group.region}a"}
    return {
        "ClusterSubnetGroupName": group.name,
        "Description": group.description,
        "SubnetGroupStatus": "Complete",
        "Subnets": [
            {"SubnetIdentifier": subnet, "SubnetAvailabilityZone": zone, "SubnetStatus": "Active"}
            for subnet in group.subnets
        ],
        "Tags": shown_tags(group.tags),
        "SupportedClusterIpAddressTypes": ["ipv4"],
    }
