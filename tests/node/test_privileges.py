"""Who may do what: an identity, an object and an action, with real sessions of other users."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from psycopg import errors

from tests.node.conftest import Connect
from tests.node.running import PASSWORD, RunningNode

pytestmark = pytest.mark.server

Run = Callable[[str, str], Any]

#: How each identity of the table got what it has.
SETUP = """
CREATE USER pv_nobody PASSWORD '{p}';
CREATE USER pv_direct PASSWORD '{p}';
CREATE USER pv_member PASSWORD '{p}';
CREATE USER pv_role PASSWORD '{p}';
CREATE USER pv_nested PASSWORD '{p}';
CREATE USER pv_scoped PASSWORD '{p}';
CREATE USER pv_everywhere PASSWORD '{p}';
CREATE USER pv_column PASSWORD '{p}';
CREATE USER pv_dba PASSWORD '{p}';
CREATE USER pv_owner PASSWORD '{p}';
CREATE GROUP pv_group USER pv_member;
CREATE ROLE pv_reader;
CREATE ROLE pv_outer;
CREATE ROLE pv_scope_role;
CREATE SCHEMA pv;
CREATE TABLE pv.t (id integer, name varchar(20), salary integer);
CREATE VIEW pv.v AS SELECT id, name FROM pv.t;
INSERT INTO pv.t VALUES (1, 'one', 10);
GRANT USAGE ON SCHEMA pv TO pv_direct, GROUP pv_group, ROLE pv_reader, ROLE pv_scope_role,
    pv_column, pv_owner, ROLE "sys:dba";
