"""Grants on a producer's objects in a database made WITH PERMISSIONS, and without it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg import errors

from tests.node.conftest import Connect
from tests.node.running import PASSWORD, RunningNode

pytestmark = pytest.mark.server

Connection = psycopg.Connection[Any]


class Shared:
    """A share of two tables between namespaces of one account, and the consumer's user."""

    def __init__(self, node: RunningNode, name: str, connect: Connect, permissions: str) -> None:
        self.name = name
        self.producer: Connection = connect("finance")
        self.admin: Connection = connect("sales")
        self.both(
            self.producer,
            f"""CREATE SCHEMA {name};
            CREATE TABLE {name}.t (i integer);
            CREATE TABLE {name}.u (i integer);
            INSERT INTO {name}.t VALUES (1);
            CREATE DATASHARE {name};
            ALTER DATASHARE {name} ADD SCHEMA {name};
            ALTER DATASHARE {name} ADD TABLE {name}.t, {name}.u;
            GRANT USAGE ON DATASHARE {name} TO NAMESPACE '{node.guid("sales")}';
            GRANT INSERT ON TABLE {name}.t TO DATASHARE {name}""",
        )
        self.both(
            self.admin,
            f"""CREATE USER {name} PASSWORD '{PASSWORD}';
            CREATE ROLE {name};
            GRANT ROLE {name} TO {name};
            CREATE DATABASE {name} {permissions}
                FROM DATASHARE {name} OF NAMESPACE '{node.guid("finance")}'""",
        )
        self.user: Connection = connect("sales", user=name)

    @staticmethod
    def both(connection: Connection, statements: str) -> None:
        for statement in statements.split(";"):
            connection.execute(statement)  # type: ignore[call-overload]

    def grant(self, what: str, to: str = "") -> None:
        name = self.name
        self.admin.execute(f"GRANT {what.format(n=name)} TO {to} {name}")  # type: ignore[call-overload]

    def revoke(self, what: str, of: str = "") -> None:
        name = self.name
        self.admin.execute(f"REVOKE {what.format(n=name)} FROM {of} {name}")  # type: ignore[call-overload]

    def read(self, table: str = "t") -> list[Any]:
        return self.user.execute(
            f"SELECT * FROM {self.name}.{self.name}.{table}"  # type: ignore[call-overload]
        ).fetchall()

    def denied(self, table: str = "t") -> str:
        with pytest.raises(errors.InsufficientPrivilege) as refused:
            self.read(table)
        return refused.value.diag.message_primary or ""


@pytest.fixture
def shared(node: RunningNode, name: str, connect: Connect) -> Iterator[Shared]:
    made = Shared(node, name, connect, "WITH PERMISSIONS")
    yield made
    made.producer.execute(f"DROP DATASHARE {name}")  # type: ignore[call-overload]


def test_roles_and_scopes_reach_shared_objects(shared: Shared) -> None:
    """Roles hold grants on shared objects too, one by one or scoped to schema and database."""
    shared.grant("USAGE ON DATABASE {n}", "ROLE")
    shared.grant("USAGE FOR SCHEMAS IN DATABASE {n}", "ROLE")
    shared.grant("SELECT FOR TABLES IN SCHEMA {n} DATABASE {n}", "ROLE")
    assert (shared.read(), shared.read("u")) == ([(1,)], [])
    shared.revoke("SELECT FOR TABLES IN SCHEMA {n} DATABASE {n}", "ROLE")
    assert shared.denied() == "permission denied for relation t"
    shared.grant("SELECT FOR TABLES IN DATABASE {n}")
    assert shared.read() == [(1,)]


def test_all_tables_in_a_shared_schema(shared: Shared) -> None:
    """ALL TABLES names the tables that are in the share now."""
    shared.grant("USAGE ON DATABASE {n}")
    shared.grant("USAGE ON SCHEMA {n}.{n}")
    shared.grant("SELECT ON ALL TABLES IN SCHEMA {n}.{n}")
    assert (shared.read(), shared.read("u")) == ([(1,)], [])


def test_writes_need_both_sides(shared: Shared) -> None:
    """The consumer's grant adds nothing that the producer did not give TO DATASHARE."""
    name, user = shared.name, shared.user
    shared.grant("USAGE ON DATABASE {n}")
    shared.grant("USAGE ON SCHEMA {n}.{n}")
    shared.grant("SELECT ON {n}.{n}.t")
    insert = f"INSERT INTO {name}.{name}.t VALUES (2)"
    with pytest.raises(errors.InsufficientPrivilege):
        user.execute(insert)  # type: ignore[call-overload]
    shared.grant("INSERT, DELETE ON {n}.{n}.t")
    assert user.execute(insert).rowcount == 1  # type: ignore[call-overload]
    with pytest.raises(errors.InsufficientPrivilege):
        user.execute(f"DELETE FROM {name}.{name}.t")  # type: ignore[call-overload]


