"""Aggregates: the engine's, with Redshift's result types.

A cast of the result belongs outside of OVER, FILTER and WITHIN GROUP: a rule leaves it as `wrap`
beside the node, and whoever closes the call applies it.
https://docs.aws.amazon.com/redshift/latest/dg/c_Aggregate_Functions.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sqlglot import exp

from redshare.core.sql_errors import SqlError
from redshare.sql.rewrite.division import quotient_units
from redshare.sql.rewrite.rule import (
    Rule,
    as_numeric,
    call,
    is_integer,
    is_number,
    require_string,
    rule,
)
from redshare.sql.types import (
    BIGINT,
    BOOLEAN,
    DOUBLE,
    FLOATS,
    INTEGER,
    UNKNOWN,
    VARCHAR,
    SqlType,
    engine_cast,
    numeric,
)
from redshare.sql.work import Work, refuse, type_of, typed


def wrapped(node: exp.Expr, kind: SqlType, inside: Callable[[exp.Expr], exp.Expr]) -> exp.Expr:
    """`node`, to be put into `inside` and cast when it is closed."""
    node.meta["wrap"] = lambda outer: typed(engine_cast(inside(outer), kind), kind)
    return typed(node, kind)


def _itself(node: exp.Expr) -> exp.Expr:
    return node


def _argument(node: exp.Expr) -> SqlType:
    """The type of what is aggregated, DISTINCT or not."""
    return type_of(node.this)


def _sum(_work: Work, node: exp.Expr) -> exp.Expr:
    kind = _argument(node)
    bound = exp.Sum(this=node.this)
    if kind.name in FLOATS:
        return wrapped(bound, DOUBLE, _itself)
    if kind.name in {"smallint", "integer"}:
        return wrapped(bound, BIGINT, _itself)
    if is_number(kind):
        return wrapped(bound, numeric(38, kind.b or 0), _itself)
    raise _no_function("sum", kind)


def _no_function(name: str, kind: SqlType) -> SqlError:
    return SqlError(f"function {name}({kind.name}) does not exist", "42883")


def _avg(_work: Work, node: exp.Expr) -> exp.Expr:
    """The average of integers is an integer, of a numeric one with its scale: both are cut off.

    The engine's own average goes through a double, which does not hold all their digits.
    """
    kind = _argument(node)
    if kind.name in FLOATS:
        return wrapped(exp.Avg(this=node.this), DOUBLE, _itself)
    if not is_number(kind):
        raise _no_function("avg", kind)
    total = exp.Sum(this=node.this)
    if is_integer(kind):
        return wrapped(
            total, BIGINT, lambda outer: exp.IntDiv(this=_huge(outer), expression=_counted(outer))
        )
    result = numeric(38, as_numeric(kind).b or 0)
    return wrapped(total, result, lambda outer: quotient_units(outer, _counted(outer), result))


def _huge(node: exp.Expr) -> exp.Expr:
    return exp.Cast(this=node, to=exp.DataType.build("HUGEINT", dialect="duckdb"))


def _counted(outer: exp.Expr) -> exp.Expr:
    """The number of values in a closed SUM: the same window and filter around COUNT."""
    if isinstance(outer, exp.Sum):
        return exp.Count(this=outer.this)
    return type(outer)(**{**outer.args, "this": _counted(outer.this)})


def _count(_work: Work, node: exp.Expr) -> exp.Expr:
    if isinstance(node.this, exp.Distinct) and len(node.this.expressions) != 1:
        raise refuse("count of several distinct expressions")
    return typed(exp.Count(this=node.this), BIGINT)


def _approximate_count(_work: Work, node: exp.Expr) -> exp.Expr:
    """The exact count is within every error that is allowed."""
    distinct = exp.Distinct(expressions=[node.this])
    return typed(exp.Count(this=distinct), BIGINT)


def _spread(engine: str) -> Rule:
    """Standard deviations and variances are doubles."""

    def apply(_work: Work, node: exp.Expr) -> exp.Expr:
        kind = _argument(node)
        if not is_number(kind):
            raise _no_function(engine, kind)
        if isinstance(node.this, exp.Distinct):
            items = [engine_cast(e, DOUBLE) for e in node.this.expressions]
            return typed(call(engine, exp.Distinct(expressions=items)), DOUBLE)
        return typed(call(engine, engine_cast(node.this, DOUBLE)), DOUBLE)

    return rule(apply, "this")


def _kept(engine: type[exp.Expr]) -> Rule:
    """An aggregate of its argument's type."""
    return rule(lambda _work, node: typed(engine(this=node.this), _argument(node)), "this")


