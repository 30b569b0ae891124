"""The logs of datashares on a real node: changes, requests and sums, as each side may see them."""

from __future__ import annotations

import random
import threading
from pathlib import Path
from typing import Any

import boto3
import psycopg
import pytest
from botocore.exceptions import ClientError

from tests.node.conftest import Connect
from tests.node.data_api import DataApi
from tests.node.running import CONSUMER, PASSWORD, PRODUCER, RunningNode

pytestmark = pytest.mark.server

Sql = psycopg.Connection[Any]
NOT_ACCESSIBLE = "The requested data share doesn't exist or is not accessible."


def run(connection: Sql, text: str) -> None:
    for statement in text.split(";"):
        connection.execute(statement)  # type: ignore[call-overload]


def rows(connection: Sql, columns: str, view: str, where: str, order: str = "") -> list[Any]:
    """Rows of a view, in the order in which they were made."""
    order = order or ("recordtime" if view.startswith("svl") else "record_time")
    sql = f"SELECT {columns} FROM {view} WHERE {where} ORDER BY {order}"
    return connection.execute(sql).fetchall()  # type: ignore[call-overload,no-any-return]


def share_across(node: RunningNode, name: str, producer: Sql, *consumers: Sql) -> None:
    """A share of `sales` with a table of three rows, open to the consumer account, writes too."""
    run(
        producer,
        f"""CREATE SCHEMA {name};
        CREATE TABLE {name}.t (i bigint NOT NULL);
        INSERT INTO {name}.t VALUES (1), (2), (3);
        CREATE DATASHARE {name};
        ALTER DATASHARE {name} ADD SCHEMA {name};
        ALTER DATASHARE {name} ADD TABLE {name}.t;
        GRANT INSERT ON {name}.t TO DATASHARE {name};
        GRANT USAGE ON DATASHARE {name} TO ACCOUNT '{CONSUMER}'""",
    )
    arn = node.share_arn(name)
    node.client().authorize_data_share(
        DataShareArn=arn, ConsumerIdentifier=CONSUMER, AllowWrites=True
    )
    node.client(CONSUMER).associate_data_share_consumer(
        DataShareArn=arn, AssociateEntireAccount=True, AllowWrites=True
    )
    for consumer in consumers:
        run(consumer, database_of(node, name))


def database_of(node: RunningNode, name: str) -> str:
    return (
        f"CREATE DATABASE d_{name} FROM DATASHARE {name} OF ACCOUNT '{PRODUCER}' "
        f"NAMESPACE '{node.guid('sales')}'"
    )


def data_api(node: RunningNode, account: str, workgroup: str) -> DataApi:
    """The Data API at a workgroup."""
    return DataApi(node, account, WorkgroupName=workgroup, Database="dev")


