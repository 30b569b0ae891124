"""PIVOT and UNPIVOT behind a relation: conditional aggregates, and a row for each column.

https://docs.aws.amazon.com/redshift/latest/dg/r_FROM_clause-pivot-unpivot-examples.html
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlglot import exp

from redshare.core.sql_errors import SqlError, UndefinedColumn
from redshare.sql.parse import syntax_error
from redshare.sql.query.columns import Columns, renamed, shown, table_alias
from redshare.sql.query.level import Level
from redshare.sql.rewrite.rule import joined, present
from redshare.sql.scope import Scope, Source
from redshare.sql.types import SUPER, UNKNOWN, VARCHAR, engine_cast
from redshare.sql.work import refuse, type_of

_AGGREGATES: Final = (exp.Count, exp.Sum, exp.Min, exp.Max, exp.Avg)
_PARTS: Final = (
    "expressions", "fields", "unpivot", "include_nulls", "alias", "columns",
    # What the parser would name the columns; we name them ourselves.
    "pivot_column_naming",
)  # fmt: skip


def pivoted(
    level: Level, pivots: Sequence[exp.Expr], inner: exp.Expr, source: Source
) -> tuple[exp.Expr, Source]:
    """The relation `inner`, seen as `source`, turned; and what that brings into sight."""
    if len(pivots) != 1:
        raise refuse("PIVOT or UNPIVOT of another one")
    (pivot,) = pivots
    present(pivot, *_PARTS)
    inside = level.within(Scope(level.scope.env))
    inside.scope.add(source)
    if len(pivot.args.get("fields") or []) != 1:
        raise refuse("PIVOT over several columns")
    turn = _unpivot if pivot.args.get("unpivot") else _pivot
    select, columns = turn(inside, pivot, source)
    select.set("from_", exp.From(this=inner, joins=None))
    return _derived(level, pivot, select, columns)


def _derived(
    level: Level, pivot: exp.Expr, select: exp.Select, columns: Columns
) -> tuple[exp.Expr, Source]:
    alias = pivot.args.get("alias")
    engine = level.work.fresh("p")
    name = alias.name if alias is not None and alias.name else engine
    names = [c.name for c in alias.args.get("columns") or []] if alias is not None else []
    unique = renamed(columns, [])
    for item, (engine_name, _) in zip(select.expressions, unique, strict=True):
        item.set("alias", exp.to_identifier(engine_name, quoted=True))
    source = Source.of(
        name, shown(columns, names), engine, engine_names=[name for name, _ in unique]
    )
    return exp.Subquery(this=select, alias=table_alias(engine, unique)), source


# --- PIVOT --------------------------------------------------------------------------------------


def _pivot(inside: Level, pivot: exp.Expr, source: Source) -> tuple[exp.Select, Columns]:
    if len(pivot.expressions) != 1:
        raise refuse("PIVOT with several aggregates")
    (aggregate,) = pivot.expressions
    suffix = ""
    if isinstance(aggregate, exp.Alias):
        aggregate, suffix = aggregate.this, f"_{aggregate.alias}"
    if not isinstance(aggregate, _AGGREGATES):
        raise refuse("PIVOT with an aggregate other than COUNT, SUM, MIN, MAX and AVG")
    field = pivot.args["fields"][0]
    present(field, "this", "expressions")
    wanted = field.this
    if not isinstance(wanted, exp.Column) or len(wanted.parts) != 1:
        raise refuse("PIVOT FOR something other than a column")
    used = {wanted.name, *(column.name for column in aggregate.find_all(exp.Column))}
    columns: Columns = []
    items: list[exp.Expr] = []
    for visible in source.columns:
        if visible.name not in used:
            columns.append((visible.name, visible.kind))
            items.append(exp.Alias(this=visible.reference()))
    groups = [item.this.copy() for item in items]
    for value in field.expressions:
        name, node = _value(inside, value)
        bound = inside.expressions.bind(_conditional(aggregate, wanted, node))
        columns.append((name + suffix, type_of(bound)))
        items.append(exp.Alias(this=bound))
    if not field.expressions:
        raise syntax_error(": PIVOT needs values")
    group = exp.Group(expressions=groups) if groups else None
    return exp.Select(expressions=items, group=group), columns


def _value(inside: Level, value: exp.Expr) -> tuple[str, exp.Expr]:
    """A value of the IN list, and the column's name."""
    node, alias = value, ""
    if isinstance(value, exp.PivotAlias):
        node, alias = value.this, value.args["alias"].name
    if node.find(exp.Column, exp.Query) is not None:
        raise SqlError("PIVOT IN list values cannot be column references or subqueries", "0A000")
    match node:
        case exp.Literal():
            default = str(node.this)
        case exp.Null():
            default = "null"
        case _:
            default = "?column?"
    return alias or inside.work.session.folded(default), node


