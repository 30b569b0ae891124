"""SVV_REDSHIFT_* and SVV_ALL_*: databases, schemas, tables, columns, functions, across databases.

https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_REDSHIFT_TABLES.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final

from redshare.core.database import Database
from redshare.core.relation import RelationKind
from redshare.sql.context import SqlContext
from redshare.sql.views.acl import acl_text
from redshare.sql.views.definitions import columns_of
from redshare.sql.views.measures import measures
from redshare.sql.views.model import Record, view
from redshare.sql.views.oids import SYSTEM_SCHEMAS
from redshare.sql.views.physical import default_text, encoding
from redshare.sql.views.reach import (
    SYSTEM_USER,
    Seen,
    databases,
    everything,
    is_external,
    schemas,
    user_name,
)

#: svv_redshift_databases.database_options is no longer than this on the service either.
_OPTIONS_LENGTH: Final = 128
_TABLE: Final = "database_name varchar(128), schema_name varchar(128), table_name varchar(128)"


def parameters(database: Database) -> str | None:
    """What a shared database was made from, as SHOW DATABASES prints it; None for a local one."""
    source = database.source
    if source is None:
        return None
    return json.dumps(
        {
            "datashare_name": source.share_name,
            "datashare_producer_account": source.producer_account,
            "datashare_producer_namespace": source.producer_namespace,
            "permissions": source.with_permissions,
        },
        separators=(",", ":"),
    )


def database_rows(context: SqlContext) -> Iterator[Record]:
    """SVV_REDSHIFT_DATABASES; `parameters` is not cut."""
    for database in databases(context):
        options = parameters(database)
        shared = database.source is not None
        yield {
            "database_name": database.name,
            "database_owner": database.owner,
            "database_type": str(database.kind),
            "database_acl": acl_text(context, database),
            "database_options": options[:_OPTIONS_LENGTH] if options else None,
            "database_isolation_level": "UNKNOWN" if shared else database.isolation_level,
            "parameters": options,
        }


def schema_rows(context: SqlContext, within: Database) -> Iterator[Record]:
    """The schemas of a database; of a local one the system's too."""
    shared = within.source is not None
    kind = "external" if is_external(within) else str(within.kind)
    for name in () if shared else SYSTEM_SCHEMAS:
        yield {
            "database_name": within.name,
            "schema_name": name,
            "schema_owner": SYSTEM_USER,
            "schema_type": kind,
            "schema_acl": "rdsdb=UC/rdsdb~=U/rdsdb",
        }
    for schema in schemas(context, within):
        external = schema.external
        yield {
            "database_name": within.name,
            "schema_name": schema.name,
            "schema_owner": None if shared else schema.owner,
            "schema_type": kind if external is None else "external",
            "schema_acl": None if shared else acl_text(context, schema),
            "source_database": None if external is None else external.database,
        }


def _all_schemas(context: SqlContext) -> Iterator[Record]:
    for database in databases(context):
        yield from schema_rows(context, database)


def _own_schemas(context: SqlContext) -> Iterator[Record]:
    return (row for row in _all_schemas(context) if row["schema_type"] != "external")


def table_type(seen: Seen) -> str:
    """What SVV_ALL_TABLES and SHOW TABLES call it."""
    if seen.external:
        return "EXTERNAL TABLE"
    return "TABLE" if seen.is_table else "VIEW"


def table_row(context: SqlContext, seen: Seen) -> dict[str, object]:
    """A row of SVV_REDSHIFT_TABLES. Whose a shared table is only its producer knows."""
    relation = seen.relation
    return {
        "database_name": seen.database.name,
        "schema_name": seen.schema.name,
        "table_name": relation.name,
        "table_type": table_type(seen),
        "table_acl": None if seen.shared else acl_text(context, relation),
        "remarks": relation.comment or None,
        "table_owner": None if seen.shared else user_name(context, relation.owner),
    }


def _own(context: SqlContext) -> Iterator[Seen]:
    return (seen for seen in everything(context) if not seen.external)


def _tables(context: SqlContext) -> Iterator[Record]:
    return (table_row(context, seen) for seen in _own(context))


def _all_tables(context: SqlContext) -> Iterator[Record]:
    return (table_row(context, seen) for seen in everything(context))


def column_rows(context: SqlContext, seen: Seen) -> Iterator[dict[str, object]]:
    """Rows of SVV_REDSHIFT_COLUMNS and SVV_ALL_COLUMNS, which say a type in two ways."""
    database, schema, table = seen.path
    for place, column in enumerate(columns_of(context, seen), start=1):
        found = measures(column.type)
        yield {
            "database_name": database,
            "schema_name": schema,
            "table_name": table,
            "column_name": column.name,
            "ordinal_position": place,
            "data_type": column.type,
            "column_default": default_text(column),
            "is_nullable": "YES" if column.nullable else "NO",
            "encoding": encoding(column) if seen.relation.kind is RelationKind.TABLE else None,
            "distkey": column.distkey,
            "sortkey": column.sortkey,
            "remarks": column.comment or None,
            "bare_type": found.name,
            "character_maximum_length": found.length,
            "numeric_precision": found.precision,
            "numeric_scale": found.scale,
        }


def _columns(context: SqlContext) -> Iterator[Record]:
    for seen in _own(context):
        yield from column_rows(context, seen)


def _all_columns(context: SqlContext) -> Iterator[Record]:
    for seen in everything(context):
        for row in column_rows(context, seen):
            yield {**row, "data_type": row["bare_type"]}


VIEWS: Final = (
    view(
        "svv_redshift_databases",
        "database_name varchar(128), database_owner int, database_type varchar(32),"
        "database_acl varchar(128), database_options varchar(128),"
        "database_isolation_level varchar(128)",
        database_rows,
    ),
    view(
        "svv_redshift_schemas",
        "database_name varchar(128), schema_name varchar(128), schema_owner int,"
        "schema_type varchar(16), schema_acl varchar(128), schema_option varchar(128)",
        _own_schemas,
    ),
    view(
        "svv_redshift_tables",
        f"{_TABLE}, table_type varchar(128), table_acl varchar(128), remarks varchar(128),"
        "table_owner varchar(128)",
        _tables,
    ),
    view(
        "svv_redshift_columns",
        f"{_TABLE}, column_name varchar(128), ordinal_position int, data_type varchar(32),"
        "column_default varchar(4000), is_nullable varchar(3), encoding varchar(128),"
        "distkey bool, sortkey int, column_acl varchar(128), remarks varchar(256)",
        _columns,
    ),
    view(
        "svv_all_schemas",
        "database_name varchar(128), schema_name varchar(128), schema_owner int,"
        "schema_type varchar(128), schema_acl varchar(128), source_database varchar(128),"
        "schema_option varchar(256)",
        _all_schemas,
    ),
    view(
        "svv_all_tables",
        f"{_TABLE}, table_acl varchar(128), table_type varchar(128), remarks varchar(256)",
        _all_tables,
    ),
    view(
        "svv_all_columns",
        f"{_TABLE}, column_name varchar(128), ordinal_position int, column_default varchar(4000),"
        "is_nullable varchar(3), data_type varchar(128), character_maximum_length int,"
        "numeric_precision int, numeric_scale int, remarks varchar(256)",
        _all_columns,
    ),
)
