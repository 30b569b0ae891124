"""The files of an UNLOAD: opened when there are rows, ended when they are large enough.

One is open at a time. A file is there when it is whole; what was written of one that failed is not.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from typing import Any, BinaryIO, Protocol

import pyarrow as pa
import pyarrow.parquet as pq

from redshare.app.unloading.names import Names
from redshare.app.unloading.rows import Rows
from redshare.core.s3 import ObjectKeys, ObjectUrl
from redshare.core.sql_errors import ObjectStoreError
from redshare.ports import Objects
from redshare.sql.commands.unload import MB, MOST_BYTES, UnloadOptions
from redshare.sql.result import ResultColumn

DEFAULT_ROW_GROUP = 32 * MB
#: Rows that are turned into text at once, so that a file's size is met closely.
CHUNK_ROWS = 1024


@dataclass(frozen=True, slots=True)
class Written:
    """A file that is there."""

    url: ObjectUrl
    rows: int
    size: int


class Sink:
    """Counts what goes through; pyarrow writes to it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file: BinaryIO | None = file
        self.size = 0
        self.closed = False

    def write(self, data: Any) -> int:  # noqa: ANN401 - bytes or a buffer
        """As a file does."""
        view = memoryview(data)
        if self._file is not None:
            self._file.write(view)
        self.size += view.nbytes
        return view.nbytes

    def flush(self) -> None:
        """As a file does."""
        if self._file is not None:
            self._file.flush()

    def abandon(self) -> None:
        """Nobody wants the rest; pyarrow's writers still write theirs when they go."""
        self._file = None

    def close(self) -> None:
        """The file itself is ended by whoever opened it."""
        self.closed = True


class Writer(Protocol):
    """Writes one file."""

    rows: int

    def full(self, batch: Any) -> bool:  # noqa: ANN401
        """Whether the batch belongs into the next file."""

    def write(self, batch: Any) -> None:  # noqa: ANN401
        """Add rows."""

    def close(self) -> None:
        """Write what is still kept."""


class TextWriter:
    """A file of text, compressed where that is wanted."""

    def __init__(self, sink: Sink, rows: Rows, options: UnloadOptions, most: int) -> None:
        self.rows = 0
        self._sink = sink
        self._encode = rows.encode
        self._most = most
        self._out: Any = pa.PythonFile(sink, mode="w")
        if options.compression is not None:
            self._out = pa.CompressedOutputStream(self._out, options.compression)
        self._next: bytes = b""
        self._out.write(rows.head)

    def full(self, batch: Any) -> bool:  # noqa: ANN401
        """What is compressed counts with the size it would have without."""
        self._next = self._encode(batch)
        return self.rows > 0 and self._sink.size + len(self._next) > self._most

    def write(self, batch: Any) -> None:  # noqa: ANN401
        """Add rows."""
        data, self._next = self._next or self._encode(batch), b""
        self._out.write(data)
        self.rows += batch.num_rows

    def close(self) -> None:
        """End the compression."""
        self._out.close()


class ParquetWriter:
    """A Parquet file, a row group at a time."""

    def __init__(self, sink: Sink, schema: Any, options: UnloadOptions, most: int) -> None:  # noqa: ANN401
        self.rows = 0
        self._sink = sink
        self._most = most
        self._group = options.row_group_size or DEFAULT_ROW_GROUP
        self._kept: list[Any] = []
        self._size = 0
        self._schema = schema
        self._out = pq.ParquetWriter(pa.PythonFile(sink, mode="w"), schema)

    def full(self, batch: Any) -> bool:  # noqa: ANN401
        """Rows not yet written count with their size in memory."""
        return self.rows > 0 and self._sink.size + self._size + batch.nbytes > self._most

    def write(self, batch: Any) -> None:  # noqa: ANN401
        """Add rows."""
        self._kept.append(batch)
        self._size += batch.nbytes
        self.rows += batch.num_rows
        if self._size >= self._group:
            self._flush()

    def close(self) -> None:
        """Write the last row group and the directory."""
        self._flush()
        self._out.close()

    def _flush(self) -> None:
        if self._kept:
            table = pa.Table.from_batches(self._kept, schema=self._schema)
            self._out.write_table(table, row_group_size=max(1, table.num_rows))
        self._kept, self._size = [], 0


class Files:
    """Gives rows to the file they belong to."""

    def __init__(
        self,
        objects: Objects,
        keys: ObjectKeys | None,
        names: Names,
        options: UnloadOptions,
        columns: Sequence[ResultColumn],
        schema: Any,  # noqa: ANN401 - a pyarrow.Schema
    ) -> None:
        self._objects = objects
        self._keys = keys
        self._names = names
        self._options = options
        self._schema = schema
        self._rows = Rows(options, columns)
        self._most = options.max_file_size or MOST_BYTES
        self._stack = ExitStack()
        self._writer: Writer | None = None
        self._sink: Sink | None = None
        self._url: ObjectUrl | None = None
        self._folder: str | None = None
        self._part = 0
        self.written: list[Written] = []

    def write(self, folder: str, batch: Any) -> None:  # noqa: ANN401
        """Rows of a partition; those of one come one behind the other."""
        if folder != self._folder:
            self._end()
            self._folder, self._part = folder, 0
        for start in range(0, batch.num_rows, CHUNK_ROWS):
            rows = batch.slice(start, CHUNK_ROWS)
            if self._writer is not None and self._writer.full(rows):
                self._end()
            if self._writer is None:
                self._begin(folder)
            assert self._writer is not None
            self._writer.write(rows)

    def done(self) -> None:
        """The last file is whole; where there were no rows, there is one without."""
        if not self.written and self._writer is None and not self._options.partition_by:
            self._begin("")
        self._end()

    def give_up(self, error: BaseException) -> None:
        """Nothing of the open file remains, and none of the others."""
        self._writer = None
        if self._sink is not None:
            self._sink.abandon()
        # Whatever cannot be undone, the first error is the one to tell.
        with suppress(ObjectStoreError):
            self._stack.__exit__(type(error), error, error.__traceback__)
        for file in self.written:
            with suppress(ObjectStoreError):
                self._objects.remove(file.url, self._keys)

    def _begin(self, folder: str) -> None:
        self._url = self._names.file(folder, self._part)
        self._part += 1
        file = self._stack.enter_context(self._objects.write(self._url, self._keys))
        self._sink = Sink(file)
        self._writer = (
            ParquetWriter(self._sink, self._schema, self._options, self._most)
            if self._options.format == "parquet"
            else TextWriter(self._sink, self._rows, self._options, self._most)
        )

    def _end(self) -> None:
        writer, self._writer = self._writer, None
        if writer is None:
            return
        assert self._sink is not None
        assert self._url is not None
        writer.close()
        self._stack.close()
        self.written.append(Written(self._url, writer.rows, self._sink.size))
