"""The world file: accounts, keys and namespaces that a person or a test declares; applied again and
again to the same effect. Unknown keys are errors.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from redshare.app.identity import Identity
from redshare.app.provision import NewNamespace
from redshare.app.warehouses import NewWarehouse, Warehouses
from redshare.core.errors import RedshareError
from redshare.core.ids import AccountId, MalformedId, NamespaceKind, Region, account_id
from redshare.core.warehouse import WarehouseKind


class WorldError(Exception):
    """The file says something that cannot be."""


class WorldKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An access key of an account's administrator."""

    id: str
    secret: str


class WorldAdmin(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A namespace's administrator."""

    user: str
    password: str


class WorldNamespace(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A namespace with its warehouse: a workgroup, or the cluster of the same name."""

    admin: WorldAdmin
    kind: Literal["serverless", "provisioned"] = "serverless"
    database: str = "dev"
    workgroup: str | None = None
    port: int | None = None
    encrypted: bool = True
    publicly_accessible: bool = False


class WorldAccount(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An account."""

    alias: str = ""
    access_keys: tuple[WorldKey, ...] = ()
    namespaces: Mapping[str, WorldNamespace] = {}


class World(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A whole file."""

    accounts: Mapping[str, WorldAccount]
    region: str = "us-east-1"


def read_world(data: object) -> World:
    """A world from the file's data. Raises WorldError naming the place."""
    try:
        world = msgspec.convert(data, World)
        for account in world.accounts:
            account_id(account)
    except (msgspec.ValidationError, MalformedId) as error:
        raise WorldError(str(error)) from error
    return world


def apply_world(world: World, identity: Identity, warehouses: Warehouses) -> list[str]:
    """Make what is missing; what was made, in words. Raises WorldError."""
    made: list[str] = []
    region = Region(world.region)
    for name, account in world.accounts.items():
        number = account_id(name)
        try:
            if identity.ensure_account(number, account.alias):
                made.append(f"account {number}")
            made.extend(
                f"access key {key.id}"
                for key in account.access_keys
                if identity.ensure_key(number, key.id, key.secret)
            )
            for title, namespace in account.namespaces.items():
                made += _namespace(number, region, title, namespace, warehouses)
        except RedshareError as error:
            raise WorldError(f"account {name}: {error.message}") from error
    return made


def _namespace(
    account: AccountId, region: Region, name: str, wanted: WorldNamespace, warehouses: Warehouses
) -> list[str]:
    new: dict[str, Any] = {
        "account": account,
        "region": region,
        "name": name,
        "admin_username": wanted.admin.user,
        "admin_password": wanted.admin.password,
        "database": wanted.database,
        "encrypted": wanted.encrypted,
    }
    if wanted.kind == "provisioned":
        if warehouses.find(WarehouseKind.CLUSTER, account, region, name) is not None:
            return []
        cluster = _warehouse(WarehouseKind.CLUSTER, account, region, name, wanted)
        warehouses.create_cluster(cluster, NewNamespace(kind=NamespaceKind.PROVISIONED, **new))
        return [f"cluster {name}"]
    made = []
    if warehouses.find_namespace(account, region, name) is None:
        warehouses.create_namespace(NewNamespace(kind=NamespaceKind.SERVERLESS, **new))
        made.append(f"namespace {name}")
    workgroup = wanted.workgroup or f"{name}-wg"
    if warehouses.find(WarehouseKind.WORKGROUP, account, region, workgroup) is None:
        warehouse = _warehouse(WarehouseKind.WORKGROUP, account, region, workgroup, wanted)
        warehouses.create_workgroup(warehouse, name)
        made.append(f"workgroup {workgroup}")
    return made


def _warehouse(
    kind: WarehouseKind,
    account: AccountId,
    region: Region,
    identifier: str,
    wanted: WorldNamespace,
) -> NewWarehouse:
    return NewWarehouse(
        kind=kind,
        identifier=identifier,
        account=account,
        region=region,
        port=wanted.port,
        publicly_accessible=wanted.publicly_accessible,
    )
