"""Literals: what a string is shows where it stands, what a number is in its digits."""

from __future__ import annotations

import re
from typing import Final

from sqlglot import exp

from redshare.core.sql_errors import SqlError
from redshare.sql.parse import syntax_error
from redshare.sql.types import BIGINT, DOUBLE, INTEGER, UNKNOWN, engine_cast, numeric
from redshare.sql.work import typed

_NUMBER: Final = re.compile(r"\d+(\.\d*)?([eE][+-]?\d+)?|\.\d+([eE][+-]?\d+)?")


def literal(node: exp.Literal) -> exp.Expr:
    """Raises SqlError 22003 where no number is so large."""
    text = str(node.this)
    if node.args.get("is_string"):
        return typed(exp.Literal.string(text), UNKNOWN)
    if not _NUMBER.fullmatch(text):
        raise syntax_error(f': "{text[:20]}" is not a number')
    number_ = exp.Literal.number(text)
    if "e" in text.lower():
        if float(text) == float("inf"):
            raise SqlError("value out of range: overflow", "22003")
        return typed(number_, DOUBLE)
    whole, _, fraction = text.partition(".")
    if fraction or "." in text:
        digits = len(whole.lstrip("0")) + len(fraction)
        if digits > 38:
            raise SqlError("numeric field overflow", "22003")
        return typed(number_, numeric(max(digits, len(fraction), 1), len(fraction)))
    number = int(whole) if len(whole) <= 38 else None
    if number is None:
        raise SqlError("numeric field overflow", "22003")
    if number < 2**31:
        return typed(number_, INTEGER)
    if number < 2**63:
        return typed(number_, BIGINT)
    kind = numeric(len(str(number)), 0)
    return typed(engine_cast(exp.Literal.string(str(number)), kind), kind)
