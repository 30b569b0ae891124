"""EXPLAIN ACCESS: which condition is the first that is not met, and what mends it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from redshare.core.consents import Target
from redshare.core.consumer import AccountConsumer
from redshare.core.contents import Contents
from redshare.core.database import ExternalSource, Schema
from redshare.core.explanation import Action, Explanation, Step, Verdict
from redshare.core.ids import AccountId, RelationId, SchemaId
from redshare.core.lifecycle import Status
from redshare.core.privileges import Privilege
from redshare.core.share import Scope, ScopeKind
from tests.sql.why_world import (
    ACCOUNT,
    ADMIN,
    CONSUMER,
    NOW,
    OTHER,
    PRODUCER,
    State,
    World,
    ask,
    ask_producer,
    sight,
    verdicts,
)

ARN = f"arn:aws:redshift:us-east-1:{ACCOUNT}:datashare:{PRODUCER}/salesshare"
AUTHORIZE = (
    f"aws redshift authorize-data-share --data-share-arn {ARN} --consumer-identifier {OTHER}"
)
ASSOCIATE = f"aws redshift associate-data-share-consumer --data-share-arn {ARN}"
NAMESPACE = f"--consumer-arn arn:aws:redshift-serverless:us-east-1:{OTHER}:namespace/{CONSUMER}"
EAST = "--region us-east-1"
CREATE = "FROM DATASHARE salesshare OF ACCOUNT '111111111111' NAMESPACE"
REGION = Scope(ScopeKind.REGION, "us-east-1")


def first(explanation: Explanation) -> tuple[Step | None, str]:
    """The first condition that is not met, and its mend."""
    broken = explanation.broken
    return (None, "") if broken is None else (broken.step, str(broken.mend or ""))


CONSUMERS: list[tuple[State, dict[str, Any], Action, Step | None, str]] = [
    (State(), {"account": True}, Action.INSERT, None, ""),
    (
        State(scope=None, status=Status.AUTHORIZED),
        {"account": True},
        Action.SELECT,
        Step.ASSOCIATED,
        f"{ASSOCIATE} {NAMESPACE} {EAST}",
    ),
    (
        State(scope=REGION, accepted=False),
        {"account": True},
        Action.INSERT,
        Step.WRITES_ACCEPTED,
        f"{ASSOCIATE} --consumer-region us-east-1 --allow-writes {EAST}",
    ),
    (
        State(accepted=False),
        {"account": True},
        Action.DELETE,
        Step.WRITES_ACCEPTED,
        f"{ASSOCIATE} --associate-entire-account --allow-writes {EAST}",
    ),
    (
        State(allowed=None),
        {"account": True},
        Action.INSERT,
        Step.WRITES_ALLOWED,
        f"{AUTHORIZE} --allow-writes {EAST}",
    ),
    (State(scope=None), {}, Action.SELECT, Step.DATASHARE, ""),
    (State(status=Status.DEAUTHORIZED), {"account": True}, Action.SELECT, Step.DATASHARE, ""),
    (State(dropped=True), {"account": True}, Action.SELECT, Step.DATASHARE, ""),
    (
        State(database=False),
        {"account": True},
        Action.SELECT,
        Step.DATABASE,
        f"CREATE DATABASE d {CREATE} '{PRODUCER}'",
    ),
    (
        State(database=False),
        {"subject": "anna"},
        Action.SELECT,
        Step.DATABASE,
        f"CREATE DATABASE d WITH PERMISSIONS {CREATE} '{PRODUCER}'",
    ),
    (State(database=False), {"asker": "anna"}, Action.SELECT, Step.DATASHARE, ""),
    (
        State(on_database=False),
        {"asker": "anna"},
        Action.SELECT,
        Step.DATABASE_USAGE,
        "GRANT USAGE ON DATABASE d TO anna",
    ),
    (
        State(with_permissions=True, on_schema=False),
        {"subject": "anna"},
        Action.SELECT,
        Step.SCHEMA_USAGE,
        "GRANT USAGE ON SCHEMA d.public TO anna",
    ),
    (
        State(with_permissions=True, on_object=frozenset()),
        {"subject": "anna"},
        Action.INSERT,
        Step.PRIVILEGE,
        "GRANT INSERT ON d.public.sales TO anna",
    ),
    (
        State(),
        {},
        Action.DELETE,
        Step.PRIVILEGE_SHARED,
        "GRANT DELETE ON TABLE public.sales TO DATASHARE salesshare",
    ),
    (
        State(in_share=frozenset()),
        {},
        Action.SELECT,
        Step.OBJECT_SHARED,
        "ALTER DATASHARE salesshare ADD TABLE public.sales",
    ),
    (
        State(in_schema=frozenset()),
        {},
        Action.SELECT,
        Step.SCHEMA_SHARED,
        "ALTER DATASHARE salesshare ADD SCHEMA public",
    ),
    (
        State(row_security=True),
        {},
        Action.SELECT,
        Step.POLICIES,
        "ALTER TABLE public.sales ROW LEVEL SECURITY OFF FOR DATASHARES",
    ),
    (
        State(public=True),
        {"account": True},
        Action.SELECT,
        Step.ACCESSIBILITY,
        "ALTER DATASHARE salesshare SET PUBLICACCESSIBLE TRUE",
    ),
    (State(consumer_encrypted=False), {"account": True}, Action.SELECT, Step.ENCRYPTION, ""),
    # The other account's encryption shows only in what the binder says.
    (State(producer_encrypted=False), {"account": True}, Action.SELECT, Step.STATEMENT, ""),
    (
        State(same_account=True, by_namespace=True, status=None),
        {"account": True},
        Action.SELECT,
        Step.GRANTED,
        f"GRANT USAGE ON DATASHARE salesshare TO NAMESPACE '{CONSUMER}'",
    ),
]


@pytest.mark.parametrize(("state", "who", "action", "step", "mend"), CONSUMERS)
def test_the_first_broken_condition_of_a_consumer(
    state: State, who: dict[str, Any], action: Action, step: Step | None, mend: str
) -> None:
    """It is the one to mend, by the exact statement or command."""
    assert first(ask(state.world(), action, **who)) == (step, mend)


ACCOUNT_TARGET = Target(OTHER)
SELECTED = "salesshare"

PRODUCERS: list[tuple[State, Action, Step | None, str]] = [
    (State(), Action.SELECT, None, ""),
    (State(), Action.INSERT, None, ""),
    (
        State(in_share=frozenset()),
        Action.INSERT,
        Step.OBJECT_SHARED,
        "GRANT INSERT ON TABLE public.sales TO DATASHARE salesshare",
    ),
    (
        State(status=None, scope=None),
        Action.SELECT,
        Step.GRANTED,
        f"GRANT USAGE ON DATASHARE salesshare TO ACCOUNT '{OTHER}'",
    ),
    (
        State(status=Status.REJECTED, scope=None),
        Action.SELECT,
        Step.AUTHORIZED,
        f"{AUTHORIZE} {EAST}",
    ),
    (
        State(allowed=False),
        Action.INSERT,
        Step.WRITES_ALLOWED,
        f"{AUTHORIZE} --allow-writes {EAST}",
    ),
    (
        State(status=Status.AUTHORIZED, scope=None),
        Action.SELECT,
        Step.ASSOCIATED,
        f"{ASSOCIATE} --associate-entire-account {EAST}",
    ),
    (State(producer_encrypted=False), Action.SELECT, Step.ENCRYPTION, ""),
    (State(dropped=True), Action.SELECT, Step.DATASHARE, "CREATE DATASHARE sales_share"),
]


@pytest.mark.parametrize(("state", "action", "step", "mend"), PRODUCERS)
def test_the_first_broken_condition_of_a_producer(
    state: State, action: Action, step: Step | None, mend: str
) -> None:
    """It sees its own side and the account's entry; the consumer's databases are not its to see."""
    explained = ask_producer(state.world(), ACCOUNT_TARGET, action)
    assert first(explained) == (step, mend)
    assert verdicts(explained)[Step.DATABASE] is Verdict.UNKNOWN
    assert not explained.holds


def test_which_namespaces_are_associated_is_not_the_producers_to_see() -> None:
    """For a namespace of another account the entry says no more than that something is."""
    target = replace(ACCOUNT_TARGET, arn=f"arn:aws:redshift:us-east-1:{OTHER}:namespace:{CONSUMER}")
    found = [
        ask_producer(State(scope=scope).world(), target, Action.INSERT)
        for scope in (REGION, Scope(ScopeKind.NAMESPACE, PRODUCER))
    ]
    assert found[0] == found[1]
    assert verdicts(found[0])[Step.ASSOCIATED] is Verdict.UNKNOWN


def test_nothing_is_mended_for_one_consumer_that_would_give_to_another() -> None:
    """A share with other consumers gets no object, one with other objects no consumer."""
    state = State(in_share=frozenset(), status=None)
    world = state.world()
    share = world.catalog.datashare_named(PRODUCER, "salesshare")
    assert share is not None
    others = share.grant(AccountConsumer(AccountId("333333333333")), NOW)
    world.put(others)
    assert first(ask_producer(world, ACCOUNT_TARGET))[1] == "CREATE DATASHARE sales_share"
    more = Contents().grant_relation(
        RelationId("hidden"), SchemaId("sp"), frozenset({Privilege.SELECT})
    )
    world.put(replace(share, contents=more))
    assert first(ask_producer(world, ACCOUNT_TARGET))[1] == "CREATE DATASHARE sales_share"
    world.put(replace(share, name="sales_share"))
    world.put(replace(others, name="sales_share"))
    assert first(ask_producer(world, ACCOUNT_TARGET))[1] == "CREATE DATASHARE sales_share_2"


def test_an_account_that_is_both_sides_sees_the_whole_chain() -> None:
    """From the producer's names to the statement that the consumer's user would say."""
    world = State(same_account=True, by_namespace=True, with_permissions=True).world()
    target = Target(ACCOUNT, world.context.namespace, inside=True)
    consumer = sight(world, subject="anna", account=True)
    explained = ask_producer(world, target, Action.INSERT, sight=consumer)
    assert explained.holds
    assert {Step.OBJECT, Step.GRANTED, Step.PRIVILEGE, Step.STATEMENT} <= verdicts(explained).keys()


def test_what_a_producers_user_may_not_know_of_is_not_there() -> None:
    """A share that SVV_DATASHARES does not show is not found; nor is a table of a closed schema."""
    world = State().world()
    share = world.catalog.datashare_named(PRODUCER, "salesshare")
    assert share is not None
    world.put(replace(share, name="sales_share"))
    explained = ask_producer(world, ACCOUNT_TARGET, user="anna")
    assert first(explained) == (Step.DATASHARE, "CREATE DATASHARE sales_share")
    # Policies are security administrators' to see.
    hidden = ask_producer(State(row_security=True).world(), ACCOUNT_TARGET, user="anna")
    assert hidden == explained
    closed = ask_producer(State().world(), ACCOUNT_TARGET, name="dev.secret.plans", user="anna")
    absent = ask_producer(State().world(), ACCOUNT_TARGET, name="dev.secret.none", user="anna")
    assert closed == absent


def test_two_offered_shares_are_not_guessed_between() -> None:
    """Which of several shares a database would be made from is the asker's to say."""
    world = State(database=False, in_share=frozenset()).world()
    share = world.catalog.datashare_named(PRODUCER, "salesshare")
    assert share is not None
    world.put(replace(share, share_key="other", name="othershare"))
    assert first(ask(world, account=True)) == (Step.DATASHARE, "")


