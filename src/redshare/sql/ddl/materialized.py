"""CREATE and REFRESH MATERIALIZED VIEW, bound: the query's rows are a table of the lake.

Every refresh computes all rows anew, in one transaction. AUTO REFRESH is kept and not acted on.
https://docs.aws.amazon.com/redshift/latest/dg/materialized-view-create-sql-command.html
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from sqlglot import exp

from redshare.core.catalog import Put
from redshare.core.ids import RelationId
from redshare.core.plan import WriteVerb
from redshare.core.privileges import ObjectKind, Privilege
from redshare.core.relation import Column, Relation, RelationKind
from redshare.core.sql_errors import (
    DuplicateObject,
    InsufficientPrivilege,
    SharedOperationNotSupported,
    SqlError,
)
from redshare.sql.bound import Bound, engine_plan, generate
from redshare.sql.context import SqlContext
from redshare.sql.cursor import Cursor
from redshare.sql.ddl.column_syntax import physical, stored
from redshare.sql.ddl.definitions import joining_shares, lake_name, quoted, resolved_new
from redshare.sql.ddl.table import named_columns, stored_rows
from redshare.sql.ddl.table_syntax import TableSyntax, read_attributes
from redshare.sql.ddl.view import bound_definition
from redshare.sql.dependents import all_dependents
from redshare.sql.lex import Statement
from redshare.sql.may import initial_acl, owns
from redshare.sql.names import Resolved, creation_schema, resolve_relation
from redshare.sql.parse import parse, syntax_error
from redshare.sql.policy.applied import is_protected
from redshare.sql.query import bind_query
from redshare.sql.query.relations import expanded
from redshare.sql.work import Env, Work, refuse


@dataclass(slots=True)
class MaterializedSyntax(TableSyntax):
    """What a CREATE MATERIALIZED VIEW says."""

    auto_refresh: bool = False


def creates_materialized(statement: Statement) -> bool:
    """Whether this is a CREATE MATERIALIZED VIEW."""
    return Cursor(statement).take("CREATE", "MATERIALIZED", "VIEW")


def read_create_materialized(
    statement: Statement, *, case_sensitive: bool = False
) -> MaterializedSyntax:
    """Read the statement. Raises SqlSyntaxError."""
    cursor = Cursor(statement, case_sensitive)
    cursor.expect("CREATE", "MATERIALIZED", "VIEW")
    found = MaterializedSyntax(name=cursor.qualified())
    read_attributes(cursor, found)
    if cursor.take("AUTO", "REFRESH"):
        found.auto_refresh = cursor.peek() == "YES"
        if not (cursor.take("YES") or cursor.take("NO")):
            raise cursor.error()
    read_attributes(cursor, found)
    cursor.expect("AS")
    found.query = cursor.rest()
    return found


def bind_create_materialized(
    statement: Statement, context: SqlContext, work: Work, new_id: Callable[[], str], now: datetime
) -> Bound:
    """CREATE MATERIALIZED VIEW: its first rows are computed now. Raises SqlError kinds."""
    syntax = read_create_materialized(statement, case_sensitive=context.case_sensitive)
    assert syntax.query is not None
    place = creation_schema(context, syntax.name[:-1], system="CREATE OR REPLACE VIEW", local=True)
    if context.catalog.relation_named(place.schema.schema_id, syntax.name[-1]) is not None:
        raise DuplicateObject(f'Relation "{syntax.name[-1]}" already exists', "42P07")
    tree = parse(syntax.query, case_sensitive=context.case_sensitive)
    if not isinstance(tree, exp.Query):
        raise syntax_error(": a materialized view is made of a query")
    if tree.find(exp.Parameter, exp.Placeholder):
        raise SqlError("a view cannot have parameters", "42P02")
    query = bind_query(work, tree, Env(context))
    _require_unprotected(work, context)
    columns = named_columns(query.columns)
    definition, depends = bound_definition(syntax.query.clean, work, crossing=True)
    made = physical(
        [Column(name, stored(kind)) for name, kind in columns],
        syntax.distkey,
        syntax.sortkey,
        interleaved=syntax.sortstyle == "INTERLEAVED",
    )
    relation = Relation(
        RelationId(new_id().replace("-", "")),
        place.schema.database,
        place.schema.schema_id,
        syntax.name[-1],
        RelationKind.MATERIALIZED_VIEW,
        context.user.user_id,
        now,
        tuple(made),
        diststyle="KEY" if syntax.distkey else syntax.diststyle,
        sortstyle=syntax.sortstyle,
        backup=syntax.backup,
        definition=definition.dump(),
        acl=initial_acl(context, place.place.storage, place.schema.schema_id, ObjectKind.TABLES),
        depends=depends,
        auto_refresh=syntax.auto_refresh,
    )
    found = resolved_new(place, relation)
    sql = f"CREATE TABLE {lake_name(found)} AS {generate(stored_rows(query, columns), work)}"
    # What was shared with this namespace is not passed on.
    shareable = not work.uses and syntax.sortstyle != "INTERLEAVED"
    work.use(found)
    work.write(found, WriteVerb.DDL)
    return Bound(
        "CREATE MATERIALIZED VIEW",
        engine_plan(work, sql, returns_rows=False),
        uses=frozenset(work.uses),
        changes=(Put(relation), *joining_shares(context, place, relation, shareable=shareable)),
    )


def bind_refresh(name: tuple[str, ...], context: SqlContext, work: Work) -> Bound:
    """REFRESH MATERIALIZED VIEW of one. Raises SqlError kinds."""
    found = resolve_relation(context, name, needs=(Privilege.SELECT,))
    if not isinstance(found, Resolved) or found.relation.kind is not RelationKind.MATERIALIZED_VIEW:
        raise SqlError(f'"{name[-1]}" is not a materialized view', "42809")
    if found.share is not None:
        raise SharedOperationNotSupported
    if not owns(context, found.relation):
        raise InsufficientPrivilege(f"must be owner of materialized view {name[-1]}")
    return _recomputed(found, context, work)


def _require_unprotected(work: Work, context: SqlContext) -> None:
    """Its rows are everybody's who may read it: no policy is evaluated for them any more.

    What a producer protects was refused before, unless it is open to consumers.
    """
    for key in work.read:
        relation = context.catalog.relation(key)
        database = None if relation is None else context.catalog.database(relation.database)
        if relation is None or database is None:
            continue
        own = database.namespace == context.namespace.namespace_id
        if own and is_protected(context.catalog, relation):
            raise refuse("a materialized view of a relation with row-level security or masking")


def require_not_materialized(
    relation: Relation, context: SqlContext, new_id: Callable[[], str]
) -> None:
    """Raises where a materialized view of the namespace holds rows of the relation."""
    catalog = context.catalog
    known = {view.relation_id for view in all_dependents(catalog, relation.relation_id)}
    for database in catalog.databases(context.namespace.namespace_id):
        for schema in catalog.schemas(database.database_id):
            for view in catalog.relations(schema.schema_id):
                if view.kind is not RelationKind.MATERIALIZED_VIEW:
                    continue
                found = Resolved(database, schema, view, database.lake)
                if view.relation_id in known or relation.relation_id in _read_by(
                    found, context, new_id
                ):
                    raise refuse(
                        "row-level security or masking of a relation that a materialized view reads"
                    )


def _read_by(
    found: Resolved, context: SqlContext, new_id: Callable[[], str]
) -> frozenset[RelationId]:
    work = Work(context, new_id)
    with suppress(SqlError):  # What was read until then is noted all the same.
        expanded(work, found, Env(context), bind_query)
    return frozenset(work.read)


def _recomputed(found: Resolved, context: SqlContext, work: Work) -> Bound:
    relation = found.relation
    query = expanded(work, found, Env(context), bind_query)
    _require_unprotected(work, context)
    if len(query.columns) < len(relation.columns):
        raise SqlError(f"the definition of view {relation.name} no longer fits", "42P16")
    if len(query.columns) > len(relation.columns):
        raise refuse("refreshing a materialized view whose tables have got more columns")
    columns = [
        (column.name, kind)
        for column, (_, kind) in zip(relation.columns, query.columns, strict=True)
    ]
    rows = generate(stored_rows(replace(query, columns=columns), columns), work)
    names = ", ".join(quoted(column.name) for column in relation.columns)
    work.use(found)
    work.write(found, WriteVerb.MERGE)
    table = lake_name(found)
    sql = f"DELETE FROM {table}; INSERT INTO {table} ({names}) {rows}"
    return Bound("REFRESH", engine_plan(work, sql, returns_rows=False), uses=frozenset(work.uses))
