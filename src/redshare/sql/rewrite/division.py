"""`/` and `%`: integers stay integers, numerics are cut off, a zero divisor is an error.

https://docs.aws.amazon.com/redshift/latest/dg/r_numeric_computations201.html
"""

from __future__ import annotations

from typing import Final

from sqlglot import exp

from redshare.sql.rewrite import temporal
from redshare.sql.rewrite.arithmetic import NARROW, operands
from redshare.sql.rewrite.rule import Rule, as_numeric, call, is_integer, joined, rule
from redshare.sql.types import (
    BIGINT,
    FLOATS,
    MAX_PRECISION,
    VARCHAR,
    SqlType,
    engine_cast,
    numeric,
)
from redshare.sql.work import Work, type_of, typed

_MIN_SCALE: Final = 4


def _divide(work: Work, node: exp.Expr) -> exp.Expr:
    if temporal.is_temporal(type_of(node.this)):
        return temporal.arithmetic(work, node)
    this, other, kind = operands(work, node)
    if kind.name == "numeric":
        return quotient(this, type_of(this), other, type_of(other))
    divisor = checked(engine_cast(other, kind))
    if is_integer(kind):
        bound: exp.Expr = exp.IntDiv(this=engine_cast(this, kind), expression=divisor)
        return typed(engine_cast(bound, kind), kind)
    bound = exp.Div(this=engine_cast(this, kind), expression=divisor, typed=True)
    return typed(exp.Paren(this=bound), kind)


def quotient(this: exp.Expr, left: SqlType, other: exp.Expr, right: SqlType) -> exp.Expr:
    """A division of whole numbers, each so many tenths, hundredths, …: nothing is rounded."""
    left, right = as_numeric(left), as_numeric(right)
    kind = quotient_type(left, right)
    s1, s2, scale = left.b or 0, right.b or 0, kind.b or 0
    wide = max(kind.a or 0, (left.a or 0) + scale + s2, (right.a or 0)) > NARROW
    dividend = _units(this, left, s1, wide=wide)
    up = scale - s1 + s2
    if up:
        dividend = exp.Mul(this=dividend, expression=_power(up, wide=wide))
    bound = call("rs_quotient", dividend, _units(other, right, s2, wide=wide), _unit(scale))
    return typed(engine_cast(bound, kind), kind)


def _units(node: exp.Expr, kind: SqlType, scale: int, *, wide: bool) -> exp.Expr:
    """A numeric as a number of its smallest steps."""
    whole = engine_cast(node, kind)
    if not scale:
        return _whole(whole, wide=wide)
    if (kind.a or 0) + scale > MAX_PRECISION:
        # The product below could have too many digits: the text without its point has them all.
        return _whole(call("rs_without_point", engine_cast(whole, VARCHAR)), wide=wide)
    if (kind.a or 0) + scale >= NARROW:
        whole = engine_cast(whole, numeric(max(kind.a or 0, NARROW + 1), scale))
    factor = engine_cast(exp.Literal.number(10**scale), numeric(scale + 1, 0))
    return _whole(exp.Paren(this=exp.Mul(this=whole, expression=factor)), wide=wide)


def _power(exponent: int, *, wide: bool) -> exp.Expr:
    return _whole(exp.Literal.string(str(10**exponent)), wide=wide)


def _whole(node: exp.Expr, *, wide: bool) -> exp.Expr:
    if wide:
        return exp.Cast(this=node, to=exp.DataType.build("HUGEINT", dialect="duckdb"))
    return engine_cast(node, BIGINT)


def _unit(scale: int) -> exp.Expr:
    """The smallest step of a numeric with this scale."""
    text = f"0.{'0' * (scale - 1)}1" if scale else "1"
    return engine_cast(exp.Literal.string(text), numeric(max(scale, 1), scale))


def quotient_units(this: exp.Expr, count: exp.Expr, kind: SqlType) -> exp.Expr:
    """A sum of numerics by a count, cut off at the numeric's own scale; NULL of nothing."""
    scale = kind.b or 0
    units = _units(this, kind, scale, wide=True)
    cut = engine_cast(exp.Paren(this=exp.IntDiv(this=units, expression=count)), numeric(38, 0))
    return exp.Paren(this=exp.Mul(this=cut, expression=_unit(scale)))


def quotient_type(left: SqlType, right: SqlType) -> SqlType:
    """The type of a numeric division."""
    p1, s1, p2, s2 = left.a or 0, left.b or 0, right.a or 0, right.b or 0
    scale = max(_MIN_SCALE, s1 + p2 - s2 + 1)
    precision = p1 - s1 + s2 + scale
    if precision > MAX_PRECISION:
        scale = max(_MIN_SCALE, scale - (precision - MAX_PRECISION))
    return numeric(precision, scale)


def checked(divisor: exp.Expr) -> exp.Expr:
    """The divisor, failing with 22012 where it is zero."""
    return call("rs_divisor", divisor)


def _modulo(work: Work, node: exp.Expr) -> exp.Expr:
    this, other, kind = operands(work, node)
    if kind.name in FLOATS:
        bound = exp.Mod(this=engine_cast(this, kind), expression=checked(engine_cast(other, kind)))
        return typed(exp.Paren(this=bound), kind)
    if kind.name == "numeric":
        kind = joined([as_numeric(type_of(this)), as_numeric(type_of(other))])
    bound = exp.Mod(this=engine_cast(this, kind), expression=checked(engine_cast(other, kind)))
    return typed(engine_cast(exp.Paren(this=bound), kind), kind)


RULES: Final[dict[type[exp.Expr], Rule]] = {
    exp.Div: rule(_divide, "this", "expression", flags=("typed", "safe")),
    exp.Mod: rule(_modulo, "this", "expression"),
}
