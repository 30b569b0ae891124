"""A column of CREATE TABLE or ADD COLUMN, and a table's constraints, as Redshift writes them.

https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_TABLE_NEW.html
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Final

from redshare.core.relation import Column, Constraint
from redshare.core.sql_errors import FeatureNotSupported, SqlError
from redshare.sql.cursor import Cursor
from redshare.sql.lex import split
from redshare.sql.types import (
    DATETIMES,
    FLOATS,
    INTEGERS,
    INTERVAL_DS,
    INTERVAL_YM,
    MAX_VARCHAR,
    STRINGS,
    SqlType,
    parse_type,
    stored_type,
)

_TWO_WORDS: Final = {
    ("DOUBLE", "PRECISION"), ("CHARACTER", "VARYING"), ("CHAR", "VARYING"), ("BINARY", "VARYING"),
}  # fmt: skip
_ATTRIBUTES: Final = frozenset(
    {
        "NOT", "NULL", "DEFAULT", "IDENTITY", "GENERATED", "ENCODE", "DISTKEY", "SORTKEY",
        "COLLATE", "PRIMARY", "UNIQUE", "REFERENCES",
    }
)  # fmt: skip
_TIMES: Final = frozenset({"time without time zone", "time with time zone"})
_SHORT: Final = frozenset({"smallint", "integer", "bigint", "numeric"})
_WIDE: Final = frozenset({"integer", "bigint", "numeric"})
#: The types an encoding is for; None: every type.
#: https://docs.aws.amazon.com/redshift/latest/dg/c_Compression_encodings.html
_ENCODINGS: Final[dict[str, Collection[str] | None]] = {
    "auto": None,
    "raw": None,
    "zstd": None,
    "runlength": None,
    "az64": INTEGERS | DATETIMES | _TIMES | {"numeric"},
    "bytedict": INTEGERS | FLOATS | STRINGS | DATETIMES | _TIMES | {"numeric"},
    "delta": INTEGERS | DATETIMES | {"numeric"},
    "delta32k": _WIDE | DATETIMES,
    "lzo": INTEGERS | STRINGS | DATETIMES | _TIMES | {"numeric", "super", "binary varying"},
    "mostly8": _SHORT,
    "mostly16": _WIDE,
    "mostly32": {"bigint", "numeric"},
    "text255": {"character varying"},
    "text32k": {"character varying"},
}


@dataclass(slots=True)
class ColumnsSyntax:
    """What the columns between the brackets say; keys may also follow the brackets."""

    columns: list[Column] = field(default_factory=list)
    constraints: list[Constraint] = field(default_factory=list)
    sortkey: tuple[str, ...] = ()
    distkey: str = ""
    #: Columns whose constraints say NULL or NOT NULL: not both.
    nulls: dict[str, bool] = field(default_factory=dict)


def read_type(cursor: Cursor) -> SqlType:
    """A type: one or two words, arguments, a time zone clause."""
    words = [cursor.name()]
    if (words[0].upper(), cursor.peek()) in _TWO_WORDS:
        words.append(cursor.name())
    arguments = []
    if cursor.take("("):
        while True:
            arguments.append(cursor.peek())
            cursor.at += 1
            if not cursor.take(","):
                break
        cursor.expect(")")
    if words[0] == "interval":
        return _interval(cursor)
    if words[0] in {"time", "timestamp"}:
        for clause in ("WITH", "WITHOUT"):
            if cursor.take(clause, "TIME", "ZONE"):
                words += [clause, "time", "zone"]
                break
        arguments = []
    return parse_type(" ".join(words), tuple(arguments))


def _interval(cursor: Cursor) -> SqlType:
    """A column's interval says which fields it has."""
    fields = ("YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND")
    first = cursor.peek()
    if first not in fields:
        raise cursor.error()
    cursor.at += 1
    if cursor.take("TO"):
        if cursor.peek() not in fields:
            raise cursor.error()
        cursor.at += 1
    if cursor.take("("):
        cursor.at += 1
        cursor.expect(")")
    return INTERVAL_YM if first in {"YEAR", "MONTH"} else INTERVAL_DS


def read_column(name: str, definition: str) -> Column:
    """A column from the text behind its name, as ALTER TABLE ADD COLUMN has it."""
    cursor = Cursor(split(definition)[0])
    found = ColumnsSyntax()
    _definition(cursor, name, found)
    cursor.finish()
    return physical(found.columns, found.distkey, found.sortkey)[0]


def read_constraint(definition: str) -> Constraint:
    """A table constraint from its text."""
    cursor = Cursor(split(definition)[0])
    found = ColumnsSyntax()
    if not read_table_constraint(cursor, found):
        raise cursor.error()
    cursor.finish()
    return found.constraints[0]


def read_next_column(cursor: Cursor, found: ColumnsSyntax) -> None:
    """One column's name, type and attributes."""
    _definition(cursor, cursor.name(), found)


def _definition(cursor: Cursor, name: str, found: ColumnsSyntax) -> None:
    kind = read_type(cursor)
    values: dict[str, object] = {}
    while cursor.peek() not in {",", ")", ""}:
        _column_attribute(cursor, name, values, found)
    if any(column.name == name for column in found.columns):
        raise SqlError(f'column "{name}" specified more than once', "42701")
    column = Column(name, str(kind), **values)  # type: ignore[arg-type] # by name
    check_encoding(column)
    check_identity(column)
    found.columns.append(column)


