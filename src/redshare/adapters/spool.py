"""The port Spools: rows put aside in memory, then in a temporary file nobody else can open.

A file has no name: it is gone with its spool, or with the process. What all of a node's files hold
together is bounded.
"""

from __future__ import annotations

import tempfile
import threading
from collections import deque
from pathlib import Path
from typing import Any

import pyarrow as pa

from redshare.core.sql_errors import CursorTooLarge

MEGABYTE = 1 << 20


class SpoolFiles:
    """`memory_bytes` is what one spool keeps in memory, `disk_bytes` what all files may hold."""

    def __init__(self, directory: Path, memory_bytes: int, disk_bytes: int) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self._directory = directory
        self._disk_bytes = disk_bytes
        self._lock = threading.Lock()
        self._used = 0
        self.memory_bytes = memory_bytes

    def open(self) -> RowSpool:
        """An empty spool."""
        return RowSpool(self)

    def file(self) -> Any:  # noqa: ANN401 - a binary file
        """A file without a name."""
        return tempfile.TemporaryFile(dir=self._directory)

    def take(self, size: int) -> None:
        """Reserve room. Raises CursorTooLarge."""
        with self._lock:
            if self._used + size > self._disk_bytes:
                raise CursorTooLarge(self._disk_bytes // MEGABYTE)
            self._used += size

    def give(self, size: int) -> None:
        """Free it."""
        with self._lock:
            self._used -= size


class RowSpool:
    """One spool: the first batches in memory, the others in its file."""

    def __init__(self, files: SpoolFiles) -> None:
        self._files = files
        self._memory: deque[Any] = deque()
        self._held = 0
        self._file: Any = None
        self._writer: Any = None
        self._reader: Any = None
        self._written = 0

    def append(self, batch: Any) -> None:  # noqa: ANN401 - a pyarrow.RecordBatch
        """Keep a batch. Raises CursorTooLarge."""
        if self._file is None and self._held + batch.nbytes <= self._files.memory_bytes:
            self._memory.append(batch)
            self._held += batch.nbytes
            return
        if self._file is None:
            self._file = self._files.file()
            self._writer = pa.ipc.new_stream(self._file, batch.schema)
        self._files.take(batch.nbytes)
        self._written += batch.nbytes
        self._writer.write_batch(batch)

    def next(self) -> Any:  # noqa: ANN401 - a pyarrow.RecordBatch or None
        """The next batch, None behind the last."""
        if self._memory:
            return self._memory.popleft()
        if self._file is None:
            return None
        if self._reader is None:
            self._writer.close()
            self._file.seek(0)
            self._reader = pa.ipc.open_stream(self._file)
        try:
            return self._reader.read_next_batch()
        except StopIteration:
            self.close()
            return None

    def close(self) -> None:
        """Give up what is left."""
        self._memory.clear()
        file, self._file = self._file, None
        if file is not None:
            file.close()
            self._files.give(self._written)
