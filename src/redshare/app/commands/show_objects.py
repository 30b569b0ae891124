"""SHOW DATABASES, SCHEMAS, TABLES and COLUMNS, across local and shared databases."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from redshare.core.database import Database
from redshare.core.relation import RelationKind
from redshare.core.sql_errors import UndefinedDatabase, UndefinedSchema, UndefinedTable
from redshare.sql.commands.show import (
    ShowCatalogDatabases,
    ShowColumns,
    ShowDatabases,
    ShowSchemas,
    ShowTables,
)
from redshare.sql.context import SqlContext
from redshare.sql.views import data_catalog, reach
from redshare.sql.views.model import Record
from redshare.sql.views.physical import diststyle
from redshare.sql.views.reach import Seen
from redshare.sql.views.shares import like
from redshare.sql.views.svv_redshift import column_rows, database_rows, schema_rows, table_row

DATABASES: Final = (
    "database_name varchar(128), database_owner int, database_type varchar(32),"
    "database_acl varchar(128), parameters varchar(512), database_isolation_level varchar(128)"
)
SCHEMAS: Final = (
    "database_name varchar(128), schema_name varchar(128), schema_owner int,"
    "schema_type varchar(16), schema_acl varchar(128), source_database varchar(128),"
    "schema_option varchar(256)"
)
_TABLE: Final = "database_name varchar(128), schema_name varchar(128), table_name varchar(128)"
TABLES: Final = (
    f"{_TABLE}, table_type varchar(128), table_acl varchar(128), remarks varchar(256),"
    "owner varchar(128), last_altered_time timestamp, last_modified_time timestamp,"
    "dist_style varchar(128), table_subtype varchar(128)"
)
COLUMNS: Final = (
    f"{_TABLE}, column_name varchar(128), ordinal_position int, column_default varchar(4000),"
    "is_nullable varchar(3), data_type varchar(128), character_maximum_length int,"
    "numeric_precision int, numeric_scale int, remarks varchar(256), sort_key_type varchar(16),"
    "sort_key int, dist_key int, encoding varchar(128), collation varchar(128)"
)
_SUBTYPES: Final = {
    RelationKind.TABLE: "REGULAR TABLE",
    RelationKind.VIEW: "REGULAR VIEW",
    RelationKind.LATE_BINDING_VIEW: "LATE BINDING VIEW",
    RelationKind.MATERIALIZED_VIEW: "MATERIALIZED VIEW",
}


def _fits(pattern: str | None) -> re.Pattern[str]:
    return like("%" if pattern is None else pattern)


def database_named(context: SqlContext, name: str) -> Database:
    """A database the user may know of. Raises UndefinedDatabase."""
    for database in reach.databases(context):
        if database.name == name:
            return database
    raise UndefinedDatabase(name)


def schema_named(context: SqlContext, name: tuple[str, ...]) -> tuple[Database, list[Seen]]:
    """The relations of `[database.]schema`. Raises UndefinedDatabase, UndefinedSchema."""
    database = database_named(context, name[0]) if len(name) > 1 else context.current
    for schema in reach.schemas(context, database):
        if schema.name == name[-1]:
            found = reach.relations(context, database, schema)
            return database, [Seen(database, schema, relation) for relation in found]
    if database.source is None and name[-1] in {"pg_catalog", "information_schema"}:
        return database, []
    raise UndefinedSchema(f'schema "{name[-1]}" does not exist')


def relation_named(context: SqlContext, name: tuple[str, ...]) -> Seen:
    """The relation of one to three names. Raises UndefinedTable and the like."""
    if len(name) > 1:
        candidates = [name[:-1]]
    else:
        path = (context.user.name if n == "$user" else n for n in context.search_path)
        known = {schema.name for schema in reach.schemas(context, context.current)}
        candidates = [(schema,) for schema in path if schema in known]
    for schema in candidates:
        for seen in schema_named(context, schema)[1]:
            if seen.relation.name == name[-1]:
                return seen
    raise UndefinedTable(f'relation "{".".join(name)}" does not exist')


def databases(context: SqlContext, command: ShowDatabases) -> Iterator[Record]:
    """SHOW DATABASES [LIKE]."""
    wanted = _fits(command.pattern)
    return (r for r in database_rows(context) if wanted.fullmatch(str(r["database_name"])))


def catalog_databases(context: SqlContext, command: ShowCatalogDatabases) -> Iterator[Record]:
    """SHOW DATABASES FROM DATA CATALOG: another account's catalogue shows nothing to this one."""
    wanted = _fits(command.pattern)
    if command.accounts and context.namespace.account not in command.accounts:
        return
    yield from (
        r for r in data_catalog.listed(context) if wanted.fullmatch(str(r["database_name"]))
    )


def schemas(context: SqlContext, command: ShowSchemas) -> Iterator[Record]:
    """SHOW SCHEMAS FROM DATABASE [LIKE]."""
    wanted = _fits(command.pattern)
    database = database_named(context, command.database)
    rows = schema_rows(context, database)
    return (r for r in rows if wanted.fullmatch(str(r["schema_name"])))


def matching(
    context: SqlContext, database: str | None, schema_pattern: str | None, pattern: str | None
) -> Iterator[Seen]:
    """The relations of a database whose schemas and names fit."""
    assert database is not None, "the grammar asks for one or the other"
    schema_fits, fits = _fits(schema_pattern), _fits(pattern)
    for seen in reach.of_database(context, database_named(context, database)):
        if schema_fits.fullmatch(seen.schema.name) and fits.fullmatch(seen.relation.name):
            yield seen


def tables(context: SqlContext, command: ShowTables) -> Iterator[Record]:
    """SHOW TABLES FROM SCHEMA, and the drivers' FROM DATABASE ... WHERE."""
    if command.schema is not None:
        wanted = _fits(command.pattern)
        found = [
            seen
            for seen in schema_named(context, command.schema)[1]
            if wanted.fullmatch(seen.relation.name)
        ]
    else:
        found = list(matching(context, command.database, command.schema_pattern, command.pattern))
    return (_table(context, seen) for seen in found)


def _table(context: SqlContext, seen: Seen) -> Record:
    row = table_row(context, seen)
    return row | {
        "owner": row["table_owner"],
        "last_altered_time": None,
        "last_modified_time": None,
        "dist_style": diststyle(seen.relation) if seen.is_table else None,
        "table_subtype": _SUBTYPES[seen.relation.kind],
    }


def columns(context: SqlContext, command: ShowColumns) -> Iterator[Record]:
    """SHOW COLUMNS FROM TABLE, and the drivers' FROM DATABASE ... WHERE."""
    wanted = _fits(command.pattern)
    if command.table is not None:
        found = [relation_named(context, command.table)]
    else:
        found = list(
            matching(context, command.database, command.schema_pattern, command.table_pattern)
        )
    for seen in found:
        for row in column_rows(context, seen):
            if wanted.fullmatch(str(row["column_name"])):
                yield _column(seen, row)


def _column(seen: Seen, row: dict[str, object]) -> Record:
    place = row["sortkey"]
    assert isinstance(place, int)
    style = "INTERLEAVED" if seen.relation.sortstyle == "INTERLEAVED" else "COMPOUND"
    return row | {
        "data_type": row["bare_type"],
        "sort_key_type": style if place else None,
        "sort_key": abs(place) if seen.is_table else None,
        "dist_key": int(bool(row["distkey"])) if seen.is_table else None,
        "collation": None,
    }
