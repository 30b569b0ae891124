"""What keeps a user, group or role from being dropped: what it owns and what it was granted."""

from __future__ import annotations

from collections.abc import Iterator

from redshare.core.catalog import Catalog
from redshare.core.database import Database
from redshare.core.ids import FunctionId, NamespaceId, RelationId, SchemaId, UserId
from redshare.core.privileges import Acl, Grantee


def owns_something(catalog: Catalog, namespace: NamespaceId, user: UserId) -> bool:
    """Whether any object, role or default privilege is the user's."""
    if any(user in _owners(catalog, database) for database in catalog.databases(namespace)):
        return True
    shares = any(share.owner == user for share in catalog.datashares_of(namespace))
    return shares or any(role.owner == user for role in catalog.roles(namespace))


def _owners(catalog: Catalog, database: Database) -> Iterator[UserId]:
    yield database.owner
    yield from (entry.user for entry in database.defaults)
    for schema in catalog.schemas(database.database_id):
        yield schema.owner
        yield from (relation.owner for relation in catalog.relations(schema.schema_id))
        yield from (function.owner for function in catalog.functions(schema.schema_id))


def has_privilege(catalog: Catalog, namespace: NamespaceId, grantee: Grantee) -> bool:
    """Whether anything is granted to it on some object."""
    if any(acl.mentions(grantee) for acl in _lists(catalog, namespace)):
        return True
    return any(
        attachment.grantee == grantee
        for database in catalog.databases(namespace)
        for policy in catalog.policies(database.database_id)
        for attachment in policy.attachments
    )


def _there(catalog: Catalog, key: str) -> bool:
    return (
        catalog.schema(SchemaId(key)) is not None
        or catalog.relation(RelationId(key)) is not None
        or catalog.function(FunctionId(key)) is not None
    )


def _lists(catalog: Catalog, namespace: NamespaceId) -> Iterator[Acl]:
    yield from (share.acl for share in catalog.datashares_of(namespace))
    for database in catalog.databases(namespace):
        yield database.acl
        yield from (scoped.acl for scoped in database.scoped)
        yield from (entry.acl for entry in database.defaults)
        for shared in database.shared:
            # What the producer dropped cannot be revoked any more.
            if _there(catalog, shared.object):
                yield shared.acl
        for schema in catalog.schemas(database.database_id):
            yield schema.acl
            yield from (scoped.acl for scoped in schema.scoped)
            yield from (function.acl for function in catalog.functions(schema.schema_id))
            for relation in catalog.relations(schema.schema_id):
                yield relation.acl
                yield from (column.acl for column in relation.columns)
