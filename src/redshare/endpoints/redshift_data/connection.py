"""How operations of the Data API say where and as whom they work: without secrets.

Callers are known by their signature. The account's administrator works as the namespace's
administrator unless it names a `DbUser` of a cluster; another IAM identity as the database user
of its own name, which is made for it.
https://docs.aws.amazon.com/redshift/latest/mgmt/data-api-access.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from redshare.app.caller import Caller
from redshare.app.warehouses.temporary_credentials import TemporaryCredentials
from redshare.app.warehouses.warehouses import Warehouses
from redshare.core.aws_errors import InvalidParameterValue, ResourceNotFound
from redshare.core.credential import is_administrator
from redshare.core.data_statement import Owner, Target
from redshare.core.ids import WarehouseId
from redshare.core.resource_arn import resource_arn
from redshare.core.warehouse import Warehouse, WarehouseKind

Params = Mapping[str, Any]

#: Redshift's names have at most 127 bytes.
MAX_NAME_BYTES: Final = 127
_NAMES: Final = ("Database", "DbUser", "ConnectedDatabase", "Schema", "Table")


def owner_of(caller: Caller) -> Owner:
    """Whose what the caller makes is."""
    return Owner(caller.account, caller.principal, caller.region)


def check_names(params: Params) -> None:
    """Raises InvalidParameterValue where a name could be nobody's."""
    for name in _NAMES:
        value = params.get(name)
        if value is not None and not 1 <= len(value.encode()) <= MAX_NAME_BYTES:
            raise InvalidParameterValue(
                f"{name} must have between 1 and {MAX_NAME_BYTES} bytes, not {len(value.encode())}."
            )


class DataConnections:
    """Reads the parameters of a connection."""

    def __init__(self, warehouses: Warehouses, credentials: TemporaryCredentials) -> None:
        self._warehouses = warehouses
        self._credentials = credentials

    def target(self, caller: Caller, params: Params, database: str = "Database") -> Target:
        """Where the caller wants to work; `database` is the parameter that names it.

        Raises InvalidParameterValue, ResourceNotFound.
        """
        check_names(params)
        if params.get("SecretArn") is not None:
            raise InvalidParameterValue(
                "SecretArn is not supported: leave it out and connect with temporary credentials."
            )
        cluster, workgroup = params.get("ClusterIdentifier"), params.get("WorkgroupName")
        if (cluster is None) == (workgroup is None):
            raise InvalidParameterValue("Specify either ClusterIdentifier or WorkgroupName.")
        if workgroup is not None and params.get("DbUser") is not None:
            raise InvalidParameterValue("DbUser is not valid with WorkgroupName.")
        if params.get(database) is None:
            raise InvalidParameterValue(f"{database} is required.")
        found = self.warehouse(caller, cluster, workgroup)
        user = params.get("DbUser") or self._own_user(caller, found)
        arn = resource_arn(found)
        return Target(found.warehouse_id, arn, params[database], user, cluster, workgroup)

    def warehouse(self, caller: Caller, cluster: str | None, workgroup: str | None) -> Warehouse:
        """The warehouse of the caller's account and Region. Raises ResourceNotFound."""
        kind = WarehouseKind.CLUSTER if cluster else WarehouseKind.WORKGROUP
        name = cluster or workgroup or ""
        if not name.startswith("arn:"):
            return self._warehouses.warehouse(kind, caller.account, caller.region, name)
        _, _, _, region, account, resource = name.split(":", 5)
        here = (region, account) == (caller.region, caller.account)
        for found in self._warehouses.all(kind, caller.account, caller.region) if here else ():
            if found.warehouse_id == resource.rpartition("/")[2]:
                return found
        raise ResourceNotFound("Workgroup", name)

    def filter(self, caller: Caller, params: Params) -> WarehouseId | None:
        """The one warehouse that a list is to be of; None is any.

        Raises InvalidParameterValue, ResourceNotFound.
        """
        cluster, workgroup = params.get("ClusterIdentifier"), params.get("WorkgroupName")
        if cluster is not None and workgroup is not None:
            raise InvalidParameterValue("Specify either ClusterIdentifier or WorkgroupName.")
        if cluster is None and workgroup is None:
            return None
        return self.warehouse(caller, cluster, workgroup).warehouse_id

    def _own_user(self, caller: Caller, warehouse: Warehouse) -> str:
        namespace = self._warehouses.namespace_of(warehouse)
        if is_administrator(caller.principal):
            return namespace.admin_username
        return self._credentials.identity_user(namespace.namespace_id, caller.principal)
