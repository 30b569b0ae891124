"""Casts to SUPER and from it. From it they are lax: what cannot be cast is NULL.

https://docs.aws.amazon.com/redshift/latest/dg/limitations-super.html
"""

from __future__ import annotations

from typing import Final

from sqlglot import exp

from redshare.core.sql_errors import SqlError
from redshare.sql.raised import raise_node
from redshare.sql.rewrite.rule import call
from redshare.sql.super.text import (
    attempt,
    both,
    choose,
    is_boolean,
    is_number,
    is_string,
    is_whole,
    plain,
    shared,
    starts,
    string,
    text,
)
from redshare.sql.types import (
    BOOLEAN,
    DATE,
    FLOATS,
    INTEGERS,
    STRINGS,
    SUPER,
    TIME,
    TIMESTAMP,
    TIMESTAMPTZ,
    TIMETZ,
    UNKNOWN,
    VARCHAR,
    SqlType,
    engine_cast,
    numeric,
)
from redshare.sql.work import refuse, type_of, typed

_TIMES: Final = frozenset({DATE.name, TIME.name, TIMETZ.name, TIMESTAMP.name, TIMESTAMPTZ.name})
_TRUE: Final = ("t", "true", "y", "yes", "1")
_FALSE: Final = ("f", "false", "n", "no", "0")


def to_super(node: exp.Expr) -> exp.Expr:
    """A value as SUPER."""
    kind = type_of(node)
    if kind == SUPER:
        return node
    if isinstance(node, exp.Null):
        return typed(engine_cast(node, SUPER), SUPER)
    if kind == UNKNOWN or kind.name in STRINGS:
        return typed(shared(engine_cast(node, VARCHAR), _quoted), SUPER)
    if kind.name in INTEGERS or kind.name in {"numeric", BOOLEAN.name}:
        return typed(plain(node), SUPER)
    if kind.name in FLOATS:
        raise refuse(f"a cast of {kind} to super; cast it to numeric first")
    raise SqlError(f"cannot cast type {kind} to super", "42846")


def _quoted(value: exp.Expr) -> exp.Expr:
    """A string as JSON."""
    control = call("contains", value.copy(), call("chr", _one()))
    refused = raise_node("0A000", "the character U+0001 in a SUPER value is not supported")
    return choose((control, refused), default=plain(call("to_json", value)))


def _one() -> exp.Expr:
    return exp.Literal.number(1)


def from_super(value: exp.Expr, kind: SqlType) -> exp.Expr:
    """A SUPER value cast to a type."""
    if kind == SUPER:
        return value
    return typed(shared(value, lambda v: _cast(v, kind)), kind)


def _cast(value: exp.Expr, kind: SqlType) -> exp.Expr:
    if kind.name in STRINGS:
        return _to_string(value, kind)
    if kind == BOOLEAN:
        return _to_boolean(value)
    if kind.name in INTEGERS or kind.name in FLOATS or kind.name == "numeric":
        return _to_number(value, kind)
    if kind.name in _TIMES:
        return choose((is_string(value), attempt(string(value), kind)))
    raise refuse(f"a cast of super to {kind}")


def _to_string(value: exp.Expr, kind: SqlType) -> exp.Expr:
    """Arrays and objects are no strings: JSON_SERIALIZE makes some of them."""
    found: exp.Expr = choose(
        (is_string(value), string(value)), (starts(value, "[", "{"), exp.Null()),
        default=value.copy(),
    )  # fmt: skip
    if kind.a is not None:
        found = call("left", found, exp.Literal.number(kind.a))
    return typed(found, kind)


def _to_boolean(value: exp.Expr) -> exp.Expr:
    words = call("lower", call("trim", string(value)))
    true, false = exp.Boolean(this=True), exp.Boolean(this=False)
    found = choose(
        (is_boolean(value), exp.EQ(this=value.copy(), expression=text("true"))),
        (is_whole(value), exp.NEQ(this=value.copy(), expression=text("0"))),
        (both(is_string(value), _among(words, _TRUE)), true),
        (both(is_string(value), _among(words.copy(), _FALSE)), false),
    )
    return typed(found, BOOLEAN)


def _among(node: exp.Expr, words: tuple[str, ...]) -> exp.Expr:
    return exp.In(this=node, expressions=[text(word) for word in words])


def _to_number(value: exp.Expr, kind: SqlType) -> exp.Expr:
    digits = numeric(1, 0) if kind.name == "numeric" and kind.a is None else kind
    one = engine_cast(_one(), kind)
    zero = engine_cast(exp.Literal.number(0), kind)
    true = exp.EQ(this=value.copy(), expression=text("true"))
    found = choose(
        (is_number(value), attempt(value.copy(), digits)),
        (is_string(value), attempt(call("trim", string(value)), digits)),
        (is_boolean(value), choose((true, one), default=zero)),
    )
    return typed(found, kind)
