"""Snapshots of namespaces: taken, copied, kept for longer or shorter, dropped."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from redshare.app.snapshots.lake_copies import LakeCopies, NamespaceCopy
from redshare.app.warehouses.warehouses import CLUSTER
from redshare.app.work import Work
from redshare.core.aws_errors import AlreadyExists, InvalidState, ResourceNotFound
from redshare.core.catalog import Catalog, Drop, Put
from redshare.core.errors import RedshareError
from redshare.core.ids import AccountId, LakeId, NamespaceKind, Region
from redshare.core.namespace import Namespace
from redshare.core.snapshot import INDEFINITE, Snapshot, SnapshotType
from redshare.core.warehouse import Warehouse, WarehouseStatus
from redshare.ports import Commit

#: How an error names one; the endpoints' tables have its faults.
SNAPSHOT: Final = "ClusterSnapshot"


@dataclass(frozen=True, slots=True)
class NewSnapshot:
    """What its taker chose."""

    identifier: str
    retention: int = INDEFINITE
    tags: tuple[tuple[str, str], ...] = ()
    snapshot_type: SnapshotType = SnapshotType.MANUAL


class Snapshots:
    """Those of one kind of namespaces."""

    def __init__(self, work: Work, copies: LakeCopies, kind: NamespaceKind) -> None:
        self._work = work
        self._copies = copies
        self._kind = kind

    def find(self, account: AccountId, region: Region, identifier: str) -> Snapshot:
        """Raises ResourceNotFound."""
        return self._required(self._work.catalog(), account, region, identifier)

    def all(self, account: AccountId, region: Region) -> list[Snapshot]:
        """All of them, the automated ones too."""
        return [
            snapshot
            for snapshot in self._work.catalog().children(Snapshot, account)
            if (snapshot.region, snapshot.kind) == (region, self._kind)
        ]

    def remaining_days(self, snapshot: Snapshot) -> int | None:
        """How many days from now it is kept; None: for ever."""
        return snapshot.remaining_days(self._work.clock.now())

    def is_over(self, snapshot: Snapshot, days: int) -> bool:
        """Whether so many days of retention would be over by now."""
        return replace(snapshot, retention=days).is_over(self._work.clock.now())

    def take(
        self, of: Warehouse | Namespace, new: NewSnapshot, last: Snapshot | None = None
    ) -> Snapshot:
        """Of a cluster or a serverless namespace.

        Raises AlreadyExists, InvalidState; Unchanged, where it still is what `last` holds.
        """
        self._require_free(self._work.catalog(), of.account, of.region, new.identifier)
        cluster = of if isinstance(of, Warehouse) else None
        if cluster is not None and cluster.status is not WarehouseStatus.AVAILABLE:
            raise InvalidState(CLUSTER, f"The cluster {cluster.identifier} is {cluster.status}.")
        namespace = of.namespace if isinstance(of, Warehouse) else of.namespace_id
        copied = self._copies.of_namespace(namespace, last)
        return self._saved(replace(self._made(copied, new), cluster=cluster))

    def copy(self, source: Snapshot, new: NewSnapshot) -> Snapshot:
        """A manual snapshot of what an automated one holds; its retention begins now.

        Raises AlreadyExists, InvalidState.
        """
        if source.snapshot_type is not SnapshotType.AUTOMATED:
            raise InvalidState(SNAPSHOT, f"The snapshot {source.identifier} is not automated.")
        self._require_free(self._work.catalog(), source.account, source.region, new.identifier)
        lakes = tuple((database, LakeId(self._work.ids.hex())) for database, _ in source.lakes)
        copy = replace(
            source,
            snapshot_id=self._work.ids.guid(),
            identifier=new.identifier,
            snapshot_type=SnapshotType.MANUAL,
            lakes=lakes,
            retention=new.retention,
            retained_since=self._work.clock.now(),
            tags=new.tags or source.tags,
            version=0,
        )
        try:
            self._copies.of_snapshot(source, dict(lakes))
        except RedshareError:
            self._copies.drop(dict(lakes).values())
            raise
        return self._saved(copy)

    def change_retention(
        self, account: AccountId, region: Region, identifier: str, days: int
    ) -> Snapshot:
        """Of a manual one. Raises ResourceNotFound, InvalidState."""

        def decision(catalog: Catalog) -> tuple[Commit, Snapshot]:
            old = self._manual(catalog, account, region, identifier)
            new = replace(old, retention=days)
            return Commit(() if new == old else (Put(new),)), new

        return self._work.decide(decision)

    def delete(self, account: AccountId, region: Region, identifier: str) -> Snapshot:
        """What a manual one was. Raises ResourceNotFound, InvalidState."""
        return self._dropped(lambda catalog: self._manual(catalog, account, region, identifier))

    def expire(self, snapshot: Snapshot) -> None:
        """Drop one whose time is over, of any type.

        Raises ResourceNotFound, where it is gone or was given more time meanwhile.
        """

        def unchanged(catalog: Catalog) -> Snapshot:
            if catalog.get(Snapshot, snapshot.snapshot_id) != snapshot:
                raise ResourceNotFound(SNAPSHOT, snapshot.identifier)
            return snapshot

        self._dropped(unchanged)

    # --- how ------------------------------------------------------------------------------

    def _made(self, copied: NamespaceCopy, new: NewSnapshot) -> Snapshot:
        namespace = copied.namespace
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
            contents=copied.contents,
            lakes=copied.lakes,
            newest=copied.newest,
            size=copied.size,
            snapshot_type=new.snapshot_type,
            retention=new.retention,
            tags=new.tags,
        )

    def _saved(self, snapshot: Snapshot) -> Snapshot:
        def decision(catalog: Catalog) -> tuple[Commit, Snapshot]:
            self._require_free(catalog, snapshot.account, snapshot.region, snapshot.identifier)
            return Commit((Put(snapshot),)), snapshot

        try:
            return self._work.decide(decision)
        except RedshareError:
            self._copies.drop(lake for _, lake in snapshot.lakes)
            raise

    def _dropped(self, chosen: Callable[[Catalog], Snapshot]) -> Snapshot:
        def decision(catalog: Catalog) -> tuple[Commit, Snapshot]:
            snapshot = chosen(catalog)
            return Commit((Drop(snapshot),)), snapshot

        gone = self._work.decide(decision)
        self._copies.drop(lake for _, lake in gone.lakes)
        return gone

    def _find(
        self, catalog: Catalog, account: AccountId, region: Region, identifier: str
    ) -> Snapshot | None:
        found: Snapshot | None = catalog.named(Snapshot, account, region, self._kind, identifier)
        return found

    def _require_free(
        self, catalog: Catalog, account: AccountId, region: Region, identifier: str
    ) -> None:
        if self._find(catalog, account, region, identifier) is not None:
            raise AlreadyExists(SNAPSHOT, identifier)

    def _required(
        self, catalog: Catalog, account: AccountId, region: Region, identifier: str
    ) -> Snapshot:
        found = self._find(catalog, account, region, identifier)
        if found is None:
            raise ResourceNotFound(SNAPSHOT, identifier)
        return found

    def _manual(
        self, catalog: Catalog, account: AccountId, region: Region, identifier: str
    ) -> Snapshot:
        found = self._required(catalog, account, region, identifier)
        if found.snapshot_type is not SnapshotType.MANUAL:
            raise InvalidState(SNAPSHOT, f"The snapshot {identifier} is not a manual one.")
        return found
