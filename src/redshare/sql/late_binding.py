"""What a late-binding view reads at this moment: its query is bound as its owner."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from redshare.core.relation import Column, Relation, RelationKind
from redshare.core.sql_errors import SqlError
from redshare.sql.context import SqlContext
from redshare.sql.ddl.column_syntax import stored
from redshare.sql.definition import ViewDefinition
from redshare.sql.owner import owners_context
from redshare.sql.parse import parse
from redshare.sql.query import bind_query
from redshare.sql.types import SqlType
from redshare.sql.work import Env, Work


def late_columns(context: SqlContext, view: Relation) -> tuple[Column, ...]:
    """None where what it reads is not there or may not be read now."""
    bound = _bound(context, view)
    if bound is None:
        return ()
    _, columns = bound
    return tuple(Column(name, stored(kind)) for name, kind in columns)


def reads_shared(context: SqlContext, view: Relation) -> bool:
    """Whether a view of any kind reads what another namespace shares; not where it cannot now."""
    bound = _bound(context, view) if view.kind is not RelationKind.TABLE else None
    return bound is not None and bool(bound[0].uses)


def _bound(
    context: SqlContext, view: Relation
) -> tuple[Work, Sequence[tuple[str, SqlType]]] | None:
    numbers = itertools.count(1)
    try:
        definition = ViewDefinition.load(view.definition)
        tree = parse(definition.statement(), case_sensitive=definition.case_sensitive)
        work = Work(context, lambda: str(next(numbers)))
        inside = owners_context(context, view, definition)
        found = bind_query(work, tree, Env(inside, {}, 1))
    except (SqlError, ValueError, KeyError):
        return None
    return work, found.columns
