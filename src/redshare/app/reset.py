"""Back to the world file, for the next test: what anybody made since is gone.

Accounts and their administrators' keys stay, namespaces are made anew and so have other GUIDs,
unless the file gives them one. The audit's chain is not cut: what happened, happened.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from redshare.app.data.statements import Statements
from redshare.app.identity import Identity
from redshare.app.warehouses.warehouses import Warehouses
from redshare.app.work import Work
from redshare.app.world import World, apply_world
from redshare.core.account import AccessKey, Account
from redshare.core.catalog import Catalog, Drop
from redshare.core.database import Database, DatabaseKind
from redshare.core.snapshot import Snapshot
from redshare.core.warehouse import Warehouse
from redshare.ports import Commit, Engine, Listeners

_KEPT: Final = (Account, AccessKey)


class Reset:
    """`world` is what the node was started with."""

    def __init__(
        self,
        work: Work,
        engine: Engine,
        listeners: Listeners,
        identity: Identity,
        warehouses: Warehouses,
        statements: Statements,
    ) -> None:
        self._work = work
        self._engine = engine
        self._listeners = listeners
        self._identity = identity
        self._warehouses = warehouses
        self._statements = statements
        self.world: World | None = None
        #: Makes what the world file says of the contents of namespaces.
        self.fill: Callable[[], Iterable[str]] = tuple

    def run(self) -> list[str]:
        """What was made again, in words. Raises RedshareError, WorldError."""
        self._statements.forget_all()
        before = self._work.decide(_everything)
        warehouses: list[Warehouse] = list(before.tables[Warehouse].values())
        for warehouse in warehouses:
            self._listeners.close(warehouse.warehouse_id)
            self._engine.stop_warehouse(warehouse.warehouse_id)
        databases: list[Database] = list(before.tables[Database].values())
        for database in databases:
            if database.kind is DatabaseKind.LOCAL:
                self._engine.drop_lake(database.lake)
        snapshots: list[Snapshot] = list(before.tables[Snapshot].values())
        for snapshot in snapshots:
            for _, lake in snapshot.lakes:
                self._engine.drop_lake(lake)
        if self.world is None:
            return []
        with self._work.trail.declared():
            made = apply_world(self.world, self._identity, self._warehouses)
        return [*made, *self.fill()]


def _everything(catalog: Catalog) -> tuple[Commit, Catalog]:
    gone = tuple(
        Drop(entity)
        for kind, entities in catalog.tables.items()
        for entity in entities.values()
        if kind not in _KEPT or (isinstance(entity, AccessKey) and entity.user_id)
    )
    return Commit(gone), catalog