def test_the_search_path_after_use(shared: Shared) -> None:
    """After USE, names without a schema are found only where the user may use the schema."""
    name, user = shared.name, shared.user
    shared.grant("USAGE ON DATABASE {n}")
    user.execute(f"USE {name}")  # type: ignore[call-overload]
    user.execute(f"SET search_path TO {name}")  # type: ignore[call-overload]
    with pytest.raises(psycopg.Error, match="does not exist in the database"):
        user.execute("SELECT * FROM t")
    shared.grant("USAGE ON SCHEMA {n}.{n}")
    shared.grant("SELECT ON {n}.{n}.t")
    assert user.execute("SELECT * FROM t").fetchall() == [(1,)]


def test_holders_cannot_be_dropped(shared: Shared) -> None:
    """Grants on shared objects keep their holder, until the producer's object is gone."""
    name = shared.name
    shared.grant("SELECT ON {n}.{n}.t")
    with pytest.raises(errors.ObjectInUse, match="has a privilege on some object"):
        shared.admin.execute(f"DROP USER {name}")  # type: ignore[call-overload]
    shared.producer.execute(f"DROP TABLE {name}.t")  # type: ignore[call-overload]
    shared.user.close()
    shared.admin.execute(f"DROP USER {name}")  # type: ignore[call-overload]


def test_grants_through_a_users_grant_option(shared: Shared) -> None:
    """A consumer's user passes on a shared table WITH GRANT OPTION."""
    name = shared.name
    shared.admin.execute(f"CREATE USER {name}b PASSWORD '{PASSWORD}'")  # type: ignore[call-overload]
    shared.admin.execute(f"GRANT USAGE ON DATABASE {name} TO {name}")  # type: ignore[call-overload]
    shared.grant("USAGE ON SCHEMA {n}.{n}")
    shared.admin.execute(f"GRANT SELECT ON {name}.{name}.t TO {name} WITH GRANT OPTION")  # type: ignore[call-overload]
    shared.user.execute(f"GRANT SELECT ON {name}.{name}.t TO {name}b")  # type: ignore[call-overload]
    with pytest.raises(errors.InsufficientPrivilege):
        shared.user.execute(f"GRANT SELECT ON {name}.{name}.u TO {name}b")  # type: ignore[call-overload]


def test_without_permissions_usage_is_all(node: RunningNode, name: str, connect: Connect) -> None:
    """Without the clause there are no grants on objects: USAGE on the database shows them all."""
    made = Shared(node, name, connect, "")
    assert made.denied() == f"permission denied for database {name}"
    with pytest.raises(errors.FeatureNotSupported, match="WITH PERMISSIONS"):
        made.grant("SELECT ON {n}.{n}.t")
    with pytest.raises(errors.FeatureNotSupported, match="WITH PERMISSIONS"):
        made.grant("SELECT FOR TABLES IN DATABASE {n}")
    made.grant("USAGE ON DATABASE {n}", "ROLE")
    assert (made.read(), made.read("u")) == ([(1,)], [])


def test_lock_is_refused_through_a_share(shared: Shared) -> None:
    """LOCK TABLE does not work on objects of a datashare."""
    name = shared.name
    with pytest.raises(
        errors.FeatureNotSupported, match="Operation is not supported through datashares"
    ):
        shared.admin.execute(f"LOCK {name}.{name}.t")  # type: ignore[call-overload]


def test_a_cursor_asks_the_share_at_each_fetch(shared: Shared) -> None:
    """Rows that were taken into memory are not shown once the share is revoked."""
    name, admin = shared.name, shared.admin
    admin.execute("BEGIN")
    admin.execute(f"DECLARE c CURSOR FOR SELECT i FROM {name}.{name}.t")  # type: ignore[call-overload]
    (guid,) = admin.execute("SELECT current_namespace").fetchone() or ("",)
    revoke = f"REVOKE USAGE ON DATASHARE {name} FROM NAMESPACE '{guid}'"
    shared.producer.execute(revoke)  # type: ignore[call-overload]
    with pytest.raises(psycopg.Error, match="doesn't exist or is not accessible"):
        admin.execute("FETCH ALL FROM c")
    with pytest.raises(errors.InFailedSqlTransaction):
        admin.execute("SELECT 1")
    admin.execute("ROLLBACK")


