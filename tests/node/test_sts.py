"""Temporary credentials through boto3: what they may, and when they end."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from botocore.exceptions import ClientError

from redshare.adapters.secrets import Sealer, key_file
from redshare.app.iam.tokens import opened, sealed
from tests.node.identities import Speaker, allow, deny, policy, trusting, user
from tests.node.running import CONSUMER, PRODUCER, RunningNode

pytestmark = pytest.mark.server

ASSUME = allow(["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"])


def _refused(call: Callable[..., Any], **parameters: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as refused:
        call(**parameters)
    error = refused.value.response["Error"]
    return str(error["Code"]), str(error["Message"])


def _role(node: RunningNode, name: str, trust: str, *statements: Any, **more: Any) -> str:
    """A role of the producer with an inline policy; its ARN."""
    iam = node.client(service="iam")
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust, **more)["Role"]["Arn"]
    if statements:
        iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=policy(*statements))
    return str(arn)


def _assume(by: Speaker, node: RunningNode, role: str, **more: Any) -> Speaker:
    given = by("sts").assume_role(RoleArn=role, RoleSessionName="monday", **more)
    return Speaker.of(node, given["Credentials"])


def test_a_role_is_assumed(node: RunningNode, name: str) -> None:
    """Its session is the role, with the role's rights, for an hour."""
    ana = user(node, f"{name}u", ASSUME)
    role = _role(node, name, trusting(PRODUCER), allow("redshift:Describe*"))
    answer = ana("sts").assume_role(RoleArn=role, RoleSessionName="monday")
    left = answer["Credentials"]["Expiration"] - datetime.now(UTC)
    assert timedelta(minutes=59) < left <= timedelta(hours=1)
    assert answer["Credentials"]["AccessKeyId"].startswith("ASIA")
    session = Speaker.of(node, answer["Credentials"])
    arn = f"arn:aws:sts::{PRODUCER}:assumed-role/{name}/monday"
    identity = session("sts").get_caller_identity()
    assert (identity["Arn"], identity["Account"]) == (arn, PRODUCER)
    assert identity["UserId"] == answer["AssumedRoleUser"]["AssumedRoleId"]
    assert session("redshift").describe_clusters()["Clusters"]
    assert _refused(session("redshift").reject_data_share, DataShareArn="x") == (
        "AccessDenied",
        f"User: {arn} is not authorized to perform: redshift:RejectDataShare on resource: x "
        "because no identity-based policy allows the redshift:RejectDataShare action",
    )


def test_who_may_assume(node: RunningNode, name: str) -> None:
    """The trust policy must name the caller; naming its account, its own policy must allow too."""
    ana, bo = user(node, f"{name}a"), user(node, f"{name}b", ASSUME)
    far = user(node, f"{name}c", ASSUME, account=CONSUMER)
    role = _role(node, name, trusting(ana.arn))
    assert _assume(ana, node, role).arn.endswith(f":assumed-role/{name}/monday")
    for other in (bo, far):
        refused = _refused(other("sts").assume_role, RoleArn=role, RoleSessionName="monday")
        assert refused == (
            "AccessDenied",
            f"User: {other.arn} is not authorized to perform: sts:AssumeRole on resource: {role}",
        )
    iam = node.client(service="iam")
    iam.update_assume_role_policy(RoleName=name, PolicyDocument=trusting([PRODUCER, CONSUMER]))
    assert _refused(ana("sts").assume_role, RoleArn=role, RoleSessionName="monday")[0] == (
        "AccessDenied"
    )
    for other in (bo, far):
        assert _assume(other, node, role).arn.startswith(f"arn:aws:sts::{PRODUCER}:")
    nowhere = f"arn:aws:iam::{PRODUCER}:role/{name}x"
    assert _refused(bo("sts").assume_role, RoleArn=nowhere, RoleSessionName="monday") == (
        "AccessDenied",
        f"User: {bo.arn} is not authorized to perform: sts:AssumeRole on resource: {nowhere}",
    )


def test_an_external_id(node: RunningNode, name: str) -> None:
    """A condition on `sts:ExternalId` keeps out who does not know it."""
    trust = trusting(PRODUCER, Condition={"StringEquals": {"sts:ExternalId": "secret"}})
    ana, role = user(node, f"{name}u", ASSUME), _role(node, name, trust)
    _assume(ana, node, role, ExternalId="secret")
    for wrong in ({}, {"ExternalId": "other"}):
        call = ana("sts").assume_role
        refused = _refused(call, RoleArn=role, RoleSessionName="monday", **wrong)
        assert refused[0] == "AccessDenied"


