"""Statement → command, or None when the statement is one for the engine.

What starts like a command must be one: nothing half understood is handed on.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from redshare.sql.commands import (
    cursor,
    data,
    database,
    datashare,
    function,
    grant,
    policy,
    schema,
    session,
    show,
    table,
    transaction,
    user,
)
from redshare.sql.commands.cursor import CursorCommand
from redshare.sql.commands.data import DataCommand
from redshare.sql.commands.database import DatabaseCommand
from redshare.sql.commands.datashare import DatashareCommand
from redshare.sql.commands.function import FunctionCommand
from redshare.sql.commands.grant import GrantCommand
from redshare.sql.commands.match import Matching
from redshare.sql.commands.policy import PolicyCommand
from redshare.sql.commands.schema import SchemaCommand
from redshare.sql.commands.session import SessionCommand
from redshare.sql.commands.show import ShowCommand
from redshare.sql.commands.spec import Spec
from redshare.sql.commands.table import TableCommand
from redshare.sql.commands.transaction import TransactionCommand
from redshare.sql.commands.user import UserCommand
from redshare.sql.lex import Statement

Command = (
    DatashareCommand
    | GrantCommand
    | DatabaseCommand
    | SchemaCommand
    | TableCommand
    | FunctionCommand
    | PolicyCommand
    | UserCommand
    | TransactionCommand
    | CursorCommand
    | ShowCommand
    | DataCommand
    | SessionCommand
)

#: In the order they are tried.
SPECS: Final[tuple[Spec[Any], ...]] = (
    *datashare.SPECS,
    *grant.SPECS,
    *database.SPECS,
    *schema.SPECS,
    *table.SPECS,
    *function.SPECS,
    *policy.SPECS,
    *user.SPECS,
    *transaction.SPECS,
    *cursor.SPECS,
    *show.SPECS,
    *data.SPECS,
    # Last: `SHOW name` is any other SHOW.
    *session.SPECS,
)
#: First words that also start statements of the engine, so that the next decides.
_SHARED: Final = frozenset({"CREATE", "ALTER", "DROP", "DESC", "SELECT"})


def _table(specs: Iterable[Spec[Any]]) -> dict[str, dict[str, tuple[Spec[Any], ...]]]:
    """First word → second word → specs; the second is empty where any may follow."""
    table: dict[str, dict[str, tuple[Spec[Any], ...]]] = {}
    for spec in specs:
        first, second = spec.head[0], ""
        if first in _SHARED:
            second = " ".join(spec.head[1:3]) if spec.head[1] == "EXTERNAL" else spec.head[1]
        ways = table.setdefault(first, {})
        ways[second] = (*ways.get(second, ()), spec)
    return table


_TABLE: Final = _table(SPECS)


def parse_command(statement: Statement, *, fold: bool = True) -> Command | None:
    """The command, or None for what the engine runs.

    `fold` is False when the session is case sensitive about quoted identifiers.
    Raises SqlSyntaxError, UnsupportedStatement, NameTooLong.
    """
    specs = _candidates(statement)
    if specs is None:
        return None
    m = Matching(statement, fold)
    for spec in specs:
        command: Command | None = spec.match(m)
        if command is not None:
            return command
    raise m.error()


def _candidates(statement: Statement) -> tuple[Spec[Any], ...] | None:
    ways = _TABLE.get(_word(statement, 0))
    if ways is None:
        return None
    if "" in ways:
        return ways[""]
    second = _word(statement, 1)
    if second == "EXTERNAL":
        second = f"{second} {_word(statement, 2)}"
    return ways.get(second)


def _word(statement: Statement, index: int) -> str:
    """The word in upper case, unless it is in quotes."""
    if index >= len(statement.tokens):
        return ""
    token = statement.tokens[index]
    return statement.clean[token.start : token.end + 1].upper()
