"""CHAR and VARCHAR: blanks, lengths in bytes, characters that are none.

https://docs.aws.amazon.com/redshift/latest/dg/multi-byte-character-load-errors.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from redshare.app.loading.problem import Code, Invalid
from redshare.sql.commands.copy import CopyOptions
from redshare.sql.types import MAX_VARCHAR, SqlType

#: How a byte that is not UTF-8 was kept.
_FIRST_KEPT, _LAST_KEPT = 0xDC80, 0xDCFF


def string_rules(
    kind: SqlType, options: CopyOptions
) -> tuple[Callable[[Any], Any], Callable[[str], object]]:
    """What a whole column becomes, and what one value becomes."""
    most = kind.a or MAX_VARCHAR
    fixed = kind.name == "character"

    def column(texts: Any) -> Any:  # noqa: ANN401
        given = texts
        if options.trim_blanks:
            given = pc.utf8_rtrim(given, " ")
        if options.empty_as_null:
            given = _null_where(given, pc.equal(given, ""))
        if options.blanks_as_null:
            given = _null_where(given, pc.match_substring_regex(given, r"^\s+$"))
        longest = pc.max(pc.binary_length(given)).as_py() or 0
        ascii_only = not fixed or pc.all(pc.string_is_ascii(given)).as_py() is not False
        return given if longest <= most and ascii_only else None

    def value(text: str) -> str | None:
        found = text.rstrip(" ") if options.trim_blanks else text
        if options.empty_as_null and not found:
            return None
        if options.blanks_as_null and found and not found.strip():
            return None
        found = _valid(found, options.accept_invalid_characters, fixed=fixed)
        return _fitting(found, most, truncate=options.truncate_columns)

    return column, value


def has_kept(text: str) -> bool:
    """Whether there is a byte in it that is not UTF-8."""
    return not text.isascii() and any(_FIRST_KEPT <= ord(c) <= _LAST_KEPT for c in text)


def _null_where(texts: Any, where: Any) -> Any:  # noqa: ANN401
    return pc.if_else(where, pa.scalar(None, pa.string()), texts)


def _valid(text: str, replacement: str | None, *, fixed: bool) -> str:
    """A text that is UTF-8. Raises Invalid where it is not and may not be replaced."""
    if not text.isascii():
        bad = [c for c in text if _FIRST_KEPT <= ord(c) <= _LAST_KEPT]
        if bad and (replacement is None or fixed):
            shown = " ".join(f"{ord(c) - 0xDC00:x}" for c in bad[:4])
            raise Invalid(
                Code.UTF8,
                "String contains invalid or unsupported UTF8 codepoints. "
                f"Bad UTF8 hex sequence: {shown} (error 2)",
            )
        if bad:
            assert replacement is not None
            text = "".join(replacement if _FIRST_KEPT <= ord(c) <= _LAST_KEPT else c for c in text)
        if fixed and not text.isascii():
            first = next(c for c in text if not c.isascii()).encode("utf-8").hex(" ")
            raise Invalid(
                Code.CHARACTER,
                "Multibyte character not supported for CHAR "
                f"(Hint: try using VARCHAR). Invalid char: {first}",
            )
    return text


def _fitting(text: str, most: int, *, truncate: bool) -> str:
    size = len(text) if text.isascii() else len(text.encode("utf-8"))
    if size <= most:
        return text
    if not truncate:
        raise Invalid(Code.OUT_OF_RANGE, "String length exceeds DDL length")
    return text.encode("utf-8")[:most].decode("utf-8", "ignore")
