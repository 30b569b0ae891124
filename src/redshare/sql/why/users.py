"""The consumer's own side: what its user was granted on a shared database and its objects."""

from __future__ import annotations

from redshare.core.database import Database
from redshare.core.explanation import Action, Chain, SqlMend, Step
from redshare.core.lifecycle import Actor
from redshare.core.privileges import Privilege
from redshare.sql.context import SqlContext
from redshare.sql.may import may, may_shared
from redshare.sql.names import Resolved, ResolvedSchema
from redshare.sql.shown_ddl import name_text

_USAGE = (Privilege.USAGE,)


def grant(context: SqlContext, privilege: Privilege, on: str) -> SqlMend:
    """GRANT to the user, by an administrator of its namespace."""
    statement = f"GRANT {privilege} ON {on} TO {name_text(context.user.name)}"
    namespace, database = context.namespace.namespace_id, context.database.name
    return SqlMend(Actor.CONSUMER_SQL, statement, namespace, database)


def explain_database(chain: Chain, subject: SqlContext, database: Database) -> bool:
    """USAGE of a shared database; whether it is held."""
    name = subject.user.name
    held = may(subject, database, Privilege.USAGE)
    chain.say(
        Step.DATABASE_USAGE,
        f"the user {name} has USAGE on it" if held else None,
        f"the user {name} has no USAGE on it",
        grant(subject, Privilege.USAGE, f"DATABASE {name_text(database.name)}"),
    )
    return held


def explain_schema(chain: Chain, subject: SqlContext, found: ResolvedSchema) -> None:
    """USAGE of a schema in a database WITH PERMISSIONS; any other has no such grants."""
    database = found.place.database
    if not _permissions(database):
        return
    held = may_shared(subject, database, found.schema, _USAGE)
    place = f"{name_text(database.name)}.{name_text(found.schema.name)}"
    chain.say(
        Step.SCHEMA_USAGE,
        f"the user {subject.user.name} has USAGE on it" if held else None,
        f"the user {subject.user.name} has no USAGE on it",
        grant(subject, Privilege.USAGE, f"SCHEMA {place}"),
    )


def explain_object(chain: Chain, subject: SqlContext, found: Resolved, action: Action) -> None:
    """The action's privilege on an object in a database WITH PERMISSIONS."""
    if not _permissions(found.database):
        return
    privilege = action.privilege
    held = may_shared(subject, found.database, found.relation, (privilege,))
    place = ".".join(map(name_text, (found.database.name, found.schema.name, found.relation.name)))
    chain.say(
        Step.PRIVILEGE,
        f"the user {subject.user.name} has {privilege} on it" if held else None,
        f"the user {subject.user.name} has no {privilege} on it",
        grant(subject, privilege, place),
    )


def _permissions(database: Database) -> bool:
    return database.source is not None and database.source.with_permissions
