"""Snapshots of namespaces: taken, restored, dropped.

Entities and lakes are of one moment: the lakes are held still until the catalogue has all that was
committed with their data. A lake's copy shares the immutable files of the lake, so taking one costs
little.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from redshare.app.namespace_contents import contents_of
from redshare.app.restored import fresh_ids, renamed, restored, restored_into
from redshare.app.warehouse_life import WarehouseLife
from redshare.app.warehouses import CLUSTER, NewWarehouse, Warehouses
from redshare.app.work import Work
from redshare.core.catalog import Catalog, Drop, Entity, Put
from redshare.core.database import Database, DatabaseKind
from redshare.core.errors import (
    AlreadyExists,
    InvalidState,
    RedshareError,
    ResourceNotFound,
    StaleState,
)
from redshare.core.ids import (
    AccountId,
    LakeId,
    NamespaceId,
    NamespaceKind,
    Region,
    RelationId,
)
from redshare.core.namespace import Namespace
from redshare.core.relation import Relation
from redshare.core.snapshot import INDEFINITE, Snapshot
from redshare.core.warehouse import Warehouse, WarehouseStatus
from redshare.ports import Commit, Engine, PinnedLakes

#: How an error names one; the endpoints' tables have its faults.
SNAPSHOT: Final = "ClusterSnapshot"
#: How often lakes are pinned again: each time something was committed or dropped that very moment.
ATTEMPTS: Final = 20
#: How often, and how long in between (s), the store is looked at for what a lake has already.
LOOKS: Final = 500
LOOK_PAUSE: Final = 0.01


@dataclass(frozen=True, slots=True)
class NewSnapshot:
    """What its taker chose."""

    identifier: str
    retention: int = INDEFINITE
    tags: tuple[tuple[str, str], ...] = ()


class Snapshots:
    """Manual snapshots of one kind of namespaces."""

    def __init__(
        self,
        work: Work,
        engine: Engine,
        warehouses: Warehouses,
        life: WarehouseLife,
        kind: NamespaceKind,
    ) -> None:
        self._work = work
        self._engine = engine
        self._warehouses = warehouses
        self._life = life
        self._kind = kind

    def find(self, account: AccountId, region: Region, identifier: str) -> Snapshot:
        """Raises ResourceNotFound."""
        return self._required(self._work.catalog(), account, region, identifier)

    def all(self, account: AccountId, region: Region) -> list[Snapshot]:
        """All of them."""
        return [
            snapshot
            for snapshot in self._work.catalog().children(Snapshot, account)
            if (snapshot.region, snapshot.kind) == (region, self._kind)
        ]

    def take(self, of: Warehouse | Namespace, new: NewSnapshot) -> Snapshot:
        """Of a cluster or a serverless namespace.

        Raises AlreadyExists, InvalidState; StaleState where it changed all the time.
        """
        if self._find(self._work.catalog(), of.account, of.region, new.identifier) is not None:
            raise AlreadyExists(SNAPSHOT, new.identifier)
        cluster = of if isinstance(of, Warehouse) else None
        if cluster is not None and cluster.status is not WarehouseStatus.AVAILABLE:
            raise InvalidState(CLUSTER, f"The cluster {cluster.identifier} is {cluster.status}.")
        for _ in range(ATTEMPTS):
            copied = self._copied(of, new)
            if copied is not None:
                return self._saved(replace(copied, cluster=cluster))
        raise StaleState

    def restore(
        self,
        snapshot: Snapshot,
        new: NewWarehouse,
        chosen: Callable[[Namespace], Namespace],
    ) -> tuple[Warehouse, Namespace]:
        """A cluster with a namespace of its own, which `chosen` makes otherwise than it was.

        Raises AlreadyExists, ResourceNotFound.
        """
        if self._warehouses.find(new.kind, new.account, new.region, new.identifier) is not None:
            raise AlreadyExists(CLUSTER, new.identifier)
        old = [change.entity for change in self._work.store.decode(snapshot.contents)]
        fresh = fresh_ids(old, self._work.ids)
        made = self._work.store.decode(renamed(snapshot.contents, fresh))
        try:
            applied = self._lakes(snapshot, old, fresh)
            entities = [change.entity for change in made]
            puts = restored(entities, new.identifier, self._work.clock.now(), applied)
            return self._warehouses.create_restored(
                new,
                [
                    Put(chosen(put.entity)) if isinstance(put.entity, Namespace) else put
                    for put in puts
                ],
            )
        except RedshareError:  # of anything else it is not known whether it was committed
            for database, _ in snapshot.lakes:
                self._engine.drop_lake(LakeId(fresh[database]))
            raise

    def restore_into(self, snapshot: Snapshot, namespace: Namespace) -> Namespace:
        """Replace what a serverless namespace holds; its sessions end. Raises ResourceNotFound."""
        old = [change.entity for change in self._work.store.decode(snapshot.contents)]
        fresh = fresh_ids(old, self._work.ids)
        fresh[snapshot.namespace] = namespace.namespace_id
        for share in self._work.catalog().datashares_of(namespace.namespace_id):
            fresh.pop(share.share_key, None)  # the same share goes on
        made = self._work.store.decode(renamed(snapshot.contents, fresh))
        try:
            applied = self._lakes(snapshot, old, fresh)
            before = self._replaced(namespace, [change.entity for change in made], applied)
        except RedshareError:  # of anything else it is not known whether it was committed
            for database, _ in snapshot.lakes:
                self._engine.drop_lake(LakeId(fresh[database]))
            raise
        workgroup = self._warehouses.workgroup_on(namespace)
        if workgroup is not None:
            self._life.end_compute(workgroup)
        for entity in before:
            if isinstance(entity, Database) and entity.kind is DatabaseKind.LOCAL:
                self._engine.drop_lake(entity.lake)
        return self._contents(namespace.namespace_id)[0]

    def change_retention(
        self, account: AccountId, region: Region, identifier: str, days: int
    ) -> Snapshot:
        """Raises ResourceNotFound."""

        def decision(catalog: Catalog) -> tuple[Commit, Snapshot]:
            old = self._required(catalog, account, region, identifier)
            new = replace(old, retention=days)
            return Commit(() if new == old else (Put(new),)), new

        return self._work.decide(decision)

    def delete(self, account: AccountId, region: Region, identifier: str) -> Snapshot:
        """What it was. Raises ResourceNotFound."""

        def decision(catalog: Catalog) -> tuple[Commit, Snapshot]:
            snapshot = self._required(catalog, account, region, identifier)
            return Commit((Drop(snapshot),)), snapshot

        gone = self._work.decide(decision)
        self._drop(gone)
        return gone

    # --- how ------------------------------------------------------------------------------

    def _copied(self, of: Warehouse | Namespace, new: NewSnapshot) -> Snapshot | None:
        """None where something was committed or dropped while its lakes were pinned."""
        namespace_id = of.namespace if isinstance(of, Warehouse) else of.namespace_id
        copies = {
            database.lake: LakeId(self._work.ids.hex())
            for database in _local(self._contents(namespace_id)[1])
        }
        try:
            with self._engine.pin_lakes(copies) as pinned:
                found = self._settled(pinned, namespace_id, set(copies))
                if not pinned.release() or found is None:
                    return None
                namespace, entities = found
                size = sum(self._copy(pinned, lake, copies[lake], {})[1] for lake in copies)
        except RedshareError:
            for lake in copies.values():
                self._engine.drop_lake(lake)
            if {database.lake for database in _local(self._contents(namespace_id)[1])} == {*copies}:
                raise
            return None  # a database was dropped
        return Snapshot(
            snapshot_id=self._work.ids.guid(),
            account=namespace.account,
            region=namespace.region,
            kind=namespace.kind,
            identifier=new.identifier,
            namespace=namespace.namespace_id,
            namespace_name=namespace.name,
            cluster=None,
            admin_username=namespace.admin_username,
            default_database=namespace.default_database,
            encrypted=namespace.encrypted,
            kms_key_id=namespace.kms_key_id,
            created=self._work.clock.now(),
            contents=self._work.store.encode([Put(entity) for entity in entities]),
            lakes=tuple(
                (database.database_id, copies[database.lake]) for database in _local(entities)
            ),
            size=size,
            retention=new.retention,
            tags=new.tags,
        )

    def _settled(
        self, pinned: PinnedLakes, namespace_id: NamespaceId, lakes: set[LakeId]
    ) -> tuple[Namespace, list[Entity]] | None:
        """The entities as they belong to the pinned lakes; None where no catalogue has them.

        Raises StaleState where the store does not get what a lake has.
        """
        for _ in range(LOOKS):
            self._work.settle()
            namespace, entities = self._contents(namespace_id)
            local = _local(entities)
            if {database.lake for database in local} != lakes or any(
                database.applied_snapshot > pinned.newest(database.lake) for database in local
            ):
                return None
            if not any(
                pinned.notes(database.lake, database.applied_snapshot) for database in local
            ):
                return namespace, entities
            # Committed in the lake, and a moment away from being so in the store.
            time.sleep(LOOK_PAUSE)
        raise StaleState

    def _copy(
        self, pinned: PinnedLakes, source: LakeId, target: LakeId, tables: Mapping[str, str]
    ) -> tuple[int, int]:
        self._engine.create_lake(target)
        copied = pinned.copy(source, target, tables)
        self._engine.drop_temporary(target)
        return copied

    def _contents(self, namespace_id: NamespaceId) -> tuple[Namespace, list[Entity]]:
        catalog = self._work.catalog()
        namespace = catalog.namespace(namespace_id)
        if namespace is None:
            raise ResourceNotFound("Namespace", namespace_id)
        return namespace, contents_of(catalog, namespace)

    def _replaced(
        self, namespace: Namespace, entities: list[Entity], applied: Mapping[str, int]
    ) -> list[Entity]:
        """Commit the restored entities; what they took the place of."""

        def decision(catalog: Catalog) -> tuple[Commit, list[Entity]]:
            now = catalog.namespace(namespace.namespace_id)
            if now is None:
                raise ResourceNotFound("Namespace", namespace.name)
            present = contents_of(catalog, now)
            puts = restored(entities, now.name, now.created, applied, granted=True)
            return Commit(restored_into(now, present, puts)), present

        return self._work.decide(decision)

    def _lakes(
        self, snapshot: Snapshot, old: list[Entity], fresh: Mapping[str, str]
    ) -> dict[str, int]:
        """Lakes for the restored databases, each with its newest snapshot."""
        tables = {
            entity.lake_table: replace(
                entity, relation_id=RelationId(fresh[entity.relation_id])
            ).lake_table
            for entity in old
            if isinstance(entity, Relation)
        }
        with self._engine.pin_lakes([lake for _, lake in snapshot.lakes]) as pinned:
            return {
                fresh[database]: self._copy(pinned, lake, LakeId(fresh[database]), tables)[0]
                for database, lake in snapshot.lakes
            }

    def _saved(self, snapshot: Snapshot) -> Snapshot:
        def decision(catalog: Catalog) -> tuple[Commit, Snapshot]:
            place = (snapshot.account, snapshot.region, snapshot.identifier)
            if self._find(catalog, *place) is not None:
                raise AlreadyExists(SNAPSHOT, snapshot.identifier)
            return Commit((Put(snapshot),)), snapshot

        try:
            return self._work.decide(decision)
        except RedshareError:
            self._drop(snapshot)
            raise

    def _drop(self, snapshot: Snapshot) -> None:
        for _, lake in snapshot.lakes:
            self._engine.drop_lake(lake)

    def _find(
        self, catalog: Catalog, account: AccountId, region: Region, identifier: str
    ) -> Snapshot | None:
        found: Snapshot | None = catalog.named(Snapshot, account, region, self._kind, identifier)
        return found

    def _required(
        self, catalog: Catalog, account: AccountId, region: Region, identifier: str
    ) -> Snapshot:
        found = self._find(catalog, account, region, identifier)
        if found is None:
            raise ResourceNotFound(SNAPSHOT, identifier)
        return found


def _local(entities: Iterable[Entity]) -> list[Database]:
    return [e for e in entities if isinstance(e, Database) and e.kind is DatabaseKind.LOCAL]