@pytest.mark.scenario(49)
def test_every_mutation_is_a_row_of_the_change_log(
    node: RunningNode, name: str, connect: Connect
) -> None:
    """Statements and calls of both sides, failed ones too, each in its own side's log alone."""
    producer, consumer = connect("sales"), connect("analytics")
    other = connect("science")
    share_across(node, name, producer, consumer)
    arn = node.share_arn(name)
    with pytest.raises(psycopg.Error):
        producer.execute(f"CREATE DATASHARE {name}")
    with pytest.raises(ClientError) as denied:
        node.client(CONSUMER).authorize_data_share(DataShareArn=arn, ConsumerIdentifier=CONSUMER)
    with pytest.raises(ClientError) as unknown:
        node.client().authorize_data_share(
            DataShareArn=arn, ConsumerIdentifier=node.namespace_arn("finance")
        )
    run(consumer, f"CREATE USER {name} PASSWORD '{PASSWORD}'")
    run(
        consumer,
        f"GRANT USAGE ON DATABASE d_{name} TO {name};"
        f"REVOKE USAGE ON DATABASE d_{name} FROM {name};"
        f"ALTER DATABASE d_{name} RENAME TO e_{name}; DROP DATABASE e_{name}",
    )
    run(producer, f"REVOKE USAGE ON DATASHARE {name} FROM ACCOUNT '{CONSUMER}'")
    run(producer, f"DROP DATASHARE {name}")

    columns = "action, status, share_object_type, share_object_name, consumer_account, message"
    where = f"share_name = '{name}'"
    refused = "42710: " + f'share "{name}" already exists'
    told = unknown.value.response["Error"]
    assert rows(producer, columns, "svl_datashare_change_log", where) == [
        ("CREATE DATASHARE", 0, None, None, None, None),
        ("ALTER ADD", 0, "schema", name, None, None),
        ("ALTER ADD", 0, "table", f"{name}.t", None, None),
        ("ALTER ADD", 0, "table", f"{name}.t", None, None),
        ("GRANT USAGE", 0, None, None, CONSUMER, None),
        ("AuthorizeDataShare", 0, None, None, CONSUMER, None),
        ("CREATE DATASHARE", 1, None, None, None, refused),
        ("AuthorizeDataShare", 1, None, None, None, f"{told['Code']}: {told['Message']}"),
        ("REVOKE USAGE", 0, None, None, CONSUMER, None),
        ("DROP DATASHARE", 0, None, None, None, None),
    ]
    told = denied.value.response["Error"]
    columns = "action, status, consumer_database_name, target_user_name, message"
    assert rows(consumer, columns, "sys_datashare_change_log", where) == [
        ("AssociateDataShareConsumer", 0, None, None, None),
        ("CREATE DATABASE", 0, f"d_{name}", None, None),
        ("AuthorizeDataShare", 1, None, None, f"{told['Code']}: {told['Message']}"),
        ("GRANT USAGE", 0, f"d_{name}", name, None),
        ("REVOKE USAGE", 0, f"d_{name}", name, None),
        ("ALTER SHARED DATABASE", 0, f"d_{name}", None, None),
        ("DROP SHARED DATABASE", 0, f"e_{name}", None, None),
    ]
    # The account's calls, and nothing of another namespace's databases.
    assert {row[0] for row in rows(other, "action", "sys_datashare_change_log", where)} == {
        "AssociateDataShareConsumer",
        "AuthorizeDataShare",
    }

    ids = "share_id, source_database_name, arn, producer_account, producer_namespace, user_name"
    own = "sys_datashare_change_log"
    made = rows(producer, ids, own, f"{where} AND action = 'DROP DATASHARE'")[0]
    assert made[0] is not None
    assert made[1:] == ("dev", arn, PRODUCER, node.guid("sales"), "admin")
    seen = rows(consumer, ids, own, f"{where} AND action = 'CREATE DATABASE'")[0]
    assert seen == (None, None, arn, PRODUCER, node.guid("sales"), "admin")


def test_a_user_sees_own_changes_and_requests(
    node: RunningNode, name: str, connect: Connect
) -> None:
    """Others than superusers see what they did themselves."""
    producer, consumer = connect("sales"), connect("analytics")
    share_across(node, name, producer, consumer)
    run(
        consumer,
        f"CREATE USER {name} PASSWORD '{PASSWORD}'; GRANT USAGE ON DATABASE d_{name} TO {name}",
    )
    user = connect("analytics", user=name)
    user.execute(f"SELECT i FROM d_{name}.{name}.t").fetchall()
    assert rows(user, "action", "svl_datashare_change_log", "true") == []
    assert rows(user, "request_type", "svl_datashare_usage_consumer", "true") == [("GET RELATION",)]
    assert rows(user, "*", "redshare_datashare_metering", "true", "1") == []


