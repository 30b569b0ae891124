"""Databases and schemas of a namespace."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from redshare.core.ids import DatabaseId, LakeId, NamespaceId, SchemaId, ShareKey, UserId
from redshare.core.privileges import Acl, ObjectKind, Scoped

#: What a database's `isolation_level` says, as the system views show it.
SNAPSHOT: Final = "Snapshot Isolation"
SERIALIZABLE: Final = "Serializable"


class DatabaseKind(StrEnum):
    """Whose data it shows."""

    LOCAL = "local"
    SHARED = "shared"


@dataclass(frozen=True, slots=True)
class ShareSource:
    """What a shared database was made from: the share's instance, and what it said at that time."""

    share: ShareKey
    share_name: str
    producer_account: str
    producer_namespace: NamespaceId
    with_permissions: bool = False
    #: Made FROM ARN, through the account's Data Catalog.
    catalog: bool = False


@dataclass(frozen=True, slots=True)
class DefaultAcl:
    """What objects that `user` makes start with; an empty schema stands for all of them."""

    user: UserId
    kind: ObjectKind
    acl: Acl
    schema: str = ""


@dataclass(frozen=True, slots=True)
class SharedAcl:
    """Grants on a schema or relation of a shared database, by its id; with a kind: on all in it."""

    object: str
    acl: Acl
    kind: ObjectKind | None = None


@dataclass(frozen=True, slots=True)
class Database:
    """A local database, with a lake of the same id, or a shared one: `source` says of what."""

    database_id: DatabaseId
    namespace: NamespaceId
    name: str
    owner: UserId
    created: datetime
    source: ShareSource | None = None
    acl: Acl = Acl()  # noqa: RUF009 - an immutable value
    isolation_level: str = SNAPSHOT
    connection_limit: int | None = None
    collation: str = ""
    comment: str = ""
    #: What is granted on all schemas, tables, … in it, now and later.
    scoped: tuple[Scoped, ...] = ()
    #: ALTER DEFAULT PRIVILEGES.
    defaults: tuple[DefaultAcl, ...] = ()
    #: Of a shared database: what its users may do with single objects of the producer.
    shared: tuple[SharedAcl, ...] = ()
    #: The newest snapshot of the lake whose governance changes are in the store.
    applied_snapshot: int = 0
    version: int = 0

    @property
    def kind(self) -> DatabaseKind:
        """Local, or shared from another namespace."""
        return DatabaseKind.LOCAL if self.source is None else DatabaseKind.SHARED

    @property
    def lake(self) -> LakeId:
        """The storage of a local database."""
        if self.source is not None:
            raise ValueError("a shared database has no storage of its own")
        return LakeId(self.database_id)

    def shared_acl(self, key: str, kind: ObjectKind | None = None) -> Acl:
        """What is granted on an object of a shared database, or on all of a kind in it."""
        for entry in self.shared:
            if (entry.object, entry.kind) == (key, kind):
                return entry.acl
        return Acl()

    def with_shared_acl(self, key: str, acl: Acl, kind: ObjectKind | None = None) -> Database:
        """With those grants replaced."""
        others = tuple(e for e in self.shared if (e.object, e.kind) != (key, kind))
        made = (SharedAcl(key, acl, kind),) if acl.grants else ()
        return replace(self, shared=(*others, *made))

    def default_acl(self, user: UserId, kind: ObjectKind, schema: str = "") -> Acl:
        """What ALTER DEFAULT PRIVILEGES says for that user, in a schema or for all of them."""
        for entry in self.defaults:
            if (entry.user, entry.kind, entry.schema) == (user, kind, schema):
                return entry.acl
        return Acl()

    def with_default_acl(
        self, user: UserId, kind: ObjectKind, acl: Acl, schema: str = ""
    ) -> Database:
        """With that replaced."""
        others = tuple(
            e for e in self.defaults if (e.user, e.kind, e.schema) != (user, kind, schema)
        )
        made = (DefaultAcl(user, kind, acl, schema),) if acl.grants else ()
        return replace(self, defaults=(*others, *made))


@dataclass(frozen=True, slots=True)
class ExternalSource:
    """What CREATE EXTERNAL SCHEMA … FROM REDSHIFT names: found again at each use."""

    database: str
    schema: str


@dataclass(frozen=True, slots=True)
class Schema:
    """A schema of a local database; with `external` a name for one of another database.

    A `temporary` one is a session's own and in no store.
    """

    schema_id: SchemaId
    database: DatabaseId
    name: str
    owner: UserId
    acl: Acl = Acl()  # noqa: RUF009 - an immutable value
    quota: str = ""
    comment: str = ""
    external: ExternalSource | None = None
    temporary: bool = False
    #: What is granted on all tables, … in it, now and later.
    scoped: tuple[Scoped, ...] = ()
    version: int = 0
