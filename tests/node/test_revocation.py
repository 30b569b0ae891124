"""A revocation is effective before its answer: no statement that starts after it succeeds."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest

from tests.node.conftest import Connect
from tests.node.data_api import DataApi
from tests.node.running import CONSUMER, PRODUCER, RunningNode
from tests.node.test_sharing import Writable

pytestmark = pytest.mark.server

#: Rounds of the attempts after each way: more than 1 000 statements in all, 10 000 in the soak.
SOAK = bool(os.environ.get("REDSHARE_SOAK"))
TRIES = 240 if SOAK else 24
#: A session and a statement of the Data API cost more than the others: once in so many rounds.
SPARSE = 4
WAYS = [
    *("deauthorize", "disassociate", "reject", "revoke", "drop"),
    *("drop_schema", "remove_table", "remove_schema"),
]


class Revocable(Writable):
    """A share in use, and the ways to take it away."""

    def deauthorize(self) -> None:
        self.node.client().deauthorize_data_share(
            DataShareArn=self.arn, ConsumerIdentifier=CONSUMER
        )

    def disassociate(self) -> None:
        self.node.client(CONSUMER).disassociate_data_share_consumer(
            DataShareArn=self.arn, ConsumerArn=self.node.namespace_arn("analytics")
        )

    def reject(self) -> None:
        self.node.client(CONSUMER).reject_data_share(DataShareArn=self.arn)

    def revoke(self) -> None:
        self.producer.execute(f"REVOKE USAGE ON DATASHARE {self.name} FROM ACCOUNT '{CONSUMER}'")

    def drop(self) -> None:
        self.producer.execute(f"DROP DATASHARE {self.name}")

    def drop_schema(self) -> None:
        self.producer.execute(f"DROP SCHEMA w_{self.name} CASCADE")

    def remove_table(self) -> None:
        self.producer.execute(
            f"ALTER DATASHARE {self.name} REMOVE TABLE w_{self.name}.t, w_{self.name}.readonly"
        )

    def remove_schema(self) -> None:
        self.producer.execute(f"ALTER DATASHARE {self.name} REMOVE SCHEMA w_{self.name}")


@pytest.fixture
def revocable(node: RunningNode, name: str, connect: Connect) -> Revocable:
    return Revocable(node, name, connect)


def _succeeds(call: Callable[[], object]) -> bool:
    try:
        call()
    except psycopg.Error:
        return False
    return True


def _data_api(share: Revocable) -> None:
    api = DataApi(share.node, CONSUMER, WorkgroupName="analytics-wg", Database="dev")
    found = api.run(f"SELECT count(*) FROM {share.table}")
    if found["Status"] != "FINISHED":
        raise psycopg.OperationalError(found.get("Error"))


def _new_session(share: Revocable) -> None:
    with share.node.connect("analytics") as connection:
        connection.execute(f"SELECT count(*) FROM {share.table}")


@pytest.mark.parametrize("way", WAYS)
def test_no_success_after(revocable: Revocable, connect: Connect, way: str) -> None:
    """Open and new sessions, prepared statements, transactions, cursors, Data API, writes."""
    read, write = (
        f"SELECT count(*) FROM {revocable.table}",
        f"INSERT INTO {revocable.table} VALUES (1)",
    )
    open_session, prepared, transaction, fetching, writing = (
        connect("analytics") for _ in range(5)
    )
    open_session.execute(write)
    prepared.execute(read, prepare=True)
    prepared.execute("PREPARE reading AS " + read)
    # DROP SCHEMA waits for who writes into it, so nobody does then.
    first = read if way == "drop_schema" else write
    for connection, statement in (
        (transaction, read),
        (fetching, f"DECLARE c CURSOR FOR SELECT i FROM {revocable.table}"),
        (writing, first),
    ):
        connection.execute("BEGIN")
        connection.execute(statement)
    attempts: list[Callable[[], object]] = [
        lambda: open_session.execute(read),
        lambda: open_session.execute(write),
        lambda: open_session.execute(f"UPDATE {revocable.table} SET i = 1"),
        lambda: prepared.execute(read, prepare=True),
        lambda: prepared.execute("EXECUTE reading"),
        lambda: transaction.execute(read),
        lambda: writing.execute(write),
        lambda: fetching.execute("FETCH 1 FROM c"),
    ]
    if way != "remove_table":  # the schema stays in the share, and with it CREATE
        make = f"CREATE TABLE {revocable.table}_new (i integer)"
        attempts.append(lambda: open_session.execute(make))
    sparse: list[Callable[[], object]] = [
        lambda: _new_session(revocable),
        lambda: _data_api(revocable),
    ]
    assert _succeeds(attempts[0])
    getattr(revocable, way)()
    refused, successes = 0, []
    for number in range(TRIES):
        for place, attempt in enumerate(attempts + (sparse if number % SPARSE == 0 else [])):
            try:
                attempt()
            except psycopg.errors.InFailedSqlTransaction:
                pass  # the transaction was ended by its first refusal: no proof of anything
            except psycopg.Error:
                refused += 1
            else:
                successes.append((number, place))
    assert successes == []
    assert refused * len(WAYS) >= 1_000


def test_writes_of_an_open_transaction_do_not_commit(revocable: Revocable) -> None:
    """What was written through the share before the revocation is rolled back at COMMIT."""
    consumer = revocable.consumer
    consumer.execute("BEGIN")
    consumer.execute(f"INSERT INTO {revocable.table} VALUES (1)")
    revocable.deauthorize()
    with pytest.raises(psycopg.Error, match="not accessible"):
        consumer.execute("COMMIT")
    consumer.execute("ROLLBACK")
    row = revocable.producer.execute(f"SELECT count(*) FROM w_{revocable.name}.t").fetchone()
    assert row == (0,)


@pytest.mark.parametrize("way", WAYS if SOAK else ["deauthorize", "drop", "remove_table"])
def test_a_running_statement_is_ended(revocable: Revocable, way: str) -> None:
    """A query that would run for minutes ends with the revocation."""
    revocable.consumer.execute(
        f"INSERT INTO {revocable.table} VALUES " + ", ".join(f"({i})" for i in range(300))
    )
    slow = (
        f"SELECT sum(a.i * b.i + c.i * e.i) FROM {revocable.table} a, {revocable.table} b, "
        f"{revocable.table} c, {revocable.table} e"
    )
    outcome: list[Any] = []

    def run() -> None:
        try:
            outcome.append(revocable.consumer.execute(slow).fetchall())
        except psycopg.Error as error:
            outcome.append(error.diag.message_primary)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(1.5)
    assert thread.is_alive()
    getattr(revocable, way)()
    thread.join(10)
    assert not thread.is_alive()
    assert outcome == ["The requested data share doesn't exist or is not accessible."]


def test_an_open_result_stops(revocable: Revocable) -> None:
    """Rows that were not fetched yet are not given out."""
    consumer = revocable.consumer
    consumer.execute(
        f"INSERT INTO {revocable.table} VALUES " + ", ".join(f"({i})" for i in range(1000))
    )
    many = f"SELECT a.i, b.i FROM {revocable.table} a, {revocable.table} b"

    def stream() -> Iterator[tuple[Any, ...]]:
        with consumer.cursor() as cursor:
            yield from cursor.stream(many)

    rows = stream()
    next(rows)
    revocable.deauthorize()
    with pytest.raises(psycopg.Error, match="not accessible"):
        for _ in rows:
            pass


def test_producer_is_untouched(revocable: Revocable) -> None:
    """The producer's own sessions go on."""
    revocable.deauthorize()
    row = revocable.producer.execute(f"SELECT count(*) FROM w_{revocable.name}.t").fetchone()
    assert row == (0,)
    assert PRODUCER in revocable.arn