def _conditional(aggregate: exp.Expr, column: exp.Expr, value: exp.Expr) -> exp.Expr:
    """The aggregate over the rows whose column has this value."""
    test = exp.Is if isinstance(value, exp.Null) else exp.EQ
    condition = test(this=column.copy(), expression=value.copy())
    this = aggregate.this
    distinct = isinstance(this, exp.Distinct)
    if distinct:
        if len(this.expressions) != 1:
            raise refuse("PIVOT with several distinct expressions")
        this = this.expressions[0]
    result = exp.Literal.number(1) if isinstance(this, exp.Star) else this.copy()
    argument: exp.Expr = exp.Case(ifs=[exp.If(this=condition, true=result)])
    if distinct:
        argument = exp.Distinct(expressions=[argument])
    found = aggregate.copy()
    found.set("this", argument)
    return found


# --- UNPIVOT ------------------------------------------------------------------------------------


def _unpivot(inside: Level, pivot: exp.Expr, source: Source) -> tuple[exp.Select, Columns]:
    field = pivot.args["fields"][0]
    present(field, "this", "expressions")
    if len(pivot.expressions) != 1 or not isinstance(pivot.expressions[0], exp.Identifier):
        raise refuse("UNPIVOT into several value columns")
    if not isinstance(field.this, exp.Identifier):
        raise refuse("UNPIVOT FOR something other than a name")
    labels, values, used = [], [], set()
    for item in field.expressions:
        label, column = _input(item)
        visible = source.column(column)
        if visible is None:
            raise UndefinedColumn(f'column "{column}" does not exist')
        labels.append(label)
        values.append(visible)
        used.add(column)
    kind = joined([visible.kind for visible in values])
    if kind in {UNKNOWN, SUPER}:
        raise refuse(f"UNPIVOT of {kind} columns")
    number = inside.work.fresh("n")
    rows = [
        exp.Tuple(expressions=[exp.Literal.number(place), exp.Literal.string(label)])
        for place, label in enumerate(labels)
    ]
    place, name = (_column(number, part) for part in ("place", "name"))
    ifs = [
        exp.If(
            this=exp.EQ(this=place.copy(), expression=exp.Literal.number(at)),
            true=engine_cast(visible.reference(), kind),
        )
        for at, visible in enumerate(values)
    ]
    value = exp.Case(ifs=ifs)
    rest = [visible for visible in source.columns if visible.name not in used]
    columns: Columns = [
        *((visible.name, visible.kind) for visible in rest),
        (field.this.name, VARCHAR),
        (pivot.expressions[0].name, kind),
    ]
    items = [visible.reference() for visible in rest] + [name, value]
    select = exp.Select(expressions=[exp.Alias(this=item) for item in items])
    numbers = exp.Subquery(
        this=exp.Values(expressions=rows),
        alias=table_alias(number, [("place", UNKNOWN), ("name", UNKNOWN)]),
    )
    select.set("joins", [exp.Join(this=numbers, kind="CROSS")])
    if not pivot.args.get("include_nulls"):
        there = exp.Not(this=exp.Is(this=exp.Paren(this=value.copy()), expression=exp.Null()))
        select.set("where", exp.Where(this=there))
    return select, columns


def _input(item: exp.Expr) -> tuple[str, str]:
    """The text for an input column's rows, and the column's name."""
    label = ""
    if isinstance(item, exp.PivotAlias):
        item, label = item.this, item.args["alias"].name
    if not isinstance(item, exp.Column) or len(item.parts) != 1:
        raise refuse("UNPIVOT of something other than columns")
    return label or item.name, item.name


def _column(table: str, name: str) -> exp.Expr:
    return exp.Column(
        this=exp.to_identifier(name, quoted=True), table=exp.to_identifier(table, quoted=True)
    )
