r"""Text → statements with their tokens; it knows characters and names, no statement's meaning.

One regular expression walks over what may hide a semicolon (strings, quoted names, dollar quotes,
comments) and cuts the text; each piece is then tokenised once, by sqlglot's Redshift tokeniser.
Should the two ever disagree on where a string ends, the statement is refused.

A placeholder gets a blank behind it first (`clean`): sqlglot reads `values($1,$2)` as the start
of a dollar-quoted string.

Backslashes escape inside '...', as in Redshift:
https://docs.aws.amazon.com/redshift/latest/dg/r_names.html
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass, field, replace
from typing import ClassVar, Final

from sqlglot.dialects.redshift import Redshift
from sqlglot.errors import TokenError
from sqlglot.tokenizer_core import Token, TokenType

from redshare.sql.errors import (
    NameTooLong,
    SqlSyntaxError,
    StatementTooComplex,
    StatementTooLarge,
)

MAX_STATEMENT_BYTES: Final = 16 * 1024 * 1024
MAX_NAME_BYTES: Final = 127
#: sqlglot's parser and DuckDB's both recurse; people stop long before.
MAX_NESTING: Final = 64

# Words are taken whole, so that the dollar signs inside them start nothing.
_WORD = r"(?!\s)[A-Za-z_#\u0080-\U0010ffff]"
_SCAN: Final = re.compile(
    rf"""
      (?P<string>'(?:[^'\\]++|\\.|'')*+'|"(?:[^"]++|"")*+")
    | (?P<line>--[^\r\n]*+)
    | (?P<block>/\*)
    | (?P<word>{_WORD}(?:{_WORD}|[0-9$])*+)
    | (?P<parameter>\$[0-9]++)
    | (?P<dollar>\$(?:{_WORD}(?:{_WORD}|[0-9])*+)?\$)
    | (?P<semicolon>;)
    | (?P<open>[(\[])
    | (?P<close>[)\]])
    | (?P<bad>['"\x00]|\{{\#)
    """,
    re.VERBOSE | re.DOTALL,
)
_COMMENT_EDGE: Final = re.compile(r"/\*|\*/")


class _Tokenizer(Redshift.Tokenizer):
    """Without commands: they would swallow the rest of SHOW, DECLARE or FETCH as one string."""

    COMMANDS: ClassVar[set[TokenType]] = set()


_DIALECT: Final = Redshift()


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of a text. The tokens' offsets are those of `clean`, what a parser is given."""

    #: Not shown: it may set a password.
    text: str = field(repr=False)
    #: Where `text` starts in what the client sent.
    offset: int
    clean: str = field(repr=False, compare=False)
    tokens: tuple[Token, ...] = field(repr=False, compare=False)
    #: Where `clean` has a blank that `text` has not.
    blanks: tuple[int, ...] = field(default=(), repr=False, compare=False)

    def position(self, index: int) -> int:
        """An offset in `clean` as PostgreSQL counts: from 1, over the client's whole text."""
        return self.offset + index - bisect_left(self.blanks, index) + 1

    def tail(self, index: int) -> Statement:
        """What follows an offset in `clean`, as a statement: PREPARE, DECLARE, EXPLAIN have one."""
        start = self.position(index) - 1 - self.offset
        inner = split(self.text[start:])
        if not inner:
            raise self.error_at(len(self.clean), len(self.clean))
        return replace(inner[0], offset=inner[0].offset + self.offset + start)

    def error_at(self, start: int, end: int) -> SqlSyntaxError:
        """The refusal of `clean[start:end]`; of the end of the statement when that is empty."""
        return SqlSyntaxError.near(self.clean[start:end], self.position(start))


@dataclass(slots=True)
class _Piece:
    """What is known of the statement being cut."""

    start: int
    blanks: list[int] = field(default_factory=list)


def split(text: str) -> list[Statement]:
    """The statements of a text in order; empty ones are dropped.

    Raises SqlSyntaxError, StatementTooLarge, StatementTooComplex.
    """
    _check_size(text)
    statements: list[Statement] = []
    piece = _Piece(0)
    at = depth = 0
    while (found := _SCAN.search(text, at)) is not None:
        at = found.end()
        match found.lastgroup:
            case "semicolon":
                _finish(statements, text, piece, found.start())
                piece = _Piece(at)
                depth = 0
            case "open":
                depth += 1
                if depth > MAX_NESTING:
                    raise StatementTooComplex
            case "close":
                depth = max(depth - 1, 0)
            case "block":
                at = _comment_end(text, found.start())
            case "dollar":
                at = _dollar_end(text, found)
            case "parameter":
                piece.blanks.append(at)
            case "bad":
                raise _unterminated(text, found.start())
            case _:
                pass
    _finish(statements, text, piece, len(text))
    return statements


def identifier(name: str, *, fold: bool = True) -> str:
    """A name as Redshift keeps it; it folds quoted names too unless told to be case sensitive."""
    if "\0" in name:
        raise SqlSyntaxError('invalid byte sequence for encoding "UTF8": 0x00')
    # Measured as it is kept: some letters are longer in lower case.
    kept = name.lower() if fold else name
    if len(kept.encode()) > MAX_NAME_BYTES:
        raise NameTooLong(name, MAX_NAME_BYTES)
    return kept


def _check_size(text: str) -> None:
    if len(text) * 4 <= MAX_STATEMENT_BYTES:
        return
    size = len(text.encode())
    if size > MAX_STATEMENT_BYTES:
        raise StatementTooLarge(size, MAX_STATEMENT_BYTES)


def _comment_end(text: str, start: int) -> int:
    """Behind a comment, which may hold others."""
    depth = 0
    for edge in _COMMENT_EDGE.finditer(text, start):
        depth += 1 if edge.group() == "/*" else -1
        if not depth:
            return edge.end()
    raise SqlSyntaxError(f'unterminated /* comment at or near "{text[start:][:64]}"', start + 1)


def _dollar_end(text: str, opening: re.Match[str]) -> int:
    tag = opening.group()
    end = text.find(tag, opening.end())
    if end >= 0:
        return end + len(tag)
    start = opening.start()
    raise SqlSyntaxError(
        f'unterminated dollar-quoted string at or near "{text[start:][:64]}"', start + 1
    )


def _unterminated(text: str, start: int) -> SqlSyntaxError:
    rest = text[start : start + 64]
    match text[start]:
        case "'":
            return SqlSyntaxError(f'unterminated quoted string at or near "{rest}"', start + 1)
        case '"':
            return SqlSyntaxError(f'unterminated quoted identifier at or near "{rest}"', start + 1)
        case "\0":
            return SqlSyntaxError('invalid byte sequence for encoding "UTF8": 0x00', start + 1)
        case other:
            # sqlglot would take `{# ... #}` for a template's comment and hide what is in it.
            return SqlSyntaxError.near(other, start + 1)


def _finish(statements: list[Statement], text: str, piece: _Piece, end: int) -> None:
    """Tokenises `text[piece.start:end]`, unless there is nothing but blanks and comments in it."""
    raw = text[piece.start : end]
    body = raw.strip()
    if not body:
        return
    offset = piece.start + len(raw) - len(raw.lstrip())
    clean, blanks = _scrub(body, [at - offset for at in piece.blanks])
    tokens = _tokenise(clean, offset)
    statement = Statement(body, offset, clean, tokens, blanks)
    if tokens:
        _check_agreement(statement)
        statements.append(statement)


def _scrub(body: str, ends: list[int]) -> tuple[str, tuple[int, ...]]:
    """A blank behind each placeholder, and where the blanks are."""
    if not ends:
        return body, ()
    parts = [body[start:end] for start, end in zip([0, *ends], [*ends, len(body)], strict=True)]
    return " ".join(parts), tuple(end + number for number, end in enumerate(ends))


def _tokenise(clean: str, offset: int) -> tuple[Token, ...]:
    try:
        return tuple(_Tokenizer(dialect=_DIALECT).tokenize(clean))
    except TokenError as error:
        raise SqlSyntaxError.near(clean[:64], offset + 1) from error


def _check_agreement(statement: Statement) -> None:
    """What the walk took for the outside of strings is that for the tokeniser too."""
    covered = 0
    blanks = iter(statement.blanks)
    blank = next(blanks, None)
    for token in statement.tokens:
        if token.token_type == TokenType.SEMICOLON or "\0" in token.text:
            raise statement.error_at(token.start, token.end + 1)
        while blank is not None and blank < token.start:
            if covered != blank:
                raise statement.error_at(token.start, token.end + 1)
            blank = next(blanks, None)
        covered = token.end + 1