def test_a_users_own_objects() -> None:
    """Without a share the user's privileges decide, and one is enough to be shown what is there."""
    world = World()
    assert ask(world, Action.INSERT, "dev.public.t", asker="admin").holds
    explained = ask(world, Action.SELECT, "dev.public.t", asker="anna")
    assert first(explained) == (Step.PRIVILEGE, "GRANT SELECT ON dev.public.t TO anna")
    closed = ask(world, name="dev.priv.p", asker="anna")
    absent = ask(world, name="dev.priv.none", asker="anna")
    assert closed == absent


def test_an_external_schema_is_followed_to_the_share() -> None:
    """USAGE of the schema itself comes before what the shared database asks for."""
    world = State(with_permissions=True, on_object=frozenset()).world()
    database = world.catalog.database_named(CONSUMER, "dev")
    assert database is not None
    source = ExternalSource("d", "public")
    world.put(Schema(SchemaId("ext"), database.database_id, "ext", ADMIN, external=source))
    assert ask(world, name="dev.ext.sales").holds
    explained = ask(world, name="dev.ext.sales", subject="anna")
    assert first(explained) == (Step.EXTERNAL_SCHEMA, "GRANT USAGE ON SCHEMA dev.ext TO anna")
    assert verdicts(explained)[Step.PRIVILEGE] is Verdict.BROKEN


