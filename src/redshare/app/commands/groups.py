"""CREATE, ALTER and DROP GROUP. https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_GROUP.html"""

from __future__ import annotations

from dataclasses import replace

from redshare.app.commands.dependencies import has_privilege
from redshare.app.commands.grantees import group_named
from redshare.app.commands.owned import user_named
from redshare.app.sessions.answer import Answer
from redshare.app.sessions.session import SqlSession
from redshare.core.catalog import Drop, Put
from redshare.core.group import Group
from redshare.core.ids import GroupId
from redshare.core.privileges import Grantee, GranteeKind
from redshare.core.sql_errors import DuplicateObject, InsufficientPrivilege, SqlError
from redshare.sql.commands.user import AlterGroup, CreateGroup, DropGroup
from redshare.sql.context import SqlContext


def create(session: SqlSession, command: CreateGroup) -> Answer:
    """CREATE GROUP, with its first users."""
    context = session.context()
    _superuser(context, "create")
    _free(context, command.name)
    namespace = context.namespace
    group = Group(namespace.namespace_id, GroupId(namespace.next_group_id), command.name)
    counted = replace(namespace, next_group_id=namespace.next_group_id + 1)
    session.change(command.tag, Put(group), Put(counted))
    _add(session, command.tag, group, command.users)
    return Answer(command.tag)


def alter(session: SqlSession, command: AlterGroup) -> Answer:
    """ADD USER, DROP USER, RENAME TO."""
    context = session.context()
    _superuser(context, "alter")
    group = group_named(context, command.name)
    if command.new_name is not None:
        _free(context, command.new_name)
        session.change(command.tag, Put(replace(group, name=command.new_name)))
    _add(session, command.tag, group, command.add)
    notices = []
    for name in dict.fromkeys(command.drop):
        user = user_named(context, name)
        if group.group_id not in user.groups:
            notices.append(f'user "{name}" is not in group "{group.name}"')
            continue
        left = tuple(member for member in user.groups if member != group.group_id)
        session.change(command.tag, Put(replace(user, groups=left)))
    return Answer(command.tag, notices=tuple(notices))


def drop(session: SqlSession, command: DropGroup) -> Answer:
    """DROP GROUP: its users stay; not while anything is granted to it."""
    context = session.context()
    _superuser(context, "drop")
    group = group_named(context, command.name)
    grantee = Grantee(GranteeKind.GROUP, group.group_id)
    if has_privilege(context.catalog, group.namespace, grantee):
        raise SqlError(
            f'group "{group.name}" can\'t be dropped because the group has a privilege on some '
            "object",
            "55006",
        )
    for user in list(context.catalog.users(group.namespace)):
        if group.group_id in user.groups:
            left = tuple(member for member in user.groups if member != group.group_id)
            session.change(command.tag, Put(replace(user, groups=left)))
    session.change(command.tag, Drop(group))
    return Answer(command.tag)


def _add(session: SqlSession, tag: str, group: Group, names: tuple[str, ...]) -> None:
    for name in dict.fromkeys(names):
        user = user_named(session.context(), name)
        if group.group_id not in user.groups:
            session.change(tag, Put(replace(user, groups=(*user.groups, group.group_id))))


def _superuser(context: SqlContext, verb: str) -> None:
    if not context.user.superuser:
        raise InsufficientPrivilege(f"must be superuser to {verb} groups")


def _free(context: SqlContext, name: str) -> None:
    if context.catalog.group(context.namespace.namespace_id, name) is not None:
        raise DuplicateObject(f'group "{name}" already exists')
