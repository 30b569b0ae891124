"""What a statement that the engine runs is about to make, by its first words: nothing is checked.

The product's other statements are commands; these are bound as queries are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from redshare.core.sql_errors import SqlError
from redshare.sql.cursor import Cursor
from redshare.sql.lex import Statement
from redshare.sql.temporary import is_marked

_KINDS: Final = ("TABLE", "MATERIALIZED VIEW", "VIEW", "FUNCTION")
#: What a query begins with.
_QUERY: Final = frozenset({"SELECT", "WITH", "("})


@dataclass(frozen=True, slots=True)
class Creation:
    """`kind` is the word behind CREATE; SELECT INTO makes a TABLE."""

    kind: str
    name: tuple[str, ...]
    temporary: bool = False


def creation_of(statement: Statement, *, case_sensitive: bool = False) -> Creation | None:
    """What CREATE or SELECT INTO would make; None of any other, and where no name can be read."""
    cursor = Cursor(statement, case_sensitive)
    try:
        if cursor.peek() in _QUERY:
            return _into(cursor)
        return _created(cursor) if cursor.take("CREATE") else None
    except SqlError:
        return None


def _created(cursor: Cursor) -> Creation | None:
    cursor.take("OR", "REPLACE")
    cursor.take("LOCAL")
    temporary = cursor.take("TEMP") or cursor.take("TEMPORARY")
    kind = next((kind for kind in _KINDS if cursor.take(*kind.split())), None)
    if kind is None:
        return None
    cursor.take("IF", "NOT", "EXISTS")
    return _named(cursor, kind, temporary=temporary)


def _into(cursor: Cursor) -> Creation | None:
    while not cursor.done() and cursor.peek() != "INTO":
        cursor.at += 1
    if not cursor.take("INTO"):
        return None
    cursor.take("LOCAL")
    temporary = cursor.take("TEMP") or cursor.take("TEMPORARY")
    cursor.take("TABLE")
    return _named(cursor, "TABLE", temporary=temporary)


def _named(cursor: Cursor, kind: str, *, temporary: bool) -> Creation:
    name = cursor.qualified()
    temporary = temporary or is_marked(name[-1]) or name[:-1] == ("pg_temp",)
    return Creation(kind, name, temporary)