def test_what_a_view_reads_is_protected_too() -> None:
    """Row-level security under a shared view is named to the producer, refused to the consumer."""
    world = State().world()
    producer = World(world.catalog, namespace=PRODUCER, ids=world.ids)
    producer.apply(producer.bind("create view public.v as select id from public.hidden"))
    view = producer.catalog.relation_named(SchemaId("sp"), "v")
    hidden = producer.catalog.relation(RelationId("hidden"))
    assert view is not None
    assert hidden is not None
    producer.allow(view.relation_id, Privilege.SELECT)
    assert ask(consumer_of(producer), name="d.public.v").holds
    producer.put(replace(hidden, row_security=True))
    mend = "ALTER TABLE public.hidden ROW LEVEL SECURITY OFF FOR DATASHARES"
    own = ask_producer(producer, ACCOUNT_TARGET, name="dev.public.v")
    assert first(own) == (Step.POLICIES, mend)
    assert first(ask(consumer_of(producer), name="d.public.v")) == (Step.POLICIES, "")
    written = ask_producer(producer, ACCOUNT_TARGET, Action.INSERT, name="dev.public.v")
    assert first(written) == (Step.OBJECT, "")


def consumer_of(world: World) -> World:
    """The consumer's session in the same world."""
    return World(world.catalog)


def test_a_system_view_needs_nothing() -> None:
    """Everybody reads it, in a local database and in a shared one."""
    world = State().world()
    for name in ("dev.pg_catalog.svv_datashares", "d.pg_catalog.svv_datashares"):
        assert ask(world, name=name, asker="anna").holds
