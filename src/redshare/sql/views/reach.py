"""What the session's user may know of: databases, schemas, relations.

A superuser and an owner know everything of their own namespace, others what a grant reaches. Of a
shared database there are the members of its share, as long as it may be used.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from redshare.core.access import Allowed, may_use_share
from redshare.core.database import Database, Schema
from redshare.core.privileges import Privilege
from redshare.core.relation import Relation, RelationKind
from redshare.core.share import Datashare
from redshare.core.user import User
from redshare.sql.context import SqlContext
from redshare.sql.may import may, may_shared, reaches, shared_reaches

#: Relations with rows of their own.
TABLES: Final = frozenset({RelationKind.TABLE})


@dataclass(frozen=True, slots=True)
class Seen:
    """A relation with the schema and database it is seen through."""

    database: Database
    schema: Schema
    relation: Relation

    @property
    def shared(self) -> bool:
        """Whether another namespace owns it."""
        return self.database.source is not None

    @property
    def external(self) -> bool:
        """Whether it is seen through the Data Catalog."""
        return is_external(self.database)

    @property
    def is_table(self) -> bool:
        """Whether it is a table, not a view of any kind."""
        return self.relation.kind in TABLES

    @property
    def path(self) -> tuple[str, str, str]:
        """Database, schema and name."""
        return self.database.name, self.schema.name, self.relation.name


def is_external(database: Database) -> bool:
    """Whether a database was made from the Data Catalog: SVV_EXTERNAL_* says what is in it."""
    return database.source is not None and database.source.catalog


def databases(context: SqlContext) -> Iterator[Database]:
    """The databases of the namespace that the user may know of."""
    for database in context.catalog.databases(context.namespace.namespace_id):
        hidden = database.source is not None and database.source.with_permissions
        if not hidden or may(context, database, Privilege.USAGE):
            yield database


def usable_share(context: SqlContext, database: Database) -> Datashare | None:
    """The share behind a shared database, if the user may use both now."""
    if database.source is None or not may(context, database, Privilege.USAGE):
        return None
    share = context.catalog.datashare(database.source.share)
    decision = may_use_share(share, context.namespace, catalog=database.source.catalog)
    return share if isinstance(decision, Allowed) else None


def schemas(context: SqlContext, database: Database) -> Iterator[Schema]:
    """The schemas of a database that the user may use; of a shared one its members."""
    if database.source is None:
        for schema in context.catalog.schemas(database.database_id):
            if may(context, schema, Privilege.USAGE):
                yield schema
        return
    share = usable_share(context, database)
    for member in share.contents.schemas if share else ():
        found = context.catalog.schema(member.schema)
        if found is not None and may_shared(context, database, found, (Privilege.USAGE,)):
            yield found


def relations(context: SqlContext, database: Database, schema: Schema) -> Iterator[Relation]:
    """The relations of a schema that the user holds a privilege on."""
    share = usable_share(context, database)
    if database.source is not None and share is None:
        return
    for relation in context.catalog.relations(schema.schema_id):
        if share is not None:
            member = share.contents.relation(relation.relation_id) is not None
            if member and shared_reaches(context, database, relation):
                yield relation
        elif reaches(context, relation):
            yield relation


def everything(context: SqlContext) -> Iterator[Seen]:
    """All relations of all databases."""
    for database in databases(context):
        yield from of_database(context, database)


def of_database(context: SqlContext, database: Database) -> Iterator[Seen]:
    """The relations of one database."""
    for schema in schemas(context, database):
        for relation in relations(context, database, schema):
            yield Seen(database, schema, relation)


def local(context: SqlContext) -> Iterator[Seen]:
    """The relations of the connected database, where it is a local one."""
    if context.database.source is None:
        yield from of_database(context, context.database)


def local_schemas(context: SqlContext) -> Iterator[Schema]:
    """The schemas of the connected database, where it is a local one."""
    if context.database.source is None:
        yield from schemas(context, context.database)


def users(context: SqlContext) -> Iterator[User]:
    """The users of the namespace."""
    found: Iterator[User] = context.catalog.users(context.namespace.namespace_id)
    return found


def user_name(context: SqlContext, user_id: int) -> str | None:
    """A user's name by id; the service's own user is rdsdb."""
    if user_id == SYSTEM_USER:
        return "rdsdb"
    found = context.catalog.get(User, f"{context.namespace.namespace_id}/{user_id}")
    return None if found is None else str(found.name)


#: Who owns the system's objects.
SYSTEM_USER: Final = 1
