"""What a GRANT or REVOKE is on: each list of grants that it changes, wherever that is kept.

Lists are kept on the object itself, on a column, on a schema or database for scoped permissions,
and on the consumer's database for a producer's objects.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from redshare.core.database import Database, Schema
from redshare.core.function import Function
from redshare.core.ids import UserId
from redshare.core.privileges import (
    COLUMN_PRIVILEGES,
    DATABASE_PRIVILEGES,
    FUNCTION_PRIVILEGES,
    PRIVILEGES_OF,
    SCHEMA_PRIVILEGES,
    TABLE_PRIVILEGES,
    Acl,
    ObjectKind,
    Privilege,
    scoped_acl,
    with_scoped,
)
from redshare.core.relation import Relation
from redshare.core.sql_errors import (
    FeatureNotSupported,
    InsufficientPrivilege,
    SqlError,
    UndefinedColumn,
    UndefinedSchema,
    UndefinedTable,
)
from redshare.sql.commands.grant_readers import ObjectPrivilege
from redshare.sql.commands.objects import (
    AllFunctions,
    AllProcedures,
    AllTables,
    Databases,
    Functions,
    Objects,
    Schemas,
    Scope,
    Tables,
)
from redshare.sql.commands.values import FunctionName
from redshare.sql.context import SqlContext
from redshare.sql.ddl.function import exact_function, undefined_function
from redshare.sql.functions import ResolvedFunction
from redshare.sql.may import denied
from redshare.sql.names import (
    Resolved,
    ResolvedSchema,
    meant_schema,
    resolve_database,
    resolve_relation,
    resolve_schema,
    schemas_of,
)

Holder = Database | Schema | Relation | Function


@dataclass(frozen=True, slots=True)
class Target:
    """One list of grants: `holder` keeps it, `owner` may grant all of `privileges`."""

    holder: Holder
    owner: UserId
    privileges: frozenset[Privilege]
    read: Callable[[Any], Acl]
    write: Callable[[Any, Acl], Holder]
    refusal: InsufficientPrivilege
    column: bool = False
    scoped: bool = False
    #: On a producer's objects, which groups cannot have; the shared database itself they can.
    shared: bool = False
    #: ALL was said: who may not grant everything grants what he may.
    everything: bool = False


def wanted(
    privileges: Iterable[ObjectPrivilege], allowed: frozenset[Privilege]
) -> frozenset[Privilege]:
    """The privileges a statement names, ALL spelled out. Raises SqlError for a wrong one."""
    found: set[Privilege] = set()
    for named in privileges:
        if named.privilege is None:
            found |= allowed
        elif named.privilege not in allowed:
            raise SqlError(f"invalid privilege type {named.privilege} for the object", "0LP01")
        else:
            found.add(named.privilege)
    return frozenset(found)


def targets(
    context: SqlContext,
    objects: Objects,
    privileges: tuple[ObjectPrivilege, ...],
    *,
    revoke: bool = False,
) -> Iterator[Target]:
    """Every list that the statement changes. Raises what resolving does."""
    plain = tuple(p for p in privileges if not p.columns)
    single = tuple(p for p in privileges if p.columns)
    if single and not isinstance(objects, Tables | AllTables):
        raise SqlError("column privileges are only valid for tables", "0LP01")
    match objects:
        case Databases(names):
            yield from _databases(context, names, plain)
        case Schemas(names):
            for name in names:
                yield _schema(_named_schema(context, name, revoke=revoke), plain)
        case Tables(names):
            for name in names:
                yield from _table(context, name, plain, single, revoke=revoke)
        case AllTables(schemas):
            for name in schemas:
                for relation in _relations(context, _meant(context, name)):
                    table = (*name, relation.name)
                    yield from _table(context, table, plain, single, revoke=revoke)
        case Functions(functions):
            for named in functions:
                yield _function(context, _named_function(context, named), plain)
        case AllFunctions(schemas):
            for name in schemas:
                found = resolve_schema(context, name)
                for function in list(context.catalog.functions(found.schema.schema_id)):
                    if found.place.share is None:
                        yield _function(context, ResolvedFunction(found, function), plain)
        case AllProcedures(schemas):
            for name in schemas:
                _meant(context, name)  # nobody can make a procedure: there are none
        case Scope():
            yield _scope(context, objects, plain)
        case _:
            raise FeatureNotSupported(
                f"privileges on {type(objects).__name__.lower()} are not supported"
            )


def _databases(
    context: SqlContext, names: tuple[str, ...], named: tuple[ObjectPrivilege, ...]
) -> Iterator[Target]:
    databases = [resolve_database(context, name) for name in names]
    if len({database.kind for database in databases}) > 1:
        raise SqlError(
            "Cannot grant privilege to databases created from datashares and normal "
            "databases in one statement.",
            "0A000",
        )
    for database in databases:
        allowed = DATABASE_PRIVILEGES
        if database.source is not None:
            if any(privilege.privilege is None for privilege in named):
                raise SqlError("ALL is not valid on a database created from a datashare", "0LP01")
            allowed = frozenset({Privilege.USAGE})
        yield _own(database, wanted(named, allowed), named)


def _own(
    holder: Holder, privileges: frozenset[Privilege], named: tuple[ObjectPrivilege, ...]
) -> Target:
    """The list on the object itself."""
    return Target(
        holder,
        holder.owner,
        privileges,
        lambda entity: entity.acl,
        lambda entity, acl: replace(entity, acl=acl),
        denied(holder),
        everything=_all(named),
    )


def _all(named: tuple[ObjectPrivilege, ...]) -> bool:
    return any(privilege.privilege is None for privilege in named)


def _shared(
    database: Database,
    entity: Schema | Relation | Function,
    privileges: frozenset[Privilege],
    named: tuple[ObjectPrivilege, ...],
    kind: ObjectKind | None = None,
) -> Target:
    """The list a consumer's database keeps for a producer's object."""
    _with_permissions(database)
    key: str
    match entity:
        case Schema():
            key = entity.schema_id
        case Relation():
            key = entity.relation_id
        case Function():
            key = entity.function_id
    return Target(
        database,
        database.owner,
        privileges,
        lambda holder: holder.shared_acl(key, kind),
        lambda holder, acl: holder.with_shared_acl(key, acl, kind),
        denied(entity),
        scoped=kind is not None,
        shared=True,
        everything=_all(named),
    )


def _with_permissions(database: Database) -> None:
    if database.source is not None and not database.source.with_permissions:
        raise SqlError(
            f'Cannot grant privileges on objects of database "{database.name}": it was created '
            "from a datashare without WITH PERMISSIONS.",
            "0A000",
        )


def _meant(context: SqlContext, name: tuple[str, ...]) -> ResolvedSchema:
    """The schema whose objects are named: an external one stands for another."""
    return meant_schema(context, resolve_schema(context, name))


def _schema(found: ResolvedSchema, named: tuple[ObjectPrivilege, ...]) -> Target:
    privileges = wanted(named, SCHEMA_PRIVILEGES)
    if found.place.share is not None:
        return _shared(found.place.database, found.schema, privileges, named)
    return _own(found.schema, privileges, named)


def _table(
    context: SqlContext,
    name: tuple[str, ...],
    plain: tuple[ObjectPrivilege, ...],
    single: tuple[ObjectPrivilege, ...],
    *,
    revoke: bool,
) -> Iterator[Target]:
    try:
        found = resolve_relation(context, name)
    except (UndefinedSchema, UndefinedTable) as error:
        if not revoke or len(name) < 3 or not _is_shared(context, name[0]):
            raise
        raise _gone(error, name) from error
    if not isinstance(found, Resolved):
        raise InsufficientPrivilege(f"permission denied for relation {name[-1]}")
    if found.share is not None and single:
        raise FeatureNotSupported("column privileges on shared tables are not supported")
    relation = found.relation
    if plain:
        privileges = wanted(plain, TABLE_PRIVILEGES)
        if found.share is not None:
            yield _shared(found.database, relation, privileges, plain)
            return
        yield _own(relation, privileges, plain)
        if revoke and privileges & COLUMN_PRIVILEGES:
            for column in relation.columns:
                if column.acl.grants:
                    yield _column(relation, column.name, privileges & COLUMN_PRIVILEGES)
    for privilege in single:
        for column_name in privilege.columns:
            yield _column(relation, column_name, wanted((privilege,), COLUMN_PRIVILEGES))


def _named_schema(context: SqlContext, name: tuple[str, ...], *, revoke: bool) -> ResolvedSchema:
    try:
        return resolve_schema(context, name)
    except UndefinedSchema as error:
        if not revoke or len(name) < 2 or not _is_shared(context, name[0]):
            raise
        raise _gone(error, (*name, "")) from error


def _is_shared(context: SqlContext, database: str) -> bool:
    return resolve_database(context, database).source is not None


def _gone(error: SqlError, name: tuple[str, ...]) -> SqlError:
    """What REVOKE says of a producer's object that is gone: tools that clean up match on it."""
    if isinstance(error, UndefinedSchema):
        return UndefinedSchema(f'Schema "{name[-2]}" does not exist')
    return UndefinedTable(f'Object "{name[-1]}" does not exist')


