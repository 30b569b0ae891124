"""Whose a custom domain name is, within an account's Region."""

from __future__ import annotations

from redshare.core.catalog import Catalog
from redshare.core.ids import AccountId, Region
from redshare.core.warehouse import Warehouse, WarehouseKind


def warehouse_of_domain(
    catalog: Catalog, account: AccountId, region: Region, kind: WarehouseKind, name: str
) -> Warehouse | None:
    """The warehouse of a name, in whatever letters it is written."""
    wanted = name.lower()
    for warehouse in catalog.warehouses(account):
        if (warehouse.region, warehouse.kind) == (region, kind):
            domain = warehouse.custom_domain
            if domain is not None and domain.name == wanted:
                return warehouse
    return None
