"""What happened to a cluster, as DescribeEvents tells it for two weeks.

https://docs.aws.amazon.com/redshift/latest/mgmt/working-with-event-notifications.html
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from redshare.core.ids import AccountId, Region

KEPT: Final = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class ClusterEvent:
    """`code` is AWS's event id."""

    event_id: str
    account: AccountId
    region: Region
    cluster: str
    at: datetime
    code: str
    category: str
    severity: str
    message: str
    version: int = 0
