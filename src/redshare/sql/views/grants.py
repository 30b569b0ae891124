"""Every grant the user may know of, flat: what the privilege views and SHOW GRANTS are made of.

A user sees the grants on what it owns and those that reach it; a superuser all. The members of a
datashare are granted to its reserved role, `ds:NAME`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from redshare.core.contents import Contents
from redshare.core.database import Database, Schema
from redshare.core.function import Function
from redshare.core.ids import SchemaId
from redshare.core.privileges import OWNER, Acl, Grantee, GranteeKind, ObjectKind, Privilege, Scoped
from redshare.core.relation import Relation
from redshare.core.share import Datashare
from redshare.sql.context import SqlContext
from redshare.sql.views.acl import grantee_name
from redshare.sql.views.reach import user_name

Owned = Relation | Schema | Database | Datashare | Function


@dataclass(frozen=True, slots=True)
class Held:
    """One privilege of one identity on one object; `column` where it is on that alone."""

    privilege: Privilege
    identity_id: int
    identity_name: str
    identity_type: str
    admin_option: bool
    grantor: str | None
    #: TABLE and the like on one object, TABLES and the like on all in a schema or database.
    scope: str
    column: str | None = None


def held_on(context: SqlContext, entity: Owned) -> Iterator[Held]:
    """The grants on an object, and those on all of its kind where it is."""
    for scope, acl in _lists(context, entity):
        yield from _of(context, acl, entity.owner, scope)


def held_on_columns(context: SqlContext, relation: Relation) -> Iterator[Held]:
    """The grants on single columns."""
    for column in relation.columns:
        yield from _of(context, column.acl, relation.owner, "COLUMN", column.name)


def held_on_shared(
    context: SqlContext, database: Database, entity: Schema | Relation
) -> Iterator[Held]:
    """The consumer's own grants on a producer's object."""
    match entity:
        case Schema():
            lists = [("SCHEMA", database.shared_acl(entity.schema_id))]
            lists += _scoped(database.scoped, ObjectKind.SCHEMAS)
            lists.append(("TABLES", database.shared_acl(entity.schema_id, ObjectKind.TABLES)))
        case Relation():
            lists = [("TABLE", database.shared_acl(entity.relation_id))]
            lists.append(("TABLES", database.shared_acl(entity.schema, ObjectKind.TABLES)))
            lists += _scoped(database.scoped, ObjectKind.TABLES)
    for scope, acl in lists:
        yield from _of(context, acl, database.owner, scope)


def _lists(context: SqlContext, entity: Owned) -> Iterator[tuple[str, Acl]]:
    match entity:
        case Database():
            yield "DATABASE", entity.acl
            yield from _scoped(entity.scoped)
        case Schema():
            yield "SCHEMA", entity.acl
            yield from _scoped(entity.scoped)
            database = context.catalog.database(entity.database)
            yield from _scoped(database.scoped if database else (), ObjectKind.SCHEMAS)
        case Relation():
            yield "TABLE", entity.acl
            for place in (
                context.catalog.schema(entity.schema),
                context.catalog.database(entity.database),
            ):
                yield from _scoped(place.scoped if place else (), ObjectKind.TABLES)
        case Function():
            yield "FUNCTION", entity.acl
            for place in (
                context.catalog.schema(entity.schema),
                context.catalog.database(entity.database),
            ):
                yield from _scoped(place.scoped if place else (), ObjectKind.FUNCTIONS)
        case Datashare():
            yield "DATASHARE", entity.acl


def _scoped(scoped: Iterable[Scoped], kind: ObjectKind | None = None) -> list[tuple[str, Acl]]:
    return [(str(entry.kind), entry.acl) for entry in scoped if kind in {None, entry.kind}]


def _of(
    context: SqlContext, acl: Acl, owner: int, scope: str, column: str | None = None
) -> Iterator[Held]:
    user = context.user
    everything = user.superuser or owner == user.user_id or context.has_system("ACCESS CATALOG")
    for grant in acl.grants:
        if not everything and grant.grantee not in context.identities:
            continue
        grantor = owner if grant.grantor == OWNER else grant.grantor
        for privilege in Privilege:
            if privilege in grant.privileges:
                yield Held(
                    privilege,
                    grant.grantee.id,
                    shown_grantee(context, grant.grantee),
                    "role" if grant.grantee.kind is GranteeKind.GROUP else str(grant.grantee.kind),
                    privilege in grant.grantable,
                    user_name(context, grantor),
                    scope,
                    column,
                )


def shown_grantee(context: SqlContext, grantee: Grantee) -> str:
    """As SHOW GRANTS names it: a group is a role whose name begins with a slash."""
    name = grantee_name(context, grantee)
    return f"/{name}" if grantee.kind is GranteeKind.GROUP else name


def held_by_shares(context: SqlContext, entity: Database | Schema | Relation) -> Iterator[Held]:
    """What datashares hold on an object of theirs or in all of a kind in it: reserved roles named
    `ds:`.
    """
    for share in context.catalog.datashares_of(context.namespace.namespace_id):
        if not context.user.superuser and share.owner != context.user.user_id:
            continue
        owner = user_name(context, share.owner)
        for scope, privileges in _of_share(share, entity):
            for privilege in Privilege:
                if privilege in privileges:
                    name = f"ds:{share.name}"
                    yield Held(privilege, share.share_id, name, "role", False, owner, scope)


def _of_share(
    share: Datashare, entity: Database | Schema | Relation
) -> Iterator[tuple[str, frozenset[Privilege]]]:
    contents = share.contents
    match entity:
        case Database():
            if share.database == entity.database_id:
                yield from _in_scopes(contents, None)
        case Schema():
            schema = contents.schema(entity.schema_id)
            yield "SCHEMA", schema.privileges if schema else frozenset()
            yield from _in_scopes(contents, entity.schema_id)
        case Relation():
            relation = contents.relation(entity.relation_id)
            yield "TABLE", relation.privileges if relation else frozenset()


def _in_scopes(
    contents: Contents, schema: SchemaId | None
) -> Iterator[tuple[str, frozenset[Privilege]]]:
    for scope in contents.scopes:
        if scope.schema == schema:
            yield str(scope.kind), scope.privileges
