"""Users, groups and roles by the names that statements give them."""

from __future__ import annotations

from redshare.app.commands.owned import user_named
from redshare.core.group import Group
from redshare.core.ids import RoleId
from redshare.core.privileges import PUBLIC, Grantee, GranteeKind
from redshare.core.role import RESERVED_PREFIX, SYSTEM_ROLES, Role
from redshare.core.sql_errors import FeatureNotSupported, SqlError, UndefinedObject
from redshare.sql.commands.grant_readers import Recipient
from redshare.sql.context import SqlContext


def group_named(context: SqlContext, name: str) -> Group:
    """A group of this namespace. Raises UndefinedObject."""
    group = context.catalog.group(context.namespace.namespace_id, name)
    if group is None:
        raise UndefinedObject(f'group "{name}" does not exist')
    return group


def role_named(context: SqlContext, name: str) -> Role:
    """A role somebody made in this namespace. Raises UndefinedObject."""
    role = context.catalog.role(context.namespace.namespace_id, name)
    if role is None:
        raise UndefinedObject(f'role "{name}" does not exist')
    return role


def role_id_named(context: SqlContext, name: str) -> RoleId:
    """The id of a role, the system's own as well. Raises UndefinedObject."""
    for role_id, system, _ in SYSTEM_ROLES:
        if system == name:
            return role_id
    return role_named(context, name).role_id


def grantee_of(context: SqlContext, recipient: Recipient) -> Grantee:
    """The grantee a statement names. Raises UndefinedObject, FeatureNotSupported."""
    if recipient.name.startswith(RESERVED_PREFIX):
        raise FeatureNotSupported(
            f"Granting permissions to reserved role {recipient.name} is not supported."
        )
    if recipient.grant_option and recipient.kind is not GranteeKind.USER:
        raise SqlError("grant options can only be granted to individual users", "0LP01")
    match recipient.kind:
        case GranteeKind.PUBLIC:
            return PUBLIC
        case GranteeKind.USER:
            return Grantee(GranteeKind.USER, user_named(context, recipient.name).user_id)
        case GranteeKind.GROUP:
            return Grantee(GranteeKind.GROUP, group_named(context, recipient.name).group_id)
        case GranteeKind.ROLE:
            return Grantee(GranteeKind.ROLE, role_id_named(context, recipient.name))
