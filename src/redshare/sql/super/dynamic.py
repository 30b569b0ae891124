"""Where a SUPER value stands among an expression's parts: what takes one, and how.

Everything else is refused: no function sees the JSON text for a string.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlglot import exp

from redshare.sql.rewrite.rule import Rule, values
from redshare.sql.super import functions, json_text
from redshare.sql.super.casts import from_super, to_super
from redshare.sql.super.compare import COMPARISONS, compare
from redshare.sql.super.text import choose, is_string, once, string
from redshare.sql.types import BOOLEAN, SUPER, VARCHAR
from redshare.sql.work import Work, refuse, type_of, typed

SUPER_RULES: Final[dict[type[exp.Expr], Rule]] = functions.RULES
SUPER_NAMED: Final[dict[str, Rule]] = {**functions.NAMED, **json_text.NAMED}
#: Rules that answer one of their arguments as it is, or only look whether it is there.
_CARRY: Final = (
    exp.Paren, exp.Count, exp.AnyValue, exp.Lag, exp.Lead, exp.FirstValue, exp.LastValue,
)  # fmt: skip


def dynamically(work: Work, node: exp.Expr, rule: Rule) -> exp.Expr | None:
    """The node's form by dynamic typing; None where its own rule is to make it."""
    children = values(node, rule.children)
    if not any(type_of(child) == SUPER for child in children):
        return None
    match node:
        case _ if isinstance(node, COMPARISONS):
            return compare(work, node)
        case exp.Is() if isinstance(node.expression, exp.Null):
            return None
        case exp.Between():
            return _between(work, node)
        case exp.Like() | exp.ILike() if type_of(node.expression) != SUPER:
            node.set("this", _as_string(node.this))
            return None
        case exp.Coalesce():
            for key in ("this", "expressions"):
                _convert(node, key)
            return None
        case exp.Not():
            node.set("this", truth(node.this))
            return None
        case _ if isinstance(node, _CARRY):
            return None
    if rule in functions.RULES.values() or rule in functions.NAMED.values():
        return None
    name = str(node.this) if isinstance(node, exp.Anonymous) else node.key
    raise refuse(f"{name} of a SUPER value without a cast")


def _convert(node: exp.Expr, key: str) -> None:
    value = node.args.get(key)
    if isinstance(value, list):
        node.set(key, [to_super(item) for item in value])
    elif isinstance(value, exp.Expr):
        node.set(key, to_super(value))


def _as_string(value: exp.Expr) -> exp.Expr:
    """Functions of strings answer NULL for other values."""
    return typed(choose((is_string(once(value)), string(value))), VARCHAR)


def _between(work: Work, node: exp.Expr) -> exp.Expr:
    low = compare(work, exp.GTE(this=node.this.copy(), expression=node.args["low"]))
    high = compare(work, exp.LTE(this=node.this.copy(), expression=node.args["high"]))
    return typed(exp.Paren(this=exp.And(this=low, expression=high)), BOOLEAN)


def any_equal(work: Work, left: exp.Expr, items: Sequence[exp.Expr]) -> exp.Expr:
    """`left IN (items)` where one of them is SUPER."""
    if isinstance(left, exp.Tuple):
        raise refuse("IN of rows with SUPER values")
    found: exp.Expr | None = None
    for item in items:
        if type_of(left) == SUPER or type_of(item) == SUPER:
            one = compare(work, exp.EQ(this=left.copy(), expression=item))
        else:
            one = exp.EQ(this=left.copy(), expression=item)
        found = one if found is None else exp.Or(this=found, expression=one)
    assert found is not None
    return typed(exp.Paren(this=found), BOOLEAN)


def truth(node: exp.Expr) -> exp.Expr:
    """A condition; a SUPER value is one as its cast to boolean."""
    return from_super(node, BOOLEAN) if type_of(node) == SUPER else node


def uniform(nodes: Sequence[exp.Expr]) -> list[exp.Expr]:
    """Values of one result: all of them SUPER as soon as one is."""
    if any(type_of(node) == SUPER for node in nodes):
        return [to_super(node) for node in nodes]
    return list(nodes)
