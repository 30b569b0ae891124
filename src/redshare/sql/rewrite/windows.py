"""Window functions.

https://docs.aws.amazon.com/redshift/latest/dg/c_Window_functions.html
"""

from __future__ import annotations

from typing import Final

from sqlglot import exp

from redshare.core.sql_errors import FeatureNotSupported, SqlError
from redshare.sql.rewrite.casts import convert
from redshare.sql.rewrite.division import checked
from redshare.sql.rewrite.rule import Rule, is_number, rule, wrong_arguments
from redshare.sql.types import BIGINT, DOUBLE, INTEGER, UNKNOWN, VARCHAR, SqlType, engine_cast
from redshare.sql.work import Work, type_of, typed

_AGGREGATES: Final = (
    exp.Sum, exp.Avg, exp.Count, exp.Min, exp.Max, exp.Stddev, exp.StddevSamp, exp.StddevPop,
    exp.Variance, exp.VariancePop, exp.FirstValue, exp.LastValue, exp.NthValue,
    exp.BitwiseAndAgg, exp.BitwiseOrAgg, exp.LogicalAnd, exp.LogicalOr,
)  # fmt: skip


def check_frame(node: exp.Window) -> None:
    """Redshift has no default frame beside an ORDER BY. Raises SqlError 42601."""
    function = node.this
    while isinstance(function, (exp.Filter, exp.IgnoreNulls, exp.RespectNulls)):
        function = function.this
    if not isinstance(function, _AGGREGATES):
        return
    if node.args.get("order") and not node.args.get("spec"):
        raise SqlError(
            "Aggregate window functions with an ORDER BY clause require a frame clause", "42601"
        )


def _ranked(result: SqlType) -> Rule:
    return rule(lambda _work, node: typed(type(node)(), result))


def _ntile(work: Work, node: exp.Expr) -> exp.Expr:
    return typed(exp.Ntile(this=convert(work, node.this, BIGINT)), BIGINT)


def _valued(node: exp.Expr) -> SqlType:
    kind = type_of(node.this)
    return VARCHAR if kind == UNKNOWN else kind


def _edge(_work: Work, node: exp.Expr) -> exp.Expr:
    return typed(type(node)(this=node.this), _valued(node))


def _nth(work: Work, node: exp.Expr) -> exp.Expr:
    offset = node.args.get("offset")
    if offset is None:
        raise wrong_arguments(node)
    return typed(exp.NthValue(this=node.this, offset=convert(work, offset, BIGINT)), _valued(node))


def _neighbour(work: Work, node: exp.Expr) -> exp.Expr:
    """LAG and LEAD have no default value in Redshift."""
    if node.args.get("default") is not None:
        name = "lag" if isinstance(node, exp.Lag) else "lead"
        raise FeatureNotSupported(f"Default parameter not be supported for window function {name}")
    bound = type(node)(this=node.this)
    if node.args.get("offset") is not None:
        bound.set("offset", convert(work, node.args["offset"], INTEGER))
    return typed(bound, _valued(node))


def _share(_work: Work, node: exp.Expr) -> exp.Expr:
    """RATIO_TO_REPORT: a value by the sum of its window."""
    if len(node.expressions) != 1:
        raise wrong_arguments(node)
    value = node.expressions[0]
    if not is_number(type_of(value)):
        raise SqlError(f"function ratio_to_report({type_of(value).name}) does not exist", "42883")
    total = exp.Sum(this=value)

    def divided(outer: exp.Expr) -> exp.Expr:
        by = checked(engine_cast(outer, DOUBLE))
        ratio = exp.Div(this=engine_cast(value.copy(), DOUBLE), expression=by, typed=True)
        return typed(exp.Paren(this=ratio), DOUBLE)

    total.meta["wrap"] = divided
    return typed(total, DOUBLE)


RULES: Final[dict[type[exp.Expr], Rule]] = {
    exp.RowNumber: _ranked(BIGINT),
    exp.Rank: _ranked(BIGINT),
    exp.DenseRank: _ranked(BIGINT),
    exp.PercentRank: _ranked(DOUBLE),
    exp.CumeDist: _ranked(DOUBLE),
    exp.Ntile: rule(_ntile, "this"),
    exp.Lag: rule(_neighbour, "this", "offset", "default"),
    exp.Lead: rule(_neighbour, "this", "offset", "default"),
    exp.FirstValue: rule(_edge, "this"),
    exp.LastValue: rule(_edge, "this"),
    exp.NthValue: rule(_nth, "this", "offset"),
}
NAMED: Final[dict[str, Rule]] = {
    "ratio_to_report": rule(_share, "expressions", flags=("this",)),
}
