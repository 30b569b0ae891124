"""Dynamic typing: comparisons of SUPER values with others and with each other.

`=` of values of different types is false; `<` and the like are NULL.
https://docs.aws.amazon.com/redshift/latest/dg/query-super.html
"""

from __future__ import annotations

from typing import Final

from sqlglot import exp

from redshare.sql.raised import raise_node
from redshare.sql.rewrite.rule import call
from redshare.sql.rewrite.rule import is_number as is_numeric
from redshare.sql.super.casts import to_super
from redshare.sql.super.text import (
    attempt,
    both,
    choose,
    has_fraction,
    is_boolean,
    is_number,
    is_string,
    is_whole,
    number,
    once,
    starts,
    string,
    text,
)
from redshare.sql.types import (
    BOOLEAN,
    DOUBLE,
    STRINGS,
    SUPER,
    UNKNOWN,
    VARCHAR,
    engine_cast,
    numeric,
)
from redshare.sql.work import Work, refuse, type_of, typed

_MIRROR: Final[dict[type[exp.Expr], type[exp.Expr]]] = {
    exp.EQ: exp.EQ, exp.NEQ: exp.NEQ, exp.LT: exp.GT, exp.LTE: exp.GTE, exp.GT: exp.LT,
    exp.GTE: exp.LTE,
}  # fmt: skip
COMPARISONS: Final = tuple(_MIRROR)


def compare(work: Work, node: exp.Expr) -> exp.Expr:
    """A comparison one of whose sides is SUPER."""
    left, right, kind = node.this, node.expression, type(node)
    if isinstance(left, (exp.Any, exp.All)) or isinstance(right, (exp.Any, exp.All)):
        raise refuse("a comparison of a SUPER value with ANY or ALL; cast it")
    if isinstance(left, exp.Null) or isinstance(right, exp.Null):
        return typed(engine_cast(exp.Null(), BOOLEAN), BOOLEAN)
    if type_of(left) == SUPER and type_of(right) == SUPER:
        return _two(once(left), once(right), kind)
    if type_of(left) != SUPER:
        left, right, kind = right, left, _MIRROR[kind]
    work.infer(right, VARCHAR)
    if type_of(right) == SUPER:
        return _two(once(left), once(to_super(right)), kind)
    return _with_scalar(once(left), once(right), kind)


def _otherwise(value: exp.Expr, kind: type[exp.Expr]) -> exp.Expr:
    """What a comparison of different types is."""
    if kind in {exp.EQ, exp.NEQ}:
        null = exp.Is(this=value.copy(), expression=exp.Null())
        return choose((null, exp.Null()), default=exp.Boolean(this=kind is exp.NEQ))
    return exp.Null()


def _with_scalar(value: exp.Expr, other: exp.Expr, kind: type[exp.Expr]) -> exp.Expr:
    known = type_of(other)
    rest = _otherwise(value, kind)
    if known == UNKNOWN or known.name in STRINGS:
        test = is_string(value)
        found = kind(this=_trimmed(string(value)), expression=_trimmed(other))
    elif known == BOOLEAN:
        true = exp.EQ(this=value.copy(), expression=text("true"))
        test, found = is_boolean(value), kind(this=exp.Paren(this=true), expression=other)
    elif is_numeric(known):
        test, found = is_number(value), _numbers(value, other, kind)
    else:
        raise refuse(f"a comparison of super and {known}; cast it")
    null = exp.Is(this=other.copy(), expression=exp.Null())
    return typed(choose((null, exp.Null()), (test, found), default=rest), BOOLEAN)


def _trimmed(node: exp.Expr) -> exp.Expr:
    """Blanks at the end do not count."""
    return call("rtrim", node.copy(), text(" "))


def _numbers(value: exp.Expr, other: exp.Expr, kind: type[exp.Expr]) -> exp.Expr:
    """Whole numbers are compared with all their digits."""
    whole = kind(this=attempt(value.copy(), numeric(38, 0)), expression=other.copy())
    double = kind(this=number(value), expression=engine_cast(other.copy(), DOUBLE))
    return choose((is_whole(value), whole), default=double)


def _two(left: exp.Expr, right: exp.Expr, kind: type[exp.Expr]) -> exp.Expr:
    whole = numeric(38, 0)
    numbers = choose(
        (
            both(is_whole(left), is_whole(right)),
            kind(this=attempt(left.copy(), whole), expression=attempt(right.copy(), whole)),
        ),
        default=kind(this=number(left), expression=number(right)),
    )
    strings = kind(this=_trimmed(string(left)), expression=_trimmed(string(right)))
    booleans = kind(this=left.copy(), expression=right.copy())
    branches = [
        (both(is_number(left), is_number(right)), numbers),
        (both(is_string(left), is_string(right)), strings),
        (both(is_boolean(left), is_boolean(right)), booleans),
    ]
    null = exp.Or(
        this=exp.Is(this=left.copy(), expression=exp.Null()),
        expression=exp.Is(this=right.copy(), expression=exp.Null()),
    )
    if kind in {exp.EQ, exp.NEQ}:
        branches += _deep(left, right, kind)
        rest: exp.Expr = exp.Boolean(this=kind is exp.NEQ)
    else:
        rest = exp.Null()
    return typed(choose((null, exp.Null()), *branches, default=rest), BOOLEAN)


def _deep(left: exp.Expr, right: exp.Expr, kind: type[exp.Expr]) -> list[tuple[exp.Expr, exp.Expr]]:
    """Arrays and objects: equal texts are equal; others where order and scale cannot matter."""
    same = exp.EQ(this=left.copy(), expression=right.copy())
    parts = [both(starts(left, sign), starts(right, sign)) for sign in "[{"]
    alike = exp.Paren(this=exp.Or(this=parts[0], expression=parts[1]))
    unsure = exp.Or(
        this=exp.Or(
            this=call("contains", left.copy(), text("{")),
            expression=call("contains", right.copy(), text("{")),
        ),
        expression=exp.Or(this=has_fraction(left.copy()), expression=has_fraction(right.copy())),
    )
    refused = raise_node(
        "0A000", "a comparison of SUPER objects, or of arrays of them, is not supported"
    )
    return [
        (same, exp.Boolean(this=kind is exp.EQ)),
        (both(alike, exp.Paren(this=unsure)), refused),
    ]


def order_keys(value: exp.Expr) -> list[exp.Expr]:
    """Keys of the order boolean, number, string, array, object."""
    once(value)
    ranks = [is_boolean, is_number, is_string]
    places = [(test(value), exp.Literal.number(place)) for place, test in enumerate(ranks, start=1)]
    places += [
        (starts(value, sign), exp.Literal.number(place)) for place, sign in enumerate("[{", start=4)
    ]
    return [
        choose(*places),
        choose((is_number(value), number(value))),
        choose((is_string(value), string(value)), default=value.copy()),
    ]
