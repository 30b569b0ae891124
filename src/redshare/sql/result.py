"""What a query answers, column by column, as its binding knows it: the engine is never asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from sqlglot import exp

from redshare.core.relation import Relation
from redshare.sql.types import UNKNOWN, VARCHAR, SqlType

_ORIGIN: Final = "origin"


@dataclass(frozen=True, slots=True)
class Origin:
    """The column of a relation that a result's column is, unchanged."""

    database: str
    schema: str
    table: str
    column: str
    nullable: bool = True
    identity: bool = False


@dataclass(frozen=True, slots=True)
class ResultColumn:
    """`type` in Redshift's spelling with its modifiers; `origin` where it comes from a relation."""

    name: str
    type: str
    origin: Origin | None = None


def origins(
    path: tuple[str, ...], relation: Relation | None, shown: Iterable[str], names: Iterable[str]
) -> Mapping[str, Origin]:
    """Where the columns of a relation come from, by the names they are shown under."""
    database, schema, table = ("", *path)[-3:]
    known = {} if relation is None else {column.name: column for column in relation.columns}
    found = {}
    for alias, name in zip(shown, names, strict=True):
        column = known.get(name)
        found[alias] = (
            Origin(database, schema, table, name)
            if column is None
            else Origin(database, schema, table, name, column.nullable, column.identity is not None)
        )
    return found


def from_origin(node: exp.Expr, origin: Origin | None) -> exp.Expr:
    """`node`, a column that is nothing but that one."""
    if origin is not None:
        node.meta[_ORIGIN] = origin
    return node


def origin_of(node: exp.Expr) -> Origin | None:
    """What `from_origin` said of a node."""
    found = node.meta.get(_ORIGIN) if isinstance(node, exp.Column) else None
    return found if isinstance(found, Origin) else None


def result_columns(
    columns: Iterable[tuple[str, SqlType]], origins: Iterable[Origin | None] = ()
) -> tuple[ResultColumn, ...]:
    """The columns of a bound query; what nobody gave a type is text."""
    named = list(columns)
    known = list(origins) or [None] * len(named)
    return tuple(
        ResultColumn(name, str(VARCHAR if kind == UNKNOWN else kind), origin)
        for (name, kind), origin in zip(named, known, strict=True)
    )
