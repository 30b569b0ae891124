"""`pg_catalog.` before types and operators, and names that only look like it."""

from __future__ import annotations

import pytest

from redshare.sql.catalog_prefix import without_catalog
from redshare.sql.lex import split


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("a::pg_catalog.text", "a :: text"),
        ("CAST(a AS pg_catalog.int4)", "CAST ( a AS int4 )"),
        ("a OPERATOR(pg_catalog.~) 'b'", "a ~ b"),
        ("a COLLATE pg_catalog.default", "a"),
        ("pg_catalog.version()", "pg_catalog . version ( )"),
        ("a AS pg_catalog", "a AS pg_catalog"),
        ("operator", "operator"),
        ("'operator' || '(' || 'pg_catalog'", "operator || ( || pg_catalog"),
    ],
)
def test_the_prefix_says_nothing(text: str, read: str) -> None:
    """Only where a type, an operator or a collation is named it is left out."""
    (statement,) = split(text)
    assert " ".join(token.text for token in without_catalog(statement.tokens)) == read
