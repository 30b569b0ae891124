"""The events of clusters: told for two weeks, then forgotten."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from redshare.app.work import Work
from redshare.core.catalog import Catalog, Drop, Put
from redshare.core.cluster_event import KEPT, ClusterEvent, EventKind, event
from redshare.core.ids import AccountId, Region
from redshare.core.warehouse import Warehouse
from redshare.ports import Commit


def put_event(work: Work, kind: EventKind, cluster: Warehouse) -> Put:
    """What tells of it; it is part of the commit that makes it so."""
    return Put(event(kind, cluster, work.clock.now(), work.ids.guid()))


class ClusterEvents:
    """What happened, oldest first."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def now(self) -> datetime:
        """The time events are told by."""
        return self._work.clock.now()

    def between(
        self, account: AccountId, region: Region, start: datetime, end: datetime
    ) -> list[ClusterEvent]:
        """Those of an account in a Region, both ends included."""
        return [
            found
            for found in self._work.catalog().children(ClusterEvent, account)
            if found.region == region and start <= found.at <= end
        ]


def forget_events(work: Work) -> None:
    """Drop those that are told no more. Raises StaleState, StoreUnavailable."""
    oldest = work.clock.now() - KEPT

    def decision(catalog: Catalog) -> tuple[Commit, None]:
        events: Iterable[ClusterEvent] = catalog.tables[ClusterEvent].values()
        return Commit(tuple(Drop(found) for found in events if found.at < oldest)), None

    if any(found.at < oldest for found in work.catalog().tables[ClusterEvent].values()):
        work.decide(decision)
