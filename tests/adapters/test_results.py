"""Results on disk: pages in any order, all or nothing, and no more than there is room for."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from redshare.adapters.results import ResultFiles
from redshare.core.sql_errors import ResultTooLarge

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
    files = ResultFiles(tmp_path, 40_000)
    files.write("one.a", SCHEMA, _pages(1, 1000))
    with pytest.raises(ResultTooLarge):
        files.write("one.b", SCHEMA, _pages(4, 1000))
    assert list(files.names()) == ["one.a"]
    again = ResultFiles(tmp_path, 40_000)
    with pytest.raises(ResultTooLarge):
        again.write("one.b", SCHEMA, _pages(2, 1000))
    again.remove("one.a")
    again.remove("one.a")
    again.write("one.b", SCHEMA, _pages(2, 1000))


def test_no_account_takes_the_room_of_all(tmp_path: Path) -> None:
    """Each has what it leaves free at most; a start knows whose the files are."""
    held = [_filled(ResultFiles(tmp_path, 100_000), account) for account in "abc"]
    assert held == sorted(held, reverse=True)
    assert held[-1] > 0
    files = ResultFiles(tmp_path, 100_000)
    for number in range(held[0]):
        files.remove(f"a.{number}")
    files.write("b.more", SCHEMA, _pages(1, 1000))


def _filled(files: ResultFiles, account: str) -> int:
    """How many results fit."""
    for number in itertools.count():
        try:
            files.write(f"{account}.{number}", SCHEMA, _pages(1, 100))
        except ResultTooLarge as error:
            assert "of the account" in error.message
            return number
    raise AssertionError
