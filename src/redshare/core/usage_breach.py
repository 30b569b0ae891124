"""That a usage limit was reached: once a period, and again where its amount was changed since.

https://docs.aws.amazon.com/redshift/latest/dg/r_STL_USAGE_CONTROL.html
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from redshare.core.ids import AccountId, NamespaceId, Region, WarehouseId
from redshare.core.usage_limit import UsageLimit

#: Longer than the longest period, for what was reached is disabled until its end.
KEPT: Final = timedelta(days=40)


@dataclass(frozen=True, slots=True)
class UsageBreach:
    """`query`, `transaction` and `session` are those of the statement that reached the limit."""

    breach_id: str
    account: AccountId
    region: Region
    namespace: NamespaceId
    warehouse: WarehouseId
    limit_id: str
    feature: str
    at: datetime
    query: int
    transaction: int
    session: int
    version: int = 0


def breach_id(limit: UsageLimit, day: date) -> str:
    """The id of a limit's breach in the period that a day is in."""
    return f"{limit.limit_id}:{limit.period_of(day)[0]}:{limit.amount}"
