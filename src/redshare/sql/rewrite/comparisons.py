"""Comparisons: what is compared becomes of one type, and trailing blanks of strings do not count.

https://docs.aws.amazon.com/redshift/latest/dg/r_Character_types.html
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlglot import exp

from redshare.core.sql_errors import SqlError
from redshare.sql.inference import infer_alike
from redshare.sql.rewrite import temporal
from redshare.sql.rewrite.casts import convert
from redshare.sql.rewrite.rule import (
    Rule,
    call,
    is_number,
    is_string,
    require_string,
    rule,
)
from redshare.sql.types import (
    BOOLEAN,
    INTERVALS,
    TIME,
    TIMETZ,
    UNKNOWN,
    VARBYTE,
    SqlType,
    numeric,
)
from redshare.sql.work import Work, type_of, typed

_CLOCKS: Final = frozenset({TIME, TIMETZ})
#: Digits of a fraction that text in a column may have beside a numeric.
_COMPUTED_FRACTION: Final = 12


def comparable(work: Work, nodes: Sequence[exp.Expr]) -> list[exp.Expr]:
    """The values as they are compared with each other. Raises SqlError 42883."""
    infer_alike(work, nodes)
    known = [type_of(n) for n in nodes if type_of(n) != UNKNOWN]
    if any(_family(kind) is None for kind in known):
        return list(nodes)
    others = [kind for kind in known if not is_string(kind)]
    if others:
        wanted = _wanted(others)
        return [_as(work, node, wanted) for node in nodes]
    return [unpadded(node) for node in nodes]


def among(work: Work, left: exp.Expr, query: exp.Expr, kind: SqlType) -> tuple[exp.Expr, exp.Expr]:
    """A value and the query of one column that it is looked for in, as they are compared."""
    column = typed(
        exp.Column(
            this=exp.to_identifier("c0", quoted=True),
            table=exp.to_identifier("among", quoted=True),
        ),
        kind,
    )
    bound, other = comparable(work, [left, column])
    if other is column:
        return bound, query
    alias = exp.TableAlias(
        this=exp.to_identifier("among", quoted=True),
        columns=[exp.to_identifier("c0", quoted=True)],
    )
    source = exp.Subquery(this=query, alias=alias)
    return bound, exp.Select(expressions=[other], from_=exp.From(this=source))


def _family(kind: SqlType) -> str | None:
    """Types of one family are compared by the engine; None is a type of which nothing is said."""
    if is_number(kind):
        return "number"
    if temporal.is_temporal(kind):
        return "interval" if kind in INTERVALS else "time" if kind in _CLOCKS else "moment"
    if is_string(kind):
        return "string"
    return kind.name if kind.name in {BOOLEAN.name, VARBYTE.name} else None


def _wanted(kinds: Sequence[SqlType]) -> SqlType:
    """What strings are read as beside values of these types."""
    first = kinds[0]
    for kind in kinds[1:]:
        if _family(kind) != _family(first):
            raise SqlError(f"operator does not exist: {first.name} = {kind.name}", "42883")
    return first


def _as(work: Work, node: exp.Expr, wanted: SqlType) -> exp.Expr:
    kind = type_of(node)
    if not is_string(kind) or isinstance(node, exp.Null):
        return node
    if wanted.name == "numeric":
        # No digit of the text may be lost, or unlike numbers would compare equal.
        scale = max(wanted.b or 0, _fraction(node))
        return convert(work, node, numeric(38, min(scale, 37)))
    return convert(work, node, wanted)


def _fraction(node: exp.Expr) -> int:
    if isinstance(node, exp.Literal):
        return len(str(node.this).strip().partition(".")[2])
    return _COMPUTED_FRACTION


def unpadded(node: exp.Expr) -> exp.Expr:
    """A string without trailing blanks; a character has none to begin with."""
    kind = type_of(node)
    if not is_string(kind) or kind.name == "character" or isinstance(node, exp.Null):
        return node
    if isinstance(node, exp.Literal):
        return typed(exp.Literal.string(str(node.this).rstrip(" ")), kind)
    return typed(call("rtrim", node, exp.Literal.string(" ")), kind)


def _compare(work: Work, node: exp.Expr) -> exp.Expr:
    this, other = node.this, node.expression
    if isinstance(other, (exp.Any, exp.All)) and isinstance(other.this, exp.Subquery):
        this, query = among(work, this, other.this.this, type_of(other))
        other = type(other)(this=exp.Subquery(this=query))
        return typed(type(node)(this=_bracketed(this), expression=other), BOOLEAN)
    if isinstance(this, exp.Tuple) or isinstance(other, (exp.Any, exp.All)):
        return typed(node, BOOLEAN)
    if isinstance(node, exp.EQ):
        near = _padded_equal(this, other) or _padded_equal(other, this)
        if near is not None:
            return typed(near, BOOLEAN)
    this, other = comparable(work, [this, other])
    return typed(type(node)(this=_bracketed(this), expression=_bracketed(other)), BOOLEAN)


def _padded_equal(this: exp.Expr, other: exp.Expr) -> exp.Expr | None:
    """A column that is a literal but for blanks: bounds that the engine looks up in its statistics.

    `!` follows the blank, so nothing that is equal lies outside of them.
    """
    varying = isinstance(this, exp.Column) and type_of(this).name == "character varying"
    if not varying or not isinstance(other, exp.Literal) or not other.args.get("is_string"):
        return None
    text = str(other.this).rstrip(" ")
    low = exp.GTE(this=this, expression=exp.Literal.string(text))
    high = exp.LT(this=this.copy(), expression=exp.Literal.string(f"{text}!"))
    same = exp.EQ(this=unpadded(this.copy()), expression=exp.Literal.string(text))
    both = exp.And(this=exp.And(this=low, expression=high), expression=same)
    return exp.Paren(this=both)


def _bracketed(node: exp.Expr) -> exp.Expr:
    binary = isinstance(node, (exp.Binary, exp.Not))
    return typed(exp.Paren(this=node), type_of(node)) if binary else node


def _distinct(work: Work, node: exp.Expr) -> exp.Expr:
    this, other = comparable(work, [node.this, node.expression])
    same = exp.NullSafeEQ(this=_bracketed(this), expression=_bracketed(other))
    if isinstance(node, exp.NullSafeEQ):
        return typed(same, BOOLEAN)
    return typed(exp.Not(this=exp.Paren(this=same)), BOOLEAN)


def _between(work: Work, node: exp.Expr) -> exp.Expr:
    this, low, high = comparable(work, [node.this, node.args["low"], node.args["high"]])
    this, low, high = _bracketed(this), _bracketed(low), _bracketed(high)
    return typed(exp.Between(this=this, low=low, high=high), BOOLEAN)


def _is(work: Work, node: exp.Expr) -> exp.Expr:
    """IS NULL, IS TRUE, IS UNKNOWN."""
    this = node.this
    if isinstance(node.expression, exp.Boolean):
        this = convert(work, this, BOOLEAN) if type_of(this) == UNKNOWN else this
    return typed(exp.Is(this=_bracketed(this), expression=node.expression), BOOLEAN)


def _text_compared(work: Work, node: exp.Expr) -> exp.Expr:
    """BPCHARCMP, BTTEXT_PATTERN_CMP: -1, 0 or 1."""
    if len(node.expressions) != 2:
        raise SqlError(f"function {node.this} needs two arguments", "42883")
    this, other = (require_string(item) for item in node.expressions)
    if node.this == "bpcharcmp":
        this, other = comparable(work, [this, other])
    return typed(call("rs_cmp", this, other), SqlType("integer"))


_TWO: Final = ("this", "expression")
RULES: Final[dict[type[exp.Expr], Rule]] = {
    **{kind: rule(_compare, *_TWO) for kind in (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE)},
    exp.NullSafeEQ: rule(_distinct, *_TWO),
    exp.NullSafeNEQ: rule(_distinct, *_TWO),
    exp.Is: rule(_is, *_TWO),
    exp.Between: rule(_between, "this", "low", "high"),
}
NAMED: Final[dict[str, Rule]] = {
    name: rule(_text_compared, "expressions", flags=("this",))
    for name in ("bpcharcmp", "bttext_pattern_cmp")
}
