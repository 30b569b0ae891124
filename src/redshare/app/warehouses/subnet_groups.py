"""Cluster subnet groups: made, changed, ended."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from redshare.app.work import Work
from redshare.core.aws_errors import (
    AlreadyExists,
    InvalidParameterValue,
    InvalidState,
    LimitExceeded,
    ResourceNotFound,
)
from redshare.core.catalog import Catalog, Drop, Put
from redshare.core.ids import AccountId, Region
from redshare.core.subnet_group import DEFAULT_SUBNET_GROUP, SubnetGroup
from redshare.ports import Commit

#: How errors name them; the endpoint's table has their faults.
SUBNET_GROUP: Final = "ClusterSubnetGroup"
SUBNETS: Final = "ClusterSubnets"
SUBNET: Final = "Subnet"
_NAME: Final = re.compile(r"[a-z0-9_. -]{1,255}")
#: https://docs.aws.amazon.com/redshift/latest/mgmt/amazon-redshift-limits.html
MAX_SUBNETS: Final = 20


class SubnetGroups:
    """The groups of an account in a Region."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def create(self, group: SubnetGroup) -> SubnetGroup:
        """Raises AlreadyExists, InvalidParameterValue, ResourceNotFound, LimitExceeded."""
        if not _NAME.fullmatch(group.name) or group.name == DEFAULT_SUBNET_GROUP:
            raise InvalidParameterValue(f"Invalid subnet group name: {group.name!r}.")
        _check(group.subnets)

        def decision(catalog: Catalog) -> tuple[Commit, SubnetGroup]:
            if _find(catalog, group.account, group.region, group.name) is not None:
                raise AlreadyExists(SUBNET_GROUP, group.name)
            return Commit((Put(group),)), group

        return self._work.decide(decision)

    def group(self, account: AccountId, region: Region, name: str) -> SubnetGroup:
        """Raises ResourceNotFound."""
        return _required(self._work.catalog(), account, region, name)

    def require(self, account: AccountId, region: Region, name: str) -> None:
        """Whether a cluster can be in it. Raises ResourceNotFound."""
        if name != DEFAULT_SUBNET_GROUP:
            self.group(account, region, name)

    def all(self, account: AccountId, region: Region) -> list[SubnetGroup]:
        """Those that were made."""
        made = self._work.catalog().children(SubnetGroup, account)
        return [group for group in made if group.region == region]

    def change(
        self,
        account: AccountId,
        region: Region,
        name: str,
        subnets: tuple[str, ...],
        description: str | None,
    ) -> SubnetGroup:
        """Other subnets. Raises ResourceNotFound, LimitExceeded."""
        _check(subnets)

        def decision(catalog: Catalog) -> tuple[Commit, SubnetGroup]:
            old = _required(catalog, account, region, name)
            said = old.description if description is None else description
            new = replace(old, subnets=subnets, description=said)
            return Commit(() if new == old else (Put(new),)), new

        return self._work.decide(decision)

    def delete(self, account: AccountId, region: Region, name: str) -> None:
        """Raises ResourceNotFound; InvalidState while a cluster is in it."""

        def decision(catalog: Catalog) -> tuple[Commit, None]:
            group = _required(catalog, account, region, name)
            for cluster in catalog.warehouses(account):
                if (cluster.region, cluster.subnet_group) == (region, name):
                    raise InvalidState(
                        SUBNET_GROUP, f"The subnet group {name} is used by {cluster.identifier}."
                    )
            return Commit((Drop(group),)), None

        self._work.decide(decision)


def _find(catalog: Catalog, account: AccountId, region: Region, name: str) -> SubnetGroup | None:
    found: SubnetGroup | None = catalog.named(SubnetGroup, account, region, name)
    return found


def _required(catalog: Catalog, account: AccountId, region: Region, name: str) -> SubnetGroup:
    found = _find(catalog, account, region, name)
    if found is None:
        raise ResourceNotFound(SUBNET_GROUP, name)
    return found


def _check(subnets: tuple[str, ...]) -> None:
    if not subnets:
        raise ResourceNotFound(SUBNET, "of an empty list")
    for subnet in subnets:
        if not subnet.startswith("subnet-"):
            raise ResourceNotFound(SUBNET, subnet)
    if len(subnets) > MAX_SUBNETS:
        raise LimitExceeded(SUBNETS, f"A subnet group has at most {MAX_SUBNETS} subnets.")
