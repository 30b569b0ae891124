"""CREATE, ALTER and DROP ROLE. https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_ROLE.html"""

from __future__ import annotations

from dataclasses import replace

from redshare.app.commands.dependencies import has_privilege
from redshare.app.commands.grantees import role_named
from redshare.app.commands.owned import user_named
from redshare.app.commands.role_grants import admin_of
from redshare.app.sessions.answer import Answer
from redshare.app.sessions.session import SqlSession
from redshare.core.catalog import Drop, Put
from redshare.core.ids import RoleId
from redshare.core.privileges import Grantee, GranteeKind
from redshare.core.role import RESERVED_PREFIX, SYSTEM_PREFIX, Role, revoked
from redshare.core.sql_errors import DuplicateObject, InsufficientPrivilege, SqlError
from redshare.core.user import User
from redshare.sql.commands.user import AlterRole, CreateRole, DropRole
from redshare.sql.context import SqlContext


def create(session: SqlSession, command: CreateRole) -> Answer:
    """CREATE ROLE."""
    context = session.context()
    if not context.has_system("CREATE ROLE"):
        raise InsufficientPrivilege("permission denied to create role")
    _free(context, command.name)
    namespace = context.namespace
    role = Role(
        namespace.namespace_id,
        RoleId(namespace.next_role_id),
        command.name,
        context.user.user_id,
        external_id=command.external_id or "",
    )
    counted = replace(namespace, next_role_id=namespace.next_role_id + 1)
    session.change(command.tag, Put(role), Put(counted))
    return Answer(command.tag)


def alter(session: SqlSession, command: AlterRole) -> Answer:
    """RENAME TO, OWNER TO, EXTERNALID."""
    context = session.context()
    role = _own(context, command.name)
    if command.new_name is not None:
        _free(context, command.new_name)
        role = replace(role, name=command.new_name)
    if command.owner is not None:
        role = replace(role, owner=user_named(context, command.owner).user_id)
    if command.external_id is not None:
        role = replace(role, external_id=command.external_id)
    session.change(command.tag, Put(role))
    return Answer(command.tag)


def drop(session: SqlSession, command: DropRole) -> Answer:
    """DROP ROLE: FORCE takes it from its holders first; privileges on objects always forbid it."""
    context = session.context()
    role = _own(context, command.name, drop=True)
    grantee = Grantee(GranteeKind.ROLE, role.role_id)
    if has_privilege(context.catalog, role.namespace, grantee):
        raise SqlError(
            f'role "{role.name}" cannot be dropped because the role has a privilege on some object',
            "55006",
        )
    holders: list[User | Role] = [
        *context.catalog.users(role.namespace),
        *context.catalog.roles(role.namespace),
    ]
    for holder in holders:
        if not any(grant.role == role.role_id for grant in holder.roles):
            continue
        if not command.force:
            raise SqlError(
                f'role "{role.name}" cannot be dropped because the role is granted to some user '
                "or role",
                "55006",
            )
        session.change(command.tag, Put(replace(holder, roles=revoked(holder.roles, role.role_id))))
    session.change(command.tag, Drop(role))
    return Answer(command.tag)


def _own(context: SqlContext, name: str, *, drop: bool = False) -> Role:
    if name.startswith(SYSTEM_PREFIX):
        raise SqlError(f'system role "{name}" cannot be altered', "42501")
    role = role_named(context, name)
    user = context.user
    if user.superuser or role.owner == user.user_id or admin_of(context, role.role_id):
        return role
    if drop and context.has_system("DROP ROLE"):
        return role
    raise InsufficientPrivilege(f"must be owner of role {name}")


def _free(context: SqlContext, name: str) -> None:
    if name.startswith((SYSTEM_PREFIX, RESERVED_PREFIX)):
        raise SqlError(f'role name "{name}" is reserved', "42939")
    if context.catalog.role(context.namespace.namespace_id, name) is not None:
        raise DuplicateObject(f'role "{name}" already exists')
