"""What a statement gives back: a command tag, and rows as Arrow record batches where it has any."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import pyarrow as pa

from redshare.app.sessions.described import arrow_type
from redshare.sql.constants import Constant
from redshare.sql.result import ResultColumn


@dataclass(frozen=True, slots=True)
class Notice:
    """What is told beside an answer."""

    message: str
    sqlstate: str = "00000"
    severity: str = "NOTICE"


@dataclass(slots=True)
class Answer:
    """One statement's result. `batches` can be read once; close() gives up what was not read.

    `columns` say what the rows are; `schema` is that of the batches, in Arrow's words.
    """

    tag: str
    columns: tuple[ResultColumn, ...] | None = None
    schema: Any = None
    batches: Iterator[Any] = field(default_factory=lambda: iter(()))
    #: The only row, where it was known before.
    constants: tuple[Constant, ...] | None = None
    #: What follows the tag: `INSERT 0 n`, `SELECT n`.
    affected: int | None = None
    notices: tuple[str | Notice, ...] = ()
    #: The statement ends the transaction it ran in; an open block goes on.
    commits: bool = False
    on_close: Callable[[], None] | None = None
    #: Raises where what the rows were read through is no longer accessible.
    check: Callable[[], None] | None = None

    @property
    def has_rows(self) -> bool:
        """Whether it has a result set, be it empty."""
        return self.columns is not None

    def close(self) -> None:
        """Stop the statement if it still runs."""
        if self.on_close is not None:
            self.on_close()
            self.on_close = None

    def command_tag(self, rows: int = 0) -> str:
        """The tag as a client sees it when `rows` rows were sent."""
        if self.has_rows and self.tag in {"SELECT", "FETCH", "SHOW"}:
            return f"{self.tag} {rows}" if self.tag != "SHOW" else self.tag
        if self.affected is None:
            return self.tag
        return (
            f"INSERT 0 {self.affected}" if self.tag == "INSERT" else f"{self.tag} {self.affected}"
        )


def rows_answer(
    tag: str, columns: Sequence[tuple[str, str]], rows: Iterable[Sequence[object]]
) -> Answer:
    """An answer made by the node: columns are (name, Redshift type)."""
    schema = pa.schema([(name, arrow_type(kind)) for name, kind in columns])
    values = [list(row) for row in rows]
    arrays = [
        pa.array([row[index] for row in values], type=field.type)
        for index, field in enumerate(schema)
    ]
    batch = pa.RecordBatch.from_arrays(arrays, schema=schema)
    described = tuple(ResultColumn(name, kind) for name, kind in columns)
    return Answer(tag, described, schema, iter((batch,)))


@lru_cache(maxsize=256)
def _one_row(
    columns: tuple[ResultColumn, ...], row: tuple[Constant, ...], _kinds: tuple[type, ...]
) -> Any:  # noqa: ANN401 - a pyarrow.RecordBatch
    schema = pa.schema([(column.name, arrow_type(column.type)) for column in columns])
    arrays = [pa.array([value], type=field.type) for value, field in zip(row, schema, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def constant_answer(
    tag: str, columns: tuple[ResultColumn, ...], row: tuple[Constant, ...]
) -> Answer:
    """An answer of one row that was known before."""
    # 1 and true are equal, and not the same.
    batch = _one_row(columns, row, tuple(map(type, row)))
    return Answer(tag, columns, batch.schema, iter((batch,)), row)
