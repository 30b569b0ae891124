"""Names → objects: every relation, schema and database of a statement is found and checked here.

What a user may not know of is answered exactly as what does not exist. Through a share only the
members of its contents are there, and the share's state is asked at each call.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from redshare.core.access import Allowed, ShareUse, may_query
from redshare.core.contents import SharedRelation, SharedSchema
from redshare.core.database import SERIALIZABLE, Database, Schema
from redshare.core.ids import LakeId, RelationId
from redshare.core.privileges import Privilege
from redshare.core.relation import Relation
from redshare.core.share import Datashare
from redshare.core.sql_errors import (
    FeatureNotSupported,
    InsufficientPrivilege,
    SharedOperationNotSupported,
    ShareNotAccessible,
    ShareWritesNotConsented,
    SnapshotIsolationRequired,
    SqlError,
    UndefinedDatabase,
    UndefinedSchema,
    UndefinedTable,
)
from redshare.sql.context import SqlContext
from redshare.sql.may import denied, may, may_shared, require
from redshare.sql.views import SystemView, system_view
from redshare.sql.views.oids import SYSTEM_SCHEMAS

_READS = frozenset({Privilege.SELECT, Privilege.USAGE})


@dataclass(frozen=True, slots=True)
class Place:
    """A database as a statement may use it: `storage` is the local database that has the data."""

    database: Database
    storage: Database
    share: Datashare | None = None
    decision: Allowed | None = None

    @property
    def lake(self) -> LakeId:
        """Where the data are."""
        return self.storage.lake


@dataclass(frozen=True, slots=True)
class ResolvedSchema:
    """A schema in its place; `member` is its entry in the share."""

    place: Place
    schema: Schema
    member: SharedSchema | None = None


@dataclass(frozen=True, slots=True)
class Resolved:
    """A relation in its place; `database` is the one it was named through."""

    database: Database
    schema: Schema
    relation: Relation
    lake: LakeId
    share: Datashare | None = None
    decision: Allowed | None = None
    member: SharedRelation | None = None


def resolve_database(context: SqlContext, name: str) -> Database:
    """The database of that name. Raises UndefinedDatabase."""
    found = context.catalog.database_named(context.namespace.namespace_id, name)
    if found is None:
        raise UndefinedDatabase(name)
    return found


def open_database(context: SqlContext, database: Database) -> Place:
    """The database with the share behind it asked. Raises ShareNotAccessible and privileges."""
    source = database.source
    if source is None:
        return Place(database, database)
    require(context, database, (Privilege.USAGE,))
    share = context.catalog.datashare(source.share)
    decision = may_query(
        context.catalog,
        ShareUse(source.share, catalog=source.catalog),
        context.namespace,
        publicly_accessible=context.publicly_accessible,
    )
    storage = None if share is None else context.catalog.database(share.database)
    if share is None or storage is None or not isinstance(decision, Allowed):
        raise ShareNotAccessible(source.share)
    return Place(database, storage, share, decision)


def temporary_schema(context: SqlContext) -> ResolvedSchema | None:
    """The session's temporary schema, whether there is something in it or not."""
    schema = context.temporary
    database = None if schema is None else context.catalog.database(schema.database)
    if schema is None or database is None:
        return None
    return ResolvedSchema(Place(database, database), schema)


def resolve_schema(
    context: SqlContext, name: tuple[str, ...], *, needs: Iterable[Privilege] = ()
) -> ResolvedSchema:
    """`schema` or `database.schema`. Raises UndefinedSchema, UndefinedDatabase and refusals."""
    if len(name) > 2:
        raise SqlError(
            f"improper qualified name (too many dotted names): {'.'.join(name)}", "42601"
        )
    database = resolve_database(context, name[0]) if len(name) > 1 else context.current
    place = open_database(context, database)
    found = schema_in(context, place, name[-1])
    if found is None:
        raise UndefinedSchema(f'schema "{name[-1]}" does not exist')
    _check_schema(context, found, needs)
    return found


