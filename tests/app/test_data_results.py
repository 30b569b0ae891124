"""Results are cut into pages by rows and by bytes, and their columns come back."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from redshare.app.data import results as data_results
from redshare.app.data.results import PAGE_BYTES, Pages, columns_of
from redshare.app.sessions.answer import Answer
from redshare.core.sql_errors import ResultTooLarge
from redshare.sql.result import Origin, ResultColumn

COLUMNS = (
    ResultColumn("n", "bigint", Origin("dev", "public", "t", "n", nullable=False)),
    ResultColumn("w", "character varying(5)"),
)
SCHEMA = pa.schema([("n", pa.int64()), ("w", pa.string())])


def _answer(*sizes: int, width: int = 1) -> Answer:
    batches, start = [], 0
    for size in sizes:
        numbers = list(range(start, start + size))
        words = pa.array(["x" * width] * size, pa.string())
        batches.append(pa.record_batch([pa.array(numbers, pa.int64()), words], schema=SCHEMA))
        start += size
    return Answer("SELECT", COLUMNS, SCHEMA, iter(batches))


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ((), []),
        ((1,), [1]),
        ((2048, 2048), [1000, 1000, 1000, 1000, 96]),
        ((600, 600, 0, 800), [1000, 1000]),
        ((1000, 1), [1000, 1]),
    ],
)
def test_pages_have_a_thousand_rows(sizes: tuple[int, ...], expected: list[int]) -> None:
    """However the engine's batches were cut."""
    pages = Pages(_answer(*sizes))
    found = list(pages)
    assert [page.num_rows for page in found] == expected
    assert [n for page in found for n in page.column(0).to_pylist()] == list(range(sum(sizes)))
    assert pages.rows == sum(sizes)
    assert all(page.schema == pages.schema for page in found)
    assert columns_of(pages.schema) == COLUMNS


def test_pages_of_long_rows_are_short() -> None:
    """No page is larger than it may be unless one row is."""
    found = list(Pages(_answer(300, width=60_000)))
    assert sum(page.num_rows for page in found) == 300
    assert max(page.nbytes for page in found) <= PAGE_BYTES * 1.1
    assert [page.num_rows for page in Pages(_answer(2, width=PAGE_BYTES * 2))] == [1, 1]


def test_a_result_has_a_largest_size(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond it reading ends, and the statement with it."""
    monkeypatch.setattr(data_results, "MAX_RESULT_BYTES", 10_000)
    ended: list[Any] = []
    answer = _answer(500, 500, 500)
    answer.on_close = lambda: ended.append(True)
    with pytest.raises(ResultTooLarge):
        list(Pages(answer))
    assert ended == [True]
