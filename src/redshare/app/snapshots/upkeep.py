"""Snapshots that nobody asks for: taken where something changed, dropped when their time is over.

A cluster is looked at eight hours after its last automated snapshot and a serverless namespace two
hours after its last recovery point; what is as it was then is not copied again. Recovery points are
kept for a day, a cluster's for as many days as it says now, manual ones for as long as each says.
https://docs.aws.amazon.com/redshift/latest/mgmt/working-with-snapshots.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final

import structlog

from redshare.app.snapshots.lake_copies import Unchanged
from redshare.app.snapshots.snapshots import NewSnapshot, Snapshots
from redshare.app.warehouses.namespace_contents import automated_snapshots_of
from redshare.app.work import Work
from redshare.core.aws_errors import ResourceNotFound
from redshare.core.errors import RedshareError
from redshare.core.ids import NamespaceKind
from redshare.core.namespace import Namespace
from redshare.core.snapshot import Snapshot, SnapshotType, automated_retention
from redshare.core.warehouse import Warehouse, WarehouseKind, WarehouseStatus

log = structlog.get_logger(__name__)

CLUSTER_INTERVAL: Final = timedelta(hours=8)
#: AWS takes one every half hour; each costs a database and a part of the catalogue.
RECOVERY_POINT_INTERVAL: Final = timedelta(hours=2)
#: Days that a recovery point is kept.
RECOVERY_POINT_RETENTION: Final = 1
#: What the names of automated snapshots begin with, and no other's can.
AUTOMATED: Final = "rs:"


class SnapshotUpkeep:
    """Done by the node's maintenance, by the node's clock."""

    def __init__(self, work: Work, snapshots: Mapping[NamespaceKind, Snapshots]) -> None:
        self._work = work
        self._snapshots = snapshots

    def round(self, stopped: Callable[[], bool]) -> None:
        """Drop and take what is due; what cannot be now is tried in the next round."""
        now = self._work.clock.now()
        for snapshot in list(self._expired(now)):
            if stopped():
                return
            try:
                self._snapshots[snapshot.kind].expire(snapshot)
            except ResourceNotFound:
                continue
            except RedshareError as error:
                log.warning("a snapshot is not dropped", id=snapshot.identifier, error=str(error))
        for of, new, last in list(self._due(now)):
            if stopped():
                return
            kind = NamespaceKind.PROVISIONED if isinstance(of, Warehouse) else of.kind
            try:
                self._snapshots[kind].take(of, new, last)
            except Unchanged:
                continue
            except RedshareError as error:
                log.warning("no automated snapshot", id=new.identifier, error=str(error))

    def _expired(self, now: datetime) -> Iterator[Snapshot]:
        catalog = self._work.catalog()
        snapshots: list[Snapshot] = list(catalog.tables[Snapshot].values())
        for snapshot in snapshots:
            expires = snapshot.expires
            if snapshot.cluster is not None and snapshot.snapshot_type is SnapshotType.AUTOMATED:
                cluster = catalog.warehouse(snapshot.cluster.warehouse_id) or snapshot.cluster
                expires = snapshot.created + timedelta(days=automated_retention(cluster))
            if expires is not None and expires <= now:
                yield snapshot

    def _due(
        self, now: datetime
    ) -> Iterator[tuple[Warehouse | Namespace, NewSnapshot, Snapshot | None]]:
        catalog = self._work.catalog()
        clusters: list[Warehouse] = list(catalog.tables[Warehouse].values())
        for cluster in clusters:
            if (
                cluster.kind is not WarehouseKind.CLUSTER
                or cluster.status is not WarehouseStatus.AVAILABLE
                or not automated_retention(cluster)
            ):
                continue
            namespace = catalog.namespace(cluster.namespace)
            assert namespace is not None, "a namespace outlives its warehouses"
            last = self._last(namespace)
            if now - (cluster if last is None else last).created >= CLUSTER_INTERVAL:
                identifier = f"{AUTOMATED}{cluster.identifier}-{now:%Y-%m-%d-%H-%M-%S}"
                new = NewSnapshot(identifier, snapshot_type=SnapshotType.AUTOMATED)
                yield cluster, new, last
        namespaces: list[Namespace] = list(catalog.tables[Namespace].values())
        for namespace in namespaces:
            if namespace.kind is not NamespaceKind.SERVERLESS:
                continue
            last = self._last(namespace)
            if now - (namespace if last is None else last).created >= RECOVERY_POINT_INTERVAL:
                identifier = f"{AUTOMATED}{namespace.namespace_id}-{now:%Y-%m-%d-%H-%M-%S}"
                new = NewSnapshot(
                    identifier, RECOVERY_POINT_RETENTION, snapshot_type=SnapshotType.AUTOMATED
                )
                yield namespace, new, last

    def _last(self, namespace: Namespace) -> Snapshot | None:
        found = automated_snapshots_of(self._work.catalog(), namespace)
        return max(found, key=lambda snapshot: snapshot.created, default=None)
