"""VALUES as a query: rows of equal length, each column of the type that holds its values."""

from __future__ import annotations

from sqlglot import exp

from redshare.core.sql_errors import SqlError
from redshare.sql.query.columns import BoundQuery
from redshare.sql.query.level import Level
from redshare.sql.rewrite.rule import joined, present
from redshare.sql.scope import Scope
from redshare.sql.super.dynamic import uniform
from redshare.sql.types import UNKNOWN, VARCHAR
from redshare.sql.work import type_of


def bind_values(level: Level, node: exp.Values) -> BoundQuery:
    """VALUES (…), (…): its columns are column1, column2, …"""
    present(node, "expressions", "alias")
    expressions = level.within(Scope(level.scope.env, level.scope.parent)).expressions
    rows = [
        [
            expressions.bind(item)
            for item in (row.expressions if isinstance(row, exp.Tuple) else [row])
        ]
        for row in node.expressions
    ]
    width = len(rows[0])
    if any(len(row) != width for row in rows):
        raise SqlError("VALUES lists must all be the same length", "42601")
    rows = [list(row) for row in zip(*map(uniform, zip(*rows, strict=True)), strict=True)]
    kinds = [joined([type_of(row[place]) for row in rows]) for place in range(width)]
    columns = [
        (f"column{place}", VARCHAR if kind == UNKNOWN else kind)
        for place, kind in enumerate(kinds, start=1)
    ]
    return BoundQuery(exp.Values(expressions=[exp.Tuple(expressions=r) for r in rows]), columns)