def schema_in(context: SqlContext, place: Place, name: str) -> ResolvedSchema | None:
    """The schema of that name in a place; through a share, if it is a member."""
    schema = context.catalog.schema_named(place.storage.database_id, name)
    if schema is None:
        return None
    if place.share is None:
        return ResolvedSchema(place, schema)
    member = place.share.contents.schema(schema.schema_id)
    return None if member is None else ResolvedSchema(place, schema, member)


def meant_schema(context: SqlContext, found: ResolvedSchema) -> ResolvedSchema:
    """An external schema is the schema of the other database that it names, asked again here.

    Raises UndefinedDatabase, UndefinedSchema, ShareNotAccessible and privileges.
    """
    external = found.schema.external
    if external is None:
        return found
    if found.place.share is not None:
        raise UndefinedSchema(f'schema "{found.schema.name}" does not exist')
    database = resolve_database(context, external.database)
    inner = schema_in(context, open_database(context, database), external.schema)
    if inner is None or inner.schema.external is not None:
        raise UndefinedSchema(f'schema "{external.schema}" does not exist')
    _check_schema(context, inner, (Privilege.USAGE,))
    return inner


def _check_schema(context: SqlContext, found: ResolvedSchema, needs: Iterable[Privilege]) -> None:
    if found.member is None:
        require(context, found.schema, needs)
        return
    assert found.place.share is not None, "a member is one of a share"
    decision = found.place.decision
    wanted = frozenset(needs)
    if not may_shared(context, found.place.database, found.schema, wanted):
        raise denied(found.schema)
    if wanted - _READS:
        _require_writable(context, found.place.share, decision)
    if wanted - found.member.privileges:
        raise denied(found.schema)


def _require_writable(context: SqlContext, share: Datashare, decision: Allowed | None) -> None:
    if decision is None or not decision.writes:
        raise ShareWritesNotConsented(share.share_key)
    storage = context.catalog.database(share.database)
    if storage is not None and storage.isolation_level == SERIALIZABLE:
        raise SnapshotIsolationRequired(share.share_key)


def resolve_relation(
    context: SqlContext, name: tuple[str, ...], *, needs: Iterable[Privilege] = ()
) -> Resolved | SystemView:
    """The relation a name of one to three parts means, with the privileges `needs` checked.

    Raises UndefinedTable, UndefinedSchema, UndefinedDatabase, ShareNotAccessible,
    ShareWritesNotConsented, SnapshotIsolationRequired, InsufficientPrivilege.
    """
    view = _system_view(context, name)
    if view is not None:
        return view
    found = _find(context, name)
    if found is None:
        raise missing(context, name)
    _check_relation(context, found, frozenset(needs))
    return found


def _system_view(context: SqlContext, name: tuple[str, ...]) -> SystemView | None:
    if len(name) > 3 or not name:
        raise SqlError(
            f"improper qualified name (too many dotted names): {'.'.join(name)}", "42601"
        )
    if len(name) > 1 and name[-2] in SYSTEM_SCHEMAS and system_view(name[-2:]) is None:
        raise UndefinedTable(f'relation "{".".join(name)}" does not exist')
    if len(name) == 3 and system_view(name[1:]) is not None:
        resolve_database(context, name[0])
        return system_view(name[1:])
    return system_view(name)


def missing(context: SqlContext, name: tuple[str, ...]) -> SqlError:
    """What is said of a relation that is not there: Redshift has two ways."""
    if len(name) < 3 and context.current.source is not None:
        return UndefinedTable(f"Relation {name[-1]} does not exist in the database.", "XX000")
    return UndefinedTable(f'relation "{".".join(name)}" does not exist')


def _find(context: SqlContext, name: tuple[str, ...]) -> Resolved | None:
    if name in context.fixed:
        return _fixed(context, RelationId(context.fixed[name]))
    for schema in _searched(context, name[:-1]):
        found = relation_in(context, schema, name[-1])
        if found is not None:
            return found
    return None


