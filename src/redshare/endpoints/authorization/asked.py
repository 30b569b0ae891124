"""An operation as authorization sees it: who asks for what, over which catalogue."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from redshare.app.caller import Caller
from redshare.core.catalog import Catalog
from redshare.core.custom_domain import warehouse_of_domain
from redshare.core.data_statement import Owner
from redshare.core.ids import NamespaceKind
from redshare.core.namespace import Namespace
from redshare.core.snapshot import Snapshot
from redshare.core.tagged import find_tagged
from redshare.core.warehouse import Warehouse, WarehouseKind


@dataclass(frozen=True, slots=True)
class Asked:
    """Parameters as they were read, and looking up what they name."""

    caller: Caller
    service: str
    operation: str
    params: Mapping[str, Any]
    catalog: Catalog
    #: Whose a statement of the Data API is, by its id.
    statement_owner: Callable[[str], Owner | None]

    def text(self, *names: str) -> str:
        """The first of these parameters that is given, else nothing."""
        for name in names:
            value = self.params.get(name)
            if isinstance(value, str) and value:
                return value
        return ""

    def arn(self, service: str, rest: str) -> str:
        """An ARN of the caller's account and Region."""
        return f"arn:aws:{service}:{self.caller.region}:{self.caller.account}:{rest}"

    def tags(self, arn: str) -> tuple[tuple[str, str], ...]:
        """The tags of what the caller's account has by that ARN."""
        found = find_tagged(self.catalog, arn)
        return () if found is None or found.account != self.caller.account else found.tags

    def cluster_identifier(self) -> str:
        """The identifier that the request names a cluster by, or by its custom domain; or none."""
        named = self.text("ClusterIdentifier").lower()
        return named or self._of_domain(WarehouseKind.CLUSTER, self.text("CustomDomainName"))

    def workgroup_name(self) -> str:
        """As cluster_identifier, of a workgroup."""
        named = self.text("workgroupName", "WorkgroupName")
        return named or self._of_domain(WarehouseKind.WORKGROUP, self.text("customDomainName"))

    def _of_domain(self, kind: WarehouseKind, name: str) -> str:
        place = (self.caller.account, self.caller.region, kind, name)
        found = warehouse_of_domain(self.catalog, *place) if name else None
        return "" if found is None else found.identifier

    def workgroup(self, name: str) -> Warehouse | None:
        """A workgroup of the caller, by its name or ARN."""
        if name.startswith("arn:"):
            wanted = name.rpartition("/")[2]
            for found in self.catalog.warehouses(self.caller.account):
                if found.warehouse_id == wanted:
                    return found
            return None
        return self._warehouse(WarehouseKind.WORKGROUP, name)

    def namespace(self, name: str) -> Namespace | None:
        """A serverless namespace of the caller."""
        found: Namespace | None = self.catalog.named(
            Namespace, self.caller.account, self.caller.region, "serverless", name
        )
        return found

    def snapshot(self, kind: NamespaceKind, name: str) -> Snapshot | None:
        """A snapshot of the caller."""
        found: Snapshot | None = self.catalog.named(
            Snapshot, self.caller.account, self.caller.region, kind, name
        )
        return found

    def _warehouse(self, kind: WarehouseKind, name: str) -> Warehouse | None:
        found: Warehouse | None = self.catalog.named(
            Warehouse, self.caller.account, self.caller.region, kind, name
        )
        return found
