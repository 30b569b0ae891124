"""What a statement is on, as the ARN of its audit row names it: kind, database, schema, name.

It is looked for as the statement does it. What is not found, or not for this user, keeps its name
as it was written, behind the session's database.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from dataclasses import dataclass

from redshare.core.sql_errors import SqlError
from redshare.sql.commands import Command
from redshare.sql.commands.function import DropFunction
from redshare.sql.commands.grant import AlterDefaultPrivileges, Grant, GrantRole, GrantSystem
from redshare.sql.commands.objects import (
    AllFunctions,
    AllProcedures,
    AllTables,
    Databases,
    Functions,
    Languages,
    Objects,
    Procedures,
    Schemas,
    Scope,
    Tables,
)
from redshare.sql.commands.policy import (
    AlterPolicy,
    AttachPolicy,
    CreatePolicy,
    DetachPolicy,
    DropPolicy,
    GrantLookup,
)
from redshare.sql.commands.schema import AlterSchema, CreateSchema, DropSchema
from redshare.sql.commands.table import (
    AlterRelation,
    AppendFrom,
    Comment,
    CommentTarget,
    DropRelations,
    RelationKind,
    Truncate,
)
from redshare.sql.commands.user import DropUser
from redshare.sql.commands.values import QName
from redshare.sql.context import SqlContext
from redshare.sql.creation import Creation
from redshare.sql.functions import functions_named
from redshare.sql.names import Resolved, resolve_relation, schemas_of
from redshare.sql.temporary import is_marked
from redshare.sql.views import SystemView


@dataclass(frozen=True, slots=True)
class Subject:
    """`kind` stands in the ARN before the namespace, `path` behind it."""

    kind: str
    path: tuple[str, ...]


def subject_of(context: SqlContext, command: Command, kind: str) -> Subject | None:
    """Of a command, the first where it names several; None where all are the session's own."""
    match command:
        case Grant():
            return _of_objects(context, command.objects)
        case GrantRole() | GrantSystem():
            return Subject(kind, command.roles[:1])
        case AlterDefaultPrivileges():
            return Subject(kind, (context.database.name, *command.schemas[:1]))
        case DropUser():
            return Subject(kind, command.names[:1])
        case CreateSchema():
            name = command.name or (command.authorization or "",)
            return _within(context, "schema", name, 2)
        case AlterSchema():
            return _within(context, "schema", command.name, 2)
        case DropSchema():
            return _within(context, "schema", command.names[0], 2)
        case DropRelations():
            found = "table" if command.kind is RelationKind.TABLE else "view"
            return _of_relations(context, found, command.names)
        case AlterRelation():
            found = "table" if command.kind is RelationKind.TABLE else "view"
            return _of_relations(context, found, (command.name,))
        case AppendFrom() | Truncate():
            return _of_relations(context, "table", (command.name,))
        case Comment():
            return _commented(context, command)
        case DropFunction():
            return _of_function(context, command.function.name)
        case CreatePolicy() | AlterPolicy() | AttachPolicy() | DetachPolicy() | DropPolicy():
            return _within(context, "policy", command.name, 2)
        case GrantLookup():
            return _within(context, "policy", command.policies[0], 2)
        case _:
            name = (getattr(command, "name", ""),)
            return _within(context, kind, name, 2) if kind == "schema" else Subject(kind, name)


def subject_made(context: SqlContext, creation: Creation) -> Subject | None:
    """Of what a statement makes, where it makes it; None of what is the session's own."""
    if creation.temporary:
        return None
    kind = {"TABLE": "table", "FUNCTION": "function"}.get(creation.kind, "view")
    schema = None
    with contextlib.suppress(SqlError):
        schema = next(schemas_of(context, creation.name[:-1]), None)
    if schema is None:
        return _within(context, kind, creation.name, 3)
    return Subject(kind, (schema.place.database.name, schema.schema.name, creation.name[-1]))


def _of_objects(context: SqlContext, objects: Objects) -> Subject | None:
    match objects:
        case Tables(names):
            return _of_relations(context, "table", names)
        case Schemas(names) | AllTables(names) | AllFunctions(names) | AllProcedures(names):
            return _within(context, "schema", names[0], 2)
        case Databases(names):
            return Subject("dbname", names[:1])
        case Functions(functions) | Procedures(functions):
            return _of_function(context, functions[0].name)
        case Languages(names):
            return Subject("language", names[:1])
        case Scope():
            database = objects.database or context.current.name
            if objects.schema is None:
                return Subject("dbname", (database,))
            return Subject("schema", (database, objects.schema))


def _commented(context: SqlContext, command: Comment) -> Subject | None:
    match command.target:
        case CommentTarget.DATABASE:
            return Subject("dbname", command.name[-1:])
        case CommentTarget.SCHEMA:
            return _within(context, "schema", command.name, 2)
        case CommentTarget.FUNCTION:
            return _of_function(context, command.name)
        case CommentTarget.COLUMN:
            return _of_relations(context, "table", (command.name[:-1],))
        case _:
            kind = "view" if command.target is CommentTarget.VIEW else "table"
            return _of_relations(context, kind, (command.table or command.name,))


def _of_relations(context: SqlContext, kind: str, names: Iterable[QName]) -> Subject | None:
    for name in names:
        found = _found(context, name)
        if isinstance(found, Resolved):
            if not found.relation.temporary:
                path = (found.database.name, found.schema.name, found.relation.name)
                return Subject(kind, path)
        elif not (name and is_marked(name[-1])) and name[:-1] != ("pg_temp",):
            return _within(context, kind, name, 3)
    return None


def _of_function(context: SqlContext, name: QName) -> Subject:
    with contextlib.suppress(SqlError):
        for schema in schemas_of(context, name[:-1]):
            if functions_named(context, schema, name[-1]):
                path = (schema.place.database.name, schema.schema.name, name[-1])
                return Subject("function", path)
    return _within(context, "function", name, 3)


def _found(context: SqlContext, name: QName) -> Resolved | SystemView | None:
    try:
        return resolve_relation(context, name)
    except SqlError:
        return None


def _within(context: SqlContext, kind: str, name: QName, parts: int) -> Subject:
    """A name as it was written, in a database."""
    return Subject(kind, name if len(name) >= parts else (context.current.name, *name))
