"""What is refused around datashares: each text that tools match on, with its SQLSTATE."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from tests.node.running import CONSUMER, RunningNode
from tests.node.test_sharing import NOT_ACCESSIBLE, refusal

pytestmark = pytest.mark.server

Connections = dict[str, psycopg.Connection[Any]]
THROUGH = "Operation is not supported through datashares"
ABSENT = "00000000-0000-4000-8000-000000000000"

PRODUCER_REFUSES = [
    ("CREATE DATASHARE rs", "42710", 'share "rs" already exists'),
    ("CREATE DATASHARE IF NOT EXISTS rs", "42601", None),
    ("DROP DATASHARE IF EXISTS rs", "42601", None),
    ("DROP DATASHARE rx", "42704", "Datashare rx does not exist"),
    ("DESC DATASHARE rx", "42704", "Datashare rx does not exist"),
    ("ALTER DATASHARE rs SET MANAGEDBY ADX", "42601", None),
    (
        "ALTER DATASHARE rs ADD FUNCTION r.f (integer)",
        "42710",
        "Function f(integer) is already added to the datashare rs",
    ),
    (
        "ALTER DATASHARE rs REMOVE FUNCTION r.g (integer)",
        "42704",
        "Datashare rs does not contain the Function g(integer)",
    ),
    (
        "ALTER DATASHARE rs ADD FUNCTION r.nested (integer)",
        "0A000",
        "Function nested(integer) calls another function and cannot be added to a datashare",
    ),
    (
        "ALTER DATASHARE rs ADD TABLE pg_catalog.pg_class",
        "0A000",
        "system tables and views cannot be added to a datashare",
    ),
    *(
        (
            f"{statement} r.{name}{end}",
            "0A000",
            f"{name} or a relation it depends on has an interleaved sort key and cannot be added "
            "to a datashare",
        )
        for name in ("woven", "overwoven")
        for statement, end in (
            ("ALTER DATASHARE rs ADD TABLE", ""),
            ("GRANT SELECT ON TABLE", " TO DATASHARE rs"),
        )
    ),
    (
        "ALTER DATASHARE rs ADD TABLE rtemp",
        "0A000",
        "a temporary table cannot be added to a datashare",
    ),
    (
        "ALTER DATASHARE rs ADD SCHEMA rext",
        "0A000",
        "an external schema cannot be added to a datashare",
    ),
    (
        "ALTER DATASHARE rs SET INCLUDENEW TRUE FOR SCHEMA public",
        "3F000",
        "Schema public is not added to the datashare rs",
    ),
    ("GRANT USAGE ON DATASHARE rs TO ACCOUNT '12'", "22023", "Invalid consumer principal ID."),
    (
        "GRANT USAGE ON DATASHARE rs TO NAMESPACE '{producer}'",
        "22023",
        "Invalid consumer principal ID.",
    ),
    (
        "REVOKE USAGE ON DATASHARE rs FROM PUBLIC",
        "0LP01",
        "USAGE cannot be revoked from users and groups on a datashare.",
    ),
    ("GRANT USAGE ON rs TO ACCOUNT '{account}'", "42601", None),
    ("GRANT USAGE ON DATASHARE rs TO ACCOUNT '{account}' WITH GRANT OPTION", "42601", None),
    (
        "GRANT SELECT (i) ON TABLE r.t TO DATASHARE rs",
        "0A000",
        "column privileges TO DATASHARE are not supported",
    ),
    ("GRANT SELECT ON TABLE r.t TO DATASHARE rx", "42704", "Datashare rx does not exist"),
    (
        "GRANT SELECT FOR TABLES IN SCHEMA rother TO DATASHARE rs",
        "3F000",
        "Schema rother is not added to the datashare rs",
    ),
]

CONSUMER_REFUSES = [
    (
        "CREATE DATABASE rd FROM DATASHARE rs OF NAMESPACE '{producer}'",
        "42P04",
        'database "rd" already exists',
    ),
    ("CREATE DATABASE re FROM DATASHARE rx OF NAMESPACE '{producer}'", "XX000", NOT_ACCESSIBLE),
    (
        "CREATE DATABASE re FROM DATASHARE rs OF NAMESPACE '" + ABSENT + "'",
        "XX000",
        NOT_ACCESSIBLE,
    ),
    ("CREATE DATABASE re FROM DATASHARE rs OF NAMESPACE '{producer}' OWNER admin", "42601", None),
    (
        "CREATE DATABASE re FROM ARN 'arn:x' WITH NO DATA CATALOG SCHEMA",
        "22023",
        '"arn:x" is neither the ARN of a Data Catalog database nor of a datashare',
    ),
    (
        "CREATE DATABASE re FROM ARN 'arn:aws:glue:us-east-1:{account}:database/rs'",
        "XX000",
        NOT_ACCESSIBLE,
    ),
    (
        "CREATE DATABASE re FROM ARN 'arn:x' WITH DATA CATALOG SCHEMA s",
        "0A000",
        "CREATE DATABASE FROM ARN WITH DATA CATALOG SCHEMA is not supported",
    ),
    ("DROP DATABASE rx", "3D000", 'database "rx" does not exist'),
    ("LOCK rd.r.t", "0A000", THROUGH),
    ("VACUUM rd.r.t", "0A000", THROUGH),
    ("ALTER TABLE rd.r.t ALTER COLUMN i TYPE bigint", "0A000", THROUGH),
    ("ALTER TABLE rd.r.t APPEND FROM rlocal", "0A000", THROUGH),
    ("CREATE VIEW rd.r.v AS SELECT 1 AS i", "0A000", THROUGH),
    ("CREATE MATERIALIZED VIEW rd.r.v AS SELECT 1 AS i", "0A000", THROUGH),
    (
        "CREATE FUNCTION rd.r.g (integer) RETURNS integer STABLE AS $$ SELECT $1 $$ LANGUAGE sql",
        "0A000",
        THROUGH,
    ),
    ("ALTER DATASHARE rown ADD TABLE rd.r.t", "0A000", THROUGH),
    ("ALTER DATASHARE rown ADD SCHEMA rd.r", "0A000", THROUGH),
    ("ALTER DATASHARE rown ADD TABLE rview", "0A000", THROUGH),
    ("ALTER DATASHARE rown ADD TABLE roverview", "0A000", THROUGH),
    ("ALTER DATASHARE rown ADD TABLE rkept", "0A000", THROUGH),
    ("ALTER DATASHARE rown ADD ALL TABLES IN SCHEMA public", "0A000", THROUGH),
    ("GRANT SELECT ON TABLE rview TO DATASHARE rown", "0A000", THROUGH),
    ("GRANT SELECT FOR TABLES IN SCHEMA public TO DATASHARE rown", "0A000", THROUGH),
    (
        "GRANT USAGE ON DATABASE rd, dev TO PUBLIC",
        "0A000",
        "Cannot grant privilege to databases created from datashares and normal databases in one "
        "statement.",
    ),
    ("REVOKE USAGE ON SCHEMA rd.gone FROM PUBLIC", "3F000", 'Schema "gone" does not exist'),
    ("REVOKE SELECT ON rd.gone.t FROM PUBLIC", "3F000", 'Schema "gone" does not exist'),
    ("REVOKE SELECT ON rd.r.gone FROM PUBLIC", "42P01", 'Object "gone" does not exist'),
    ("SELECT * FROM r.t", "3F000", None),
]


@pytest.fixture(scope="module")
def parties(node: RunningNode) -> Iterator[tuple[Connections, dict[str, str]]]:
    """`rs` of `sales` with one table and one function, and the database `rd` of `finance`."""
    names = {
        "producer": node.guid("sales"),
        "consumer": node.guid("finance"),
        "account": CONSUMER,
    }
    scripts = {
        "producer": """CREATE SCHEMA r; CREATE SCHEMA rother; CREATE TABLE r.t (i integer);
            CREATE TABLE r.woven (i integer) INTERLEAVED SORTKEY (i);
            CREATE VIEW r.overwoven AS SELECT i FROM r.woven;
            CREATE TEMP TABLE rtemp (i integer);
            CREATE DATABASE rdb;
            CREATE EXTERNAL SCHEMA rext FROM REDSHIFT DATABASE 'rdb' SCHEMA 'public';
            CREATE FUNCTION r.f (integer) RETURNS integer STABLE AS $$ SELECT $1 $$ LANGUAGE sql;
            CREATE FUNCTION r.g (integer) RETURNS integer STABLE AS $$ SELECT $1 $$ LANGUAGE sql;
            CREATE FUNCTION r.nested (integer) RETURNS integer STABLE
                AS $$ SELECT r.f($1) $$ LANGUAGE sql;
            CREATE DATASHARE rs; ALTER DATASHARE rs ADD SCHEMA r; ALTER DATASHARE rs ADD TABLE r.t;
            ALTER DATASHARE rs ADD FUNCTION r.f (integer);
            GRANT USAGE ON DATASHARE rs TO NAMESPACE '{consumer}'""",
        "consumer": """CREATE DATABASE rd WITH PERMISSIONS FROM DATASHARE rs
                OF NAMESPACE '{producer}';
            CREATE TABLE rlocal (i integer); CREATE DATASHARE rown;
            ALTER DATASHARE rown ADD SCHEMA public;
            CREATE VIEW rview AS SELECT i FROM rd.r.t WITH NO SCHEMA BINDING;
            CREATE VIEW roverview AS SELECT i FROM public.rview WITH NO SCHEMA BINDING;
            CREATE MATERIALIZED VIEW rkept AS SELECT i FROM rd.r.t""",
    }
    with contextlib.ExitStack() as stack:
        opened = {
            "producer": stack.enter_context(node.connect("sales")),
            "consumer": stack.enter_context(node.connect("finance")),
        }
        for party, text in scripts.items():
            for sql in text.format(**names).split(";"):
                opened[party].execute(sql)  # type: ignore[call-overload]
        yield opened, names


@pytest.mark.parametrize(
    ("party", "sql", "sqlstate", "text"),
    [
        pytest.param(party, *case, id=case[0])
        for party, cases in (("producer", PRODUCER_REFUSES), ("consumer", CONSUMER_REFUSES))
        for case in cases
    ],
)
def test_refused_by_name(
    parties: tuple[Connections, dict[str, str]],
    party: str,
    sql: str,
    sqlstate: str,
    text: str | None,
) -> None:
    """The statement fails with this SQLSTATE and, where tools match on it, this text."""
    connections, names = parties
    found = refusal(connections[party], sql.format(**names))
    assert found == (sqlstate, found[1] if text is None else text)


@pytest.mark.parametrize(
    ("sql", "statement"),
    [
        ("CREATE DATABASE re FROM DATASHARE rs OF NAMESPACE '{producer}'", "CREATE DATABASE"),
        ("DROP DATABASE rd", "DROP DATABASE"),
    ],
)
def test_not_in_a_transaction(
    parties: tuple[Connections, dict[str, str]], sql: str, statement: str
) -> None:
    """A consumer's databases are made and dropped outside of transactions."""
    connections, names = parties
    consumer = connections["consumer"]
    consumer.execute("BEGIN")
    found = refusal(consumer, sql.format(**names))
    consumer.execute("ROLLBACK")
    assert found == ("25001", f"{statement} cannot run inside a transaction block")
