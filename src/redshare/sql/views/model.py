"""What a system view is: a name, typed columns, and a function from a session to rows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from redshare.sql.context import SqlContext

Row = tuple[object, ...]
#: A row by name: what it does not name is NULL.
Record = Mapping[str, object]
Column = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Listing:
    """An answer made without the engine; columns: (name, Redshift type)."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class SystemView:
    """Columns: (name, Redshift type), as the manual lists them.

    `hidden` columns are there for who names them and no part of `*`: oid and tableoid, as in
    PostgreSQL 8.0, and what clients of newer servers ask for.
    """

    schema: str
    name: str
    columns: tuple[Column, ...]
    make: Callable[[SqlContext], Iterable[Row | Record]]
    hidden: tuple[Column, ...] = ()

    @property
    def all_columns(self) -> tuple[Column, ...]:
        """Those of `*` and the hidden ones behind them."""
        return self.columns + self.hidden

    def rows(self, context: SqlContext) -> Iterator[Row]:
        """The rows of all columns, those that the session's user may know of."""
        names = [name for name, _ in self.all_columns]
        for row in self.make(context):
            if isinstance(row, tuple):
                yield row + (None,) * (len(names) - len(row))
            else:
                yield tuple(map(row.get, names))


@dataclass(frozen=True, slots=True)
class ViewRows:
    """The rows of a view for one session, made anew whenever they are read."""

    view: SystemView
    context: SqlContext

    def __iter__(self) -> Iterator[Row]:
        return self.view.rows(self.context)


def varchar(length: int) -> str:
    """The spelling of a string column's type."""
    return f"character varying({length})"


TIMESTAMP: Final = "timestamp without time zone"

#: Short words for the types of the catalogues; a word that is not here stands for itself.
_SHORT: Final = {
    "int": "integer",
    "smallint": "smallint",
    "bigint": "bigint",
    "xid": "bigint",
    "bool": "boolean",
    "real": "real",
    "double": "double precision",
    "timestamp": TIMESTAMP,
    "timestamptz": "timestamp with time zone",
    "abstime": TIMESTAMP,
    "date": "date",
    "char": '"char"',
    "numeric": "numeric(38,4)",
    "char[]": "text[]",
    "int[]": "integer[]",
}
_LENGTH: Final = re.compile(r"(?:var)?char\((\d+)\)")


def columns(text: str) -> tuple[Column, ...]:
    """Columns from `name type, name type`."""
    return tuple(_column(*item.split()) for item in text.split(",") if item.strip())


def _column(name: str, kind: str) -> Column:
    length = _LENGTH.fullmatch(kind)
    return name, varchar(int(length.group(1))) if length else _SHORT.get(kind, kind)


def view(
    name: str,
    text: str,
    make: Callable[[SqlContext], Iterable[Row | Record]],
    hidden: str = "",
) -> SystemView:
    """A view of pg_catalog, or of the schema before the dot."""
    schema, _, last = name.rpartition(".")
    return SystemView(schema or "pg_catalog", last, columns(text), make, columns(hidden))


def nothing(_context: SqlContext) -> Iterable[Row]:
    """The rows of what this product has none of."""
    return ()


def vector(items: Iterable[object]) -> str:
    """The text of an int2vector or oidvector."""
    return " ".join(str(item) for item in items)
