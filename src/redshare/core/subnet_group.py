"""Cluster subnet groups: kept and shown; a node's network is its machine's.

https://docs.aws.amazon.com/redshift/latest/mgmt/working-with-cluster-subnet-groups.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from redshare.core.ids import AccountId, Region

#: What a cluster is in that names none.
DEFAULT_SUBNET_GROUP: Final = "default"


@dataclass(frozen=True, slots=True)
class SubnetGroup:
    """Subnets under a name."""

    account: AccountId
    region: Region
    name: str
    description: str
    subnets: tuple[str, ...]
    tags: tuple[tuple[str, str], ...] = ()
    version: int = 0
