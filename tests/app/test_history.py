"""What is remembered of a statement: no secret, and what kind it was."""

from __future__ import annotations

import pytest

from redshare.app.sessions.history import MOST_TEXT, kind_of, redacted
from redshare.app.sessions.prepared import Prepared
from redshare.sql.lex import split


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("CREATE USER a PASSWORD 'Secret1x'", "CREATE USER a PASSWORD '***'"),
        ("ALTER USER a password  'it''s X1' CREATEDB", "ALTER USER a password  '***' CREATEDB"),
        (
            "COPY t FROM 's3://b/k' CREDENTIALS AS 'aws_access_key_id=A;aws_secret_access_key=S'",
            "COPY t FROM 's3://b/k' CREDENTIALS AS '***'",
        ),
        (
            "UNLOAD ('select 1') TO 's3://b/' ACCESS_KEY_ID 'A' SECRET_ACCESS_KEY 'S'",
            "UNLOAD ('select 1') TO 's3://b/' ACCESS_KEY_ID '***' SECRET_ACCESS_KEY '***'",
        ),
        ("SELECT 'password'", "SELECT 'password'"),
    ],
)
def test_secrets_are_not_kept(text: str, kept: str) -> None:
    """The string behind PASSWORD, CREDENTIALS and the keys of S3 is three stars."""
    assert redacted(text) == kept


def test_a_long_statement_is_cut() -> None:
    """No more is kept than the views could show."""
    assert len(redacted("x" * (MOST_TEXT + 10))) == MOST_TEXT


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("SELECT 1", "SELECT"),
        ("WITH a AS (SELECT 1 AS b) SELECT b FROM a", "SELECT"),
        ("INSERT INTO t VALUES (1)", "INSERT"),
        ("CREATE TABLE t (a int)", "DDL"),
        ("CREATE TABLE t AS SELECT 1 AS a", "CTAS"),
        ("CREATE TEMP TABLE t AS (SELECT 1 AS a)", "CTAS"),
        ("GRANT SELECT ON t TO u", "DDL"),
        ("BEGIN", "UTILITY"),
        ("SHOW DATABASES", "UTILITY"),
        ("COPY t FROM 's3://b/k' IAM_ROLE 'arn:aws:iam::111111111111:role/r'", "COPY"),
        ("", "OTHER"),
    ],
)
def test_the_kind_of_a_statement(text: str, kind: str) -> None:
    """SYS_QUERY_HISTORY.query_type."""
    (statement,) = split(text) or (None,)
    assert kind_of(Prepared(statement, None)) == kind
