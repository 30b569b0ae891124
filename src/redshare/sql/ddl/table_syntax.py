"""CREATE TABLE as Redshift writes it → values. Nothing is looked up here.

https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_TABLE_NEW.html
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from redshare.core.sql_errors import FeatureNotSupported, SqlError
from redshare.sql.cursor import Cursor
from redshare.sql.ddl.column_syntax import (
    ColumnsSyntax,
    physical,
    read_next_column,
    read_table_constraint,
)
from redshare.sql.lex import Statement

_STYLES: Final = frozenset({"AUTO", "EVEN", "KEY", "ALL"})


@dataclass(slots=True)
class TableSyntax(ColumnsSyntax):
    """What a CREATE TABLE says. `query` is that of CREATE TABLE AS, `like` the parent's name."""

    name: tuple[str, ...] = ()
    if_not_exists: bool = False
    temporary: bool = False
    like: tuple[str, ...] | None = None
    like_defaults: bool = False
    column_names: tuple[str, ...] = ()
    diststyle: str = "AUTO"
    sortstyle: str = ""
    backup: bool = True
    query: Statement | None = None


def creates_table(statement: Statement) -> bool:
    """Whether this is a CREATE [TEMP] TABLE."""
    cursor = Cursor(statement)
    return cursor.take("CREATE") and _table(cursor) is not None


def _table(cursor: Cursor) -> bool | None:
    """Whether a table is temporary by its first words; None where no table is made."""
    local = cursor.take("LOCAL")
    temporary = cursor.take("TEMP") or cursor.take("TEMPORARY")
    if local and not temporary and cursor.peek() == "TABLE":
        raise cursor.error()
    return temporary if cursor.take("TABLE") else None


def read_create_table(statement: Statement, *, case_sensitive: bool = False) -> TableSyntax:
    """Read the statement. Raises SqlSyntaxError, FeatureNotSupported."""
    cursor = Cursor(statement, case_sensitive)
    cursor.expect("CREATE")
    temporary = _table(cursor)
    if temporary is None:
        raise cursor.error()
    exists = cursor.take("IF", "NOT", "EXISTS")
    name = cursor.qualified()
    found = TableSyntax(name=name, if_not_exists=exists)
    found.temporary = temporary or name[-1].startswith("#")
    if cursor.peek() == "(":
        _body(cursor, found)
    read_attributes(cursor, found)
    if cursor.take("AS"):
        found.query = cursor.rest()
        if found.columns or found.like is not None:
            raise SqlError("syntax error: CREATE TABLE AS takes names of columns only", "42601")
        _no_data(found.query)
        return found
    cursor.finish()
    if found.column_names:
        raise SqlError("syntax error: a column needs a type", "42601")
    if not found.columns and found.like is None:
        raise SqlError("tables must have at least one column", "42601")
    _placed(found)
    return found


def _no_data(query: Statement) -> None:
    """WITH [NO] DATA is PostgreSQL's; Redshift has neither."""
    cursor = Cursor(query)
    for words in (("WITH", "NO", "DATA"), ("WITH", "DATA")):
        cursor.at = max(len(cursor.tokens) - len(words), 0)
        if cursor.take(*words):
            raise FeatureNotSupported(f"CREATE TABLE AS {' '.join(words)} is not supported")


def _body(cursor: Cursor, found: TableSyntax) -> None:
    """Columns, constraints and LIKE; or the bare names of CREATE TABLE AS."""
    if cursor.peek(2) in {",", ")"}:
        found.column_names = cursor.names()
        return
    cursor.expect("(")
    while True:
        if cursor.take("LIKE"):
            if found.like is not None:
                raise FeatureNotSupported("CREATE TABLE LIKE several tables is not supported")
            found.like = cursor.qualified()
            if cursor.take("INCLUDING", "DEFAULTS"):
                found.like_defaults = True
            else:
                cursor.take("EXCLUDING", "DEFAULTS")
        elif not read_table_constraint(cursor, found):
            read_next_column(cursor, found)
        if not cursor.take(","):
            break
    cursor.expect(")")


def read_attributes(cursor: Cursor, found: TableSyntax) -> None:
    """What follows the columns, in any order."""
    while True:
        if cursor.take("BACKUP"):
            found.backup = cursor.peek() == "YES"
            if not (cursor.take("YES") or cursor.take("NO")):
                raise cursor.error()
        elif cursor.take("DISTSTYLE"):
            if cursor.peek() not in _STYLES:
                raise cursor.error()
            found.diststyle = cursor.peek()
            cursor.at += 1
        elif cursor.take("DISTKEY"):
            (found.distkey,) = _one(cursor, cursor.names())
        elif cursor.take("SORTKEY", "AUTO"):
            found.sortstyle = "AUTO"
        elif cursor.peek() in {"COMPOUND", "INTERLEAVED", "SORTKEY"}:
            found.sortstyle = "INTERLEAVED" if cursor.take("INTERLEAVED") else "COMPOUND"
            cursor.take("COMPOUND")
            cursor.expect("SORTKEY")
            found.sortkey = cursor.names()
        elif cursor.take("ENCODE", "AUTO"):
            continue
        else:
            return


def _one(cursor: Cursor, names: tuple[str, ...]) -> tuple[str]:
    if len(names) != 1:
        raise cursor.error()
    return (names[0],)


def _placed(found: TableSyntax) -> None:
    """Distribution and sort keys and primary keys onto their columns."""
    if sum(constraint.kind == "PRIMARY KEY" for constraint in found.constraints) > 1:
        raise SqlError(
            f'multiple primary keys for table "{found.name[-1]}" are not allowed', "42P16"
        )
    if found.diststyle == "KEY" and not found.distkey and found.like is None:
        raise SqlError("DISTSTYLE KEY needs a DISTKEY column", "42601")
    if found.distkey and found.diststyle in {"EVEN", "ALL"}:
        raise SqlError(f"DISTKEY cannot be given with DISTSTYLE {found.diststyle}", "42601")
    required = {name for c in found.constraints if c.kind == "PRIMARY KEY" for name in c.columns}
    found.columns[:] = [
        replace(column, nullable=False) if column.name in required else column
        for column in found.columns
    ]
    found.columns[:] = physical(
        found.columns, found.distkey, found.sortkey, interleaved=found.sortstyle == "INTERLEAVED"
    )
    keys = {n for c in found.constraints if c.kind == "PRIMARY KEY" for n in c.columns}
    found.columns[:] = [
        replace(column, nullable=column.nullable and column.name not in keys)
        for column in found.columns
    ]
    if found.distkey and found.diststyle == "AUTO":
        found.diststyle = "KEY"
    if found.sortkey and not found.sortstyle:
        found.sortstyle = "COMPOUND"
    known = {column.name for column in found.columns}
    for constraint in found.constraints:
        for name in constraint.columns:
            if name not in known and found.like is None:
                raise SqlError(f'column "{name}" named in key does not exist', "42703")