def _named_function(context: SqlContext, named: FunctionName) -> ResolvedFunction:
    """By its exact argument types; without a list the only one of its name."""
    for schema in schemas_of(context, named.name[:-1]):
        found = exact_function(context, schema, named.name[-1], named.arguments)
        if found is not None:
            return ResolvedFunction(schema, found)
    raise undefined_function(named.name[-1], named.arguments)


def _function(
    context: SqlContext, found: ResolvedFunction, named: tuple[ObjectPrivilege, ...]
) -> Target:
    del context
    privileges = wanted(named, FUNCTION_PRIVILEGES)
    if found.schema.place.share is not None:
        return _shared(found.schema.place.database, found.function, privileges, named)
    return _own(found.function, privileges, named)


def _column(relation: Relation, name: str, privileges: frozenset[Privilege]) -> Target:
    if relation.column(name) is None:
        raise UndefinedColumn(f'column "{name}" of relation "{relation.name}" does not exist')

    def read(entity: Relation) -> Acl:
        column = entity.column(name)
        assert column is not None
        return column.acl

    def write(entity: Relation, acl: Acl) -> Relation:
        columns = tuple(replace(c, acl=acl) if c.name == name else c for c in entity.columns)
        return replace(entity, columns=columns)

    return Target(relation, relation.owner, privileges, read, write, denied(relation), column=True)


