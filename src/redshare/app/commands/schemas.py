"""CREATE, ALTER and DROP SCHEMA: schemas are names, their tables keep their storage.

https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_SCHEMA.html
"""

from __future__ import annotations

from dataclasses import replace

from redshare.app.commands.owned import user_named
from redshare.app.sessions.answer import Answer
from redshare.app.sessions.session import SqlSession
from redshare.core.catalog import Drop, Put
from redshare.core.database import Schema
from redshare.core.ids import SchemaId
from redshare.core.privileges import ObjectKind, Privilege
from redshare.core.sql_errors import (
    DuplicateObject,
    InsufficientPrivilege,
    SharedOperationNotSupported,
    SqlError,
    UndefinedSchema,
)
from redshare.sql.commands.schema import AlterSchema, CreateSchema, DropSchema
from redshare.sql.commands.table import DropRelations
from redshare.sql.context import SqlContext
from redshare.sql.ddl.commands import bind_table_command
from redshare.sql.ddl.drop import Dropping, named_as
from redshare.sql.ddl.function import drop_changes
from redshare.sql.may import may, owns
from redshare.sql.names import ResolvedSchema, resolve_database, resolve_schema
from redshare.sql.work import Work


def create(session: SqlSession, command: CreateSchema) -> Answer:
    """CREATE SCHEMA, in the current database or a named local one."""
    context = session.context()
    name = (command.name or (command.authorization or "",))[-1]
    database = context.current
    if command.name is not None and len(command.name) > 1:
        database = resolve_database(context, command.name[0])
    if database.source is not None:
        raise SharedOperationNotSupported
    if not may(context, database, Privilege.CREATE):
        raise InsufficientPrivilege(f"permission denied for database {database.name}")
    if name.startswith("pg_"):
        raise SqlError(f'unacceptable schema name "{name}"', "42939")
    if context.catalog.schema_named(database.database_id, name) is not None:
        if command.if_not_exists:
            notice = f'Schema "{name}" already exists and will be skipped'
            return Answer(command.tag, notices=(notice,))
        raise DuplicateObject(f'Schema "{name}" already exists', "42P06")
    owner = context.user
    if command.authorization is not None:
        owner = user_named(context, command.authorization)
        if owner.user_id != context.user.user_id and not context.user.superuser:
            raise InsufficientPrivilege("must be superuser to create schema for another user")
    schema = Schema(
        SchemaId(session.work.ids.hex()),
        database.database_id,
        name,
        owner.user_id,
        quota=command.quota or "",
    )
    session.change(command.tag, Put(schema), *_joining(context, schema))
    return Answer(command.tag)


def _joining(context: SqlContext, schema: Schema) -> list[Put]:
    """The shares that every schema of the database is in."""
    joined = []
    for share in context.catalog.datashares_of(context.namespace.namespace_id):
        privileges = share.contents.scope(ObjectKind.SCHEMAS)
        if share.database == schema.database and privileges:
            contents = share.contents.grant_schema(schema.schema_id, privileges)
            joined.append(Put(replace(share, contents=contents)))
    return joined


def alter(session: SqlSession, command: AlterSchema) -> Answer:
    """ALTER SCHEMA … RENAME TO, OWNER TO, QUOTA."""
    context = session.context()
    needs = Privilege.ALTER if command.owner is None else None
    schema = _own(context, command.name, needs).schema
    if command.new_name is not None:
        if context.catalog.schema_named(schema.database, command.new_name) is not None:
            raise DuplicateObject(f'Schema "{command.new_name}" already exists', "42P06")
        schema = replace(schema, name=command.new_name)
    if command.owner is not None:
        schema = replace(schema, owner=user_named(context, command.owner).user_id)
    if command.quota is not None:
        schema = replace(schema, quota=command.quota)
    session.change(command.tag, Put(schema))
    return Answer(command.tag)


def drop(session: SqlSession, command: DropSchema) -> Answer:
    """DROP SCHEMA; CASCADE drops what is in it, also out of every datashare."""
    notices = []
    for name in command.names:
        context = session.context()
        try:
            found = _own(context, name, Privilege.DROP)
        except UndefinedSchema:
            if not command.if_exists:
                raise
            notices.append(f'Schema "{name[-1]}" does not exist and will be skipped')
            continue
        if not command.cascade and _holds_something(context, found.schema):
            raise SqlError(
                f"cannot drop schema {found.schema.name} because other objects depend on it",
                "2BP01",
                hint="Use DROP ... CASCADE to drop the dependent objects too.",
            )
        _empty(session, found)
        _leave_shares(session, found.schema)
        session.change(command.tag, Drop(found.schema), *_defaults(session.context(), found.schema))
    return Answer(command.tag, notices=tuple(notices))


def _holds_something(context: SqlContext, schema: Schema) -> bool:
    catalog = context.catalog
    return any(catalog.relations(schema.schema_id)) or any(catalog.functions(schema.schema_id))


def _empty(session: SqlSession, found: ResolvedSchema) -> None:
    """Drop what is in it; the schema's owner may, whoever owns the relation."""
    context = session.context()
    database = found.place.database.name
    for relation in list(context.catalog.relations(found.schema.schema_id)):
        name = (database, found.schema.name, relation.name)
        command = DropRelations(named_as(relation), (name,), if_exists=True, cascade=True)
        bound = bind_table_command(command, session.context(), new_id=session.work.ids.hex)
        session.run_bound(bound)
    for function in list(session.context().catalog.functions(found.schema.schema_id)):
        context = session.context()
        dropping = Dropping(context, Work(context, session.work.ids.hex))
        dropping.drop_dependents(function.function_id)
        dropping.change(*drop_changes(dropping.context, function))
        session.run_bound(dropping.bound("DROP SCHEMA"))


def _leave_shares(session: SqlSession, schema: Schema) -> None:
    context = session.context()
    for share in context.catalog.datashares_of(context.namespace.namespace_id):
        if share.contents.schema(schema.schema_id) is not None:
            contents = share.contents.remove_schema(schema.schema_id)
            session.change("DROP SCHEMA", Put(replace(share, contents=contents)))


def _defaults(context: SqlContext, schema: Schema) -> list[Put]:
    """Default privileges in a schema go with it."""
    database = context.catalog.database(schema.database)
    assert database is not None
    kept = tuple(entry for entry in database.defaults if entry.schema != schema.schema_id)
    return [Put(replace(database, defaults=kept))] if len(kept) < len(database.defaults) else []


def _own(context: SqlContext, name: tuple[str, ...], privilege: Privilege | None) -> ResolvedSchema:
    """A schema the user owns, or holds `privilege` on where one is enough."""
    found = resolve_schema(context, name)
    if found.place.share is not None:
        raise SharedOperationNotSupported
    enough = privilege is not None and may(context, found.schema, privilege)
    if not enough and not owns(context, found.schema):
        raise InsufficientPrivilege(f"must be owner of schema {found.schema.name}")
    return found
