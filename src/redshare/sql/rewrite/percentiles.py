"""MEDIAN, PERCENTILE_CONT and PERCENTILE_DISC, as aggregates and over windows.

The engine has no WITHIN GROUP over a window: the value that is ordered becomes an argument.
https://docs.aws.amazon.com/redshift/latest/dg/r_PERCENTILE_CONT.html
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from sqlglot import exp

from redshare.core.sql_errors import SqlError
from redshare.sql.rewrite.aggregates import wrapped
from redshare.sql.rewrite.rule import Rule, as_numeric, call, is_number, rule
from redshare.sql.types import (
    DATE,
    DATETIMES,
    DOUBLE,
    FLOATS,
    MAX_PRECISION,
    SqlType,
    numeric,
)
from redshare.sql.work import Work, refuse, type_of, typed

_HALF: Final = Decimal("0.5")


def _fraction(node: exp.Expr) -> Decimal:
    """The percentile, a constant between 0 and 1."""
    if isinstance(node, exp.Cast):
        node = node.this
    if not isinstance(node, exp.Literal) or node.args.get("is_string"):
        raise refuse("a percentile that is not a literal")
    found = Decimal(str(node.this))
    if not 0 <= found <= 1:
        raise SqlError("percentile value must be between 0 and 1", "22023")
    return found


def _interpolated(value: exp.Expr, part: Decimal) -> exp.Expr:
    """Of a numeric with so many more digits as the percentile has."""
    kind = type_of(value)
    place = exp.Literal.number(str(part))
    if kind.name in FLOATS:
        return typed(call("quantile_cont", value, place), DOUBLE)
    if kind == DATE or kind.name in DATETIMES:
        return wrapped(call("quantile_cont", value, place), kind, lambda outer: outer)
    if not is_number(kind):
        raise SqlError(f"function percentile_cont({kind.name}) does not exist", "42883")
    result = _digits(as_numeric(kind), part)
    cast = exp.Cast(this=value, to=exp.DataType.build("DOUBLE", dialect="duckdb"))
    return wrapped(call("quantile_cont", cast, place), result, lambda outer: outer)


def _digits(kind: SqlType, part: Decimal) -> SqlType:
    exponent = part.normalize().as_tuple().exponent
    more = max(1, -exponent) if isinstance(exponent, int) else 1
    precision, scale = kind.a or 0, kind.b or 0
    more = min(more, MAX_PRECISION - precision)
    return numeric(precision + more, scale + more)


def _median(_work: Work, node: exp.Expr) -> exp.Expr:
    if isinstance(node.this, exp.Distinct):
        raise refuse("median of distinct values")
    return _interpolated(node.this, _HALF)


def _pending(_work: Work, node: exp.Expr) -> exp.Expr:
    return typed(node, type_of(node.this))


def _within(_work: Work, node: exp.Expr) -> exp.Expr:
    """WITHIN GROUP says what is ordered, and which way."""
    inner, order = node.this, node.expression
    if isinstance(inner, exp.GroupConcat):
        return typed(node, type_of(inner))
    if not isinstance(inner, (exp.PercentileCont, exp.PercentileDisc)):
        raise refuse(f"WITHIN GROUP of {inner.key}")
    if len(order.expressions) != 1:
        raise SqlError(f"{inner.key} has one ORDER BY expression", "42601")
    item = order.expressions[0]
    value, descending = item.this, bool(item.args.get("desc"))
    part = _fraction(inner.this)
    if isinstance(inner, exp.PercentileCont):
        return _interpolated(value, 1 - part if descending else part)
    return _discrete(value, part, descending=descending)


def _discrete(value: exp.Expr, part: Decimal, *, descending: bool) -> exp.Expr:
    """One of the values; the engine counts a negative part from the other end."""
    place: exp.Expr = exp.Literal.number(str(part))
    if descending and part == 0:
        return typed(exp.Max(this=value), type_of(value))
    place = exp.Neg(this=place) if descending else place
    return typed(call("quantile_disc", value, place), type_of(value))


def _approximate(_work: Work, node: exp.Expr) -> exp.Expr:
    """APPROXIMATE PERCENTILE_DISC; the exact one is within every error that is allowed."""
    return _discrete(node.this, _fraction(node.args["quantile"]), descending=False)


RULES: Final[dict[type[exp.Expr], Rule]] = {
    exp.Median: rule(_median, "this"),
    exp.PercentileCont: rule(_pending, "this"),
    exp.PercentileDisc: rule(_pending, "this"),
    exp.ApproxQuantile: rule(_approximate, "this", "quantile"),
    exp.WithinGroup: rule(_within),
}
