"""A statement's tokens → sqlglot's tree, with identifiers folded."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Final

from sqlglot import exp
from sqlglot.dialects.redshift import Redshift
from sqlglot.errors import ErrorLevel, ParseError, SqlglotError
from sqlglot.tokenizer_core import Token, TokenType

from redshare.core.sql_errors import SqlError
from redshare.sql.catalog_prefix import without_catalog
from redshare.sql.errors import SqlSyntaxError, StatementTooComplex
from redshare.sql.lex import Statement, identifier

_DIALECT: Final = Redshift()
#: How an identifier was written, where folding changed it: attributes of SUPER values may ask.
SPELLED: Final = "spelled"
OURS_PREFIX: Final = "redshift_"
#: Functions that the parser would change beyond recognition: they keep a name of our own.
_OURS: Final = {
    "add_months", "json_extract_path_text", "to_char", "to_date", "to_timestamp", "to_number",
    "dateadd", "date_add", "datediff", "date_diff", "date_part", "datepart", "pgdate_part",
    "date_trunc", "getdate",
    "now", "months_between", "next_day",
}  # fmt: skip
#: Those whose first argument is a word or a string that names a part of a date.
_WITH_PART: Final = frozenset(
    f"{OURS_PREFIX}{name}"
    for name in (
        "dateadd", "date_add", "datediff", "date_diff", "date_part", "datepart", "pgdate_part",
        "date_trunc",
    )
)  # fmt: skip


def syntax_error(detail: str = "") -> SqlError:
    """42601, with what is known of it."""
    return SqlSyntaxError(f"syntax error{detail}")


def too_deep() -> SqlError:
    """What a statement nested beyond reason is told."""
    return StatementTooComplex()


def parse(statement: Statement, *, case_sensitive: bool = False) -> exp.Expr:
    """The tree of one statement. Raises SqlError kinds."""
    _check_tokens(statement)
    try:
        parser = _DIALECT.parser(error_level=ErrorLevel.IMMEDIATE)
        trees = parser.parse(
            list(_renamed(tuple(without_catalog(statement.tokens)))), statement.clean
        )
    except RecursionError as error:
        raise too_deep() from error
    except ParseError as error:
        raise _located(statement, error) from error
    except SqlglotError as error:
        raise syntax_error() from error
    except Exception as error:
        raise syntax_error() from error
    if len(trees) != 1 or not isinstance(trees[0], exp.Expr):
        raise syntax_error(": one statement was expected")
    _name_date_parts(trees[0])
    _check_joins(statement, trees[0])
    return fold(trees[0], case_sensitive=case_sensitive)


def _name_date_parts(tree: exp.Expr) -> None:
    """`unit` of a date function is the part's name, no column."""
    for node in tree.find_all(exp.Anonymous):
        if node.this not in _WITH_PART or not node.expressions:
            continue
        part, *rest = node.expressions
        if isinstance(part, exp.Literal) and part.is_string:
            word = str(part.this)
        elif isinstance(part, exp.Column) and len(part.parts) == 1:
            word = part.name
        else:
            continue
        node.set("unit", exp.Var(this=word.strip().lower()))
        node.set("expressions", rest)


def fold(tree: exp.Expr, *, case_sensitive: bool) -> exp.Expr:
    """Identifiers in their stored form: lower case, unless quoted where the session says so."""
    for node in tree.find_all(exp.Identifier):
        name = str(node.this)
        if not name:
            raise syntax_error(": zero-length delimited identifier")
        keep = case_sensitive and bool(node.args.get("quoted"))
        folded = identifier(name, fold=not keep)
        if folded != name:
            node.set("this", folded)
            node.meta[SPELLED] = name
    return tree


#: What cannot stand behind a comma; the parser lets a list end in one.
_ENDS: Final = frozenset(
    {
        TokenType.FROM, TokenType.WHERE, TokenType.GROUP_BY, TokenType.ORDER_BY, TokenType.HAVING,
        TokenType.LIMIT, TokenType.UNION, TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.COMMA,
    }
)  # fmt: skip


#: What cannot stand before FROM; the parser reads a query that begins with it.
_BEFORE: Final = frozenset(
    {
        TokenType.L_PAREN, TokenType.UNION, TokenType.EXCEPT, TokenType.INTERSECT, TokenType.ALL,
        TokenType.DISTINCT,
    }
)  # fmt: skip


def _check_tokens(statement: Statement) -> None:
    """Raises for what the parser lets pass and Redshift does not."""
    before: Token | None = None
    for token in statement.tokens:
        if token.token_type in _ENDS and _is(before, {TokenType.COMMA}):
            raise statement.error_at(token.start, token.end + 1)
        if token.token_type == TokenType.FROM and (before is None or _is(before, _BEFORE)):
            raise statement.error_at(token.start, token.end + 1)
        if token.token_type == TokenType.L_BRACKET and not _ends_value(before):
            # An array is ARRAY[...]; brackets alone mean nothing.
            raise statement.error_at(token.start, token.end + 1)
        before = token
    if _is(before, {TokenType.COMMA}):
        raise statement.error_at(len(statement.clean), len(statement.clean))


