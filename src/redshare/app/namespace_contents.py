"""Everything that lives and ends with a namespace or a database."""

from __future__ import annotations

from redshare.core.catalog import Catalog, Drop, Entity
from redshare.core.database import Database
from redshare.core.namespace import Namespace


def contents_of(catalog: Catalog, namespace: Namespace) -> list[Entity]:
    """The namespace itself, its users, shares and databases with what is in them."""
    found: list[Entity] = [namespace]
    found += catalog.users(namespace.namespace_id)
    found += catalog.groups(namespace.namespace_id)
    found += catalog.roles(namespace.namespace_id)
    found += catalog.datashares_of(namespace.namespace_id)
    for database in catalog.databases(namespace.namespace_id):
        found += contents_of_database(catalog, database)
    return found


def contents_of_database(catalog: Catalog, database: Database) -> list[Entity]:
    """The database itself, its policies, schemas, relations and functions."""
    found: list[Entity] = [database]
    found += catalog.policies(database.database_id)
    for schema in catalog.schemas(database.database_id):
        found.append(schema)
        found += catalog.relations(schema.schema_id)
        found += catalog.functions(schema.schema_id)
    return found


def drops_of_database(catalog: Catalog, database: Database) -> list[Drop]:
    """What DROP DATABASE changes."""
    return [Drop(entity) for entity in contents_of_database(catalog, database)]
