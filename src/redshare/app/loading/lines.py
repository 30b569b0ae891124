"""Lines of a text file: decoded, bounded in length, their bad bytes kept for who looks at them.

A byte that is not UTF-8 becomes a lone surrogate, so that a row with one is known when its column
is converted and not before.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from redshare.app.loading.problem import BadRow, Code, Problem

#: Of one input row, as the manual has it.
MAX_LINE = 4 * 1024 * 1024


def text_of(stream: Any, encoding: str) -> io.TextIOBase:  # noqa: ANN401 - a pyarrow.NativeFile
    """The file as text; only a line feed ends a line."""
    errors = "surrogateescape" if encoding == "utf-8" else "strict"
    return io.TextIOWrapper(stream, encoding, errors=errors, newline="\n")


def lines_of(text: io.TextIOBase) -> Iterator[str | BadRow]:
    """Each line with its end; in place of one that is too long, that it is."""
    number = 0
    while True:
        try:
            line = text.readline(MAX_LINE)
        except UnicodeDecodeError:
            problem = Problem(Code.ENCODING, "File encoding is not as given in ENCODING")
            yield BadRow(number + 1, "", problem, last=True)
            return
        if not line:
            return
        number += 1
        if len(line) == MAX_LINE and not line.endswith("\n"):
            start = line[:1024]
            while line and not line.endswith("\n"):
                line = text.readline(MAX_LINE)
            yield BadRow(number, start, Problem(Code.LINE, "Input line is longer than 4 MB"))
        else:
            yield line


def without_end(line: str) -> str:
    """A line without its line feed, or carriage return and line feed."""
    line = line.removesuffix("\n")
    return line.removesuffix("\r")
