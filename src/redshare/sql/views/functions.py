"""Functions that answer rows and stand in FROM: pg_get_late_binding_view_cols(), pg_get_cols().

https://docs.aws.amazon.com/redshift/latest/dg/PG_GET_LATE_BINDING_VIEW_COLS.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sqlglot import exp

from redshare.core.relation import RelationKind
from redshare.core.sql_errors import FeatureNotSupported, UndefinedTable
from redshare.sql.context import SqlContext
from redshare.sql.views.definitions import columns_of
from redshare.sql.views.model import Record, SystemView, view
from redshare.sql.views.pg_listings import in_search_path
from redshare.sql.views.reach import Seen, local

_COLUMNS: Final = (
    "view_schema name, view_name name, col_name name, col_type varchar(128), col_num int"
)
_ALLOWED: Final = frozenset({"this", "db", "alias", "joins"})


def table_function(node: exp.Table) -> SystemView | None:
    """The rows of a function of the catalogue in FROM; None where it is another relation."""
    call = node.this
    if not isinstance(call, exp.Anonymous) or (node.db and node.db != "pg_catalog"):
        return None
    if any(value for key, value in node.args.items() if key not in _ALLOWED):
        return None
    match str(call.this).lower(), call.expressions:
        case "pg_get_late_binding_view_cols", []:
            return view("pg_get_late_binding_view_cols", _COLUMNS, _late_binding)
        case "pg_get_cols", [exp.Literal(is_string=True) as name]:
            return _columns_of(str(name.this))
        case "pg_get_cols", _:
            raise FeatureNotSupported("pg_get_cols of something other than a name is not supported")
    return None


def _rows(context: SqlContext, seen: Seen) -> Iterator[Record]:
    for place, column in enumerate(columns_of(context, seen), start=1):
        yield {
            "view_schema": seen.schema.name,
            "view_name": seen.relation.name,
            "col_name": column.name,
            "col_type": column.type,
            "col_num": place,
        }


def _late_binding(context: SqlContext) -> Iterator[Record]:
    for seen in local(context):
        if seen.relation.kind is RelationKind.LATE_BINDING_VIEW:
            yield from _rows(context, seen)


def _columns_of(text: str) -> SystemView:
    parts = [part.strip().strip('"') for part in text.split(".")]

    def rows(context: SqlContext) -> Iterator[Record]:
        for seen in local(context):
            if seen.relation.name != parts[-1]:
                continue
            qualified = len(parts) > 1
            if seen.schema.name == parts[-2] if qualified else in_search_path(context, seen):
                return _rows(context, seen)
        raise UndefinedTable(f'relation "{text}" does not exist')

    return view("pg_get_cols", _COLUMNS, rows)
