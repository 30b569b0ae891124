"""CREATE TABLE, CREATE TABLE AS and SELECT INTO, bound: a table of the lake and its relation.

https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_TABLE_NEW.html
https://docs.aws.amazon.com/redshift/latest/dg/r_SELECT_INTO.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime

from sqlglot import exp

from redshare.core.catalog import Change, Put
from redshare.core.ids import RelationId
from redshare.core.plan import WriteVerb
from redshare.core.privileges import Acl, ObjectKind, Privilege
from redshare.core.relation import Column, Relation, RelationKind
from redshare.core.sql_errors import DuplicateObject, FeatureNotSupported, SqlError
from redshare.sql.bound import Bound, engine_plan, generate
from redshare.sql.context import SqlContext
from redshare.sql.ddl.column_syntax import physical, stored
from redshare.sql.ddl.definitions import (
    check_default,
    joining_shares,
    lake_name,
    quoted,
    resolved_new,
)
from redshare.sql.ddl.table_syntax import TableSyntax, read_create_table
from redshare.sql.lex import Statement
from redshare.sql.may import initial_acl
from redshare.sql.names import Resolved, ResolvedSchema, creation_schema, resolve_relation
from redshare.sql.parse import parse
from redshare.sql.query import BoundQuery, Columns, bind_query, distinct, shown, table_alias
from redshare.sql.query.relations import relation_name
from redshare.sql.rewrite.rule import present
from redshare.sql.temporary import is_marked, temporary_place
from redshare.sql.types import engine_cast, engine_type, stored_type
from redshare.sql.views.model import SystemView
from redshare.sql.work import Env, Work


def bind_create_table(
    statement: Statement, context: SqlContext, work: Work, new_id: Callable[[], str], now: datetime
) -> Bound:
    """CREATE TABLE [AS]. Raises SqlError kinds."""
    syntax = read_create_table(statement, case_sensitive=context.case_sensitive)
    place = _place(syntax, context)
    if _taken(syntax, context, place):
        if syntax.if_not_exists:
            return Bound("CREATE TABLE", None)
        raise DuplicateObject(f'Relation "{syntax.name[-1]}" already exists', "42P07")
    relation = _relation(syntax, context, place, RelationId(new_id().replace("-", "")), now)
    if syntax.query is not None:
        tree = parse(syntax.query, case_sensitive=context.case_sensitive)
        return _from_query(syntax, work, place, relation, bind_query(work, tree, Env(context)))
    if syntax.like is not None:
        relation = _like(syntax, context, relation)
    for column in relation.columns:
        check_default(work, context, column)
    found = resolved_new(place, relation)
    plan_sql = f"CREATE TABLE {lake_name(found)} ({', '.join(engine_columns(relation))})"
    return _created(work, found, plan_sql, place, syntax)


def into_of(tree: exp.Expr) -> exp.Into | None:
    """Take the INTO out of a query; in a set operation the first SELECT has it."""
    node = tree
    while isinstance(node, exp.SetOperation):
        node = node.this
    if not isinstance(node, exp.Select):
        return None
    found = node.args.pop("into", None)
    return found if isinstance(found, exp.Into) else None


def bind_select_into(
    tree: exp.Expr,
    into: exp.Into,
    context: SqlContext,
    work: Work,
    new_id: Callable[[], str],
    now: datetime,
) -> Bound:
    """SELECT … INTO [TEMP] t: the table is made as by CREATE TABLE AS."""
    present(into, "this", "temporary")
    name = relation_name(into.this)
    temporary = bool(into.args.get("temporary")) or is_marked(name[-1])
    syntax = TableSyntax(name=name, temporary=temporary)
    place = _place(syntax, context)
    if _taken(syntax, context, place):
        raise DuplicateObject(f'Relation "{name[-1]}" already exists', "42P07")
    relation = _relation(syntax, context, place, RelationId(new_id().replace("-", "")), now)
    bound = _from_query(syntax, work, place, relation, bind_query(work, tree, Env(context)))
    return replace(bound, tag="SELECT")


def _place(syntax: TableSyntax, context: SqlContext) -> ResolvedSchema:
    if syntax.temporary:
        return temporary_place(context, syntax.name[:-1])
    return creation_schema(context, syntax.name[:-1])


def _taken(syntax: TableSyntax, context: SqlContext, place: ResolvedSchema) -> bool:
    return context.catalog.relation_named(place.schema.schema_id, syntax.name[-1]) is not None


def _relation(
    syntax: TableSyntax,
    context: SqlContext,
    place: ResolvedSchema,
    key: RelationId,
    now: datetime,
) -> Relation:
    """Through a share the table belongs to the producer's database and the share's owner."""
    share = place.place.share
    return Relation(
        key,
        place.schema.database,
        place.schema.schema_id,
        syntax.name[-1],
        RelationKind.TABLE,
        context.user.user_id if share is None else share.owner,
        now,
        tuple(syntax.columns),
        tuple(syntax.constraints),
        syntax.diststyle,
        syntax.sortstyle,
        syntax.backup,
        # A producer's default privileges are its own users'.
        acl=initial_acl(context, place.place.storage, place.schema.schema_id, ObjectKind.TABLES)
        if share is None
        else Acl(),
        temporary=syntax.temporary,
    )


def engine_columns(relation: Relation) -> Iterator[str]:
    """The columns as the lake's table is made of them."""
    for column in relation.columns:
        required = "" if column.nullable else " NOT NULL"
        yield f"{quoted(column.name)} {engine_type(stored_type(column.type))}{required}"


