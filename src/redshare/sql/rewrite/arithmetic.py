"""`+`, `-` and `*` of numbers: the result's type is Redshift's, and what does not fit is an error.

https://docs.aws.amazon.com/redshift/latest/dg/r_numeric_computations201.html
"""

from __future__ import annotations

from typing import Final

from sqlglot import exp

from redshare.core.sql_errors import SqlError
from redshare.sql.rewrite import temporal
from redshare.sql.rewrite.casts import convert
from redshare.sql.rewrite.rule import (
    Rule,
    as_numeric,
    call,
    is_integer,
    is_number,
    joined,
    rule,
)
from redshare.sql.types import (
    DOUBLE,
    INTEGER,
    MAX_PRECISION,
    REAL,
    UNKNOWN,
    SqlType,
    engine_cast,
    numeric,
)
from redshare.sql.work import Work, refuse, type_of, typed

#: Digits that fit the engine's faster integers: two numerics of no more than these it computes
#: in them, however many digits the result needs.
NARROW: Final = 18
_SIGNS: Final[dict[type[exp.Expr], str]] = {
    exp.Add: "+", exp.Sub: "-", exp.Mul: "*", exp.Div: "/", exp.Mod: "%", exp.Pow: "^",
    exp.BitwiseAnd: "&", exp.BitwiseOr: "|", exp.BitwiseXor: "#",
    exp.BitwiseLeftShift: "<<", exp.BitwiseRightShift: ">>",
}  # fmt: skip


def operands(work: Work, node: exp.Expr) -> tuple[exp.Expr, exp.Expr, SqlType]:
    """Both sides as numbers and the type they share. Raises SqlError 42883 for other types."""
    this, other = node.this, node.expression
    left, right = type_of(this), type_of(other)
    if left == UNKNOWN:
        this = convert(work, this, right if is_number(right) else INTEGER)
        left = type_of(this)
    if right == UNKNOWN:
        other = convert(work, other, left if is_number(left) else INTEGER)
        right = type_of(other)
    if not (is_number(left) and is_number(right)):
        sign = _SIGNS.get(type(node), node.key)
        raise SqlError(f"operator does not exist: {left.name} {sign} {right.name}", "42883")
    return this, other, number_type(left, right)


def number_type(left: SqlType, right: SqlType) -> SqlType:
    """The type of a computation; real meets only itself without becoming double precision."""
    return REAL if left == right == REAL else joined([left, right])


def _arithmetic(work: Work, node: exp.Expr) -> exp.Expr:
    if any(temporal.is_temporal(type_of(node.args[key])) for key in ("this", "expression")):
        return temporal.arithmetic(work, node)
    this, other, kind = operands(work, node)
    if kind.name == "numeric":
        return _numeric(node, this, other)
    # The engine gives a literal its neighbour's type; Redshift reads it as an integer.
    this, other = (
        item if type_of(item) == kind and not isinstance(item, exp.Literal)
        else typed(engine_cast(item, kind), kind)
        for item in (this, other)
    )  # fmt: skip
    return typed(type(node)(this=this, expression=other), kind)


def _numeric(node: exp.Expr, this: exp.Expr, other: exp.Expr) -> exp.Expr:
    """The engine's own numeric type of a result is not always the one Redshift documents."""
    left, right = as_numeric(type_of(this)), as_numeric(type_of(other))
    p1, s1, p2, s2 = left.a or 0, left.b or 0, right.a or 0, right.b or 0
    if isinstance(node, exp.Mul):
        kind = numeric(p1 + p2 + 1, s1 + s2)
        if s1 + s2 > MAX_PRECISION - 1:
            raise SqlError("Numeric data overflow (result scale)", "22003")
    else:
        scale = max(s1, s2)
        kind = numeric(max(p1 - s1, p2 - s2) + 1 + scale, scale)
    this, other = (
        item if type_of(item).name == "numeric" and not isinstance(item, exp.Literal)
        else engine_cast(item, as_numeric(type_of(item)))
        for item in (this, other)
    )  # fmt: skip
    if (kind.a or 0) > NARROW and max(p1, p2) <= NARROW:
        this = engine_cast(this, numeric(NARROW + 1, s1))
    bound = exp.Paren(this=type(node)(this=this, expression=other))
    return typed(engine_cast(bound, kind), kind)


def _bits(work: Work, node: exp.Expr) -> exp.Expr:
    this, other = node.this, node.expression
    if type_of(this).name == type_of(other).name == "binary varying":
        raise refuse(f"{_SIGNS[type(node)]} of binary values")
    this, other, kind = operands(work, node)
    if not is_integer(kind):
        sign = _SIGNS[type(node)]
        raise SqlError(
            f"operator does not exist: {type_of(this).name} {sign} {type_of(other).name}", "42883"
        )
    if isinstance(node, (exp.BitwiseLeftShift, exp.BitwiseRightShift)):
        kind = type_of(this)
    this, other = engine_cast(this, kind), engine_cast(other, kind)
    if isinstance(node, exp.BitwiseXor):
        return typed(call("xor", this, other), kind)
    return typed(exp.Paren(this=type(node)(this=this, expression=other)), kind)


def _negative(work: Work, node: exp.Expr) -> exp.Expr:
    inner = node.this
    kind = type_of(inner)
    if kind == UNKNOWN:
        inner = convert(work, inner, INTEGER)
        kind = INTEGER
    if not is_number(kind) and not temporal.is_temporal(kind):
        raise SqlError(f"operator does not exist: - {kind.name}", "42883")
    if isinstance(inner, exp.Literal):
        return typed(exp.Neg(this=inner), kind)
    return typed(exp.Neg(this=exp.Paren(this=inner)), kind)


def _bitwise_not(work: Work, node: exp.Expr) -> exp.Expr:
    inner = convert(work, node.this, INTEGER) if type_of(node.this) == UNKNOWN else node.this
    if not is_integer(type_of(inner)):
        raise SqlError(f"operator does not exist: ~ {type_of(inner).name}", "42883")
    return typed(exp.BitwiseNot(this=exp.Paren(this=inner)), type_of(inner))


def doubles(work: Work, node: exp.Expr) -> exp.Expr:
    """A number or a bare string as double precision."""
    kind = type_of(node)
    if kind != UNKNOWN and not is_number(kind):
        raise SqlError(f"a number is expected, not {kind.name}", "42883")
    return node if kind == DOUBLE else convert(work, node, DOUBLE)


_TWO: Final = ("this", "expression")
RULES: Final[dict[type[exp.Expr], Rule]] = {
    **{kind: rule(_arithmetic, *_TWO) for kind in (exp.Add, exp.Sub, exp.Mul)},
    **{
        kind: rule(_bits, *_TWO)
        for kind in (
            exp.BitwiseAnd,
            exp.BitwiseOr,
            exp.BitwiseXor,
            exp.BitwiseLeftShift,
            exp.BitwiseRightShift,
        )
    },
    exp.Neg: rule(_negative, "this"),
    exp.BitwiseNot: rule(_bitwise_not, "this"),
}