def relation_in(context: SqlContext, schema: ResolvedSchema, name: str) -> Resolved | None:
    """The relation of that name in a schema; through a share, if it is a member."""
    relation = context.catalog.relation_named(schema.schema.schema_id, name)
    if relation is None:
        return None
    place, member = schema.place, None
    if place.share is not None:
        member = place.share.contents.relation(relation.relation_id)
        if member is None:
            return None
    return Resolved(
        place.database,
        schema.schema,
        relation,
        place.lake,
        place.share,
        place.decision,
        member,
    )


def _fixed(context: SqlContext, key: RelationId) -> Resolved | None:
    """What a name meant when the view around it was made, whatever it is called by now."""
    relation = context.catalog.relation(key)
    schema = None if relation is None else context.catalog.schema(relation.schema)
    database = None if relation is None else context.catalog.database(relation.database)
    if relation is None or schema is None or database is None:
        return None
    return Resolved(database, schema, relation, database.lake)


def _searched(context: SqlContext, qualifier: tuple[str, ...]) -> Iterator[ResolvedSchema]:
    """Where a relation is looked for: the temporary schema comes before the others."""
    temporary = temporary_schema(context)
    if qualifier == ("pg_temp",):
        if temporary is not None:
            yield temporary
        return
    if temporary is not None and not qualifier:
        yield temporary
    yield from schemas_of(context, qualifier)


def schemas_of(context: SqlContext, qualifier: tuple[str, ...]) -> Iterator[ResolvedSchema]:
    """Where to look: the named schema, or the search path's that the user may use."""
    if qualifier:
        named = resolve_schema(context, qualifier, needs=(Privilege.USAGE,))
        yield meant_schema(context, named)
        return
    place = open_database(context, context.current)
    for name in context.search_path:
        wanted = context.user.name if name == "$user" else name
        found = schema_in(context, place, wanted)
        if found is None:
            continue
        if not _usable(context, found):
            continue
        try:
            found = meant_schema(context, found)
        except (InsufficientPrivilege, ShareNotAccessible, UndefinedDatabase, UndefinedSchema):
            # What an external schema names is gone, or not for this user: nothing is found in it.
            continue
        yield found


def _usable(context: SqlContext, found: ResolvedSchema) -> bool:
    if found.member is None:
        return may(context, found.schema, Privilege.USAGE)
    return may_shared(context, found.place.database, found.schema, (Privilege.USAGE,))


def creation_schema(
    context: SqlContext,
    qualifier: tuple[str, ...],
    *,
    system: str = "CREATE TABLE",
    local: bool = False,
) -> ResolvedSchema:
    """Where CREATE puts a new object: the named schema, or the first of the search path.

    `system` is the system privilege that stands for CREATE on the schema; what is `local` cannot
    be made through a share, whatever was granted.

    Raises UndefinedSchema, SharedOperationNotSupported, InsufficientPrivilege,
    ShareWritesNotConsented, SnapshotIsolationRequired.
    """
    if qualifier and resolve_schema(context, qualifier).schema.external is not None:
        raise FeatureNotSupported("CREATE in an external schema is not supported")
    found = next(schemas_of(context, qualifier), None)
    if found is None:
        raise UndefinedSchema("no schema has been selected to create in")
    if local and found.place.share is not None:
        raise SharedOperationNotSupported
    if found.member is not None or not context.has_system(system):
        _check_schema(context, found, (Privilege.CREATE,))
    return found


def _check_relation(context: SqlContext, found: Resolved, needs: frozenset[Privilege]) -> None:
    if found.share is None:
        require(context, found.relation, needs)
        return
    assert found.member is not None
    assert found.decision is not None
    if not may_shared(context, found.database, found.relation, needs):
        raise denied(found.relation)
    if needs - _READS:
        _require_writable(context, found.share, found.decision)
    if needs - found.member.privileges:
        raise denied(found.relation)
