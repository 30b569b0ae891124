"""DROP TABLE, VIEW and MATERIALIZED VIEW, and TRUNCATE, bound.

What is dropped leaves every datashare; CASCADE takes the views that stand on it along.
https://docs.aws.amazon.com/redshift/latest/dg/r_DROP_TABLE.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from redshare.core.catalog import Change, Drop, Put, key_of
from redshare.core.plan import WriteVerb
from redshare.core.privileges import Privilege
from redshare.core.relation import Relation, RelationKind
from redshare.core.sql_errors import (
    SharedOperationNotSupported,
    SqlError,
    UndefinedSchema,
    UndefinedTable,
)
from redshare.sql.bound import Bound, engine_plan
from redshare.sql.commands import table as commands
from redshare.sql.context import SqlContext
from redshare.sql.ddl.definitions import emptied, lake_name
from redshare.sql.dependents import all_dependents, blocked
from redshare.sql.names import Resolved, resolve_relation
from redshare.sql.policy.applied import require_reachable, require_unnamed
from redshare.sql.views.model import SystemView
from redshare.sql.work import Work

#: The kinds whose rows are in the lake.
STORED: Final = frozenset({RelationKind.TABLE, RelationKind.MATERIALIZED_VIEW})
_NAMED_AS: Final = {
    RelationKind.TABLE: commands.RelationKind.TABLE,
    RelationKind.VIEW: commands.RelationKind.VIEW,
    RelationKind.LATE_BINDING_VIEW: commands.RelationKind.VIEW,
    RelationKind.MATERIALIZED_VIEW: commands.RelationKind.MATERIALIZED_VIEW,
}


def named_as(relation: Relation) -> commands.RelationKind:
    """What a DROP of it has to call it."""
    return _NAMED_AS[relation.kind]


def resolved(
    context: SqlContext, name: tuple[str, ...], *needs: Privilege, shareable: bool = True
) -> Resolved:
    """A relation of the catalogue, with the privileges. Raises what resolving does.

    What is not `shareable` cannot be done through a share, whatever was granted there.
    """
    if not shareable:
        reached = resolve_relation(context, name)
        if isinstance(reached, Resolved) and reached.share is not None:
            raise SharedOperationNotSupported
    found = resolve_relation(context, name, needs=needs)
    if isinstance(found, SystemView):
        raise SqlError(f"permission denied for relation {found.name}", "42501")
    return found


def bind_truncate(command: commands.Truncate, context: SqlContext, work: Work) -> Bound:
    """TRUNCATE. Whether it ends the transaction is the session's to know: `wrote_share` tells."""
    found = resolved(context, tuple(command.name), Privilege.TRUNCATE)
    if found.relation.kind is not RelationKind.TABLE:
        raise SqlError(f'"{found.relation.name}" is not a table', "42809")
    require_reachable(context, context, found)
    work.use(found)
    work.write(found, WriteVerb.TRUNCATE)
    plan = engine_plan(work, f"DELETE FROM {lake_name(found)}", returns_rows=False)
    return Bound(
        command.tag,
        plan,
        uses=frozenset(work.uses),
        wrote_share=work.wrote_share,
        changes=tuple(emptied(context, found)),
    )


def bind_drop(command: commands.DropRelations, context: SqlContext, work: Work) -> Bound:
    """Drop one relation or several, in their order."""
    dropping = Dropping(context, work)
    for name in command.names:
        found = _droppable(command, dropping.context, tuple(name))
        if found is not None:
            dropping.drop(found, cascade=command.cascade)
    return dropping.bound(command.tag)


class Dropping:
    """What goes, one after another: each is looked for in what the ones before have left."""

    def __init__(self, context: SqlContext, work: Work) -> None:
        self.context = context
        self._work = work
        self._changes: list[Change] = []
        self._statements: list[str] = []

    def drop(self, found: Resolved, *, cascade: bool) -> None:
        """The relation; with `cascade` the views on it before. Raises SqlError 2BP01."""
        if found.share is not None and found.relation.kind is not RelationKind.TABLE:
            raise SharedOperationNotSupported
        views = all_dependents(self.context.catalog, found.relation.relation_id)
        # A consumer does not take the producer's views along.
        if views and (found.share is not None or not cascade):
            raise blocked(named_as(found.relation).lower(), found.relation.name)
        for view in views:
            self._drop_one(local(self.context, view))
        self._drop_one(found)

    def drop_dependents(self, key: str) -> None:
        """The views on something that is no relation."""
        for view in all_dependents(self.context.catalog, key):
            self._drop_one(local(self.context, view))

    def run(self, sql: str) -> None:
        """What else the lake is told, of tables that were noted as used and written."""
        self._statements.append(sql)

    def change(self, *changes: Change) -> None:
        """What else happens to the catalogue."""
        self._changes += changes
        self.context = replace(self.context, catalog=self.context.catalog.after(changes))

    def bound(self, tag: str) -> Bound:
        """All of it as one statement."""
        work, plan = self._work, None
        if self._statements:
            plan = engine_plan(work, "; ".join(self._statements), returns_rows=False)
        return Bound(
            tag,
            plan,
            uses=frozenset(work.uses),
            wrote_share=work.wrote_share,
            changes=_last_of_each(self._changes),
        )

    def _drop_one(self, found: Resolved) -> None:
        relation = found.relation
        what = f"{named_as(relation).lower()} {relation.name}"
        require_unnamed(self.context.catalog, relation.database, relation.relation_id, what)
        if found.relation.kind in STORED:
            self._work.use(found)
            self._work.write(found, WriteVerb.DDL)
            self._statements.append(f"DROP TABLE {lake_name(found)}")
        self.change(*_detaching(self.context, found.relation))
        self.change(Drop(found.relation), *_leaving_shares(self.context, found))


def local(context: SqlContext, relation: Relation) -> Resolved:
    """A relation of a local database in its place."""
    schema = context.catalog.schema(relation.schema)
    database = context.catalog.database(relation.database)
    assert schema is not None
    assert database is not None
    return Resolved(database, schema, relation, database.lake)


def _droppable(
    command: commands.DropRelations, context: SqlContext, name: tuple[str, ...]
) -> Resolved | None:
    """The relation; None where IF EXISTS makes its absence no error."""
    try:
        found = resolved(context, name, Privilege.DROP)
    except (UndefinedTable, UndefinedSchema):
        if command.if_exists:
            return None
        raise
    if named_as(found.relation) is not command.kind:
        wanted = str(command.kind).lower()
        hint = f"Use DROP {named_as(found.relation)} to remove it."
        raise SqlError(f'"{found.relation.name}" is not a {wanted}', "42809", hint=hint)
    return found


def _leaving_shares(context: SqlContext, found: Resolved) -> Iterator[Change]:
    database = context.catalog.database(found.relation.database)
    assert database is not None
    for share in context.catalog.datashares_of(database.namespace):
        if share.contents.relation(found.relation.relation_id) is not None:
            contents = share.contents.remove_relation(found.relation.relation_id)
            yield Put(replace(share, contents=contents))


def _detaching(context: SqlContext, relation: Relation) -> Iterator[Change]:
    for policy in context.catalog.policies(relation.database):
        left = policy.detached(policy.on(relation.relation_id)).revoking(relation.relation_id)
        if left != policy:
            yield Put(left)


def _last_of_each(changes: list[Change]) -> tuple[Change, ...]:
    """A share that loses two relations is one change, its last."""
    kept: dict[object, Change] = {}
    for change in changes:
        kept[type(change.entity), key_of(change.entity)] = change
    return tuple(kept.values())
