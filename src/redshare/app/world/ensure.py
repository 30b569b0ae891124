"""Accounts, keys and namespaces of a world file, made by the node itself: there is no API for
accounts, and none that gives a namespace its GUID or a key its secret. Identities and what is in
namespaces are made by a client of the node (`adapters/world`).
"""

from __future__ import annotations

from typing import Any

from redshare.app.identity import Identity
from redshare.app.warehouses.provision import NewNamespace
from redshare.app.warehouses.warehouses import NewWarehouse, Warehouses
from redshare.app.world.check import WorldError
from redshare.app.world.structure import World, WorldNamespace
from redshare.app.world.warehouse import WorldCluster
from redshare.core.errors import RedshareError
from redshare.core.ids import AccountId, NamespaceId, NamespaceKind, Region, account_id
from redshare.core.subnet_group import DEFAULT_SUBNET_GROUP
from redshare.core.warehouse import WarehouseKind


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


def apply_user_keys(world: World, identity: Identity) -> list[str]:
    """Access keys of users, who are there by now; the API chooses ids and secrets itself.

    Raises WorldError.
    """
    made: list[str] = []
    for name, account in world.accounts.items():
        users = (account.iam.users or {}) if account.iam else {}
        for user, wanted in users.items():
            for key in wanted.access_keys:
                if key.secret is None:
                    continue
                try:
                    new = identity.ensure_user_key(
                        account_id(name), user, key.id, key.secret, active=key.status == "Active"
                    )
                except RedshareError as error:
                    raise WorldError(f"account {name}: user {user}: {error.message}") from error
                made += [f"access key {key.id}"] if new else []
    return made


def _namespace(
    account: AccountId, region: Region, name: str, wanted: WorldNamespace, warehouses: Warehouses
) -> list[str]:
    guid = NamespaceId(wanted.guid.lower()) if wanted.guid else None
    new: dict[str, Any] = {
        "account": account,
        "region": region,
        "name": name,
        "admin_username": wanted.admin.user,
        "admin_password": wanted.admin.password,
        "database": wanted.database,
        "encrypted": wanted.encrypted,
        "guid": guid,
    }
    taken = warehouses.namespace_by_guid(guid) if guid else None
    if taken is not None and (taken.account, taken.name) != (account, name):
        raise WorldError(f"{account}/{name}: {taken.account}/{taken.name} has the same guid")
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
    cluster = wanted.cluster or WorldCluster()
    return NewWarehouse(
        kind=kind,
        identifier=identifier,
        account=account,
        region=region,
        port=wanted.port,
        publicly_accessible=wanted.publicly_accessible,
        node_type=cluster.node_type or "ra3.xlplus",
        number_of_nodes=cluster.number_of_nodes or 1,
        subnet_group=cluster.subnet_group or DEFAULT_SUBNET_GROUP,
    )
