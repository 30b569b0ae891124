"""IN, ANY, ALL, and rows of values beside each other, of one binder's scope."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from sqlglot import exp

from redshare.core.sql_errors import SqlError
from redshare.sql.inference import infer_operands
from redshare.sql.parse import syntax_error
from redshare.sql.rewrite import RULES, arrays, rows
from redshare.sql.rewrite.comparisons import among, comparable
from redshare.sql.rewrite.rule import present
from redshare.sql.scope import Source
from redshare.sql.super.dynamic import any_equal, dynamically
from redshare.sql.types import BOOLEAN, SUPER, UNKNOWN
from redshare.sql.work import refuse, type_of, typed

if TYPE_CHECKING:
    from redshare.sql.expression import Binder


def any_of(node: exp.Expr) -> list[exp.Expr]:
    """The items of ANY (ARRAY[...])."""
    array = node.this.unnest() if isinstance(node, exp.Any) else None
    return array.expressions if isinstance(array, exp.Array) else []


def unwrapped(node: exp.Expr) -> exp.Expr:
    """The query inside plain brackets."""
    while type(node) is exp.Subquery:
        extra = {k for k, v in node.args.items() if v and k != "this"}
        if extra:
            break
        node = node.this
    return node


def value_in(binder: Binder, node: exp.In) -> exp.Expr:
    """A value IN others, or in what a query answers."""
    present(node, "this", "expressions", "query")
    left = binder.bind(node.this)
    query = node.args.get("query")
    if query is not None:
        inner, kinds = binder.nested(unwrapped(query), binder.scope)
        if SUPER in {type_of(left), *kinds}:
            raise refuse("IN of a SUPER value and a subquery; cast it")
        if len(kinds) != 1:
            raise SqlError("subquery has too many columns", "42601")
        binder.work.infer(left, kinds[0])
        left, inner = among(binder.work, left, inner, kinds[0])
        return typed(exp.In(this=left, query=exp.Subquery(this=inner)), BOOLEAN)
    if not node.expressions:
        raise syntax_error(": IN needs values or a query")
    items = [binder.bind(item) for item in node.expressions]
    if SUPER in {type_of(side) for side in (left, *items)}:
        return any_equal(binder.work, left, items)
    left, *items = comparable(binder.work, [left, *items])
    return typed(exp.In(this=left, expressions=items), BOOLEAN)


def _equal(binder: Binder, left: exp.Expr, right: exp.Expr) -> exp.Expr:
    """`left = right` of bound values."""
    node = exp.EQ(this=left, expression=right)
    infer_operands(binder.work, node)
    dynamic = dynamically(binder.work, node, RULES[exp.EQ])
    return RULES[exp.EQ].apply(binder.work, node) if dynamic is None else dynamic


def _row(binder: Binder, node: exp.Expr) -> list[exp.Expr]:
    return [binder.bind(value) for value in rows.values_of(node)]


def row_equal(binder: Binder, node: exp.Expr) -> exp.Expr:
    """Rows on both sides of = or <>."""
    sides = _row(binder, node.this), _row(binder, node.expression)
    found = rows.equal(*sides, partial(_equal, binder))
    return typed(exp.Not(this=found), BOOLEAN) if isinstance(node, exp.NEQ) else found


def row_in(binder: Binder, node: exp.In) -> exp.Expr:
    """A row IN others, or in what a query answers."""
    present(node, "this", "expressions", "query")
    left, same = _row(binder, node.this), partial(_equal, binder)
    query = node.args.get("query")
    if query is None:
        tests = [rows.equal(left, _row(binder, item), same) for item in node.expressions]
        return rows.one_of(tests)
    true, unknown = (_row_exists(binder, left, query.copy(), null=null) for null in (False, True))
    return rows.among(true, unknown)


def _row_exists(binder: Binder, left: list[exp.Expr], query: exp.Expr, *, null: bool) -> exp.Expr:
    """Whether the query has a row equal to `left`, or one of which that is unknown."""
    inner, kinds = binder.nested(unwrapped(query), binder.scope)
    if len(kinds) != len(left):
        few = "few" if len(kinds) < len(left) else "many"
        raise SqlError(f"subquery has too {few} columns", "42601")
    engine = binder.work.fresh("r")
    source = Source.of(engine, [(f"c{at}", kind) for at, kind in enumerate(kinds)], engine)
    test = rows.equal(
        left, [column.reference() for column in source.columns], partial(_equal, binder)
    )
    if null:
        test = exp.Is(this=test, expression=exp.Null())
    names = [exp.to_identifier(column.name, quoted=True) for column in source.columns]
    alias = exp.TableAlias(this=exp.to_identifier(engine, quoted=True), columns=names)
    select = exp.Select(
        expressions=[exp.Literal.number(1)],
        from_=exp.From(this=exp.Subquery(this=inner, alias=alias)),
        where=exp.Where(this=test),
    )
    return exp.Exists(this=select)


def quantified(binder: Binder, node: exp.Expr) -> exp.Expr:
    """ANY or ALL of a query's column, or of an array."""
    present(node, "this")
    if isinstance(node.this, exp.Paren):
        return arrays.quantified(type(node), binder.bind(node.this.this))
    if not isinstance(node.this, exp.Query):
        raise refuse("ANY or ALL of something other than a subquery")
    inner, kinds = binder.nested(unwrapped(node.this), binder.scope)
    kind = kinds[0] if kinds else UNKNOWN
    if len(kinds) != 1:
        raise SqlError("subquery must return only one column", "42601")
    if kind == SUPER:
        raise refuse("ANY or ALL of SUPER values; cast them")
    return typed(type(node)(this=exp.Subquery(this=inner)), kind)
