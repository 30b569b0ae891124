"""Schemas, relations and functions of a local database, each with the statement that makes it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from redshare.adapters.world.warehouse_sql import Row, WarehouseSql
from redshare.app.world.protection import WorldRowSecurity
from redshare.app.world.structure import WorldExternal, WorldFunction, WorldRelation, WorldSchema
from redshare.sql.shown_ddl import name_text

#: Schemas that users made.
OWN: Final = (
    "n.nspname <> 'information_schema' AND n.nspname !~ '^pg_' AND n.nspname !~ '^catalog_history'"
)
TYPES: Final = "SELECT oid, format_type(oid, NULL) FROM pg_type"
QUERIES: Final = (
    f"SELECT n.nspname, n.nspowner FROM pg_namespace n WHERE {OWN} ORDER BY n.nspname",
    "SELECT schemaname, databasename, esoptions FROM svv_external_schemas WHERE eskind IN (4, 5)",
    "SELECT n.nspname, c.relname, c.relkind, c.relowner FROM pg_class c"
    f" JOIN pg_namespace n ON n.oid = c.relnamespace WHERE {OWN} AND c.relkind IN ('r', 'v', 'm')"
    " ORDER BY c.relkind, n.nspname, c.relname",
    "SELECT n.nspname, p.proname, p.proargtypes, format_type(p.prorettype, NULL), p.provolatile,"
    " p.prosrc FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"
    f" JOIN pg_language l ON l.oid = p.prolang WHERE {OWN} AND l.lanname = 'sql'"
    " ORDER BY n.nspname, p.proname, p.proargtypes",
    TYPES,
)
_VOLATILITY: Final = {"i": "IMMUTABLE", "s": "STABLE", "v": "VOLATILE"}


@dataclass(frozen=True, slots=True)
class _Known:
    """The answers, and who is who."""

    owners: Mapping[int, str]
    types: Mapping[str, str]


def read_schemas(
    sql: WarehouseSql,
    database: str,
    owners: Mapping[int, str],
    security: Mapping[tuple[str, str], WorldRowSecurity],
) -> dict[str, WorldSchema]:
    """All that users made; `security` is of relations that have some. Raises StatementRefused."""
    schemas, external, relations, functions, types = sql.query(database, QUERIES)
    ddl = _statements(sql, database, relations)
    known = _Known(owners, {str(number): str(name) for number, name in types})
    foreign = {
        row[0]: WorldExternal(row[1], json.loads(row[2]).get("SCHEMA", "public"))
        for row in external
    }
    found = {}
    for name, owner in schemas:
        if name in foreign:
            found[name] = WorldSchema(owners.get(owner), foreign[name])
            continue
        found[name] = WorldSchema(
            owners.get(owner),
            relations={
                relation: WorldRelation(
                    ddl[schema, relation],
                    owners.get(whose),
                    security.get((schema, relation), WorldRowSecurity()),
                )
                for schema, relation, _, whose in relations
                if schema == name
            },
            functions=dict(_function(row, known) for row in functions if row[0] == name),
        )
    return found


def _statements(
    sql: WarehouseSql, database: str, relations: list[Row]
) -> dict[tuple[str, str], str]:
    asked = [
        f"SHOW {'TABLE' if kind == 'r' else 'VIEW'} {name_text(schema)}.{name_text(name)}"
        for schema, name, kind, _ in relations
    ]
    answers = sql.query(database, asked)
    return {(row[0], row[1]): str(rows[0][0]) for row, rows in zip(relations, answers, strict=True)}


def _function(row: Row, known: _Known) -> tuple[str, WorldFunction]:
    schema, name, arguments, returns, volatility, source = row
    types = argument_types(arguments, known.types)
    quotes = "$$" if "$$" not in source else "$redshare$"
    ddl = (
        f"CREATE OR REPLACE FUNCTION {name_text(schema)}.{name_text(name)}({types})"
        f" RETURNS {returns} {_VOLATILITY[volatility]} AS {quotes}{source}{quotes} LANGUAGE sql;"
    )
    return f"{name}({types})", WorldFunction(ddl)


def argument_types(numbers: object, types: Mapping[str, str]) -> str:
    """`integer, character varying` of pg_proc's list of type numbers."""
    return ", ".join(types[number] for number in str(numbers or "").split())
