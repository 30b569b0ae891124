"""The isolation table: every cell of the model is tried through real connections."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from tests.node.running import CONSUMER, PASSWORD, PRODUCER, STRANGER, RunningNode
from tests.properties.isolation_model import (
    IDENTITIES,
    IN_USE,
    METADATA,
    OBJECTS,
    OPERATIONS,
    SEEN_BY_CONSUMER,
    STATES,
    allowed,
    exists,
)

pytestmark = pytest.mark.server

Sql = psycopg.Connection[Any]


class Parties:
    """A share, everybody who may want something of it, and the way through its states."""

    def __init__(self, node: RunningNode, name: str, *, permissions: bool) -> None:
        self.node, self.name, self.permissions = node, name, permissions
        self.arn = node.share_arn(name)
        self.admins = {place: node.connect(place) for place in ("sales", "analytics", "science")}
        for place, user in (("sales", "p"), ("analytics", "w"), ("analytics", "o")):
            self.admins[place].execute(f"CREATE USER {name}{user} PASSWORD '{PASSWORD}'")
        self.sql: dict[str, Sql] = dict(
            zip(
                IDENTITIES,
                (
                    self.admins["sales"],
                    node.connect("sales", user=f"{name}p"),
                    self.admins["analytics"],
                    node.connect("analytics", user=f"{name}w"),
                    node.connect("analytics", user=f"{name}o"),
                    self.admins["science"],
                ),
                strict=True,
            )
        )
        self.places = dict(zip(OBJECTS, ("s.t", "s.hidden", "apart.t", "s.v", "s.f"), strict=True))
        self.producer(
            f"CREATE SCHEMA {name}s",
            f"CREATE SCHEMA {name}apart",
            f"CREATE TABLE {name}s.t (i integer)",
            f"CREATE TABLE {name}s.hidden (i integer)",
            f"CREATE TABLE {name}apart.t (i integer)",
            f"CREATE VIEW {name}s.v AS SELECT i FROM {name}s.hidden",
            f"CREATE FUNCTION {name}s.f (integer) RETURNS integer STABLE "
            "AS $$ SELECT $1 * 2 $$ LANGUAGE sql",
            f"CREATE DATASHARE {name}",
            f"GRANT USAGE, CREATE ON SCHEMA {name}s TO DATASHARE {name}",
            f"GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON TABLE {name}s.t "
            f"TO DATASHARE {name}",
            f"ALTER DATASHARE {name} ADD TABLE {name}s.v",
            f"ALTER DATASHARE {name} ADD FUNCTION {name}s.f (integer)",
        )

    def producer(self, *statements: str) -> None:
        for statement in statements:
            self.admins["sales"].execute(statement)

    def close(self) -> None:
        for connection in self.sql.values():
            connection.close()

    # --- the way through the states -------------------------------------------------------

    def authorize(self, *, writes: bool = False) -> None:
        self.node.client().authorize_data_share(
            DataShareArn=self.arn, ConsumerIdentifier=CONSUMER, AllowWrites=writes
        )

    def associate(self, *, writes: bool = False) -> None:
        self.node.client(CONSUMER).associate_data_share_consumer(
            DataShareArn=self.arn,
            ConsumerArn=self.node.namespace_arn("analytics"),
            AllowWrites=writes,
        )

    def use(self) -> None:
        """The consumer's database, and what its user is given."""
        name, admin = self.name, self.admins["analytics"]
        admin.execute(
            f"CREATE DATABASE {name} {'WITH PERMISSIONS' if self.permissions else ''} "
            f"FROM DATASHARE {name} OF ACCOUNT '{PRODUCER}' NAMESPACE '{self.node.guid('sales')}'"
        )
        admin.execute(f"GRANT USAGE ON DATABASE {name} TO {name}w")
        if self.permissions:
            admin.execute(f"GRANT USAGE ON SCHEMA {name}.{name}s TO {name}w")
            admin.execute(f"GRANT SELECT, INSERT ON {name}.{name}s.t TO {name}w")

    def enter(self, state: str) -> None:
        """From the state before it in STATES."""
        match state:
            case "granted":
                self.producer(f"GRANT USAGE ON DATASHARE {self.name} TO ACCOUNT '{CONSUMER}'")
            case "authorized":
                self.authorize()
            case "read-only":
                self.associate()
                self.use()
            case "producer allows writes":
                self.authorize(writes=True)
            case "consumer accepts writes":
                self.authorize()
                self.associate(writes=True)
            case "both consent to writes":
                self.authorize(writes=True)
            case "deauthorized":
                self.node.client().deauthorize_data_share(
                    DataShareArn=self.arn, ConsumerIdentifier=CONSUMER
                )
            case "disassociated":
                self.authorize(writes=True)
                self.associate(writes=True)
                self.node.client(CONSUMER).disassociate_data_share_consumer(
                    DataShareArn=self.arn, ConsumerArn=self.node.namespace_arn("analytics")
                )
            case "rejected":
                self.node.client(CONSUMER).reject_data_share(DataShareArn=self.arn)
            case "dropped":
                self.producer(f"DROP DATASHARE {self.name}")

    # --- the cells ------------------------------------------------------------------------

    def statement(self, identity: str, kind: str, operation: str) -> str:
        """The cell's statement, by the name that the object has for the identity."""
        prefix = "" if identity.startswith("producer") else f"{self.name}."
        schema, _, table = (self.name + self.places[kind]).partition(".")
        place = f"{prefix}{schema}.{table}"
        if kind == "function":
            return f"SELECT {place}(1)"
        database = prefix.rstrip(".") or "dev"
        return {
            "SELECT": f"SELECT count(*) FROM {place}",
            "INSERT": f"INSERT INTO {place} VALUES (1)",
            "UPDATE": f"UPDATE {place} SET i = 2",
            "DELETE": f"DELETE FROM {place}",
            "TRUNCATE": f"TRUNCATE {place}",
            "CREATE TABLE": f"CREATE TABLE {prefix}{schema}.made (i integer)",
            "DROP TABLE": f"DROP TABLE {place}",
            "SVV_ALL_TABLES": "SELECT table_name FROM svv_all_tables WHERE "
            f"database_name = '{database}' AND schema_name = '{schema}' "
            f"AND table_name = '{table}'",
            "SHOW TABLES": f"SHOW TABLES FROM SCHEMA {database}.{schema} LIKE '{table}'",
        }[operation]

    def works(self, identity: str, kind: str, operation: str) -> tuple[bool, str]:
        """Whether it does, undone afterwards; and what was said."""
        connection = self.sql[identity]
        connection.execute("BEGIN")
        try:
            cursor = connection.execute(self.statement(identity, kind, operation))
            found = cursor.fetchall() if cursor.description else []
        except psycopg.Error as error:
            return False, str(error.diag.message_primary)
        else:
            return operation not in METADATA or bool(found), str(found)
        finally:
            connection.execute("ROLLBACK")

    def shares_seen(self, account: str) -> str | None:
        """The status that an account's DescribeDataSharesForConsumer has for the share."""
        client = self.node.client(account)
        for share in client.describe_data_shares_for_consumer()["DataShares"]:
            if share["DataShareArn"] == self.arn:
                return str(share["DataShareAssociations"][0]["Status"])
        return None


