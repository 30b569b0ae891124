"""CREATE EXTERNAL SCHEMA … FROM REDSHIFT: a schema of another database under a name of this one.

What it names is looked for at each use, so it survives a share's loss of access, then empty.
https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_EXTERNAL_SCHEMA.html
"""

from __future__ import annotations

from redshare.app.sessions.answer import Answer
from redshare.app.sessions.session import SqlSession
from redshare.core.catalog import Put
from redshare.core.database import ExternalSource, Schema
from redshare.core.ids import SchemaId
from redshare.core.privileges import Privilege
from redshare.core.sql_errors import (
    DuplicateObject,
    FeatureNotSupported,
    InsufficientPrivilege,
    SharedOperationNotSupported,
    SqlError,
)
from redshare.sql.commands.database import CreateExternalSchema
from redshare.sql.may import may
from redshare.sql.names import resolve_database


def create(session: SqlSession, command: CreateExternalSchema) -> Answer:
    """In the current database. The named schema need not be there yet; the database must."""
    context = session.context()
    database = context.current
    if database.source is not None:
        raise SharedOperationNotSupported
    if not may(context, database, Privilege.CREATE):
        raise InsufficientPrivilege(f"permission denied for database {database.name}")
    if command.name.startswith("pg_"):
        raise SqlError(f'unacceptable schema name "{command.name}"', "42939")
    if context.catalog.schema_named(database.database_id, command.name) is not None:
        if command.if_not_exists:
            notice = f'Schema "{command.name}" already exists and will be skipped'
            return Answer(command.tag, notices=(notice,))
        raise DuplicateObject(f'Schema "{command.name}" already exists', "42P06")
    if resolve_database(context, command.database).database_id == database.database_id:
        raise FeatureNotSupported("an external schema of its own database is not supported")
    schema = Schema(
        SchemaId(session.work.ids.hex()),
        database.database_id,
        command.name,
        context.user.user_id,
        external=ExternalSource(command.database, command.schema),
    )
    session.change(command.tag, Put(schema))
    return Answer(command.tag)
