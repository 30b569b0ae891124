"""Text is cut into statements that keep their text and place; hostile text is refused."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from redshare.sql.errors import (
    NameTooLong,
    SqlSyntaxError,
    StatementTooComplex,
    StatementTooLarge,
)
from redshare.sql.lex import MAX_NESTING, MAX_STATEMENT_BYTES, identifier, split

CASES = [
    ("", []),
    (" ;; ; ", []),
    ("-- only a comment", []),
    ("/* a; */ ; /* /* b; */ */", []),
    ("select 1", ["select 1"]),
    ("select 1;", ["select 1"]),
    ("select 1; select 2 ;\n", ["select 1", "select 2"]),
    ("select ';'; select 2", ["select ';'", "select 2"]),
    ("select ';''; a'; b", ["select ';''; a'", "b"]),
    (r"select 'a\';b'; c", [r"select 'a\';b'", "c"]),
    (r"select 'a\\'; c", [r"select 'a\\'", "c"]),
    (r"select E'a\';b'; c", [r"select E'a\';b'", "c"]),
    ('select ";"";"; c', ['select ";"";"', "c"]),
    ("select $$;$$; c", ["select $$;$$", "c"]),
    ("select $a$;$$;$a$; c", ["select $a$;$$;$a$", "c"]),
    ("select a$b; c$d", ["select a$b", "c$d"]),
    ("select 1 -- ; '\n; c", ["select 1 -- ; '", "c"]),
    ("select /* ; ' /* ; */ */ 1; c", ["select /* ; ' /* ; */ */ 1", "c"]),
    ("/* {} */ select 1; -- x\nb", ["/* {} */ select 1", "-- x\nb"]),
    ("values($1,$2);b", ["values($1,$2)", "b"]),
    ("select '--'; b", ["select '--'", "b"]),
]

REFUSED = [
    ("select 'abc", 'unterminated quoted string at or near "\'abc"', 8),
    ('a; select "abc', 'unterminated quoted identifier at or near ""abc"', 11),
    ("select /* x /* y */", 'unterminated /* comment at or near "/* x /* y */"', 8),
    ("select $a$ x $b$", 'unterminated dollar-quoted string at or near "$a$ x $b$"', 8),
    ("select \0", 'invalid byte sequence for encoding "UTF8": 0x00', 8),
    ("select {# ; #} 1", 'syntax error at or near "{"', 8),
    (r"select '\0'", "syntax error at or near \"'\\0'\"", 8),
]


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_split(text: str, expected: list[str]) -> None:
    """Semicolons part statements where they are not in strings, names or comments."""
    statements = split(text)
    assert expected == [statement.text for statement in statements]
    for statement in statements:
        assert text[statement.offset :].startswith(statement.text)
        assert statement.tokens


@pytest.mark.parametrize(("text", "message", "position"), REFUSED)
def test_refused(text: str, message: str, position: int) -> None:
    """What does not end is refused where it starts."""
    with pytest.raises(SqlSyntaxError) as refused:
        split(text)
    assert (message, position) == (refused.value.message, refused.value.position)


def test_placeholders_are_tokens() -> None:
    """A placeholder beside a comma is one, and all tokens know their place in the text."""
    text = "x; values($1,$2) , '$3' $4"
    _, statement = split(text)
    assert statement.text == "values($1,$2) , '$3' $4"
    assert statement.clean == "values($1 ,$2 ) , '$3' $4 "
    for token in statement.tokens:
        place = statement.position(token.start) - 1
        raw = statement.clean[token.start : token.end + 1]
        assert raw == text[place : place + len(raw)]


def test_commands_keep_their_tokens() -> None:
    """SHOW does not swallow what follows it."""
    (statement,) = split("show tables from schema s")
    assert len(statement.tokens) == 5


def test_too_large() -> None:
    """More than 16 MiB is refused before it is looked at."""
    with pytest.raises(StatementTooLarge, match="Maximum Allowed: 16777216 bytes"):
        split("é" * (MAX_STATEMENT_BYTES // 2 + 1))


def test_too_deep() -> None:
    """Parentheses nest 64 deep; those in strings do not count."""
    deep = "(" * MAX_NESTING + ")" * MAX_NESTING
    assert len(split(f"select {deep}")) == 1
    assert len(split(f"select {deep}; select {deep}")) == 2
    assert len(split("select '" + "(" * 1000 + "'")) == 1
    with pytest.raises(StatementTooComplex):
        split(f"select ({deep})")


def test_names() -> None:
    """Names fold unless told not to, and end at 127 bytes."""
    assert identifier("ABC") == "abc"
    assert identifier("ABC", fold=False) == "ABC"
    assert identifier("a" * 127) == "a" * 127
    with pytest.raises(NameTooLong) as refused:
        identifier("a" * 128)
    assert refused.value.sqlstate == "42622"
    with pytest.raises(SqlSyntaxError):
        identifier("a\0b")


TEXT = st.lists(
    st.one_of(
        st.sampled_from(
            [*"'\";$(){}#\\-/*?1a_ \n\r\t", "$1", "$$", "$a$", "--", "/*", "*/", "E'", "N'", "U&'"]
        ),
        st.text(max_size=4),
    ),
    max_size=25,
).map("".join)


@settings(max_examples=1000, deadline=None)
@given(TEXT)
def test_nothing_is_lost(text: str) -> None:
    """Between statements there are only semicolons, blanks and comments."""
    try:
        statements = split(text)
    except (SqlSyntaxError, StatementTooComplex):
        return
    at = 0
    for statement in statements:
        assert statement.text == text[statement.offset :][: len(statement.text)]
        assert only_blank(text[at : statement.offset])
        at = statement.offset + len(statement.text)
    assert only_blank(text[at:])


def only_blank(text: str) -> bool:
    while (
        shorter := re.sub(r"/\*(?:(?!/\*|\*/).)*\*/|--[^\r\n]*|[\s;]", "", text, flags=re.DOTALL)
    ) != (text):
        text = shorter
    return not text


@settings(max_examples=500, deadline=None)
@given(st.lists(st.text(alphabet="a'\";\\ $-/*\n", max_size=6), min_size=1, max_size=5))
def test_quoted_texts_come_back(texts: list[str]) -> None:
    """Whatever is quoted as a string, each statement has one, in order."""
    quoted = ["'" + text.replace("\\", "\\\\").replace("'", "''") + "'" for text in texts]
    statements = split(";".join(f"select {text}" for text in quoted))
    assert texts == [statement.tokens[1].text for statement in statements]
