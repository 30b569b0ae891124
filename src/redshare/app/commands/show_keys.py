"""SHOW CONSTRAINTS: primary keys, foreign keys, and other tables' foreign keys to this one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from redshare.app.commands.show_objects import relation_named
from redshare.sql.commands.show import KeyKind, ShowConstraints
from redshare.sql.context import SqlContext
from redshare.sql.views.model import Record
from redshare.sql.views.pg_constraint import Key, keys_of, referred_key
from redshare.sql.views.reach import Seen, of_database

PRIMARY: Final = (
    "database_name varchar(128), schema_name varchar(128), table_name varchar(128),"
    "pk_name varchar(128), column_name varchar(128), key_seq smallint"
)
FOREIGN: Final = (
    "pk_database_name varchar(128), pk_schema_name varchar(128), pk_table_name varchar(128),"
    "pk_column_name varchar(128), fk_database_name varchar(128), fk_schema_name varchar(128),"
    "fk_table_name varchar(128), fk_column_name varchar(128), key_seq smallint,"
    "fk_name varchar(128), pk_name varchar(128), update_rule smallint, delete_rule smallint,"
    "deferrability smallint"
)
#: JDBC's numbers: no action, not deferrable.
_NO_ACTION: Final = 3
_NOT_DEFERRABLE: Final = 7


def keys(context: SqlContext, command: ShowConstraints) -> Iterator[Record]:
    """Any of the three. Raises UndefinedTable and the like."""
    seen = relation_named(context, command.table)
    match command.keys:
        case KeyKind.PRIMARY:
            return _primary(context, seen)
        case KeyKind.FOREIGN:
            return _foreign(context, (k for k in keys_of(context, seen)))
        case KeyKind.EXPORTED:
            return _foreign(context, _exported(context, seen))


def _primary(context: SqlContext, seen: Seen) -> Iterator[Record]:
    database, schema, table = seen.path
    for key in keys_of(context, seen):
        if key.kind != "PRIMARY KEY":
            continue
        for place, name in enumerate(key.constraint.columns, start=1):
            yield {
                "database_name": database,
                "schema_name": schema,
                "table_name": table,
                "pk_name": key.name,
                "column_name": name,
                "key_seq": place,
            }


def _exported(context: SqlContext, seen: Seen) -> Iterator[Key]:
    for other in of_database(context, seen.database):
        for key in keys_of(context, other):
            target = key.target
            if target and target.relation.relation_id == seen.relation.relation_id:
                yield key


def _foreign(context: SqlContext, found: Iterator[Key]) -> Iterator[Record]:
    for key in found:
        if key.kind != "FOREIGN KEY" or key.target is None:
            continue
        unique = referred_key(context, key)
        names = zip(key.constraint.columns, key.target_columns, strict=False)
        for place, (name, referred) in enumerate(names, start=1):
            yield {
                **dict(zip(_PK, (*key.target.path, referred), strict=True)),
                **dict(zip(_FK, (*key.seen.path, name), strict=True)),
                "key_seq": place,
                "fk_name": key.name,
                "pk_name": unique.name if unique else None,
                "update_rule": _NO_ACTION,
                "delete_rule": _NO_ACTION,
                "deferrability": _NOT_DEFERRABLE,
            }


_PK: Final = ("pk_database_name", "pk_schema_name", "pk_table_name", "pk_column_name")
_FK: Final = ("fk_database_name", "fk_schema_name", "fk_table_name", "fk_column_name")
