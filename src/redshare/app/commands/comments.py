"""COMMENT ON: kept with its object.

https://docs.aws.amazon.com/redshift/latest/dg/r_COMMENT.html
"""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from redshare.app.sessions.answer import Answer
from redshare.app.sessions.session import SqlSession
from redshare.core.catalog import Change, Put
from redshare.core.database import Database, Schema
from redshare.core.function import Function
from redshare.core.relation import Relation, RelationKind
from redshare.core.sql_errors import (
    InsufficientPrivilege,
    SharedOperationNotSupported,
    SqlError,
    UndefinedColumn,
    UndefinedObject,
)
from redshare.sql.commands.table import Comment, CommentTarget
from redshare.sql.context import SqlContext
from redshare.sql.ddl.function import find_function
from redshare.sql.may import owns
from redshare.sql.names import Resolved, resolve_database, resolve_relation, resolve_schema


def comment(session: SqlSession, command: Comment) -> Answer:
    """Keep the text, or remove it with IS NULL or an empty one."""
    session.change(command.tag, _changed(session.context(), command))
    return Answer(command.tag)


def _changed(context: SqlContext, command: Comment) -> Change:
    text = command.text or ""
    match command.target:
        case CommentTarget.TABLE | CommentTarget.VIEW:
            return Put(replace(_relation(context, command), comment=text))
        case CommentTarget.COLUMN:
            return Put(_on_column(context, command, text))
        case CommentTarget.CONSTRAINT:
            return Put(_on_constraint(context, command, text))
        case CommentTarget.SCHEMA:
            found = resolve_schema(context, command.name)
            if found.place.share is not None:
                raise SharedOperationNotSupported
            _require_owner(context, found.schema, "schema")
            return Put(replace(found.schema, comment=text))
        case CommentTarget.DATABASE:
            database = resolve_database(context, command.name[-1])
            _require_owner(context, database, "database")
            return Put(replace(database, comment=text))
        case CommentTarget.FUNCTION:
            function = find_function(context, command.name, command.arguments)
            _require_owner(context, function, "function")
            return Put(replace(function, comment=text))
        case _:
            assert_never(command.target)


def _relation(context: SqlContext, command: Comment) -> Relation:
    """The named table or view, as what it is called."""
    relation = _owned_relation(context, command.name)
    is_view = relation.kind is not RelationKind.TABLE
    if is_view != (command.target is CommentTarget.VIEW):
        wanted = str(command.target).lower()
        raise SqlError(f'"{relation.name}" is not a {wanted}', "42809")
    return relation


def _owned_relation(context: SqlContext, name: tuple[str, ...]) -> Relation:
    found = resolve_relation(context, name)
    if not isinstance(found, Resolved):
        raise InsufficientPrivilege(f"permission denied for relation {found.name}")
    if found.share is not None:
        raise SharedOperationNotSupported
    _require_owner(context, found.relation, "relation")
    return found.relation


def _on_column(context: SqlContext, command: Comment, text: str) -> Relation:
    if len(command.name) < 2:
        raise SqlError("a column is named with its table", "42601")
    relation, name = _owned_relation(context, command.name[:-1]), command.name[-1]
    if relation.column(name) is None:
        raise UndefinedColumn(f'column "{name}" of relation "{relation.name}" does not exist')
    columns = (replace(c, comment=text) if c.name == name else c for c in relation.columns)
    return replace(relation, columns=tuple(columns))


def _on_constraint(context: SqlContext, command: Comment, text: str) -> Relation:
    assert command.table is not None
    relation, name = _owned_relation(context, command.table), command.name[-1]
    if not any(relation.constraint_name(c) == name for c in relation.constraints):
        raise UndefinedObject(f'constraint "{name}" for table "{relation.name}" does not exist')
    constraints = (
        replace(c, comment=text) if relation.constraint_name(c) == name else c
        for c in relation.constraints
    )
    return replace(relation, constraints=tuple(constraints))


def _require_owner(
    context: SqlContext, entity: Database | Schema | Relation | Function, kind: str
) -> None:
    if not owns(context, entity):
        raise InsufficientPrivilege(f"must be owner of {kind} {entity.name}")
