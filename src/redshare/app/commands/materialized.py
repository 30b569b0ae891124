"""REFRESH MATERIALIZED VIEW.

https://docs.aws.amazon.com/redshift/latest/dg/materialized-view-refresh-sql-command.html
"""

from __future__ import annotations

from redshare.app.sessions.answer import Answer
from redshare.app.sessions.session import SqlSession
from redshare.core.relation import RelationKind
from redshare.sql.commands.table import RefreshMaterializedView
from redshare.sql.ddl.materialized import bind_refresh
from redshare.sql.dependents import all_dependents
from redshare.sql.names import Resolved, resolve_relation
from redshare.sql.work import Work


def refresh(session: SqlSession, command: RefreshMaterializedView) -> Answer:
    """All rows anew; with CASCADE those of the materialized views on it, in their order."""
    names = [command.name]
    if command.cascade:
        names += _above(session, command.name)
    notices = []
    for name in names:
        context = session.context()
        session.run_bound(bind_refresh(name, context, Work(context, session.work.ids.hex)))
        notices.append(f"Materialized view {name[-1]} was recomputed from scratch.")
    return Answer(command.tag, notices=tuple(notices))


def _above(session: SqlSession, name: tuple[str, ...]) -> list[tuple[str, ...]]:
    context = session.context()
    found = resolve_relation(context, name)
    if not isinstance(found, Resolved):
        return []
    names: list[tuple[str, ...]] = []
    for view in reversed(all_dependents(context.catalog, found.relation.relation_id)):
        schema = context.catalog.schema(view.schema)
        if schema is not None and view.kind is RelationKind.MATERIALIZED_VIEW:
            names.append((found.database.name, schema.name, view.name))
    return names
