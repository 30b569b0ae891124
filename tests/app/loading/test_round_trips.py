"""What UNLOAD writes COPY takes apart into the same fields, whatever is in them."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from unittest.mock import patch

import pyarrow as pa
from hypothesis import example, given, settings
from hypothesis import strategies as st

from redshare.app.loading import blocks
from redshare.app.loading.csv_rows import Csv
from redshare.app.loading.delimited import Delimited
from redshare.app.loading.json_rows import Json, by_name
from redshare.app.loading.lines import lines_of, text_of
from redshare.app.loading.load import Cut, Load
from redshare.app.loading.passed import PassedRows
from redshare.app.loading.problem import BadRow, Row
from redshare.app.unloading.rows import Rows
from redshare.core.relation import Column
from redshare.core.s3 import ObjectUrl, StoredObject
from redshare.sql.commands.copy import CopyOptions
from redshare.sql.commands.unload import UnloadOptions
from redshare.sql.copy import LoadTarget
from redshare.sql.result import ResultColumn

NAMES = ["a", "b", "c"]
COLUMNS = [ResultColumn(name, "character varying(99)") for name in NAMES]
NULL = "\\N"

texts = st.text(
    st.one_of(st.sampled_from("\\|,;\"'\n\r N"), st.characters(exclude_categories=["Cs"])),
    max_size=12,
).filter(lambda text: text != NULL)
tables = st.lists(st.tuples(*[st.none() | texts] * 3), min_size=1, max_size=5)
Table = list[tuple[str | None, str | None, str | None]]


def there_and_back(rows: Table, options: UnloadOptions, cut: Cut) -> Table:
    columns = [pa.array(values, pa.string()) for values in zip(*rows, strict=True)]
    batch = pa.RecordBatch.from_arrays(columns, NAMES)
    data = Rows(options, COLUMNS).encode(batch)
    found = list(cut.rows(lines_of(text_of(io.BytesIO(data), "utf-8"))))
    assert all(isinstance(row, Row) for row in found), found
    return [tuple(row.fields) for row in found if isinstance(row, Row)]  # type: ignore[misc]


@given(tables)
@example([(None, None, "\r"), ("a", "b", "\\\r")])
def test_escaped_text(rows: Table) -> None:
    """ESCAPE protects delimiters, line ends and itself."""
    cut = Delimited(null_as=NULL, escape=True)
    assert there_and_back(rows, UnloadOptions(escape=True, null_as=NULL), cut) == rows


@given(tables)
def test_quoted_text(rows: Table) -> None:
    """ADDQUOTES and ESCAPE, REMOVEQUOTES and ESCAPE."""
    options = UnloadOptions(escape=True, add_quotes=True, null_as=NULL)
    cut = Delimited(null_as=NULL, escape=True, remove_quotes=True)
    assert there_and_back(rows, options, cut) == rows


@given(tables)
def test_csv(rows: Table) -> None:
    """A field with anything in it that means something is in quotes."""
    options = UnloadOptions(format="csv", null_as=NULL)
    assert there_and_back(rows, options, Csv(null_as=NULL)) == rows


@given(tables)
def test_json(rows: Table) -> None:
    """Strings are JSON's."""
    cut = Json(by_name([Column(name, "character varying(99)") for name in NAMES]))
    assert there_and_back(rows, UnloadOptions(format="json"), cut) == rows


class _Heard:
    """What a load tells."""

    def __init__(self) -> None:
        self.problems: list[tuple[int, int]] = []

    def progress(self, file: str, *, lines: int, done: bool) -> None:
        """Nobody cares."""

    def replaced(self, file: str, row: Row, column: int) -> None:
        """Nobody cares."""

    def bad(self, file: str, row: BadRow) -> None:
        """Kept."""
        del file
        self.problems.append((row.line, int(row.problem.code)))


LINES = st.lists(
    st.one_of(
        st.tuples(st.integers(-(10**6), 10**10), st.sampled_from(["x", "", NULL, "ü", "long one"])),
        st.sampled_from(["", "1", "1|a|b", "1|a|", "x|a", "2|b\r", '"3"|c', "'4|d'", "5|\\|", "|"]),
    ).map(lambda row: row if isinstance(row, str) else f"{row[0]}|{row[1]}"),
    max_size=8,
)  # fmt: skip


@given(
    LINES,
    st.sampled_from(["delimited", "csv"]),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.integers(0, 2),
    st.booleans(),
    st.integers(1, 40),
)
@settings(max_examples=400)
def test_blocks_are_as_rows(
    lines: list[str],
    form: str,
    escape: bool,
    quotes: bool,
    fill: bool,
    blank: bool,
    header: int,
    ended: bool,
    size: int,
) -> None:
    """A file gives the same rows and the same problems whether Arrow cuts its blocks or not."""
    options = CopyOptions(
        format=form, fill_record=fill, ignore_blank_lines=blank, ignore_header=header,
        max_errors=1000,
    )  # fmt: skip
    columns = (
        Column("i", "integer", nullable=False),
        Column("s", "character varying(4)"),
    )
    data = ("\n".join(lines) + "\n" * ended).encode()
    answers = []
    for plainly in (True, False):
        cut: Cut = (
            Csv("|", null_as=NULL)
            if form == "csv"
            else Delimited(null_as=NULL, escape=escape, remove_quotes=quotes)
        )
        if not plainly:
            cut.plain = None  # type: ignore[misc]
        heard = _Heard()
        found = SimpleNamespace(relation=SimpleNamespace(name="t"))
        place = LoadTarget(found, columns, columns)  # type: ignore[arg-type]
        load = Load(place, options, _Holding(data), None, cut, heard)  # type: ignore[arg-type]
        short = patch.object(blocks, "BLOCK_CHARACTERS", size)
        with short, PassedRows(load.schema) as passed:
            load.read([StoredObject(ObjectUrl("bucket", "key"), len(data))], passed)
            passed.done()
            rows = [row for batch in passed.batches() for row in batch.to_pylist()]
        answers.append((rows, heard.problems, load.lines))
    assert answers[0] == answers[1]


class _Holding:
    """A bucket with one object."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    @contextmanager
    def read(self, url: ObjectUrl, keys: None) -> Iterator[io.BytesIO]:
        """The object."""
        del url, keys
        yield io.BytesIO(self._data)
