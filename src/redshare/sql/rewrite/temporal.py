"""`+`, `-`, `*` and `/` where dates, times or intervals take part."""

from __future__ import annotations

from typing import Final

from sqlglot import exp

from redshare.core.sql_errors import SqlError
from redshare.sql.rewrite.casts import convert
from redshare.sql.rewrite.intervals import interval_text
from redshare.sql.rewrite.rule import is_integer, is_number
from redshare.sql.types import (
    DATE,
    DATETIMES,
    DOUBLE,
    INTEGER,
    INTERVAL,
    INTERVALS,
    TIME,
    TIMESTAMP,
    TIMESTAMPTZ,
    TIMETZ,
    UNKNOWN,
    SqlType,
    engine_cast,
)
from redshare.sql.work import Work, refuse, type_of, typed

_TIMES: Final = frozenset({TIME, TIMETZ})
_SIGNS: Final[dict[type[exp.Expr], str]] = {exp.Add: "+", exp.Sub: "-", exp.Mul: "*", exp.Div: "/"}


def is_temporal(kind: SqlType) -> bool:
    """A date, time, timestamp or interval."""
    return kind.name in DATETIMES or kind in _TIMES or kind in INTERVALS


def arithmetic(work: Work, node: exp.Expr) -> exp.Expr:
    """A sum, difference or product. Raises SqlError 42883 where there is no such operator."""
    this, other = _literals(work, node, node.this, node.expression)
    left, right = type_of(this), type_of(other)
    found: exp.Expr | None = None
    if isinstance(node, exp.Sub):
        found = _minus(this, other, left, right)
    elif isinstance(node, exp.Add):
        found = _plus(this, other, left, right) or _plus(other, this, right, left)
    elif isinstance(node, (exp.Mul, exp.Div)):
        found = _scaled(node, this, other, left, right)
    if found is None:
        if {left, right} & {TIMESTAMP, TIMESTAMPTZ} and (is_integer(left) or is_integer(right)):
            raise refuse("a number of days added to a timestamp, or taken from it,")
        names = f"{left.name} {_SIGNS[type(node)]} {right.name}"
        raise SqlError(f"operator does not exist: {names}", "42883")
    return found


def _literals(
    work: Work, node: exp.Expr, this: exp.Expr, other: exp.Expr
) -> tuple[exp.Expr, exp.Expr]:
    """A bare string is of the type that makes sense beside the other one."""
    left, right = type_of(this), type_of(other)
    if left == UNKNOWN and isinstance(node, exp.Sub) and not isinstance(this, exp.Null):
        this = convert(work, this, right if right.name in DATETIMES else INTERVAL)
    elif UNKNOWN in {left, right}:
        literal = this if left == UNKNOWN else other
        if isinstance(literal, exp.Literal):
            beside = right if left == UNKNOWN else left
            made = _literal(work, node, literal, beside)
            this, other = (made, other) if literal is this else (this, made)
    return this, other


def _literal(work: Work, node: exp.Expr, literal: exp.Expr, beside: SqlType) -> exp.Expr:
    if isinstance(node, exp.Sub) and beside.name in DATETIMES:
        return convert(work, literal, beside)
    if beside in INTERVALS and isinstance(node, (exp.Mul, exp.Div)):
        return convert(work, literal, DOUBLE)
    if beside in INTERVALS:
        try:
            return interval_text(str(literal.this)).node(INTERVAL)
        except SqlError:
            return convert(work, literal, TIMESTAMP)
    return interval_text(str(literal.this)).node(INTERVAL)


def _plus(this: exp.Expr, other: exp.Expr, left: SqlType, right: SqlType) -> exp.Expr | None:
    kind: SqlType | None = None
    if left == DATE and is_integer(right):
        kind, other = DATE, engine_cast(other, INTEGER)
    elif left == DATE and right in _TIMES:
        kind = TIMESTAMP if right == TIME else TIMESTAMPTZ
        if right == TIMETZ:
            moment = exp.Add(this=this, expression=engine_cast(other, TIME))
            return typed(engine_cast(exp.Paren(this=moment), TIMESTAMPTZ), TIMESTAMPTZ)
    elif right in INTERVALS and (left.name in DATETIMES or left in _TIMES or left in INTERVALS):
        kind = TIMESTAMP if left == DATE else left
    if kind is None:
        return None
    return typed(exp.Paren(this=exp.Add(this=this, expression=other)), kind)


def _minus(this: exp.Expr, other: exp.Expr, left: SqlType, right: SqlType) -> exp.Expr | None:
    kind: SqlType | None = None
    if left == right == DATE:
        gone = exp.Paren(this=exp.Sub(this=this, expression=other))
        return typed(engine_cast(gone, INTEGER), INTEGER)
    if left == DATE and is_integer(right):
        kind, other = DATE, engine_cast(other, INTEGER)
    elif left.name in DATETIMES and right.name in DATETIMES:
        kind = INTERVAL
    elif left == right == TIME:
        midnight = exp.Literal.string("2000-01-01")
        this, other = (
            exp.Paren(this=exp.Add(this=engine_cast(midnight.copy(), DATE), expression=item))
            for item in (this, other)
        )
        kind = INTERVAL
    elif right in INTERVALS and (left.name in DATETIMES or left in _TIMES or left in INTERVALS):
        kind = TIMESTAMP if left == DATE else left
    if kind is None:
        return None
    return typed(exp.Paren(this=exp.Sub(this=this, expression=other)), kind)


def _scaled(
    node: exp.Expr, this: exp.Expr, other: exp.Expr, left: SqlType, right: SqlType
) -> exp.Expr | None:
    if isinstance(node, exp.Mul) and right in INTERVALS:
        this, other, left, right = other, this, right, left
    if left not in INTERVALS or not is_number(right):
        return None
    if isinstance(node, exp.Div):
        scaled: exp.Expr = exp.Div(this=this, expression=engine_cast(other, DOUBLE), typed=True)
    else:
        scaled = exp.Mul(this=this, expression=engine_cast(other, DOUBLE))
    return typed(exp.Paren(this=scaled), left)
