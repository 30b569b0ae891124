"""One COPY's reading: every source file, batch after batch, into the passed.

Rows with a problem are noted and left out; when there are as many as MAXERROR, the load is over.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any, Protocol

import pyarrow as pa

from redshare.app.loading.blocks import Joined, Plain, columns_of, cut_short, read_block
from redshare.app.loading.convert import Converter
from redshare.app.loading.lines import lines_of, text_of
from redshare.app.loading.parquet import parquet_batches
from redshare.app.loading.passed import PassedRows
from redshare.app.loading.problem import BadRow, Code, Problem, Row
from redshare.app.loading.source import opened
from redshare.core.relation import Column
from redshare.core.s3 import ObjectKeys, StoredObject
from redshare.core.sql_errors import LoadFailed
from redshare.ports import Objects
from redshare.sql.commands.copy import ENCODINGS, CopyOptions
from redshare.sql.copy import LoadTarget

BATCH_ROWS = 16384
#: Characters of a batch's lines, so that long rows come in smaller batches.
BATCH_CHARACTERS = 4 * 1024 * 1024


class Cut(Protocol):
    """Cuts a file's lines into rows; `plain` is how it looks where Arrow can do it."""

    @property
    def plain(self) -> Plain | None: ...

    def rows(self, lines: Iterator[str | BadRow]) -> Iterator[Row | BadRow]:
        """In the order of the file."""


class Told(Protocol):
    """Who is told how the load goes."""

    def progress(self, file: str, *, lines: int, done: bool) -> None:
        """So many lines of this file more were read. Raises QueryCanceled."""

    def bad(self, file: str, row: BadRow) -> None:
        """A row cannot be loaded."""

    def replaced(self, file: str, row: Row, column: int) -> None:
        """A row is loaded with other characters in a column."""


