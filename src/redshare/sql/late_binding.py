"""The columns a late-binding view has at this moment: its query is bound as its owner."""

from __future__ import annotations

import itertools

from redshare.core.errors import SqlError
from redshare.core.relation import Column, Relation
from redshare.sql.column_syntax import stored
from redshare.sql.context import SqlContext
from redshare.sql.definition import ViewDefinition
from redshare.sql.owner import owners_context
from redshare.sql.parse import parse
from redshare.sql.query import bind_query
from redshare.sql.work import Env, Work


def late_columns(context: SqlContext, view: Relation) -> tuple[Column, ...]:
    """None where what it reads is not there or may not be read now."""
    numbers = itertools.count(1)
    try:
        definition = ViewDefinition.load(view.definition)
        tree = parse(definition.statement(), case_sensitive=definition.case_sensitive)
        work = Work(context, lambda: str(next(numbers)))
        inside = owners_context(context, view, definition)
        found = bind_query(work, tree, Env(inside, {}, 1))
    except (SqlError, ValueError, KeyError):
        return ()
    return tuple(Column(name, stored(kind)) for name, kind in found.columns)
