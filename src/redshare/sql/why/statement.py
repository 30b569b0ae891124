"""The statement that is asked about, as the binder answers it: nothing is run."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Final

from redshare.core.explanation import Action
from redshare.core.relation import Relation
from redshare.core.sql_errors import SqlError
from redshare.sql.bind import bind
from redshare.sql.commands import parse_command
from redshare.sql.commands import table as commands
from redshare.sql.context import SqlContext
from redshare.sql.ddl.commands import bind_table_command
from redshare.sql.ddl.definitions import quoted
from redshare.sql.ddl.drop import named_as
from redshare.sql.lex import split
from redshare.sql.names import Resolved, resolve_relation

#: A column nobody has: ALTER is asked about by adding it.
_COLUMN: Final = "redshare_explained"


def refusal(
    context: SqlContext, name: tuple[str, ...], action: Action, now: datetime
) -> SqlError | None:
    """What the binder says to the statement, None where it lets it through. Nothing is run."""
    # The names are written out in quotes: they are what they are, whatever the session folds.
    context = replace(context, case_sensitive=True)
    try:
        found = resolve_relation(context, name)
        relation = found.relation if isinstance(found, Resolved) else None
        (statement,) = split(_statement(name, action, relation))
        command = parse_command(statement, fold=False)
        if isinstance(command, commands.Truncate | commands.DropRelations | commands.AlterRelation):
            bind_table_command(command, context, new_id=_no_id)
        else:
            bind(statement, context, new_id=_no_id, now=now)
    except SqlError as error:
        return error
    return None


def _no_id() -> str:
    return "0" * 32


def _statement(name: tuple[str, ...], action: Action, relation: Relation | None) -> str:
    place = ".".join(quoted(part) for part in name)
    columns = [] if relation is None else [c.name for c in relation.columns if not c.identity]
    column = quoted(columns[0]) if columns else quoted(_COLUMN)
    match action:
        case Action.SELECT:
            return f"SELECT * FROM {place}"
        case Action.INSERT:
            return f"INSERT INTO {place} ({column}) VALUES (NULL)"
        case Action.UPDATE:
            return f"UPDATE {place} SET {column} = NULL"
        case Action.DELETE:
            return f"DELETE FROM {place}"
        case Action.TRUNCATE:
            return f"TRUNCATE {place}"
        case Action.ALTER:
            return f"ALTER TABLE {place} ADD COLUMN {quoted(_COLUMN)} integer"
        case Action.DROP:
            kind = named_as(relation) if relation else commands.RelationKind.TABLE
            return f"DROP {kind} {place}"
