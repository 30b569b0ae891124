"""Results on disk: pages in any order, all or nothing, and no more than there is room for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from redshare.adapters.results import ResultFiles
from redshare.core.errors import ResultTooLarge

SCHEMA = pa.schema([("n", pa.int64())], metadata={b"columns": b"[]"})


def _pages(count: int, rows: int = 10) -> Iterator[pa.RecordBatch]:
    for page in range(count):
        yield pa.record_batch([pa.array(range(page * rows, (page + 1) * rows))], schema=SCHEMA)


def test_pages_are_read_in_any_order(tmp_path: Path) -> None:
    """By another that finds the directory, too; beyond the last and unknown ones are None."""
    ResultFiles(tmp_path, 1 << 20).write("r", SCHEMA, _pages(3))
    files = ResultFiles(tmp_path, 1 << 20)
    assert files.page("r", 2).column(0).to_pylist() == list(range(20, 30))
    assert files.page("r", 0).column(0).to_pylist() == list(range(10))
    assert files.page("r", 3) is None
    assert files.page("r", -1) is None
    assert files.page("other", 0) is None
    assert files.schema("r").metadata == SCHEMA.metadata
    assert files.schema("other") is None
    assert list(files.names()) == ["r"]


def test_an_empty_result_has_a_schema(tmp_path: Path) -> None:
    """No page, but columns."""
    files = ResultFiles(tmp_path, 1 << 20)
    files.write("r", SCHEMA, iter(()))
    assert files.page("r", 0) is None
    assert files.schema("r") == SCHEMA


def test_all_or_nothing(tmp_path: Path) -> None:
    """What fails half way leaves no file and takes no room."""

    def broken() -> Iterator[pa.RecordBatch]:
        yield from _pages(2)
        raise ZeroDivisionError

    files = ResultFiles(tmp_path, 20_000)
    for _ in range(100):
        with pytest.raises(ZeroDivisionError):
            files.write("r", SCHEMA, broken())
    assert list(tmp_path.iterdir()) == []
    files.write("r", SCHEMA, _pages(2))


def test_together_they_are_bounded(tmp_path: Path) -> None:
    """What does not fit is refused whole; a removed one makes room, also after a start."""
    files = ResultFiles(tmp_path, 20_000)
    files.write("a", SCHEMA, _pages(1, 1000))
    with pytest.raises(ResultTooLarge):
        files.write("b", SCHEMA, _pages(4, 1000))
    assert list(files.names()) == ["a"]
    again = ResultFiles(tmp_path, 20_000)
    with pytest.raises(ResultTooLarge):
        again.write("b", SCHEMA, _pages(2, 1000))
    again.remove("a")
    again.remove("a")
    again.write("b", SCHEMA, _pages(2, 1000))
