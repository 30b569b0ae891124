r"""Rows of delimited text: DELIMITER, ESCAPE, REMOVEQUOTES, NULL AS.

Without ESCAPE and REMOVEQUOTES a delimiter always delimits. With ESCAPE a backslash takes the next
character as it is, be it the delimiter or the end of the line; `\N` is NULL before that. With
REMOVEQUOTES a field that begins with a quote ends with one, whatever is between.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from redshare.app.loading.blocks import Plain
from redshare.app.loading.lines import MAX_LINE, without_end
from redshare.app.loading.problem import BadRow, Code, Problem, Row


class Delimited:
    """Cuts the lines of one file into rows."""

    def __init__(
        self,
        delimiter: str = "|",
        *,
        null_as: str,
        escape: bool = False,
        remove_quotes: bool = False,
    ) -> None:
        self._delimiter = delimiter
        self._null = null_as
        self._escape = escape
        self._quotes = remove_quotes
        special = "\r" + "\\" * escape + "'\"" * remove_quotes
        self.plain = Plain(delimiter, null_as, special, whole_lines=not escape)
        cut = re.escape(delimiter)
        plain = rf"(?:\\.|[^\\{cut}])*+" if escape else rf"[^{cut}]*+"
        inside = {q: rf"(?:\\.|[^\\{q}])*+" if escape else rf"[^{q}]*+" for q in "'\""}
        quoted = "|".join(f"{q}(?P<q{n}>{inside[q]}){q}" for n, q in enumerate("'\""))
        field = f"(?:{quoted})(?={cut}|\\Z)|" if remove_quotes else ""
        self._field = re.compile(rf"{field}(?P<plain>{plain})", re.DOTALL)

    def rows(self, lines: Iterable[str | BadRow]) -> Iterator[Row | BadRow]:
        """In the order of the file."""
        if not self._escape and not self._quotes:
            return self._split(lines)
        return self._scanned(lines)

    def _split(self, lines: Iterable[str | BadRow]) -> Iterator[Row | BadRow]:
        delimiter, null = self._delimiter, self._null
        for number, line in enumerate(lines, 1):
            if isinstance(line, BadRow):
                yield line
                continue
            raw = without_end(line)
            fields: list[str | None] = list(raw.split(delimiter))
            if null in fields:
                fields = [None if field == null else field for field in fields]
            yield Row(number, raw, fields)

    def _scanned(self, lines: Iterable[str | BadRow]) -> Iterator[Row | BadRow]:
        number, start, pending = 0, 0, ""
        for line in lines:
            number += 1
            start = start or number
            if isinstance(line, BadRow):
                yield line
                start, pending = 0, ""
                continue
            pending += line
            if self._goes_on(pending) and len(pending) < MAX_LINE:
                continue
            yield self._row(start, self._without_end(pending))
            start, pending = 0, ""
        if pending:
            yield self._row(start, self._without_end(pending))

    def _goes_on(self, text: str) -> bool:
        """Whether the end of the line is escaped."""
        if not self._escape or not text.endswith("\n"):
            return False
        return _escapes(text[:-1])

    def _without_end(self, text: str) -> str:
        """As `without_end`, but an escaped carriage return is the last value's."""
        body = text.removesuffix("\n")
        if self._escape and body.endswith("\r") and _escapes(body[:-1]):
            return body
        return without_end(text)

    def _row(self, number: int, raw: str) -> Row | BadRow:
        fields: list[str | None] = []
        at = 0
        while True:
            found = self._field.match(raw, at)
            assert found is not None, "an empty field matches"
            if self._quotes and found["plain"] is not None and found["plain"][:1] in {"'", '"'}:
                problem = Problem(Code.DELIMITER, "Delimited value missing end quote", len(fields))
                return BadRow(number, raw, problem, tuple(fields))
            fields.append(self._value(found))
            at = found.end()
            if at == len(raw):
                return Row(number, raw, fields)
            if raw[at] != self._delimiter:  # a backslash with nothing behind it
                problem = Problem(Code.LINE, "Input line is not valid", len(fields))
                return BadRow(number, raw, problem, tuple(fields))
            at += 1

    def _value(self, found: re.Match[str]) -> str | None:
        text = found["plain"]
        if text == self._null:
            return None
        if text is None:
            text = next(value for value in (found["q0"], found["q1"]) if value is not None)
        return _ESCAPED.sub(r"\1", text) if self._escape and "\\" in text else text


def _escapes(text: str) -> bool:
    """Whether what follows the text is escaped: its last backslash is not escaped itself."""
    return (len(text) - len(text.rstrip("\\"))) % 2 == 1


_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
