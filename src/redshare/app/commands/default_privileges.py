"""ALTER DEFAULT PRIVILEGES: what objects that a user makes later start with.

https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_DEFAULT_PRIVILEGES.html
"""

from __future__ import annotations

from redshare.app.commands.grant_targets import wanted
from redshare.app.commands.grantees import grantee_of
from redshare.app.commands.owned import user_named
from redshare.app.sessions.answer import Answer
from redshare.app.sessions.session import SqlSession
from redshare.core.catalog import Put
from redshare.core.database import Database
from redshare.core.ids import UserId
from redshare.core.privileges import PRIVILEGES_OF, Acl
from redshare.core.sql_errors import InsufficientPrivilege, SharedOperationNotSupported
from redshare.sql.commands.grant import AlterDefaultPrivileges
from redshare.sql.context import SqlContext
from redshare.sql.names import resolve_schema


def alter(session: SqlSession, command: AlterDefaultPrivileges) -> Answer:
    """GRANT or REVOKE for objects to come, of users and, where named, in schemas."""
    context = session.context()
    database: Database = context.current
    if database.source is not None:
        raise SharedOperationNotSupported
    schemas: list[str] = [
        resolve_schema(context, (database.name, name)).schema.schema_id for name in command.schemas
    ]
    for user in _users(context, command):
        for schema in schemas or [""]:
            acl = _changed(context, command, database.default_acl(user, command.kind, schema))
            database = database.with_default_acl(user, command.kind, acl, schema)
    session.change(command.tag, Put(database))
    return Answer(command.tag)


def _users(context: SqlContext, command: AlterDefaultPrivileges) -> list[UserId]:
    if not command.users:
        return [context.user.user_id]
    users = [user_named(context, name).user_id for name in command.users]
    others = set(users) - {context.user.user_id}
    if others and not context.has_system("ALTER DEFAULT PRIVILEGES"):
        raise InsufficientPrivilege("permission denied to alter default privileges")
    return users


def _changed(context: SqlContext, command: AlterDefaultPrivileges, acl: Acl) -> Acl:
    privileges = wanted(command.privileges, PRIVILEGES_OF[command.kind])
    for recipient in command.recipients:
        grantee = grantee_of(context, recipient)
        if command.revoke:
            acl = acl.revoke(
                grantee, privileges, option_only=command.option_only, cascade=command.cascade
            )
        else:
            acl = acl.grant(grantee, privileges, option=recipient.grant_option)
    return acl
