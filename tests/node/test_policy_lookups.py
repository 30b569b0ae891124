"""Policies that read lookup tables and call functions: what they see, and who cannot change it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from tests.node.conftest import Connect
from tests.node.running import PASSWORD, RunningNode

pytestmark = pytest.mark.server

Sql = psycopg.Connection[Any]
DENIED = "permission denied for relation look"


@pytest.fixture(scope="module")
def users(node: RunningNode) -> None:
    """Two users of no privilege, and a security administrator."""
    with node.connect("sales") as admin:
        for user in ("pl_one", "pl_two", "pl_sec"):
            admin.execute(f"CREATE USER {user} PASSWORD '{PASSWORD}'")
        admin.execute('GRANT ROLE "sys:secadmin" TO pl_sec')


@pytest.fixture
def admin(users: None, name: str, connect: Connect) -> Iterator[Sql]:
    """A superuser before a schema with `t`, and with `look`, that only its owner reads."""
    del users
    connection = connect("sales")
    for sql in (
        f"CREATE SCHEMA {name}",
        f"SET search_path TO {name}",
        "CREATE TABLE t (id integer, tenant integer, card varchar(20))",
        "INSERT INTO t VALUES (1, 10, '1111'), (2, 20, '2222'), (3, 30, NULL), (4, NULL, '4444')",
        "CREATE TABLE look (u varchar(20), tn integer)",
        "INSERT INTO look VALUES ('pl_one', 10), ('pl_one', 30), ('pl_two', 20), ('x', NULL)",
        f"GRANT USAGE ON SCHEMA {name} TO PUBLIC",
        "GRANT SELECT, UPDATE, DELETE ON t TO PUBLIC",
    ):
        connection.execute(sql)
    yield connection
    connection.execute(f"DROP TABLE {name}.t CASCADE")
    for kind, policies in (("RLS", "svv_rls_policy"), ("MASKING", "svv_masking_policy")):
        column = "polname" if kind == "RLS" else "policy_name"
        found = connection.execute(
            f"SELECT {column} FROM {policies} WHERE {column} LIKE %s", [f"%{name}"]
        )
        for (policy,) in found.fetchall():
            connection.execute(f"DROP {kind} POLICY {policy}")
    connection.execute(f"DROP SCHEMA {name} CASCADE")


def rows(connection: Sql, sql: str) -> list[Any]:
    return [row if len(row) > 1 else row[0] for row in connection.execute(sql).fetchall()]


def refusal(connection: Sql, sql: str) -> str:
    with pytest.raises(psycopg.Error) as raised:
        connection.execute(sql)
    return f"{raised.value.diag.sqlstate} {raised.value.diag.message_primary}"


def user(connect: Connect, user: str, schema: str) -> Sql:
    connection = connect("sales", user=user)
    connection.execute(f"SET search_path TO {schema}")
    return connection


def protect(admin: Sql, name: str, using: str, params: str = "id integer, tenant integer") -> None:
    admin.execute(f"CREATE RLS POLICY p_{name} WITH ({params}) AS s USING ({using})")
    admin.execute(f"ATTACH RLS POLICY p_{name} ON t TO PUBLIC")
    admin.execute("ALTER TABLE t ROW LEVEL SECURITY ON")


@pytest.mark.parametrize(
    "using",
    [
        "tenant IN (SELECT tn FROM look WHERE u = current_user)",
        "EXISTS (SELECT * FROM look WHERE look.tn = s.tenant AND u = current_user)",
        "EXISTS (SELECT 1 FROM look l JOIN look m ON l.tn = m.tn"
        " WHERE l.tn = tenant AND m.u = current_user)",
        "(SELECT count(*) FROM look WHERE tn = tenant AND u = current_user) > 0",
        "tenant = ANY (SELECT tn FROM look WHERE u = current_user)",
        "tenant IN (WITH mine AS (SELECT tn FROM look WHERE u = current_user) SELECT tn FROM mine)",
        "tenant >= (SELECT min(tn) FROM look WHERE u = current_user)"
        " AND tenant NOT IN (SELECT tn FROM look WHERE u <> current_user AND tn IS NOT NULL)",
    ],
)
def test_lookup(admin: Sql, name: str, connect: Connect, using: str) -> None:
    """Each user sees, changes and deletes the rows that the lookup table gives to it alone."""
    protect(admin, name, using)
    one, two = (user(connect, who, name) for who in ("pl_one", "pl_two"))
    assert rows(one, "SELECT id FROM t ORDER BY id") == [1, 3]
    assert rows(two, "SELECT id FROM t ORDER BY id") == [2]
    assert rows(admin, "SELECT count(*) FROM t") == [4]
    assert DENIED in refusal(one, "SELECT * FROM look")
    two.execute("UPDATE t SET card = 'two'")
    one.execute("DELETE FROM t")
    assert rows(admin, "SELECT id, card FROM t ORDER BY id") == [(2, "two"), (4, "4444")]


def test_who_reads_the_lookup_table(admin: Sql, name: str, connect: Connect) -> None:
    """Without its grant a policy answers nobody, whoever asks; its owner gives and takes it."""
    protect(admin, name, "tenant IN (SELECT tn FROM look WHERE u = current_user)")
    one, sec = user(connect, "pl_one", name), user(connect, "pl_sec", name)
    for sql in ("SELECT id FROM t", "UPDATE t SET id = 0", "DELETE FROM t"):
        admin.execute(f"REVOKE SELECT ON TABLE look FROM RLS POLICY p_{name}")
        assert DENIED in refusal(one, sql)
        admin.execute("GRANT SELECT ON look TO pl_one")
        assert DENIED in refusal(one, sql)
        admin.execute("REVOKE SELECT ON look FROM pl_one")
    assert DENIED in refusal(sec, f"GRANT SELECT ON TABLE look TO RLS POLICY p_{name}")
    admin.execute(f"GRANT SELECT ON TABLE look TO RLS POLICY p_{name}")
    assert rows(one, "SELECT id FROM t ORDER BY id") == [1, 3]


def test_a_maker_who_does_not_read_it(admin: Sql, name: str, connect: Connect) -> None:
    """A security administrator names tables it cannot read: its policy waits for their owner."""
    sec = user(connect, "pl_sec", name)
    sec.execute(
        f"CREATE RLS POLICY p_{name} WITH (tenant integer) USING (tenant IN (SELECT tn FROM look))"
    )
    sec.execute(f"ATTACH RLS POLICY p_{name} ON t TO pl_one")
    sec.execute("ALTER TABLE t ROW LEVEL SECURITY ON")
    one = user(connect, "pl_one", name)
    assert DENIED in refusal(one, "SELECT id FROM t")
    admin.execute(f"GRANT SELECT ON look TO RLS POLICY p_{name}")
    assert rows(one, "SELECT id FROM t ORDER BY id") == [1, 2, 3]


def test_what_a_policy_names_stays(admin: Sql, name: str, connect: Connect) -> None:
    """Renamed it is the same table; it is not dropped, and what it gets later is not seen."""
    protect(admin, name, "EXISTS (SELECT 1 FROM look WHERE tn = tenant AND u = current_user)")
    one = user(connect, "pl_one", name)
    admin.execute("ALTER TABLE look RENAME TO other")
    admin.execute("ALTER TABLE other ADD COLUMN tenant integer DEFAULT 20")
    admin.execute("UPDATE other SET tenant = tn")
    admin.execute("CREATE TABLE look AS SELECT 'pl_one' AS u, 20 AS tn")
    assert rows(one, "SELECT id FROM t ORDER BY id") == [1, 3]
    for sql in (
        "DROP TABLE other",
        "DROP TABLE other CASCADE",
        f"DROP SCHEMA {name} CASCADE",
        "ALTER TABLE other DROP COLUMN u CASCADE",
        "ALTER TABLE other RENAME COLUMN u TO v",
    ):
        assert f"policy p_{name} depends on it" in refusal(admin, sql)
    assert "a lookup table of a policy" in refusal(admin, "ALTER TABLE other ROW LEVEL SECURITY ON")
    assert "a lookup table of a policy" in refusal(
        admin, f"ATTACH RLS POLICY p_{name} ON other TO PUBLIC"
    )
    admin.execute(f"ALTER RLS POLICY p_{name} USING (tenant IN (SELECT tn FROM look))")
    assert rows(one, "SELECT id FROM t ORDER BY id") == [2]
    admin.execute("DROP TABLE other")


def test_views_over_what_is_protected(admin: Sql, name: str, connect: Connect) -> None:
    """A view made by who is under a policy depends on the table, not on what the policy reads."""
    protect(admin, name, "tenant IN (SELECT tn FROM look WHERE u = current_user)")
    admin.execute(f"GRANT CREATE ON SCHEMA {name} TO pl_one")
    one, two = (user(connect, who, name) for who in ("pl_one", "pl_two"))
    one.execute("CREATE VIEW v AS SELECT id FROM t")
    one.execute("GRANT SELECT ON v TO pl_two")
    assert rows(two, "SELECT id FROM v") == [2]
    admin.execute(f"ALTER RLS POLICY p_{name} USING (tenant = 10)")
    admin.execute("DROP TABLE look")
    assert rows(two, "SELECT id FROM v") == [1]


def test_what_is_no_lookup_table(admin: Sql, name: str) -> None:
    """Views, system views, temporary and protected tables, and what is not there, are refused."""
    for sql in (
        "CREATE VIEW v AS SELECT * FROM look",
        "CREATE VIEW l AS SELECT * FROM look WITH NO SCHEMA BINDING",
        "CREATE TEMP TABLE tmp (tn integer)",
        "CREATE TABLE rls (tn integer)",
        "ALTER TABLE rls ROW LEVEL SECURITY ON",
    ):
        admin.execute(sql)
    for table, column, text in (
        ("v", "tn", "a view in a policy"),
        ("l", "tn", "a view in a policy"),
        ("pg_user", "usesysid", "a system view in a policy"),
        ("svv_tables", "1", "a system view in a policy"),
        ("tmp", "tn", 'relation "tmp" does not exist'),
        ("rls", "tn", "row-level security or masking in a policy"),
        ("missing", "tn", 'relation "missing" does not exist'),
        ("look", "nothing", 'column "nothing" does not exist'),
    ):
        using = f"id IN (SELECT {column} FROM {table})"
        sql = f"CREATE RLS POLICY p_{name} WITH (id integer) USING ({using})"
        assert text in refusal(admin, sql), table


def test_functions(admin: Sql, name: str, connect: Connect) -> None:
    """The function that was meant is called, by who may execute it, and no other of its name."""
    admin.execute(
        "CREATE FUNCTION own (integer) RETURNS boolean STABLE AS $$ SELECT $1 = 10 $$ LANGUAGE SQL"
    )
    protect(admin, name, "own(tenant)")
    one = user(connect, "pl_one", name)
    assert rows(one, "SELECT id FROM t") == [1]
    for schema in (name, "public"):
        for kind in ("bigint", "smallint"):
            admin.execute(
                f"CREATE FUNCTION {schema}.own ({kind}) RETURNS boolean STABLE"
                " AS $$ SELECT true $$ LANGUAGE SQL"
            )
    assert rows(one, "SELECT id FROM t") == [1]
    assert f"policy p_{name} depends on it" in refusal(admin, "DROP FUNCTION own(integer) CASCADE")
    admin.execute("REVOKE EXECUTE ON FUNCTION own(integer) FROM PUBLIC")
    assert "permission denied for function own" in refusal(one, "SELECT id FROM t")
    for kind in ("bigint", "smallint"):
        admin.execute(f"DROP FUNCTION public.own ({kind})")


def test_masks(admin: Sql, name: str, connect: Connect) -> None:
    """A mask looks up and calls functions too; without its grant nobody sees the column."""
    admin.execute(
        "CREATE FUNCTION redact (varchar(20)) RETURNS varchar(20) IMMUTABLE"
        " AS $$ SELECT 'X' || substring($1, 2) $$ LANGUAGE SQL"
    )
    admin.execute(
        f"CREATE MASKING POLICY m_{name} WITH (card varchar(20), tenant integer) USING ("
        "CASE WHEN tenant IN (SELECT tn FROM look WHERE u = current_user) THEN card"
        " ELSE redact(card) END)"
    )
    admin.execute(f"ATTACH MASKING POLICY m_{name} ON t (card) USING (card, tenant) TO PUBLIC")
    one = user(connect, "pl_one", name)
    seen = [("1111",), ("X222",), (None,), ("X444",)]
    assert one.execute("SELECT card FROM t ORDER BY id").fetchall() == seen
    assert rows(one, "SELECT id FROM t WHERE card = '2222'") == []
    assert rows(one, "SELECT id FROM t WHERE card = 'X222'") == [2]
    assert "whose mask reads a lookup table" in refusal(one, "DELETE FROM t WHERE id = 1")
    admin.execute(f"REVOKE SELECT ON look FROM MASKING POLICY m_{name}")
    for connection in (one, admin):
        assert DENIED in refusal(connection, "SELECT id FROM t")
