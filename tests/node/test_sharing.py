"""Sharing within an account and writing across accounts (scenarios 1 to 7, 21 to 23, 36)."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from tests.node.conftest import Connect
from tests.node.running import CONSUMER, PRODUCER, RunningNode

pytestmark = pytest.mark.server

Sql = psycopg.Connection[Any]
NOT_ACCESSIBLE = "The requested data share doesn't exist or is not accessible."


def one(connection: Sql, sql: str) -> Any:
    row = connection.execute(sql).fetchone()
    assert row is not None
    return row[0]


def refusal(connection: Sql, sql: str) -> tuple[str | None, str | None]:
    """(SQLSTATE, message) of a statement that must fail."""
    with pytest.raises(psycopg.Error) as raised:
        connection.execute(sql)
    return raised.value.diag.sqlstate, raised.value.diag.message_primary


@pytest.fixture
def same_account(node: RunningNode, name: str, connect: Connect) -> tuple[Sql, Sql, str]:
    """A share of `sales` used by `finance`, of the same account: database `d_<name>`."""
    producer, consumer = connect("sales"), connect("finance")
    for sql in (
        f"CREATE TABLE public.t_{name} (i integer)",
        f"INSERT INTO public.t_{name} VALUES (1), (2)",
    ):
        producer.execute(sql)
    tags = [
        producer.execute(sql).statusmessage
        for sql in (
            f"CREATE DATASHARE {name}",
            f"ALTER DATASHARE {name} ADD SCHEMA public",
            f"ALTER DATASHARE {name} ADD TABLE public.t_{name}",
            f"GRANT USAGE ON DATASHARE {name} TO NAMESPACE '{node.guid('finance')}'",
        )
    ]
    assert tags == ["CREATE DATASHARE", "ALTER DATASHARE", "ALTER DATASHARE", "GRANT"]
    made = consumer.execute(
        f"CREATE DATABASE d_{name} FROM DATASHARE {name} OF NAMESPACE '{node.guid('sales')}'"
    )
    assert made.statusmessage == "CREATE DATABASE"
    return producer, consumer, name


@pytest.mark.scenario(1, 2)
def test_same_account_read_is_live(same_account: tuple[Sql, Sql, str]) -> None:
    """No API call is needed; what the producer commits is in the next read."""
    producer, consumer, name = same_account
    count = f"SELECT count(*) FROM d_{name}.public.t_{name}"
    assert one(consumer, count) == 2
    producer.execute(f"INSERT INTO t_{name} VALUES (3), (4), (5), (6), (7)")
    assert one(consumer, count) == 7


@pytest.mark.scenario(3)
def test_a_transaction_sees_one_snapshot(same_account: tuple[Sql, Sql, str]) -> None:
    """Two reads in a transaction agree, whatever the producer commits between them."""
    producer, consumer, name = same_account
    count = f"SELECT count(*) FROM d_{name}.public.t_{name}"
    consumer.execute("BEGIN")
    first = one(consumer, count)
    producer.execute(f"INSERT INTO t_{name} VALUES (3)")
    second = one(consumer, count)
    consumer.execute("COMMIT")
    assert (first, second, one(consumer, count)) == (2, 2, 3)


@pytest.mark.scenario(4)
def test_revoke_usage(same_account: tuple[Sql, Sql, str], node: RunningNode) -> None:
    """The consumer's next statement is refused; its database stays and can be dropped."""
    producer, consumer, name = same_account
    inbound = (
        f"SELECT count(*) FROM svv_datashares WHERE share_name = '{name}' "
        "AND share_type = 'INBOUND'"
    )
    assert one(consumer, inbound) == 1
    producer.execute(f"REVOKE USAGE ON DATASHARE {name} FROM NAMESPACE '{node.guid('finance')}'")
    assert refusal(consumer, f"SELECT * FROM d_{name}.public.t_{name}")[1] == NOT_ACCESSIBLE
    assert one(consumer, inbound) == 0
    shown = consumer.execute("SHOW DATASHARES").fetchall()
    assert name not in [row[0] for row in shown]
    assert consumer.execute(f"DROP DATABASE d_{name}").statusmessage == "DROP DATABASE"