GRANT SELECT, INSERT, UPDATE, DELETE ON pv.t TO pv_direct;
GRANT SELECT ON pv.t TO GROUP pv_group;
GRANT SELECT, INSERT ON pv.t TO ROLE pv_reader;
GRANT ROLE pv_reader TO pv_role;
GRANT ROLE pv_reader TO ROLE pv_outer;
GRANT ROLE pv_outer TO pv_nested;
GRANT SELECT, UPDATE FOR TABLES IN SCHEMA pv TO ROLE pv_scope_role;
GRANT ROLE pv_scope_role TO pv_scoped;
GRANT USAGE FOR SCHEMAS IN DATABASE pvdb TO pv_everywhere;
GRANT SELECT, TRUNCATE FOR TABLES IN DATABASE pvdb TO pv_everywhere;
GRANT SELECT (id, name), UPDATE (name) ON pv.t TO pv_column;
GRANT ROLE "sys:dba" TO pv_dba;
GRANT CREATE ON SCHEMA pv TO pv_owner;
CREATE TABLE pv.owned (a integer);
ALTER TABLE pv.owned OWNER TO pv_owner;
"""

READ = "SELECT id, name FROM pv.t"
READ_ALL = "SELECT * FROM pv.t"
VIEW = "SELECT id FROM pv.v"
INSERT = "INSERT INTO pv.t VALUES (2, 'two', 20)"
UPDATE = "UPDATE pv.t SET name = 'x' WHERE id = 1"
UPDATE_SALARY = "UPDATE pv.t SET salary = 1 WHERE id = 1"
READ_SALARY = "UPDATE pv.t SET name = 'x' WHERE salary = 10"
DELETE = "DELETE FROM pv.t WHERE id = 99"
ALTER = "ALTER TABLE pv.t ADD COLUMN more integer"
CREATE = "CREATE TABLE pv.made (a integer)"
MAKE_VIEW = "CREATE VIEW pv.made_view AS SELECT 1 AS one"
LOCK = "LOCK pv.t"
OWNED = "SELECT * FROM pv.owned"
DROP_OWNED = "DROP TABLE pv.owned"
GRANT = "GRANT SELECT ON pv.t TO pv_nobody"
DROP_SCHEMA = "DROP SCHEMA pv CASCADE"
ACTIONS = (
    READ, READ_ALL, VIEW, INSERT, UPDATE, UPDATE_SALARY, READ_SALARY, DELETE, ALTER, CREATE,
    MAKE_VIEW, LOCK, OWNED, DROP_OWNED, GRANT, DROP_SCHEMA,
)  # fmt: skip
READS = {READ, READ_ALL}
ALLOWED = {
    "pv_nobody": set[str](),
    "pv_direct": READS | {INSERT, UPDATE, UPDATE_SALARY, READ_SALARY, DELETE, LOCK},
    "pv_member": READS,
    "pv_role": READS | {INSERT},
    "pv_nested": READS | {INSERT},
    "pv_scoped": READS | {VIEW, UPDATE, UPDATE_SALARY, READ_SALARY, LOCK, OWNED},
    "pv_everywhere": READS | {VIEW, LOCK, OWNED},
    "pv_column": {READ, UPDATE},
    "pv_dba": {CREATE, MAKE_VIEW, DROP_OWNED, DROP_SCHEMA, LOCK},
    "pv_owner": {CREATE, MAKE_VIEW, OWNED, DROP_OWNED},
    "admin": set(ACTIONS),
}


@pytest.fixture(scope="module", name="run")
def _run(node: RunningNode) -> Iterator[Run]:
    """Runs a statement as a user, in a transaction that is rolled back."""
    with node.connect("sales") as connection:
        connection.execute("CREATE DATABASE pvdb")
    with node.connect("sales", "pvdb") as connection:
        for statement in SETUP.format(p=PASSWORD).split(";"):
            if statement.strip():
                connection.execute(statement)  # type: ignore[call-overload]
    opened: dict[str, psycopg.Connection[Any]] = {}

    def run(user: str, statement: str) -> Any:
        if user not in opened:
            opened[user] = node.connect("sales", "pvdb", user=user)
        connection = opened[user]
        connection.execute("BEGIN")
        try:
            return connection.execute(statement)  # type: ignore[call-overload]
        finally:
            connection.execute("ROLLBACK")

    yield run
    for connection in opened.values():
        connection.close()


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("identity", ALLOWED)
def test_only_what_was_granted(run: Run, identity: str, action: str) -> None:
    """Each identity does what its grants say, by whatever way they reach it, and nothing else."""
    if action in ALLOWED[identity]:
        run(identity, action)
        return
    with pytest.raises(errors.InsufficientPrivilege) as refused:
        run(identity, action)
    text = refused.value.diag.message_primary or ""
    assert text.startswith(("permission denied for ", "must be owner of ")), text


def test_the_refusal_names_the_object(run: Run) -> None:
    """Redshift's words: the kind of the object and its name."""
    with pytest.raises(errors.InsufficientPrivilege, match="permission denied for schema pv"):
        run("pv_nobody", READ)
    with pytest.raises(errors.InsufficientPrivilege, match="permission denied for relation owned"):
        run("pv_direct", OWNED)
    with pytest.raises(errors.InsufficientPrivilege, match="permission denied for relation t"):
        run("pv_column", READ_ALL)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT salary FROM pv.t",
        "SELECT t.* FROM pv.t t",
        "SELECT id FROM pv.t WHERE salary > 1",
        "SELECT id FROM pv.t ORDER BY salary",
        "SELECT id FROM pv.t GROUP BY id HAVING max(salary) > 1",
        "SELECT a.id FROM pv.t a JOIN pv.t b USING (salary)",
        "SELECT a.id FROM pv.t a JOIN pv.t b ON a.salary = b.id",
        "SELECT a.id FROM pv.t a NATURAL JOIN pv.t b",
        "SELECT c FROM (SELECT salary AS c FROM pv.t) x",
        "WITH w AS (SELECT * FROM pv.t) SELECT id FROM w",
        "SELECT z FROM pv.t AS q (x, y, z)",
        "SELECT sum(salary) OVER (PARTITION BY id) FROM pv.t",
        "SELECT id FROM pv.t WHERE id IN (SELECT salary FROM pv.t)",
        "SELECT (SELECT max(b.salary) FROM pv.t b WHERE b.id = a.id) FROM pv.t a",
        "INSERT INTO pv.owned SELECT salary FROM pv.t",
        "UPDATE pv.t SET name = 'x' FROM pv.t b WHERE b.salary = 1",
        "UPDATE pv.t SET name = CAST(salary AS varchar)",
        "CREATE TABLE public.copied AS SELECT * FROM pv.t",
        "CREATE VIEW public.seen AS SELECT salary FROM pv.t",
        "CREATE TABLE public.alike (LIKE pv.t)",
        "SELECT id FROM pv.t START WITH salary = 10 CONNECT BY PRIOR id = salary",
        "SELECT * FROM (SELECT id, salary FROM pv.t) PIVOT (sum(salary) FOR id IN (1, 2))",
        "SELECT * FROM pv.t PIVOT (sum(salary) FOR id IN (1, 2))",
        "SELECT a.id FROM pv.t a, pv.t b WHERE a.id = b.salary (+)",
        "DELETE FROM pv.t USING pv.t b WHERE b.salary = 1",
        "MERGE INTO pv.t USING pv.t s ON pv.t.id = s.salary WHEN MATCHED THEN DELETE"
        " WHEN NOT MATCHED THEN INSERT (id) VALUES (1)",
    ],
)
def test_no_way_around_column_privileges(run: Run, query: str) -> None:
    """A column that is not granted is out of reach wherever it is named."""
    with pytest.raises(errors.InsufficientPrivilege):
        run("pv_column", query)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT count(*) FROM pv.t",
        "SELECT max(name) FROM pv.t WHERE id = 1",
        "SELECT y FROM pv.t AS q (x, y, z)",
        "SELECT a.id FROM pv.t a JOIN pv.t b USING (id)",
        "CREATE TABLE public.copied AS SELECT id FROM pv.t",
        "EXPLAIN SELECT id FROM pv.t",
        "PREPARE p AS SELECT name FROM pv.t",
    ],
)
def test_granted_columns_work_everywhere(run: Run, query: str) -> None:
    """What is granted on a column is enough for statements that name no other."""
    run("pv_column", query)


