"""Values that do not fit or cannot be read: DuckDB's words → SQLSTATE and Redshift's words.

A table of patterns, most telling first; a message is made from what a pattern found.
"""

from __future__ import annotations

import re
from collections.abc import Callable

_INTEGERS = {"8": "smallint", "16": "smallint", "32": "integer", "64": "bigint", "128": "bigint"}
_OVERFLOW = "Numeric data overflow (result precision)"
Found = re.Match[str]
Answer = tuple[str, str]


def _unread_integer(found: Found) -> Answer:
    text, kind = found[1], _INTEGERS[found[2]]
    if re.fullmatch(r"\s*[+-]?\d+\s*", text):
        return "22003", f'value "{text.strip()}" is out of range for type {kind}'
    return "22P02", f'invalid input syntax for integer: "{text}"'


def _unread_decimal(found: Found) -> Answer:
    text = found[1]
    if re.fullmatch(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*", text):
        return "22003", _OVERFLOW
    return "22P02", f'invalid input syntax for type numeric: "{text}"'


def _unread_date(found: Found) -> Answer:
    return "22007", f'invalid input syntax for type {found[1]}: "{found[2]}"'


_TABLE: tuple[tuple[re.Pattern[str], Callable[[Found], Answer]], ...] = tuple(
    (re.compile(pattern, re.DOTALL), answer)
    for pattern, answer in (
        (r"Could not convert string '(.*?)' to U?INT(8|16|32|64|128)\b", _unread_integer),
        (r'Could not convert string "(.*?)" to DECIMAL', _unread_decimal),
        (r"Could not convert string '(.*?)' to (?:FLOAT|DOUBLE)\b",
         lambda f: ("22P02", f'invalid input syntax for type double precision: "{f[1]}"')),
        (r"Could not convert string '(.*?)' to BOOL\b",
         lambda f: ("22P02", f'invalid input syntax for type boolean: "{f[1]}"')),
        (r"Could not convert string '(.*?)' to INTERVAL\b",
         lambda f: ("22007", f'invalid input syntax for type interval: "{f[1]}"')),
        (r"out of range for the destination type INT(8|16|32|64)\b",
         lambda f: ("22003", f"{_INTEGERS[f[1]]} out of range")),
        (r"Overflow in \w+ of U?INT(8|16|32|64|128)\b",
         lambda f: ("22003", f"{_INTEGERS[f[1]]} out of range")),
        (r"(?:[Oo]verflow|out of range|Could not cast value|Casting value).*(?:DECIMAL|HUGEINT)"
         r"|(?:DECIMAL|HUGEINT).*(?:[Oo]verflow|out of range)",
         lambda _f: ("22003", _OVERFLOW)),
        (r"out of range for the destination type (?:FLOAT|DOUBLE)\b",
         lambda _f: ("22003", "value out of range: overflow")),
        (r'(?:date|time|timestamp|timestamptz) field value out of range: "(.*?)"',
         lambda f: ("22008", f'date/time field value out of range: "{f[1]}"')),
        (r'invalid (date|time|timestamp)\w* field format: "(.*?)"', _unread_date),
        (r"Unknown TimeZone '(.*?)'",
         lambda f: ("22023", f'time zone "{f[1]}" not recognized')),
        (r"cannot take logarithm of (zero|a negative number)",
         lambda f: ("2201E", f"cannot take logarithm of {f[1]}")),
        (r"cannot take square root of a negative number",
         lambda f: ("2201F", f[0])),
        (r"(?:ACOS|ASIN) is undefined", lambda _f: ("22003", "input is out of range")),
        (r"More than one row returned by a subquery",
         lambda _f: ("21000", "single-row subquery returns more than one row")),
    )
)  # fmt: skip


def value_error(text: str) -> Answer | None:
    """SQLSTATE and message, if the text is about a value. The first line is the engine's error."""
    line = text.partition("\n")[0]
    for pattern, answer in _TABLE:
        found = pattern.search(line)
        if found is not None:
            return answer(found)
    return None