@pytest.mark.scenario(5, 6, 7)
def test_wrong_consumers(same_account: tuple[Sql, Sql, str], node: RunningNode) -> None:
    """An unquoted, a malformed and a foreign namespace are refused in Redshift's words."""
    producer, _, name = same_account
    grant = f"GRANT USAGE ON DATASHARE {name} TO NAMESPACE"
    users = "USAGE cannot be granted to users and groups on a datashare."
    assert refusal(producer, f"{grant} abc")[1] == users
    assert refusal(producer, f"{grant} 'consumer-cluster'")[1] == "Invalid consumer principal ID."
    foreign = "You cannot share datashare with a namespace in a different account."
    assert refusal(producer, f"{grant} '{node.guid('analytics')}'")[1] == foreign


def test_what_is_not_shared_is_not_there(same_account: tuple[Sql, Sql, str]) -> None:
    """A table outside the share and one that does not exist are refused alike."""
    producer, consumer, name = same_account
    producer.execute(f"CREATE TABLE hidden_{name} (i integer)")
    hidden = refusal(consumer, f"SELECT * FROM d_{name}.public.hidden_{name}")
    absent = refusal(consumer, f"SELECT * FROM d_{name}.public.absent_{name}")
    assert hidden[0] == absent[0] == "42P01"
    assert hidden[1] == (absent[1] or "").replace("absent", "hidden")


def test_views_of_both_sides(same_account: tuple[Sql, Sql, str], node: RunningNode) -> None:
    """SVV_DATASHARES, SVV_DATASHARE_OBJECTS and SVV_DATASHARE_CONSUMERS as documented."""
    producer, consumer, name = same_account
    shares = (
        "SELECT share_name, source_database, consumer_database, share_type, producer_account, "
        f"producer_namespace FROM svv_datashares WHERE share_name = '{name}'"
    )
    guid = node.guid("sales")
    assert producer.execute(shares).fetchall() == [(name, "dev", None, "OUTBOUND", PRODUCER, guid)]
    assert consumer.execute(shares).fetchall() == [
        (name, None, f"d_{name}", "INBOUND", PRODUCER, guid)
    ]
    objects = (
        "SELECT share_type, object_type, object_name, include_new FROM svv_datashare_objects "
        f"WHERE share_name = '{name}' ORDER BY object_type"
    )
    assert producer.execute(objects).fetchall() == [
        ("OUTBOUND", "schema", "public", False),
        ("OUTBOUND", "table", f"public.t_{name}", None),
    ]
    assert consumer.execute(objects).fetchall() == [
        ("INBOUND", "schema", "public", None),
        ("INBOUND", "table", f"public.t_{name}", None),
    ]
    consumers = (
        "SELECT consumer_account, consumer_namespace FROM svv_datashare_consumers "
        f"WHERE share_name = '{name}'"
    )
    assert producer.execute(consumers).fetchall() == [(None, node.guid("finance"))]
    described = consumer.execute(f"DESC DATASHARE {name} OF NAMESPACE '{guid}'").fetchall()
    assert [row[4:6] for row in described] == [
        ("schema", "public"),
        ("table", f"public.t_{name}"),
    ]


@pytest.mark.scenario(36)
def test_dropping_a_share_kills_its_databases(
    same_account: tuple[Sql, Sql, str], node: RunningNode
) -> None:
    """A share made again under the name revives nothing; the database must be made again."""
    producer, consumer, name = same_account
    read = f"SELECT count(*) FROM d_{name}.public.t_{name}"
    producer.execute(f"DROP DATASHARE {name}")
    assert refusal(consumer, read)[1] == NOT_ACCESSIBLE
    for sql in (
        f"CREATE DATASHARE {name}",
        f"ALTER DATASHARE {name} ADD SCHEMA public",
        f"ALTER DATASHARE {name} ADD TABLE public.t_{name}",
        f"GRANT USAGE ON DATASHARE {name} TO NAMESPACE '{node.guid('finance')}'",
    ):
        producer.execute(sql)
    assert refusal(consumer, read)[1] == NOT_ACCESSIBLE
    databases = "SELECT count(*) FROM svv_redshift_databases WHERE database_name = 'd_{}'"
    assert one(consumer, databases.format(name)) == 1
    consumer.execute(f"DROP DATABASE d_{name}")
    consumer.execute(
        f"CREATE DATABASE d_{name} FROM DATASHARE {name} OF NAMESPACE '{node.guid('sales')}'"
    )
    assert one(consumer, read) == 2