#: Words behind which a value begins.
_OPENERS: Final = frozenset(
    [
        "SELECT",
        "DISTINCT",
        "ALL",
        "WHERE",
        "AND",
        "OR",
        "NOT",
        "ON",
        "WHEN",
        "THEN",
        "ELSE",
        "BY",
        "HAVING",
        "IN",
        "LIKE",
        "ILIKE",
        "VALUES",
        "CASE",
        "BETWEEN",
        "AS",
        "IS",
        "SET",
        "RETURNING",
        "LIMIT",
        "QUALIFY",
        "TOP",
    ]
)


def _ends_value(token: Token | None) -> bool:
    """Whether a subscript may follow."""
    if token is None:
        return False
    if token.token_type in {TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.IDENTIFIER}:
        return True
    word = token.text.upper()
    return word.replace("_", "A").isalnum() and word not in _OPENERS


def _is(token: Token | None, kinds: Collection[TokenType]) -> bool:
    return token is not None and token.token_type in kinds


def _check_joins(statement: Statement, tree: exp.Expr) -> None:
    """A JOIN that says nothing more is a comma for the parser."""
    words = sum(1 for token in statement.tokens if token.token_type == TokenType.JOIN)
    if not words:
        return
    keys = ("on", "using", "side", "kind", "method")
    joins = tree.find_all(exp.Join)
    if words > sum(1 for join in joins if any(join.args.get(key) for key in keys)):
        raise syntax_error(": JOIN needs ON or USING")


def _renamed(tokens: tuple[Token, ...]) -> Iterator[Token]:
    for place, token in enumerate(tokens):
        follows = tokens[place + 1].token_type if place + 1 < len(tokens) else None
        called = token.token_type == TokenType.VAR and follows == TokenType.L_PAREN
        if called and token.text.lower() in _OURS:
            name = OURS_PREFIX + token.text.lower()
            yield Token(TokenType.VAR, name, token.line, token.col, token.start, token.end)
        elif called and token.text.lower().startswith(OURS_PREFIX):
            raise syntax_error(f": the function {token.text.lower()} does not exist")
        elif token.token_type == TokenType.VAR and token.text == "#":
            # Exclusive or; the tokeniser knows # as the beginning of a temporary table's name.
            yield Token(TokenType.HASH, "#", token.line, token.col, token.start, token.end)
        elif _plain_interval(tokens, place):
            # The parser would take the text apart, and lose what it does not know.
            name = f"{OURS_PREFIX}interval"
            yield Token(TokenType.VAR, name, token.line, token.col, token.start, token.end)
            yield Token(TokenType.L_PAREN, "(", token.line, token.col, token.start, token.end)
        elif place and _plain_interval(tokens, place - 1):
            yield token
            yield Token(TokenType.R_PAREN, ")", token.line, token.col, token.start, token.end)
        elif _typed_literal(tokens, place):
            yield Token(TokenType.L_PAREN, "(", token.line, token.col, token.start, token.end)
            yield token
        elif place and _typed_literal(tokens, place - 1):
            yield token
            yield Token(TokenType.R_PAREN, ")", token.line, token.col, token.start, token.end)
        else:
            yield token


_LITERAL_TYPES: Final = {
    TokenType.DATE, TokenType.TIME, TokenType.TIMETZ, TokenType.TIMESTAMP, TokenType.TIMESTAMPTZ,
}  # fmt: skip


_INTERVAL_FIELDS: Final = frozenset(
    f"{field}{plural}"
    for field in ("YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND", "WEEK", "QUARTER")
    for plural in ("", "S")
)


def _plain_interval(tokens: tuple[Token, ...], place: int) -> bool:
    """`INTERVAL '…'` without a qualifier behind it."""
    if (
        tokens[place].token_type != TokenType.INTERVAL
        or place + 1 >= len(tokens)
        or tokens[place + 1].token_type != TokenType.STRING
    ):
        return False
    follows = tokens[place + 2].text.upper() if place + 2 < len(tokens) else ""
    return follows not in _INTERVAL_FIELDS


def _typed_literal(tokens: tuple[Token, ...], place: int) -> bool:
    """`DATE '…'::t`: the parser would cast the string first and make a date of what comes out."""
    return (
        tokens[place].token_type in _LITERAL_TYPES
        and place + 2 < len(tokens)
        and tokens[place + 1].token_type == TokenType.STRING
        and tokens[place + 2].token_type == TokenType.DCOLON
    )


def _located(statement: Statement, error: ParseError) -> SqlError:
    found = error.errors[0] if error.errors else {}
    start = statement.clean.find(found.get("highlight") or "\0")
    line, column = found.get("line"), found.get("col")
    if not line or not column:
        return syntax_error()
    lines = statement.clean.splitlines(keepends=True)
    end = sum(len(text) for text in lines[: line - 1]) + column
    start = max(end - len(found.get("highlight") or ""), 0)
    return statement.error_at(start, end)
