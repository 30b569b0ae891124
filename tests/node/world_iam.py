"""Identities of every kind in a node, and all that the iam service says of them."""

from __future__ import annotations

import json
from typing import Any

from tests.node.running import CONSUMER, PRODUCER, RunningNode


def document(effect: str, action: str, **more: object) -> str:
    """A policy of one statement."""
    statement = {"Effect": effect, "Action": action, "Resource": "*", **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def trust(*principals: str) -> str:
    """A trust policy."""
    principal = list(principals) if len(principals) > 1 else principals[0]
    statement = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": statement})


def make_identities(node: RunningNode) -> None:
    """Everything of IAM that a world file can say, and a trust policy with a name of nobody."""
    iam, other = node.client(PRODUCER, "iam"), node.client(CONSUMER, "iam")
    tags = [{"Key": "team", "Value": "data"}, {"Key": "secret", "Value": "no"}]
    share = f"arn:aws:iam::{PRODUCER}:policy/data/share"
    iam.create_policy(
        PolicyName="share",
        Path="/data/",
        PolicyDocument=document("Allow", "redshift:*"),
        Description="who shares",
        Tags=tags,
    )
    for number in range(2, 6):
        text = document("Allow", "redshift:*DataShare*", Sid=f"n{number}")
        iam.create_policy_version(PolicyArn=share, PolicyDocument=text, SetAsDefault=True)
        if number in {2, 4}:
            iam.delete_policy_version(PolicyArn=share, VersionId=f"v{number - 1}")
    iam.set_default_policy_version(PolicyArn=share, VersionId="v4")
    iam.create_policy(PolicyName="limit", PolicyDocument=document("Allow", "*"))
    limit = f"arn:aws:iam::{PRODUCER}:policy/limit"
    for number in range(3):
        iam.create_user(UserName=f"many{number}")
    iam.create_user(UserName="ana", Path="/people/", PermissionsBoundary=limit, Tags=tags)
    condition = {"DateGreaterThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}
    for name in ("second", "first"):
        iam.put_user_policy(
            UserName="ana",
            PolicyName=name,
            PolicyDocument=document("Allow", "redshift:Describe*", Condition=condition),
        )
    iam.attach_user_policy(UserName="ana", PolicyArn=share)
    iam.attach_user_policy(
        UserName="ana", PolicyArn="arn:aws:iam::aws:policy/AmazonRedshiftReadOnlyAccess"
    )
    iam.create_access_key(UserName="ana")
    key = iam.create_access_key(UserName="ana")["AccessKey"]["AccessKeyId"]
    iam.update_access_key(UserName="ana", AccessKeyId=key, Status="Inactive")
    other.create_user(UserName="reader")
    # Whom a role trusts comes after it by name, is of another account, or trusts it too.
    ana, reader = f"arn:aws:iam::{PRODUCER}:user/people/ana", f"arn:aws:iam::{CONSUMER}:user/reader"
    other.create_role(RoleName="far", AssumeRolePolicyDocument=trust(reader))
    far = f"arn:aws:iam::{CONSUMER}:role/far"
    iam.create_role(
        RoleName="zoe",
        Path="/jobs/",
        AssumeRolePolicyDocument=trust(ana, far),
        Description="a job",
        MaxSessionDuration=7200,
        PermissionsBoundary=limit,
        Tags=tags,
    )
    zoe = f"arn:aws:iam::{PRODUCER}:role/jobs/zoe"
    iam.create_role(RoleName="amy", AssumeRolePolicyDocument=trust(zoe))
    for name, trusted in (("left", "right"), ("right", "left")):
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust(PRODUCER))
        trusts = trust(f"arn:aws:iam::{PRODUCER}:role/{trusted}", PRODUCER)
        if name == "right":
            iam.update_assume_role_policy(RoleName=name, PolicyDocument=trusts)
            left = trust(f"arn:aws:iam::{PRODUCER}:role/right")
            iam.update_assume_role_policy(RoleName="left", PolicyDocument=left)
    iam.put_role_policy(
        RoleName="zoe", PolicyName="most", PolicyDocument=document("Deny", "redshift:Delete*")
    )
    iam.attach_role_policy(RoleName="zoe", PolicyArn=share)


def identities(node: RunningNode) -> dict[str, Any]:
    """Every answer of Get and List, without dates, unique ids and the keys."""
    return {
        f"{account} {what}": answer
        for account in (PRODUCER, CONSUMER)
        for what, answer in _answers(node.client(account, "iam"))
    }


def _answers(iam: Any) -> Any:
    policies = _all(iam, "list_policies", "Policies", Scope="Local")
    yield "policies", policies
    for arn in (policy["Arn"] for policy in policies):
        yield arn, _plain(iam.get_policy(PolicyArn=arn)["Policy"])
        versions = _all(iam, "list_policy_versions", "Versions", PolicyArn=arn)
        yield f"{arn} versions", versions
        yield f"{arn} tags", _all(iam, "list_policy_tags", "Tags", PolicyArn=arn)
        users = _all(iam, "list_entities_for_policy", "PolicyUsers", PolicyArn=arn)
        yield f"{arn} users", users
        for version in versions:
            asked = {"PolicyArn": arn, "VersionId": version["VersionId"]}
            found = iam.get_policy_version(**asked)["PolicyVersion"]
            yield f"{arn} {version['VersionId']}", _plain(found)
    for kind in ("User", "Role"):
        word = kind.lower()
        holders = _all(iam, f"list_{word}s", f"{kind}s")
        yield f"{word}s", holders
        for name in (holder[f"{kind}Name"] for holder in holders):
            named = {f"{kind}Name": name}
            yield f"{word} {name}", _plain(getattr(iam, f"get_{word}")(**named)[kind])
            inline = _all(iam, f"list_{word}_policies", "PolicyNames", **named)
            yield f"{word} {name} inline", inline
            for policy in inline:
                got = getattr(iam, f"get_{word}_policy")(PolicyName=policy, **named)
                yield f"{word} {name} {policy}", got["PolicyDocument"]
            attached = _all(iam, f"list_attached_{word}_policies", "AttachedPolicies", **named)
            yield f"{word} {name} attached", attached
            yield f"{word} {name} tags", _all(iam, f"list_{word}_tags", "Tags", **named)


def _all(iam: Any, operation: str, key: str, **parameters: object) -> list[Any]:
    pages = iam.get_paginator(operation).paginate(**parameters, PaginationConfig={"PageSize": 2})
    return [_plain(each) for page in pages for each in page[key]]


def _plain(answer: Any) -> Any:
    dropped = {"CreateDate", "UpdateDate", "UserId", "RoleId", "PolicyId", "ResponseMetadata"}
    if isinstance(answer, dict):
        return {key: _plain(value) for key, value in answer.items() if key not in dropped}
    return answer