class Writable:
    """A share across accounts whose schema and table allow writes."""

    def __init__(
        self, node: RunningNode, name: str, connect: Connect, database: str = "dev"
    ) -> None:
        self.node, self.name = node, name
        self.producer, self.consumer = connect("sales", database), connect("analytics")
        self.arn = node.share_arn(name)
        for sql in (
            f"CREATE SCHEMA w_{name}",
            f"CREATE TABLE w_{name}.t (i integer)",
            f"CREATE TABLE w_{name}.readonly (i integer)",
            f"CREATE DATASHARE {name}",
            f"GRANT USAGE, CREATE ON SCHEMA w_{name} TO DATASHARE {name}",
            f"GRANT SELECT, INSERT ON TABLE w_{name}.t TO DATASHARE {name}",
            f"GRANT SELECT ON TABLE w_{name}.readonly TO DATASHARE {name}",
            f"GRANT USAGE ON DATASHARE {name} TO ACCOUNT '{CONSUMER}'",
        ):
            self.producer.execute(sql)
        self.authorize(writes=True)
        self.associate(writes=True)
        self.consumer.execute(
            f"CREATE DATABASE d_{name} FROM DATASHARE {name} OF ACCOUNT '{PRODUCER}' "
            f"NAMESPACE '{node.guid('sales')}'"
        )
        self.table = f"d_{name}.w_{name}.t"

    def authorize(self, *, writes: bool) -> None:
        self.node.client().authorize_data_share(
            DataShareArn=self.arn, ConsumerIdentifier=CONSUMER, AllowWrites=writes
        )

    def associate(self, *, writes: bool) -> None:
        self.node.client(CONSUMER).associate_data_share_consumer(
            DataShareArn=self.arn,
            ConsumerArn=self.node.namespace_arn("analytics"),
            AllowWrites=writes,
        )


@pytest.fixture
def writable(node: RunningNode, name: str, connect: Connect) -> Writable:
    return Writable(node, name, connect)


@pytest.mark.scenario(21)
def test_writes_with_both_consents(writable: Writable, node: RunningNode) -> None:
    """INSERT through the share: the producer sees the row at once; both flags are told."""
    done = writable.consumer.execute(f"INSERT INTO {writable.table} VALUES (1)")
    assert done.statusmessage == "INSERT 0 1"
    assert one(writable.producer, f"SELECT i FROM w_{writable.name}.t") == 1
    for account in (PRODUCER, CONSUMER):
        shares = node.client(account).describe_data_shares(DataShareArn=writable.arn)
        for entry in shares["DataShares"][0]["DataShareAssociations"]:
            flags = (entry["ProducerAllowedWrites"], entry["ConsumerAcceptedWrites"])
            assert flags == (True, True)


@pytest.mark.scenario(22)
@pytest.mark.parametrize("side", ["producer", "consumer"])
def test_one_consent_is_not_enough(writable: Writable, side: str) -> None:
    """Without either flag writes are refused, reads go on."""
    if side == "producer":
        writable.authorize(writes=False)
    else:
        writable.associate(writes=False)
    message = "Datashare writes are not authorized by producer or associated by consumer"
    assert refusal(writable.consumer, f"INSERT INTO {writable.table} VALUES (1)")[1] == message
    assert one(writable.consumer, f"SELECT count(*) FROM {writable.table}") == 0


def test_a_serializable_producer_is_not_written(
    node: RunningNode, name: str, connect: Connect
) -> None:
    """Both consents and the privilege are there: writes need snapshot isolation, reads do not."""
    owner = connect("sales")
    owner.execute(f"CREATE DATABASE p_{name} ISOLATION LEVEL SERIALIZABLE")
    made = Writable(node, name, connect, database=f"p_{name}")
    made.producer.close()
    refused = ("0A000", "Datashare writes require snapshot isolation of the producer's database")
    for write in (
        f"INSERT INTO {made.table} VALUES (1)",
        f"CREATE TABLE d_{name}.w_{name}.u (i integer)",
    ):
        assert refusal(made.consumer, write) == refused
    assert one(made.consumer, f"SELECT count(*) FROM {made.table}") == 0
    owner.execute(f"ALTER DATABASE p_{name} ISOLATION LEVEL SNAPSHOT")
    made.consumer.execute(f"INSERT INTO {made.table} VALUES (1)")
    assert one(made.consumer, f"SELECT count(*) FROM {made.table}") == 1


@pytest.mark.scenario(23)
def test_writes_need_the_object_privilege(writable: Writable) -> None:
    """With both flags and SELECT alone: permission denied."""
    name = writable.name
    for sql in (
        f"INSERT INTO d_{name}.w_{name}.readonly VALUES (1)",
        f"DELETE FROM {writable.table}",
        f"UPDATE {writable.table} SET i = 2",
    ):
        assert refusal(writable.consumer, sql)[0] == "42501"


