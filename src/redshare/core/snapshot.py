"""Snapshots of clusters: a namespace's entities at one moment, with copies of its lakes.

https://docs.aws.amazon.com/redshift/latest/mgmt/working-with-snapshots.html
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from redshare.core.ids import AccountId, DatabaseId, LakeId, Region
from redshare.core.warehouse import Warehouse

#: Days a snapshot is kept: for ever.
INDEFINITE: Final = -1


@dataclass(frozen=True, slots=True)
class Snapshot:
    """`cluster` and `contents` are as they were; `contents` is the store's encoding of entities."""

    account: AccountId
    region: Region
    identifier: str
    cluster: Warehouse
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