def test_a_session_policy_takes_away(node: RunningNode, name: str) -> None:
    """What either the role or the session's policy does not allow is refused."""
    ana = user(node, f"{name}u", ASSUME)
    role = _role(node, name, trusting(PRODUCER), allow("redshift:*"))
    only = policy(allow(["redshift:DescribeClusters", "iam:*"]))
    session = _assume(ana, node, role, Policy=only)
    session("redshift").describe_clusters()
    code, message = _refused(session("redshift").describe_data_shares)
    assert code == "AccessDenied"
    assert message.endswith(
        "because no session policy allows the redshift:DescribeDataShares action"
    )
    assert _refused(session("iam").list_users)[0] == "AccessDenied"
    read = [{"arn": "arn:aws:iam::aws:policy/AmazonRedshiftReadOnlyAccess"}]
    managed = _assume(ana, node, role, PolicyArns=read)
    managed("redshift").describe_data_shares()
    assert _refused(managed("redshift").reject_data_share, DataShareArn="x")[0] == "AccessDenied"
    bad = _refused(
        ana("sts").assume_role, RoleArn=role, RoleSessionName="monday", Policy='{"a": 1}'
    )
    assert bad == ("MalformedPolicyDocument", "Syntax errors in policy.")


def test_durations(node: RunningNode, name: str) -> None:
    """At most what the role allows, and an hour for who is a session already."""
    ana = user(node, f"{name}u", ASSUME)
    role = _role(node, name, trusting(PRODUCER), ASSUME, MaxSessionDuration=7200)
    session = _assume(ana, node, role, DurationSeconds=7200)
    for by, seconds, said in (
        (ana, 7201, "exceeds the MaxSessionDuration set for this role."),
        (session, 3601, "role chaining"),
    ):
        refused = _refused(
            by("sts").assume_role,
            RoleArn=role,
            RoleSessionName="monday",
            DurationSeconds=seconds,
        )
        assert refused[0] == "ValidationError"
        assert refused[1].endswith(said)
    assert _assume(session, node, role).arn == session.arn


def test_session_tags(node: RunningNode, name: str) -> None:
    """Tags need their own permission, are asked for in policies, and transitive ones go on."""
    bare = user(node, f"{name}b", allow("sts:AssumeRole"))
    ana = user(node, f"{name}u", ASSUME)
    trust = trusting(PRODUCER, ["sts:AssumeRole", "sts:TagSession"])
    sales = {"StringEquals": {"aws:PrincipalTag/team": "sales"}}
    role = _role(node, name, trust, allow("redshift:*", Condition=sales), ASSUME)
    tags = [{"Key": "team", "Value": "sales"}]
    assert _refused(bare("sts").assume_role, RoleArn=role, RoleSessionName="monday", Tags=tags) == (
        "AccessDenied",
        f"User: {bare.arn} is not authorized to perform: sts:TagSession on resource: {role}",
    )
    plain, tagged = _assume(ana, node, role), _assume(ana, node, role, Tags=tags)
    assert _refused(plain("redshift").describe_clusters)[0] == "AccessDenied"
    tagged("redshift").describe_clusters()
    assert _refused(_assume(tagged, node, role)("redshift").describe_clusters)[0] == "AccessDenied"
    handed = _assume(ana, node, role, Tags=tags, TransitiveTagKeys=["team"])
    _assume(handed, node, role)("redshift").describe_clusters()


def test_tokens_that_are_not_good(node: RunningNode, name: str) -> None:
    """Tampered, foreign, missing and mixed tokens are no token, at services of both protocols."""
    ana = user(node, f"{name}u", ASSUME)
    role = _role(node, name, trusting(PRODUCER))
    key, secret, token = _assume(ana, node, role).credentials
    assert token is not None
    blob = bytearray(base64.b64decode(token))
    blob[-1] ^= 1
    other = _assume(ana, node, role).credentials[2]
    permanent = node.ready["accounts"][0]
    wrong = [
        (key, secret, base64.b64encode(bytes(blob)).decode()),
        (key, secret, "AQoDYXdzEPT//////////foreign"),
        (key, secret, None),
        (key, secret, other),
        (permanent["access_key_id"], permanent["secret_access_key"], token),
    ]
    for credentials in wrong:
        speaker = Speaker(node, *credentials)
        assert _refused(speaker("sts").get_caller_identity) == (
            "InvalidClientTokenId",
            "The security token included in the request is invalid.",
        )
        assert _refused(speaker("redshift-data").list_statements)[0] == (
            "UnrecognizedClientException"
        )