def test_rolled_back_changes_are_in_no_log(name: str, connect: Connect) -> None:
    """A statement of a transaction that was rolled back leaves no row; a committed one does."""
    producer = connect("sales")
    run(producer, f"BEGIN; CREATE DATASHARE {name}; ROLLBACK")
    run(producer, f"BEGIN; CREATE DATASHARE {name}; ALTER DATASHARE {name} ADD SCHEMA public; END")
    found = rows(
        producer,
        "action, transaction_id, session_id",
        "sys_datashare_change_log",
        f"share_name = '{name}'",
    )
    assert [row[0] for row in found] == ["CREATE DATASHARE", "ALTER ADD"]
    assert len({row[1:] for row in found}) == 1


def test_grants_tell_whom_and_scopes_what(name: str, connect: Connect) -> None:
    """One row a privilege and grantee, one row an object that a statement added or took away."""
    producer = connect("sales")
    run(
        producer,
        f"""CREATE USER {name} PASSWORD '{PASSWORD}'; CREATE SCHEMA {name};
        CREATE TABLE {name}.a (i int); CREATE TABLE {name}.b (i int);
        CREATE DATASHARE {name}; GRANT ALTER, SHARE ON DATASHARE {name} TO {name};
        ALTER DATASHARE {name} ADD SCHEMA {name};
        ALTER DATASHARE {name} ADD ALL TABLES IN SCHEMA {name};
        ALTER DATASHARE {name} SET INCLUDENEW = TRUE FOR SCHEMA {name};
        ALTER DATASHARE {name} SET PUBLICACCESSIBLE TRUE;
        ALTER DATASHARE {name} REMOVE TABLE {name}.b""",
    )
    columns = (
        "action, share_object_name, target_user_type, target_user_name, attribute_name,"
        "attribute_value"
    )
    found = rows(producer, columns, "sys_datashare_change_log", f"share_name = '{name}'")
    assert found[1:3] == [
        ("GRANT ALTER", None, "user", name, None, None),
        ("GRANT SHARE", None, "user", name, None, None),
    ]
    assert sorted(found[3:6]) == [
        ("ALTER ADD", name, None, None, "privileges", "USAGE"),
        ("ALTER ADD", f"{name}.a", None, None, "privileges", "SELECT"),
        ("ALTER ADD", f"{name}.b", None, None, "privileges", "SELECT"),
    ]
    assert found[6:] == [
        ("ALTER SET", name, None, None, "includenew", "true"),
        ("ALTER SET", None, None, None, "publicaccessible", "true"),
        ("ALTER REMOVE", f"{name}.b", None, None, "privileges", "SELECT"),
    ]


def test_both_sides_see_a_request_and_no_third(
    node: RunningNode, name: str, connect: Connect
) -> None:
    """The producer sees who asked for which object, the consumer its own statements alone."""
    producer, consumer, other = connect("sales"), connect("analytics"), connect("science")
    share_across(node, name, producer, consumer, other)
    mine = f"share_name = '{name}'"
    consumer.execute(f"SELECT i FROM d_{name}.{name}.t").fetchall()
    before = len(rows(other, "request_id", "svl_datashare_usage_consumer", "true"))
    consumer.execute(f"INSERT INTO d_{name}.{name}.t VALUES (4), (5)")
    data_api(node, CONSUMER, "analytics-wg").rows(f"SELECT i FROM d_{name}.{name}.t WHERE i > 4")
    columns = (
        "request_id, consumer_transaction_uid, request_type, object_type, object_name, status,"
        "consumer_account, consumer_namespace, consumer_region"
    )
    asked = rows(producer, columns, "sys_datashare_usage_producer", mine)
    assert [row[2:] for row in asked] == [
        (
            *("GET RELATION", "table", f"{name}.t", 0),
            *(CONSUMER, node.guid("analytics"), "us-east-1"),
        )
    ] * 3
    columns = "request_id, transaction_uid, request_type, status, error"
    own = rows(consumer, columns, "svl_datashare_usage_consumer", "true")
    assert [row[:2] for row in asked] == [row[:2] for row in own][-3:]
    assert before == len(rows(other, "request_id", "svl_datashare_usage_consumer", "true"))
    assert rows(other, "request_id", "sys_datashare_usage_producer", "true") == []

    metering = (
        "SELECT requests, refused, rows_read, bytes_read, rows_written, consumer_account"
        f" FROM redshare_datashare_metering WHERE share_name = '{name}'"
    )
    counted = [[3, 0, 3 + 1, (3 + 1) * 8, 2, CONSUMER]]
    assert data_api(node, PRODUCER, "sales-wg").rows(metering) == counted
    assert data_api(node, CONSUMER, "analytics-wg").rows(metering) == counted
    assert data_api(node, CONSUMER, "science-wg").rows(metering) == []


