r"""The strings of COPY and UNLOAD that stand for something: NULL AS, DELIMITER, QUOTE.

`'\N'` means a backslash and an N here, as the manual writes it. Anywhere else that backslash
escapes an N that needs none; here it would turn every field that is the letter N into NULL. A
character may be written as `\t` or by its octal number, whichever way the backslash came.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from redshare.sql.commands.lexemes import Kind
from redshare.sql.commands.match import Matching, Reader
from redshare.sql.commands.readers import read_string
from redshare.sql.commands.values import Parameter

#: What stands for NULL where nothing is said.
DEFAULT_NULL: Final = "\\N"
_OCTAL: Final = re.compile(r"\\([0-7]{1,3})")


def read_null_string(m: Matching, index: int) -> tuple[str, int] | None:
    """NULL AS."""
    word = m.words[index]
    if word.kind is Kind.STRING and m.statement.clean[word.start : word.end] == "'\\N'":
        return DEFAULT_NULL, index + 1
    return read_character(m, index)


def read_character(m: Matching, index: int) -> tuple[str, int] | None:
    """DELIMITER, QUOTE."""
    found = read_string(m, index)
    if found is None or isinstance(found[0], Parameter):
        return found
    return _character(found[0]), found[1]


def _character(text: str) -> str:
    if text == "\\t":
        return "\t"
    octal = _OCTAL.fullmatch(text)
    return text if octal is None else chr(int(octal[1], 8) & 0x7F)


READERS: Final[Mapping[str, Reader]] = {
    "null_string": read_null_string,
    "character": read_character,
}
