"""Odd names, many objects, many consumers, and objects dropped under running consumers."""

from __future__ import annotations

import threading
from collections.abc import Callable

import psycopg
import pytest
from psycopg import sql

from tests.node.conftest import Connect
from tests.node.running import RunningNode
from tests.node.test_share_rules import Cluster
from tests.node.test_sharing import NOT_ACCESSIBLE, one, refusal

pytestmark = pytest.mark.server

MANY = 1000


@pytest.mark.parametrize(
    "odd",
    ['quo"ted', "it's", "dotted.name", "with space", "größe_表", "select", "n" * 127, "é" * 63],
)
def test_odd_names(node: RunningNode, connect: Connect, odd: str) -> None:
    """A share, its schema, table and database are found by any name, on both sides."""
    producer, consumer = connect("sales"), connect("finance")
    name = sql.Identifier(odd)
    for statement in (
        "CREATE SCHEMA {0}",
        "CREATE TABLE {0}.{0} ({0} integer)",
        "INSERT INTO {0}.{0} VALUES (1)",
        "CREATE DATASHARE {0}",
        "ALTER DATASHARE {0} ADD SCHEMA {0}",
        "ALTER DATASHARE {0} ADD TABLE {0}.{0}",
        f"GRANT USAGE ON DATASHARE {{0}} TO NAMESPACE '{node.guid('finance')}'",
    ):
        producer.execute(sql.SQL(statement).format(name))
    consumer.execute(
        sql.SQL(
            f"CREATE DATABASE {{0}} FROM DATASHARE {{0}} OF NAMESPACE '{node.guid('sales')}'"
        ).format(name)
    )
    read = sql.SQL("SELECT {0} FROM {0}.{0}.{0}").format(name)
    assert consumer.execute(read).fetchall() == [(1,)]
    listed = "SELECT share_name, consumer_database FROM svv_datashares WHERE share_name = %s"
    assert consumer.execute(listed, (odd,)).fetchall() == [(odd, odd)]
    consumer.execute(sql.SQL("DROP DATABASE {0}").format(name))
    producer.execute(sql.SQL("DROP DATASHARE {0}").format(name))
    producer.execute(sql.SQL("DROP SCHEMA {0} CASCADE").format(name))


def test_a_thousand_objects(node: RunningNode, connect: Connect, name: str) -> None:
    """All are listed on both sides and read; each one is in the share only as long as it is."""
    producer, consumer = connect("sales"), connect("finance")
    producer.execute(f"CREATE SCHEMA {name}")
    producer.execute(f"CREATE TABLE {name}.base (i integer)")
    producer.execute("BEGIN")
    for number in range(MANY):
        producer.execute(
            f"CREATE VIEW {name}.v{number} AS SELECT {number} AS i WITH NO SCHEMA BINDING"
        )
    producer.execute("COMMIT")
    producer.execute(f"CREATE DATASHARE {name}")
    producer.execute(f"ALTER DATASHARE {name} ADD SCHEMA {name}")
    producer.execute(f"ALTER DATASHARE {name} ADD ALL TABLES IN SCHEMA {name}")
    producer.execute(f"GRANT USAGE ON DATASHARE {name} TO NAMESPACE '{node.guid('finance')}'")
    consumer.execute(
        f"CREATE DATABASE {name} FROM DATASHARE {name} OF NAMESPACE '{node.guid('sales')}'"
    )
    listed = f"SELECT count(*) FROM svv_datashare_objects WHERE share_name = '{name}'"
    assert (one(producer, listed), one(consumer, listed)) == (MANY + 2, MANY + 2)
    assert one(consumer, f"SELECT i FROM {name}.{name}.v{MANY - 1}") == MANY - 1
    producer.execute(f"ALTER DATASHARE {name} REMOVE TABLE {name}.v{MANY - 1}")
    assert refusal(consumer, f"SELECT i FROM {name}.{name}.v{MANY - 1}")[0] == "42P01"
    assert one(consumer, f"SELECT i FROM {name}.{name}.v0") == 0


