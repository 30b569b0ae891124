"""The port Results: each result a file of Arrow's IPC format, a record batch a page.

What all of a node's results hold together is bounded, and no account holds more than it leaves
free: half of it where it is alone, and however much others hold, something is left for the next.
"""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa

from redshare.adapters.sync import sync_directory
from redshare.core.sql_errors import ResultNotKept, ResultTooLarge

MEGABYTE = 1 << 20
SUFFIX = ".arrow"


class ResultFiles:
    """`most_bytes` is what all files may hold. Any thread may call it."""

    def __init__(self, directory: Path, most_bytes: int) -> None:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._directory = directory
        self._most = most_bytes
        self._lock = threading.Lock()
        #: Bytes by account.
        self._used: Counter[str] = Counter()
        for path in directory.iterdir():
            self._used[_account(path.name)] += path.stat().st_size

    def write(self, name: str, schema: Any, pages: Iterable[Any]) -> None:  # noqa: ANN401 - of Arrow
        """Keep the pages. Raises what reading them does, ResultTooLarge, ResultNotKept."""
        path, account = self._path(name), _account(name)
        taken = 0
        try:
            with path.open("wb") as file, pa.ipc.new_file(file, schema) as writer:
                for page in pages:
                    writer.write_batch(page)
                    self._take(account, file.tell() - taken)
                    taken = file.tell()
            size = path.stat().st_size
            self._take(account, size - taken)
            taken = size
            _sync(path)
        except BaseException as error:
            path.unlink(missing_ok=True)
            self._take(account, -taken)
            if isinstance(error, OSError):
                raise ResultNotKept(error.strerror or "the disk failed") from error
            raise

    def page(self, name: str, number: int) -> Any:  # noqa: ANN401 - a pyarrow.RecordBatch
        """A page counted from 0; None where there is none."""
        try:
            with pa.memory_map(str(self._path(name))) as source:
                reader = pa.ipc.open_file(source)
                if not 0 <= number < reader.num_record_batches:
                    return None
                return reader.get_batch(number)
        except FileNotFoundError:
            return None

    def schema(self, name: str) -> Any:  # noqa: ANN401 - a pyarrow.Schema
        """What the pages are of; None where there is no such result."""
        try:
            with pa.memory_map(str(self._path(name))) as source:
                return pa.ipc.open_file(source).schema
        except FileNotFoundError:
            return None

    def names(self) -> Collection[str]:
        """Those that are kept."""
        return [path.name.removesuffix(SUFFIX) for path in self._directory.iterdir()]

    def remove(self, name: str) -> None:
        """Forget one."""
        path = self._path(name)
        try:
            size = path.stat().st_size
            path.unlink()
        except FileNotFoundError:
            return
        self._take(_account(name), -size)

    def _path(self, name: str) -> Path:
        return self._directory / f"{name}{SUFFIX}"

    def _take(self, account: str, size: int) -> None:
        with self._lock:
            held = self._used[account]
            others = self._used.total() - held
            if size > 0 and 2 * (held + size) > self._most - others:
                most = (self._most - others) // 2
                raise ResultTooLarge(most // MEGABYTE, "all results of the account")
            self._used[account] = held + size


def _account(name: str) -> str:
    return name.partition(".")[0]


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
    sync_directory(path.parent)
