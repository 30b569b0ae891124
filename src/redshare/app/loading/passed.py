"""Rows that passed, kept until the load is known to be good: in memory, beyond a limit in a file.

So the lake is locked for the writing alone, not for the reading of files over a network; and the
engine can be given the rows again where its process was lost before it had begun.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from types import TracebackType
from typing import Any, Self

import pyarrow as pa

from redshare.core.sql_errors import SqlError

#: Of the rows of one COPY, compressed.
MEMORY_BYTES = 16 * 1024 * 1024


class PassedRows:
    """Written once, then read as often as wanted, until the context ends."""

    def __init__(self, schema: Any) -> None:  # noqa: ANN401 - a pyarrow.Schema
        self.schema = schema
        self.rows = 0
        self._file = tempfile.SpooledTemporaryFile(MEMORY_BYTES)  # noqa: SIM115 - __exit__ ends it
        options = pa.ipc.IpcWriteOptions(compression="lz4")
        self._writer = pa.ipc.new_stream(
            pa.PythonFile(self._file, mode="w"), schema, options=options
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def add(self, batch: Any) -> None:  # noqa: ANN401 - a pyarrow.RecordBatch
        """Raises SqlError where the disk is full."""
        try:
            self._writer.write_batch(batch)
        except OSError as error:
            raise SqlError("Disk Full: the rows to load do not fit", "53100") from error
        self.rows += batch.num_rows

    def done(self) -> None:
        """Nothing more is added."""
        self._writer.close()

    def batches(self) -> Iterator[Any]:
        """All of it, from the start."""
        self._file.seek(0)
        with pa.ipc.open_stream(pa.PythonFile(self._file, mode="r")) as reader:
            yield from reader
