"""Blocks of whole lines, taken apart by Arrow where nothing in them is quoted or escaped.

What this answers is what the row-wise cuts answer (a property of the tests); where it cannot, it
answers None, and the rows go their way one by one.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from redshare.app.loading.lines import MAX_LINE

BLOCK_CHARACTERS = 2 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Plain:
    """How a format looks where it is plain: none of `special` is in the block.

    `whole_lines`: a line is always a row, so that a block which is not plain says nothing of the
    next.
    """

    delimiter: str
    null: str
    special: str
    whole_lines: bool


def read_block(text: io.TextIOBase) -> str:
    """The next lines, up to the end of one; empty behind the last."""
    block = text.read(BLOCK_CHARACTERS)
    if block and not block.endswith("\n"):
        block += text.readline(MAX_LINE)
    return block


def cut_short(block: str) -> bool:
    """Whether its last line was too long to be read to its end."""
    return not block.endswith("\n") and len(block) >= MAX_LINE


def columns_of(block: str, plain: Plain, count: int) -> list[Any] | None:
    """Its columns as texts, where each of its lines has so many of them."""
    if any(character in block for character in plain.special):
        return None
    try:
        whole = pa.array([block.removesuffix("\n")], pa.string())
    except UnicodeEncodeError:  # a byte that was not UTF-8
        return None
    lines = pc.split_pattern(whole, "\n").flatten()
    found = pc.min_max(pc.count_substring(lines, plain.delimiter)).as_py()
    if found["min"] != count - 1 or found["max"] != count - 1:
        return None
    values = pc.split_pattern(lines, plain.delimiter).flatten()
    values = pc.if_else(pc.equal(values, plain.null), pa.scalar(None, pa.string()), values)
    places = np.arange(len(lines)) * count
    return [values.take(pa.array(places + number)) for number in range(count)]


class Joined(io.TextIOBase):
    """A block that was read ahead, and the text behind it."""

    def __init__(self, block: str, rest: io.TextIOBase) -> None:
        self._block = io.StringIO(block, newline="\n")
        self._rest = rest

    def readline(self, size: int = -1) -> str:  # type: ignore[override]
        """The next line, or as much of it as was asked for."""
        line = self._block.readline(size)
        if line.endswith("\n") or len(line) == size:
            return line
        return line + self._rest.readline(-1 if size < 0 else size - len(line))