@pytest.mark.scenario(26)
def test_one_database_a_transaction(writable: Writable, name: str) -> None:
    """The second database's write is refused; a rollback leaves both unchanged."""
    consumer = writable.consumer
    consumer.execute(f"CREATE TABLE local_{name} (i integer)")
    consumer.execute("BEGIN")
    consumer.execute(f"INSERT INTO {writable.table} VALUES (1)")
    assert refusal(consumer, f"INSERT INTO local_{name} VALUES (1)")[0] == "0A000"
    assert refusal(consumer, "SELECT 1")[0] == "25P02"
    assert consumer.execute("COMMIT").statusmessage == "ROLLBACK"
    assert one(consumer, f"SELECT count(*) FROM {writable.table}") == 0
    assert one(consumer, f"SELECT count(*) FROM local_{name}") == 0


def test_governance_and_data_in_one_transaction(connect: Connect, name: str) -> None:
    """Tables, rows and share statements commit together or not at all."""
    producer, other = connect("sales"), connect("sales")
    share = f"SELECT count(*) FROM svv_datashare_objects WHERE share_name = '{name}'"
    for end, expected in (("ROLLBACK", 0), ("COMMIT", 2)):
        producer.execute("BEGIN")
        producer.execute(f"CREATE TABLE m_{name} (i integer)")
        producer.execute(f"INSERT INTO m_{name} VALUES (1)")
        producer.execute(f"CREATE DATASHARE {name}")
        producer.execute(f"ALTER DATASHARE {name} ADD SCHEMA public")
        producer.execute(f"ALTER DATASHARE {name} ADD TABLE m_{name}")
        assert one(producer, share) == 2
        assert one(other, share) == 0
        producer.execute(end)
        assert one(other, share) == expected
    assert one(other, f"SELECT i FROM m_{name}") == 1
    public = f"ALTER DATASHARE {name} SET PUBLICACCESSIBLE TRUE"
    producer.execute("BEGIN")
    assert refusal(producer, public)[1] == (
        "ALTER DATASHARE SET PUBLICACCESSIBLE cannot run inside a transaction block"
    )
    producer.execute("ROLLBACK")
    producer.execute(public)


def test_other_users_need_usage(writable: Writable, connect: Connect, name: str) -> None:
    """A user of the consumer reads after GRANT USAGE ON DATABASE."""
    writable.consumer.execute(f"CREATE USER u_{name} PASSWORD 'Secret1234'")
    user = connect("analytics", user=f"u_{name}", password="Secret1234")
    read = f"SELECT count(*) FROM {writable.table}"
    assert refusal(user, read)[0] == "42501"
    writable.consumer.execute(f"GRANT USAGE ON DATABASE d_{name} TO u_{name}")
    assert one(user, read) == 0


def test_text_cannot_end_early(connect: Connect, name: str) -> None:
    """A client that quotes on its own side knows that backslashes escape: nothing is injected."""
    producer = connect("sales")
    producer.execute(f"CREATE TABLE q_{name} (words varchar(100))")
    hostile = f"\\'; DROP TABLE q_{name}; --"
    with psycopg.ClientCursor(producer) as cursor:
        cursor.execute(f"INSERT INTO q_{name} VALUES (%s)", (hostile,))
    assert one(producer, f"SELECT words FROM q_{name}") == hostile


def test_errors_while_running(connect: Connect, name: str) -> None:
    """What fails in the engine is told in Redshift's words, with its SQLSTATE."""
    producer = connect("sales")
    producer.execute(f"CREATE TABLE e_{name} (i integer, words varchar(3))")
    producer.execute(f"CREATE TABLE f_{name} (i integer)")
    producer.execute(f"INSERT INTO e_{name} VALUES (0, 'abc')")
    too_long = refusal(producer, f"INSERT INTO e_{name} VALUES (1, 'abcd')")
    assert too_long == ("22001", "value too long for type character varying(3)")
    assert refusal(producer, f"SELECT 1 / i FROM e_{name}") == ("22012", "Divide by zero")
    assert refusal(producer, "SELEC 1")[0] == "42601"
    assert refusal(producer, "SELECT * FROM read_csv('/etc/passwd')")[0] == "0A000"
    assert producer.execute(f"DROP TABLE e_{name}, f_{name}").statusmessage == "DROP TABLE"
    assert refusal(producer, f"SELECT * FROM f_{name}")[0] == "42P01"