def test_an_expired_token(node: RunningNode, name: str) -> None:
    """A token whose time is over is told so, once its signature is good."""
    ana = user(node, f"{name}u", ASSUME)
    role = _role(node, name, trusting(PRODUCER), allow("*"))
    key, secret, text = _assume(ana, node, role).credentials
    secrets = Sealer(key_file(node.directory / "state" / "master.key"))
    token = opened(text or "", secrets)
    assert token is not None
    past = datetime.now(UTC) - timedelta(seconds=1)
    old = sealed(msgspec.structs.replace(token, expires=past), secrets)
    message = "The security token included in the request is expired"
    sts, data = Speaker(node, key, secret, old)("sts"), Speaker(node, key, secret, old)
    assert _refused(sts.get_caller_identity) == ("ExpiredToken", message)
    assert _refused(data("redshift-data").list_statements) == ("ExpiredTokenException", message)
    forged = Speaker(node, key, "x" * 40, old)
    assert _refused(forged("sts").get_caller_identity)[0] == "SignatureDoesNotMatch"


def test_sessions_end_with_their_role(node: RunningNode, name: str) -> None:
    """A session of a deleted role is invalid, and a role of its name does not revive it."""
    ana = user(node, f"{name}u", ASSUME)
    role = _role(node, name, trusting(PRODUCER))
    session = _assume(ana, node, role)
    iam = node.client(service="iam")
    iam.delete_role(RoleName=name)
    assert _refused(session("sts").get_caller_identity)[0] == "InvalidClientTokenId"
    _role(node, name, trusting(PRODUCER))
    assert _refused(session("sts").get_caller_identity)[0] == "InvalidClientTokenId"


def test_older_sessions_are_revoked(node: RunningNode, name: str) -> None:
    """AWS's way: a Deny on `aws:TokenIssueTime` ends what was given before."""
    ana = user(node, f"{name}u", ASSUME)
    role = _role(node, name, trusting(PRODUCER), allow("redshift:*"))
    session = _assume(ana, node, role)
    session("redshift").describe_clusters()
    later = (datetime.now(UTC) + timedelta(seconds=5)).strftime("%Y-%m-%dT%H:%M:%SZ")
    revoked = policy(deny("*", Condition={"DateLessThan": {"aws:TokenIssueTime": later}}))
    iam = node.client(service="iam")
    iam.put_role_policy(RoleName=name, PolicyName="AWSRevokeOlderSessions", PolicyDocument=revoked)
    assert _refused(session("redshift").describe_clusters)[0] == "AccessDenied"


def test_a_session_of_oneself(node: RunningNode, name: str) -> None:
    """GetSessionToken gives the user's own rights, but not at IAM, and no further token."""
    ana = user(node, name, allow("*"))
    given = ana("sts").get_session_token(DurationSeconds=900)["Credentials"]
    session = Speaker.of(node, given)
    assert session.arn == ana.arn
    session("redshift").describe_clusters()
    assert _refused(session("iam").list_users)[0] == "InvalidClientTokenId"
    assert _refused(session("sts").get_session_token) == (
        "AccessDenied",
        "Cannot call GetSessionToken with session credentials",
    )
    iam = node.client(service="iam")
    iam.delete_user_policy(UserName=name, PolicyName="own")
    assert _refused(session("redshift").describe_clusters)[0] == "AccessDenied"


def test_the_root_assumes_a_role(node: RunningNode, name: str) -> None:
    """The key of an account's administrator works for a role that trusts the account."""
    role = _role(node, name, trusting(f"arn:aws:iam::{CONSUMER}:root"), allow("redshift:*"))
    key = next(a for a in node.ready["accounts"] if a["account_id"] == CONSUMER)
    admin = Speaker(node, key["access_key_id"], key["secret_access_key"])
    session = _assume(admin, node, role)
    assert (
        f":{PRODUCER}:"
        in session("redshift").describe_clusters()["Clusters"][0]["ClusterNamespaceArn"]
    )
