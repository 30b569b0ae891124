"""Snapshots restored: to a cluster with a namespace of its own, or into a serverless namespace."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from redshare.app.snapshots.lake_copies import LakeCopies
from redshare.app.snapshots.restore_events import restore_events
from redshare.app.snapshots.restored import fresh_ids, renamed, restored, restored_into
from redshare.app.warehouses.life import WarehouseLife
from redshare.app.warehouses.namespace_contents import contents_of
from redshare.app.warehouses.warehouses import CLUSTER, NewWarehouse, Warehouses
from redshare.app.work import Work
from redshare.core.aws_errors import AlreadyExists, ResourceNotFound
from redshare.core.catalog import Catalog, Entity, Put
from redshare.core.database import Database, DatabaseKind
from redshare.core.errors import RedshareError
from redshare.core.ids import RelationId
from redshare.core.namespace import Namespace
from redshare.core.relation import Relation
from redshare.core.snapshot import Snapshot
from redshare.core.warehouse import Warehouse
from redshare.ports import Commit


class Restores:
    """What is made of a snapshot needs neither it nor what it was taken of."""

    def __init__(
        self, work: Work, copies: LakeCopies, warehouses: Warehouses, life: WarehouseLife
    ) -> None:
        self._work = work
        self._copies = copies
        self._warehouses = warehouses
        self._life = life

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
            self._copies.drop(fresh[database] for database, _ in snapshot.lakes)
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
            self._copies.drop(fresh[database] for database, _ in snapshot.lakes)
            raise
        workgroup = self._warehouses.workgroup_on(namespace)
        if workgroup is not None:
            self._life.end_compute(workgroup)
        self._copies.drop(
            entity.lake
            for entity in before
            if isinstance(entity, Database) and entity.kind is DatabaseKind.LOCAL
        )
        return self._work.catalog().namespace(namespace.namespace_id) or namespace

    # --- how ------------------------------------------------------------------------------

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
            changes = restored_into(now, present, puts)
            told = restore_events(now, present, changes, self._work.clock.now())
            return Commit(changes, audit=told), present

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
        return self._copies.of_snapshot(snapshot, fresh, tables)
