"""Row-level security and masking: who sees which rows and values, and what datashares refuse."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from tests.node.conftest import Connect
from tests.node.running import PASSWORD, RunningNode

pytestmark = pytest.mark.server

Sql = psycopg.Connection[Any]
SCHEMA = "rp"

SETUP = f"""
CREATE USER rp_one PASSWORD '{PASSWORD}';
CREATE USER rp_two PASSWORD '{PASSWORD}';
CREATE USER rp_none PASSWORD '{PASSWORD}';
CREATE USER rp_admin PASSWORD '{PASSWORD}';
CREATE ROLE rp_role;
GRANT ROLE rp_role TO rp_two;
GRANT ROLE "sys:secadmin" TO rp_admin;
CREATE SCHEMA {SCHEMA};
GRANT USAGE ON SCHEMA {SCHEMA} TO PUBLIC;
GRANT CREATE ON SCHEMA {SCHEMA} TO rp_one;
"""


@pytest.fixture(scope="module")
def admin(node: RunningNode) -> Iterator[Sql]:
    """A superuser of a database of its own, with the users of these tests."""
    with node.connect("sales") as first:
        first.execute("CREATE DATABASE rpdb")
    with node.connect("sales", database="rpdb") as connection:
        for statement in SETUP.strip().split(";\n"):
            connection.execute(statement)
        yield connection


@pytest.fixture
def table(admin: Sql, name: str) -> str:
    """A table of three rows that everybody may read and write."""
    made = f"{SCHEMA}.t_{name}"
    admin.execute(f"CREATE TABLE {made} (id integer, owner varchar(20), card varchar(20))")
    admin.execute(
        f"INSERT INTO {made} VALUES (1, 'rp_one', '1111'), (2, 'rp_two', '2222'), (3, 'x', '3333')"
    )
    admin.execute(f"GRANT ALL ON {made} TO PUBLIC")
    return made


def rows(connection: Sql, sql: str) -> list[Any]:
    return [row if len(row) > 1 else row[0] for row in connection.execute(sql).fetchall()]


def refusal(connection: Sql, sql: str) -> str:
    with pytest.raises(psycopg.Error) as raised:
        connection.execute(sql)
    return str(raised.value.diag.message_primary)


def user(connect: Connect, name: str) -> Sql:
    return connect("sales", database="rpdb", user=name)


def attach(admin: Sql, table: str, policy: str, using: str, to: str, on: bool = True) -> None:
    admin.execute(
        f"CREATE RLS POLICY {policy} WITH (id integer, owner varchar(20)) USING ({using})"
    )
    admin.execute(f"ATTACH RLS POLICY {policy} ON {table} TO {to}")
    if on:
        admin.execute(f"ALTER TABLE {table} ROW LEVEL SECURITY ON")


def test_rows_of_each_user(admin: Sql, table: str, name: str, connect: Connect) -> None:
    """A policy for a role shows its rows; who has none sees no row; a superuser sees all."""
    one, two, none = (user(connect, n) for n in ("rp_one", "rp_two", "rp_none"))
    query = f"SELECT id FROM {table} ORDER BY id"
    attach(admin, table, f"p_{name}", "owner = current_user", "rp_one, ROLE rp_role", on=False)
    assert rows(none, query) == [1, 2, 3]
    admin.execute(f"ALTER TABLE {table} ROW LEVEL SECURITY ON")
    assert rows(one, query) == [1]
    assert rows(two, query) == [2]
    assert rows(none, query) == []
    assert rows(admin, query) == [1, 2, 3]
    assert rows(user(connect, "rp_admin"), query) == [1, 2, 3]
    admin.execute(f"DETACH RLS POLICY p_{name} ON {table} FROM rp_one")
    assert rows(one, query) == []
    admin.execute(f"ALTER TABLE {table} ROW LEVEL SECURITY OFF")
    assert rows(one, query) == [1, 2, 3]


def test_every_way_to_the_rows(admin: Sql, table: str, name: str, connect: Connect) -> None:
    """Joins, subqueries, CTEs, views of others, CREATE TABLE AS, cursors, prepared statements."""
    attach(admin, table, f"p_{name}", "owner = current_user", "PUBLIC")
    view, late = f"{SCHEMA}.v_{name}", f"{SCHEMA}.l_{name}"
    admin.execute(f"CREATE VIEW {view} AS SELECT * FROM {table}")
    admin.execute(f"CREATE VIEW {late} AS SELECT * FROM {table} WITH NO SCHEMA BINDING")
    admin.execute(f"GRANT SELECT ON {view}, {late} TO PUBLIC")
    one = user(connect, "rp_one")
    for query in (
        f"SELECT id FROM {view}",
        f"SELECT id FROM {late}",
        f"SELECT a.id FROM {table} a JOIN {table} b ON a.id <> b.id OR a.id = b.id",
        f"SELECT t.id FROM (SELECT * FROM {table}) t",
        f"WITH c AS (SELECT * FROM {table}) SELECT id FROM c",
        f"SELECT 1 FROM (SELECT count(*) AS n FROM {table}) q WHERE n = 1",
        f"SELECT id FROM {table} UNION SELECT id FROM {table}",
        f"SELECT 1 WHERE (SELECT max(id) FROM {table}) = 1",
    ):
        assert rows(one, query) == [1], query
    one.execute(f"CREATE TABLE {SCHEMA}.copy_{name} AS SELECT * FROM {table}")
    assert rows(one, f"SELECT id FROM {SCHEMA}.copy_{name}") == [1]
    one.execute(f"PREPARE q_{name} AS SELECT id FROM {table}")
    assert rows(one, f"EXECUTE q_{name}") == [1]
    assert one.execute(f"SELECT id FROM {table} WHERE id > %s", [0]).fetchall() == [(1,)]
    with one.transaction():
        one.execute(f"DECLARE c CURSOR FOR SELECT id FROM {table}")
        assert rows(one, "FETCH ALL FROM c") == [1]


def test_writes_reach_no_hidden_row(admin: Sql, table: str, name: str, connect: Connect) -> None:
    """UPDATE and DELETE work on the rows in sight; what cannot be so limited is refused."""
    attach(admin, table, f"p_{name}", "owner = current_user", "PUBLIC")
    one = user(connect, "rp_one")
    one.execute(f"UPDATE {table} SET card = 'x'")
    one.execute(f"UPDATE {table} SET card = 'y' WHERE id = 2 OR id = 3")
    one.execute(f"INSERT INTO {table} VALUES (4, 'rp_one', 'n'), (5, 'x', 'n')")
    assert rows(admin, f"SELECT id, card FROM {table} ORDER BY id") == [
        (1, "x"), (2, "2222"), (3, "3333"), (4, "n"), (5, "n"),
    ]  # fmt: skip
    one.execute(f"DELETE FROM {table} USING {table} b WHERE true")
    assert rows(admin, f"SELECT id FROM {table} ORDER BY id") == [2, 3, 5]
    merge = (
        f"MERGE INTO {table} USING (SELECT 1 AS id) s ON {table}.id = s.id"
        " WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT VALUES (s.id, 'x', 'y')"
    )
    assert "MERGE of a relation with row-level security is not supported" in refusal(one, merge)
    own = f"{SCHEMA}.own_{name}"
    one.execute(f"CREATE TABLE {own} (LIKE {table})")
    one.execute(f"INSERT INTO {own} VALUES (7, 'rp_two', 'n')")
    admin.execute(f"ALTER TABLE {table} OWNER TO rp_one")
    append = f"ALTER TABLE {own} APPEND FROM {table}"
    assert "APPEND of a relation with row-level security" in refusal(one, append)
    one.execute(f"ALTER TABLE {table} APPEND FROM {own}")
    assert rows(admin, f"SELECT id FROM {table} ORDER BY id") == [2, 3, 5, 7]
    one.execute(f"TRUNCATE {table}")
    assert rows(admin, f"SELECT id FROM {table}") == []


def test_several_policies(admin: Sql, table: str, name: str, connect: Connect) -> None:
    """Policies for one user go together by AND, or by OR where the table says so."""
    attach(admin, table, f"p_{name}", "id < 3", "PUBLIC")
    attach(admin, table, f"q_{name}", "id > 1", "rp_one")
    one, query = user(connect, "rp_one"), f"SELECT id FROM {table} ORDER BY id"
    assert rows(one, query) == [2]
    admin.execute(f"ALTER TABLE {table} ROW LEVEL SECURITY ON CONJUNCTION TYPE OR")
    assert rows(one, query) == [1, 2, 3]
    assert rows(user(connect, "rp_two"), query) == [1, 2]
    admin.execute(f"ALTER RLS POLICY p_{name} USING (false)")
    assert rows(one, query) == [2, 3]


def test_masks(admin: Sql, table: str, name: str, connect: Connect) -> None:
    """The mask of most priority stands in the place of the value, also where it is compared."""
    for policy, using in ((f"m_{name}", "'XX'"), (f"n_{name}", "card || '-seen'")):
        admin.execute(f"CREATE MASKING POLICY {policy} WITH (card varchar(20)) USING ({using})")
    admin.execute(f"ATTACH MASKING POLICY m_{name} ON {table} (card) TO PUBLIC")
    admin.execute(f"ATTACH MASKING POLICY n_{name} ON {table} (card) TO ROLE rp_role PRIORITY 10")
    one, two = user(connect, "rp_one"), user(connect, "rp_two")
    assert rows(one, f"SELECT DISTINCT card FROM {table}") == ["XX"]
    assert rows(one, f"SELECT id FROM {table} WHERE card = '1111'") == []
    assert rows(two, f"SELECT card FROM {table} WHERE id = 1") == ["1111-seen"]
    assert rows(admin, f"SELECT DISTINCT card FROM {table}") == ["XX"]
    for sql in ("SET owner = card", f"SET id = len({table.removeprefix(SCHEMA + '.')}.card)"):
        text = "an UPDATE with what is computed from a masked column of its table"
        assert text in refusal(one, f"UPDATE {table} {sql}")
    one.execute(f"UPDATE {table} SET owner = (SELECT min(card) FROM {table}) WHERE id = 2")
    one.execute(f"UPDATE {table} SET id = 9 WHERE card = '1111'")
    one.execute(f"DELETE FROM {table} WHERE card LIKE '2%'")
    two.execute(f"UPDATE {table} SET owner = 'seen' WHERE card = '1111-seen'")
    two.execute(f"UPDATE {table} SET card = '4444' WHERE card = '3333-seen'")
    two.execute(f"DELETE FROM {table} USING {table} b WHERE b.card = {table}.card AND b.id = 2")
    assert rows(two, f"SELECT id, owner, card FROM {table} ORDER BY id") == [
        (1, "seen", "1111-seen"), (3, "x", "4444-seen"),
    ]  # fmt: skip
    same = refusal(admin, f"ATTACH MASKING POLICY n_{name} ON {table} (card) TO PUBLIC")
    assert "priority 0 is already attached" in same
    assert "depends on it" in refusal(admin, f"ALTER TABLE {table} DROP COLUMN card")
    admin.execute(f"DROP MASKING POLICY m_{name} CASCADE")
    assert rows(one, f"SELECT card FROM {table} WHERE id = 1") == ["1111"]


def test_a_mask_from_other_columns(admin: Sql, table: str, name: str, connect: Connect) -> None:
    """USING names what a mask is computed from; NULLs and types are kept."""
    admin.execute(
        f"CREATE MASKING POLICY m_{name} WITH (o varchar(20), c varchar(20))"
        " USING (CASE WHEN o = current_user THEN c ELSE NULL END)"
    )
    admin.execute(f"ATTACH MASKING POLICY m_{name} ON {table} (card) USING (owner, card) TO PUBLIC")
    found = rows(user(connect, "rp_one"), f"SELECT card FROM {table} ORDER BY id")
    assert found == ["1111", None, None]


def test_who_may(admin: Sql, table: str, name: str, connect: Connect) -> None:
    """Superusers and holders of sys:secadmin alone make policies; an owner does not."""
    one, secadmin = user(connect, "rp_one"), user(connect, "rp_admin")
    admin.execute(f"ALTER TABLE {table} OWNER TO rp_one")
    secadmin.execute(f"CREATE RLS POLICY p_{name} USING (true)")
    for sql in (
        f"CREATE RLS POLICY q_{name} USING (true)",
        f"ATTACH RLS POLICY p_{name} ON {table} TO PUBLIC",
        f"ALTER TABLE {table} ROW LEVEL SECURITY ON",
        f"ALTER RLS POLICY p_{name} USING (false)",
        f"DROP RLS POLICY p_{name}",
    ):
        assert refusal(one, sql) == "must be superuser or hold the role sys:secadmin"
    secadmin.execute(f"ATTACH RLS POLICY p_{name} ON {table} TO rp_two")
    secadmin.execute(f"ALTER TABLE {table} ROW LEVEL SECURITY ON")
    assert rows(one, f"SELECT id FROM {table}") == []
    assert "is attached" in refusal(secadmin, f"DROP RLS POLICY p_{name}")
    admin.execute(f"DROP TABLE {table}")
    secadmin.execute(f"DROP RLS POLICY p_{name}")
    assert rows(one, "SELECT polname FROM svv_rls_policy") == []


def test_what_no_policy_holds(admin: Sql, table: str, name: str) -> None:
    """Aggregates and parameters, several expressions, and what is no condition, are refused."""
    for using, text in (
        ("count(*) > 1", "an aggregate or window function in a policy"),
        ("true, true", "one predicate"),
        ("true FROM t", "expressions only"),
        ("true UNION SELECT true", "expressions only"),
        ("$1", "parameters"),
        ("id", "must be type boolean"),
        ("nothing", 'column "nothing" does not exist'),
        ("true) OR (true", "syntax error"),
    ):
        sql = f"CREATE RLS POLICY p_{name} WITH (id integer) USING ({using})"
        assert text in refusal(admin, sql), using
    missing = refusal(admin, f"GRANT SELECT ON {table} TO RLS POLICY p_{name}")
    assert missing == f'RLS policy "p_{name}" does not exist'
    admin.execute(f"ALTER TABLE {table} ROW LEVEL SECURITY ON")
    made = f"CREATE MATERIALIZED VIEW {SCHEMA}.mv_{name} AS SELECT * FROM {table}"
    assert "is not supported" in refusal(admin, made)


def test_a_materialized_view_keeps_rows(admin: Sql, table: str, name: str) -> None:
    """What a materialized view holds already is not put under row-level security or a mask."""
    late, made = f"{SCHEMA}.l_{name}", f"{SCHEMA}.mv_{name}"
    admin.execute(f"CREATE VIEW {late} AS SELECT * FROM {table} WITH NO SCHEMA BINDING")
    admin.execute(f"CREATE MATERIALIZED VIEW {made} AS SELECT id, card FROM {late}")
    admin.execute(f"CREATE MASKING POLICY m_{name} WITH (c varchar(20)) USING ('x')")
    for sql in (
        f"ALTER TABLE {table} ROW LEVEL SECURITY ON",
        f"ATTACH MASKING POLICY m_{name} ON {table} (card) TO PUBLIC",
    ):
        assert "that a materialized view reads is not supported" in refusal(admin, sql)


def test_other_databases(admin: Sql, table: str, name: str, connect: Connect) -> None:
    """A cross-database query reads no protected rows, unless its user has IGNORE RLS."""
    attach(admin, table, f"p_{name}", "true", "PUBLIC")
    with connect("sales") as root:
        assert rows(root, f"SELECT count(*) FROM rpdb.{table}") == [3]
    with connect("sales", user="rp_one") as one:
        assert refusal(one, f"SELECT id FROM rpdb.{table}") == (
            f'RLS-protected relation "t_{name}" cannot be accessed via cross-database query.'
        )


@pytest.mark.scenario(39)
def test_through_a_share(node: RunningNode, name: str, connect: Connect) -> None:
    """Consumers are refused what is protected, until it is OFF FOR DATASHARES."""
    producer, consumer = connect("sales"), connect("finance")
    for sql in (
        f"CREATE SCHEMA s_{name}",
        f"CREATE TABLE s_{name}.x AS SELECT 1 AS id, 'a' AS v UNION ALL SELECT 2, 'b'",
        f"CREATE VIEW s_{name}.w AS SELECT * FROM s_{name}.x",
        f"CREATE TABLE s_{name}.m AS SELECT 1 AS id, 'a'::varchar(10) AS v",
        f"CREATE VIEW s_{name}.vm AS SELECT * FROM s_{name}.m",
        f"CREATE TABLE s_{name}.later AS SELECT 1 AS id, 'a'::varchar(10) AS v",
        f"CREATE RLS POLICY p_{name} WITH (id integer) USING (id = 1)",
        f"ATTACH RLS POLICY p_{name} ON s_{name}.x TO PUBLIC",
        f"ALTER TABLE s_{name}.x ROW LEVEL SECURITY ON",
        f"CREATE MASKING POLICY mp_{name} WITH (v varchar(10)) USING ('X')",
        f"ATTACH MASKING POLICY mp_{name} ON s_{name}.m (v) TO PUBLIC",
        f"CREATE DATASHARE {name}",
        f"ALTER DATASHARE {name} ADD SCHEMA s_{name}",
        f"ALTER DATASHARE {name} ADD TABLE s_{name}.x, s_{name}.w, s_{name}.later",
        f"GRANT USAGE ON DATASHARE {name} TO NAMESPACE '{node.guid('finance')}'",
        f"GRANT ALL ON TABLE s_{name}.x TO DATASHARE {name}",
    ):
        producer.execute(sql)
    consumer.execute(
        f"CREATE DATABASE d_{name} FROM DATASHARE {name} OF NAMESPACE '{node.guid('sales')}'"
    )
    place = f"d_{name}.s_{name}"
    rls = 'RLS-protected relation "x" cannot be accessed via datasharing query.'
    for sql in (
        f"SELECT id FROM {place}.x",
        f"SELECT id FROM {place}.w",
        f"UPDATE {place}.x SET v = 'z'",
        f"DELETE FROM {place}.x",
        f"INSERT INTO {place}.x VALUES (3, 'c')",
    ):
        assert refusal(consumer, sql) == rls
    for masked in ("m", "vm"):
        assert refusal(producer, f"ALTER DATASHARE {name} ADD TABLE s_{name}.{masked}") == (
            f"{masked} or a relation dependent on it is protected by a masking policy and cannot "
            "be added to a datashare"
        )
    assert rows(consumer, f"SELECT v FROM {place}.later") == ["a"]
    producer.execute(f"ATTACH MASKING POLICY mp_{name} ON s_{name}.later (v) TO PUBLIC")
    assert refusal(consumer, f"SELECT id FROM {place}.later") == (
        "cross-cluster query of the masked relation later is not supported."
    )
    producer.execute(f"ALTER TABLE s_{name}.x ROW LEVEL SECURITY OFF FOR DATASHARES")
    assert rows(consumer, f"SELECT id FROM {place}.x ORDER BY id") == [1, 2]
    assert rows(consumer, f"SELECT id FROM {place}.w ORDER BY id") == [1, 2]
    consumer.execute(f"CREATE MATERIALIZED VIEW public.mv_{name} AS SELECT id FROM {place}.x")
    assert rows(consumer, f"SELECT count(*) FROM public.mv_{name}") == [2]
    seen = producer.execute(
        "SELECT is_rls_on, is_rls_datashare_on FROM svv_rls_relation WHERE relschema = %s",
        [f"s_{name}"],
    ).fetchall()
    assert seen == [(True, False)]
    for relation in ("later", "m"):
        producer.execute(f"ALTER TABLE s_{name}.{relation} MASKING OFF FOR DATASHARES")
    producer.execute(f"ALTER DATASHARE {name} ADD TABLE s_{name}.m")
    assert rows(consumer, f"SELECT v FROM {place}.later") == ["a"]
    assert rows(consumer, f"SELECT v FROM {place}.m") == ["a"]


def test_views_of_policies(admin: Sql, table: str, name: str) -> None:
    """SVV_RLS_… and SVV_…MASKING… say what was made and where it is attached."""
    attach(admin, table, f"p_{name}", "id > 0", "ROLE rp_role")
    admin.execute(f"CREATE MASKING POLICY m_{name} WITH (c varchar(20)) USING ('x')")
    admin.execute(f"ATTACH MASKING POLICY m_{name} ON {table} (card) TO rp_one PRIORITY 5")
    assert rows(admin, f"SELECT poldb, polqual FROM svv_rls_policy WHERE polname = 'p_{name}'") == [
        ("rpdb", "id > 0")
    ]
    assert rows(
        admin,
        "SELECT relname, relkind, grantee, granteekind, is_rls_on, rls_conjunction_type"
        f" FROM svv_rls_attached_policy WHERE polname = 'p_{name}'",
    ) == [(f"t_{name}", "table", "rp_role", "role", True, "and")]
    assert rows(
        admin,
        "SELECT input_columns, policy_expression FROM svv_masking_policy"
        f" WHERE policy_name = 'm_{name}'",
    ) == [('[{"colname":"c","type":"character varying(20)"}]', "'x'")]
    assert rows(
        admin,
        "SELECT table_name, grantee, grantee_type, priority, input_columns, output_columns"
        f" FROM svv_attached_masking_policy WHERE policy_name = 'm_{name}'",
    ) == [(f"t_{name}", "rp_one", "user", 5, '["card"]', '["card"]')]


def test_views_have_policies(admin: Sql, table: str, name: str, connect: Connect) -> None:
    """Row-level security and masks of views of any kind, with columns the view renames."""
    made = [f"{SCHEMA}.{kind}_{name}" for kind in ("v", "l", "mv")]
    admin.execute(f"CREATE VIEW {made[0]} AS SELECT id, owner AS holder, card FROM {table}")
    admin.execute(
        f"CREATE VIEW {made[1]} AS SELECT id, owner AS holder, card FROM {table}"
        " WITH NO SCHEMA BINDING"
    )
    admin.execute(
        f"CREATE MATERIALIZED VIEW {made[2]} AS SELECT id, owner AS holder, card FROM {table}"
    )
    admin.execute(
        f"CREATE RLS POLICY p_{name} WITH (holder varchar(20)) AS r USING (r.holder = current_user)"
    )
    admin.execute(f"CREATE MASKING POLICY m_{name} WITH (c varchar(20)) USING (left(c, 1))")
    one = user(connect, "rp_one")
    for view in made:
        admin.execute(f"GRANT SELECT ON {view} TO PUBLIC")
        admin.execute(f"ATTACH RLS POLICY p_{name} ON {view} TO PUBLIC")
        admin.execute(f"ALTER TABLE {view} ROW LEVEL SECURITY ON")
        admin.execute(f"ATTACH MASKING POLICY m_{name} ON {view} (card) TO rp_one")
        assert rows(one, f"SELECT id, card FROM {view}") == [(1, "1")], view


def test_a_consumers_own_policies(node: RunningNode, name: str, connect: Connect) -> None:
    """A consumer attaches nothing to shared objects; it does to a late-binding view over them."""
    producer, consumer = connect("sales"), connect("finance")
    for sql in (
        f"CREATE SCHEMA s_{name}",
        f"CREATE TABLE s_{name}.x AS SELECT 1 AS id UNION ALL SELECT 2",
        f"CREATE DATASHARE {name}",
        f"ALTER DATASHARE {name} ADD SCHEMA s_{name}",
        f"ALTER DATASHARE {name} ADD TABLE s_{name}.x",
        f"GRANT USAGE ON DATASHARE {name} TO NAMESPACE '{node.guid('finance')}'",
    ):
        producer.execute(sql)
    for sql in (
        f"CREATE DATABASE d_{name} FROM DATASHARE {name} OF NAMESPACE '{node.guid('sales')}'",
        f"GRANT USAGE ON DATABASE d_{name} TO PUBLIC",
        f"CREATE USER u_{name} PASSWORD '{PASSWORD}'",
        f"CREATE VIEW public.l_{name} AS SELECT * FROM d_{name}.s_{name}.x WITH NO SCHEMA BINDING",
        f"GRANT SELECT ON public.l_{name} TO PUBLIC",
        f"CREATE RLS POLICY p_{name} WITH (id integer) USING (id = 1)",
        f"ATTACH RLS POLICY p_{name} ON public.l_{name} TO u_{name}",
        f"ALTER TABLE public.l_{name} ROW LEVEL SECURITY ON",
    ):
        consumer.execute(sql)
    for sql in (
        f"ATTACH RLS POLICY p_{name} ON d_{name}.s_{name}.x TO PUBLIC",
        f"ALTER TABLE d_{name}.s_{name}.x ROW LEVEL SECURITY ON",
    ):
        assert "not supported" in refusal(consumer, sql)
    with connect("finance", user=f"u_{name}") as one:
        assert rows(one, f"SELECT id FROM public.l_{name}") == [1]
    assert "privilege on some object" in refusal(consumer, f"DROP USER u_{name}")


def test_nobody_stands_in_for_a_function(
    admin: Sql, table: str, name: str, connect: Connect
) -> None:
    """A function a user makes in its own schema or in public is never found in a policy."""
    attach(admin, table, f"p_{name}", "lower(owner) = 'rp_one'", "PUBLIC")
    two = user(connect, "rp_two")
    two.execute(
        "CREATE OR REPLACE FUNCTION public.lower (varchar) RETURNS varchar STABLE"
        " AS $$ SELECT 'rp_one' $$ LANGUAGE SQL"
    )
    assert rows(two, f"SELECT id FROM {table}") == [1]


@pytest.mark.parametrize("policy", ["computed", "looked_up"])
def test_no_error_tells_of_a_hidden_row(
    admin: Sql, table: str, name: str, connect: Connect, policy: str
) -> None:
    """What would fail for a row that a policy hides never meets it, wherever it is computed."""
    one, mine = user(connect, "rp_one"), f"{SCHEMA}.mine_{name}"
    one.execute(f"CREATE TABLE {mine} AS SELECT 1 AS id")
    admin.execute(f"CREATE TABLE {SCHEMA}.look_{name} AS SELECT 1 AS shown")
    computed = "replace(replace(owner, id::varchar, ''), 'z', '') = current_user"
    looked_up = f"id IN (SELECT shown FROM {SCHEMA}.look_{name})"
    attach(admin, table, f"p_{name}", {"computed": computed}.get(policy, looked_up), "PUBLIC")
    fails, shown = "10 / (id - 2) > -100", "10 / (t.id - 2) > -100"
    assert "Divide by zero" in refusal(admin, f"SELECT id FROM {table} WHERE {fails}")
    for query in (
        f"SELECT id FROM {table} WHERE {fails}",
        f"SELECT id FROM {table} WHERE id > -5 AND {fails} ORDER BY id LIMIT 1",
        f"SELECT id FROM (SELECT id, 10 / (id - 2) AS d FROM {table}) WHERE d > -100",
        f"SELECT t.id FROM {table} t JOIN {mine} m ON {shown}",
        f"SELECT id FROM {table} t WHERE EXISTS (SELECT 1 FROM {mine} m WHERE {shown})",
        f"SELECT id FROM {mine} m WHERE EXISTS (SELECT 1 FROM {table} t WHERE {shown})",
        f"WITH c AS (SELECT * FROM {table}) SELECT id FROM c WHERE {fails}",
        f"SELECT 1 FROM {table} WHERE replace(card, '3', 'x')::integer = 1111",
        f"SELECT id FROM {table} GROUP BY id HAVING {fails}",
    ):
        assert rows(one, query) == [1], query
    own = shown.replace("t.", f"t_{name}.")
    one.execute(f"UPDATE {table} SET card = 'x' WHERE {own}")
    one.execute(f"UPDATE {table} SET card = 'y' FROM {mine} m WHERE {own} AND m.id < 5")
    one.execute(f"UPDATE {table} SET card = (SELECT count(*) FROM {mine} WHERE {own})")
    one.execute(f"DELETE FROM {table} WHERE {own}")
    assert rows(admin, f"SELECT id FROM {table} ORDER BY id") == [2, 3]


def test_masks_in_a_super_value(admin: Sql, table: str, name: str, connect: Connect) -> None:
    """A path is masked wherever the value is read; the rest of it stays to the last digit."""
    admin.execute(f"ALTER TABLE {table} ADD COLUMN p super")
    person = '{"name": {"first": "Jo", "last": "Doe"}, "n": 1.50, "age": 30, "x": null}'
    for number, text in enumerate((person, '{"name": "Jo Doe"}', None), start=1):
        admin.execute(f"UPDATE {table} SET p = json_parse(%s) WHERE id = {number}", [text])
    for policy, kinds, using in (
        ("m", "f varchar(9), l varchar(9)", "upper(f), left(l, 1)"),
        ("young", "a int", "CASE WHEN a < 18 THEN a END"),
        ("card", "a int, c varchar(20)", "CASE WHEN a > 18 THEN c END"),
        ("all", "s super", "NULL"),
    ):
        admin.execute(f"CREATE MASKING POLICY {policy}_{name} WITH ({kinds}) USING ({using})")
    on = f"ON {table}"
    admin.execute(f"ATTACH MASKING POLICY m_{name} {on} (p.name.first, p.name.last) TO PUBLIC")
    admin.execute(f"ATTACH MASKING POLICY young_{name} {on} (p.age) TO rp_one")
    admin.execute(f"ATTACH MASKING POLICY card_{name} {on} (card) USING (p.age, card) TO PUBLIC")
    one, two = user(connect, "rp_one"), user(connect, "rp_two")
    whole = f"SELECT json_serialize(p) FROM {table} WHERE id = 1"
    assert rows(two, whole) == ['{"n":1.50,"age":30,"x":null,"name":{"first":"JO","last":"D"}}']
    assert rows(one, whole) == ['{"n":1.50,"x":null,"name":{"first":"JO","last":"D"},"age":null}']
    assert rows(one, f"SELECT p.name.last FROM {table} ORDER BY id") == ['"D"', None, None]
    assert rows(one, f"SELECT p.name FROM {table} WHERE id = 2") == ['{"first":null,"last":null}']
    assert rows(one, f"SELECT card FROM {table} ORDER BY id") == ["1111", None, None]
    assert rows(one, f"SELECT id FROM {table} WHERE p.name.first = 'Jo' OR p.age = 30") == []
    one.execute(f"DELETE FROM {table} WHERE p.name.first = 'Jo'")
    assert rows(admin, f"SELECT count(*) FROM {table}") == [3]
    for sql, text in (
        (f"ATTACH MASKING POLICY all_{name} {on} (p.name) TO rp_two", "priority 0 is already"),
        (f"ATTACH MASKING POLICY all_{name} {on} (card.x) TO rp_two", "not of type super"),
        (f"ATTACH MASKING POLICY m_{name} {on} (p.a, p.a.b) TO rp_two", "cannot both be masked"),
        (f"ATTACH MASKING POLICY all_{name} {on} (p.a[0]) TO rp_two", "syntax error"),
    ):
        assert text in refusal(admin, sql)
    admin.execute(f"ATTACH MASKING POLICY all_{name} {on} (p.name) TO rp_two PRIORITY 5")
    assert rows(two, f"SELECT p.name FROM {table} WHERE id = 1") == [None]
    assert rows(one, f"SELECT p.name.first FROM {table} WHERE id = 1") == ['"JO"']
    admin.execute(f"DETACH MASKING POLICY m_{name} {on} (p.name.first, p.name.last) FROM PUBLIC")
    assert rows(one, f"SELECT p.name.first FROM {table} WHERE id = 1") == ['"Jo"']
    outputs = "SELECT output_columns FROM svv_attached_masking_policy WHERE policy_name = %s"
    assert admin.execute(outputs, [f"young_{name}"]).fetchall() == [('["p.age"]',)]


def test_variables_of_the_session(admin: Sql, table: str, name: str, connect: Connect) -> None:
    """A policy sees what the session says of itself, at each statement; without it no row."""
    attach(admin, table, f"p_{name}", "owner = current_setting('app.owner', false)", "PUBLIC")
    one, query = user(connect, "rp_one"), f"SELECT id FROM {table}"
    assert rows(one, query) == []
    for owner, ids in (("rp_one", [1]), ("rp_two", [2]), ("rp_one", [1])):
        one.execute(f"SET app.owner TO '{owner}'")
        assert rows(one, query) == ids
    one.execute("SELECT set_config('app.owner', 'x', false)")
    assert rows(one, query) == [3]
    assert rows(user(connect, "rp_two"), query) == []


def test_explain(admin: Sql, table: str, name: str, connect: Connect) -> None:
    """EXPLAIN names a scan that policies limit; what they say it shows to who has EXPLAIN RLS."""
    attach(admin, table, f"p_{name}", "owner = current_user", "rp_two")
    explain = f"EXPLAIN SELECT id FROM {table} a WHERE id > 0"
    scan = ["XN RLS SecureScan a", "  Filter: (id > 0)"]
    assert rows(user(connect, "rp_one"), explain) == scan
    assert rows(user(connect, "rp_two"), explain) == scan
    admin.execute(f"CREATE ROLE ex_{name}")
    admin.execute(f"GRANT EXPLAIN RLS TO ROLE ex_{name}")
    admin.execute(f"GRANT ROLE ex_{name} TO rp_one, rp_two")
    below = f"  ->  XN Seq Scan on t_{name} rls_table"
    for who, condition in (("rp_one", "false"), ("rp_two", "owner = current_user")):
        found = rows(user(connect, who), explain)
        assert found == [*scan, below, f"        Filter: ({condition})"]
    admin.execute(f"REVOKE ROLE ex_{name} FROM rp_one, rp_two")
    assert rows(admin, explain) == [f"XN Seq Scan on t_{name} a", "  Filter: (id > 0)"]


def test_what_was_applied(admin: Sql, table: str, name: str, connect: Connect) -> None:
    """SVV_RLS_APPLIED_POLICY tells of each statement which policies it went through, or none."""
    attach(admin, table, f"p_{name}", "owner = current_user", "rp_one")
    one, none = user(connect, "rp_one"), user(connect, "rp_none")
    for _ in range(2):
        rows(one, f"SELECT id FROM {table}")
    one.execute(f"UPDATE {table} SET card = 'x'")
    rows(none, f"SELECT id FROM {table}")
    found = (
        "SELECT username, command, datname, relschema, polname, poldefault"
        f" FROM svv_rls_applied_policy WHERE relname = 't_{name}' ORDER BY query"
    )
    seen = ("rp_one", "s", "rpdb", SCHEMA, f"p_{name}", None)
    assert rows(admin, found) == [
        seen, seen, ("rp_one", "u", *seen[2:]), ("rp_none", "s", "rpdb", SCHEMA, None, "f"),
    ]  # fmt: skip
    assert rows(user(connect, "rp_admin"), found) == []


def test_a_role_within_a_role(admin: Sql, table: str, name: str, connect: Connect) -> None:
    """What is attached to a role reaches who holds it through another one."""
    admin.execute(f"CREATE ROLE in_{name}")
    admin.execute(f"GRANT ROLE in_{name} TO ROLE rp_role")
    attach(admin, table, f"p_{name}", "id < 3", f"ROLE in_{name}")
    admin.execute(f"CREATE MASKING POLICY m_{name} WITH (c varchar(20)) USING ('X')")
    admin.execute(f"ATTACH MASKING POLICY m_{name} ON {table} (card) TO ROLE in_{name}")
    query = f"SELECT id, card FROM {table} ORDER BY id"
    assert rows(user(connect, "rp_two"), query) == [(1, "X"), (2, "X")]
    assert rows(user(connect, "rp_one"), query) == []
    admin.execute(f"GRANT IGNORE RLS TO ROLE in_{name}")
    assert rows(user(connect, "rp_two"), query) == [(1, "X"), (2, "X"), (3, "X")]
    admin.execute(f"REVOKE ROLE in_{name} FROM ROLE rp_role")
    assert rows(user(connect, "rp_two"), query) == []


def test_a_materialized_view_under_policies(
    admin: Sql, table: str, name: str, connect: Connect
) -> None:
    """A materialized view's own policies say who sees which of the rows that it holds."""
    made = f"{SCHEMA}.mv_{name}"
    admin.execute(f"CREATE MATERIALIZED VIEW {made} AS SELECT id, owner FROM {table}")
    admin.execute(f"GRANT SELECT ON {made} TO PUBLIC")
    attach(admin, made, f"p_{name}", "owner = current_user", "PUBLIC", on=False)
    admin.execute(f"ALTER MATERIALIZED VIEW {made} ROW LEVEL SECURITY ON")
    one, query = user(connect, "rp_one"), f"SELECT id FROM {made}"
    assert rows(one, query) == [1]
    admin.execute(f"INSERT INTO {table} VALUES (4, 'rp_one', '4')")
    admin.execute(f"REFRESH MATERIALIZED VIEW {made}")
    assert sorted(rows(one, query)) == [1, 4]
    admin.execute(f"ALTER MATERIALIZED VIEW {made} ROW LEVEL SECURITY OFF")
    assert len(rows(one, query)) == 4
