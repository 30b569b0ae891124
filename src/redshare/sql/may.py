"""What a user may do with an object: superusers and owners everything, others what was granted.

Grants reach a user by its own name, its groups, its roles and those they hold, and PUBLIC; on the
object itself, or on all objects of its kind in its schema or database. System privileges of roles
stand for some of them. The schema `public` of a new database starts with USAGE and CREATE for
PUBLIC, as in Redshift: a grant in its list (`PUBLIC_SCHEMA_ACL`), so that a REVOKE takes it away.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from redshare.core.database import Database, Schema
from redshare.core.function import Function
from redshare.core.privileges import (
    PUBLIC,
    Acl,
    ObjectKind,
    Privilege,
    scoped_acl,
)
from redshare.core.relation import Relation, RelationKind
from redshare.core.sql_errors import InsufficientPrivilege
from redshare.sql.context import SqlContext

Entity = Database | Schema | Relation | Function

PUBLIC_SCHEMA_ACL: Final = Acl().grant(
    PUBLIC, frozenset({Privilege.USAGE, Privilege.CREATE}), option=False
)
#: Everybody may make temporary tables in a new database.
DATABASE_ACL: Final = Acl().grant(PUBLIC, frozenset({Privilege.TEMP}), option=False)
#: The system privileges that stand for a privilege on every object of a kind.
_SYSTEM: Final[dict[tuple[type[Entity], Privilege], str]] = {
    (Database, Privilege.CREATE): "CREATE SCHEMA",
    (Schema, Privilege.DROP): "DROP SCHEMA",
    (Relation, Privilege.ALTER): "ALTER TABLE",
    (Relation, Privilege.DROP): "DROP TABLE",
    (Relation, Privilege.TRUNCATE): "TRUNCATE TABLE",
}


def may(context: SqlContext, entity: Entity, privilege: Privilege) -> bool:
    """Whether the user of `context`, of the entity's namespace, holds `privilege` on it."""
    if owns(context, entity):
        return True
    return privilege in held(context, entity) or _by_system(context, entity, privilege)


def owns(context: SqlContext, entity: Entity) -> bool:
    """Whether the user may do everything with it."""
    return context.user.superuser or entity.owner == context.user.user_id


def held(context: SqlContext, entity: Entity) -> frozenset[Privilege]:
    """What was granted to the user on it, by whatever way."""
    return frozenset(
        p for acl in _lists(context, entity) for p in acl.granted_to(context.identities)
    )


def _lists(context: SqlContext, entity: Entity) -> Iterable[Acl]:
    """All lists of grants that an object falls under."""
    yield entity.acl
    match entity:
        case Schema():
            database = context.catalog.database(entity.database)
            if database is not None:
                yield scoped_acl(database.scoped, ObjectKind.SCHEMAS)
        case Relation() | Function():
            is_table = isinstance(entity, Relation)
            kind = ObjectKind.TABLES if is_table else ObjectKind.FUNCTIONS
            schema = context.catalog.schema(entity.schema)
            database = context.catalog.database(entity.database)
            for place in (schema, database):
                if place is not None:
                    yield scoped_acl(place.scoped, kind)


def _by_system(context: SqlContext, entity: Entity, privilege: Privilege) -> bool:
    system = _SYSTEM.get((type(entity), privilege))
    if isinstance(entity, Relation) and entity.kind is not RelationKind.TABLE:
        system = {Privilege.DROP: "DROP VIEW"}.get(privilege)
    return system is not None and context.has_system(system)


def require(context: SqlContext, entity: Entity, privileges: Iterable[Privilege]) -> None:
    """Raises InsufficientPrivilege in PostgreSQL's words."""
    if not all(may(context, entity, privilege) for privilege in privileges):
        raise denied(entity)


def denied(entity: Entity) -> InsufficientPrivilege:
    """The refusal, by the kind of the object."""
    match entity:
        case Database():
            kind = "database"
        case Schema():
            kind = "schema"
        case Relation():
            kind = "relation"
        case Function():
            kind = "function"
    return InsufficientPrivilege(f"permission denied for {kind} {entity.name}")


def may_create_datashare(context: SqlContext, database: Database) -> bool:
    """Whether the user may make datashares in a local database."""
    return database.owner == context.user.user_id or context.has_system("CREATE DATASHARE")


def reaches(context: SqlContext, relation: Relation) -> bool:
    """Whether the user may know of a relation: by a privilege on it or on one of its columns."""
    return (
        owns(context, relation)
        or bool(held(context, relation))
        or any(column.acl.granted_to(context.identities) for column in relation.columns)
    )


# --- objects of a shared database ---------------------------------------------------------------


def shared_held(
    context: SqlContext, database: Database, entity: Schema | Relation | Function
) -> frozenset[Privilege]:
    """What was granted on a producer's object in a database made WITH PERMISSIONS."""
    match entity:
        case Schema():
            lists = [
                database.shared_acl(entity.schema_id),
                scoped_acl(database.scoped, ObjectKind.SCHEMAS),
            ]
        case Relation():
            lists = [
                database.shared_acl(entity.relation_id),
                database.shared_acl(entity.schema, ObjectKind.TABLES),
                scoped_acl(database.scoped, ObjectKind.TABLES),
            ]
        case Function():
            lists = [
                database.shared_acl(entity.function_id),
                database.shared_acl(entity.schema, ObjectKind.FUNCTIONS),
                scoped_acl(database.scoped, ObjectKind.FUNCTIONS),
            ]
    return frozenset(p for acl in lists for p in acl.granted_to(context.identities))


def may_shared(
    context: SqlContext,
    database: Database,
    entity: Schema | Relation | Function,
    privileges: Iterable[Privilege],
) -> bool:
    """Whether the consumer's user may: without WITH PERMISSIONS, USAGE on the database is all."""
    assert database.source is not None
    if not database.source.with_permissions or owns(context, database):
        return True
    return frozenset(privileges) <= shared_held(context, database, entity)


def shared_reaches(context: SqlContext, database: Database, relation: Relation) -> bool:
    """Whether the consumer's user may know of a producer's relation."""
    assert database.source is not None
    if not database.source.with_permissions or owns(context, database):
        return True
    return bool(shared_held(context, database, relation))


# --- single columns -----------------------------------------------------------------------------


def permitted_columns(
    context: SqlContext, relation: Relation, privilege: Privilege
) -> frozenset[str] | None:
    """The columns the user holds `privilege` on where it is not held on the table; None for all.

    Inside a policy it is the policy that reads.
    """
    if context.lookups is not None:
        return None if relation.relation_id in context.lookups else frozenset()
    if may(context, relation, privilege):
        return None
    return frozenset(
        column.name
        for column in relation.columns
        if privilege in column.acl.granted_to(context.identities)
    )


# --- what new objects start with ----------------------------------------------------------------


def initial_acl(context: SqlContext, database: Database, schema: str, kind: ObjectKind) -> Acl:
    """The grants that ALTER DEFAULT PRIVILEGES gives to what the user makes in a schema."""
    user = context.user.user_id
    acl = database.default_acl(user, kind)
    for grant in database.default_acl(user, kind, schema).grants:
        acl = acl.grant(grant.grantee, grant.privileges, option=False, grantor=grant.grantor)
        if grant.grantable:
            acl = acl.grant(grant.grantee, grant.grantable, option=True, grantor=grant.grantor)
    return acl