def _relations(context: SqlContext, found: ResolvedSchema) -> Iterator[Relation]:
    share = found.place.share
    for relation in list(context.catalog.relations(found.schema.schema_id)):
        if share is None or share.contents.relation(relation.relation_id) is not None:
            yield relation


def _scope(context: SqlContext, scope: Scope, named: tuple[ObjectPrivilege, ...]) -> Target:
    """All of a kind in a schema or a database, those to come as well."""
    kind = ObjectKind(scope.kind)
    privileges = wanted(named, PRIVILEGES_OF[kind])
    database = (
        context.current if scope.database is None else resolve_database(context, scope.database)
    )
    holder: Database | Schema = database
    if scope.schema is not None:
        if kind is ObjectKind.SCHEMAS:
            raise UndefinedSchema("SCHEMAS are in a DATABASE")
        found = _meant(context, (database.name, scope.schema))
        if found.place.share is not None:
            return _shared(found.place.database, found.schema, privileges, named, kind)
        holder = found.schema
    _with_permissions(database)
    return Target(
        holder,
        holder.owner,
        privileges,
        lambda entity: scoped_acl(entity.scoped, kind),
        lambda entity, acl: replace(entity, scoped=with_scoped(entity.scoped, kind, acl)),
        denied(holder),
        scoped=True,
        shared=database.source is not None,
        everything=_all(named),
    )
