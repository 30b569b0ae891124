"""Everything that lives and ends with a namespace or a database."""

from __future__ import annotations

from redshare.core.catalog import Catalog, Drop, Entity
from redshare.core.database import Database
from redshare.core.namespace import Namespace
from redshare.core.snapshot import Snapshot, SnapshotType


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


def automated_snapshots_of(catalog: Catalog, namespace: Namespace) -> list[Snapshot]:
    """The automated snapshots that were taken of a namespace; they end with it."""
    return [
        snapshot
        for snapshot in catalog.children(Snapshot, namespace.account)
        if snapshot.namespace == namespace.namespace_id
        and snapshot.snapshot_type is SnapshotType.AUTOMATED
    ]
