"""What stands on what: views that are bound when they are made depend on what their text names.

Late-binding views depend on nothing. A view's names are kept by id, so renaming what it reads
changes nothing in it; what would make its text meaningless is refused or takes the view with it.
https://docs.aws.amazon.com/redshift/latest/dg/r_DROP_TABLE.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from redshare.core.catalog import Catalog, Put
from redshare.core.database import Database
from redshare.core.relation import Relation, RelationKind
from redshare.core.sql_errors import SqlError
from redshare.sql.context import SqlContext
from redshare.sql.names import Resolved
from redshare.sql.query import bind_query
from redshare.sql.query.relations import expanded, shown_columns
from redshare.sql.work import Env, Work

_HINT = "Use DROP ... CASCADE to drop the dependent objects too."


def dependents(catalog: Catalog, key: str) -> Iterator[Relation]:
    """The views that name the object directly."""
    relations: Iterator[Relation] = iter(catalog.tables[Relation].values())
    return (relation for relation in relations if key in relation.depends)


def all_dependents(catalog: Catalog, key: str) -> list[Relation]:
    """The views that stand on the object, those on other views first."""
    found: list[Relation] = []
    for relation in dependents(catalog, key):
        for other in [*all_dependents(catalog, relation.relation_id), relation]:
            if other not in found:
                found.append(other)
    return found


def blocked(kind: str, name: str) -> SqlError:
    """What DROP without CASCADE is told."""
    return SqlError(
        f"cannot drop {kind} {name} because other objects depend on it", "2BP01", hint=_HINT
    )


def broken_by(context: SqlContext, changed: Relation, new_id: Callable[[], str]) -> list[Relation]:
    """The views whose text means nothing any more once the relation is as given."""
    catalog = context.catalog.after([Put(changed)])
    after = replace(context, catalog=catalog)
    views = dependents(catalog, changed.relation_id)
    return [view for view in views if not _binds(after, view, new_id)]


def _binds(context: SqlContext, view: Relation, new_id: Callable[[], str]) -> bool:
    schema = context.catalog.schema(view.schema)
    database: Database | None = context.catalog.database(view.database)
    if schema is None or database is None or view.kind is RelationKind.LATE_BINDING_VIEW:
        return True
    found = Resolved(database, schema, view, database.lake)
    work = Work(replace(context, use=None), new_id)
    try:
        query = expanded(work, found, Env(context), bind_query)
        shown_columns(view, query.columns)
    except SqlError:
        return False
    return True
