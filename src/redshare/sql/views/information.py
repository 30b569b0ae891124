"""information_schema: schemata, tables, columns, views, of the connected database.

Connected to a shared database it is empty, as on the service.
https://www.postgresql.org/docs/8.0/information-schema.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from redshare.sql.context import SqlContext
from redshare.sql.types import stored_type
from redshare.sql.views.definitions import view_query
from redshare.sql.views.measures import Measures, measures
from redshare.sql.views.model import Record, SystemView, view
from redshare.sql.views.oids import SYSTEM_SCHEMAS
from redshare.sql.views.pg_type import pg_type
from redshare.sql.views.physical import default_text
from redshare.sql.views.reach import local, local_schemas, user_name
from redshare.sql.views.system import Registry, SystemRelation, system_relations

TABLE: Final = "table_catalog varchar(128), table_schema varchar(128), table_name varchar(128)"
_COLUMNS: Final = (
    f"{TABLE}, column_name varchar(128), ordinal_position int, column_default varchar(4000),"
    "is_nullable varchar(3), data_type varchar(128), character_maximum_length int,"
    "character_octet_length int, numeric_precision int, numeric_precision_radix int,"
    "numeric_scale int, datetime_precision int, interval_type varchar(128),"
    "interval_precision varchar(128), character_set_catalog varchar(128),"
    "character_set_schema varchar(128), character_set_name varchar(128),"
    "collation_catalog varchar(128), collation_schema varchar(128), collation_name varchar(128),"
    "domain_catalog varchar(128), domain_schema varchar(128), domain_name varchar(128),"
    "udt_catalog varchar(128), udt_schema varchar(128), udt_name varchar(128),"
    "scope_catalog varchar(128), scope_schema varchar(128), scope_name varchar(128),"
    "maximum_cardinality int, dtd_identifier varchar(128), is_self_referencing varchar(3)"
)


def family(registry: Registry) -> tuple[SystemView, ...]:
    """The views, given the registry whose views they list."""

    def system(context: SqlContext) -> tuple[SystemRelation, ...]:
        return () if context.database.source is not None else system_relations(registry)

    def tables(context: SqlContext) -> Iterator[Record]:
        for found in system(context):
            kind = "BASE TABLE" if found.is_table else "VIEW"
            yield _table(context, found.view.schema, found.view.name) | {"table_type": kind}
        for seen in local(context):
            kind = "BASE TABLE" if seen.is_table else "VIEW"
            row = _table(context, seen.schema.name, seen.relation.name)
            yield row | {"table_type": kind, "is_insertable_into": "YES" if seen.is_table else "NO"}

    def columns(context: SqlContext) -> Iterator[Record]:
        for found in system(context):
            for place, (name, kind) in enumerate(found.view.columns, start=1):
                row = _table(context, found.view.schema, found.view.name)
                yield row | _column(name, kind, place) | {"is_nullable": "YES"}
        for seen in local(context):
            for place, column in enumerate(seen.relation.columns, start=1):
                row = _table(context, seen.schema.name, seen.relation.name)
                yield (
                    row
                    | _column(column.name, column.type, place)
                    | {
                        "is_nullable": "YES" if column.nullable else "NO",
                        "column_default": default_text(column),
                        "udt_catalog": context.database.name,
                    }
                )

    return (
        view(
            "information_schema.schemata",
            "catalog_name varchar(128), schema_name varchar(128), schema_owner varchar(128),"
            "default_character_set_catalog varchar(128), default_character_set_schema varchar(128),"
            "default_character_set_name varchar(128), sql_path varchar(128)",
            _schemata,
        ),
        view(
            "information_schema.tables",
            f"{TABLE}, table_type varchar(128), self_referencing_column_name varchar(128),"
            "reference_generation varchar(128), user_defined_type_catalog varchar(128),"
            "user_defined_type_schema varchar(128), user_defined_name varchar(128)",
            tables,
            "is_insertable_into varchar(3), is_typed varchar(3)",
        ),
        view("information_schema.columns", _COLUMNS, columns),
        view(
            "information_schema.views",
            f"{TABLE}, view_definition varchar(65535), check_option varchar(128),"
            "is_updatable varchar(3), is_insertable_into varchar(3)",
            _views,
        ),
        view(
            "information_schema.information_schema_catalog_name",
            "catalog_name varchar(128)",
            lambda context: [(context.database.name,)],
        ),
        view(
            "information_schema.enabled_roles",
            "role_name varchar(128)",
            lambda context: [(context.user.name,)],
        ),
        view(
            "information_schema.applicable_roles",
            "grantee varchar(128), role_name varchar(128), is_grantable varchar(3)",
            lambda _context: (),
        ),
    )


def _table(context: SqlContext, schema: str, name: str) -> dict[str, object]:
    return {
        "table_catalog": context.database.name,
        "table_schema": schema,
        "table_name": name,
    }


def _column(name: str, text: str, place: int) -> dict[str, object]:
    found: Measures = measures(text)
    return {
        "column_name": name,
        "ordinal_position": place,
        "data_type": found.name,
        "character_maximum_length": found.length,
        "character_octet_length": found.length,
        "numeric_precision": found.precision,
        "numeric_precision_radix": found.radix,
        "numeric_scale": found.scale,
        "datetime_precision": found.fraction,
        "udt_schema": "pg_catalog",
        "udt_name": pg_type(stored_type(text)).name,
        "dtd_identifier": str(place),
        "is_self_referencing": "NO",
    }


def _schemata(context: SqlContext) -> Iterator[Record]:
    if context.database.source is not None:
        return
    for name in SYSTEM_SCHEMAS:
        yield {
            "catalog_name": context.database.name,
            "schema_name": name,
            "schema_owner": "rdsdb",
        }
    for schema in local_schemas(context):
        yield {
            "catalog_name": context.database.name,
            "schema_name": schema.name,
            "schema_owner": user_name(context, schema.owner),
        }


def _views(context: SqlContext) -> Iterator[Record]:
    for seen in local(context):
        if not seen.is_table:
            query = view_query(seen.relation)
            yield _table(context, seen.schema.name, seen.relation.name) | {
                "view_definition": None if query is None else f" {query};",
                "check_option": "NONE",
                "is_updatable": "NO",
                "is_insertable_into": "NO",
            }