def _column_attribute(
    cursor: Cursor, name: str, values: dict[str, object], found: ColumnsSyntax
) -> None:
    if cursor.take("NOT", "NULL"):
        _null(name, found, nullable=False)
        values["nullable"] = False
    elif cursor.take("NULL"):
        _null(name, found, nullable=True)
        values["nullable"] = True
    elif cursor.take("DEFAULT"):
        values["default"] = cursor.text_until(_ATTRIBUTES - {"NULL"})
    elif cursor.peek() in {"IDENTITY", "GENERATED"}:
        values["identity_by_default"] = cursor.take("GENERATED", "BY", "DEFAULT", "AS")
        cursor.expect("IDENTITY")
        cursor.expect("(")
        seed = cursor.number()
        cursor.expect(",")
        values["identity"] = (seed, cursor.number())
        values["nullable"] = False
        cursor.expect(")")
    elif cursor.take("ENCODE"):
        values["encoding"] = _encoding(cursor)
    elif cursor.take("DISTKEY"):
        found.distkey = name
    elif cursor.take("SORTKEY"):
        found.sortkey = (*found.sortkey, name)
    elif cursor.take("COLLATE"):
        if cursor.peek() not in {"CASE_SENSITIVE", "CS"}:
            raise FeatureNotSupported(f"COLLATE {cursor.peek()} is not supported")
        cursor.at += 1
    elif cursor.take("PRIMARY", "KEY"):
        values["nullable"] = False
        found.constraints.append(Constraint("PRIMARY KEY", (name,)))
    elif cursor.take("UNIQUE"):
        found.constraints.append(Constraint("UNIQUE", (name,)))
    elif cursor.take("REFERENCES"):
        found.constraints.append(Constraint("FOREIGN KEY", (name,), "", _references(cursor)))
    else:
        raise cursor.error()


def _null(name: str, found: ColumnsSyntax, *, nullable: bool) -> None:
    if found.nulls.setdefault(name, nullable) != nullable:
        raise SqlError(f'conflicting NULL/NOT NULL declarations for column "{name}"', "42601")


def _encoding(cursor: Cursor) -> str:
    word = cursor.peek().lower()
    if word not in _ENCODINGS:
        raise cursor.error()
    cursor.at += 1
    return word


def check_encoding(column: Column) -> None:
    """An encoding is for certain types. Raises SqlError."""
    if not column.encoding:
        return
    if column.encoding not in _ENCODINGS:
        raise SqlError(f'encoding "{column.encoding}" is not valid', "42601")
    kinds = _ENCODINGS[column.encoding]
    if kinds is not None and stored_type(column.type).name not in kinds:
        raise SqlError(f'invalid encoding type specified for column "{column.name}"', "0A000")


def check_identity(column: Column) -> None:
    """IDENTITY is for INT and BIGINT columns that have no default. Raises SqlError."""
    if column.identity is None:
        return
    if stored_type(column.type).name not in {"integer", "bigint"}:
        raise SqlError(f'identity column "{column.name}" must be of type INT or BIGINT', "42601")
    if column.default is not None:
        raise SqlError(f'identity column "{column.name}" cannot have a default', "42601")
    if column.identity[1] == 0:
        raise SqlError(f'the step of identity column "{column.name}" cannot be 0', "22023")


def _references(cursor: Cursor) -> str:
    table = ".".join(cursor.qualified())
    columns = cursor.names() if cursor.peek() == "(" else ()
    return f"{table}({', '.join(columns)})" if columns else table


def read_table_constraint(cursor: Cursor, found: ColumnsSyntax) -> bool:
    """Take a constraint of the table, if one stands here."""
    start = cursor.at
    label = cursor.name() if cursor.take("CONSTRAINT") else ""
    if cursor.take("PRIMARY", "KEY"):
        found.constraints.append(Constraint("PRIMARY KEY", cursor.names(), label))
    elif cursor.peek() == "UNIQUE" and cursor.peek(1) == "(":
        cursor.take("UNIQUE")
        found.constraints.append(Constraint("UNIQUE", cursor.names(), label))
    elif cursor.take("FOREIGN", "KEY"):
        columns = cursor.names()
        cursor.expect("REFERENCES")
        found.constraints.append(Constraint("FOREIGN KEY", columns, label, _references(cursor)))
    else:
        cursor.at = start
        return False
    return True


def physical(
    columns: list[Column], distkey: str, sortkey: tuple[str, ...], *, interleaved: bool = False
) -> list[Column]:
    """The columns with their keys; interleaved sort keys count with alternating signs."""
    known = {column.name for column in columns}
    for name in (*sortkey, *([distkey] if distkey else [])):
        if known and name not in known:
            raise SqlError(f'column "{name}" named in key does not exist', "42703")
    found = []
    for column in columns:
        if column.type == "super" and (column.name in sortkey or column.name == distkey):
            what = "distribution" if column.name == distkey else "sort"
            raise SqlError(f"a SUPER column cannot be a {what} key", "0A000")
        place = sortkey.index(column.name) + 1 if column.name in sortkey else 0
        sign = -1 if interleaved and place % 2 == 0 else 1
        found.append(replace(column, distkey=column.name == distkey, sortkey=place * sign))
    return found


def stored(kind: SqlType) -> str:
    """A query's column type as a table keeps it: a string without a length gets the longest."""
    if kind.name == "character varying" and kind.a is None:
        return str(SqlType(kind.name, MAX_VARCHAR))
    if kind.name == "unknown":
        return str(SqlType("character varying", MAX_VARCHAR))
    return str(kind)
