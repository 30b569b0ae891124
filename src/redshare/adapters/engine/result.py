"""A statement's result on the node's side: batches read from the worker one at a time.

A connection has one open result. Where the session runs something else before the result is read to
its end, the rest is first taken over here: in memory, beyond a limit in a temporary file.
"""

from __future__ import annotations

import tempfile
from collections import deque
from collections.abc import Callable, Iterator
from typing import IO, Protocol

import pyarrow as pa

#: Rows of a suspended result that are kept in memory; more goes to a file.
MEMORY_BYTES = 16 * 1024 * 1024


class Source(Protocol):
    """Where batches come from."""

    def fetch(self) -> bytes | None:
        """The next batch in Arrow IPC form, None after the last. Raises SqlError."""

    def forget(self) -> None:
        """No more is wanted."""


class Result:
    """EngineResult. Used by the session's thread."""

    def __init__(
        self,
        schema: pa.Schema,
        affected: int | None,
        source: Source | None,
        written: int | None = None,
    ) -> None:
        self.schema = schema
        self.affected = affected
        self.written = written
        self._source = source
        self._kept: _Kept | None = None

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Each batch when it is asked for. Raises SqlError."""
        while True:
            data = self._next()
            if data is None:
                return
            yield pa.ipc.read_record_batch(pa.py_buffer(data), self.schema)

    def close(self) -> None:
        """No more is wanted; again: no effect."""
        source, self._source = self._source, None
        kept, self._kept = self._kept, None
        if kept is not None:
            kept.close()
        if source is not None:
            source.forget()

    def detach(self) -> None:
        """Take over what the worker still has, for its connection is needed. Raises SqlError."""
        source, self._source = self._source, None
        if source is not None:
            self._kept = _Kept(source.fetch)

    def _next(self) -> bytes | None:
        if self._kept is not None:
            return self._kept.next()
        if self._source is None:
            return None
        data = self._source.fetch()
        if data is None:
            self._source = None
        return data


class _Kept:
    """Batches taken over from the worker; each is given out once."""

    def __init__(self, fetch: Callable[[], bytes | None]) -> None:
        self._memory: deque[bytes] = deque()
        self._file: IO[bytes] | None = None
        self._sizes: deque[int] = deque()
        room = MEMORY_BYTES
        while (data := fetch()) is not None:
            room -= len(data)
            if room >= 0:
                self._memory.append(data)
            else:
                self._spill(data)
        self._rewind()

    def next(self) -> bytes | None:
        """None after the last."""
        if self._memory:
            return self._memory.popleft()
        if self._file is not None and self._sizes:
            return self._file.read(self._sizes.popleft())
        self.close()
        return None

    def close(self) -> None:
        """Forget the rest."""
        self._memory.clear()
        if self._file is not None:
            self._file.close()
            self._file = None

    def _rewind(self) -> None:
        if self._file is not None:
            self._file.seek(0)

    def _spill(self, data: bytes) -> None:
        if self._file is None:
            self._file = tempfile.TemporaryFile()  # noqa: SIM115 - read back later
        self._file.write(data)
        self._sizes.append(len(data))
