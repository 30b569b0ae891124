"""What a new namespace begins with: its administrator, its first database, the schema public."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from redshare.core.aws_errors import InvalidParameterValue
from redshare.core.database import Database, Schema
from redshare.core.ids import (
    AccountId,
    DatabaseId,
    NamespaceId,
    NamespaceKind,
    Region,
    SchemaId,
    UserId,
)
from redshare.core.namespace import Namespace
from redshare.core.user import User
from redshare.ports import Ids
from redshare.sql.may import DATABASE_ACL, PUBLIC_SCHEMA_ACL

#: Users made by CREATE USER have ids from 100 on; the administrator is the first of them.
ADMIN_ID: Final = UserId(100)
_USER_NAME = re.compile(r"[a-z_][a-z0-9_+.@-]{0,127}")
_DATABASE_NAME = re.compile(r"[a-z_][a-z0-9_$]{0,63}")
_PASSWORD = re.compile(r"(?=.*[a-z])(?=.*[A-Z])(?=.*[0-9])[!#-&(-.0-?A-\[\]-~]{8,64}")


@dataclass(frozen=True, slots=True)
class NewNamespace:
    """What the creator chose."""

    account: AccountId
    region: Region
    kind: NamespaceKind
    name: str
    admin_username: str
    admin_password: str
    database: str = "dev"
    encrypted: bool = True
    kms_key_id: str = ""
    iam_roles: tuple[str, ...] = ()
    default_iam_role_arn: str = ""
    log_exports: tuple[str, ...] = ()
    tags: tuple[tuple[str, str], ...] = ()
    #: A world file's, so that its ARNs are those of another system; else a new one.
    guid: NamespaceId | None = None


def check_admin(username: str, password: str) -> None:
    """Raises InvalidParameterValue where AWS would refuse the administrator."""
    if not _USER_NAME.fullmatch(username) or username == "public":
        raise InvalidParameterValue(f"The user name {username!r} is not valid.")
    if not _PASSWORD.fullmatch(password):
        raise InvalidParameterValue(
            "The password must be 8 to 64 printable characters long and contain at least one "
            "uppercase letter, one lowercase letter, and one number. "
            "It can't contain ', \", \\, /, or a space."
        )


def check_database(name: str) -> None:
    """Raises InvalidParameterValue where AWS would refuse the database's name."""
    if not _DATABASE_NAME.fullmatch(name):
        raise InvalidParameterValue(f"The database name {name!r} is not valid.")


@dataclass(frozen=True, slots=True)
class FreshNamespace:
    """A namespace with all it begins with."""

    namespace: Namespace
    admin: User
    database: Database
    schema: Schema


def fresh_namespace(
    new: NewNamespace, verifiers: tuple[str, ...], ids: Ids, now: datetime
) -> FreshNamespace:
    """Make the entities; nothing is stored yet."""
    namespace = Namespace(
        namespace_id=new.guid or NamespaceId(ids.guid()),
        account=new.account,
        region=new.region,
        kind=new.kind,
        name=new.name,
        admin_username=new.admin_username,
        default_database=new.database,
        created=now,
        encrypted=new.encrypted,
        kms_key_id=new.kms_key_id,
        iam_roles=new.iam_roles,
        default_iam_role_arn=new.default_iam_role_arn,
        log_exports=new.log_exports,
        tags=new.tags,
        next_user_id=ADMIN_ID + 1,
    )
    admin = User(
        namespace.namespace_id,
        ADMIN_ID,
        new.admin_username,
        superuser=True,
        createdb=True,
        verifiers=verifiers,
    )
    database, schema = fresh_database(namespace.namespace_id, new.database, ADMIN_ID, ids, now)
    return FreshNamespace(namespace, admin, database, schema)


def fresh_database(
    namespace: NamespaceId, name: str, owner: UserId, ids: Ids, now: datetime
) -> tuple[Database, Schema]:
    """A local database and its schema public, in which everybody may create, as in Redshift."""
    database = Database(DatabaseId(ids.hex()), namespace, name, owner, now, acl=DATABASE_ACL)
    schema_id = SchemaId(ids.hex())
    public = Schema(schema_id, database.database_id, "public", owner, PUBLIC_SCHEMA_ACL)
    return database, public
