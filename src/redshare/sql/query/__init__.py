"""Queries: SELECT, set operations, VALUES and WITH, level by level with their scopes.

A part of a query gets its `Level`, through which it binds the queries nested in it.
"""

from __future__ import annotations

from sqlglot import exp

from redshare.sql.expression import Binder
from redshare.sql.query import from_, with_
from redshare.sql.query.columns import BoundQuery, Columns, distinct, renamed, shown, table_alias
from redshare.sql.query.level import Level
from redshare.sql.query.output import output_name
from redshare.sql.query.relations import relation_name
from redshare.sql.query.select import bind_select
from redshare.sql.query.set_operation import bind_bracketed, bind_set_operation
from redshare.sql.query.untyped import taken_as
from redshare.sql.query.values import bind_values
from redshare.sql.scope import Scope
from redshare.sql.work import Env, Work, refuse

__all__ = [
    "BoundQuery", "Columns", "Level", "bind_from", "bind_query", "bind_with", "binder", "distinct",
    "level", "output_name", "relation_name", "renamed", "shown", "table_alias", "taken_as",
]  # fmt: skip


def bind_query(work: Work, node: exp.Expr, env: Env, parent: Scope | None = None) -> BoundQuery:
    """Any query. `parent` is the scope a correlated subquery may look into."""
    here = level(work, Scope(env, parent))
    match node:
        case exp.Select():
            return bind_select(here, node)
        case exp.SetOperation():
            return bind_set_operation(here, node)
        case exp.Subquery():
            return bind_bracketed(here, node)
        case exp.Values():
            return bind_values(here, node)
    raise refuse(f"{node.key.upper()} as a query")


def level(work: Work, scope: Scope) -> Level:
    """A level of a statement whose nested queries are bound here."""
    return Level(work, scope, bind_query)


def binder(work: Work, scope: Scope) -> Binder:
    """An expression binder whose nested queries are bound here."""
    return level(work, scope).expressions


def bind_from(work: Work, node: exp.Expr, scope: Scope, out: exp.Expr) -> None:
    """FROM with its joins, in order: each join sees what stands before it."""
    from_.bind_from(level(work, scope), node, out)


def bind_with(
    work: Work, node: exp.Expr | None, env: Env, parent: Scope | None
) -> tuple[Env, exp.With | None]:
    """The CTEs in order, and the names in sight behind them."""
    found, bound = with_.bind_with(level(work, Scope(env, parent)), node)
    return found.scope.env, bound
