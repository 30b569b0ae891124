"""Laws of EXPLAIN ACCESS over random states: it says what the binder does, to nobody more."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import event, given, settings
from hypothesis import strategies as st

from redshare.core.explanation import Action, Step, Verdict
from redshare.core.lifecycle import Status
from redshare.core.privileges import Privilege
from redshare.core.share import Scope, ScopeKind
from redshare.sql.why.statement import refusal
from tests.sql.why_world import CONSUMER, NOW, PRODUCER, WHOLE, State, ask, sight

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
@settings(max_examples=600, deadline=None)
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
@settings(max_examples=300, deadline=None)
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


@given(states(), states(), ACTIONS)
@settings(max_examples=300, deadline=None)
def test_a_user_is_told_no_more_than_its_own_statements(
    state: State, other: State, action: Action
) -> None:
    """Without USAGE of the database nothing of the share shows in the answer."""
    first = replace(state, on_database=False, database=True)
    second = replace(
        other,
        on_database=False,
        database=True,
        with_permissions=first.with_permissions,
        on_schema=first.on_schema,
        on_object=first.on_object,
    )
    assert ask(first.world(), action, asker="anna") == ask(second.world(), action, asker="anna")
