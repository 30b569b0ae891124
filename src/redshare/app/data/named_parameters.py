"""The Data API's `:name` parameters as the `$n` of SQL."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from sqlglot.tokenizer_core import Token, TokenType

from redshare.core.aws_errors import InvalidParameterValue
from redshare.core.sql_errors import SqlError
from redshare.sql.lex import split

#: A statement's text and the values of its parameters in the order of their numbers.
Numbered = tuple[str, tuple[str, ...]]


def numbered(texts: Iterable[str], values: Mapping[str, str]) -> list[Numbered]:
    """The texts with `:name` replaced; each may use any of the values.

    Raises InvalidParameterValue where a name has no value or a value stands in no text.
    """
    if not values:
        return [(sql, ()) for sql in texts]
    found, unused = [], set(values)
    for sql in texts:
        text, names = _replaced(sql, values)
        unused.difference_update(names)
        found.append((text, tuple(values[name] for name in names)))
    if unused:
        raise InvalidParameterValue(f"The parameter {min(unused)[:100]} is not used in the SQL.")
    return found


def _replaced(sql: str, values: Mapping[str, str]) -> tuple[str, list[str]]:
    """The text with numbers, and the names they stand for."""
    try:
        statements = split(sql)
    except SqlError:
        return sql, list(values)  # it fails with that error when it runs
    names: list[str] = []
    pieces, end = [], 0
    for statement in statements:
        tokens: Sequence[Token] = statement.tokens
        for colon, name in pairwise(tokens):
            if colon.token_type is not TokenType.COLON or name.start != colon.end + 1:
                continue
            if name.text not in values:
                raise InvalidParameterValue(
                    f"No value is given for the parameter :{name.text[:100]}."
                )
            if name.text not in names:
                names.append(name.text)
            start = statement.offset + colon.start
            pieces += [sql[end:start], f"${names.index(name.text) + 1} "]
            end = statement.offset + name.end + 1
    return "".join([*pieces, sql[end:]]), names
