"""INSERT: VALUES, a query, or DEFAULT VALUES; every column is written, in the table's order."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from redshare.core.plan import WriteVerb
from redshare.core.privileges import Privilege
from redshare.core.relation import Column
from redshare.core.sql_errors import SqlError
from redshare.sql.dml.assigned import (
    as_column,
    assigned,
    check_assignable,
    default_of,
    is_default,
    refused_identity,
)
from redshare.sql.dml.target import columns_named, names_of, target
from redshare.sql.names import Resolved
from redshare.sql.parse import syntax_error
from redshare.sql.query import (
    bind_query,
    bind_with,
    binder,
    relation_name,
    table_alias,
    taken_as,
)
from redshare.sql.rewrite.rule import call, present
from redshare.sql.scope import Scope
from redshare.sql.types import BIGINT, engine_cast, stored_type
from redshare.sql.work import Env, Work, refuse, type_of, typed


def bind_insert(work: Work, node: exp.Insert) -> exp.Expr:
    """INSERT INTO t (…) SELECT … FROM (source): every column is written, in the table's order."""
    present(node, "with_", "this", "expression", "default")
    env = Env(work.session)
    table = node.this
    names: list[str] | None = None
    if isinstance(table, exp.Schema):
        present(table, "this", "expressions")
        if not all(isinstance(item, exp.Identifier) for item in table.expressions):
            raise syntax_error(": a column list has names only")
        names = [item.name for item in table.expressions]
        table = table.this
    if isinstance(table, exp.Table) and table.args.get("alias"):
        raise refuse("an alias of INSERT's table")
    found = target(work.session, relation_name(table), (Privilege.INSERT,))
    columns = columns_named(found.relation, names)
    env, with_ = bind_with(work, node.args.get("with_"), env, None)
    _leave_out_identity(node, columns)
    source, given = _source(work, node, env, columns)
    counted = [c for c in found.relation.columns if c.identity is not None]
    if any(c.name in given and not c.identity_by_default for c in counted):
        raise refused_identity()
    generates = any(c.name not in given for c in counted)
    # Values that follow on those in the table make it depend on what others inserted.
    work.write(found, WriteVerb.MERGE if generates else WriteVerb.INSERT)
    into = exp.Schema(this=work.use(found), expressions=names_of(found.relation.columns))
    items = [_item(work, env, column, given, found) for column in found.relation.columns]
    select = exp.Select(expressions=items, with_=with_)
    if source is not None:
        select.set("from_", exp.From(this=source))
    return exp.Insert(this=into, expression=select)


_ALIAS = "source"


def _leave_out_identity(node: exp.Insert, columns: list[Column]) -> None:
    """DEFAULT for an IDENTITY column is as if the column had not been named."""
    source = node.args.get("expression")
    if not isinstance(source, exp.Values):
        return
    rows = [row.expressions if isinstance(row, exp.Tuple) else [row] for row in source.expressions]
    for place in reversed(range(len(columns))):
        column = columns[place]
        items = [row[place] for row in rows if place < len(row)]
        defaults = sum(is_default(item) for item in items)
        if column.identity is None or not defaults:
            continue
        if defaults < len(items):
            if not column.identity_by_default:
                raise refused_identity()
            raise refuse("values beside DEFAULT for an IDENTITY column")
        del columns[place]
        rows = [row[:place] + row[place + 1 :] for row in rows]
    source.set("expressions", [exp.Tuple(expressions=row) for row in rows])


def _item(
    work: Work, env: Env, column: Column, given: dict[str, exp.Expr], found: Resolved
) -> exp.Expr:
    if column.name in given:
        value = given[column.name]
    elif column.identity is not None:
        return engine_cast(next_identity(work, found, column), stored_type(column.type))
    else:
        value = default_of(work, env, column)
    return assigned(work, value, column)


def next_identity(work: Work, found: Resolved, column: Column) -> exp.Expr:
    """The values behind the furthest one in the table: writers of a table take turns."""
    assert column.identity is not None
    seed, step = column.identity
    name = exp.Column(this=exp.to_identifier(column.name, quoted=True))
    before = engine_cast(exp.Literal.string(str(seed - step)), BIGINT)
    furthest = exp.Max(this=name) if step > 0 else exp.Min(this=name)
    last = exp.Select(
        expressions=[call("coalesce", furthest, before)],
        from_=exp.From(this=work.use(found)),
    )
    row = exp.Window(this=exp.RowNumber(), over="OVER")
    distance = exp.Mul(this=row, expression=exp.Literal.number(abs(step)))
    if step > 0:
        return typed(exp.Add(this=exp.Subquery(this=last), expression=distance), BIGINT)
    return typed(exp.Sub(this=exp.Subquery(this=last), expression=distance), BIGINT)


def _source(
    work: Work, node: exp.Insert, env: Env, columns: list[Column]
) -> tuple[exp.Expr | None, dict[str, exp.Expr]]:
    """The rows to insert, and the column of theirs that fills each column of the table."""
    if node.args.get("default"):
        return None, {}
    source = node.args.get("expression")
    if source is None:
        raise syntax_error(": INSERT needs VALUES or a query")
    if isinstance(source, exp.Values):
        present(source, "expressions")
        rows, width = _rows(work, env, source, columns)
        kinds = [stored_type(column.type) for column in columns[:width]]
    else:
        _expect(work, source, columns)
        bound = bind_query(work, source, env)
        rows, width = bound.node, len(bound.columns)
        for place, column in enumerate(columns[:width]):
            check_assignable(taken_as(bound, place, stored_type(column.type)), column)
        kinds = [kind for _, kind in bound.columns]
    if width > len(columns):
        raise SqlError("INSERT has more expressions than target columns", "42601")
    names = [(f"c{place}", kind) for place, kind in enumerate(kinds)]
    given = {
        column.name: typed(_source_column(name), kind)
        for column, (name, kind) in zip(columns, names, strict=False)
    }
    return exp.Subquery(this=rows, alias=table_alias(_ALIAS, names)), given


def _source_column(name: str) -> exp.Expr:
    return exp.Column(
        this=exp.to_identifier(name, quoted=True), table=exp.to_identifier(_ALIAS, quoted=True)
    )


def _expect(work: Work, source: exp.Expr, columns: Sequence[Column]) -> None:
    """A parameter of the select list goes where its column is."""
    if not isinstance(source, exp.Select):
        return
    for item, column in zip(source.expressions, columns, strict=False):
        inner = item.this if isinstance(item, exp.Alias) else item
        if isinstance(inner, exp.Parameter) and inner.name.isdecimal():
            work.expect(int(inner.name), stored_type(column.type))


def _rows(
    work: Work, env: Env, source: exp.Values, columns: Sequence[Column]
) -> tuple[exp.Expr, int]:
    expressions = binder(work, Scope(env))
    rows: list[exp.Expr] = []
    width = 0
    for row in source.expressions:
        items = row.expressions if isinstance(row, exp.Tuple) else [row]
        if rows and len(items) != width:
            raise SqlError("VALUES lists must all be the same length", "42601")
        width = len(items)
        if width > len(columns):
            raise SqlError("INSERT has more expressions than target columns", "42601")
        bound = []
        for item, column in zip(items, columns, strict=False):
            if is_default(item):
                value = default_of(work, env, column)
            else:
                value = expressions.bind(item)
                work.infer(value, stored_type(column.type))
                check_assignable(type_of(value), column)
            bound.append(value if isinstance(value, exp.Null) else as_column(work, value, column))
        rows.append(exp.Tuple(expressions=bound))
    return exp.Values(expressions=rows), width
