"""Datashares through an account's Data Catalog: the handshake, the database, what it is not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from botocore.exceptions import ClientError

from tests.node.conftest import Connect
from tests.node.running import CONSUMER, PASSWORD, PRODUCER, REGION, RunningNode

pytestmark = pytest.mark.server

DENIED = "The requested data share doesn't exist or is not accessible."
GLUE = f"arn:aws:glue:{REGION}:{CONSUMER}:catalog"
IDENTIFIER = f"DataCatalog/{CONSUMER}"
NO_SCHEMA = "WITH NO DATA CATALOG SCHEMA"


class Catalogued:
    """A share of `sales` granted VIA DATA CATALOG to the account of `analytics`."""

    def __init__(self, node: RunningNode, connect: Connect, name: str) -> None:
        self.name, self.node, self.connect = name, node, connect
        self.arn = node.share_arn(name)
        self.glue_arn = f"arn:aws:glue:{REGION}:{CONSUMER}:database/{name}"
        self.owner, self.account = node.client(PRODUCER), node.client(CONSUMER)
        self.producer, self.consumer = connect("sales"), connect("analytics")
        for statement in (
            f"CREATE SCHEMA {name}",
            f"CREATE TABLE {name}.t (i integer, s varchar(20))",
            f"INSERT INTO {name}.t VALUES (1, 'one')",
            f"CREATE VIEW {name}.v AS SELECT i FROM {name}.t",
            f"CREATE DATASHARE {name}",
            f"ALTER DATASHARE {name} ADD SCHEMA {name}",
            f"ALTER DATASHARE {name} ADD TABLE {name}.t, {name}.v",
            f"GRANT USAGE ON DATASHARE {name} TO ACCOUNT '{CONSUMER}' VIA DATA CATALOG",
        ):
            self.producer.execute(statement)

    def handshake(self) -> None:
        self.owner.authorize_data_share(DataShareArn=self.arn, ConsumerIdentifier=IDENTIFIER)
        self.account.associate_data_share_consumer(DataShareArn=self.arn, ConsumerArn=GLUE)

    def create(self, arn: str = "", clause: str = NO_SCHEMA) -> None:
        self.consumer.execute(f"CREATE DATABASE {self.name} FROM ARN '{arn or self.arn}' {clause}")

    def read(self) -> list[Any]:
        return self.consumer.execute(f"SELECT i, s FROM {self.name}.{self.name}.t").fetchall()

    def refused(self, sql: str, connection: psycopg.Connection[Any] | None = None) -> str:
        with pytest.raises(psycopg.Error) as raised:
            (connection or self.consumer).execute(sql)  # type: ignore[call-overload]
        return f"{raised.value.diag.sqlstate} {raised.value.diag.message_primary}"

    def rows(self, sql: str) -> list[Any]:
        return self.consumer.execute(sql).fetchall()  # type: ignore[call-overload]

    def statuses(self, client: Any) -> dict[str, str]:
        (share,) = client.describe_data_shares(DataShareArn=self.arn)["DataShares"]
        return {e["ConsumerIdentifier"]: e["Status"] for e in share["DataShareAssociations"]}


@pytest.fixture
def share(node: RunningNode, connect: Connect, name: str) -> Iterator[Catalogued]:
    made = Catalogued(node, connect, name)
    yield made
    made.producer.execute(f"DROP DATASHARE {name}")
    made.producer.execute(f"DROP SCHEMA {name} CASCADE")


def test_the_handshake(share: Catalogued) -> None:
    """Granted, authorized, associated with the catalogue; then FROM ARN makes a database."""
    assert share.statuses(share.owner) == {IDENTIFIER: "PENDING_AUTHORIZATION"}
    assert (
        share.refused(f"CREATE DATABASE {share.name} FROM ARN '{share.arn}'") == f"XX000 {DENIED}"
    )
    share.owner.authorize_data_share(DataShareArn=share.arn, ConsumerIdentifier=IDENTIFIER)
    assert share.statuses(share.account) == {IDENTIFIER: "AVAILABLE"}
    assert (
        share.refused(f"CREATE DATABASE {share.name} FROM ARN '{share.arn}'") == f"XX000 {DENIED}"
    )
    share.account.associate_data_share_consumer(DataShareArn=share.arn, ConsumerArn=GLUE)
    assert share.statuses(share.owner) == {IDENTIFIER: "ACTIVE"}
    assert share.statuses(share.account) == {IDENTIFIER: "ACTIVE", GLUE: "ACTIVE"}
    listed = share.account.describe_data_shares_for_consumer(ConsumerArn=GLUE)["DataShares"]
    assert share.arn in {found["DataShareArn"] for found in listed}
    share.create(share.glue_arn)
    assert share.read() == [(1, "one")]
    share.producer.execute(f"INSERT INTO {share.name}.t VALUES (2, 'two')")
    assert len(share.read()) == 2
    assert share.rows(f"SELECT i FROM {share.name}.{share.name}.v ORDER BY i") == [(1,), (2,)]
    account_only = [row for row in share.rows("SHOW DATASHARES") if row[0] == share.name]
    assert account_only == [], "a share of the catalogue is not one of the namespace's own"
    share.consumer.execute(f"DROP DATABASE {share.name}")


def test_access_ends_with_each_side(share: Catalogued) -> None:
    """Deauthorized, disassociated, rejected, revoked: the next statement is refused."""
    share.handshake()
    share.create()
    read = f"SELECT i FROM {share.name}.{share.name}.t"
    ends: list[Any] = [
        lambda: share.owner.deauthorize_data_share(
            DataShareArn=share.arn, ConsumerIdentifier=IDENTIFIER
        ),
        lambda: share.account.disassociate_data_share_consumer(
            DataShareArn=share.arn, ConsumerArn=GLUE
        ),
        lambda: share.account.reject_data_share(DataShareArn=share.arn),
    ]
    for end in ends:
        end()
        assert share.refused(read) == f"XX000 {DENIED}"
        share.handshake()
        assert share.read() == [(1, "one")]
    revoke = f"REVOKE USAGE ON DATASHARE {share.name} FROM ACCOUNT '{CONSUMER}'"
    share.producer.execute(revoke)  # the account's own entry, which is not there
    assert share.read() == [(1, "one")]
    share.producer.execute(f"{revoke} VIA DATA CATALOG")
    assert share.refused(read) == f"XX000 {DENIED}"
    with pytest.raises(ClientError, match="InvalidDataShareFault"):
        share.owner.authorize_data_share(DataShareArn=share.arn, ConsumerIdentifier=IDENTIFIER)
    share.consumer.execute(f"DROP DATABASE {share.name}")


def test_the_two_ways_are_apart(share: Catalogued, node: RunningNode) -> None:
    """What the catalogue was granted the account was not, and the other way round."""
    name, guid = share.name, node.guid("sales")
    share.handshake()
    of = f"FROM DATASHARE {name} OF ACCOUNT '{PRODUCER}' NAMESPACE '{guid}'"
    assert share.refused(f"CREATE DATABASE {name}_d {of}") == f"XX000 {DENIED}"
    with pytest.raises(ClientError, match="InvalidDataShareFault"):
        share.account.associate_data_share_consumer(
            DataShareArn=share.arn, ConsumerArn=node.namespace_arn("analytics")
        )
    elsewhere = GLUE.replace(REGION, "eu-west-1")
    with pytest.raises(ClientError, match="InvalidNamespaceFault"):
        share.account.associate_data_share_consumer(DataShareArn=share.arn, ConsumerArn=elsewhere)
    share.producer.execute(f"GRANT USAGE ON DATASHARE {name} TO ACCOUNT '{CONSUMER}'")
    share.owner.authorize_data_share(DataShareArn=share.arn, ConsumerIdentifier=CONSUMER)
    share.account.associate_data_share_consumer(DataShareArn=share.arn, AssociateEntireAccount=True)
    share.create()
    share.consumer.execute(f"CREATE DATABASE {name}_d {of}")
    share.owner.deauthorize_data_share(DataShareArn=share.arn, ConsumerIdentifier=IDENTIFIER)
    assert share.refused(f"SELECT * FROM {name}.{name}.t") == f"XX000 {DENIED}"
    assert share.rows(f"SELECT i FROM {name}_d.{name}.t") == [(1,)]
    share.consumer.execute(f"DROP DATABASE {name}_d")
    share.consumer.execute(f"DROP DATABASE {name}")


def test_what_is_refused(share: Catalogued) -> None:
    """A second database, a schema of the catalogue, a transaction, USE, a connection, grants."""
    name = share.name
    share.handshake()
    share.create()
    second = f"CREATE DATABASE {name}_2 FROM ARN '{share.glue_arn}'"
    assert share.refused(second) == (
        f'42P04 A database "{name}" is already created from the datashare {name}. Only one '
        "database can be created from a datashare."
    )
    assert share.refused(f"CREATE DATABASE {name} FROM ARN '{share.arn}'") == (
        f'42P04 database "{name}" already exists'
    )
    assert share.refused(f"{second} WITH DATA CATALOG SCHEMA s") == (
        "0A000 CREATE DATABASE FROM ARN WITH DATA CATALOG SCHEMA is not supported"
    )
    share.consumer.execute("BEGIN")
    assert share.refused(second) == ("25001 CREATE DATABASE cannot run inside a transaction block")
    share.consumer.execute("ROLLBACK")
    assert share.refused(f"USE {name}") == (
        f'0A000 USE of database "{name}" created from Data Catalog ARN is not supported'
    )
    with pytest.raises(psycopg.OperationalError) as direct:
        share.connect("analytics", database=name)
    assert (
        f'FATAL:  Cannot connect to shared database "{name}" created from Data Catalog ARN. '
        "Connect to a database in your cluster or a database created from a datashare instead "
        "and use cross-database query notation <shareddatabase>.<schema>.<object> to query the "
        "data in shared database."
    ) in str(direct.value)
    others = share.arn.replace(PRODUCER, CONSUMER)
    assert share.refused(f"CREATE DATABASE {name}_3 FROM ARN '{others}'") == f"XX000 {DENIED}"
    far = share.glue_arn.replace(REGION, "eu-west-1")
    assert share.refused(f"CREATE DATABASE {name}_3 FROM ARN '{far}'") == f"XX000 {DENIED}"
    share.consumer.execute(f"CREATE USER {name} PASSWORD '{PASSWORD}'")
    user = share.connect("analytics", user=name)
    made = f"CREATE DATABASE {name}_3 FROM ARN '{share.arn}'"
    assert share.refused(made, user) == "42501 permission denied to create database"
    assert user.execute("SHOW DATABASES FROM DATA CATALOG").fetchall() == []
    read = f"SELECT i FROM {name}.{name}.t"
    assert share.refused(read, user) == f"42501 permission denied for database {name}"
    share.consumer.execute(f"GRANT USAGE ON DATABASE {name} TO {name}")
    assert user.execute(read).fetchall() == [(1,)]
    share.consumer.execute(f"DROP DATABASE {name}")


def test_two_shares_of_one_name(share: Catalogued, node: RunningNode) -> None:
    """One ARN of the catalogue for both is refused: their own ARNs tell them apart."""
    name, twin = share.name, share.connect("finance")
    twin.execute(f"CREATE DATASHARE {name}")
    twin.execute(f"GRANT USAGE ON DATASHARE {name} TO ACCOUNT '{CONSUMER}' VIA DATA CATALOG")
    share.handshake()
    first, share.arn = share.arn, node.share_arn(name, "finance")
    share.handshake()
    assert share.refused(f"CREATE DATABASE {name} FROM ARN '{share.glue_arn}'") == (
        f"42P09 The Data Catalog has several databases with the ARN {share.glue_arn}. Use the ARN "
        "of the datashare."
    )
    share.create(first)
    assert share.read() == [(1, "one")]
    share.consumer.execute(f"DROP DATABASE {name}")
    twin.execute(f"DROP DATASHARE {name}")


def test_how_it_is_listed(share: Catalogued) -> None:
    """SVV_EXTERNAL_* and SVV_ALL_* show what is in it, SVV_REDSHIFT_* only that it is there."""
    name = share.name
    share.handshake()
    listed = {r[0]: r for r in share.rows("SHOW DATABASES FROM DATA CATALOG LIKE 'x%'")}
    assert listed[name][2] == "data catalog"
    assert json.loads(listed[name][4]) == {
        "database_arn": share.glue_arn,
        "datashare_arn": share.arn,
    }
    assert share.rows(f"SHOW DATABASES FROM DATA CATALOG ACCOUNT '{PRODUCER}'") == []
    share.create()
    where = f"WHERE redshift_database_name = '{name}'"
    assert share.rows(
        f"SELECT schemaname, tablename, tabletype FROM svv_external_tables {where} ORDER BY 2"
    ) == [(name, "t", "TABLE"), (name, "v", "VIEW")]
    assert share.rows(
        f"SELECT columnname, external_type, columnnum, is_nullable FROM svv_external_columns "
        f"{where} AND tablename = 't' ORDER BY 3"
    ) == [("i", "integer", 1, "true"), ("s", "character varying(20)", 2, "true")]
    assert share.rows(f"SELECT eskind FROM svv_external_databases WHERE databasename = '{name}'")
    by_name = f"WHERE database_name = '{name}'"
    for view in ("schemas", "tables", "columns", "functions"):
        assert share.rows(f"SELECT 1 FROM svv_redshift_{view} {by_name}") == []
    assert share.rows(f"SELECT database_type FROM svv_redshift_databases {by_name}") == [
        ("shared",)
    ]
    assert share.rows(f"SELECT schema_type FROM svv_all_schemas {by_name}") == [("external",)]
    assert share.rows(f"SELECT DISTINCT table_type FROM svv_all_tables {by_name}") == [
        ("EXTERNAL TABLE",)
    ]
    assert len(share.rows(f"SELECT 1 FROM svv_all_columns {by_name}")) == 3
    share.consumer.execute(f"DROP DATABASE {name}")


def test_the_change_log(share: Catalogued) -> None:
    """What became of the database, failed CREATEs too, is in the consumer's change log."""
    name = share.name
    share.handshake()
    assert (
        share.refused(f"CREATE DATABASE {name} FROM ARN '{share.glue_arn}_'") == f"XX000 {DENIED}"
    )
    assert share.refused(f"CREATE DATABASE {name} FROM ARN '{name}'").startswith("22023")
    share.create(share.glue_arn)
    for sql in (
        f"GRANT USAGE ON DATABASE {name} TO PUBLIC",
        f"ALTER DATABASE {name} RENAME TO {name}_2",
        f"DROP DATABASE {name}_2",
    ):
        share.consumer.execute(sql)  # type: ignore[call-overload]
    found = share.rows(
        "SELECT action, status, share_name, arn, consumer_database_name, producer_account"
        f" FROM sys_datashare_change_log WHERE consumer_database_name IN ('{name}', '{name}_2')"
        " ORDER BY record_time"
    )
    assert found == [
        ("CREATE DATABASE", 1, None, f"{share.glue_arn}_", name, None),
        ("CREATE DATABASE", 1, None, name, name, None),
        ("CREATE DATABASE", 0, name, share.arn, name, PRODUCER),
        ("GRANT USAGE", 0, name, share.arn, name, PRODUCER),
        ("ALTER SHARED DATABASE", 0, name, share.arn, name, PRODUCER),
        ("DROP SHARED DATABASE", 0, name, share.arn, f"{name}_2", PRODUCER),
    ]


def test_writes_by_both_consents(share: Catalogued) -> None:
    """Writes through the catalogue need the same two flags and the producer's grant."""
    name = share.name
    share.handshake()
    share.create()
    insert = f"INSERT INTO {name}.{name}.t VALUES (2, 'two')"
    share.producer.execute(f"GRANT INSERT ON {name}.t TO DATASHARE {name}")
    assert share.refused(insert) == (
        "42501 Datashare writes are not authorized by producer or associated by consumer"
    )
    share.owner.authorize_data_share(
        DataShareArn=share.arn, ConsumerIdentifier=IDENTIFIER, AllowWrites=True
    )
    share.account.associate_data_share_consumer(
        DataShareArn=share.arn, ConsumerArn=GLUE, AllowWrites=True
    )
    share.consumer.execute(insert)  # type: ignore[call-overload]
    assert share.producer.execute(f"SELECT count(*) FROM {name}.t").fetchone() == (2,)
    share.consumer.execute(f"DROP DATABASE {name}")
