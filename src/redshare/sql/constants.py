"""Queries of nothing but constants: what they answer is known once they are bound."""

from __future__ import annotations

from decimal import Decimal

from sqlglot import exp

from redshare.sql.types import INTEGERS, STRINGS, SqlType
from redshare.sql.work import type_of

Constant = str | int | bool | Decimal | None


def constants(query: exp.Expr) -> tuple[Constant, ...] | None:
    """The one row of a bound query, or None where the engine has something to do."""
    if not isinstance(query, exp.Select) or any(
        value and key != "expressions" for key, value in query.args.items()
    ):
        return None
    row: list[Constant] = []
    for item in query.expressions:
        known = _constant(item.this, type_of(item.this))
        if known is None:
            return None
        row.append(known[0])
    return tuple(row)


def _constant(node: exp.Expr, kind: SqlType) -> tuple[Constant] | None:
    match node:
        case exp.Cast():
            return _cast(node, kind)
        case exp.Boolean():
            return (bool(node.this),)
        case exp.Literal() if node.args.get("is_string"):
            return (str(node.this),) if kind.name in STRINGS else None
        case exp.Literal() if kind.name in INTEGERS:
            return (int(node.this),)
        case exp.Literal() if kind.name == "numeric":
            return (Decimal(node.this),)
    return None


def _cast(node: exp.Cast, kind: SqlType) -> tuple[Constant] | None:
    """Casts that change nothing: of a text to text, of a whole number to a whole number."""
    inner = node.this
    if isinstance(inner, exp.Null):
        return (None,)
    if not isinstance(inner, exp.Literal):
        return None
    is_text = bool(inner.args.get("is_string"))
    if kind.name in STRINGS and is_text:
        return (str(inner.this),)
    if kind.name in INTEGERS and not is_text and str(inner.this).isdecimal():
        number = int(inner.this)
        return (number,) if number < _LIMITS[kind.name] else None
    return None


_LIMITS = {"smallint": 2**15, "integer": 2**31, "bigint": 2**63}
