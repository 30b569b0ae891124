"""CREATE VIEW, bound: only the catalogue changes.

A regular view is bound when it is made and keeps its columns; one WITH NO SCHEMA BINDING is only
read, and means what its names mean each time it is used.
https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_VIEW.html
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sqlglot import exp

from redshare.core.catalog import Put
from redshare.core.ids import RelationId
from redshare.core.privileges import ObjectKind
from redshare.core.relation import Column, Relation, RelationKind
from redshare.core.sql_errors import DuplicateObject, InsufficientPrivilege, SqlError
from redshare.sql.bound import Bound, generate
from redshare.sql.context import SqlContext
from redshare.sql.cursor import Cursor
from redshare.sql.ddl.column_syntax import stored
from redshare.sql.ddl.definitions import joining_shares
from redshare.sql.definition import ViewDefinition
from redshare.sql.lex import Statement
from redshare.sql.may import initial_acl, owns
from redshare.sql.names import ResolvedSchema, creation_schema
from redshare.sql.parse import parse, syntax_error
from redshare.sql.query import bind_query, distinct, shown
from redshare.sql.types import UNKNOWN
from redshare.sql.work import Env, Work, refuse

_LATE: Final = ("WITH", "NO", "SCHEMA", "BINDING")
_VIEWS: Final = {RelationKind.VIEW, RelationKind.LATE_BINDING_VIEW}


@dataclass(frozen=True, slots=True)
class ViewSyntax:
    """What a CREATE VIEW says."""

    name: tuple[str, ...]
    query: str
    columns: tuple[str, ...] = ()
    replaces: bool = False
    late_binding: bool = False


def creates_view(statement: Statement) -> bool:
    """Whether this is a CREATE [OR REPLACE] VIEW."""
    cursor = Cursor(statement)
    if not cursor.take("CREATE"):
        return False
    cursor.take("OR", "REPLACE")
    return cursor.peek() == "VIEW"


def read_create_view(statement: Statement, *, case_sensitive: bool = False) -> ViewSyntax:
    """Read the statement. Raises SqlSyntaxError."""
    cursor = Cursor(statement, case_sensitive)
    cursor.expect("CREATE")
    replaces = cursor.take("OR", "REPLACE")
    cursor.expect("VIEW")
    name = cursor.qualified()
    columns = cursor.names() if cursor.peek() == "(" else ()
    cursor.expect("AS")
    first, last = cursor.at, len(cursor.tokens)
    cursor.at = max(last - len(_LATE), first)
    late = cursor.take(*_LATE)
    if late:
        last -= len(_LATE)
    if last <= first:
        raise cursor.error()
    start, end = cursor.tokens[first].start, cursor.tokens[last - 1].end + 1
    return ViewSyntax(name, statement.clean[start:end], columns, replaces, late)


def bind_create_view(
    statement: Statement, context: SqlContext, work: Work, new_id: Callable[[], str], now: datetime
) -> Bound:
    """CREATE [OR REPLACE] VIEW. Raises SqlError kinds."""
    syntax = read_create_view(statement, case_sensitive=context.case_sensitive)
    place = creation_schema(context, syntax.name[:-1], system="CREATE OR REPLACE VIEW", local=True)
    path = context.search_path
    definition = ViewDefinition(syntax.query, path, context.case_sensitive)
    depends: tuple[str, ...] = ()
    tree = parse(definition.statement(), case_sensitive=context.case_sensitive)
    if not isinstance(tree, exp.Query):
        raise syntax_error(": a view is made of a query")
    if tree.find(exp.Parameter, exp.Placeholder):
        raise SqlError("a view cannot have parameters", "42P02")
    if syntax.late_binding:
        columns = _late_columns(syntax)
    else:
        columns = _columns(syntax, tree, work)
        definition, depends = bound_definition(syntax.query, work)
    old = _replaced(syntax, context, place)
    if old is not None:
        _check_replaced(context, old, columns, depends, late_binding=syntax.late_binding)
    relation = Relation(
        RelationId(new_id().replace("-", "")) if old is None else old.relation_id,
        place.schema.database,
        place.schema.schema_id,
        syntax.name[-1],
        RelationKind.LATE_BINDING_VIEW if syntax.late_binding else RelationKind.VIEW,
        context.user.user_id if old is None else old.owner,
        now if old is None else old.created,
        columns,
        definition=definition.dump(),
        depends=depends,
        acl=initial_acl(context, place.place.storage, place.schema.schema_id, ObjectKind.TABLES),
    )
    if old is not None:
        relation = replace(relation, acl=old.acl, comment=old.comment, version=old.version)
    joins = joining_shares(context, place, relation) if old is None else ()
    return Bound("CREATE VIEW", None, changes=(Put(relation), *joins))


def bound_definition(
    query: str, work: Work, *, crossing: bool = False
) -> tuple[ViewDefinition, tuple[str, ...]]:
    """The text with the relations its names have just been found to mean, and all it stands on.

    `crossing`: names may also lead to other databases, and are then looked up again at each use.
    Raises FeatureNotSupported for what ends with the session.
    """
    context = work.session
    local = context.database.database_id
    fixed: dict[tuple[str, ...], str] = {}
    for name, found in work.named.items():
        if found.relation.temporary:
            raise refuse("a view over a temporary table")
        if found.share is None and found.relation.database == local:
            fixed[name] = found.relation.relation_id
        elif not crossing:
            raise refuse("a view over another database without WITH NO SCHEMA BINDING")
    definition = ViewDefinition(query, context.search_path, context.case_sensitive, fixed)
    return definition, tuple(dict.fromkeys([*fixed.values(), *sorted(work.functions)]))


def _check_replaced(
    context: SqlContext,
    old: Relation,
    columns: tuple[Column, ...],
    depends: tuple[str, ...],
    *,
    late_binding: bool,
) -> None:
    """A view that others may stand on keeps its columns, and does not come to read itself."""
    above = {old.relation_id, *(v.relation_id for v in _above(context, old))}
    if above & set(depends):
        raise SqlError(f"infinite recursion detected in view {old.name}", "42P17")
    if late_binding or old.kind is RelationKind.LATE_BINDING_VIEW:
        return
    if len(old.columns) != len(columns):
        raise SqlError("cannot change number of columns in view", "42P16")
    for was, now in zip(old.columns, columns, strict=True):
        if was.name != now.name:
            raise SqlError(f'cannot change name of view column "{was.name}"', "42P16")
        if was.type != now.type:
            raise SqlError(f'cannot change data type of view column "{was.name}"', "42P16")


def _above(context: SqlContext, relation: Relation) -> list[Relation]:
    found: list[Relation] = []
    todo = [relation.relation_id]
    while todo:
        key = todo.pop()
        for other in context.catalog.tables[Relation].values():
            if key in other.depends and other not in found:
                found.append(other)
                todo.append(other.relation_id)
    return found


def _replaced(syntax: ViewSyntax, context: SqlContext, place: ResolvedSchema) -> Relation | None:
    old = context.catalog.relation_named(place.schema.schema_id, syntax.name[-1])
    if old is None:
        return None
    if not syntax.replaces:
        raise DuplicateObject(f'Relation "{old.name}" already exists', "42P07")
    if old.kind not in _VIEWS:
        raise SqlError(f'"{old.name}" is not a view', "42809")
    # What a view says is read in its owner's name: to replace it is its owner's alone.
    if not owns(context, old):
        raise InsufficientPrivilege(f"must be owner of relation {old.name}")
    return old


def _late_columns(syntax: ViewSyntax) -> tuple[Column, ...]:
    """Its columns are known when it is used; only names that were given are kept."""
    return tuple(Column(name, stored(UNKNOWN)) for name in syntax.columns)


def _columns(syntax: ViewSyntax, tree: exp.Expr, work: Work) -> tuple[Column, ...]:
    """Bind the query once: it must be right now, and stay within its own database."""
    query = bind_query(work, tree, Env(work.session))
    generate(query.node, work)
    columns = distinct(shown(query.columns, list(syntax.columns)))
    return tuple(Column(name, stored(kind)) for name, kind in columns)
