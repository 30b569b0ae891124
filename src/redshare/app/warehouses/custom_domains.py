"""Custom domain names of warehouses: kept and shown. Who asks by one means its warehouse.

Nothing is resolved and no certificate is served for it: a client reaches the warehouse by whatever
DNS says. https://docs.aws.amazon.com/redshift/latest/mgmt/connecting-connection-CNAME.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final

from redshare.app.work import Work
from redshare.core.aws_errors import AlreadyExists, ResourceNotFound
from redshare.core.catalog import Catalog, Put
from redshare.core.custom_domain import warehouse_of_domain
from redshare.core.ids import AccountId, Region
from redshare.core.warehouse import CustomDomain, Warehouse, WarehouseKind
from redshare.ports import Commit

#: How errors name an association; the endpoints' tables have its faults.
CUSTOM_DOMAIN: Final = "CustomDomainAssociation"


class CustomDomains:
    """Of one kind of warehouse, which has one name at most."""

    def __init__(self, work: Work, kind: WarehouseKind) -> None:
        self._work = work
        self._kind = kind

    def find(self, account: AccountId, region: Region, name: str) -> Warehouse | None:
        """The warehouse of a name."""
        return warehouse_of_domain(self._work.catalog(), account, region, self._kind, name)

    def all(self, account: AccountId, region: Region) -> Iterator[tuple[Warehouse, CustomDomain]]:
        """The warehouses that have a name."""
        for warehouse in self._work.catalog().warehouses(account):
            domain = warehouse.custom_domain
            if domain is not None and (warehouse.region, warehouse.kind) == (region, self._kind):
                yield warehouse, domain

    def associate(self, warehouse: Warehouse, domain: CustomDomain) -> None:
        """Raises AlreadyExists where the name or the warehouse is taken, ResourceNotFound."""

        def checked(now: Warehouse) -> None:
            if now.custom_domain is not None:
                raise AlreadyExists(CUSTOM_DOMAIN, now.custom_domain.name)

        self._change(warehouse, domain, checked)

    def change(self, warehouse: Warehouse, domain: CustomDomain) -> None:
        """Another name or certificate. Raises ResourceNotFound, AlreadyExists."""

        def checked(now: Warehouse) -> None:
            if now.custom_domain is None:
                raise ResourceNotFound(CUSTOM_DOMAIN, domain.name)

        self._change(warehouse, domain, checked)

    def remove(self, warehouse: Warehouse, name: str) -> None:
        """Raises ResourceNotFound."""

        def checked(now: Warehouse) -> None:
            if now.custom_domain is None or now.custom_domain.name != name:
                raise ResourceNotFound(CUSTOM_DOMAIN, name)

        self._change(warehouse, None, checked)

    def _change(
        self,
        warehouse: Warehouse,
        domain: CustomDomain | None,
        check: Callable[[Warehouse], None],
    ) -> None:
        def decision(catalog: Catalog) -> tuple[Commit, None]:
            now = catalog.warehouse(warehouse.warehouse_id)
            if now is None:
                raise ResourceNotFound(CUSTOM_DOMAIN, "" if domain is None else domain.name)
            check(now)
            if domain is not None:
                place = (now.account, now.region, now.kind, domain.name)
                if warehouse_of_domain(catalog, *place) not in {None, now}:
                    raise AlreadyExists(CUSTOM_DOMAIN, domain.name)
            return Commit((Put(replace(now, custom_domain=domain)),)), None

        self._work.decide(decision)