def test_scoped_grants_to_a_datashare(shared: Shared) -> None:
    """FOR TABLES IN SCHEMA … TO DATASHARE shares what is there and what is made later."""
    name, producer, admin = shared.name, shared.producer, shared.admin
    shared.both(
        producer,
        f"""CREATE SCHEMA {name}s;
        CREATE TABLE {name}s.before (i integer)""",
    )
    scoped = f"GRANT SELECT FOR TABLES IN SCHEMA {name}s TO DATASHARE {name}"
    with pytest.raises(psycopg.Error, match="is not added to the datashare"):
        producer.execute(scoped)  # type: ignore[call-overload]
    shared.both(
        producer,
        f"""GRANT USAGE ON SCHEMA {name}s TO DATASHARE {name};
        {scoped};
        CREATE TABLE {name}s.later (i integer);
        CREATE VIEW {name}s.v AS SELECT i FROM {name}s.later WITH NO SCHEMA BINDING""",
    )

    def readable() -> set[str]:
        found = set()
        for table in ("before", "later", "v"):
            try:
                admin.execute(f"SELECT * FROM {name}.{name}s.{table}")  # type: ignore[call-overload]
            except psycopg.Error:
                continue
            found.add(table)
        return found

    assert readable() == {"before", "later", "v"}
    producer.execute(f"DROP VIEW {name}s.v")  # type: ignore[call-overload]
    assert readable() == {"before", "later"}
    producer.execute(
        f"CREATE VIEW {name}s.v AS SELECT 1 AS i WITH NO SCHEMA BINDING"  # type: ignore[call-overload]
    )
    assert readable() == {"before", "later", "v"}
    producer.execute(
        f"REVOKE SELECT FOR TABLES IN SCHEMA {name}s FROM DATASHARE {name}"  # type: ignore[call-overload]
    )
    assert readable() == set()
    producer.execute(f"CREATE TABLE {name}s.last (i integer)")  # type: ignore[call-overload]
    with pytest.raises(psycopg.Error):
        admin.execute(f"SELECT * FROM {name}.{name}s.last")  # type: ignore[call-overload]


def test_scopes_over_a_whole_database(node: RunningNode, name: str, connect: Connect) -> None:
    """FOR SCHEMAS and FOR TABLES IN DATABASE share everything of the database, at any time."""
    with connect("finance") as connection:
        connection.execute(f"CREATE DATABASE {name}")  # type: ignore[call-overload]
    producer, admin = connect("finance", name), connect("sales")
    Shared.both(
        producer,
        f"""CREATE DATASHARE {name};
        GRANT USAGE FOR SCHEMAS IN DATABASE {name} TO DATASHARE {name};
        GRANT SELECT FOR TABLES IN DATABASE {name} TO DATASHARE {name};
        GRANT USAGE ON DATASHARE {name} TO NAMESPACE '{node.guid("sales")}';
        CREATE SCHEMA fresh;
        CREATE TABLE fresh.t (i integer);
        INSERT INTO fresh.t VALUES (5)""",
    )
    admin.execute(
        f"CREATE DATABASE {name} FROM DATASHARE {name} OF NAMESPACE '{node.guid('finance')}'"  # type: ignore[call-overload]
    )
    assert admin.execute(f"SELECT i FROM {name}.fresh.t").fetchall() == [(5,)]  # type: ignore[call-overload]
    with pytest.raises(psycopg.Error, match="is not the database of the datashare"):
        producer.execute(f"GRANT SELECT FOR TABLES IN DATABASE dev TO DATASHARE {name}")  # type: ignore[call-overload]


