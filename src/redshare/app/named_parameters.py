"""The Data API's `:name` parameters as the `$n` of SQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from sqlglot.tokenizer_core import Token, TokenType

from redshare.core.errors import InvalidParameterValue
from redshare.sql.lex import split


def numbered(sql: str, values: Mapping[str, str]) -> tuple[str, tuple[str, ...]]:
    """The text with `:name` replaced, and the values in the order of their numbers.

    Raises InvalidParameterValue where a name has no value or a value no name, SqlSyntaxError.
    """
    if not values:
        return sql, ()
    names: list[str] = []
    pieces, end = [], 0
    for statement in split(sql):
        tokens: Sequence[Token] = statement.tokens
        for colon, name in pairwise(tokens):
            if colon.token_type is not TokenType.COLON or name.start != colon.end + 1:
                continue
            if name.text not in values:
                raise InvalidParameterValue(f"No value is given for the parameter :{name.text}.")
            if name.text not in names:
                names.append(name.text)
            start = statement.offset + colon.start
            pieces += [sql[end:start], f"${names.index(name.text) + 1} "]
            end = statement.offset + name.end + 1
    unused = set(values) - set(names)
    if unused:
        raise InvalidParameterValue(f"The parameter {min(unused)} is not used in the SQL.")
    return "".join([*pieces, sql[end:]]), tuple(values[name] for name in names)
