"""Comments on a database and what is in it, from pg_description.

https://docs.aws.amazon.com/redshift/latest/dg/r_COMMENT.html
"""

from __future__ import annotations

from typing import Final

from redshare.adapters.world.read_database import OWN, TYPES, argument_types
from redshare.adapters.world.warehouse_sql import WarehouseSql
from redshare.sql.shown_ddl import name_text

#: The catalogues' own numbers, by which pg_description tells them apart.
_DATABASE, _SCHEMA, _RELATION, _FUNCTION, _CONSTRAINT = 1262, 2615, 1259, 1255, 2606


def _from(catalog: str, number: int) -> str:
    return f"FROM pg_description d JOIN {catalog} o ON o.oid = d.objoid AND d.classoid = {number}"


def _in_schema(column: str) -> str:
    return f"JOIN pg_namespace n ON n.oid = {column} WHERE {OWN}"


_QUERIES: Final = (
    f"SELECT d.description {_from('pg_database', _DATABASE)} WHERE o.datname = current_database()",
    f"SELECT n.nspname, d.description FROM pg_description d JOIN pg_namespace n"
    f" ON n.oid = d.objoid AND d.classoid = {_SCHEMA} WHERE {OWN}",
    f"SELECT n.nspname, o.relname, o.relkind, d.description {_from('pg_class', _RELATION)}"
    f" {_in_schema('o.relnamespace')} AND d.objsubid = 0",
    f"SELECT n.nspname, o.relname, a.attname, d.description {_from('pg_class', _RELATION)}"
    " JOIN pg_attribute a ON a.attrelid = o.oid AND a.attnum = d.objsubid"
    f" {_in_schema('o.relnamespace')} AND d.objsubid > 0",
    f"SELECT n.nspname, o.proname, o.proargtypes, d.description {_from('pg_proc', _FUNCTION)}"
    f" {_in_schema('o.pronamespace')}",
    f"SELECT o.conname, n.nspname, c.relname, d.description"
    f" {_from('pg_constraint', _CONSTRAINT)} JOIN pg_class c ON c.oid = o.conrelid"
    f" {_in_schema('c.relnamespace')}",
    TYPES,
)


def read_comments(sql: WarehouseSql, database: str) -> dict[str, str]:
    """What is commented, as COMMENT ON names it, with the text. Raises StatementRefused."""
    on_database, schemas, relations, columns, functions, constraints, types = sql.query(
        database, _QUERIES
    )
    names = {str(number): str(name) for number, name in types}
    found = {f"DATABASE {name_text(database)}": text for (text,) in on_database}
    found |= {f"SCHEMA {name_text(schema)}": text for schema, text in schemas}
    for schema, relation, kind, text in relations:
        found[f"{'TABLE' if kind == 'r' else 'VIEW'} {_dotted(schema, relation)}"] = text
    for schema, relation, column, text in columns:
        found[f"COLUMN {_dotted(schema, relation, column)}"] = text
    for schema, function, arguments, text in functions:
        signature = f"{_dotted(schema, function)}({argument_types(arguments, names)})"
        found[f"FUNCTION {signature}"] = text
    for constraint, schema, relation, text in constraints:
        found[f"CONSTRAINT {name_text(constraint)} ON {_dotted(schema, relation)}"] = text
    return dict(sorted(found.items()))


def _dotted(*names: str) -> str:
    return ".".join(map(name_text, names))
