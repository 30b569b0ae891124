"""Access control lists as the catalogues print them: `grantee=letters/grantor`.

A letter a privilege, a star behind one that may be passed on; nobody before the sign is PUBLIC.
An object on which nothing was granted has no list at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from redshare.core.database import Database, Schema
from redshare.core.function import Function
from redshare.core.ids import GroupId
from redshare.core.membership import role_name
from redshare.core.privileges import OWNER, Acl, Grantee, GranteeKind, Privilege
from redshare.core.relation import Relation
from redshare.core.share import Datashare
from redshare.sql.context import SqlContext
from redshare.sql.views.reach import user_name

_LETTERS: Final = {
    Privilege.INSERT: "a",
    Privilege.SELECT: "r",
    Privilege.UPDATE: "w",
    Privilege.DELETE: "d",
    Privilege.REFERENCES: "x",
    Privilege.EXECUTE: "X",
    Privilege.USAGE: "U",
    Privilege.CREATE: "C",
    Privilege.TEMP: "T",
    Privilege.DROP: "D",
    Privilege.TRUNCATE: "P",
    Privilege.ALTER: "A",
    Privilege.SHARE: "S",
}
#: What an owner holds beside all grants, rules and triggers among it, of which Redshift has none.
_OWNERS: Final = {
    Relation: "arwdRxtDPA", Schema: "UC", Database: "CT", Datashare: "AS", Function: "X",
}  # fmt: skip

Owned = Relation | Schema | Database | Datashare | Function


def grantee_name(context: SqlContext, grantee: Grantee) -> str:
    """A grantee as SHOW GRANTS and the privilege views name it."""
    namespace = context.namespace.namespace_id
    match grantee.kind:
        case GranteeKind.PUBLIC:
            return "public"
        case GranteeKind.USER:
            found = user_name(context, grantee.id)
        case GranteeKind.GROUP:
            group = context.catalog.group_by_id(namespace, GroupId(grantee.id))
            found = None if group is None else group.name
        case GranteeKind.ROLE:
            found = role_name(context.catalog, namespace, grantee.id)
    return found or str(grantee.id)


def entries(context: SqlContext, entity: Owned) -> Iterator[str]:
    """The list's entries, the owner's first; none where nothing was granted."""
    acl: Acl = entity.acl
    if not acl.grants:
        return
    owner = user_name(context, entity.owner) or str(entity.owner)
    yield f"{owner}={_OWNERS[type(entity)]}/{owner}"
    for grant in acl.grants:
        public = grant.grantee.kind is GranteeKind.PUBLIC
        name = "" if public else grantee_name(context, grant.grantee)
        if grant.grantee.kind in {GranteeKind.GROUP, GranteeKind.ROLE}:
            name = f"{grant.grantee.kind} {name}"
        letters = "".join(
            letter + ("*" if privilege in grant.grantable else "")
            for privilege, letter in _LETTERS.items()
            if privilege in grant.privileges
        )
        grantor = owner if grant.grantor == OWNER else user_name(context, grant.grantor)
        yield f"{name}={letters}/{grantor}"


def acl_array(context: SqlContext, entity: Owned) -> list[str] | None:
    """The list as an array, as pg_class.relacl has it."""
    return list(entries(context, entity)) or None


def acl_text(context: SqlContext, entity: Owned) -> str | None:
    """The list as SVV_REDSHIFT_* and SHOW have it."""
    return "~".join(entries(context, entity)) or None
