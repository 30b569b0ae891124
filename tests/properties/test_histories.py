"""Random histories of SQL and API calls by two producers and three consumers, held to a model."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import psycopg
import pytest
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from redshare.core.lifecycle import TRANSITIONS, Status, Verb
from tests.node.running import RunningNode
from tests.properties.sharing_model import (
    ACCOUNT_OF,
    ACCOUNTS,
    ENTIRE,
    FAR,
    NEAR,
    Share,
    kind_of,
)

pytestmark = pytest.mark.server

STEPS = 250
EXAMPLES = 2000 if os.environ.get("REDSHARE_SOAK") else 60
PRODUCERS = ("sales", "analytics")
#: producer -> its three consumers
CONSUMERS = {
    "sales": ("finance", "analytics", "science"),
    "analytics": ("science", "sales", "finance"),
}
_numbers = itertools.count(1)

producers = st.sampled_from(PRODUCERS)
accounts = st.sampled_from(ACCOUNTS)
places = st.integers(0, 2)


class Parties:
    """Connections and clients of everybody, for all histories of a run."""

    def __init__(self, node: RunningNode) -> None:
        self.node = node
        self.sql = {name: node.connect(name) for name in ACCOUNT_OF}
        self.api = {account: node.client(account) for account in ACCOUNTS}
        self.guids = {name: node.guid(name) for name in ACCOUNT_OF}
        self.arns = {name: node.namespace_arn(name) for name in ACCOUNT_OF}
        self.steps = 0
        self.verbs: set[tuple[Verb, str | None]] = set()

    def close(self) -> None:
        for connection in self.sql.values():
            connection.close()


class Histories(RuleBasedStateMachine):
    """Each rule does one thing for real and in the model; both must say the same."""

    parties: ClassVar[Parties]

    def __init__(self) -> None:
        super().__init__()
        self.name = f"h{next(_numbers)}"
        self.shares = {producer: Share(producer) for producer in PRODUCERS}
        self.touched: Share = self.shares[PRODUCERS[0]]
        for producer in PRODUCERS:
            self.parties.sql[producer].execute(f"CREATE SCHEMA {self.name}")
            self.parties.sql[producer].execute(f"CREATE TABLE {self.name}.t (i integer)")

    def teardown(self) -> None:
        for producer, share in self.shares.items():
            for consumer in share.databases:
                self.parties.sql[consumer].execute(f"DROP DATABASE {self.database(producer)}")
            if share.exists:
                self.parties.sql[producer].execute(f"DROP DATASHARE {self.name}")
            self.parties.sql[producer].execute(f"DROP SCHEMA {self.name} CASCADE")

    # --- doing it for real ----------------------------------------------------------------

    def touch(self, producer: str) -> Share:
        """The share a step is about."""
        self.touched = self.shares[producer]
        return self.touched

    def database(self, producer: str) -> str:
        return f"{self.name}_{producer}"

    def arn(self, producer: str) -> str:
        account, guid = ACCOUNT_OF[producer], self.parties.guids[producer]
        return f"arn:aws:redshift:us-east-1:{account}:datashare:{guid}/{self.name}"

    def run(self, who: str, sql: str, *, works: bool) -> list[Any]:
        """A statement that must run, or must not."""
        self.parties.steps += 1
        try:
            cursor = self.parties.sql[who].execute(sql)
        except psycopg.Error as error:
            assert not works, (who, sql, str(error))
            return []
        assert works, (who, sql)
        return cursor.fetchall() if cursor.description else []

    def call(self, account: str, operation: str, *, works: bool, **parameters: Any) -> None:
        """An API call that must work, or must be refused as AWS refuses it."""
        self.parties.steps += 1
        try:
            getattr(self.parties.api[account], operation)(**parameters)
        except ClientError as error:
            assert not works, (operation, parameters, str(error))
            assert error.response["Error"]["Code"] in {"InvalidDataShareFault", "AccessDenied"}
            return
        assert works, (operation, parameters)

    def reached(self, verb: Verb, status: str | None) -> None:
        """Note a row of the table of transitions."""
        self.parties.verbs.add((verb, status))

    @initialize(producer=producers, account=accounts, scope=st.sampled_from([ENTIRE, "second"]))
    def begin(self, producer: str, account: str, scope: str) -> None:
        """The ordinary way to a share in use; what follows bends and breaks it."""
        self.create_share(producer)
        self.add_schema(producer)
        self.add_table(producer)
        self.grant_account(producer, account)
        self.authorize(producer, account, writes=True)
        self.associate(producer, account, scope, writes=True)

    # --- producers' SQL -------------------------------------------------------------------

    @rule(producer=producers)
    def create_share(self, producer: str) -> None:
        share = self.touch(producer)
        self.run(producer, f"CREATE DATASHARE {self.name}", works=not share.exists)
        if not share.exists:
            share.create()

    @rule(producer=producers, really=st.integers(0, 5))
    def drop_share(self, producer: str, really: int) -> None:
        share = self.touch(producer)
        if share.exists and really:
            return
        self.run(producer, f"DROP DATASHARE {self.name}", works=share.exists)
        share.exists = False
        share.forget()

    @rule(producer=producers)
    def add_schema(self, producer: str) -> None:
        share = self.touch(producer)
        works = share.exists and not share.schema_added
        self.run(producer, f"ALTER DATASHARE {self.name} ADD SCHEMA {self.name}", works=works)
        share.schema_added = share.schema_added or works

    @rule(producer=producers)
    def add_table(self, producer: str) -> None:
        share = self.touch(producer)
        works = share.exists and share.schema_added and not share.reads
        self.run(producer, f"ALTER DATASHARE {self.name} ADD TABLE {self.name}.t", works=works)
        share.reads = share.reads or works

    @rule(producer=producers, really=st.booleans())
    def remove_table(self, producer: str, really: bool) -> None:
        share = self.touch(producer)
        member = share.reads or share.inserts
        if member and really:
            return
        sql = f"ALTER DATASHARE {self.name} REMOVE TABLE {self.name}.t"
        self.run(producer, sql, works=share.exists and member)
        share.reads = share.inserts = False

    @rule(producer=producers, revoke=st.booleans())
    def grant_insert(self, producer: str, revoke: bool) -> None:
        share = self.touch(producer)
        if not share.exists or not share.schema_added:
            return
        verb, preposition = ("REVOKE", "FROM") if revoke else ("GRANT", "TO")
        sql = f"{verb} INSERT ON TABLE {self.name}.t {preposition} DATASHARE {self.name}"
        self.run(producer, sql, works=True)
        share.inserts = not revoke

    @rule(producer=producers, account=accounts)
    def grant_account(self, producer: str, account: str) -> None:
        share = self.touch(producer)
        sql = f"GRANT USAGE ON DATASHARE {self.name} TO ACCOUNT '{account}'"
        self.run(producer, sql, works=share.exists)
        if share.exists:
            self.reached(Verb.GRANT, share.statuses.get(account))
            share.statuses.setdefault(account, "PENDING_AUTHORIZATION")

    @rule(producer=producers, account=accounts, really=st.booleans())
    def revoke_account(self, producer: str, account: str, really: bool) -> None:
        share = self.touch(producer)
        if share.statuses.get(account) == "ACTIVE" and really:
            return
        sql = f"REVOKE USAGE ON DATASHARE {self.name} FROM ACCOUNT '{account}'"
        self.run(producer, sql, works=share.exists)
        if share.exists:
            self.reached(Verb.REVOKE, share.statuses.pop(account, None))
            share.allowed.pop(account, None)
            share.scopes.pop(account, None)

    @rule(producer=producers, place=places, revoke=st.booleans())
    def grant_namespace(self, producer: str, place: int, revoke: bool) -> None:
        share, consumer = self.touch(producer), CONSUMERS[producer][place]
        same = ACCOUNT_OF[consumer] == ACCOUNT_OF[producer]
        verb, preposition = ("REVOKE", "FROM") if revoke else ("GRANT", "TO")
        guid = self.parties.guids[consumer]
        sql = f"{verb} USAGE ON DATASHARE {self.name} {preposition} NAMESPACE '{guid}'"
        self.run(producer, sql, works=share.exists and (same or revoke))
        if share.exists and same:
            if not revoke:
                old = "ACTIVE" if consumer in share.namespaces else None
                self.reached(Verb.GRANT_NAMESPACE, old)
            (share.namespaces.discard if revoke else share.namespaces.add)(consumer)

    @rule(producer=producers)
    def produce(self, producer: str) -> None:
        self.run(producer, f"INSERT INTO {self.name}.t VALUES (1)", works=True)
        self.shares[producer].rows += 1

    # --- producers' account ---------------------------------------------------------------

    @rule(producer=producers, account=accounts, writes=st.booleans())
    def authorize(self, producer: str, account: str, writes: bool) -> None:
        share = self.touch(producer)
        status = share.statuses.get(account)
        self.call(
            ACCOUNT_OF[producer],
            "authorize_data_share",
            works=share.exists and status is not None,
            DataShareArn=self.arn(producer),
            ConsumerIdentifier=account,
            AllowWrites=writes,
        )
        if status is not None:
            self.reached(Verb.AUTHORIZE, status)
            share.allowed[account] = writes
            share.statuses[account] = "ACTIVE" if status == "ACTIVE" else "AUTHORIZED"

    @rule(producer=producers, account=accounts, really=st.booleans())
    def deauthorize(self, producer: str, account: str, really: bool) -> None:
        share = self.touch(producer)
        status = share.statuses.get(account)
        if status == "ACTIVE" and really:
            return
        works = status is not None and status != "DEAUTHORIZED"
        self.call(
            ACCOUNT_OF[producer],
            "deauthorize_data_share",
            works=works,
            DataShareArn=self.arn(producer),
            ConsumerIdentifier=account,
        )
        if works:
            self.reached(Verb.DEAUTHORIZE, status)
            share.statuses[account] = "DEAUTHORIZED"
            share.scopes.pop(account, None)

    @rule(producer=producers)
    def a_foreigner_authorizes(self, producer: str) -> None:
        other = next(a for a in ACCOUNTS if a != ACCOUNT_OF[producer])
        self.call(
            other,
            "authorize_data_share",
            works=False,
            DataShareArn=self.arn(producer),
            ConsumerIdentifier=other,
        )

    # --- consumers' account ---------------------------------------------------------------

    @staticmethod
    def selector(scope: str, arns: dict[str, str], verb: str) -> dict[str, Any]:
        """The one parameter that says what is covered."""
        if scope == ENTIRE:
            return {f"{verb}EntireAccount": True}
        return {"ConsumerRegion": scope} if scope in {NEAR, FAR} else {"ConsumerArn": arns[scope]}

    @rule(
        producer=producers,
        account=accounts,
        scope=st.sampled_from([ENTIRE, NEAR, FAR, *["first", "second"] * 2]),
        writes=st.booleans(),
    )
    def associate(self, producer: str, account: str, scope: str, writes: bool) -> None:
        share, scope = self.touch(producer), self.named(account, scope)
        status = share.statuses.get(account)
        works = status in {"AUTHORIZED", "ACTIVE"}
        self.call(
            account,
            "associate_data_share_consumer",
            works=works,
            DataShareArn=self.arn(producer),
            AllowWrites=writes,
            **self.selector(scope, self.parties.arns, "Associate"),
        )
        if works:
            self.reached(Verb.ASSOCIATE, status)
            share.statuses[account] = "ACTIVE"
            mine = share.scopes.get(account, {})
            kept = {s: w for s, w in mine.items() if kind_of(s) == kind_of(scope)}
            share.scopes[account] = {**kept, scope: writes}

    @rule(
        producer=producers,
        account=accounts,
        scope=st.sampled_from([ENTIRE, NEAR, FAR, "first", "second"]),
        existing=st.booleans(),
    )
    def disassociate(self, producer: str, account: str, scope: str, existing: bool) -> None:
        share, scope = self.touch(producer), self.named(account, scope)
        mine = share.scopes.get(account, {})
        if existing and mine:
            scope = min(mine)
        works = scope in mine
        self.call(
            account,
            "disassociate_data_share_consumer",
            works=works,
            DataShareArn=self.arn(producer),
            **self.selector(scope, self.parties.arns, "Disassociate"),
        )
        if works:
            del mine[scope]
            self.reached(Verb.DISASSOCIATE if mine else Verb.DISASSOCIATE_LAST, "ACTIVE")
            share.statuses[account] = "ACTIVE" if mine else "AUTHORIZED"

    @staticmethod
    def named(account: str, scope: str) -> str:
        """`first` and `second` are the account's namespaces."""
        mine = [name for name, owner in ACCOUNT_OF.items() if owner == account]
        return {"first": mine[0], "second": mine[1]}.get(scope, scope)

    @rule(producer=producers, account=accounts, really=st.booleans())
    def reject(self, producer: str, account: str, really: bool) -> None:
        share = self.touch(producer)
        status = share.statuses.get(account)
        works = status in {"AUTHORIZED", "ACTIVE"}
        if status == "ACTIVE" and really:
            return
        self.call(account, "reject_data_share", works=works, DataShareArn=self.arn(producer))
        if works:
            self.reached(Verb.REJECT, status)
            share.statuses[account] = "REJECTED"
            share.scopes.pop(account, None)

    # --- consumers' SQL -------------------------------------------------------------------

    @rule(producer=producers, place=places)
    def create_database(self, producer: str, place: int) -> None:
        share, consumer = self.touch(producer), CONSUMERS[producer][place]
        works = consumer not in share.databases and share.access(consumer)[0]
        self.run(
            consumer,
            f"CREATE DATABASE {self.database(producer)} FROM DATASHARE {self.name} OF ACCOUNT "
            f"'{ACCOUNT_OF[producer]}' NAMESPACE '{self.parties.guids[producer]}'",
            works=works,
        )
        if works:
            share.databases[consumer] = share.life

    @rule(producer=producers, place=places, really=st.booleans())
    def drop_database(self, producer: str, place: int, really: bool) -> None:
        share, consumer = self.touch(producer), CONSUMERS[producer][place]
        works = consumer in share.databases
        if share.bound(consumer) and really:
            return
        self.run(consumer, f"DROP DATABASE {self.database(producer)}", works=works)
        share.databases.pop(consumer, None)

    @rule(producer=producers, place=places)
    def select(self, producer: str, place: int) -> None:
        share, consumer = self.touch(producer), CONSUMERS[producer][place]
        works = share.may_select(consumer)
        sql = f"SELECT count(*) FROM {self.database(producer)}.{self.name}.t"
        found = self.run(consumer, sql, works=works)
        assert found == ([(share.rows,)] if works else [])

    @rule(producer=producers, place=places)
    def insert(self, producer: str, place: int) -> None:
        share, consumer = self.touch(producer), CONSUMERS[producer][place]
        works = share.may_insert(consumer)
        sql = f"INSERT INTO {self.database(producer)}.{self.name}.t VALUES (2)"
        self.run(consumer, sql, works=works)
        share.rows += works

    # --- what must hold after every step ----------------------------------------------------

    @invariant()
    def both_sides_see_the_status(self) -> None:
        share = self.touched
        for account, client in self.parties.api.items():
            found = self._entries(client, share.producer)
            assert share.seen_by(account) == found.get(account), (share, account, found)

    def _entries(self, client: Any, producer: str) -> dict[str, str]:
        try:
            answer = client.describe_data_shares(DataShareArn=self.arn(producer))
        except ClientError as error:
            assert error.response["Error"]["Code"] == "InvalidDataShareFault"
            return {}
        (share,) = answer["DataShares"]
        return {
            entry["ConsumerIdentifier"]: entry["Status"]
            for entry in share["DataShareAssociations"]
            if "ConsumerRegion" not in entry
        }