def test_grants_through_an_external_schema(shared: Shared) -> None:
    """A producer's table is granted by its two-part name in an external schema too."""
    name, admin, user = shared.name, shared.admin, shared.user
    shared.both(
        admin,
        f"""CREATE EXTERNAL SCHEMA {name}x FROM REDSHIFT DATABASE '{name}' SCHEMA '{name}';
        GRANT USAGE ON SCHEMA {name}x TO {name};
        GRANT USAGE ON DATABASE {name} TO {name}""",
    )
    read = f"SELECT * FROM {name}x.t"
    with pytest.raises(errors.InsufficientPrivilege, match="permission denied for schema"):
        user.execute(read)  # type: ignore[call-overload]
    shared.grant("USAGE ON SCHEMA {n}.{n}")
    with pytest.raises(errors.InsufficientPrivilege, match="permission denied for relation t"):
        user.execute(read)  # type: ignore[call-overload]
    admin.execute(f"GRANT SELECT ON {name}x.t TO {name}")  # type: ignore[call-overload]
    assert user.execute(read).fetchall() == [(1,)]  # type: ignore[call-overload]
    admin.execute(f"REVOKE SELECT ON ALL TABLES IN SCHEMA {name}x FROM {name}")  # type: ignore[call-overload]
    with pytest.raises(errors.InsufficientPrivilege):
        user.execute(read)  # type: ignore[call-overload]
    admin.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA {name}x TO {name}")  # type: ignore[call-overload]
    assert user.execute(read).fetchall() == [(1,)]  # type: ignore[call-overload]


def test_a_shared_function_is_granted_by_its_signature(shared: Shared) -> None:
    """EXECUTE on a producer's function is the consumer's to give, WITH PERMISSIONS."""
    name, admin, user = shared.name, shared.admin, shared.user
    shared.both(
        shared.producer,
        f"""CREATE FUNCTION {name}.twice (integer) RETURNS integer STABLE
            AS $$ SELECT $1 * 2 $$ LANGUAGE sql;
        ALTER DATASHARE {name} ADD FUNCTION {name}.twice (integer)""",
    )
    shared.grant("USAGE ON DATABASE {n}")
    shared.grant("USAGE ON SCHEMA {n}.{n}")
    call = f"SELECT {name}.{name}.twice(4)"
    with pytest.raises(errors.InsufficientPrivilege, match="permission denied for function twice"):
        user.execute(call)  # type: ignore[call-overload]
    admin.execute(f"GRANT EXECUTE ON FUNCTION {name}.{name}.twice (integer) TO {name}")  # type: ignore[call-overload]
    assert user.execute(call).fetchone() == (8,)  # type: ignore[call-overload]


def test_groups_have_the_database_and_none_of_its_objects(shared: Shared) -> None:
    """A group gets USAGE on a shared database; on the producer's objects it is refused."""
    name, admin = shared.name, shared.admin
    shared.both(
        admin,
        f"""CREATE GROUP {name}g USER {name};
        GRANT USAGE ON DATABASE {name} TO GROUP {name}g;
        CREATE EXTERNAL SCHEMA {name}x FROM REDSHIFT DATABASE '{name}' SCHEMA '{name}';
        GRANT USAGE ON SCHEMA {name}x TO GROUP {name}g""",
    )
    for what in (
        "USAGE ON SCHEMA {n}.{n}",
        "SELECT ON {n}.{n}.t",
        "SELECT ON {n}x.t",
        "SELECT ON ALL TABLES IN SCHEMA {n}.{n}",
        "SELECT FOR TABLES IN SCHEMA {n} DATABASE {n}",
        "SELECT FOR TABLES IN DATABASE {n}",
    ):
        with pytest.raises(errors.FeatureNotSupported) as refused:
            admin.execute(f"GRANT {what.format(n=name)} TO ROLE {name}, GROUP {name}g")  # type: ignore[call-overload]
        message = refused.value.diag.message_primary
        assert message == "Operation is not supported through datashares"
    # The group's USAGE on the database counts: what is missing are the objects.
    assert shared.denied() == f"permission denied for schema {name}"
    shared.grant("USAGE ON SCHEMA {n}.{n}")
    shared.grant("SELECT ON {n}.{n}.t")
    assert shared.read() == [(1,)]
    admin.execute(f"REVOKE SELECT ON {name}.{name}.t FROM GROUP {name}g")  # type: ignore[call-overload]
    admin.execute(f"REVOKE USAGE ON DATABASE {name} FROM GROUP {name}g")  # type: ignore[call-overload]
    assert shared.denied() == f"permission denied for database {name}"


def test_a_group_reads_all_without_permissions(
    node: RunningNode, name: str, connect: Connect
) -> None:
    """Of a database made without WITH PERMISSIONS a group's USAGE alone opens every object."""
    shared = Shared(node, name, connect, "")
    shared.both(
        shared.admin,
        f"CREATE GROUP {name}g USER {name}; GRANT USAGE ON DATABASE {name} TO GROUP {name}g",
    )
    assert (shared.read(), shared.read("u")) == ([(1,)], [])
    shared.producer.execute(f"DROP DATASHARE {name}")  # type: ignore[call-overload]
