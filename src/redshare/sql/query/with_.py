"""WITH: each common table expression sees those before it, itself only where it is recursive."""

from __future__ import annotations

from sqlglot import exp

from redshare.core.sql_errors import SqlError
from redshare.sql.query.columns import BoundQuery, Columns, renamed, shown, table_alias
from redshare.sql.query.level import Level
from redshare.sql.rewrite.rule import present
from redshare.sql.scope import Scope
from redshare.sql.work import Cte, Env, Work


def bind_with(level: Level, node: exp.Expr | None) -> tuple[Level, exp.With | None]:
    """The CTEs in order, and the level that sees them."""
    if node is None:
        return level, None
    present(node, "expressions", "recursive")
    recursive = bool(node.args.get("recursive"))
    items = []
    seen: set[str] = set()
    for item in node.expressions:
        present(item, "this", "alias")
        name = item.alias
        if name in seen:
            raise SqlError(f'WITH query name "{name}" specified more than once', "42712")
        seen.add(name)
        env, bound = _cte(level, item, recursive=recursive)
        level = level.within(Scope(env, level.scope.parent))
        items.append(bound)
    return level, exp.With(expressions=items, recursive=recursive)


def _cte(level: Level, item: exp.CTE, *, recursive: bool) -> tuple[Env, exp.CTE]:
    name, internal = item.alias, level.work.fresh("cte")
    names = [c.name for c in item.args["alias"].args.get("columns") or []]
    env, inside = level.scope.env, level
    if recursive and isinstance(item.this, exp.Union):
        itself = Cte(internal, tuple(_seed(level, item, names)))
        inside = level.within(Scope(env.with_cte(name, itself), level.scope.parent))
    bound: BoundQuery = inside.query(item.this)
    columns = shown(bound.columns, names)
    alias = table_alias(internal, renamed(columns, []))
    return env.with_cte(name, Cte(internal, tuple(columns))), exp.CTE(this=bound.node, alias=alias)


def _seed(level: Level, item: exp.CTE, names: list[str]) -> Columns:
    """A recursive CTE's columns are those of its first part, bound once to see them."""
    work = level.work
    trial = Work(work.session, work.new_id, dict(work.parameter_types), work.numerics)
    first = level.bind(trial, item.this.this.copy(), level.scope.env, level.scope.parent)
    return shown(first.columns, names)
