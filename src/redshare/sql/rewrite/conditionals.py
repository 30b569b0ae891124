"""CASE, NVL, NVL2, DECODE, NULLIF, GREATEST, LEAST.

https://docs.aws.amazon.com/redshift/latest/dg/c_conditional_expressions.html
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlglot import exp

from redshare.sql.rewrite.casts import convert
from redshare.sql.rewrite.comparisons import comparable
from redshare.sql.rewrite.rule import Rule, call, is_string, join, rule, values, wrong_arguments
from redshare.sql.types import BOOLEAN, UNKNOWN, SqlType, engine_cast
from redshare.sql.work import Work, type_of, typed


def chosen(work: Work, items: Sequence[exp.Expr]) -> tuple[list[exp.Expr], SqlType]:
    """Values of which one is the answer, and their type. Raises SqlError 42804."""
    kind = join(items)
    if kind == UNKNOWN:
        return list(items), kind
    return [_of(work, item, kind) for item in items], kind


def _of(work: Work, item: exp.Expr, kind: SqlType) -> exp.Expr:
    work.infer(item, kind)
    if isinstance(item, exp.Null):
        return item
    if is_string(type_of(item)):
        return item if is_string(kind) else convert(work, item, kind)
    return item


def exactly(node: exp.Expr, kind: SqlType) -> exp.Expr:
    """The engine's idea of a numeric's digits may be another one."""
    if kind.name == "numeric":
        return typed(engine_cast(node, kind), kind)
    return typed(node, kind)


def _choice(engine: str) -> Rule:
    def apply(work: Work, node: exp.Expr) -> exp.Expr:
        items, kind = chosen(work, values(node, ("this", "expressions")))
        return exactly(call(engine, *items), kind)

    flags = ("is_nvl", "is_null", "ignore_nulls")
    return rule(apply, "this", "expressions", flags=flags)


def _isnull(work: Work, node: exp.Expr) -> exp.Expr:
    """ISNULL(a, b) is NVL."""
    if len(node.expressions) != 2:
        raise wrong_arguments(node)
    items, kind = chosen(work, node.expressions)
    return exactly(call("coalesce", *items), kind)


def _nvl2(work: Work, node: exp.Expr) -> exp.Expr:
    there = exp.Not(this=exp.Is(this=exp.Paren(this=node.this), expression=exp.Null()))
    (yes, no), kind = chosen(work, [node.args["true"], node.args["false"]])
    return exactly(exp.Case(ifs=[exp.If(this=there, true=yes)], default=no), kind)


def _nullif(work: Work, node: exp.Expr) -> exp.Expr:
    """The first value itself, trailing blanks and all."""
    this, other = comparable(work, [node.this, node.expression])
    if this is node.this:
        kind = type_of(this) if type_of(this) != UNKNOWN else type_of(other)
        return exactly(call("nullif", this, other), kind)
    equal = exp.EQ(this=exp.Paren(this=this), expression=exp.Paren(this=other))
    bound = exp.Case(ifs=[exp.If(this=equal, true=exp.Null())], default=node.this.copy())
    return typed(bound, type_of(node.this))


def case(
    work: Work,
    operand: exp.Expr | None,
    branches: Sequence[tuple[exp.Expr, exp.Expr]],
    default: exp.Expr | None,
) -> exp.Expr:
    """CASE in both forms."""
    tests = [test for test, _ in branches]
    if operand is not None:
        operand, *tests = comparable(work, [operand, *tests])
    else:
        for test in tests:
            work.infer(test, BOOLEAN)
    results = [value for _, value in branches]
    items, kind = chosen(work, results if default is None else [*results, default])
    ifs = [exp.If(this=t, true=v) for t, v in zip(tests, items, strict=False)]
    last = None if default is None else items[-1]
    return exactly(exp.Case(this=operand, ifs=ifs, default=last), kind)


def _decode(work: Work, node: exp.Expr) -> exp.Expr:
    """A NULL matches a NULL, unlike in CASE."""
    subject, *rest = node.expressions
    if len(rest) < 2:
        raise wrong_arguments(node)
    default = rest.pop() if len(rest) % 2 else None
    searches, results = rest[::2], rest[1::2]
    if all(isinstance(search, exp.Literal) for search in searches):
        return case(work, subject, list(zip(searches, results, strict=True)), default)
    subject, *searches = comparable(work, [subject, *searches])
    tests = [
        exp.NullSafeEQ(this=exp.Paren(this=subject.copy()), expression=exp.Paren(this=search))
        for search in searches
    ]
    return case(work, None, list(zip(tests, results, strict=True)), default)


RULES: Final[dict[type[exp.Expr], Rule]] = {
    exp.Coalesce: _choice("coalesce"),
    exp.Greatest: _choice("greatest"),
    exp.Least: _choice("least"),
    exp.Nvl2: rule(_nvl2, "this", "true", "false"),
    exp.Nullif: rule(_nullif, "this", "expression"),
    exp.DecodeCase: rule(_decode, "expressions"),
}
NAMED: Final[dict[str, Rule]] = {
    "isnull": rule(_isnull, "expressions", flags=("this",)),
}
