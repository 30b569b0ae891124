"""What a query answers: columns with their names, and a table's alias that carries them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlglot import exp

from redshare.core.sql_errors import SqlError
from redshare.sql.result import Origin
from redshare.sql.types import SqlType

Columns = list[tuple[str, SqlType]]


@dataclass(frozen=True, slots=True)
class BoundQuery:
    """A query for the engine, and what it answers."""

    node: exp.Expr
    columns: Columns
    #: Of each column, where it comes straight from a relation; empty where none does.
    origins: tuple[Origin | None, ...] = ()


def table_alias(name: str, columns: Iterable[tuple[str, SqlType]] | None = None) -> exp.TableAlias:
    """AS "name" ("c", …)."""
    names = [exp.to_identifier(c, quoted=True) for c, _ in columns or []]
    return exp.TableAlias(this=exp.to_identifier(name, quoted=True), columns=names or None)


def shown(columns: Columns, names: Sequence[str]) -> Columns:
    """Columns under an alias list, which may be shorter."""
    if len(names) > len(columns):
        raise SqlError(
            f"table has {len(columns)} columns available but {len(names)} columns specified",
            "42P10",
        )
    return [
        (names[place] if place < len(names) else old, kind)
        for place, (old, kind) in enumerate(columns)
    ]


def distinct(columns: Columns) -> Columns:
    """Columns of a new relation. Raises where two have one name."""
    seen: set[str] = set()
    for name, _ in columns:
        if name in seen:
            raise SqlError(f'column "{name}" specified more than once', "42701")
        seen.add(name)
    return columns


def renamed(columns: Columns, names: Sequence[str]) -> Columns:
    """The same; a name that occurs twice gets a number, as a relation's columns need names."""
    found: Columns = []
    taken: set[str] = set()
    for base, kind in shown(columns, names):
        name, number = base, 1
        while name.lower() in taken:
            name, number = f"{base}_{number}", number + 1
        taken.add(name.lower())
        found.append((name, kind))
    return found