def test_a_thousand_consumers(node: RunningNode, connect: Connect, name: str) -> None:
    """All accounts are listed by SQL and the API; taking one away leaves the others."""
    producer = connect("sales")
    producer.execute(f"CREATE DATASHARE {name}")
    accounts = [f"{number:012}" for number in range(444_000_000_000, 444_000_000_000 + MANY)]
    listed = ", ".join(f"ACCOUNT '{account}'" for account in accounts)
    producer.execute(f"GRANT USAGE ON DATASHARE {name} TO {listed}")
    gone = accounts.pop(500)
    producer.execute(f"REVOKE USAGE ON DATASHARE {name} FROM ACCOUNT '{gone}'")
    rows = producer.execute(
        f"SELECT consumer_account FROM svv_datashare_consumers WHERE share_name = '{name}'"
    ).fetchall()
    assert sorted(account for (account,) in rows) == accounts
    shares = node.client().describe_data_shares(DataShareArn=node.share_arn(name))["DataShares"]
    found = [entry["ConsumerIdentifier"] for entry in shares[0]["DataShareAssociations"]]
    assert sorted(found) == accounts
    producer.execute(f"DROP DATASHARE {name}")


DROPS: dict[str, Callable[[str], tuple[str, str]]] = {
    "table": lambda name: (f"DROP TABLE {name}.t", "42P01"),
    "schema": lambda name: (f"DROP SCHEMA {name} CASCADE", "3F000"),
    "database": lambda name: (f"DROP DATABASE p_{name} FORCE", "XX000"),
}


@pytest.mark.parametrize("kind", DROPS)
def test_dropped_under_a_running_consumer(
    node: RunningNode, connect: Connect, name: str, kind: str
) -> None:
    """Statements under way end with rows or a refusal; what starts after the drop is refused."""
    admin, consumer = connect("sales"), connect("finance")
    admin.execute(f"CREATE DATABASE p_{name}")
    with node.connect("sales", f"p_{name}") as producer:
        for statement in (
            f"CREATE SCHEMA {name}",
            f"CREATE TABLE {name}.t (i integer)",
            f"INSERT INTO {name}.t VALUES (1)",
            f"CREATE DATASHARE {name}",
            f"ALTER DATASHARE {name} ADD SCHEMA {name}",
            f"ALTER DATASHARE {name} ADD TABLE {name}.t",
            f"GRANT USAGE ON DATASHARE {name} TO NAMESPACE '{node.guid('finance')}'",
        ):
            producer.execute(statement)
    consumer.execute(
        f"CREATE DATABASE {name} FROM DATASHARE {name} OF NAMESPACE '{node.guid('sales')}'"
    )
    read = f"SELECT i FROM {name}.{name}.t"
    outcomes: list[object] = []
    started, dropped = threading.Event(), threading.Event()

    def reading() -> None:
        with node.connect("finance") as other:
            while True:
                after = dropped.is_set()
                try:
                    outcomes.append(other.execute(read).fetchall())
                except psycopg.Error as error:
                    outcomes.append(error.diag.sqlstate)
                started.set()
                if after:
                    return

    thread = threading.Thread(target=reading)
    thread.start()
    assert started.wait(60)
    drop, sqlstate = DROPS[kind](name)
    if kind == "database":
        admin.execute(drop)
    else:
        with node.connect("sales", f"p_{name}") as producer:
            producer.execute(drop)
    dropped.set()
    thread.join(60)
    assert outcomes[-1] == sqlstate
    assert all(rows == [(1,)] for rows in outcomes if isinstance(rows, list))
    state, text = refusal(consumer, read)
    assert state == sqlstate
    if kind == "database":
        assert text == NOT_ACCESSIBLE
    assert consumer.execute(f"DROP DATABASE {name}").statusmessage == "DROP DATABASE"


def test_a_namespace_dropped_under_a_running_consumer(
    node: RunningNode, connect: Connect, name: str
) -> None:
    """Its shares die with it: an open session's next read is refused, its database can go."""
    consumer = connect("finance")
    cluster = Cluster(node, name)
    with cluster.connect() as producer:
        for statement in (
            "CREATE TABLE t (i integer)",
            "INSERT INTO t VALUES (1)",
            f"CREATE DATASHARE {name}",
            f"ALTER DATASHARE {name} ADD SCHEMA public",
            f"ALTER DATASHARE {name} ADD TABLE public.t",
            f"GRANT USAGE ON DATASHARE {name} TO NAMESPACE '{node.guid('finance')}'",
        ):
            producer.execute(statement)
    consumer.execute(f"CREATE DATABASE {name} FROM DATASHARE {name} OF NAMESPACE '{cluster.guid}'")
    read = f"SELECT i FROM {name}.public.t"
    assert one(consumer, read) == 1
    consumer.execute("BEGIN")
    assert one(consumer, read) == 1
    cluster.drop()
    assert refusal(consumer, read)[1] == NOT_ACCESSIBLE
    consumer.execute("ROLLBACK")
    assert refusal(consumer, read)[1] == NOT_ACCESSIBLE
    assert consumer.execute(f"DROP DATABASE {name}").statusmessage == "DROP DATABASE"
