"""Decisions: documented examples, the union and the intersections, and the reasons."""

from __future__ import annotations

import json
from typing import Any

import pytest

from redshare.core.iam.decide import Allowed, Denied, Kind, Named, Policies
from redshare.core.iam.parse import Use, parse
from redshare.core.iam.request import Principal
from tests.core.iam.asking import (
    ACCOUNT,
    ANA,
    FOREIGNER,
    GUID,
    OTHER,
    ROLE,
    SESSION,
    SHARE,
    allows,
    ask,
    named,
    statement,
)

BOTH = ["redshift:AuthorizeDataShare", "redshift:DeauthorizeDataShare"]


def _resource(effect: str, who: Any, **more: Any) -> Any:
    return {"Effect": effect, "Principal": who, "Action": "*", "Resource": "*", **more}


def _with(resource: Any, *identity: Any, **more: Any) -> Policies:
    own = (named(*identity),) if identity else ()
    return Policies(own, resource=named(resource, use=Use.RESOURCE, name="r"), **more)


def test_deny_but_to_a_trusted_account() -> None:
    """Amazon's example: nobody but the trusted account may be authorized."""
    guard = statement(
        "Deny",
        BOTH,
        Condition={"StringNotEquals": {"redshift:ConsumerIdentifier": OTHER}},
    )
    rules = (statement(), guard)
    assert allows(*rules, redshift__ConsumerIdentifier=OTHER)
    assert not allows(*rules, redshift__ConsumerIdentifier="333333333333")
    assert not allows(*rules)
    assert allows(*rules, action="redshift:RejectDataShare")


def test_allow_one_share_to_one_account() -> None:
    """Amazon's example: both actions, on one share, for one consumer."""
    only = statement(
        action=BOTH,
        resource=SHARE,
        Condition={"StringEquals": {"redshift:ConsumerIdentifier": OTHER}},
    )
    assert allows(only, redshift__ConsumerIdentifier=OTHER)
    assert not allows(only, redshift__ConsumerIdentifier="333333333333")
    assert not allows(only, redshift__ConsumerIdentifier=OTHER, resource=f"{SHARE}2")
    assert not allows(
        only, redshift__ConsumerIdentifier=OTHER, action="redshift:AssociateDataShareConsumer"
    )


def test_every_share_of_a_namespace() -> None:
    """Amazon's example: `…:datashare:GUID/*`."""
    every = statement(resource=f"arn:aws:redshift:us-east-1:{ACCOUNT}:datashare:{GUID}/*")
    assert allows(every)
    assert not allows(every, resource=SHARE.replace("1111-2222", "2222-2222"))
    assert not allows(every, resource="*")


@pytest.mark.parametrize(
    ("pattern", "answer"),
    [
        ("arn:aws:redshift:*:*:datashare:*", True),
        ("arn:aws:*:*:*:*", True),
        ("arn:aws:redshift:us*:datashare:*:*", False),
        ("arn:aws:redshift:*:*:*", True),
        (f"arn:aws:redshift:*:{ACCOUNT}:datashare:{GUID}/${{aws:username}}", True),
        (f"arn:aws:redshift:*:{ACCOUNT}:datashare:{GUID}/${{aws:userid}}", False),
        (f"arn:aws:redshift:*:{ACCOUNT}:datashare:{GUID}/${{aws:userid, 'sales'}}", True),
        (f"arn:aws:redshift:*:{ACCOUNT}:datashare:{GUID}/${{*}}", False),
    ],
)
def test_resources(pattern: str, answer: bool) -> None:
    """Wildcards stay within their part of an ARN; a variable without a value matches nothing."""
    assert allows(statement(resource=pattern), aws__username="sales") is answer


def test_escapes() -> None:
    """`${*}`, `${?}` and `${$}` are the characters."""
    name = "arn:aws:redshift:us-east-1:111111111111:dbuser:c/"
    odd = statement(resource=f"{name}${{*}}${{?}}${{$}}{{aws:username}}")
    assert allows(odd, resource=f"{name}*?${{aws:username}}", aws__username="x")
    assert not allows(odd, resource=f"{name}ab${{aws:username}}", aws__username="x")


def test_values_are_not_patterns() -> None:
    """A user named `*` does not widen a policy by its name."""
    mine = statement(resource=f"arn:aws:redshift:*:*:datashare:{GUID}/${{aws:username}}")
    assert not allows(mine, aws__username="*")


def test_variables_came_with_2012() -> None:
    """In a document of 2008 `${…}` is text."""
    text = "arn:aws:redshift:us-east-1:111111111111:dbuser:c/${aws:username}"
    old = json.dumps({"Version": "2008-10-17", "Statement": statement(resource=text)})
    policies = Policies((Named("old", parse(old)),))
    assert isinstance(ask(policies, resource=text, aws__username="ana"), Allowed)
    plain = text.replace("${aws:username}", "ana")
    assert isinstance(ask(policies, resource=plain, aws__username="ana"), Denied)


