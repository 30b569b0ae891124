"""Laws of EXPLAIN ACCESS over random states: it says what the binder does, to nobody more."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import event, given, settings
from hypothesis import strategies as st

from redshare.app.shares.parameters import arns
from redshare.core.access import ShareUse, may_query
from redshare.core.consents import Target
from redshare.core.explanation import Action, Step, Verdict
from redshare.core.lifecycle import Status
from redshare.core.privileges import Privilege
from redshare.core.share import Scope, ScopeKind
from redshare.core.visibility import view
from redshare.sql.views import system_view
from redshare.sql.why.statement import refusal
from tests.sql.why_world import (
    CONSUMER,
    NOW,
    OTHER,
    PRODUCER,
    WHOLE,
    State,
    ask,
    ask_producer,
    sight,
)
from tests.sql.world import SHARE

STATUSES = [status for status in Status if status is not Status.AVAILABLE]
SCOPES = [
    WHOLE,
    Scope(ScopeKind.REGION, "us-east-1"),
    Scope(ScopeKind.REGION, "eu-west-1"),
    Scope(ScopeKind.NAMESPACE, CONSUMER),
    Scope(ScopeKind.NAMESPACE, PRODUCER),
]
_PRIVILEGES = [Privilege.SELECT, Privilege.INSERT, Privilege.TRUNCATE, Privilege.DROP]


@st.composite
def states(draw: st.DrawFn) -> State:
    """Access for everybody, but for at most four things that are anyhow."""
    same = draw(st.booleans())
    by_namespace = same and draw(st.booleans())
    privileges = st.frozensets(st.sampled_from(_PRIVILEGES))
    usage = [frozenset(), frozenset({Privilege.CREATE})]
    anyhow: dict[str, st.SearchStrategy[object]] = {
        "status": st.sampled_from([None] if by_namespace else [None, *STATUSES]),
        "scope": st.sampled_from([None, *SCOPES]),
        "allowed": st.sampled_from([False, None]),
        "accepted": st.just(False),
        "in_schema": st.sampled_from(usage),
        "in_share": privileges,
        "dropped": st.just(True),
        "database": st.just(False),
        "on_database": st.just(False),
        "on_schema": st.just(False),
        "on_object": privileges,
        "producer_encrypted": st.booleans(),
        "consumer_encrypted": st.booleans(),
        "public": st.just(True),
        "open_share": st.booleans(),
        "row_security": st.just(True),
        "off_for_datashares": st.booleans(),
    }
    drawn = draw(st.sets(st.sampled_from(sorted(anyhow)), max_size=4))
    every = frozenset(_PRIVILEGES)
    whole = State(
        same, by_namespace, in_share=every, on_object=every, with_permissions=draw(st.booleans())
    )
    return replace(whole, **{name: draw(anyhow[name]) for name in sorted(drawn)})  # type: ignore[arg-type]


def known(state: State, who: dict[str, object]) -> tuple[object, ...]:
    """What the asker finds out without asking why: by its statements, its views, its API."""
    world = state.world()
    seen = sight(world, **who)  # type: ignore[arg-type]
    users = [seen.asker, seen.subject]
    said = [
        str(refusal(context, ("d", "public", "sales"), action, NOW))
        for context in users
        for action in Action
    ]
    for view_name in ("svv_datashares", "svv_datashare_objects"):
        found = system_view(("pg_catalog", view_name))
        assert found is not None
        said += [str(sorted(map(str, found.rows(context)))) for context in users]
    share = world.catalog.datashare(SHARE)
    if seen.administers:  # CREATE DATABASE succeeds or does not
        made = may_query(world.catalog, ShareUse(SHARE), seen.namespace, publicly_accessible=False)
        said.append(type(made).__name__)
    # Of a share that is in use, a superuser is told its account's view of the consents.
    if share is not None and (seen.account or (seen.administers and seen.uses(share))):
        account = seen.namespace.account
        for as_consumer in (True, False):
            shown = view(share, account, arns(world.catalog), as_consumer=as_consumer)
            if shown is not None:
                said.append(str((shown.entries, share.publicly_accessible)))
    return (*said, *_own(state))


def _own(state: State) -> tuple[object, ...]:
    """What the consumer's side decides itself."""
    grants = (state.on_database, state.with_permissions, state.on_schema, state.on_object)
    return *grants, state.database, state.same_account, state.public, state.consumer_encrypted


ACTIONS = st.sampled_from([Action.SELECT, Action.INSERT, Action.TRUNCATE, Action.DROP])
ASKERS = st.sampled_from(
    [
        {"asker": "admin"},
        {"asker": "admin", "subject": "anna"},
        {"asker": "anna"},
        {"asker": "admin", "subject": "anna", "account": True},
        {"asker": "admin", "account": True},
    ]
)


