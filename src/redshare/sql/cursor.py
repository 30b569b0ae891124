"""A place in a statement's tokens, for the few statements the parser is not asked to read."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from sqlglot.tokenizer_core import Token, TokenType

from redshare.core.sql_errors import SqlError
from redshare.sql.lex import Statement, identifier

_QUOTED: Final = frozenset({TokenType.STRING, TokenType.HEREDOC_STRING, TokenType.IDENTIFIER})
_BRACKETS: Final = {"(": 1, "[": 1, ")": -1, "]": -1}


_WORD: Final = re.compile(r"\S+")


def words(statement: Statement) -> tuple[Token, ...]:
    """The tokens, with those that the tokeniser made of two words (PRIMARY KEY) taken apart."""
    found: list[Token] = []
    for token in statement.tokens:
        quoted = token.token_type in _QUOTED
        text = statement.clean[token.start : token.end + 1]
        if quoted or not any(character.isspace() for character in text):
            found.append(token)
            continue
        for part in _WORD.finditer(text):
            start = token.start + part.start()
            end = token.start + part.end() - 1
            found.append(Token(TokenType.VAR, part.group(), token.line, token.col, start, end))
    return tuple(found)


@dataclass(slots=True)
class Cursor:
    """Reads words without regard to letter case; a name is a word or a quoted identifier."""

    statement: Statement
    case_sensitive: bool = False
    at: int = 0
    tokens: tuple[Token, ...] = field(init=False)

    def __post_init__(self) -> None:
        self.tokens = words(self.statement)

    @property
    def token(self) -> Token | None:
        """The token here, None at the end."""
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def error(self) -> SqlError:
        """A syntax error at this token."""
        token = self.token
        if token is None:
            return self.statement.error_at(len(self.statement.clean), len(self.statement.clean))
        return self.statement.error_at(token.start, token.end + 1)

    def peek(self, offset: int = 0) -> str:
        """The word or sign ahead in upper case; empty for strings, quoted names and the end."""
        tokens = self.tokens
        if self.at + offset >= len(tokens):
            return ""
        token = tokens[self.at + offset]
        if token.token_type in _QUOTED:
            return ""
        return str(token.text).upper()

    def take(self, *words: str) -> bool:
        """Step over these words in a row, if they are here."""
        if any(self.peek(place) != word for place, word in enumerate(words)):
            return False
        self.at += len(words)
        return True

    def expect(self, *words: str) -> None:
        """As `take`. Raises SqlSyntaxError."""
        if not self.take(*words):
            raise self.error()

    def done(self) -> bool:
        """Whether the statement ends here."""
        return self.token is None

    def finish(self) -> None:
        """Raises SqlSyntaxError where something is left."""
        if not self.done():
            raise self.error()

    def name(self) -> str:
        """An identifier, folded."""
        token = self.token
        if token is None:
            raise self.error()
        text = str(token.text)
        if token.token_type == TokenType.IDENTIFIER:
            self.at += 1
            return identifier(text, fold=not self.case_sensitive)
        if token.token_type in _QUOTED or not (text[:1].isalpha() or text[:1] in "_#"):
            raise self.error()
        self.at += 1
        return identifier(text)

    def qualified(self) -> tuple[str, ...]:
        """A name of one to three parts."""
        parts = [self.name()]
        while self.take("."):
            parts.append(self.name())
        return tuple(parts)

    def names(self) -> tuple[str, ...]:
        """(a, b, …)."""
        self.expect("(")
        found = [self.name()]
        while self.take(","):
            found.append(self.name())
        self.expect(")")
        return tuple(found)

    def number(self) -> int:
        """An integer, signed or not."""
        sign = -1 if self.take("-") else 1
        text = self.peek()
        if not text.isdecimal():
            raise self.error()
        self.at += 1
        return sign * int(text)

    def text_until(self, stops: frozenset[str]) -> str:
        """The text up to a comma, a closing bracket or one of these words, outside brackets."""
        start, depth = self.at, 0
        while self.token is not None:
            word = self.peek()
            if depth == 0 and (word in stops or word in {",", ")"}):
                break
            depth += _BRACKETS.get(word, 0)
            self.at += 1
        tokens = self.tokens
        if start == self.at:
            raise self.error()
        return self.statement.clean[tokens[start].start : tokens[self.at - 1].end + 1]

    def rest(self) -> Statement:
        """What follows, as a statement."""
        token = self.token
        if token is None:
            raise self.error()
        return self.statement.tail(token.start)
