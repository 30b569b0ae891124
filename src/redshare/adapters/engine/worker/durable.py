"""Make a transaction's new files durable before its commit is: DuckDB leaves them to the system.

Under the lake's write lock only this transaction adds files to the tables it writes, so whatever is
newer than the lock in their directories is its own (or an aborted one's remains: harmless).
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from redshare.adapters.engine.worker.trace import Trace

#: A file's time comes from the kernel's coarse clock, which lags behind the one we read.
CLOCK_SLACK_NS = 2_000_000_000


def sync_new_files(lake: Path, tables: Iterable[str], since_ns: int, trace: Trace) -> int:
    """Fsync what was written below the tables' directories since, and every directory above it."""
    oldest = since_ns - CLOCK_SLACK_NS
    directories: set[Path] = set()
    count = 0
    for table in sorted(set(tables)):
        for path in _newer(lake / "main" / table, oldest):
            _sync(path, trace)
            count += 1
            directories.update(_above(path, lake))
    for directory in sorted(directories, key=lambda d: len(d.parts), reverse=True):
        _sync(directory, trace)
    return count


def _newer(directory: Path, oldest: int) -> Iterator[Path]:
    try:
        entries = list(os.scandir(directory))
    except FileNotFoundError:
        return
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            yield from _newer(Path(entry.path), oldest)
        elif entry.stat(follow_symlinks=False).st_mtime_ns >= oldest:
            yield Path(entry.path)


def _above(path: Path, lake: Path) -> Iterator[Path]:
    for directory in path.parents:
        yield directory
        if directory == lake:
            return


def _sync(path: Path, trace: Trace) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
    trace("fsync", path)
