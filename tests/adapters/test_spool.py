"""Rows put aside: in memory, in a file, and no more than there is room for."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from redshare.adapters.spool import MEGABYTE, SpoolFiles
from redshare.core.sql_errors import CursorTooLarge


def _batch(start: int, count: int = 1000) -> pa.RecordBatch:
    return pa.record_batch({"n": pa.array(range(start, start + count), pa.int64())})


def _numbers(spool: object) -> list[int]:
    found: list[int] = []
    while (batch := spool.next()) is not None:  # type: ignore[attr-defined]
        found += batch.column(0).to_pylist()
    return found


@pytest.mark.parametrize("memory", [0, 10_000, MEGABYTE])
def test_rows_come_back_in_order(tmp_path: Path, memory: int) -> None:
    """Whatever fits in memory and whatever does not, every row comes back once, in order."""
    spool = SpoolFiles(tmp_path, memory, MEGABYTE).open()
    for start in range(0, 5000, 1000):
        spool.append(_batch(start))
    assert _numbers(spool) == list(range(5000))
    assert spool.next() is None


def test_an_empty_spool_has_no_rows(tmp_path: Path) -> None:
    """What nothing was added to ends at once."""
    assert SpoolFiles(tmp_path, 0, 0).open().next() is None


def test_the_files_together_are_bounded(tmp_path: Path) -> None:
    """What all spools write is limited; a closed one makes room."""
    files = SpoolFiles(tmp_path, 0, 20_000)
    first, second = files.open(), files.open()
    first.append(_batch(0))
    first.append(_batch(1000))
    with pytest.raises(CursorTooLarge):
        second.append(_batch(0))
    first.close()
    first.close()
    second.append(_batch(0))
    assert _numbers(second) == list(range(1000))


def test_files_have_no_name(tmp_path: Path) -> None:
    """Nothing is left in the directory, even while a spool is open."""
    spool = SpoolFiles(tmp_path / "cursors", 0, MEGABYTE).open()
    spool.append(_batch(0))
    assert list((tmp_path / "cursors").iterdir()) == []
    spool.close()
