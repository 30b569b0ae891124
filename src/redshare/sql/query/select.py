"""SELECT: its clauses in the order in which names come into sight."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlglot import exp

from redshare.sql.expression import Binder
from redshare.sql.parse import syntax_error
from redshare.sql.query.columns import BoundQuery, Columns
from redshare.sql.query.connect_by import bind_hierarchy
from redshare.sql.query.from_ import Tree, from_items, place_items
from redshare.sql.query.items import select_list
from redshare.sql.query.level import Level
from redshare.sql.query.outer_marks import is_marked, place_marked
from redshare.sql.query.result import check_place, result_clauses
from redshare.sql.query.with_ import bind_with
from redshare.sql.result import origin_of
from redshare.sql.rewrite.rule import present
from redshare.sql.windows import window_parts
from redshare.sql.work import refuse

_CLAUSES: Final = (
    "with_", "kind", "expressions", "from_", "joins", "where", "group", "having", "qualify",
    "windows", "order", "limit", "offset", "distinct", "connect",
)  # fmt: skip


def bind_select(level: Level, node: exp.Select) -> BoundQuery:
    """A SELECT for the engine."""
    present(node, *_CLAUSES)
    if node.args.get("kind"):
        raise refuse(f"SELECT AS {node.args['kind']}")
    level, with_ = bind_with(level, node.args.get("with_"))
    out = exp.Select(with_=with_)
    marked = is_marked(node.args.get("where"))
    trees: list[Tree] = []
    if node.args.get("connect"):
        if marked:
            raise refuse("the operator (+) beside CONNECT BY")
        bind_hierarchy(level, node, out)
    else:
        trees = from_items(level, node)
    if trees and not marked:
        place_items(trees, out)
    expressions = level.expressions
    _windows(node, expressions, out)
    columns, items, grouped = select_list(node, expressions)
    out.set("expressions", items)
    where = node.args.get("where")
    if where is not None:
        rest = place_marked(level, where, trees, out) if marked else level.condition(where.this)
        out.set("where", exp.Where(this=rest) if rest is not None else None)
    _grouping(level, node, out, columns, grouped)
    _distinct(node, out)
    result_clauses(level, node, out, columns)
    return BoundQuery(out, columns, tuple(origin_of(item.this) for item in items))


def _windows(node: exp.Select, expressions: Binder, out: exp.Select) -> None:
    items = []
    for window in node.args.get("windows") or []:
        present(window, "this", "partition_by", "order", "spec")
        bound = window_parts(expressions, window)
        bound.set("this", exp.to_identifier(window.name, quoted=True))
        expressions.scope.windows.add(window.name)
        items.append(bound)
    if items:
        out.set("windows", items)


def _grouping(
    level: Level, node: exp.Select, out: exp.Select, columns: Columns, grouped: Sequence[int]
) -> None:
    group = node.args.get("group")
    if group is not None and group.args.get("all"):
        present(group, "all")
        places = [exp.Literal.number(place) for place in grouped]
        out.set("group", exp.Group(expressions=places) if places else None)
    elif group is not None:
        present(group, "expressions")
        if not group.expressions:
            raise syntax_error(": GROUP BY needs expressions")
        items = [_group_item(level.expressions, item, columns) for item in group.expressions]
        out.set("group", exp.Group(expressions=items))
    for key, kind in (("having", exp.Having), ("qualify", exp.Qualify)):
        clause = node.args.get(key)
        if clause is not None:
            out.set(key, kind(this=level.condition(clause.this)))


def _group_item(expressions: Binder, item: exp.Expr, columns: Columns) -> exp.Expr:
    if isinstance(item, (exp.Rollup, exp.Cube, exp.GroupingSets)):
        present(item, "expressions")
        inner = [_group_item(expressions, e, columns) for e in item.expressions]
        return type(item)(expressions=inner)
    if isinstance(item, exp.Tuple):
        # A set of columns; the empty one groups everything.
        return exp.Tuple(
            expressions=[_group_item(expressions, e, columns) for e in item.expressions]
        )
    check_place("GROUP BY", item, columns)
    place = _alias_place(expressions, item, columns)
    return exp.Literal.number(place) if place else expressions.bind(item)


def _alias_place(expressions: Binder, item: exp.Expr, columns: Columns) -> int:
    """The place of an alias that is no column's name; 0 for anything else."""
    if not isinstance(item, exp.Column) or len(item.parts) != 1:
        return 0
    names = [name for name, _ in columns]
    if any(visible.name == item.name for visible in expressions.scope.columns):
        return 0
    return names.index(item.name) + 1 if names.count(item.name) == 1 else 0


def _distinct(node: exp.Select, out: exp.Select) -> None:
    distinct = node.args.get("distinct")
    if distinct is not None:
        present(distinct)
        out.set("distinct", exp.Distinct())
