"""Results of the Data API, as pages that are kept and as what was kept.

A page has at most 1000 rows, fewer where they are long, so that no answer grows beyond some
megabytes. The columns as they were described travel in the schema.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any, Final

import pyarrow as pa

from redshare.app.sessions.answer import Answer
from redshare.core.sql_errors import ResultTooLarge
from redshare.sql.result import Origin, ResultColumn

PAGE_ROWS: Final = 1000
PAGE_BYTES: Final = 4 << 20
#: What the Data API gives back at most of one statement.
MAX_RESULT_BYTES: Final = 500 << 20
MEGABYTE: Final = 1 << 20

_COLUMNS: Final = b"columns"


def described(schema: Any, columns: Sequence[ResultColumn]) -> Any:  # noqa: ANN401 - Arrow schemas
    """The schema with its columns' description."""
    return schema.with_metadata({_COLUMNS: json.dumps([asdict(c) for c in columns])})


def columns_of(schema: Any) -> tuple[ResultColumn, ...]:  # noqa: ANN401 - a pyarrow.Schema
    """What `described` was given."""
    return tuple(
        ResultColumn(c["name"], c["type"], None if c["origin"] is None else Origin(**c["origin"]))
        for c in json.loads(schema.metadata[_COLUMNS])
    )


class Pages:
    """The pages of an answer, each made when it is asked for; `rows` and `size` of those so far."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self.schema = described(answer.schema, answer.columns or ())
        self.rows = 0
        self.size = 0

    def __iter__(self) -> Iterator[Any]:
        """Raises what reading the answer does, ResultTooLarge."""
        left: list[Any] = []
        for batch in self._pieces():
            if left and not _fits([*left, batch]):
                yield self._page(left)
                left = []
            left.append(batch)
        if left:
            yield self._page(left)

    def _pieces(self) -> Iterator[Any]:
        """The answer's batches, none larger than a page, counted."""
        room = PAGE_ROWS
        for whole in self._answer.batches:
            self.rows += whole.num_rows
            self.size += whole.nbytes
            if self.size > MAX_RESULT_BYTES:
                self._answer.close()
                raise ResultTooLarge(MAX_RESULT_BYTES // MEGABYTE, "one statement")
            start = 0
            longest = max(1, PAGE_BYTES * whole.num_rows // max(1, whole.nbytes))
            while start < whole.num_rows:
                piece = whole.slice(start, min(room, longest))
                start += piece.num_rows
                room = (room - piece.num_rows) or PAGE_ROWS
                yield piece

    def _page(self, pieces: list[Any]) -> Any:  # noqa: ANN401 - a pyarrow.RecordBatch
        whole = pa.Table.from_batches(pieces).combine_chunks().replace_schema_metadata(None)
        (page,) = whole.to_batches()
        return pa.RecordBatch.from_arrays(page.columns, schema=self.schema)


def _fits(pieces: Sequence[Any]) -> bool:
    rows: int = sum(piece.num_rows for piece in pieces)
    size: int = sum(piece.nbytes for piece in pieces)
    return rows <= PAGE_ROWS and size <= PAGE_BYTES
