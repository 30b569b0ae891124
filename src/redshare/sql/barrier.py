"""A barrier between the rows that row-level security hides and what a statement computes.

The engine tests the conditions on a row in an order of its own. What can fail, and says so of the
value it failed for, is not to meet a row before the policies have let it through.
https://docs.aws.amazon.com/redshift/latest/dg/t_rls_performance.html
"""

from __future__ import annotations

from typing import Final

from sqlglot import exp

_MARK: Final = "hides_rows"
#: No row is behind it, and the engine moves no condition across a LIMIT.
_EVERY_ROW: Final = 2**63 - 1
#: What never fails, whatever the row; all else may where it is given something of a row.
_SAFE: Final = (
    exp.Select, exp.SetOperation, exp.Subquery, exp.Values, exp.With, exp.CTE, exp.From, exp.Join,
    exp.Where, exp.Group, exp.Having, exp.Order, exp.Ordered, exp.Limit, exp.Offset, exp.Distinct,
    exp.Table, exp.TableAlias, exp.Alias, exp.Star, exp.Column, exp.Identifier, exp.Insert,
    exp.Schema, exp.Literal, exp.Boolean, exp.Null, exp.Paren, exp.Tuple, exp.And, exp.Or, exp.Not,
    exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Is, exp.NullSafeEQ, exp.Between, exp.In,
    exp.Exists, exp.Any, exp.All, exp.Case, exp.If, exp.Count, exp.Min, exp.Max,
)  # fmt: skip


def hiding(select: exp.Select) -> exp.Select:
    """A query whose WHERE is the policies of a relation."""
    select.meta[_MARK] = True
    return select


def raise_barriers(tree: exp.Expr) -> None:
    """Where something may fail, the policies come first in each query that hides rows."""
    if not may_fail(tree):
        return
    for select in tree.find_all(exp.Select):
        if select.meta.get(_MARK):
            select.set("limit", exp.Limit(expression=exp.Literal.number(_EVERY_ROW)))


def may_fail(node: exp.Expr) -> bool:
    """Whether a bound tree computes something of a row that can fail, policies apart."""
    if not isinstance(node, _SAFE):
        return node.find(exp.Column, exp.Query) is not None
    policies = node.args.get("where") if node.meta.get(_MARK) else None
    return any(may_fail(part) for part in node.iter_expressions() if part is not policies)


def guarded(policies: exp.Expr, condition: exp.Expr) -> exp.Expr:
    """Both on a row of a written table: the condition only where the policies are met."""
    if not may_fail(condition):
        return exp.And(this=policies, expression=exp.Paren(this=condition))
    return exp.Case(
        ifs=[exp.If(this=policies, true=exp.Paren(this=condition))],
        default=exp.Boolean(this=False),
    )
