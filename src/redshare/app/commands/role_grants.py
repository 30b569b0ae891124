"""GRANT and REVOKE of roles, to users and roles, and of system privileges, to roles.

https://docs.aws.amazon.com/redshift/latest/dg/r_GRANT.html
"""

from __future__ import annotations

from dataclasses import replace

from redshare.app.commands.grantees import role_id_named, role_named
from redshare.app.commands.owned import user_named
from redshare.app.sessions.answer import Answer
from redshare.app.sessions.session import SqlSession
from redshare.core.catalog import Put
from redshare.core.ids import RoleId
from redshare.core.membership import grantable_system, role_name, roles_of
from redshare.core.privileges import Grantee, GranteeKind
from redshare.core.role import (
    SECADMIN,
    SYSTEM_PREFIX,
    SYSTEM_PRIVILEGES,
    Role,
    RoleGrant,
    SystemGrant,
    granted,
    revoked,
)
from redshare.core.sql_errors import InsufficientPrivilege, SqlError
from redshare.core.user import User
from redshare.sql.commands.grant import GrantRole, GrantSystem
from redshare.sql.commands.grant_readers import Recipient
from redshare.sql.context import SqlContext


def grant_role(session: SqlSession, command: GrantRole) -> Answer:
    """GRANT ROLE … TO users and roles; REVOKE ROLE."""
    for recipient in command.recipients:
        context = session.context()
        holder = _holder(context, recipient)
        held = holder.roles
        for name in command.roles:
            role = role_id_named(context, name)
            _may_grant(context, role, name)
            if command.revoke:
                held = revoked(held, role, admin_only=command.option_only)
            else:
                _no_cycle(context, holder, role)
                held = granted(held, role, admin=recipient.grant_option)
        session.change(command.tag, Put(replace(holder, roles=held)))
    return Answer(command.tag)


def _holder(context: SqlContext, recipient: Recipient) -> User | Role:
    match recipient.kind:
        case GranteeKind.USER:
            return user_named(context, recipient.name)
        case GranteeKind.ROLE:
            if recipient.name.startswith(SYSTEM_PREFIX):
                raise SqlError(f'system role "{recipient.name}" cannot be altered', "42501")
            return role_named(context, recipient.name)
        case _:
            raise SqlError("roles can be granted to users and roles only", "0LP01")


def _may_grant(context: SqlContext, role: RoleId, name: str) -> None:
    """Superusers, the role's owner, who holds it WITH ADMIN OPTION, and security admins."""
    user = context.user
    known = context.catalog.role_by_id(user.namespace, role)
    owned = known is not None and known.owner == user.user_id
    if user.superuser or owned or admin_of(context, role):
        return
    if known is not None and Grantee(GranteeKind.ROLE, SECADMIN) in context.identities:
        return
    raise InsufficientPrivilege(f"permission denied for role {name}")


def admin_of(context: SqlContext, role: RoleId) -> bool:
    """Whether the user, or a role it holds, has the role WITH ADMIN OPTION."""
    user = context.user
    wanted = RoleGrant(role, admin=True)
    if wanted in user.roles:
        return True
    for held in roles_of(context.catalog, user.namespace, user.roles):
        known = context.catalog.role_by_id(user.namespace, held)
        if known is not None and wanted in known.roles:
            return True
    return False


def _no_cycle(context: SqlContext, holder: User | Role, role: RoleId) -> None:
    if not isinstance(holder, Role):
        return
    reached = roles_of(context.catalog, holder.namespace, (RoleGrant(role),))
    if holder.role_id in reached:
        name = role_name(context.catalog, holder.namespace, role)
        raise SqlError(f'role "{holder.name}" is a member of role "{name}"', "0LP01")


def grant_system(session: SqlSession, command: GrantSystem) -> Answer:
    """GRANT CREATE USER, … TO ROLE …; REVOKE."""
    privileges = set(command.privileges)
    if privileges == {"ALL"}:
        privileges = set(SYSTEM_PRIVILEGES)
    for name in command.roles:
        context = session.context()
        if not context.user.superuser and privileges - grantable_system(
            context.catalog, context.user
        ):
            raise InsufficientPrivilege("permission denied to grant system privileges")
        if name.startswith(SYSTEM_PREFIX):
            raise SqlError(f'system role "{name}" cannot be altered', "42501")
        role = role_named(context, name)
        made = replace(role, system=_changed(role, privileges, command))
        session.change(command.tag, Put(made))
    return Answer(command.tag)


def _changed(role: Role, privileges: set[str], command: GrantSystem) -> tuple[SystemGrant, ...]:
    kept = tuple(grant for grant in role.system if grant.privilege not in privileges)
    touched = {g.privilege: g.admin for g in role.system if g.privilege in privileges}
    if not command.revoke:
        made = [
            SystemGrant(privilege, command.admin_option or touched.get(privilege, False))
            for privilege in sorted(privileges)
        ]
    elif command.admin_option:  # ADMIN OPTION FOR
        made = [SystemGrant(privilege) for privilege in sorted(touched)]
    else:
        made = []
    return (*kept, *made)