def test_what_is_copied_out_of_a_share_is_metered(
    node: RunningNode, name: str, connect: Connect
) -> None:
    """Rows that another table gets are read, those put into a new one of the producer written."""
    producer, consumer = connect("sales"), connect("analytics")
    share_across(node, name, producer, consumer)
    run(
        producer,
        f"CREATE VIEW {name}.v AS SELECT i FROM {name}.t;ALTER DATASHARE {name} ADD TABLE {name}.v",
    )
    run(
        consumer,
        f"""CREATE TABLE {name} AS SELECT i FROM d_{name}.{name}.t;
        INSERT INTO {name} SELECT i FROM d_{name}.{name}.v WHERE i < 3""",
    )
    sums = "requests, rows_read, rows_written"
    where = f"share_name = '{name}'"
    assert rows(consumer, sums, "redshare_datashare_metering", where, "1") == [(2, 3 + 2, 0)]
    objects = rows(producer, "object_type", "svl_datashare_usage_producer", where)
    assert [row[0] for row in objects] == ["table", "view"]
    producer.execute(f"GRANT CREATE ON SCHEMA {name} TO DATASHARE {name}")
    consumer.execute(f"CREATE TABLE d_{name}.{name}.made AS SELECT i FROM {name}")
    assert rows(consumer, sums, "redshare_datashare_metering", where, "1") == [(3, 3 + 2, 5)]
    objects = rows(producer, "object_name", "svl_datashare_usage_producer", where)
    assert objects[-1] == (f"{name}.made",)


def test_what_is_written_through_a_share_is_metered(
    node: RunningNode, name: str, connect: Connect
) -> None:
    """Each way to write: the bytes of the files that it added to the producer's lake."""
    producer, consumer = connect("sales"), connect("analytics")
    share_across(node, name, producer, consumer)
    run(
        producer,
        f"GRANT INSERT, UPDATE, DELETE ON {name}.t TO DATASHARE {name};"
        f"GRANT CREATE ON SCHEMA {name} TO DATASHARE {name}",
    )
    consumer.execute(f"CREATE TABLE {name} AS SELECT 7 AS i UNION ALL SELECT 8")
    (node.buckets / "landing" / f"{name}.csv").write_text("11\n12\n13\n")
    state, table = node.directory / "state", f"d_{name}.{name}.t"
    where = f"share_name = '{name}'"

    def files() -> dict[Path, int]:
        return {path: path.stat().st_size for path in state.rglob("*.parquet")}

    def metered() -> tuple[int, int]:
        sums = "rows_written, bytes_written"
        return rows(consumer, sums, "redshare_datashare_metering", where, "1")[0]

    for sql, written in (
        (f"INSERT INTO {table} VALUES (4), (5)", 2),
        (f"INSERT INTO {table} SELECT i FROM {name}", 2),
        (f"UPDATE {table} SET i = 40 WHERE i = 4", 1),
        (f"DELETE FROM {table} WHERE i = 1", 1),
        (
            f"MERGE INTO {table} USING {name} ON t.i = {name}.i WHEN MATCHED THEN UPDATE SET i = 9"
            f" WHEN NOT MATCHED THEN INSERT VALUES ({name}.i)",
            2,
        ),
        (f"COPY {table} FROM 's3://landing/{name}.csv' IAM_ROLE DEFAULT CSV", 3),
        (f"CREATE TABLE d_{name}.{name}.made AS SELECT i FROM {name}", 2),
        (f"INSERT INTO {table} SELECT i FROM {name} WHERE i > 100", 0),
    ):
        before = (0, 0) if "VALUES (4)" in sql else metered()
        old = files()
        consumer.execute(sql)  # type: ignore[call-overload]
        added = sum(size for path, size in files().items() if path not in old)
        after = metered()
        assert (after[0] - before[0], after[1] - before[1]) == (written, added), sql
        assert bool(added) == bool(written), sql
    assert rows(producer, "bytes_written", "redshare_datashare_metering", where, "1") == [
        (metered()[1],)
    ]
    producer.execute(f"INSERT INTO {name}.t VALUES (1)")  # one's own is nobody's use of a share
    assert rows(producer, "rows_written", "redshare_datashare_metering", where, "1") == [
        (metered()[0],)
    ]


