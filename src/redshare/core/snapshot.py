"""Snapshots: a namespace's entities at one moment, with copies of its lakes.

https://docs.aws.amazon.com/redshift/latest/mgmt/working-with-snapshots.html
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from redshare.core.ids import (
    AccountId,
    DatabaseId,
    LakeId,
    NamespaceArn,
    NamespaceId,
    NamespaceKind,
    Region,
)
from redshare.core.warehouse import Warehouse

#: Days a snapshot is kept: for ever.
INDEFINITE: Final = -1
#: The attribute of a cluster that says how many days its automated snapshots are kept; 0: none are.
AUTOMATED_RETENTION: Final = "AutomatedSnapshotRetentionPeriod"
DEFAULT_AUTOMATED_RETENTION: Final = 1
_DAY: Final = timedelta(days=1)


class SnapshotType(StrEnum):
    """Whether somebody asked for it. Automated ones of serverless namespaces: recovery points."""

    MANUAL = "manual"
    AUTOMATED = "automated"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What it was of is as it was; `contents` is the store's encoding of the entities."""

    snapshot_id: str
    account: AccountId
    region: Region
    kind: NamespaceKind
    identifier: str
    namespace: NamespaceId
    namespace_name: str
    #: The provisioned cluster; a serverless namespace may have no workgroup.
    cluster: Warehouse | None
    admin_username: str
    default_database: str
    encrypted: bool
    kms_key_id: str
    created: datetime
    contents: str
    #: Each local database with the lake its data were copied to.
    lakes: tuple[tuple[DatabaseId, LakeId], ...]
    size: int
    #: The newest snapshots that the lakes had, in the order of `lakes`.
    newest: tuple[int, ...] = ()
    snapshot_type: SnapshotType = SnapshotType.MANUAL
    #: Days that a manual one is kept.
    retention: int = INDEFINITE
    #: When that began, if later than it was taken.
    retained_since: datetime | None = None
    tags: tuple[tuple[str, str], ...] = ()
    version: int = 0

    @property
    def namespace_arn(self) -> NamespaceArn:
        """The ARN of the namespace it was taken of."""
        return NamespaceArn(self.kind, self.region, self.account, self.namespace)

    @property
    def retention_start(self) -> datetime:
        """When its retention period began."""
        return self.retained_since or self.created

    @property
    def expires(self) -> datetime | None:
        """The end of its retention period; None: never."""
        if self.retention == INDEFINITE:
            return None
        return self.retention_start + timedelta(days=self.retention)

    def is_over(self, now: datetime) -> bool:
        """Whether its retention period is."""
        return self.expires is not None and self.expires <= now

    def remaining_days(self, now: datetime) -> int | None:
        """Days until it expires, a day begun counted whole; None: never."""
        if self.expires is None:
            return None
        return max(0, -((now - self.expires) // _DAY))


def automated_retention(cluster: Warehouse) -> int:
    """Days that its automated snapshots are kept; 0: none are taken."""
    return int(dict(cluster.attributes).get(AUTOMATED_RETENTION, DEFAULT_AUTOMATED_RETENTION))