def test_not_action_and_not_resource() -> None:
    """Both mean everything else."""
    but = {"Effect": "Allow", "NotAction": "iam:*", "NotResource": SHARE}
    assert allows(but, resource="*")
    assert not allows(but)
    assert not allows(but, action="IAM:ListUsers", resource="*")


def test_deny_wins_over_everything() -> None:
    """An explicit deny of any policy ends it, and says which statement it was."""
    deny = statement("Deny", Sid="No")
    for policies in (
        Policies((named(statement()), named(deny, name="second"))),
        Policies((named(statement()),), boundary=named(deny)),
        Policies((named(statement()),), session=(named(deny),)),
        _with(_resource("Deny", "*", Sid="No"), statement()),
    ):
        decision = ask(policies)
        assert isinstance(decision, Denied)
        assert [reason.sid for reason in decision.explicit] == ["No"]
    found = ask(Policies((named(statement()), named(deny, name="second"))))
    assert isinstance(found, Denied)
    assert str(found.explicit[0]) == "the identity-based policy second, statement 1 (No)"


def test_boundary_and_session_take_away() -> None:
    """What they do not allow is missing by their name; alone they give nothing."""
    none, every = named(statement(action="s3:*")), named(statement())
    assert ask(Policies((every,), boundary=none)) == Denied(missing=Kind.BOUNDARY)
    assert ask(Policies((every,), session=(none,)), SESSION) == Denied(missing=Kind.SESSION)
    assert ask(Policies((every,), session=()), SESSION) == Denied(missing=Kind.SESSION)
    assert ask(Policies(boundary=every, session=(every,))) == Denied(missing=Kind.IDENTITY)
    assert isinstance(ask(Policies((every,), boundary=every, session=(every,))), Allowed)


@pytest.mark.parametrize(
    ("who", "principal", "alone", "limited"),
    [
        ({"AWS": ANA.arn}, ANA, True, True),
        ({"AWS": ANA.unique_id}, ANA, True, True),
        ("*", ANA, True, True),
        ({"AWS": ACCOUNT}, ANA, False, False),
        ({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, ANA, False, False),
        ({"AWS": SESSION.arn}, SESSION, True, True),
        ({"AWS": ROLE}, SESSION, True, False),
        ({"AWS": SESSION.unique_id}, SESSION, True, False),
        ({"AWS": ROLE}, ANA, False, False),
        ({"Service": "redshift.amazonaws.com"}, ANA, False, False),
    ],
)
def test_within_an_account(who: Any, principal: Principal, alone: bool, limited: bool) -> None:
    """A resource's policy allows by itself whom it names; the account it only delegates to."""
    given = _resource("Allow", who)
    assert isinstance(ask(_with(given), principal), Allowed) is alone
    nothing = named(statement(action="s3:*"))
    assert isinstance(ask(_with(given, boundary=nothing), principal), Allowed) is limited


def test_across_accounts_both_must() -> None:
    """Neither side alone is enough."""
    to_account = _resource("Allow", {"AWS": OTHER})
    assert isinstance(ask(_with(to_account, statement()), FOREIGNER), Allowed)
    assert ask(_with(to_account), FOREIGNER) == Denied(missing=Kind.IDENTITY)
    itself = _resource("Allow", {"AWS": FOREIGNER.arn})
    assert ask(_with(itself), FOREIGNER) == Denied(missing=Kind.IDENTITY)
    alone = Policies((named(statement()),))
    assert ask(alone, FOREIGNER) == Denied(missing=Kind.RESOURCE)


def test_a_trust_policy_must_name_the_principal() -> None:
    """To be assumed a role's own policy has to say so, within an account too."""
    every = (named(statement()),)
    assert ask(Policies(every, trust=True)) == Denied(missing=Kind.RESOURCE)
    trust = {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}
    policies = Policies(every, resource=named(trust, use=Use.TRUST), trust=True)
    assert isinstance(ask(policies, action="sts:AssumeRole", resource=ROLE), Allowed)
    without = Policies(resource=named(trust, use=Use.TRUST), trust=True)
    assert ask(without, action="sts:AssumeRole", resource=ROLE) == Denied(missing=Kind.IDENTITY)


@pytest.mark.parametrize(
    ("listed", "principal", "spared"),
    [
        (ANA.arn, ANA, True),
        (ANA.arn, SESSION, False),
        (ACCOUNT, ANA, False),
        (ROLE, SESSION, False),
        (SESSION.arn, SESSION, True),
    ],
)
def test_not_principal(listed: str, principal: Principal, spared: bool) -> None:
    """A Deny spares who is listed itself; an Allow leaves out all that a listed one has."""
    guard = {"Effect": "Deny", "NotPrincipal": {"AWS": listed}, "Action": "*", "Resource": "*"}
    assert isinstance(ask(_with(guard, statement()), principal), Allowed) is spared
    given = ask(_with({**guard, "Effect": "Allow"}), principal)
    assert isinstance(given, Denied) is (listed != ANA.arn or principal is ANA)