def test_a_refused_request_is_told(node: RunningNode, name: str, connect: Connect) -> None:
    """To both sides: in an open cursor, at Parse, by the Data API, of a write not consented to."""
    producer, consumer = connect("sales"), connect("analytics")
    share_across(node, name, producer, consumer)
    select, arn = f"SELECT i FROM d_{name}.{name}.t", node.share_arn(name)
    node.client().authorize_data_share(
        DataShareArn=arn, ConsumerIdentifier=CONSUMER, AllowWrites=False
    )
    with pytest.raises(psycopg.Error) as not_consented:
        consumer.execute(f"INSERT INTO d_{name}.{name}.t VALUES (1)")
    consumer.execute("BEGIN")
    consumer.execute(f"DECLARE c CURSOR FOR {select}")
    node.client().deauthorize_data_share(DataShareArn=arn, ConsumerIdentifier=CONSUMER)
    with pytest.raises(psycopg.Error, match="not accessible"):
        consumer.execute("FETCH ALL FROM c")
    consumer.execute("ROLLBACK")
    with pytest.raises(psycopg.Error, match="not accessible"):
        connect("analytics").execute(select)
    assert "not accessible" in data_api(node, CONSUMER, "analytics-wg").run(select)["Error"]
    no_writes = not_consented.value.diag.message_primary
    expected = [
        (None, 1, no_writes),
        (f"{name}.t", 1, NOT_ACCESSIBLE),
        (None, 1, NOT_ACCESSIBLE),
        (None, 1, NOT_ACCESSIBLE),
    ]
    where = f"share_name = '{name}'"
    columns = "object_name, status, error"
    assert rows(producer, columns, "svl_datashare_usage_producer", where) == expected
    found = rows(consumer, "status, error_message", "sys_datashare_usage_consumer", "true")
    assert found[-4:] == [row[1:] for row in expected]
    sums = rows(producer, "requests, refused", "redshare_datashare_metering", where, "1")
    assert sums == [(4, 4)]


def test_what_came_from_another_region_is_told(
    node: RunningNode, name: str, connect: Connect
) -> None:
    """A consumer in another Region sees from where its bytes came, its producer to where."""
    producer = connect("sales")
    share_across(node, name, producer)
    key = next(a for a in node.ready["accounts"] if a["account_id"] == CONSUMER)
    far = boto3.client(
        "redshift-serverless",
        endpoint_url=node.ready["endpoint"],
        region_name="eu-west-1",
        aws_access_key_id=key["access_key_id"],
        aws_secret_access_key=key["secret_access_key"],
    )
    far.create_namespace(
        namespaceName=f"far-{name}", adminUsername="admin", adminUserPassword=PASSWORD
    )
    far.create_workgroup(workgroupName=f"far-{name}", namespaceName=f"far-{name}")
    endpoint = far.get_workgroup(workgroupName=f"far-{name}")["workgroup"]["endpoint"]
    with psycopg.connect(
        host=endpoint["address"],
        port=endpoint["port"],
        dbname="dev",
        user="admin",
        password=PASSWORD,
        sslmode="require",
        autocommit=True,
    ) as consumer:
        run(consumer, database_of(node, name))
        consumer.execute(f"SELECT i FROM d_{name}.{name}.t").fetchall()
        columns = "transferred_data, source_region, start_time <= end_time"
        view = "sys_datashare_cross_region_usage"
        assert rows(consumer, columns, view, "true", "1") == [(24, "us-east-1", True)]
    assert rows(producer, "query_id", view, "true", "1") == []
    where = f"share_name = '{name}'"
    regions = rows(producer, "consumer_region", "svl_datashare_usage_producer", where)
    assert regions == [("eu-west-1",)]


