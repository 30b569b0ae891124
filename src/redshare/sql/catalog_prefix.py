"""`pg_catalog.` where the parser does not take it: before types and operators.

psql and pgjdbc write `x::pg_catalog.text` and `OPERATOR(pg_catalog.~)`. A type and an operator of
that schema are the only ones there are, so the prefix says nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from sqlglot.tokenizer_core import Token, TokenType

_SCHEMA: Final = "pg_catalog"


def without_catalog(tokens: Sequence[Token]) -> Iterator[Token]:
    """The tokens with the prefixes of types, operators and collations left out."""
    at = 0
    while at < len(tokens):
        token = tokens[at]
        if _qualified_operator(tokens, at):
            yield tokens[at + 4]
            at += 6
            continue
        if _is(token, "COLLATE") and _words(tokens, at + 1)[:2] == (_SCHEMA, "."):
            at += 4
            continue
        yield token
        at += 1
        before_type = token.token_type == TokenType.DCOLON or _is(token, "AS")
        if before_type and _words(tokens, at)[:2] == (_SCHEMA, "."):
            at += 2


def _is(token: Token, word: str) -> bool:
    return token.text.upper() == word and token.token_type != TokenType.STRING


def _words(tokens: Sequence[Token], at: int) -> tuple[str, ...]:
    return tuple(token.text.lower() for token in tokens[at : at + 3])


def _qualified_operator(tokens: Sequence[Token], at: int) -> bool:
    """OPERATOR ( pg_catalog . ~ )."""
    if not _is(tokens[at], "OPERATOR") or _words(tokens, at + 1) != ("(", _SCHEMA, "."):
        return False
    return at + 5 < len(tokens) and tokens[at + 5].token_type == TokenType.R_PAREN
