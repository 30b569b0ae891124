"""Usage limits of a warehouse: kept and shown.

https://docs.aws.amazon.com/redshift/latest/mgmt/managing-cluster-usage-limits.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from redshare.core.ids import AccountId, Region, WarehouseId

CROSS_REGION_DATASHARING: Final = "cross-region-datasharing"


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