def _extreme(_work: Work, node: exp.Expr) -> exp.Expr:
    kind = _argument(node)
    if kind == BOOLEAN:
        raise _no_function(node.key, kind)
    if kind == UNKNOWN:
        return typed(type(node)(this=engine_cast(node.this, VARCHAR)), VARCHAR)
    return typed(type(node)(this=node.this), kind)


def _bits(engine: str) -> Rule:
    def apply(_work: Work, node: exp.Expr) -> exp.Expr:
        kind = _argument(node)
        if kind == BOOLEAN:
            name = "bool_and" if engine == "bit_and" else "bool_or"
            return wrapped(call(name, node.this), INTEGER, _itself)
        if not is_integer(kind):
            raise _no_function(engine, kind)
        return typed(call(engine, node.this), kind)

    return rule(apply, "this")


def _logical(work: Work, node: exp.Expr) -> exp.Expr:
    work.infer(node.this, BOOLEAN)
    kind = _argument(node)
    if is_integer(kind):
        return typed(type(node)(this=engine_cast(node.this, BOOLEAN)), BOOLEAN)
    if kind not in {BOOLEAN, UNKNOWN}:
        raise _no_function(node.key, kind)
    return typed(type(node)(this=node.this), BOOLEAN)


def _listagg(_work: Work, node: exp.Expr) -> exp.Expr:
    """Without a separator the parts follow each other directly."""
    inner, separator = node.this, node.args.get("separator")
    if isinstance(inner, exp.Distinct) and len(inner.expressions) > 1:
        # The parser puts the separator among the distinct expressions.
        separator = inner.expressions[-1]
        inner = exp.Distinct(expressions=inner.expressions[:-1])
    if isinstance(inner, exp.Distinct):
        inner = exp.Distinct(expressions=[require_string(e) for e in inner.expressions])
    else:
        inner = require_string(inner)
    separator = separator if separator is not None else exp.Literal.string("")
    if not isinstance(separator, exp.Literal):
        raise refuse("listagg with a separator that is not a literal")
    bound = exp.GroupConcat(this=inner, separator=separator)
    return wrapped(bound, VARCHAR, lambda outer: call("rs_listed", outer))


def _grouping(_work: Work, node: exp.Expr) -> exp.Expr:
    bound = exp.Grouping(expressions=node.expressions)
    return typed(engine_cast(bound, INTEGER), INTEGER)


RULES: Final[dict[type[exp.Expr], Rule]] = {
    exp.Sum: rule(_sum, "this"),
    exp.Avg: rule(_avg, "this"),
    exp.Count: rule(_count, "this", flags=("big_int",)),
    exp.Min: rule(_extreme, "this"),
    exp.Max: rule(_extreme, "this"),
    exp.AnyValue: _kept(exp.AnyValue),
    exp.LogicalAnd: rule(_logical, "this"),
    exp.LogicalOr: rule(_logical, "this"),
    exp.ApproxDistinct: rule(_approximate_count, "this"),
    exp.Stddev: _spread("stddev_samp"),
    exp.StddevSamp: _spread("stddev_samp"),
    exp.StddevPop: _spread("stddev_pop"),
    exp.Variance: _spread("var_samp"),
    exp.VariancePop: _spread("var_pop"),
    exp.BitwiseAndAgg: _bits("bit_and"),
    exp.BitwiseOrAgg: _bits("bit_or"),
    exp.GroupConcat: rule(_listagg, "this", "separator"),
    exp.Grouping: rule(_grouping, "expressions"),
}
