"""information_schema's constraints and the columns they are on.

https://www.postgresql.org/docs/8.0/infoschema-table-constraints.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from redshare.sql.context import SqlContext
from redshare.sql.views.information import TABLE
from redshare.sql.views.model import Record, view
from redshare.sql.views.pg_constraint import Key, local_keys, referred_key
from redshare.sql.views.reach import Seen

_CONSTRAINT: Final = (
    "constraint_catalog varchar(128), constraint_schema varchar(128), constraint_name varchar(128)"
)


def _constraint(context: SqlContext, key: Key) -> dict[str, object]:
    return {
        "constraint_catalog": context.database.name,
        "constraint_schema": key.seen.schema.name,
        "constraint_name": key.name,
    }


def _table(context: SqlContext, seen: Seen) -> dict[str, object]:
    return {
        "table_catalog": context.database.name,
        "table_schema": seen.schema.name,
        "table_name": seen.relation.name,
    }


def _constraints(context: SqlContext) -> Iterator[Record]:
    for key in local_keys(context):
        yield (
            _constraint(context, key)
            | _table(context, key.seen)
            | {
                "constraint_type": key.kind,
                "is_deferrable": "NO",
                "initially_deferred": "NO",
            }
        )


def _key_columns(context: SqlContext) -> Iterator[Record]:
    for key in local_keys(context):
        for place, name in enumerate(key.constraint.columns, start=1):
            foreign = key.kind == "FOREIGN KEY"
            yield (
                _constraint(context, key)
                | _table(context, key.seen)
                | {
                    "column_name": name,
                    "ordinal_position": place,
                    "position_in_unique_constraint": place if foreign else None,
                }
            )


def _constrained_columns(context: SqlContext) -> Iterator[Record]:
    """Of a foreign key these are the columns it refers to."""
    for key in local_keys(context):
        seen, names = key.seen, key.constraint.columns
        if key.kind == "FOREIGN KEY":
            if key.target is None:
                continue
            seen, names = key.target, key.target_columns
        for name in names:
            yield _table(context, seen) | {"column_name": name} | _constraint(context, key)


def _constrained_tables(context: SqlContext) -> Iterator[Record]:
    for key in local_keys(context):
        seen = key.target if key.kind == "FOREIGN KEY" else key.seen
        if seen is not None:
            yield _table(context, seen) | _constraint(context, key)


def _references(context: SqlContext) -> Iterator[Record]:
    for key in local_keys(context):
        if key.kind == "FOREIGN KEY":
            unique = referred_key(context, key)
            yield _constraint(context, key) | {
                "unique_constraint_catalog": context.database.name if unique else None,
                "unique_constraint_schema": unique.seen.schema.name if unique else None,
                "unique_constraint_name": unique.name if unique else None,
                "match_option": "NONE",
                "update_rule": "NO ACTION",
                "delete_rule": "NO ACTION",
            }


VIEWS: Final = (
    view(
        "information_schema.table_constraints",
        f"{_CONSTRAINT}, {TABLE}, constraint_type varchar(128), is_deferrable varchar(3),"
        "initially_deferred varchar(3)",
        _constraints,
    ),
    view(
        "information_schema.key_column_usage",
        f"{_CONSTRAINT}, {TABLE}, column_name varchar(128), ordinal_position int",
        _key_columns,
        "position_in_unique_constraint int",
    ),
    view(
        "information_schema.constraint_column_usage",
        f"{TABLE}, column_name varchar(128), {_CONSTRAINT}",
        _constrained_columns,
    ),
    view(
        "information_schema.constraint_table_usage",
        f"{TABLE}, {_CONSTRAINT}",
        _constrained_tables,
    ),
    view(
        "information_schema.referential_constraints",
        f"{_CONSTRAINT}, unique_constraint_catalog varchar(128),"
        "unique_constraint_schema varchar(128), unique_constraint_name varchar(128),"
        "match_option varchar(128), update_rule varchar(128), delete_rule varchar(128)",
        _references,
    ),
)
