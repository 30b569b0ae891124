"""Copies of lakes with the entities that belong to them: all of one moment.

The lakes are held still until the catalogue has all that was committed with their data. A copy
shares the immutable files of its lake, so making one costs little.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from redshare.app.warehouses.namespace_contents import contents_of
from redshare.app.work import Work
from redshare.core.aws_errors import ResourceNotFound
from redshare.core.catalog import Entity, Put
from redshare.core.database import Database, DatabaseKind
from redshare.core.errors import RedshareError, StaleState
from redshare.core.ids import DatabaseId, LakeId, NamespaceId
from redshare.core.namespace import Namespace
from redshare.core.snapshot import Snapshot
from redshare.ports import Engine, PinnedLakes

#: How often lakes are pinned again: each time something was committed or dropped that very moment.
ATTEMPTS: Final = 20
#: How often, and how long in between (s), the store is looked at for what a lake has already.
LOOKS: Final = 500
LOOK_PAUSE: Final = 0.01


@dataclass(frozen=True, slots=True)
class NamespaceCopy:
    """A namespace as it was: `contents` is the store's encoding of its entities."""

    namespace: Namespace
    contents: str
    #: Each local database with the lake its data were copied to.
    lakes: tuple[tuple[DatabaseId, LakeId], ...]
    #: The newest snapshots of the lakes they were copied from.
    newest: tuple[int, ...]
    size: int


class Unchanged(Exception):
    """The namespace is what a snapshot of it holds."""


class LakeCopies:
    """Makes them in the engine."""

    def __init__(self, work: Work, engine: Engine) -> None:
        self._work = work
        self._engine = engine

    def of_namespace(self, namespace: NamespaceId, last: Snapshot | None = None) -> NamespaceCopy:
        """A copy of all it has now.

        Raises ResourceNotFound; Unchanged, where it still is what `last` holds; StaleState, where
        something was committed at every moment that was tried.
        """
        for _ in range(ATTEMPTS):
            copied = self._tried(namespace, last)
            if copied is not None:
                return copied
        raise StaleState

    def of_snapshot(
        self,
        snapshot: Snapshot,
        targets: Mapping[str, str],
        tables: Mapping[str, str] | None = None,
    ) -> dict[str, int]:
        """Lakes named as `targets` has it for each database; the newest snapshot in each of them.

        `tables` are other names for some tables. Raises EngineUnavailable where it is dropped.
        """
        with self._engine.pin_lakes([lake for _, lake in snapshot.lakes]) as pinned:
            return {
                targets[database]: self._copy(pinned, lake, LakeId(targets[database]), tables)[0]
                for database, lake in snapshot.lakes
            }

    def drop(self, lakes: Iterable[str]) -> None:
        """Remove copies."""
        for lake in lakes:
            self._engine.drop_lake(LakeId(lake))

    def _tried(self, namespace_id: NamespaceId, last: Snapshot | None) -> NamespaceCopy | None:
        """None where something was committed or dropped while the lakes were pinned."""
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
                local = _local(entities)
                contents = self._work.store.encode([Put(entity) for entity in entities])
                newest = tuple(pinned.newest(database.lake) for database in local)
                if last is not None and (last.contents, last.newest) == (contents, newest):
                    raise Unchanged
                size = sum(self._copy(pinned, lake, copies[lake])[1] for lake in copies)
        except RedshareError:
            self.drop(copies.values())
            if {database.lake for database in _local(self._contents(namespace_id)[1])} == {*copies}:
                raise
            return None  # a database was dropped
        lakes = tuple((database.database_id, copies[database.lake]) for database in local)
        return NamespaceCopy(namespace, contents, lakes, newest, size)

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
        self,
        pinned: PinnedLakes,
        source: LakeId,
        target: LakeId,
        tables: Mapping[str, str] | None = None,
    ) -> tuple[int, int]:
        self._engine.create_lake(target)
        copied = pinned.copy(source, target, tables or {})
        self._engine.drop_temporary(target)
        return copied

    def _contents(self, namespace_id: NamespaceId) -> tuple[Namespace, list[Entity]]:
        catalog = self._work.catalog()
        namespace = catalog.namespace(namespace_id)
        if namespace is None:
            raise ResourceNotFound("Namespace", namespace_id)
        return namespace, contents_of(catalog, namespace)


def _local(entities: Iterable[Entity]) -> list[Database]:
    return [e for e in entities if isinstance(e, Database) and e.kind is DatabaseKind.LOCAL]
