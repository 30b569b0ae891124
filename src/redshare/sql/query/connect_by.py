"""CONNECT BY: a hierarchy of rows, walked by a recursive query. WHERE is applied behind it.

https://docs.aws.amazon.com/redshift/latest/dg/r_CONNECT_BY_clause.html
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlglot import exp

from redshare.sql.parse import syntax_error
from redshare.sql.query.columns import table_alias
from redshare.sql.query.from_ import from_items, place_items
from redshare.sql.query.level import Level
from redshare.sql.raised import raise_node
from redshare.sql.rewrite.rule import present
from redshare.sql.scope import Scope, Source, Visible
from redshare.sql.types import BIGINT, SqlType, engine_cast
from redshare.sql.work import refuse, typed

#: Rows that are their own ancestors would be walked for ever.
_MAX_DEPTH: Final = 1000
_LEVEL: Final = "level"


def bind_hierarchy(level: Level, node: exp.Select, out: exp.Select) -> None:
    """The rows of the hierarchy in FROM's place, with LEVEL; `out` may have a WITH already."""
    clause = node.args["connect"]
    present(clause, "start", "connect")
    if clause.args["connect"].find(exp.Prior) is None:
        raise syntax_error(": CONNECT BY needs PRIOR")
    name = level.work.fresh("h")
    roots = level.within(Scope(level.scope.env, level.scope.parent))
    first = exp.Select()
    place_items(from_items(roots, _from(node)), first)
    columns = [(f"c{place}", v.kind) for place, v in enumerate(roots.scope.columns)]
    first.set("expressions", [*_items(roots.scope.columns), exp.Literal.number(1)])
    if clause.args.get("start") is not None:
        first.set("where", exp.Where(this=roots.condition(clause.args["start"])))
    hierarchy = Visible(_LEVEL, _column(name, _LEVEL, BIGINT))
    parents = _as_seen(roots.scope, name, columns, hierarchy)
    query = exp.Union(
        this=first, expression=_children(level, node, parents, hierarchy, name), distinct=False
    )
    alias = table_alias(name, [*columns, (_LEVEL, BIGINT)])
    cte = exp.CTE(this=query, alias=alias)
    before = out.args.get("with_")
    items = [*(before.expressions if before is not None else []), cte]
    out.set("with_", exp.With(expressions=items, recursive=True))
    table = level.work.own(exp.Table(this=exp.to_identifier(name, quoted=True)))
    out.set("from_", exp.From(this=table))
    level.scope.extend(parents.sources, parents.columns)
    level.scope.pseudo[_LEVEL] = hierarchy


def _from(node: exp.Select) -> exp.Select:
    """A copy of FROM: it is bound for the roots and again for the children."""
    return exp.Select(
        from_=node.args["from_"].copy() if node.args.get("from_") else None,
        joins=[join.copy() for join in node.args.get("joins") or []],
    )


def _children(
    level: Level, node: exp.Select, parents: Scope, depth: Visible, name: str
) -> exp.Select:
    here = level.within(Scope(level.scope.env, level.scope.parent))
    select = exp.Select()
    trees = from_items(here, _from(node))
    here.scope.prior = parents
    below = exp.Add(this=depth.reference(), expression=exp.Literal.number(1))
    here.scope.pseudo[_LEVEL] = Visible(_LEVEL, typed(exp.Paren(this=below), BIGINT))
    place_items(trees, select)
    table = level.work.own(exp.Table(this=exp.to_identifier(name, quoted=True)))
    select.set("joins", [*(select.args.get("joins") or []), exp.Join(this=table, kind="CROSS")])
    select.set("expressions", [*_items(here.scope.columns), engine_cast(below.copy(), BIGINT)])
    condition = here.condition(node.args["connect"].args["connect"])
    near = exp.LT(this=depth.reference(), expression=exp.Literal.number(_MAX_DEPTH))
    loop = raise_node("54001", "CONNECT BY loop in user data")
    bounded = exp.Case(ifs=[exp.If(this=near, true=exp.Boolean(this=True))], default=loop)
    select.set("where", exp.Where(this=exp.And(this=exp.Paren(this=condition), expression=bounded)))
    return select


def _items(columns: Sequence[Visible]) -> list[exp.Expr]:
    return [visible.reference() for visible in columns]


def _as_seen(
    scope: Scope, name: str, columns: Sequence[tuple[str, SqlType]], depth: Visible
) -> Scope:
    """The sources of a scope with the hierarchy's columns behind them."""
    place: dict[int, exp.Expr] = {}
    for visible, (engine, kind) in zip(scope.columns, columns, strict=True):
        place[id(visible)] = _column(name, engine, kind)
    seen = Scope(scope.env, scope.parent)
    sources = []
    for source in scope.sources:
        if any(id(visible) not in place for visible in source.columns):
            raise refuse("CONNECT BY over a join with USING")
        mapped = tuple(Visible(v.name, place[id(v)]) for v in source.columns)
        sources.append(Source(source.alias, mapped, source.path))
    seen.extend(sources, [Visible(v.name, place[id(v)]) for v in scope.columns])
    seen.pseudo[_LEVEL] = depth
    return seen


def _column(table: str, name: str, kind: SqlType) -> exp.Expr:
    column = exp.Column(
        this=exp.to_identifier(name, quoted=True), table=exp.to_identifier(table, quoted=True)
    )
    return typed(column, kind)