def test_a_hundred_answers_are_metered_exactly(
    node: RunningNode, name: str, connect: Connect
) -> None:
    """Statements of three consumers at once: each consumer's sums are its answers', no row more."""
    producer = connect("sales")
    consumers = {"analytics": connect("analytics"), "science": connect("science")}
    share_across(node, name, producer, *consumers.values())
    producer.execute(f"GRANT USAGE ON DATASHARE {name} TO NAMESPACE '{node.guid('finance')}'")
    consumers["finance"] = connect("finance")
    consumers["finance"].execute(
        f"CREATE DATABASE d_{name} FROM DATASHARE {name} OF NAMESPACE '{node.guid('sales')}'"
    )
    producer.execute(
        f"INSERT INTO {name}.t SELECT a.i + 10 * b.i + 100 * c.i + 1000 * d.i FROM "
        + ", ".join(f"(SELECT i FROM {name}.t) {x}" for x in "abcd")
    )
    got: dict[str, list[int]] = {}

    def read(place: str, seed: int, times: int) -> None:
        numbers, counts = random.Random(seed), []
        for _ in range(times):
            limit = numbers.randrange(80)
            sql = f"SELECT i FROM d_{name}.{name}.t LIMIT {limit}"
            counts.append(len(consumers[place].execute(sql).fetchall()))
        got[place] = counts

    threads = [
        threading.Thread(target=read, args=(place, seed, times))
        for seed, (place, times) in enumerate(zip(consumers, (34, 33, 33), strict=True))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sums = "consumer_namespace, requests, rows_read, bytes_read, rows_written"
    where = f"share_name = '{name}'"
    expected = {
        node.guid(place): (len(counts), sum(counts), 8 * sum(counts), 0)
        for place, counts in got.items()
    }
    found = rows(producer, sums, "redshare_datashare_metering", where, "1")
    assert {row[0]: row[1:] for row in found} == expected
    for place, consumer in consumers.items():
        own = rows(consumer, sums, "redshare_datashare_metering", where, "1")
        assert [row[1:] for row in own] == [expected[node.guid(place)]]


def test_the_logs_outlive_a_node(tmp_path: Path) -> None:
    """What was shown, or ended before a stop, is there after it, also after kill -9."""
    node = RunningNode(tmp_path).start()
    counted = "SELECT count(*) FROM svl_datashare_usage_producer"
    try:
        with node.connect("sales") as producer, node.connect("analytics") as consumer:
            share_across(node, "kept", producer, consumer)
            consumer.execute("SELECT i FROM d_kept.kept.t").fetchall()
        assert node.stop() == 0
        node.start()
        with node.connect("sales") as producer, node.connect("analytics") as consumer:
            assert producer.execute(counted).fetchall() == [(1,)]
            consumer.execute("SELECT i FROM d_kept.kept.t").fetchall()
            assert producer.execute(counted).fetchall() == [(2,)]
        node.kill()
        node.start()
        with node.connect("sales") as producer:
            assert producer.execute(counted).fetchall() == [(2,)]
            changes = rows(producer, "action", "svl_datashare_change_log", "share_name = 'kept'")
            assert changes[0] == ("CREATE DATASHARE",)
            sums = rows(producer, "rows_read", "redshare_datashare_metering", "true", "1")
            assert sums == [(6,)]
    finally:
        if node.process is not None and node.process.poll() is None:
            node.stop()