@pytest.fixture(params=[False, True], ids=["usage", "permissions"])
def parties(node: RunningNode, request: pytest.FixtureRequest) -> Iterator[Parties]:
    permissions = bool(request.param)
    with contextlib.closing(
        Parties(node, f"isolated{int(permissions)}", permissions=permissions)
    ) as made:
        yield made


def test_every_cell(parties: Parties) -> None:
    """Identity, state, object, operation: each answer is the documented one."""
    cells, wrong = 0, []
    for state in STATES:
        parties.enter(state)
        for account in (CONSUMER, STRANGER):
            cells += 1
            expected = SEEN_BY_CONSUMER[state] if account == CONSUMER else None
            if (seen := parties.shares_seen(account)) != expected:
                wrong.append((state, account, "DescribeDataSharesForConsumer", seen, expected))
        for identity in IDENTITIES:
            for kind in OBJECTS:
                for operation in OPERATIONS:
                    if not exists(kind, operation):
                        continue
                    cells += 1
                    works, said = parties.works(identity, kind, operation)
                    if works != allowed(
                        identity, state, kind, operation, permissions=parties.permissions
                    ):
                        wrong.append((state, identity, kind, operation, works, said))
    assert wrong == [], f"{len(wrong)} of {cells} cells, the first: {wrong[0]}"
    kinds = sum(exists(kind, operation) for kind in OBJECTS for operation in OPERATIONS)
    assert cells == len(STATES) * (len(IDENTITIES) * kinds + 2)
    assert set(STATES) > IN_USE
