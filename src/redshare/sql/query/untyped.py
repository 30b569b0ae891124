"""A bare string or NULL in a select list: it is text unless whoever takes the column says more.

`SELECT 1 UNION ALL SELECT NULL` has integers, `INSERT INTO t (d) SELECT '2026-01-01'` a date.
https://www.postgresql.org/docs/8.0/typeconv-union-case.html
"""

from __future__ import annotations

from sqlglot import exp

from redshare.sql.query.columns import BoundQuery
from redshare.sql.super.casts import to_super
from redshare.sql.types import STRINGS, SUPER, VARCHAR, SqlType, engine_cast
from redshare.sql.work import typed

_UNTYPED = "untyped"


def as_text(node: exp.Expr) -> exp.Expr:
    """The item as text for now."""
    found = typed(engine_cast(node, VARCHAR), VARCHAR)
    found.meta[_UNTYPED] = True
    return found


def taken_as(query: BoundQuery, place: int, kind: SqlType) -> SqlType:
    """Make a column of that type if it is untyped in every branch; the type it has now."""
    name, before = query.columns[place]
    items = _items(query.node, place)
    if kind.name in STRINGS or not items or not all(i.this.meta.get(_UNTYPED) for i in items):
        return before
    for item in items:
        bare = item.this.this
        item.set("this", to_super(bare) if kind == SUPER else typed(engine_cast(bare, kind), kind))
    query.columns[place] = (name, kind)
    return kind


def _items(node: exp.Expr, place: int) -> list[exp.Expr]:
    """A column's items in a SELECT or in all branches of a set operation; none for others."""
    match node:
        case exp.Select():
            return [node.expressions[place]]
        case exp.SetOperation():
            left = _items(node.this, place)
            right = _items(node.expression, place)
            return [*left, *right] if left and right else []
        case exp.Subquery():
            return _items(node.this, place)
    return []