@given(states(), ACTIONS, ASKERS)
@settings(max_examples=300, deadline=None)
def test_all_conditions_hold_where_the_binder_lets_the_statement_through(
    state: State, action: Action, who: dict[str, object]
) -> None:
    """Every condition but the statement itself is met exactly where the binder binds it."""
    world = state.world()
    explained = ask(world, action, **who)
    subject = sight(world, **who).subject  # type: ignore[arg-type]
    refused = refusal(subject, ("d", "public", "sales"), action, NOW)
    others = [link for link in explained.links if link.step is not Step.STATEMENT]
    assert all(link.status is Verdict.HELD for link in others) == (refused is None)
    assert explained.holds == (refused is None)
    event("access" if explained.holds else "no access")


def unseen(state: State) -> State:
    """What decides before the share is seen; the rest is another share's life."""
    return replace(state, same_account=False, by_namespace=False, database=True)


@given(states(), states(), ACTIONS, ASKERS)
@settings(max_examples=50, deadline=None)
def test_a_share_that_may_not_be_seen_is_not_there(
    state: State, other: State, action: Action, who: dict[str, object]
) -> None:
    """Of a share that is not offered, every state looks like one that never was."""
    hidden = replace(unseen(state), status=Status.PENDING_AUTHORIZATION, dropped=False, scope=None)
    for status in (None, Status.DEAUTHORIZED, Status.REJECTED, Status.PENDING_AUTHORIZATION):
        like = replace(
            hidden,
            status=status,
            in_share=other.in_share,
            in_schema=other.in_schema,
            allowed=other.allowed,
            producer_encrypted=other.producer_encrypted,
            open_share=other.open_share,
            row_security=other.row_security,
            off_for_datashares=other.off_for_datashares,
            dropped=other.dropped,
        )
        assert ask(like.world(), action, **who) == ask(hidden.world(), action, **who)


#: What the producer decides, and whether the share is there.
PRODUCERS: dict[str, list[object]] = {
    "status": [None, *STATUSES],
    "allowed": [None, False, True],
    "in_schema": [frozenset(), frozenset({Privilege.USAGE}), frozenset({Privilege.CREATE})],
    "in_share": [frozenset(), frozenset({Privilege.SELECT}), frozenset(_PRIVILEGES)],
    "dropped": [False, True],
    "producer_encrypted": [False, True],
    "open_share": [False, True],
    "row_security": [False, True],
    "off_for_datashares": [False, True],
}


@st.composite
def differing(draw: st.DrawFn) -> tuple[State, State]:
    """Two states that differ in at most two of them."""
    first = draw(states())
    names = sorted(draw(st.sets(st.sampled_from(sorted(PRODUCERS)), min_size=1, max_size=2)))
    changed: dict[str, Any] = {name: draw(st.sampled_from(PRODUCERS[name])) for name in names}
    return first, replace(first, **changed)


TELLING: list[dict[str, object]] = [
    {"asker": "anna"},
    {"asker": "admin"},
    {"asker": "admin", "subject": "anna"},
    {"asker": "admin", "account": True},
]


@given(differing(), ACTIONS, st.sampled_from(TELLING))
@settings(max_examples=300, deadline=None)
def test_what_an_asker_knows_decides_what_it_is_told(
    states: tuple[State, State], action: Action, who: dict[str, object]
) -> None:
    """Two worlds that look alike to the asker are explained alike."""
    first, second = states
    if who.get("account"):  # of its own account's producers it knows everything
        first, second = (replace(s, same_account=False, by_namespace=False) for s in states)
    if known(first, who) != known(second, who):
        return
    event("alike" if first != second else "the same")
    assert ask(first.world(), action, **who) == ask(second.world(), action, **who)


#: What another account's consumer decides, and no entry of the API shows its producer.
CONSUMERS: dict[str, list[object]] = {
    "scope": list(SCOPES),
    "database": [False, True],
    "with_permissions": [False, True],
    "on_database": [False, True],
    "on_object": [frozenset(), frozenset(_PRIVILEGES)],
    "consumer_encrypted": [False, True],
    "public": [False, True],
}


@given(st.data(), states(), ACTIONS, st.booleans())
@settings(max_examples=150, deadline=None)
def test_a_consumers_own_affairs_are_not_its_producers(
    data: st.DataObject, state: State, action: Action, by_arn: bool
) -> None:
    """Whatever the consumer's account made of its association, the producer is told the same."""
    arn = f"arn:aws:redshift:us-east-1:{OTHER}:namespace:{CONSUMER}" if by_arn else ""
    first = replace(state, same_account=False, by_namespace=False, scope=state.scope or WHOLE)
    changed: dict[str, Any] = {
        name: data.draw(st.sampled_from(values), label=name) for name, values in CONSUMERS.items()
    }
    second = replace(first, **changed)
    told = [ask_producer(s.world(), Target(OTHER, arn=arn), action) for s in (first, second)]
    assert told[0] == told[1]
