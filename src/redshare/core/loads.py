"""What is kept of COPY and UNLOAD for the views that show it: values, newest last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from redshare.core.ids import RelationId, UserId


@dataclass(frozen=True, slots=True)
class LoadError:
    """A row that a COPY could not load; the texts are as long as the views show them."""

    query: int
    user: UserId
    session: int
    transaction: int
    database: str
    table: RelationId
    started: datetime
    file: str
    line: int
    column: str
    type: str
    length: str
    position: int
    raw_line: str
    raw_value: str
    code: int
    reason: str
    #: (column, type, length, value) of the fields up to the one that failed.
    fields: tuple[tuple[str, str, str, str | None], ...] = ()


@dataclass(frozen=True, slots=True)
class Replacement:
    """A row that a COPY loaded with other characters than its file has."""

    query: int
    user: UserId
    session: int
    table: RelationId
    started: datetime
    file: str
    line: int
    column: str
    raw_line: str


@dataclass(frozen=True, slots=True)
class Transfer:
    """A COPY or UNLOAD, running or ended."""

    query: int
    kind: str  # COPY, UNLOAD
    user: UserId
    session: int
    transaction: int
    database: str
    table: str
    place: str
    format: str
    compression: str
    started: datetime
    updated: datetime
    status: str = "running"  # completed, failed, canceled
    rows: int = 0
    lines: int = 0
    errors: int = 0
    files: int = 0
    files_done: int = 0
    bytes: int = 0
    bytes_done: int = 0
    file: str = ""
    message: str = ""
    #: (file, rows, bytes), for the views that have a row a file.
    parts: tuple[tuple[str, int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class LoadHistory:
    """What one namespace keeps."""

    transfers: tuple[Transfer, ...] = ()
    errors: tuple[LoadError, ...] = ()
    replacements: tuple[Replacement, ...] = ()


@dataclass(frozen=True, slots=True)
class LastTransfers:
    """What pg_last_copy_id() and its like answer in a session."""

    copy_id: int = -1
    copy_count: int = 0
    unload_id: int = -1
    unload_count: int = 0
