"""A statement's tokens as the matcher sees them: words, names, strings, numbers, parameters, signs.

Differs from sqlglot's tokens where those serve SELECT: `ORDER BY` is two words here, `$1` is one
parameter, and a keyword is nothing but a word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from sqlglot.tokenizer_core import Token, TokenType

from redshare.sql.lex import Statement


class Kind(IntEnum):
    """What a lexeme is."""

    WORD = 1
    QUOTED = 2
    STRING = 3
    NUMBER = 4
    PARAMETER = 5
    SIGN = 6
    END = 7


@dataclass(slots=True)
class Lexeme:
    """`word` is what a spec's literals are compared with: upper case, empty for what is quoted."""

    kind: Kind
    value: str
    word: str
    start: int
    end: int


_STRINGS: Final = frozenset(
    {TokenType.STRING, TokenType.BYTE_STRING, TokenType.HEREDOC_STRING, TokenType.UNICODE_STRING}
)
# PostgreSQL numbers parameters with 16 bits.
_NUMBERED: Final = re.compile(r"\$([0-9]{1,5})(?![0-9])")
_PARTS: Final = re.compile(r"\S+")


def lexemes(statement: Statement) -> list[Lexeme]:
    """All of them, and one of the kind END behind the last."""
    found = list(_lexemes(statement))
    end = len(statement.clean)
    found.append(Lexeme(Kind.END, "", "", end, end))
    return found


def _lexemes(statement: Statement) -> Iterator[Lexeme]:
    clean = statement.clean
    questions = 0
    tokens = iter(statement.tokens)
    for token in tokens:
        start, end = token.start, token.end + 1
        kind = token.token_type
        if kind == TokenType.PARAMETER and (number := _NUMBERED.match(clean, start)):
            next(tokens)
            yield Lexeme(Kind.PARAMETER, number.group(1), "", start, number.end())
        elif kind == TokenType.PLACEHOLDER:
            questions += 1
            yield Lexeme(Kind.PARAMETER, str(questions), "", start, end)
        elif kind in _STRINGS:
            yield Lexeme(Kind.STRING, token.text, "", start, end)
        elif kind == TokenType.IDENTIFIER:
            yield Lexeme(Kind.QUOTED, token.text, "", start, end)
        else:
            yield from _plain(clean, token)


def _plain(clean: str, token: Token) -> Iterator[Lexeme]:
    for part in _PARTS.finditer(clean, token.start, token.end + 1):
        text = part.group()
        if token.token_type == TokenType.NUMBER:
            kind = Kind.NUMBER
        elif text[0].isalpha() or text[0] in "_#" or text[0] > "\x7f":
            kind = Kind.WORD
        else:
            kind = Kind.SIGN
        yield Lexeme(kind, text, text.upper(), part.start(), part.end())
