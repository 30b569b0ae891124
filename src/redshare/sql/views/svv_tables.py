"""SVV_TABLES, SVV_COLUMNS, SVV_TABLE_INFO and the views on what tables are physically.

https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_TABLE_INFO.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from redshare.core.relation import RelationKind
from redshare.sql.context import SqlContext
from redshare.sql.types import stored_type
from redshare.sql.views.definitions import columns_of
from redshare.sql.views.information import TABLE
from redshare.sql.views.measures import measures
from redshare.sql.views.model import Record, SystemView, nothing, view
from redshare.sql.views.oids import oid
from redshare.sql.views.physical import default_text, diststyle, encoding, sort_columns
from redshare.sql.views.reach import Seen, local, user_name
from redshare.sql.views.system import Registry, system_relations


def family(registry: Registry) -> tuple[SystemView, ...]:
    """The views, given the registry whose views SVV_TABLES and SVV_COLUMNS list."""

    def tables(context: SqlContext) -> Iterator[Record]:
        for found in system_relations(registry) if context.database.source is None else ():
            kind = "BASE TABLE" if found.is_table else "VIEW"
            yield _named(context, found.view.schema, found.view.name) | {"table_type": kind}
        for seen in local(context):
            yield _named(context, seen.schema.name, seen.relation.name) | {
                "table_type": "BASE TABLE" if seen.is_table else "VIEW",
                "remarks": seen.relation.comment or None,
            }

    def columns(context: SqlContext) -> Iterator[Record]:
        for found in system_relations(registry) if context.database.source is None else ():
            for place, (name, kind) in enumerate(found.view.columns, start=1):
                row = _named(context, found.view.schema, found.view.name)
                yield row | _column(name, kind, place) | {"is_nullable": "YES"}
        for seen in local(context):
            for place, column in enumerate(columns_of(context, seen), start=1):
                row = _named(context, seen.schema.name, seen.relation.name)
                yield (
                    row
                    | _column(column.name, column.type, place)
                    | {
                        "column_default": default_text(column),
                        "is_nullable": "YES" if column.nullable else "NO",
                        "remarks": column.comment or None,
                    }
                )

    return (
        view("svv_tables", f"{TABLE}, table_type text, remarks text", tables),
        view(
            "svv_columns",
            f"{TABLE}, column_name varchar(128), ordinal_position int,"
            "column_default varchar(4000), is_nullable varchar(3), data_type varchar(128),"
            "character_maximum_length int, numeric_precision int, numeric_precision_radix int,"
            "numeric_scale int, datetime_precision int, interval_type varchar(128),"
            "interval_precision varchar(128), character_set_catalog varchar(128),"
            "character_set_schema varchar(128), character_set_name varchar(128),"
            "collation_catalog varchar(128), collation_schema varchar(128),"
            "collation_name varchar(128), domain_name varchar(128), remarks text",
            columns,
        ),
    )


def _named(context: SqlContext, schema: str, name: str) -> dict[str, object]:
    return {"table_catalog": context.database.name, "table_schema": schema, "table_name": name}


def _column(name: str, text: str, place: int) -> dict[str, object]:
    found = measures(text)
    return {
        "column_name": name,
        "ordinal_position": place,
        "data_type": found.name,
        "character_maximum_length": found.length,
        "numeric_precision": found.precision,
        "numeric_precision_radix": found.radix,
        "numeric_scale": found.scale,
        "datetime_precision": found.fraction,
    }


def _table_info(context: SqlContext) -> Iterator[Record]:
    """What is not measured (sizes, skew, statistics) is null; a superuser's view."""
    if not context.user.superuser:
        return
    for seen in local(context):
        relation = seen.relation
        if relation.kind is not RelationKind.TABLE:
            continue
        keys = sort_columns(relation)
        widths = [stored_type(column.type) for column in relation.columns]
        lengths = [kind.a or 0 for kind in widths if kind.name == "character varying"]
        compressed = any(encoding(column) != "none" for column in relation.columns)
        yield {
            "database": seen.database.name,
            "schema": seen.schema.name,
            "table_id": oid(relation.relation_id),
            "table": relation.name,
            "encoded": _encoded(seen, compressed=compressed),
            "diststyle": diststyle(relation),
            "sortkey1": _first_sort_key(seen),
            "max_varchar": max(lengths, default=0),
            "sortkey1_enc": encoding(keys[0]) if keys else None,
            "sortkey_num": len(keys),
            "create_time": relation.created.replace(tzinfo=None),
        }