def test_only_its_owner_replaces_a_view(connect: Connect, name: str) -> None:
    """ALTER on a view does not let its holder read in the owner's name."""
    admin = connect("sales")
    for statement in (
        f"CREATE USER {name} PASSWORD '{PASSWORD}'",
        f"CREATE TABLE {name} (secret integer)",
        f"CREATE VIEW {name}v AS SELECT 1 AS secret WITH NO SCHEMA BINDING",
        f"GRANT ALL ON {name}v TO {name}",
    ):
        admin.execute(statement)  # type: ignore[call-overload]
    user = connect("sales", user=name)
    with pytest.raises(errors.InsufficientPrivilege, match="must be owner of relation"):
        user.execute(
            f"CREATE OR REPLACE VIEW {name}v AS SELECT secret FROM {name}"  # type: ignore[call-overload]
            " WITH NO SCHEMA BINDING"
        )


def test_grant_option_and_dependents(connect: Connect, name: str) -> None:
    """A privilege is passed on only WITH GRANT OPTION; CASCADE takes what depends on it."""
    admin = connect("sales")
    for user in ("a", "b", "c"):
        admin.execute(f"CREATE USER {name}{user} PASSWORD '{PASSWORD}'")  # type: ignore[call-overload]
    admin.execute(f"CREATE TABLE {name} (i integer)")  # type: ignore[call-overload]
    admin.execute(f"GRANT SELECT ON {name} TO {name}a WITH GRANT OPTION")  # type: ignore[call-overload]
    a, b = connect("sales", user=f"{name}a"), connect("sales", user=f"{name}b")
    c = connect("sales", user=f"{name}c")
    with pytest.raises(errors.InsufficientPrivilege):
        a.execute(f"GRANT INSERT ON {name} TO {name}b")  # type: ignore[call-overload]
    a.execute(f"GRANT SELECT ON {name} TO {name}b WITH GRANT OPTION")  # type: ignore[call-overload]
    b.execute(f"GRANT ALL ON {name} TO {name}c")  # type: ignore[call-overload]
    c.execute(f"SELECT * FROM {name}")  # type: ignore[call-overload]
    with pytest.raises(errors.InsufficientPrivilege):
        c.execute(f"INSERT INTO {name} VALUES (1)")  # type: ignore[call-overload]
    with pytest.raises(errors.DependentObjectsStillExist) as refused:
        admin.execute(f"REVOKE GRANT OPTION FOR SELECT ON {name} FROM {name}a")  # type: ignore[call-overload]
    assert refused.value.diag.message_primary == "dependent privileges exist"
    admin.execute(f"REVOKE GRANT OPTION FOR SELECT ON {name} FROM {name}a CASCADE")  # type: ignore[call-overload]
    a.execute(f"SELECT * FROM {name}")  # type: ignore[call-overload]
    for session in (b, c):
        with pytest.raises(errors.InsufficientPrivilege):
            session.execute(f"SELECT * FROM {name}")  # type: ignore[call-overload]


def test_system_privileges(connect: Connect, name: str) -> None:
    """Roles carry CREATE USER and its like; nobody becomes a superuser by them."""
    admin = connect("sales")
    for statement in (
        f"CREATE USER {name} PASSWORD '{PASSWORD}'",
        f"CREATE ROLE {name}r",
        f"GRANT CREATE USER, ALTER USER, DROP USER, CREATE ROLE, CREATE SCHEMA TO ROLE {name}r",
        f"GRANT ROLE {name}r TO {name}",
    ):
        admin.execute(statement)  # type: ignore[call-overload]
    user = connect("sales", user=name)
    user.execute(f"CREATE USER {name}x PASSWORD '{PASSWORD}'")  # type: ignore[call-overload]
    user.execute(f"ALTER USER {name}x CONNECTION LIMIT 1")  # type: ignore[call-overload]
    user.execute(f"CREATE ROLE {name}y")  # type: ignore[call-overload]
    user.execute(f"GRANT ROLE {name}y TO {name}x")  # type: ignore[call-overload]
    user.execute(f"CREATE SCHEMA {name}s")  # type: ignore[call-overload]
    for statement in (
        f"CREATE USER {name}z PASSWORD '{PASSWORD}' CREATEUSER",
        f"ALTER USER {name}x CREATEUSER",
        "ALTER USER admin CONNECTION LIMIT 1",
        "DROP USER admin",
        f"GRANT ROLE {name}r TO {name}x",
        f"GRANT CREATE USER TO ROLE {name}y",
        f"CREATE GROUP {name}g",
        "SET SESSION AUTHORIZATION admin",
        "SELECT pg_terminate_backend(1000)",
    ):
        if "terminate" in statement:
            continue
        with pytest.raises(errors.InsufficientPrivilege):
            user.execute(statement)  # type: ignore[call-overload]
    user.execute(f"DROP USER {name}x")  # type: ignore[call-overload]
    admin.execute(f"REVOKE ROLE {name}r FROM {name}")  # type: ignore[call-overload]
    with pytest.raises(errors.InsufficientPrivilege, match="permission denied to create user"):
        user.execute(f"CREATE USER {name}x PASSWORD '{PASSWORD}'")  # type: ignore[call-overload]
