"""Rows of CSV: Python's reader, in its strict form, with the lines each row came from.

A quoted field may hold delimiters and line ends; a quote inside is written twice.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator

from redshare.app.loading.blocks import Plain
from redshare.app.loading.lines import MAX_LINE, without_end
from redshare.app.loading.problem import BadRow, Code, Problem, Row


class Csv:
    """Cuts the lines of one file into rows."""

    def __init__(self, delimiter: str = ",", quote: str = '"', *, null_as: str) -> None:
        self._delimiter = delimiter
        self._quote = quote
        self._null = null_as
        self.plain = Plain(delimiter, null_as, f"\r{quote}", whole_lines=False)

    def rows(self, lines: Iterable[str | BadRow]) -> Iterator[Row | BadRow]:
        """In the order of the file."""
        csv.field_size_limit(MAX_LINE)
        feed = _Feed(lines)
        reader = csv.reader(feed, delimiter=self._delimiter, quotechar=self._quote, strict=True)
        null = self._null
        while True:
            feed.begin()
            try:
                fields: list[str | None] = list(next(reader))
            except StopIteration:
                return
            except _BadLine as bad:
                yield bad.row
                continue
            except csv.Error:
                problem = Problem(Code.LINE, "Invalid quote formatting for CSV")
                yield BadRow(feed.start, feed.raw(), problem)
                continue
            if null in fields:
                fields = [None if field == null else field for field in fields]
            yield Row(feed.start, feed.raw(), fields or [""])


class _BadLine(Exception):
    def __init__(self, row: BadRow) -> None:
        super().__init__()
        self.row = row


class _Feed:
    """Gives the reader its lines and remembers those of the row at work."""

    def __init__(self, lines: Iterable[str | BadRow]) -> None:
        self._lines = iter(lines)
        self._number = 0
        self._kept: list[str] = []
        self._size = 0
        self.start = 1

    def begin(self) -> None:
        self.start = self._number + 1
        self._kept.clear()
        self._size = 0

    def raw(self) -> str:
        return without_end("".join(self._kept)[:MAX_LINE])

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self._number += 1
        if isinstance(line, BadRow):
            raise _BadLine(line)
        self._kept.append(line)
        self._size += len(line)
        if self._size > MAX_LINE:
            problem = Problem(Code.LINE, "Invalid quote formatting for CSV")
            raise _BadLine(BadRow(self.start, self._kept[0][:1024], problem))
        return line
