"""What all cluster operations need: a cluster by its identifier, and the answer that shows it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from redshare.app.caller import Caller
from redshare.app.warehouses.parameter_groups import ParameterGroups
from redshare.app.warehouses.warehouses import Warehouses
from redshare.core.aws_errors import InvalidParameterValue
from redshare.core.warehouse import Warehouse, WarehouseKind
from redshare.endpoints.redshift.cluster_document import cluster_document

Params = Mapping[str, Any]

_IDENTIFIER = re.compile(r"[a-z](-?[a-z0-9]){0,62}")


class Clusters:
    """The clusters of callers."""

    def __init__(self, warehouses: Warehouses, groups: ParameterGroups, address: str) -> None:
        self._warehouses = warehouses
        self._groups = groups
        self._address = address

    def find(self, caller: Caller, identifier: str) -> Warehouse:
        """Raises ResourceNotFound."""
        return self._warehouses.warehouse(
            WarehouseKind.CLUSTER, caller.account, caller.region, identifier.lower()
        )

    def all(self, caller: Caller) -> list[Warehouse]:
        """All of the caller's account and Region."""
        return self._warehouses.all(WarehouseKind.CLUSTER, caller.account, caller.region)

    def document(
        self, cluster: Warehouse, status: str | None = None, pending: Params | None = None
    ) -> Params:
        """The cluster as the API shows it."""
        namespace = self._warehouses.namespace_of(cluster)
        group = self._groups.group(cluster.account, cluster.region, cluster.parameter_group)
        return cluster_document(cluster, namespace, group, self._address, status, pending)

    def answer(
        self, cluster: Warehouse, status: str | None = None, pending: Params | None = None
    ) -> Params:
        """The answer of an operation on one cluster; `status` is what it began."""
        return {"Cluster": self.document(cluster, status, pending)}


def cluster_identifier(text: str) -> str:
    """The identifier of a cluster to be made, lower case. Raises InvalidParameterValue."""
    identifier = text.lower()
    if not _IDENTIFIER.fullmatch(identifier):
        raise InvalidParameterValue(f"Invalid cluster identifier: {identifier!r}.")
    return identifier
