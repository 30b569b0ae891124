"""Usage limits of a warehouse; those of reads across Regions count and act (core/cross_region.py).

https://docs.aws.amazon.com/redshift/latest/mgmt/managing-cluster-usage-limits.html
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from redshare.core.ids import AccountId, Region, WarehouseId

CROSS_REGION_DATASHARING: Final = "cross-region-datasharing"

LOG: Final = "log"
#: What ends the feature until the period does, in the words of clusters and of workgroups.
DISABLING: Final = frozenset({"disable", "deactivate"})


@dataclass(frozen=True, slots=True)
class UsageLimit:
    """`amount` is in minutes, RPU-hours or terabytes, as `limit_type` says."""

    limit_id: str
    account: AccountId
    region: Region
    warehouse: WarehouseId
    feature: str
    limit_type: str
    amount: int
    period: str
    breach_action: str
    tags: tuple[tuple[str, str], ...] = ()
    version: int = 0

    def period_of(self, day: date) -> tuple[date, date]:
        """The first day (UTC) of the period that a day is in, and of the next one.

        Weeks begin on Sunday, months on their first day.
        """
        match self.period:
            case "daily":
                return day, day + timedelta(days=1)
            case "weekly":
                first = day - timedelta(days=day.isoweekday() % 7)
                return first, first + timedelta(days=7)
            case _:
                first = day.replace(day=1)
                return first, (first + timedelta(days=31)).replace(day=1)
