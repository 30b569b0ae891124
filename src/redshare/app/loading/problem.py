"""Why a row cannot be loaded, by the numbers and in the words of STL_LOAD_ERRORS.

https://docs.aws.amazon.com/redshift/latest/dg/r_Load_Error_Reference.html
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class Code(IntEnum):
    """The error codes of the manual that occur here."""

    TOO_MANY_COLUMNS = 1202
    OUT_OF_RANGE = 1204
    DATE = 1205
    TIMESTAMP = 1206
    DIGIT = 1207
    FLOAT = 1208
    DECIMAL = 1209
    BOOLEAN = 1210
    NO_DATA = 1211
    NOT_NULL = 1213
    DELIMITER = 1214
    CHARACTER = 1215
    LINE = 1216
    HEXADECIMAL = 1219
    UTF8 = 1220
    ENCODING = 1221
    OVERFLOW = 1222
    SUPER = 1224


class Invalid(Exception):
    """Raised for a value that its column cannot take."""

    def __init__(self, code: Code, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Problem:
    """`column` is the number of the field, -1 where the line as a whole is meant."""

    code: Code
    reason: str
    column: int = -1
    value: str = ""


@dataclass(slots=True)
class Row:
    """A row as a file has it. `fields` are texts, None for NULL; `raw` is what the views show."""

    line: int
    raw: str
    fields: list[str | None]


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that could not even be taken apart; `fields` as far as it went.

    `last`: what is behind it in its file cannot be read, so no MAXERROR lets it pass.
    """

    line: int
    raw: str
    problem: Problem
    fields: tuple[str | None, ...] = ()
    last: bool = False
