"""One level of a query: its scope, and how what is nested in it is bound."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from sqlglot import exp

from redshare.sql.expression import Binder
from redshare.sql.query.columns import BoundQuery
from redshare.sql.scope import Scope
from redshare.sql.super.dynamic import truth
from redshare.sql.types import BOOLEAN, SqlType
from redshare.sql.work import Env, Work

#: query.bind_query: a query may stand in every part of a query.
BindQuery = Callable[[Work, exp.Expr, Env, Scope | None], BoundQuery]


@dataclass(frozen=True, slots=True)
class Level:
    """Handed to the parts of a query; `bind` binds whole queries."""

    work: Work
    scope: Scope
    bind: BindQuery

    @property
    def expressions(self) -> Binder:
        """Expressions as this scope sees them."""

        def nested(node: exp.Expr, inside: Scope) -> tuple[exp.Expr, list[SqlType]]:
            bound = self.bind(self.work, node, inside.env, inside)
            return bound.node, [kind for _, kind in bound.columns]

        return Binder(self.work, self.scope, nested)

    def within(self, scope: Scope) -> Level:
        """The same with another scope."""
        return replace(self, scope=scope)

    def query(self, node: exp.Expr) -> BoundQuery:
        """A query beside this level's sources: it sees what is around, not them."""
        return self.bind(self.work, node, self.scope.env, self.scope.parent)

    def condition(self, node: exp.Expr) -> exp.Expr:
        """A predicate."""
        bound = self.expressions.bind(node)
        self.work.infer(bound, BOOLEAN)
        return truth(bound)
