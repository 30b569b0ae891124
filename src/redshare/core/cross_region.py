"""Reads through datashares of another Region: what counts of them, and when they are disabled.

https://docs.aws.amazon.com/redshift/latest/dg/cross-region-billing.html
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from typing import Final

from redshare.core.catalog import Catalog
from redshare.core.ids import AccountId, WarehouseId
from redshare.core.usage_breach import UsageBreach, breach_id
from redshare.core.usage_limit import CROSS_REGION_DATASHARING, DISABLING, UsageLimit

_MEGABYTE: Final = 1 << 20
#: Megabytes that the smallest query counts.
LEAST: Final = 10
#: Megabytes of a terabyte, which amounts are in.
TERABYTE: Final = 1 << 20


def megabytes(bytes_read: int) -> int:
    """The megabytes that a query counts: rounded up, and not fewer than LEAST."""
    return max(LEAST, -(-bytes_read // _MEGABYTE))


def limits_of(catalog: Catalog, account: AccountId, warehouse: WarehouseId) -> Iterator[UsageLimit]:
    """The limits of a warehouse's reads across Regions."""
    for limit in catalog.children(UsageLimit, account):
        if limit.warehouse == warehouse and limit.feature == CROSS_REGION_DATASHARING:
            yield limit


def is_reached(catalog: Catalog, limit: UsageLimit, day: date) -> bool:
    """Whether the limit, as it is now, was reached in the period that a day is in."""
    return catalog.get(UsageBreach, breach_id(limit, day)) is not None


def disabled_until(catalog: Catalog, warehouse: WarehouseId, now: datetime) -> datetime | None:
    """When a warehouse may read across Regions again; None where it may now."""
    found = catalog.warehouse(warehouse)
    if found is None:
        return None
    today = now.astimezone(UTC).date()
    ends = [
        limit.period_of(today)[1]
        for limit in limits_of(catalog, found.account, warehouse)
        if limit.breach_action in DISABLING and is_reached(catalog, limit, today)
    ]
    return datetime.combine(max(ends), time(), UTC) if ends else None