def _encoded(seen: Seen, *, compressed: bool) -> str:
    if all(not column.encoding for column in seen.relation.columns):
        return "Y, AUTO(ENCODE)" if compressed else "N"
    return "Y" if compressed else "N"


def _first_sort_key(seen: Seen) -> str:
    relation, keys = seen.relation, sort_columns(seen.relation)
    if relation.sortstyle == "AUTO":
        return "AUTO(SORTKEY)"
    if relation.sortstyle == "INTERLEAVED" and keys:
        return "INTERLEAVED"
    return keys[0].name if keys else "AUTO(SORTKEY)"


def _permanent(context: SqlContext) -> Iterator[Record]:
    """STV_TBL_PERM has a row a slice; there is one slice here."""
    for seen in local(context):
        if seen.is_table:
            yield {
                "slice": 0,
                "id": oid(seen.relation.relation_id),
                "name": seen.relation.name,
                "temp": 0,
                "db_id": oid(seen.database.database_id),
                "backup": 1 if seen.relation.backup else 0,
            }


def _views_read(context: SqlContext) -> Iterator[Record]:
    for seen in local(context):
        if seen.relation.kind is RelationKind.MATERIALIZED_VIEW:
            yield {
                "database_name": seen.database.name,
                "schema_name": seen.schema.name,
                "user_name": user_name(context, seen.relation.owner),
                "name": seen.relation.name,
                "is_stale": None,
                "state": 1,
                "autorewrite": "f",
                "autorefresh": "t" if seen.relation.auto_refresh else "f",
                "owner_user_name": user_name(context, seen.relation.owner),
                "db_name": seen.database.name,
                "schema": seen.schema.name,
                "updated_upto_xid": 0,
            }


VIEWS: Final = (
    view(
        "svv_table_info",
        "database text, schema text, table_id oid, table text, encoded text, diststyle text,"
        "sortkey1 text, max_varchar int, sortkey1_enc varchar(32), sortkey_num int, size bigint,"
        "pct_used numeric, empty bigint, unsorted numeric, stats_off numeric, tbl_rows numeric,"
        "skew_sortkey1 numeric, skew_rows numeric, estimated_visible_rows numeric,"
        "risk_event text, vacuum_sort_benefit numeric, create_time timestamp",
        _table_info,
    ),
    view(
        "stv_tbl_perm",
        "slice int, id int, name varchar(72), rows bigint, sorted_rows bigint, temp int,"
        "db_id int, insert_pristine int, delete_pristine int, backup int",
        _permanent,
    ),
    view(
        "stv_blocklist",
        "slice int, col int, tbl int, blocknum int, num_values int, extended_limits int,"
        "minvalue bigint, maxvalue bigint, sb_pos int, pinned int, on_disk int, modified int,"
        "hdr_modified int, unsorted int, tombstone int, preferred_diskno int, temporary int,"
        "newblock int, num_readers int, flags int",
        nothing,
    ),
    view(
        "svv_interleaved_columns",
        "tbl int, col int, interleaved_skew numeric, last_reindex timestamp",
        nothing,
    ),
    view(
        "svv_mv_info",
        "database_name varchar(128), schema_name varchar(128), user_name varchar(128),"
        "name varchar(128), is_stale char(1), state int, autorewrite char(1), autorefresh char(1)",
        _views_read,
    ),
    view(
        "stv_mv_info",
        "db_name varchar(128), schema varchar(128), name varchar(128), updated_upto_xid bigint,"
        "is_stale char(1), owner_user_name varchar(128), state int, autorewrite char(1),"
        "autorefresh char(1)",
        _views_read,
    ),
    view(
        "svv_mv_dependency",
        "database_name varchar(128), schema_name varchar(128),"
        "name varchar(128), dependent_database_name varchar(128),"
        "dependent_schema_name varchar(128), dependent_name varchar(128)",
        nothing,
    ),
    view(
        "svv_alter_table_recommendations",
        "type varchar(30), database varchar(128), table_id int, group_id int, ddl text,"
        "auto_eligible char(1)",
        nothing,
    ),
    view(
        "svv_vacuum_progress",
        "table_name text, status text, time_remaining_estimate text",
        nothing,
    ),
    view(
        "svv_diskusage",
        "db_id int, name varchar(72), slice int, col int, tbl int, blocknum int, num_values int,"
        "minvalue bigint, maxvalue bigint, sb_pos int, pinned int, on_disk int, modified int,"
        "hdr_modified int, unsorted int, tombstone int, preferred_diskno int, temporary int,"
        "newblock int",
        nothing,
    ),
)
