"""Snapshots of clusters: taken, restored, dropped.

Entities and lakes are of one moment: they are copied again if the entities changed meanwhile. A
lake's copy shares the immutable files of the lake, so taking one costs little.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from redshare.app.namespace_contents import contents_of
from redshare.app.restored import fresh_ids, renamed, restored
from redshare.app.warehouses import CLUSTER, NewWarehouse, Warehouses
from redshare.app.work import Work
from redshare.core.catalog import Catalog, Drop, Entity, Put
from redshare.core.database import Database, DatabaseKind
from redshare.core.errors import AlreadyExists, InvalidState, ResourceNotFound, StaleState
from redshare.core.ids import AccountId, DatabaseId, LakeId, Region, RelationId
from redshare.core.namespace import Namespace
from redshare.core.relation import Relation
from redshare.core.snapshot import INDEFINITE, Snapshot
from redshare.core.warehouse import Warehouse, WarehouseStatus
from redshare.ports import Commit, Engine

#: How an error names one; the endpoint's table has its faults.
SNAPSHOT: Final = "ClusterSnapshot"
#: How often a namespace that keeps changing is copied again.
ATTEMPTS: Final = 5


class Snapshots:
    """The manual snapshots of an account in a Region."""

    def __init__(self, work: Work, engine: Engine, warehouses: Warehouses) -> None:
        self._work = work
        self._engine = engine
        self._warehouses = warehouses

    def find(self, account: AccountId, region: Region, identifier: str) -> Snapshot:
        """Raises ResourceNotFound."""
        return _required(self._work.catalog(), account, region, identifier)

    def all(self, account: AccountId, region: Region) -> list[Snapshot]:
        """All of them."""
        made = self._work.catalog().children(Snapshot, account)
        return [snapshot for snapshot in made if snapshot.region == region]

    def take(
        self,
        cluster: Warehouse,
        identifier: str,
        retention: int = INDEFINITE,
        tags: tuple[tuple[str, str], ...] = (),
    ) -> Snapshot:
        """Raises AlreadyExists, InvalidState; StaleState where it changed all the time."""
        if _find(self._work.catalog(), cluster.account, cluster.region, identifier) is not None:
            raise AlreadyExists(SNAPSHOT, identifier)
        if cluster.status is not WarehouseStatus.AVAILABLE:
            raise InvalidState(CLUSTER, f"The cluster {cluster.identifier} is {cluster.status}.")
        for _ in range(ATTEMPTS):
            copied = self._copied(cluster, identifier, retention, tags)
            if copied is not None:
                return self._saved(copied)
        raise StaleState

    def restore(self, snapshot: Snapshot, new: NewWarehouse) -> tuple[Warehouse, Namespace]:
        """A cluster with a namespace of its own. Raises AlreadyExists, ResourceNotFound."""
        if self._warehouses.find(new.kind, new.account, new.region, new.identifier) is not None:
            raise AlreadyExists(CLUSTER, new.identifier)
        old = [change.entity for change in self._work.store.decode(snapshot.contents)]
        fresh = fresh_ids(old, self._work.ids)
        made = self._work.store.decode(renamed(snapshot.contents, fresh))
        tables = {
            entity.lake_table: replace(
                entity, relation_id=RelationId(fresh[entity.relation_id])
            ).lake_table
            for entity in old
            if isinstance(entity, Relation)
        }
        applied: dict[str, int] = {}
        try:
            for database, lake in snapshot.lakes:
                target = LakeId(fresh[database])
                applied[str(target)], _ = self._engine.copy_lake(lake, target, tables)
            puts = restored(
                (change.entity for change in made), new.identifier, self._work.clock.now(), applied
            )
            return self._warehouses.create_restored(new, puts)
        except BaseException:
            for database, _ in snapshot.lakes:
                self._engine.drop_lake(LakeId(fresh[database]))
            raise

    def delete(self, account: AccountId, region: Region, identifier: str) -> Snapshot:
        """What it was. Raises ResourceNotFound."""

        def decision(catalog: Catalog) -> tuple[Commit, Snapshot]:
            snapshot = _required(catalog, account, region, identifier)
            return Commit((Drop(snapshot),)), snapshot

        gone = self._work.decide(decision)
        self._drop(gone)
        return gone

    # --- how ------------------------------------------------------------------------------

    def _copied(
        self,
        cluster: Warehouse,
        identifier: str,
        retention: int,
        tags: tuple[tuple[str, str], ...],
    ) -> Snapshot | None:
        """None where the entities changed while the lakes were copied."""
        before, namespace = self._contents(cluster)
        lakes: list[tuple[DatabaseId, LakeId]] = []
        size = 0
        consistent = True
        for database in before:
            if not isinstance(database, Database) or database.kind is not DatabaseKind.LOCAL:
                continue
            copy = LakeId(self._work.ids.hex())
            lakes.append((database.database_id, copy))
            _, copied = self._engine.copy_lake(database.lake, copy, {})
            size += copied
            notes = self._engine.committed_notes(copy, database.applied_snapshot)
            consistent = consistent and not notes
        snapshot = Snapshot(
            account=cluster.account,
            region=cluster.region,
            identifier=identifier,
            cluster=cluster,
            admin_username=namespace.admin_username,
            default_database=namespace.default_database,
            encrypted=namespace.encrypted,
            kms_key_id=namespace.kms_key_id,
            created=self._work.clock.now(),
            contents=self._work.store.encode([Put(entity) for entity in before]),
            lakes=tuple(lakes),
            size=size,
            retention=retention,
            tags=tags,
        )
        if consistent and self._contents(cluster)[0] == before:
            return snapshot
        self._drop(snapshot)
        return None

    def _contents(self, cluster: Warehouse) -> tuple[list[Entity], Namespace]:
        catalog = self._work.catalog()
        namespace = catalog.namespace(cluster.namespace)
        if namespace is None:
            raise ResourceNotFound(CLUSTER, cluster.identifier)
        return contents_of(catalog, namespace), namespace

    def _saved(self, snapshot: Snapshot) -> Snapshot:
        def decision(catalog: Catalog) -> tuple[Commit, Snapshot]:
            place = (snapshot.account, snapshot.region, snapshot.identifier)
            if _find(catalog, *place) is not None:
                raise AlreadyExists(SNAPSHOT, snapshot.identifier)
            return Commit((Put(snapshot),)), snapshot

        try:
            return self._work.decide(decision)
        except AlreadyExists:
            self._drop(snapshot)
            raise

    def _drop(self, snapshot: Snapshot) -> None:
        for _, lake in snapshot.lakes:
            self._engine.drop_lake(lake)


def _find(catalog: Catalog, account: AccountId, region: Region, identifier: str) -> Snapshot | None:
    found: Snapshot | None = catalog.named(Snapshot, account, region, identifier)
    return found


def _required(catalog: Catalog, account: AccountId, region: Region, identifier: str) -> Snapshot:
    found = _find(catalog, account, region, identifier)
    if found is None:
        raise ResourceNotFound(SNAPSHOT, identifier)
    return found
