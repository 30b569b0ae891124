"""What happened to a cluster, as DescribeEvents tells it for two weeks.

https://docs.aws.amazon.com/redshift/latest/mgmt/working-with-event-notifications.html
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from redshare.core.ids import AccountId, Region
from redshare.core.warehouse import Warehouse

KEPT: Final = timedelta(days=14)
_NAME: Final = "<cluster name>"
_TIME: Final = "<time in UTC>"


@dataclass(frozen=True, slots=True)
class EventKind:
    """AWS's id, category and severity of an event; `description` has places for name and time."""

    code: str
    category: str
    severity: str
    description: str


@dataclass(frozen=True, slots=True)
class ClusterEvent:
    """`code` is its kind's."""

    event_id: str
    account: AccountId
    region: Region
    cluster: str
    at: datetime
    code: str
    version: int = 0

    @property
    def kind(self) -> EventKind:
        """What it is."""
        return KINDS[self.code]

    @property
    def message(self) -> str:
        """The description with name and time."""
        text = self.kind.description.replace(_NAME, self.cluster)
        return text.replace(_TIME, f"{self.at:%Y-%m-%d %H:%M} UTC")


def event(kind: EventKind, cluster: Warehouse, at: datetime, event_id: str) -> ClusterEvent:
    """That it happened to this cluster now."""
    return ClusterEvent(
        event_id, cluster.account, cluster.region, cluster.identifier, at, kind.code
    )


def _kind(number: int, category: str, what: str) -> EventKind:
    said = f"Cluster {_NAME} {what} at {_TIME}."
    return EventKind(f"REDSHIFT-EVENT-{number}", category, "INFO", said)


CREATED: Final = _kind(2000, "management", "created")
DELETED: Final = _kind(2001, "management", "deleted")
RESIZE_STARTED: Final = _kind(2006, "management", "began to be resized")
RENAMED: Final = _kind(2013, "management", "renamed")
REBOOTED: Final = _kind(3000, "monitoring", "rebooted")
RESIZED: Final = _kind(3002, "monitoring", "resized")
RESTORED: Final = _kind(3003, "monitoring", "created from a snapshot")
PAUSE_STARTED: Final = _kind(3618, "management", "began to be paused")
PAUSED: Final = _kind(3619, "monitoring", "paused")
RESUMED: Final = _kind(3622, "monitoring", "resumed")
CREDENTIALS_UPDATED: Final = EventKind(
    "REDSHIFT-EVENT-4000", "security", "INFO", f"Admin password of {_NAME} changed at {_TIME}."
)
#: AWS tells it by a metric of CloudWatch, and has no number for it.
USAGE_LIMIT: Final = EventKind(
    "REDSHARE-EVENT-USAGE-LIMIT",
    "monitoring",
    "INFO",
    f"A usage limit of cross-region-datasharing of {_NAME} was reached at {_TIME}.",
)

KINDS: Final = {
    kind.code: kind
    for kind in (
        CREATED,
        DELETED,
        RESIZE_STARTED,
        RENAMED,
        REBOOTED,
        RESIZED,
        RESTORED,
        PAUSE_STARTED,
        PAUSED,
        RESUMED,
        CREDENTIALS_UPDATED,
        USAGE_LIMIT,
    )
}
