"""Usage limits of reads through datashares of other Regions: counted, noted, and acted upon.

What counts is what the meters have (app/shares/metering.py), of the namespace and of whole days
in UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import structlog

from redshare.app.events import USAGE_LIMIT_REACHED
from redshare.app.shares.metering import Metered
from redshare.app.warehouses.cluster_events import put_event
from redshare.app.work import Work
from redshare.core.catalog import Catalog, Drop, Put
from redshare.core.cluster_event import USAGE_LIMIT
from redshare.core.cross_region import disabled_until, is_reached, limits_of
from redshare.core.errors import StaleState, StoreUnavailable
from redshare.core.ids import WarehouseId
from redshare.core.resource_arn import resource_arn
from redshare.core.share_usage import ShareRequest
from redshare.core.sql_errors import UsageLimitReached
from redshare.core.usage_breach import KEPT, UsageBreach, breach_id
from redshare.core.usage_limit import LOG, UsageLimit
from redshare.core.warehouse import Warehouse, WarehouseKind
from redshare.ports import AuditRecord, Commit

log = structlog.get_logger(__name__)

#: Who does what a limit asks for.
_SERVICE: Final = "redshift.amazonaws.com"


@dataclass(frozen=True, slots=True)
class Reacher:
    """What reached a limit: a statement, or, without a query, a change of the limit."""

    at: datetime
    request_id: str
    query: int = 0
    transaction: int = 0
    session: int = 0


class CrossRegionReads:
    """Those of one warehouse."""

    def __init__(self, work: Work, warehouse: WarehouseId) -> None:
        self._work = work
        self._warehouse = warehouse

    def require(self, metered: Metered) -> None:
        """Raises UsageLimitReached where the statement reads what is disabled now."""
        if not metered.across:
            return
        now = self._work.clock.now()
        until = disabled_until(self._work.catalog(), self._warehouse, now)
        if until is not None:
            error = UsageLimitReached(until)
            metered.refused(metered.across, error.message)
            raise error

    def count(self, read: ShareRequest) -> None:
        """A statement that counts is over: note the limits that it reached."""
        self.look(Reacher(read.at, read.request_id, read.query, read.transaction, read.session))

    def look(self, by: Reacher) -> None:
        """Note what is reached now and was not. What cannot be noted is at the next look."""
        try:
            self._look(by)
        except (StaleState, StoreUnavailable) as error:
            log.warning("usage limits are not looked at", error=error.message)

    def _look(self, by: Reacher) -> None:
        catalog = self._work.catalog()
        warehouse = catalog.warehouse(self._warehouse)
        if warehouse is None or not any(limits_of(catalog, warehouse.account, self._warehouse)):
            return
        self._work.usage.flush()
        if self._reached(catalog, warehouse, by).changes:
            self._work.decide(lambda newest: (self._reached(newest, warehouse, by), None))

    def _reached(self, catalog: Catalog, warehouse: Warehouse, by: Reacher) -> Commit:
        today = by.at.astimezone(UTC).date()
        reached = [
            limit
            for limit in limits_of(catalog, warehouse.account, warehouse.warehouse_id)
            if not is_reached(catalog, limit, today)
            and self._work.store.cross_region(warehouse.namespace, limit.period_of(today)[0])
            >= limit.amount * self._work.terabyte
        ]
        told = [limit for limit in reached if limit.breach_action != LOG]
        changes = [Put(_breach(limit, warehouse, by)) for limit in reached]
        if told and warehouse.kind is WarehouseKind.CLUSTER:
            changes += [put_event(self._work, USAGE_LIMIT, warehouse) for _ in told]
        return Commit(tuple(changes), audit=tuple(_told(limit, warehouse, by) for limit in told))


def _breach(limit: UsageLimit, warehouse: Warehouse, by: Reacher) -> UsageBreach:
    return UsageBreach(
        breach_id(limit, by.at.astimezone(UTC).date()),
        limit.account,
        limit.region,
        warehouse.namespace,
        warehouse.warehouse_id,
        limit.limit_id,
        limit.feature,
        by.at,
        by.query,
        by.transaction,
        by.session,
    )


def _told(limit: UsageLimit, warehouse: Warehouse, by: Reacher) -> AuditRecord:
    """The row that the event is made of."""
    return AuditRecord(
        at=by.at,
        account=limit.account,
        principal=_SERVICE,
        action=USAGE_LIMIT_REACHED,
        resource=resource_arn(warehouse),
        request_id=by.request_id,
        parameters={
            "usageLimitId": limit.limit_id,
            "featureType": limit.feature,
            "amount": limit.amount,
            "period": limit.period,
            "breachAction": limit.breach_action,
            "queryId": by.query,
        },
        region=limit.region,
    )


def forget_breaches(work: Work) -> None:
    """Drop those that are shown no more. Raises StaleState, StoreUnavailable."""
    oldest = work.clock.now() - KEPT

    def decision(catalog: Catalog) -> tuple[Commit, None]:
        breaches: list[UsageBreach] = list(catalog.tables[UsageBreach].values())
        return Commit(tuple(Drop(found) for found in breaches if found.at < oldest)), None

    if any(found.at < oldest for found in work.catalog().tables[UsageBreach].values()):
        work.decide(decision)
