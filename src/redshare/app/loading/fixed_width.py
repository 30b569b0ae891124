"""Rows of fixed-width text: `label:width,label:width,…`, in characters.

https://docs.aws.amazon.com/redshift/latest/dg/copy-parameters-data-format.html#copy-fixedwidth
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from redshare.app.loading.blocks import Plain
from redshare.app.loading.lines import without_end
from redshare.app.loading.problem import BadRow, Code, Problem, Row
from redshare.core.sql_errors import SqlError


class FixedWidth:
    """Cuts the lines of one file into rows. Raises SqlError for a specification that is none."""

    plain: Plain | None = None

    def __init__(self, specification: str, columns: int, *, null_as: str) -> None:
        widths = [part.rpartition(":")[2].strip() for part in specification.split(",")]
        if not all(w.isascii() and w.isdecimal() and 0 < int(w) < 10**6 for w in widths):
            raise SqlError("FIXEDWIDTH specification is not valid", "22023")
        if len(widths) != columns:
            raise SqlError(
                f"FIXEDWIDTH specification has {len(widths)} columns, the table {columns}", "22023"
            )
        self._null = null_as
        self._cuts: list[tuple[int, int]] = []
        at = 0
        for width in map(int, widths):
            self._cuts.append((at, at + width))
            at += width

    def rows(self, lines: Iterable[str | BadRow]) -> Iterator[Row | BadRow]:
        """In the order of the file."""
        least = self._cuts[-1][0]
        for number, line in enumerate(lines, 1):
            if isinstance(line, BadRow):
                yield line
                continue
            raw = without_end(line)
            if len(raw) <= least and raw:
                yield BadRow(number, raw, Problem(Code.LINE, "Input line is too short"))
                continue
            fields = [raw[start:end] for start, end in self._cuts]
            yield Row(number, raw, [None if f.rstrip() == self._null else f for f in fields])
