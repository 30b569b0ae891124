"""Snapshots: a namespace's entities at one moment, with copies of its lakes.

https://docs.aws.amazon.com/redshift/latest/mgmt/working-with-snapshots.html
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
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
    retention: int = INDEFINITE
    tags: tuple[tuple[str, str], ...] = ()
    version: int = 0

    @property
    def namespace_arn(self) -> NamespaceArn:
        """The ARN of the namespace it was taken of."""
        return NamespaceArn(self.kind, self.region, self.account, self.namespace)