#: How an account's entry comes to a status, from its grant on.
WAYS: dict[Status | None, tuple[str, ...]] = {
    None: (),
    Status.PENDING_AUTHORIZATION: ("grant",),
    Status.AUTHORIZED: ("grant", "authorize"),
    Status.ACTIVE: ("grant", "authorize", "associate"),
    Status.DEAUTHORIZED: ("grant", "authorize", "deauthorize"),
    Status.REJECTED: ("grant", "authorize", "reject"),
}
OTHER = ACCOUNT_OF["analytics"]


def walk(verb: Verb, status: Status | None) -> Histories:
    """One row of the table of transitions, for real."""
    here = Histories()
    sales = {"producer": "sales"}
    account = {**sales, "account": OTHER}
    steps: dict[str, Callable[[], None]] = {
        "grant": lambda: here.grant_account(**account),
        "revoke": lambda: here.revoke_account(**account, really=False),
        "authorize": lambda: here.authorize(**account, writes=True),
        "deauthorize": lambda: here.deauthorize(**account, really=False),
        "associate": lambda: here.associate(**account, scope="first", writes=True),
        "second": lambda: here.associate(**account, scope="second", writes=True),
        "disassociate": lambda: here.disassociate(**account, scope="first", existing=False),
        "reject": lambda: here.reject(**account, really=False),
        "namespace": lambda: here.grant_namespace(**sales, place=0, revoke=False),
    }
    verbs: dict[Verb, tuple[str, ...]] = {
        Verb.GRANT: ("grant",),
        Verb.GRANT_NAMESPACE: ("namespace",),
        Verb.REVOKE: ("revoke",),
        Verb.AUTHORIZE: ("authorize",),
        Verb.DEAUTHORIZE: ("deauthorize",),
        Verb.ASSOCIATE: ("associate",),
        Verb.DISASSOCIATE: ("second", "disassociate"),
        Verb.DISASSOCIATE_LAST: ("disassociate",),
        Verb.REJECT: ("reject",),
    }
    here.create_share(**sales)
    way = WAYS[status] if verb is not Verb.GRANT_NAMESPACE else ("namespace",) * bool(status)
    for step in (*way, *verbs[verb]):
        steps[step]()
        here.both_sides_see_the_status()
    return here


@pytest.fixture(scope="module")
def parties(node: RunningNode) -> Iterator[Parties]:
    """Everybody's connections."""
    made = Parties(node)
    yield made
    made.close()


@pytest.mark.parametrize(
    ("verb", "status"), [pytest.param(*row, id=f"{row[0].name}-{row[1]}") for row in TRANSITIONS]
)
def test_every_transition_is_reached(parties: Parties, verb: Verb, status: Status | None) -> None:
    """Each row of the lifecycle's table, by SQL and API, seen from both sides."""
    Histories.parties = parties
    here = walk(verb, status)
    assert (verb, str(status) if status else None) in parties.verbs
    here.teardown()


def test_histories_agree_with_the_model(parties: Parties) -> None:
    """Every step of every history ends as the model says."""
    Histories.parties = parties
    run: Callable[..., None] = run_state_machine_as_test
    run(
        Histories,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            # A history of a running node is told as it was found: replaying it shrinks nothing
            # that a reader could not cut, and takes minutes.
            phases=(Phase.explicit, Phase.generate),
        ),
    )
    assert parties.steps >= 10_000
