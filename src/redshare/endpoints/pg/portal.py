"""A portal: a bound statement and how much of its answer was sent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from redshare.app.sessions.answer import Answer, constant_answer
from redshare.app.sessions.prepared import Prepared
from redshare.core.sql_errors import SqlError
from redshare.endpoints.pg.types import fields, oid_of
from redshare.sql.constants import Constant
from redshare.sql.result import ResultColumn
from redshare.wire.pg.backend import row_description
from redshare.wire.pg.rows import encode_batch

#: What suspended portals of one session may hold when another statement runs beside them.
MAX_PARKED_BYTES = 256 * 1024 * 1024


@dataclass(slots=True)
class Portal:
    """`formats` as in Bind; `described` is what the client was told of the rows, if it asked."""

    prepared: Prepared
    parameters: tuple[object, ...] = ()
    formats: tuple[int, ...] = ()
    redshift_binary: bool = False
    described: tuple[ResultColumn, ...] | None = None
    answer: Answer | None = None
    sent: int = 0
    _left: list[Any] = field(default_factory=list)

    def rows(self, most: int) -> Iterator[bytes | memoryview]:
        """DataRow messages of the next `most` rows; 0 means all. Afterwards see `suspended`."""
        assert self.answer is not None, "the portal runs first"
        described = fields(self._columns(self.answer), self.formats)
        wanted = most or -1
        while wanted != 0:
            batch = self._next()
            if batch is None:
                return
            if 0 <= wanted < batch.num_rows:
                self._left.insert(0, batch.slice(wanted))
                batch = batch.slice(0, wanted)
            if wanted > 0:
                wanted -= batch.num_rows
            self.sent += batch.num_rows
            yield from encode_batch(batch, self.formats, self.redshift_binary, described)

    def _columns(self, answer: Answer) -> tuple[ResultColumn, ...]:
        """Raises SqlError where the answer is not what the client was told to expect."""
        found = answer.columns or ()
        told = found if self.described is None else self.described
        if told is not found and [oid_of(c.type) for c in told] != [oid_of(c.type) for c in found]:
            raise SqlError("cached plan must not change result type", "0A000")
        return told

    def suspended(self) -> bool:
        """Whether rows are left."""
        batch = self._next()
        if batch is None:
            return False
        self._left.insert(0, batch)
        return True

    def park(self) -> None:
        """Take what is left into memory, for the session's next statement ends the stream."""
        if self.answer is None or not self.answer.has_rows:
            return
        size = 0
        while (batch := self._pull()) is not None:
            self._left.append(batch)
            size += batch.nbytes
            if size > MAX_PARKED_BYTES:
                self.close()
                raise SqlError("a suspended portal holds too many rows; fetch them first", "53200")

    def close(self) -> None:
        """Give up what is left."""
        self._left.clear()
        if self.answer is not None:
            self.answer.close()
            self.answer.batches = iter(())

    def _next(self) -> Any:  # noqa: ANN401 - a pyarrow.RecordBatch or None
        return self._left.pop(0) if self._left else self._pull()

    def _pull(self) -> Any:  # noqa: ANN401 - as above
        assert self.answer is not None
        for batch in self.answer.batches:
            if batch.num_rows:
                return batch
        return None


@lru_cache(maxsize=512)
def known_row(
    columns: tuple[ResultColumn, ...],
    row: tuple[Constant, ...],
    _kinds: tuple[type, ...],
    extended: bool,
) -> bytes:
    """RowDescription and the only DataRow of an answer in text, as a ping asks for them all day."""
    described = fields(columns, ())
    batch = next(constant_answer("SELECT", columns, row).batches)
    parts = encode_batch(batch, (), False, described)
    return row_description(described, extended=extended) + b"".join(parts)
