"""A warehouse: compute on one namespace, a provisioned cluster or a serverless workgroup."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from redshare.core.ids import AccountId, NamespaceId, Region, WarehouseId
from redshare.core.parameter_group import DEFAULT_GROUP
from redshare.core.subnet_group import DEFAULT_SUBNET_GROUP

#: Redshift processing units of a workgroup that asks for none.
DEFAULT_BASE_CAPACITY: Final = 128


@dataclass(frozen=True, slots=True)
class CustomDomain:
    """A name of DNS that is a warehouse's, lower case, and the ARN of its certificate."""

    name: str
    certificate: str


class WarehouseKind(StrEnum):
    """Which API made it."""

    CLUSTER = "cluster"
    WORKGROUP = "workgroup"


class WarehouseStatus(StrEnum):
    """Where it is in its life."""

    CREATING = "creating"
    AVAILABLE = "available"
    PAUSED = "paused"
    DELETING = "deleting"


@dataclass(frozen=True, slots=True)
class Warehouse:
    """Compute with a port of its own; `identifier` is unique in account, Region and kind."""

    warehouse_id: WarehouseId
    kind: WarehouseKind
    identifier: str
    account: AccountId
    region: Region
    namespace: NamespaceId
    port: int
    created: datetime
    status: WarehouseStatus = WarehouseStatus.AVAILABLE
    node_type: str = "ra3.xlplus"
    number_of_nodes: int = 1
    base_capacity: int = DEFAULT_BASE_CAPACITY
    publicly_accessible: bool = False
    subnet_group: str = DEFAULT_SUBNET_GROUP
    parameter_group: str = DEFAULT_GROUP
    #: The parameters in force: the group's when the cluster last started.
    parameters: tuple[tuple[str, str], ...] = ()
    #: What clients set and read back and the product makes little of, by the API's own names.
    attributes: tuple[tuple[str, str], ...] = ()
    custom_domain: CustomDomain | None = None
    tags: tuple[tuple[str, str], ...] = ()
    version: int = 0
