"""What is a policy document and what is not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from redshare.core.iam.aws_managed import AWS_MANAGED
from redshare.core.iam.errors import MalformedPolicyDocument
from redshare.core.iam.parse import MAX_TEXT, Use, parse
from redshare.core.iam.wildcard import Wild
from tests.core.iam.asking import policy, statement

TRUST = {"Effect": "Allow", "Principal": {"AWS": "111111111111"}, "Action": "sts:AssumeRole"}


@pytest.mark.parametrize(
    ("text", "use"),
    [
        (policy(statement()), Use.IDENTITY),
        (json.dumps({"Statement": statement()}), Use.IDENTITY),
        (
            json.dumps({"Version": "2012-10-17", "Id": "x", "Statement": [statement()]}),
            Use.IDENTITY,
        ),
        (policy(TRUST), Use.TRUST),
        (policy({**TRUST, "Principal": {"Service": ["ec2.amazonaws.com"]}}), Use.TRUST),
        (policy({**TRUST, "Action": "redshift:*"}), Use.RESOURCE),
        (policy({**TRUST, "Sid": "with spaces", "Resource": "*"}), Use.RESOURCE),
        (policy(statement(Condition={"NumericLessThan": {"aws:A": 5}})), Use.IDENTITY),
    ],
)
def test_documents(text: str, use: Use) -> None:
    """Every form that AWS's grammar has."""
    assert len(parse(text, use).statements) == 1


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("", "Syntax errors in policy."),
        ("[]", "Syntax errors in policy."),
        ("{}", "Syntax errors in policy."),
        ("[" * 100_000, "Syntax errors in policy."),
        ('{"Statement": NaN}', "Syntax errors in policy."),
        ('{"Version": "2012-10-17", "Version": "2008-10-17"}', "Syntax errors in policy."),
        (policy(), "Syntax errors in policy."),
        (policy(statement(), version="2020-01-01"), "must be version 2012-10-17 or greater"),
        (policy(statement(Sid="a b")), "(SID) must be alpha-numeric"),
        (policy(statement(Sid="a"), statement(Sid="a")), "must be unique"),
        (policy(statement("allow")), "Syntax errors in policy."),
        (policy(statement(Wrong="x")), "Syntax errors in policy."),
        (policy(statement(action=[])), "must contain actions"),
        (policy({"Effect": "Allow", "Resource": "*"}), "must contain actions"),
        (policy({"Effect": "Allow", "Action": "*"}), "must contain resources"),
        (policy(statement(NotAction="s3:*")), "Syntax errors in policy."),
        (policy(statement(action="AuthorizeDataShare")), "prefaced by a vendor"),
        (policy(statement(action=[{"a": 1}])), "Syntax errors in policy."),
        (policy(statement(resource="share")), 'must be in ARN format or "*".'),
        (policy(statement(resource="arn:aws:s3")), "legacy parsing"),
        (policy(statement(resource="arn:aws:s3:::${a b}")), "Invalid policy variable ${a b}"),
        (policy(statement(Principal="*")), "should not specify a principal"),
        (policy(statement(Condition=[])), "Syntax errors in policy."),
        (policy(statement(Condition={"Like": {"aws:A": "x"}})), "Invalid Condition type : Like."),
        (
            policy(statement(Condition={"NullIfExists": {"aws:A": "true"}})),
            "Invalid Condition type",
        ),
        (policy(statement(Condition={"For:Bool": {"aws:A": "true"}})), "Invalid Condition type"),
        (policy(statement(Condition={"Bool": {"A": "true"}})), "prefaced by a vendor"),
        (policy(statement(Condition={"Bool": "true"})), "Syntax errors in policy."),
        (
            policy(statement(Condition={"StringLike": {"aws:A": "${a b}"}})),
            "Invalid policy variable",
        ),
        (policy(statement(Condition={"BinaryEquals": {"aws:A": "!"}})), "Invalid value !"),
        (policy(statement(Condition={"Bool": {"aws:A": "yes"}})), "Invalid value yes"),
        (policy(statement(Condition={"NumericEquals": {"aws:A": "1e99999"}})), "Invalid value"),
        (policy(statement(Condition={"DateEquals": {"aws:A": "soon"}})), "Invalid value soon"),
        (policy(statement(Condition={"IpAddress": {"aws:A": "1.2.3"}})), "Invalid value 1.2.3"),
        (policy(statement(Condition={"StringEquals": {"aws:A": None}})), "Syntax errors"),
    ],
)
def test_refused(written: str, message: str) -> None:
    """What is not of the grammar is refused, in AWS's words."""
    with pytest.raises(MalformedPolicyDocument) as refused:
        parse(written)
    assert message in refused.value.message


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"Resource": "*"}, "prohibited field Resource"),
        ({"Action": "redshift:*"}, "may only specify STS AssumeRole actions"),
        ({"Principal": {"AWS": "arn:aws:iam::111111111111:user/*"}}, "Invalid principal in policy"),
        ({"Principal": {"Who": "x"}}, "Invalid principal in policy"),
        ({"Principal": {"AWS": []}}, "Invalid principal in policy"),
        ({"NotPrincipal": "*"}, "exactly one Principal"),
    ],
)
def test_trust_policies_refused(change: dict[str, Any], message: str) -> None:
    """A trust policy names principals and STS's actions alone."""
    with pytest.raises(MalformedPolicyDocument) as refused:
        parse(policy({**TRUST, **change}), Use.TRUST)
    assert message in refused.value.message


def test_policies_of_aws() -> None:
    """Each is a policy, under the ARN that it has everywhere."""
    for arn, managed in AWS_MANAGED.items():
        assert arn == managed.arn == f"arn:aws:iam::aws:policy/{managed.name}"
        assert parse(managed.text).statements[0].resources == ((Wild.STAR,),)


def test_ten_kilobytes() -> None:
    """A policy at the quota of a role is read whole; one longer than any parameter is not."""
    many = [statement(Sid=f"s{i}", action=[f"redshift:A{i}*"]) for i in range(120)]
    text = policy(*many)
    assert 9_000 < len(text) < 10_240
    assert len(parse(text).statements) == 120
    with pytest.raises(MalformedPolicyDocument):
        parse(policy(*many) + " " * MAX_TEXT)
