"""The SHOW family over the catalogue: one table of commands, their columns and their rows.

A name that is not there is an error; what may not be known of is not there. LIKE is case sensitive.
https://docs.aws.amazon.com/redshift/latest/dg/r_SHOW_TABLES.html
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from redshare.app.commands import show_grants, show_keys, show_objects, show_routines
from redshare.app.sessions.answer import Answer, rows_answer
from redshare.app.sessions.session import SqlSession
from redshare.core.sql_errors import SqlError
from redshare.sql import shown_ddl
from redshare.sql.commands import Command
from redshare.sql.commands import show as commands
from redshare.sql.context import SqlContext
from redshare.sql.result import ResultColumn
from redshare.sql.views.model import Record, view

#: More rows than these are an error, and a LIMIT is no larger.
MOST_ROWS: Final = 10_000

Rows = Callable[[SqlContext, Any], Iterable[Record]]


@dataclass(frozen=True, slots=True)
class Shown:
    """`columns` in the short form of the system views."""

    columns: tuple[tuple[str, str], ...]
    rows: Rows


def _shown(text: str, rows: Rows) -> Shown:
    return Shown(view("show", text, lambda _context: ()).columns, rows)


def _table_text(context: SqlContext, command: commands.ShowTable) -> Iterable[Record]:
    yield {shown_ddl.TABLE_COLUMN: shown_ddl.show_table(context, command.table)}


def _view_text(context: SqlContext, command: commands.ShowView) -> Iterable[Record]:
    yield {shown_ddl.VIEW_COLUMN: shown_ddl.show_view(context, command.view)}


SHOWN: Final[Mapping[type, Shown]] = {
    commands.ShowDatabases: _shown(show_objects.DATABASES, show_objects.databases),
    commands.ShowCatalogDatabases: _shown(show_objects.DATABASES, show_objects.catalog_databases),
    commands.ShowSchemas: _shown(show_objects.SCHEMAS, show_objects.schemas),
    commands.ShowTables: _shown(show_objects.TABLES, show_objects.tables),
    commands.ShowColumns: _shown(show_objects.COLUMNS, show_objects.columns),
    commands.ShowTable: Shown(((shown_ddl.TABLE_COLUMN, "text"),), _table_text),
    commands.ShowView: Shown(((shown_ddl.VIEW_COLUMN, "text"),), _view_text),
    commands.ShowFunctions: _shown(show_routines.FUNCTIONS, show_routines.functions),
    commands.ShowProcedures: _shown(show_routines.PROCEDURES, show_routines.procedures),
    commands.ShowParameters: _shown(show_routines.PARAMETERS, show_routines.parameters),
    commands.ShowGrants: _shown(show_grants.ON, show_grants.on),
    commands.ShowGrantsFor: _shown(show_grants.FOR, show_grants.of),
    commands.ShowTableGrants: _shown(show_grants.ON, show_grants.on_tables),
    commands.ShowColumnGrants: _shown(show_grants.COLUMNS, show_grants.on_columns),
    commands.ShowConstraints: _shown(show_keys.PRIMARY, show_keys.keys),
}
_FOREIGN: Final = _shown(show_keys.FOREIGN, show_keys.keys)
_OF_PROCEDURE: Final = _shown(show_routines.PROCEDURE_PARAMETERS, show_routines.parameters)
_ON_DATABASE: Final = _shown(show_grants.ON_DATABASE, show_grants.on)


def _of(command: object) -> Shown | None:
    match command:
        case commands.ShowConstraints(keys=commands.KeyKind.FOREIGN | commands.KeyKind.EXPORTED):
            return _FOREIGN
        case commands.ShowGrants(on=commands.GrantsOn.DATABASE):
            return _ON_DATABASE
        case commands.ShowParameters(procedure=True):
            return _OF_PROCEDURE
    return SHOWN.get(type(command))


def columns(command: Command) -> tuple[ResultColumn, ...] | None:
    """The columns of a command of this family, known without running it."""
    shown = _of(command)
    if shown is None:
        return None
    return tuple(ResultColumn(name, kind) for name, kind in shown.columns)


def run(session: SqlSession, command: Any) -> Answer:  # noqa: ANN401 - any of SHOWN
    """Any command of this family. Raises UndefinedDatabase, UndefinedSchema, UndefinedTable."""
    shown = _of(command)
    assert shown is not None
    names = [name for name, _ in shown.columns]
    limit = getattr(command, "limit", None)
    if limit is not None and limit > MOST_ROWS:
        raise SqlError(f"LIMIT must be between 0 and {MOST_ROWS}", "22023")
    found = shown.rows(session.context(), command)
    most = MOST_ROWS + 1 if limit is None else limit
    rows = [tuple(map(row.get, names)) for row in itertools.islice(found, most)]
    if len(rows) > MOST_ROWS:
        raise SqlError(f"more than {MOST_ROWS} rows would be shown; use LIKE or LIMIT", "54000")
    return rows_answer(command.tag, shown.columns, rows)