@dataclass(slots=True)
class Load:
    """`cut` None reads Parquet."""

    place: LoadTarget
    options: CopyOptions
    objects: Objects
    keys: ObjectKeys | None
    cut: Cut | None
    told: Told
    errors: int = 0
    lines: int = 0
    #: Rows in which ACCEPTINVCHARS put another character.
    replaced: int = 0
    _converters: list[tuple[int, Converter]] = field(default_factory=list)

    def __post_init__(self) -> None:
        fields = list(self.place.fields)
        self._converters = [
            (fields.index(column), Converter(column, fields.index(column), self.options))
            for column in self.place.stored
        ]

    @property
    def schema(self) -> Any:  # noqa: ANN401 - a pyarrow.Schema
        """Of the rows the engine is given."""
        return pa.schema([(f"c{at}", c.rules.arrow) for at, (_, c) in enumerate(self._converters)])

    def read(self, files: Sequence[StoredObject], passed: PassedRows) -> None:
        """All files. Raises LoadFailed, SqlError kinds, QueryCanceled."""
        for file in files:
            name = str(file.url)
            if self.cut is None:
                self._parquet(file, passed)
            else:
                with opened(self.objects, file.url, self.keys, self.options.compression) as stream:
                    self._text(name, text_of(stream, self._encoding), self.cut, passed)
            self.told.progress(name, lines=0, done=True)

    def _parquet(self, file: StoredObject, passed: PassedRows) -> None:
        columns = [(number, c.column, c.rules.arrow) for number, c in self._converters]
        count = len(self.place.fields)
        with self.objects.read(file.url, self.keys) as stream:
            for batch in parquet_batches(stream, file.url, columns, count, self.options):
                self.lines += batch.num_rows
                passed.add(batch.rename_columns(self.schema.names))
                self.told.progress(str(file.url), lines=batch.num_rows, done=False)

    @property
    def _encoding(self) -> str:
        return ENCODINGS[self.options.encoding or "utf8"]

    def _text(self, name: str, text: io.TextIOBase, cut: Cut, passed: PassedRows) -> None:
        """Block by block as long as they are plain; what is not goes row by row."""
        before = sum(1 for _ in islice(lines_of(text), self.options.ignore_header))
        plain = cut.plain if self._encoding == "utf-8" else None
        while plain is not None:
            block = read_block(text)
            batch = self._at_once(block, plain) if block else None
            if batch is not None:
                before += batch.num_rows
                self._pass(name, batch, batch.num_rows, passed)
            elif block and plain.whole_lines and not cut_short(block):
                self._by_rows(name, io.StringIO(block, newline="\n"), cut, before, passed)
                before += block.count("\n")
            else:
                text, plain = Joined(block, text), None
        self._by_rows(name, text, cut, before, passed)

    def _at_once(self, block: str, plain: Plain) -> Any:  # noqa: ANN401 - a RecordBatch or None
        columns = columns_of(block, plain, len(self.place.fields))
        if columns is None or (self.options.ignore_blank_lines and "\n\n" in f"\n{block}\n"):
            return None
        arrays = []
        for number, converter in self._converters:
            array = converter.at_once(columns[number])
            if array is None:
                return None
            arrays.append(array)
        return pa.RecordBatch.from_arrays(arrays, schema=self.schema)

    def _pass(self, name: str, batch: Any, lines: int, passed: PassedRows) -> None:  # noqa: ANN401
        if batch.num_rows:
            passed.add(batch)
        self.lines += lines
        self.told.progress(name, lines=lines, done=False)

    def _by_rows(
        self, name: str, text: io.TextIOBase, cut: Cut, before: int, passed: PassedRows
    ) -> None:
        for rows in _batched(self._rows(lines_of(text), cut, before)):
            self._batch(name, rows, passed)

    def _rows(
        self, lines: Iterator[str | BadRow], cut: Cut, skipped: int
    ) -> Iterator[Row | BadRow]:
        wanted, blank = len(self.place.fields), self.options.ignore_blank_lines
        for row in cut.rows(lines):
            if isinstance(row, Row):
                if blank and not row.raw:
                    continue
                row.line += skipped
                yield row if len(row.fields) == wanted else self._widened(row)
            else:
                yield replace(row, line=row.line + skipped)

    def _widened(self, row: Row) -> Row | BadRow:
        """With as many fields as there are columns, or not at all."""
        wanted, found = len(self.place.fields), len(row.fields)
        if found == wanted + 1 and not row.fields[-1] and self.options.format == "delimited":
            # A line may end with a delimiter.
            del row.fields[-1]
            return row
        if found > wanted:
            problem = Problem(Code.TOO_MANY_COLUMNS, "Extra column(s) found", wanted)
        elif self.options.fill_record:
            row.fields.extend(_filler(c) for c in self.place.fields[found:])
            return row
        else:
            problem = Problem(Code.DELIMITER, "Delimiter not found", found - 1)
        return BadRow(row.line, row.raw, problem, tuple(row.fields[:wanted]))

    def _batch(self, name: str, rows: list[Row | BadRow], passed: PassedRows) -> None:
        good = [row for row in rows if isinstance(row, Row)]
        bad = [row for row in rows if isinstance(row, BadRow)]
        columns = list(zip(*(row.fields for row in good), strict=True))
        arrays = []
        problems: dict[int, Problem] = {}
        replaced: dict[int, int] = {}
        for number, converter in self._converters:
            converted = converter.convert(columns[number] if columns else ())
            arrays.append(converted.array)
            for at in converted.replaced:
                replaced.setdefault(at, number)
            for at, problem in converted.problems.items():
                first = problems.setdefault(at, problem)
                if problem.column < first.column:
                    problems[at] = problem
        bad += [
            BadRow(good[at].line, good[at].raw, problem, tuple(good[at].fields))
            for at, problem in problems.items()
        ]
        self._note(name, sorted(bad, key=lambda row: row.line))
        for at in sorted(replaced.keys() - problems.keys()):
            self.replaced += 1
            self.told.replaced(name, good[at], replaced[at])
        batch = pa.RecordBatch.from_arrays(arrays, schema=self.schema)
        if problems:
            keep = pa.array([at not in problems for at in range(len(good))], pa.bool_())
            batch = batch.filter(keep)
        self._pass(name, batch, len(rows), passed)

    def _note(self, name: str, bad: list[BadRow]) -> None:
        most = max(1, self.options.max_errors or 0)
        for row in bad:
            self.told.bad(name, row)
            self.errors += 1
            allowed = self.errors < most or self.options.ignore_all_errors
            if row.last or not allowed:
                raise LoadFailed(self.place.found.relation.name)


def _filler(column: Column) -> str | None:
    """Strings are filled with empty ones, where they may not be NULL."""
    return "" if column.type.startswith("character") else None


def _batched(rows: Iterator[Row | BadRow]) -> Iterator[list[Row | BadRow]]:
    batch: list[Row | BadRow] = []
    size = 0
    for row in rows:
        batch.append(row)
        size += len(row.raw)
        if len(batch) >= BATCH_ROWS or size >= BATCH_CHARACTERS:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
