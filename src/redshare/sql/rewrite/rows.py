"""Rows of values, `(a, b)`: compared value by value, as the engine does not where one is NULL."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlglot import exp

from redshare.core.sql_errors import SqlError
from redshare.sql.types import BOOLEAN
from redshare.sql.work import refuse, typed

Equal = Callable[[exp.Expr, exp.Expr], exp.Expr]


def is_row(node: exp.Expr) -> bool:
    """Whether it is a row, in brackets or not."""
    while isinstance(node, exp.Paren):
        node = node.this
    return isinstance(node, exp.Tuple)


def values_of(node: exp.Expr) -> list[exp.Expr]:
    """The values of a row. Raises for what is none."""
    while isinstance(node, exp.Paren):
        node = node.this
    if not isinstance(node, exp.Tuple):
        raise refuse("a comparison of a row and something else")
    return list(node.expressions)


def equal(left: Sequence[exp.Expr], right: Sequence[exp.Expr], one: Equal) -> exp.Expr:
    """Whether two rows are equal. Raises where they are not equally long."""
    if len(left) != len(right):
        raise SqlError("unequal number of entries in row expressions", "42601")
    found: exp.Expr | None = None
    for a, b in zip(left, right, strict=True):
        test = one(a.copy(), b)
        found = test if found is None else exp.And(this=found, expression=test)
    return typed(exp.Paren(this=found), BOOLEAN)


def one_of(rows: Sequence[exp.Expr]) -> exp.Expr:
    """Whether one of these conditions is true."""
    found, *others = rows
    for other in others:
        found = exp.Or(this=found, expression=other)
    return typed(exp.Paren(this=found), BOOLEAN)


def among(true: exp.Expr, unknown: exp.Expr) -> exp.Expr:
    """Whether a row is in a query: `true` asks for an equal one, `unknown` for one that may be."""
    ifs = [
        exp.If(this=true, true=exp.Boolean(this=True)),
        exp.If(this=unknown, true=exp.Null()),
    ]
    return typed(exp.Case(ifs=ifs, default=exp.Boolean(this=False)), BOOLEAN)
