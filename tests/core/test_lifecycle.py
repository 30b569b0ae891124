"""The table of transitions: every pair of verb and status, and each documented row by its name."""

from __future__ import annotations

from itertools import product

import pytest

from redshare.core.lifecycle import (
    ACTOR_OF,
    GONE,
    TRANSITIONS,
    Actor,
    ForbiddenTransition,
    Status,
    Verb,
    next_status,
)

P, U, A, D, R = (
    Status.PENDING_AUTHORIZATION,
    Status.AUTHORIZED,
    Status.ACTIVE,
    Status.DEAUTHORIZED,
    Status.REJECTED,
)
STATUSES: tuple[Status | None, ...] = (GONE, *Status)

#: The whole rule once more, by hand: verb -> what it makes of each status; the rest is refused.
EXPECTED: dict[Verb, dict[Status | None, Status | None]] = {
    Verb.GRANT: {GONE: P, P: P, U: U, A: A, D: D, R: R},
    Verb.GRANT_NAMESPACE: {GONE: A, A: A},
    Verb.REVOKE: {GONE: GONE, P: GONE, U: GONE, A: GONE, D: GONE, R: GONE},
    Verb.AUTHORIZE: {P: U, U: U, A: A, D: U, R: U},
    Verb.DEAUTHORIZE: {P: D, U: D, A: D, R: D},
    Verb.ASSOCIATE: {U: A, A: A},
    Verb.DISASSOCIATE: {A: A},
    Verb.DISASSOCIATE_LAST: {A: U},
    Verb.REJECT: {U: R, A: R},
}


@pytest.mark.parametrize(("verb", "status"), list(product(Verb, STATUSES)))
def test_every_pair_moves_or_is_refused(verb: Verb, status: Status | None) -> None:
    """A verb makes of a status what the rule says, and is refused in every other."""
    if status in EXPECTED[verb]:
        assert EXPECTED[verb][status] is next_status(verb, status)
        return
    with pytest.raises(ForbiddenTransition) as refused:
        next_status(verb, status)
    assert (refused.value.verb, refused.value.status) == (verb, status)


def reachable(*starts: Status | None) -> set[Status | None]:
    found = set(starts)
    while fresh := {new for (_, old), new in TRANSITIONS.items() if old in found} - found:
        found |= fresh
    return found


def test_every_stored_status_is_reachable() -> None:
    """From no entry, every status but the shown-only AVAILABLE is reached, and none else."""
    assert reachable(GONE) == {GONE, P, U, A, D, R}


@pytest.mark.parametrize("status", [P, U, A, D, R])
def test_every_status_leads_back(status: Status) -> None:
    """No status is a dead end: the entry can be revoked, and become active again."""
    assert {GONE, A} <= reachable(status)


def test_available_is_never_stored() -> None:
    """AVAILABLE is a consumer's word: no transition leads from or to it."""
    assert Status.AVAILABLE not in {
        status for (_, old), new in TRANSITIONS.items() for status in (old, new)
    }


def test_the_consumer_never_undoes_the_producer() -> None:
    """No verb of the consumer leads out of a status the producer ended, nor out of its own no."""
    moved = {old for (verb, old) in TRANSITIONS if ACTOR_OF[verb] is Actor.CONSUMER}
    assert moved == {U, A}


def test_each_verb_has_an_actor() -> None:
    """Every verb says who may do it."""
    assert set(Verb) == set(ACTOR_OF)


@pytest.mark.parametrize(
    ("old", "verb", "new"),
    [
        pytest.param(GONE, Verb.GRANT, P, id="1 a grant to an account waits for authorization"),
        pytest.param(A, Verb.GRANT, A, id="2 granting again changes nothing"),
        pytest.param(GONE, Verb.GRANT_NAMESPACE, A, id="3 a namespace of the account is active"),
        pytest.param(P, Verb.AUTHORIZE, U, id="4 authorizing makes it available"),
        pytest.param(U, Verb.AUTHORIZE, U, id="5 authorizing again keeps authorized"),
        pytest.param(A, Verb.AUTHORIZE, A, id="5 authorizing again keeps active"),
        pytest.param(D, Verb.AUTHORIZE, U, id="6 a removed authorization can be given again"),
        pytest.param(R, Verb.AUTHORIZE, U, id="7 a rejected share can be offered again"),
        pytest.param(U, Verb.ASSOCIATE, A, id="9 the first association activates"),
        pytest.param(A, Verb.ASSOCIATE, A, id="10 another association keeps active"),
        pytest.param(A, Verb.DISASSOCIATE_LAST, U, id="11 the last association ends activity"),
        pytest.param(A, Verb.DISASSOCIATE, A, id="12 one of several associations ends alone"),
        pytest.param(U, Verb.REJECT, R, id="13 an available share is rejected"),
        pytest.param(A, Verb.REJECT, R, id="13 an active share is rejected"),
        pytest.param(U, Verb.DEAUTHORIZE, D, id="15 authorization is removed"),
        pytest.param(A, Verb.DEAUTHORIZE, D, id="15 authorization is removed while active"),
        pytest.param(P, Verb.DEAUTHORIZE, D, id="17 a pending entry is deauthorized"),
        pytest.param(A, Verb.REVOKE, GONE, id="19 a revoke removes the entry"),
        pytest.param(D, Verb.REVOKE, GONE, id="22 a revoke after deauthorization is no error"),
    ],
)
def test_a_documented_step(old: Status | None, verb: Verb, new: Status | None) -> None:
    """The documented step leads where the documentation says."""
    assert new is next_status(verb, old)


@pytest.mark.parametrize(
    ("old", "verb"),
    [
        pytest.param(GONE, Verb.AUTHORIZE, id="8 nothing was granted"),
        *(pytest.param(s, Verb.REJECT, id=f"14 {s} is not there to reject") for s in (GONE, P, D)),
        pytest.param(D, Verb.DEAUTHORIZE, id="16 authorization was removed before"),
        *(pytest.param(s, Verb.ASSOCIATE, id=f"18 {s} is not available") for s in (P, D, R)),
    ],
)
def test_a_documented_refusal(old: Status | None, verb: Verb) -> None:
    """The documented fault leaves the status as it is."""
    with pytest.raises(ForbiddenTransition):
        next_status(verb, old)
