"""Oracle's outer joins: conditions with (+) in WHERE, made into LEFT JOINs.

https://docs.aws.amazon.com/redshift/latest/dg/r_WHERE_oracle_outer.html
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlglot import exp

from redshare.core.sql_errors import SqlError
from redshare.sql.query.from_ import Tree
from redshare.sql.query.level import Level
from redshare.sql.scope import Source
from redshare.sql.types import BOOLEAN
from redshare.sql.work import refuse, typed


def is_marked(where: exp.Expr | None) -> bool:
    """Whether (+) stands in this WHERE, its subqueries aside."""
    return where is not None and any(_marked(where.this))


def _marked(node: exp.Expr) -> list[exp.Column]:
    found = node.find_all(exp.Column)
    return [column for column in found if column.args.get("join_mark")]


@dataclass(slots=True)
class _Optional:
    """A table whose columns are marked: the other one of its join, and the conditions."""

    base: Source | None = None
    conditions: list[exp.Expr] = field(default_factory=list)


def place_marked(
    level: Level, where: exp.Expr, trees: Sequence[Tree], out: exp.Expr
) -> exp.Expr | None:
    """FROM with its outer joins into `out`; answers what is left of WHERE, bound."""
    if any(tree.joins or len(tree.sources) != 1 for tree in trees):
        raise refuse("the operator (+) beside a join in FROM")
    optional: dict[str, _Optional] = {}
    rest: list[exp.Expr] = []
    for condition in _conjuncts(where.this):
        if _marked(condition):
            _sorted(level, condition, optional)
        else:
            rest.append(condition)
    _place(level, trees, optional, out)
    return _all(level, rest)


def _conjuncts(node: exp.Expr) -> list[exp.Expr]:
    found: list[exp.Expr] = []
    waiting = [node]
    while waiting:
        item = waiting.pop()
        if isinstance(item, exp.And):
            waiting += [item.expression, item.this]
        elif isinstance(item, exp.Paren) and isinstance(item.this, exp.And):
            waiting.append(item.this)
        else:
            found.append(item)
    return found


def _sorted(level: Level, condition: exp.Expr, optional: dict[str, _Optional]) -> None:
    """File a condition under the table that its marks name."""
    if condition.find(exp.Or, exp.In) is not None:
        raise SqlError("Outer join operator (+) not allowed in operand of OR or IN.", "0A000")
    if condition.find(exp.Query) is not None:
        raise refuse("the operator (+) in a condition with a subquery")
    marked: dict[str, Source] = {}
    plain: dict[str, Source] = {}
    for column in condition.find_all(exp.Column):
        source = level.scope.owner(tuple(part.name for part in column.parts))
        if source is None:
            raise refuse("the operator (+) in a condition on something other than columns of FROM")
        (marked if column.args.get("join_mark") else plain)[source.alias] = source
        column.set("join_mark", None)
    if len(marked) != 1 or len(plain) > 1:
        raise SqlError("A table may be outer joined to at most one other table.", "0A000")
    (name,) = marked
    if name in plain:
        raise refuse("the operator (+) on some columns only of a table in a condition")
    kept = optional.setdefault(name, _Optional())
    kept.conditions.append(condition)
    for base in plain.values():
        if kept.base is not None and kept.base.alias != base.alias:
            raise SqlError("A table may be outer joined to at most one other table.", "0A000")
        kept.base = base


def _place(
    level: Level, trees: Sequence[Tree], optional: dict[str, _Optional], out: exp.Expr
) -> None:
    """The plain tables first, then each marked one behind the table it hangs on."""
    first = [tree for tree in trees if tree.sources[0].alias not in optional]
    waiting = [tree for tree in trees if tree.sources[0].alias in optional]
    if not first:
        raise refuse("the operator (+) on every table")
    out.set("from_", exp.From(this=first[0].node()))
    joins = [exp.Join(this=tree.node(), kind="CROSS") for tree in first[1:]]
    placed = {tree.sources[0].alias for tree in first}
    while waiting:
        for tree in waiting:
            name = tree.sources[0].alias
            kept = optional[name]
            if kept.base is None:
                raise refuse("the operator (+) without a join condition")
            if kept.base.alias in placed:
                on = _all(level, kept.conditions)
                joins.append(exp.Join(this=tree.node(), side="LEFT", on=on))
                placed.add(name)
                waiting.remove(tree)
                break
        else:
            raise refuse("the operator (+) in a circle of joins")
    out.set("joins", joins)


def _all(level: Level, conditions: Sequence[exp.Expr]) -> exp.Expr | None:
    bound: exp.Expr | None = None
    for condition in conditions:
        one = exp.Paren(this=level.condition(condition))
        bound = one if bound is None else typed(exp.And(this=bound, expression=one), BOOLEAN)
    return bound
