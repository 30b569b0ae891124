r"""Batches → the bytes of their rows, in delimited text, CSV or JSON.

A whole batch at a time: each column becomes texts, the texts of a row are joined, and the rows'
buffer is what is written.
https://docs.aws.amazon.com/redshift/latest/dg/r_UNLOAD.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from redshare.app.unloading.texts import texts
from redshare.sql.commands.unload import UnloadOptions
from redshare.sql.result import ResultColumn

Encode = Callable[[Any], bytes]


class Rows:
    """How rows of one UNLOAD are written; `head` begins every file."""

    def __init__(self, options: UnloadOptions, columns: Sequence[ResultColumn]) -> None:
        self._options = options
        self._columns = columns
        self._csv = options.format == "csv"
        self._delimiter = options.delimiter or ("," if self._csv else "|")
        cut = re.escape(self._delimiter)
        self._special = rf'["\n\r]|{cut}' if self._csv else ""
        quotes = "\"'" if options.add_quotes else ""
        self._escaped = rf"([\\\n\r{quotes}]|{cut})"
        self.encode: Encode = self._json if options.format == "json" else self._text

    @property
    def head(self) -> bytes:
        """The header line, if there is one."""
        if not self._options.header:
            return b""
        names = [self._field(pa.array([name])) for name in (c.name for c in self._columns)]
        return self._joined(names)

    def _text(self, batch: Any) -> bytes:  # noqa: ANN401 - a pyarrow.RecordBatch
        return self._joined([self._field(texts(column)) for column in batch.columns])

    def _field(self, column: Any) -> Any:  # noqa: ANN401
        if self._csv:
            quoted = pc.binary_join_element_wise(
                '"', pc.replace_substring(column, '"', '""'), '"', ""
            )
            needs = pc.match_substring_regex(column, self._special)
            column = pc.if_else(needs, quoted, column)
        if self._options.escape:
            column = pc.replace_substring_regex(column, self._escaped, r"\\\1")
        if self._options.add_quotes:
            column = pc.binary_join_element_wise('"', column, '"', "")
        return pc.fill_null(column, self._options.null_as or "")

    def _joined(self, columns: list[Any]) -> bytes:
        parts: list[Any] = []
        for column in columns:
            parts += [column, self._delimiter]
        parts[-1] = "\n"
        return _bytes(pc.binary_join_element_wise(*parts, ""))

    def _json(self, batch: Any) -> bytes:  # noqa: ANN401
        parts: list[Any] = ["{"]
        for column, values in zip(self._columns, batch.columns, strict=True):
            key = msgspec.json.encode(column.name).decode()
            made = texts(values) if column.type == "super" else _json_values(values)
            parts += [f"{key}:", pc.fill_null(made, "null"), ","]
        parts[-1] = "}\n"
        return _bytes(pc.binary_join_element_wise(*parts, ""))


def _json_values(column: Any) -> Any:  # noqa: ANN401
    """Numbers as they are, all else as strings."""
    kind = column.type
    made = texts(column)
    if pa.types.is_integer(kind) or pa.types.is_decimal(kind):
        return made
    if pa.types.is_floating(kind):
        plain = pc.match_substring_regex(made, r"[0-9]$")
        quoted = pc.binary_join_element_wise('"', made, '"', "")
        return pc.if_else(plain, made, quoted)
    encode = msgspec.json.encode
    values = [None if v is None else encode(v).decode() for v in made.to_pylist()]
    return pa.array(values, pa.string())


def _bytes(rows: Any) -> bytes:  # noqa: ANN401
    """The rows one behind the other, which is how they lie in memory."""
    _, offsets, data = rows.buffers()
    if data is None or not len(rows):
        return b""
    first = rows.offset
    width = 8 if pa.types.is_large_string(rows.type) else 4
    at = memoryview(offsets).cast("B")
    start, end = (
        int.from_bytes(at[width * n : width * (n + 1)], "little")
        for n in (first, first + len(rows))
    )
    return bytes(memoryview(data)[start:end])