def _created(
    work: Work, found: Resolved, sql: str, place: ResolvedSchema, syntax: TableSyntax
) -> Bound:
    parameters = work.finish_parameters()
    if parameters:
        raise SqlError("a table definition cannot have parameters", "42P02")
    work.use(found)
    work.write(found, WriteVerb.DDL)
    plan = engine_plan(work, sql, returns_rows=False)
    changes: list[Change] = [Put(found.relation)]
    if syntax.temporary and work.session.catalog.schema(place.schema.schema_id) is None:
        changes.insert(0, Put(place.schema))
    interleaved = syntax.sortstyle == "INTERLEAVED"
    if found.share is not None and interleaved:
        raise FeatureNotSupported("an interleaved sort key through a datashare is not supported")
    changes += joining_shares(work.session, place, found.relation, shareable=not interleaved)
    return Bound(
        "CREATE TABLE",
        plan,
        uses=frozenset(work.uses),
        wrote_share=work.wrote_share,
        changes=tuple(changes),
    )


def _like(syntax: TableSyntax, context: SqlContext, relation: Relation) -> Relation:
    """(LIKE parent): its columns with NOT NULL, keys and encoding; defaults only on request."""
    assert syntax.like is not None
    parent = resolve_relation(context, syntax.like, needs=(Privilege.SELECT,))
    if isinstance(parent, SystemView):
        raise FeatureNotSupported("CREATE TABLE LIKE a system view is not supported")
    inherited = [
        replace(
            column,
            default=column.default if syntax.like_defaults else None,
            identity=None,
            comment="",
            acl=Acl(),
        )
        for column in parent.relation.columns
    ]
    columns = [*inherited, *syntax.columns]
    if len({column.name for column in columns}) != len(columns):
        raise SqlError("a column is specified more than once", "42701")
    return replace(
        relation,
        columns=tuple(columns),
        diststyle=parent.relation.diststyle,
        sortstyle=parent.relation.sortstyle,
    )


def _from_query(
    syntax: TableSyntax, work: Work, place: ResolvedSchema, relation: Relation, query: BoundQuery
) -> Bound:
    """CREATE TABLE AS: every column is cast to the type the table keeps."""
    columns = named_columns(distinct(shown(query.columns, list(syntax.column_names))))
    made = physical(
        [Column(name, stored(kind)) for name, kind in columns],
        syntax.distkey,
        syntax.sortkey,
        interleaved=syntax.sortstyle == "INTERLEAVED",
    )
    style = "KEY" if syntax.distkey else syntax.diststyle
    relation = replace(relation, columns=tuple(made), diststyle=style)
    found = resolved_new(place, relation)
    work.finish_parameters()
    sql = f"CREATE TABLE {lake_name(found)} AS {generate(stored_rows(query, columns), work)}"
    return _created(work, found, sql, place, syntax)


def stored_rows(query: BoundQuery, columns: Columns) -> exp.Select:
    """A query's rows under these names, in the types a table keeps."""
    source = exp.Subquery(this=query.node, alias=table_alias("source", columns))
    items = [
        exp.Alias(
            this=engine_cast(_source_column(name), stored_type(stored(kind))),
            alias=exp.to_identifier(name, quoted=True),
        )
        for name, kind in columns
    ]
    return exp.Select(expressions=items, from_=exp.From(this=source))


def _source_column(name: str) -> exp.Expr:
    return exp.Column(
        this=exp.to_identifier(name, quoted=True), table=exp.to_identifier("source", quoted=True)
    )


def named_columns(columns: Columns) -> Columns:
    """Columns that can be a table's: each has a name. Raises SqlError."""
    for name, _ in columns:
        if name == "?column?":
            raise SqlError('column "?column?" needs a name in CREATE TABLE AS', "42601")
    return columns
