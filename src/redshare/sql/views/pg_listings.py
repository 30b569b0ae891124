"""pg_tables, pg_views, pg_indexes, pg_table_def, pg_settings: what is easy to read.

https://docs.aws.amazon.com/redshift/latest/dg/r_PG_TABLE_DEF.html
"""

from __future__ import annotations

from collections.abc import Iterator

from redshare.sql.context import SqlContext
from redshare.sql.settings import SETTINGS
from redshare.sql.shown import shown
from redshare.sql.views.definitions import view_text
from redshare.sql.views.model import Record, SystemView, view
from redshare.sql.views.pg_constraint import Key, local_keys
from redshare.sql.views.physical import encoding
from redshare.sql.views.reach import Seen, local, user_name
from redshare.sql.views.system import Registry, system_relations


def index_definition(key: Key) -> str:
    """pg_get_indexdef()."""
    names = ", ".join(key.constraint.columns)
    return f"CREATE UNIQUE INDEX {key.name} ON {key.seen.relation.name} USING btree ({names})"


def in_search_path(context: SqlContext, seen: Seen) -> bool:
    """Whether the relation is found by its bare name."""
    for name in context.search_path:
        wanted = context.user.name if name == "$user" else name
        schema = context.catalog.schema_named(seen.relation.database, wanted)
        if schema is None:
            continue
        found = context.catalog.relation_named(schema.schema_id, seen.relation.name)
        if found is not None:
            return found.relation_id == seen.relation.relation_id
    return False


def family(registry: Registry) -> tuple[SystemView, ...]:
    """The views, given the registry whose views pg_tables and pg_views list."""

    def tables(context: SqlContext) -> Iterator[Record]:
        for found in system_relations(registry):
            if found.is_table:
                yield _listed(found.view.schema, found.view.name, "rdsdb", "table")
        for seen in local(context):
            if seen.is_table:
                owner = user_name(context, seen.relation.owner)
                indexed = any(c.kind != "FOREIGN KEY" for c in seen.relation.constraints)
                yield _listed(seen.schema.name, seen.relation.name, owner, "table") | {
                    "hasindexes": indexed
                }

    def views(context: SqlContext) -> Iterator[Record]:
        for found in system_relations(registry):
            if not found.is_table:
                yield _listed(found.view.schema, found.view.name, "rdsdb", "view")
        for seen in local(context):
            if not seen.is_table:
                owner = user_name(context, seen.relation.owner)
                yield _listed(seen.schema.name, seen.relation.name, owner, "view") | {
                    "definition": view_text(seen)
                }

    return (
        view(
            "pg_tables",
            "schemaname name, tablename name, tableowner name, tablespace name, hasindexes bool,"
            "hasrules bool, hastriggers bool",
            tables,
        ),
        view("pg_views", "schemaname name, viewname name, viewowner name, definition text", views),
        view(
            "pg_indexes",
            "schemaname name, tablename name, indexname name, tablespace name, indexdef text",
            _indexes,
        ),
        view(
            "pg_table_def",
            "schemaname name, tablename name, column name, type text, encoding varchar(32),"
            "distkey bool, sortkey int, notnull bool",
            _table_def,
        ),
        view(
            "pg_settings",
            "name text, setting text, context text, vartype text, source text, min_val text,"
            "max_val text",
            _settings,
            "category text, short_desc text, unit text",
        ),
    )


def _listed(schema: str, name: str, owner: str | None, kind: str) -> dict[str, object]:
    return {
        "schemaname": schema,
        f"{kind}name": name,
        f"{kind}owner": owner,
        "hasindexes": False,
        "hasrules": False,
        "hastriggers": False,
    }


def _indexes(context: SqlContext) -> Iterator[Record]:
    for key in local_keys(context):
        if key.kind != "FOREIGN KEY":
            yield {
                "schemaname": key.seen.schema.name,
                "tablename": key.seen.relation.name,
                "indexname": key.name,
                "indexdef": index_definition(key),
            }


def _table_def(context: SqlContext) -> Iterator[Record]:
    """Only tables that the search path finds, as the manual says; no views."""
    path = {context.user.name if name == "$user" else name for name in context.search_path}
    for seen in local(context):
        if not seen.is_table or seen.schema.name not in path:
            continue
        for column in seen.relation.columns:
            yield {
                "schemaname": seen.schema.name,
                "tablename": seen.relation.name,
                "column": column.name,
                "type": column.type,
                "encoding": encoding(column),
                "distkey": column.distkey,
                "sortkey": column.sortkey,
                "notnull": not column.nullable,
            }


def _settings(context: SqlContext) -> Iterator[Record]:
    for name in sorted({*SETTINGS, *context.settings}):
        changed = name in context.settings
        yield {
            "name": name,
            "setting": shown(context, name),
            "context": "user",
            "vartype": "string",
            "source": "session" if changed else "default",
            "short_desc": "",
        }
