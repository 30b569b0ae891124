"""Namespaces and the warehouses on them: made, changed, ended.

A warehouse listens before it is said to be there, a namespace's storage is made before it. What a
failure leaves behind (an empty lake) belongs to nobody and is never shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from redshare.app.warehouses.cluster_events import put_event
from redshare.app.warehouses.namespace_contents import automated_snapshots_of, contents_of
from redshare.app.warehouses.parameter_groups import required_group
from redshare.app.warehouses.provision import (
    FreshNamespace,
    NewNamespace,
    check_admin,
    check_database,
    fresh_namespace,
)
from redshare.app.work import Foreseen, Work
from redshare.core.aws_errors import AlreadyExists, InvalidState, ResourceNotFound
from redshare.core.catalog import Catalog, Change, Drop, Put
from redshare.core.cluster_event import CREATED, DELETED, RESTORED
from redshare.core.database import DatabaseKind
from redshare.core.errors import DuplicateName
from redshare.core.ids import AccountId, NamespaceId, NamespaceKind, Region, WarehouseId
from redshare.core.namespace import Namespace
from redshare.core.parameter_group import DEFAULT_GROUP, in_force
from redshare.core.resource_policy import ResourcePolicy
from redshare.core.subnet_group import DEFAULT_SUBNET_GROUP
from redshare.core.usage_breach import UsageBreach
from redshare.core.usage_limit import UsageLimit
from redshare.core.user import User
from redshare.core.warehouse import DEFAULT_BASE_CAPACITY, Warehouse, WarehouseKind
from redshare.ports import Commit, Engine, Listeners, Passwords

#: How an error names what was asked for; the endpoints turn it into the API's fault.
CLUSTER, WORKGROUP, NAMESPACE = "Cluster", "Workgroup", "Namespace"


@dataclass(frozen=True, slots=True)
class NewWarehouse:
    """What the creator chose."""

    kind: WarehouseKind
    identifier: str
    account: AccountId
    region: Region
    port: int | None = None
    node_type: str = "ra3.xlplus"
    number_of_nodes: int = 1
    base_capacity: int = DEFAULT_BASE_CAPACITY
    publicly_accessible: bool = False
    subnet_group: str = DEFAULT_SUBNET_GROUP
    parameter_group: str = DEFAULT_GROUP
    attributes: tuple[tuple[str, str], ...] = ()
    tags: tuple[tuple[str, str], ...] = ()


class Warehouses:
    """Clusters, workgroups and their namespaces."""

    def __init__(
        self, work: Work, engine: Engine, listeners: Listeners, passwords: Passwords
    ) -> None:
        self._work = work
        self._engine = engine
        self._listeners = listeners
        self._passwords = passwords

    # --- made -----------------------------------------------------------------------------

    def create_cluster(
        self, new: NewWarehouse, namespace: NewNamespace
    ) -> tuple[Warehouse, Namespace]:
        """A provisioned cluster with its namespace.

        Raises AlreadyExists, ResourceNotFound, InvalidParameterValue.
        """
        self._free(new)
        self._parameters(new)
        fresh = self._fresh(namespace)
        made = self._made(new, fresh.namespace)
        told = put_event(self._work, CREATED, made)
        self._commit_or_close(made, (*_puts(fresh), Put(made), told))
        return self.warehouse_of(made), self._namespace(fresh.namespace)

    def create_restored(
        self, new: NewWarehouse, puts: Sequence[Put]
    ) -> tuple[Warehouse, Namespace]:
        """A cluster on a namespace that a snapshot held. Raises AlreadyExists, ResourceNotFound."""
        self._free(new)
        namespace = next(p.entity for p in puts if isinstance(p.entity, Namespace))
        made = self._made(new, namespace)
        self._commit_or_close(made, (*puts, Put(made), put_event(self._work, RESTORED, made)))
        return self.warehouse_of(made), self._namespace(namespace)

    def create_namespace(self, new: NewNamespace) -> Namespace:
        """A serverless namespace. Raises AlreadyExists, InvalidParameterValue."""
        if self.find_namespace(new.account, new.region, new.name) is not None:
            raise AlreadyExists(NAMESPACE, new.name)
        fresh = self._fresh(new)
        self._commit(_puts(fresh), NAMESPACE, new.name)
        return self._namespace(fresh.namespace)

    def create_workgroup(self, new: NewWarehouse, namespace: str) -> tuple[Warehouse, Namespace]:
        """A workgroup on a namespace. Raises AlreadyExists, ResourceNotFound, InvalidState."""
        self._free(new)
        found = self.namespace(new.account, new.region, namespace)
        if self.workgroup_on(found) is not None:
            raise InvalidState(
                NAMESPACE, f"The namespace {namespace} is already associated with a workgroup."
            )
        made = self._made(new, found)
        self._commit_or_close(made, (Put(made),))
        return self.warehouse_of(made), found

    # --- looked up ------------------------------------------------------------------------

    def find(
        self, kind: WarehouseKind, account: AccountId, region: Region, identifier: str
    ) -> Warehouse | None:
        """A warehouse by its identifier."""
        found: Warehouse | None = self._work.catalog().named(
            Warehouse, account, region, kind, identifier
        )
        return found

    def warehouse(
        self, kind: WarehouseKind, account: AccountId, region: Region, identifier: str
    ) -> Warehouse:
        """A warehouse by its identifier. Raises ResourceNotFound."""
        found = self.find(kind, account, region, identifier)
        if found is None:
            raise ResourceNotFound(_word(kind), identifier)
        return found

    def by_id(self, warehouse: WarehouseId) -> Warehouse | None:
        """A warehouse by its id."""
        return self._work.catalog().warehouse(warehouse)

    def find_namespace(self, account: AccountId, region: Region, name: str) -> Namespace | None:
        """A serverless namespace by its name."""
        found: Namespace | None = self._work.catalog().named(
            Namespace, account, region, NamespaceKind.SERVERLESS, name
        )
        return found

    def namespace(self, account: AccountId, region: Region, name: str) -> Namespace:
        """A serverless namespace by its name. Raises ResourceNotFound."""
        found = self.find_namespace(account, region, name)
        if found is None:
            raise ResourceNotFound(NAMESPACE, name)
        return found

    def namespace_by_guid(self, guid: NamespaceId) -> Namespace | None:
        """A namespace of any account and kind."""
        return self._work.catalog().namespace(guid)

    def workgroup_on(self, namespace: Namespace) -> Warehouse | None:
        """The workgroup of a serverless namespace."""
        return next(
            (
                w
                for w in self._work.catalog().warehouses(namespace.account)
                if w.namespace == namespace.namespace_id
            ),
            None,
        )

    def all(self, kind: WarehouseKind, account: AccountId, region: Region) -> list[Warehouse]:
        """The warehouses of an account in a Region."""
        return [
            w
            for w in self._work.catalog().warehouses(account)
            if w.kind is kind and w.region == region
        ]

    def serverless_namespaces(self, account: AccountId, region: Region) -> list[Namespace]:
        """The serverless namespaces of an account in a Region."""
        return [
            n
            for n in self._work.catalog().namespaces(account)
            if n.kind is NamespaceKind.SERVERLESS and n.region == region
        ]

    def namespace_of(self, warehouse: Warehouse) -> Namespace:
        """The namespace a warehouse works on."""
        found = self._work.catalog().namespace(warehouse.namespace)
        assert found is not None, "a namespace outlives its warehouses"
        return found

    def warehouse_of(self, warehouse: Warehouse) -> Warehouse:
        """The stored form of a warehouse just made."""
        return self._work.catalog().warehouse(warehouse.warehouse_id) or warehouse

    def seen_in(self, catalog: Catalog) -> Warehouses:
        """The same, for looking things up in another catalogue than the newest."""
        seen = Foreseen(self._work, catalog)
        return Warehouses(seen, self._engine, self._listeners, self._passwords)

    # --- changed --------------------------------------------------------------------------

    def save(self, *changed: Warehouse | Namespace | User) -> None:
        """Store what changed, all of it at once. Raises StaleState."""
        self._commit(tuple(map(Put, changed)), "", "")

    def administrator(self, namespace: Namespace, password: str) -> User:
        """The administrator with another password. Raises InvalidParameterValue."""
        admin = self._work.catalog().user(namespace.namespace_id, namespace.admin_username)
        assert admin is not None, "the administrator cannot be dropped"
        return replace(admin, verifiers=self.verifiers(namespace, password))

    def verifiers(self, namespace: Namespace, password: str) -> tuple[str, ...]:
        """Of another password of the administrator. Raises InvalidParameterValue."""
        check_admin(namespace.admin_username, password)
        return self._passwords.verifiers(namespace.admin_username, password)

    # --- ended ----------------------------------------------------------------------------

    def delete_warehouse(self, warehouse: Warehouse) -> None:
        """End a warehouse; a cluster's namespace ends with it, and what others read of it."""
        catalog = self._work.catalog()
        changes: list[Change] = [Drop(warehouse)]
        changes += [
            Drop(found)
            for kind, parent in (
                (UsageLimit, warehouse.account),
                (UsageBreach, warehouse.namespace),
            )
            for found in catalog.children(kind, parent)
            if found.warehouse == warehouse.warehouse_id
        ]
        namespace = self.namespace_of(warehouse)
        if warehouse.kind is WarehouseKind.CLUSTER:
            changes += _gone(catalog, namespace)
            changes.append(put_event(self._work, DELETED, warehouse))
        self._commit(tuple(changes), "", "")
        self._listeners.close(warehouse.warehouse_id)
        self._engine.stop_warehouse(warehouse.warehouse_id)
        if warehouse.kind is WarehouseKind.CLUSTER:
            self._drop_lakes(catalog, namespace)

    def delete_namespace(self, namespace: Namespace) -> None:
        """End a serverless namespace. Raises InvalidState while a workgroup is on it."""
        catalog = self._work.catalog()
        self.require_no_workgroup(namespace)
        self._commit(tuple(_gone(catalog, namespace)), "", "")
        self._drop_lakes(catalog, namespace)

    def require_no_workgroup(self, namespace: Namespace) -> None:
        """Raises InvalidState."""
        if self.workgroup_on(namespace) is not None:
            raise InvalidState(
                NAMESPACE,
                f"The namespace {namespace.name} is associated with a workgroup. "
                "Delete the workgroup first.",
            )

    # --- how ------------------------------------------------------------------------------

    def _free(self, new: NewWarehouse) -> None:
        if self.find(new.kind, new.account, new.region, new.identifier) is not None:
            raise AlreadyExists(_word(new.kind), new.identifier)

    def _fresh(self, new: NewNamespace) -> FreshNamespace:
        check_admin(new.admin_username, new.admin_password)
        check_database(new.database)
        verifiers = self._passwords.verifiers(new.admin_username, new.admin_password)
        fresh = fresh_namespace(new, verifiers, self._work.ids, self._work.clock.now())
        self._engine.create_lake(fresh.database.lake)
        return fresh

    def _made(self, new: NewWarehouse, namespace: Namespace) -> Warehouse:
        warehouse_id = WarehouseId(self._work.ids.guid())
        port = self._listeners.open(warehouse_id, new.port)
        return Warehouse(
            warehouse_id=warehouse_id,
            kind=new.kind,
            identifier=new.identifier,
            account=new.account,
            region=new.region,
            namespace=namespace.namespace_id,
            port=port,
            created=self._work.clock.now(),
            node_type=new.node_type,
            number_of_nodes=new.number_of_nodes,
            base_capacity=new.base_capacity,
            publicly_accessible=new.publicly_accessible,
            subnet_group=new.subnet_group,
            parameter_group=new.parameter_group,
            parameters=self._parameters(new),
            attributes=new.attributes,
            tags=new.tags,
        )

    def _parameters(self, new: NewWarehouse) -> tuple[tuple[str, str], ...]:
        catalog = self._work.catalog()
        return in_force(required_group(catalog, new.account, new.region, new.parameter_group))

    def _commit_or_close(self, made: Warehouse, changes: tuple[Change, ...]) -> None:
        try:
            self._commit(changes, _word(made.kind), made.identifier)
        except BaseException:
            self._listeners.close(made.warehouse_id)
            raise

    def _commit(self, changes: tuple[Change, ...], kind: str, name: str) -> None:
        try:
            published = self._work.commit(Commit(changes))
        except DuplicateName as error:
            raise AlreadyExists(kind, name) from error
        self._work.published(changes, published)

    def _namespace(self, namespace: Namespace) -> Namespace:
        return self._work.catalog().namespace(namespace.namespace_id) or namespace

    def _drop_lakes(self, before: Catalog, namespace: Namespace) -> None:
        for database in before.databases(namespace.namespace_id):
            if database.kind is DatabaseKind.LOCAL:
                self._engine.drop_lake(database.lake)
        for snapshot in automated_snapshots_of(before, namespace):
            for _, lake in snapshot.lakes:
                self._engine.drop_lake(lake)


def _word(kind: WarehouseKind) -> str:
    return CLUSTER if kind is WarehouseKind.CLUSTER else WORKGROUP


def _puts(fresh: FreshNamespace) -> tuple[Change, ...]:
    return Put(fresh.namespace), Put(fresh.admin), Put(fresh.database), Put(fresh.schema)


def _gone(catalog: Catalog, namespace: Namespace) -> list[Change]:
    """Everything that ends with a namespace."""
    policy = catalog.named(ResourcePolicy, namespace.account, str(namespace.arn))
    ended = contents_of(catalog, namespace) + ([] if policy is None else [policy])
    ended += automated_snapshots_of(catalog, namespace)
    return [Drop(entity) for entity in ended]
