"""A view's definition as the catalogues print it, and the columns it has now."""

from __future__ import annotations

from dataclasses import replace

from redshare.core.relation import Column, Relation, RelationKind
from redshare.sql.context import SqlContext
from redshare.sql.definition import ViewDefinition
from redshare.sql.views.reach import Seen


def view_query(relation: Relation) -> str | None:
    """The query of a view; None for what has none."""
    if not relation.definition:
        return None
    try:
        return ViewDefinition.load(relation.definition).query
    except (ValueError, KeyError):
        return None


def view_text(seen: Seen) -> str | None:
    """pg_views.definition: the query; of a late-binding or materialized view the statement."""
    query = view_query(seen.relation)
    if query is None:
        return None
    if seen.relation.kind is RelationKind.LATE_BINDING_VIEW:
        name = f"{seen.schema.name}.{seen.relation.name}"
        return f"create view {name} as {query} with no schema binding;"
    if seen.relation.kind is RelationKind.MATERIALIZED_VIEW:
        # dbt knows a materialized view by these words.
        return f"CREATE MATERIALIZED VIEW {seen.schema.name}.{seen.relation.name} AS {query};"
    return f" {query};"


def columns_of(context: SqlContext, seen: Seen) -> tuple[Column, ...]:
    """Its columns; those of a late-binding view are found out now."""
    relation = seen.relation
    if relation.kind is not RelationKind.LATE_BINDING_VIEW:
        return relation.columns
    found = context.late_columns(context, relation)
    given = relation.columns
    if len(given) != len(found):
        return found
    return tuple(replace(c, name=named.name) for c, named in zip(found, given, strict=True))
