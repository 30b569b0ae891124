"""What the engine is asked to run, as a value: made by the binder alone, run by an adapter."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from redshare.core.ids import LakeId
from redshare.core.policy import AppliedPolicy


class WriteVerb(StrEnum):
    """What a statement does to a table of a lake."""

    INSERT = "insert"
    UPDATE = "update"
    DELETE = "delete"
    MERGE = "merge"
    TRUNCATE = "truncate"
    DDL = "ddl"


@dataclass(frozen=True, slots=True)
class LakeUse:
    """How a statement may use a lake; `tables` narrows a reader's view of its files."""

    lake: LakeId
    may_write: bool
    tables: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class WriteTarget:
    """A table that a statement writes."""

    lake: LakeId
    table: str
    verb: WriteVerb


@dataclass(frozen=True, slots=True)
class InputTable:
    """Rows the node supplies (system views) by a name of the SQL; columns: (name, DuckDB type).

    The rows are made when the plan is run: a statement is bound more often than it is run.
    """

    name: str
    columns: tuple[tuple[str, str], ...]
    rows: Iterable[tuple[object, ...]]


@dataclass(frozen=True, slots=True)
class StreamedInput:
    """Rows that are too many for a plan: Arrow record batches of one schema, by a name of the SQL.

    `open` starts anew at each call, for a statement may be asked once more of another worker.
    """

    name: str
    schema: Any
    open: Callable[[], Iterator[Any]]


@dataclass(frozen=True, slots=True)
class EnginePlan:
    """Engine SQL made by the binder, and all it touches. A lake's alias in it is `lake_<id>`."""

    sql: str
    lakes: tuple[LakeUse, ...] = ()
    targets: tuple[WriteTarget, ...] = ()
    inputs: tuple[InputTable, ...] = ()
    stream: StreamedInput | None = None
    returns_rows: bool = True
    applied: tuple[AppliedPolicy, ...] = ()
