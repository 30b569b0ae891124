"""COPY and UNLOAD through a datashare: rights, consent, and what a revocation does."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from tests.node.conftest import Connect
from tests.node.running import CONSUMER, RunningNode

pytestmark = pytest.mark.server

Sql = psycopg.Connection[Any]
ROLE = "IAM_ROLE default"


def refusal(sql: Sql, statement: str) -> tuple[Any, Any]:
    with pytest.raises(psycopg.Error) as raised:
        sql.execute(statement)
    return raised.value.diag.sqlstate, raised.value.diag.message_primary


@pytest.fixture
def shared(node: RunningNode, name: str, connect: Connect) -> tuple[Sql, Sql, str]:
    """Producer, consumer of another account with write consent, and the shared table's name."""
    producer, consumer = connect("sales"), connect("analytics")
    for statement in (
        f"CREATE TABLE t_{name} (i integer, s varchar(9))",
        f"CREATE TABLE hidden_{name} (i integer)",
        f"CREATE DATASHARE {name}",
        f"ALTER DATASHARE {name} ADD SCHEMA public",
        f"ALTER DATASHARE {name} ADD TABLE public.t_{name}",
        f"GRANT USAGE ON SCHEMA public TO DATASHARE {name}",
        f"GRANT SELECT, INSERT ON TABLE public.t_{name} TO DATASHARE {name}",
        f"GRANT USAGE ON DATASHARE {name} TO ACCOUNT '{CONSUMER}'",
    ):
        producer.execute(statement)
    arn = node.share_arn(name)
    node.client().authorize_data_share(
        DataShareArn=arn, ConsumerIdentifier=CONSUMER, AllowWrites=True
    )
    node.client(CONSUMER).associate_data_share_consumer(
        DataShareArn=arn, ConsumerArn=node.namespace_arn("analytics"), AllowWrites=True
    )
    consumer.execute(
        f"CREATE DATABASE d_{name} FROM DATASHARE {name} OF ACCOUNT '111111111111' "
        f"NAMESPACE '{node.guid('sales')}'"
    )
    folder = node.buckets / "landing" / name
    folder.mkdir()
    (folder / "in.csv").write_text("1,a\n2,b\n")
    return producer, consumer, f"d_{name}.public.t_{name}"


def test_copy_into_a_shared_table(shared: tuple[Sql, Sql, str], name: str) -> None:
    """The producer sees the rows at once; COMPUPDATE is refused through a share, OFF is not."""
    producer, consumer, table = shared
    copy = f"COPY {table} FROM 's3://landing/{name}/in.csv' {ROLE} CSV"
    assert consumer.execute(copy).statusmessage == "COPY"
    assert producer.execute(f"SELECT * FROM t_{name} ORDER BY 1").fetchall() == [(1, "a"), (2, "b")]
    assert consumer.execute(f"{copy} COMPUPDATE OFF").statusmessage == "COPY"
    for option in ("COMPUPDATE", "COMPUPDATE ON", "COMPUPDATE PRESET"):
        assert refusal(consumer, f"{copy} {option}") == (
            "0A000",
            "Operation is not supported through datashares",
        )
    assert producer.execute(f"SELECT count(*) FROM t_{name}").fetchone() == (4,)
    assert consumer.execute("SELECT pg_last_copy_count()").fetchone() == (2,)


def test_copy_needs_consent(shared: tuple[Sql, Sql, str], name: str, node: RunningNode) -> None:
    """Without the producer's consent to write, or the share, a COPY is refused."""
    producer, consumer, table = shared
    arn = node.share_arn(name)
    copy = f"COPY {table} FROM 's3://landing/{name}/in.csv' {ROLE} CSV"
    node.client().authorize_data_share(
        DataShareArn=arn, ConsumerIdentifier=CONSUMER, AllowWrites=False
    )
    assert refusal(consumer, copy) == (
        "42501",
        "Datashare writes are not authorized by producer or associated by consumer",
    )
    node.client().deauthorize_data_share(DataShareArn=arn, ConsumerIdentifier=CONSUMER)
    assert "not accessible" in refusal(consumer, copy)[1]
    assert producer.execute(f"SELECT count(*) FROM t_{name}").fetchone() == (0,)


def test_unload_of_a_shared_table(
    shared: tuple[Sql, Sql, str], name: str, node: RunningNode
) -> None:
    """What the consumer may read it may unload, and nothing else; nothing once it is revoked."""
    producer, consumer, table = shared
    producer.execute(f"INSERT INTO t_{name} VALUES (7, 'x')")
    folder = node.buckets / "landing" / name
    to = f"TO 's3://landing/{name}/out_' {ROLE} CSV"
    assert consumer.execute(f"UNLOAD ('SELECT * FROM {table}') {to}").statusmessage == "UNLOAD"
    assert (folder / "out_0000_part_00").read_text() == "7,x\n"
    hidden = table.replace("t_", "hidden_")
    assert refusal(consumer, f"UNLOAD ('SELECT * FROM {hidden}') {to} ALLOWOVERWRITE")[0] == "42P01"
    arn = node.share_arn(name)
    node.client().deauthorize_data_share(DataShareArn=arn, ConsumerIdentifier=CONSUMER)
    refused = refusal(consumer, f"UNLOAD ('SELECT * FROM {table}') {to} ALLOWOVERWRITE")
    assert "not accessible" in refused[1]
    assert (folder / "out_0000_part_00").read_text() == "7,x\n"


def test_a_transaction_writes_one_database(shared: tuple[Sql, Sql, str], name: str) -> None:
    """In one transaction with the consumer's own database: one database is written."""
    _, consumer, table = shared
    consumer.execute(f"CREATE TABLE own_{name} (i integer, s varchar(9))")
    source = f"FROM 's3://landing/{name}/in.csv' {ROLE} CSV"
    consumer.execute("BEGIN")
    consumer.execute(f"COPY own_{name} {source}")
    assert refusal(consumer, f"COPY {table} {source}")[0] == "0A000"
    consumer.execute("ROLLBACK")
    assert consumer.execute(f"SELECT count(*) FROM own_{name}").fetchone() == (0,)
