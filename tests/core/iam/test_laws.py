"""What holds for every request and every policy."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace

import pytest

from compat.iam_simulate.cases import case
from compat.iam_simulate.compare import question
from redshare.core.iam.decide import Allowed, Denied, Named, Policies, decide
from redshare.core.iam.request import Request
from tests.core.iam.asking import named, statement

EVERYTHING, NOTHING = named(statement()), named(statement(action="s3:None"))


@pytest.fixture(scope="module")
def questions() -> list[tuple[Request, Policies]]:
    """Random ones."""
    rng = random.Random(11)
    return [question(case(rng)) for _ in range(1500)]


def _narrower(policies: Policies, one: Named) -> Iterator[Policies]:
    if policies.boundary is None:
        yield replace(policies, boundary=one)
    if policies.session is None:
        yield replace(policies, session=(one,))


def test_limits_never_give(questions: list[tuple[Request, Policies]]) -> None:
    """A boundary or a session's policy allows nothing that was not allowed without it."""
    for request, policies in questions:
        if isinstance(decide(request, policies), Denied):
            for limited in (*_narrower(policies, EVERYTHING), *_narrower(policies, NOTHING)):
                assert isinstance(decide(request, limited), Denied)


def test_limits_that_allow_all_take_nothing(questions: list[tuple[Request, Policies]]) -> None:
    """A boundary or a session's policy of everything changes no decision."""
    for request, policies in questions:
        decision = decide(request, policies)
        for limited in _narrower(policies, EVERYTHING):
            assert decide(request, limited) == decision


def test_a_deny_ends_it(questions: list[tuple[Request, Policies]]) -> None:
    """With a Deny of everything nothing is allowed, wherever it stands."""
    deny = named(statement("Deny"))
    for request, policies in questions:
        denied = [replace(policies, identity=(*policies.identity, deny))]
        denied += _narrower(policies, deny)
        for one in denied:
            decision = decide(request, one)
            assert isinstance(decision, Denied)
            assert decision.explicit


def test_an_allow_never_takes(questions: list[tuple[Request, Policies]]) -> None:
    """One more Allow turns no yes into a no."""
    for request, policies in questions:
        if isinstance(decide(request, policies), Allowed):
            more = replace(policies, identity=(*policies.identity, EVERYTHING))
            assert isinstance(decide(request, more), Allowed)
