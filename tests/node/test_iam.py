"""The iam service through boto3: entities, their policies, quotas and errors."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.node.identities import Speaker, allow, deny, policy, trusting, user
from tests.node.running import CONSUMER, PRODUCER, REGION, RunningNode

pytestmark = pytest.mark.server

READ = policy(allow("redshift:Describe*"))


def _refused(call: Callable[..., Any], **parameters: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as refused:
        call(**parameters)
    error = refused.value.response["Error"]
    return str(error["Code"]), str(error["Message"])


def test_a_user_and_its_keys(node: RunningNode, name: str) -> None:
    """A user is made, found, renamed, gets at most two keys, and is deleted when it has none."""
    iam = node.client(service="iam")
    made = iam.create_user(UserName=name, Path="/team/", Tags=[{"Key": "a", "Value": "1"}])["User"]
    assert made["Arn"] == f"arn:aws:iam::{PRODUCER}:user/team/{name}"
    assert made["UserId"].startswith("AIDA")
    assert len(made["UserId"]) == 21
    assert iam.get_user(UserName=name)["User"] == made
    assert [u["UserName"] for u in iam.list_users(PathPrefix="/team/")["Users"]] == [name]
    code, message = _refused(iam.create_user, UserName=name.upper())
    assert (code, message) == (
        "EntityAlreadyExists",
        f"User with name {name.upper()} already exists.",
    )

    keys = [iam.create_access_key(UserName=name)["AccessKey"] for _ in range(2)]
    assert all(len(k["SecretAccessKey"]) == 40 for k in keys)
    assert _refused(iam.create_access_key, UserName=name) == (
        "LimitExceeded",
        "Cannot exceed quota for AccessKeysPerUser: 2",
    )
    speaker = Speaker.of(node, keys[0])
    assert speaker.arn == made["Arn"]
    iam.update_user(UserName=name, NewUserName=f"{name}b")
    assert speaker.arn == f"{made['Arn']}b"
    iam.update_access_key(
        UserName=f"{name}b", AccessKeyId=keys[0]["AccessKeyId"], Status="Inactive"
    )
    assert _refused(speaker("sts").get_caller_identity)[0] == "InvalidClientTokenId"
    listed = iam.list_access_keys(UserName=f"{name}b")["AccessKeyMetadata"]
    assert {k["Status"] for k in listed} == {"Active", "Inactive"}
    assert _refused(iam.delete_user, UserName=f"{name}b") == (
        "DeleteConflict",
        "Cannot delete entity, must delete access keys first.",
    )
    for key in keys:
        iam.delete_access_key(UserName=f"{name}b", AccessKeyId=key["AccessKeyId"])
    assert iam.list_groups_for_user(UserName=f"{name}b")["Groups"] == []
    iam.delete_user(UserName=f"{name}b")
    assert _refused(iam.get_user, UserName=f"{name}b") == (
        "NoSuchEntity",
        f"The user with name {name}b cannot be found.",
    )


def test_when_keys_and_roles_were_used(node: RunningNode, name: str) -> None:
    """A key's last call, of whatever outcome, and a role's by its sessions; not another's."""
    iam = node.client(service="iam")
    speaker = user(node, name, allow("sts:AssumeRole"))
    key = speaker.credentials[0]
    unused = iam.get_access_key_last_used(AccessKeyId=key)
    assert unused["UserName"] == name
    assert unused["AccessKeyLastUsed"] == {"ServiceName": "N/A", "Region": "N/A"}
    with pytest.raises(ClientError):
        speaker("redshift").describe_clusters()
    used = iam.get_access_key_last_used(AccessKeyId=key)["AccessKeyLastUsed"]
    assert (used["ServiceName"], used["Region"]) == ("redshift", REGION)

    role = iam.create_role(
        RoleName=name, AssumeRolePolicyDocument=trusting(f"arn:aws:iam::{PRODUCER}:root")
    )["Role"]
    assert not iam.get_role(RoleName=name)["Role"]["RoleLastUsed"]
    session = speaker("sts").assume_role(RoleArn=role["Arn"], RoleSessionName="session")
    assert not iam.get_role(RoleName=name)["Role"]["RoleLastUsed"]
    assert Speaker.of(node, session["Credentials"]).arn
    last = iam.get_role(RoleName=name)["Role"]["RoleLastUsed"]
    assert last["Region"] == REGION
    assert last["LastUsedDate"] >= used["LastUsedDate"]
    again = iam.get_access_key_last_used(AccessKeyId=key)["AccessKeyLastUsed"]
    assert again["ServiceName"] == "sts"
    with pytest.raises(ClientError) as error:
        node.client(CONSUMER, "iam").get_access_key_last_used(AccessKeyId=key)
    assert error.value.response["Error"]["Code"] == "NoSuchEntity"


def test_pages(node: RunningNode, name: str) -> None:
    """Each entity stands on one page of a listing."""
    iam = node.client(CONSUMER, "iam")
    for number in range(5):
        iam.create_user(UserName=f"{name}{number}", Path=f"/{name}/")
    pages = iam.get_paginator("list_users").paginate(
        PathPrefix=f"/{name}/", PaginationConfig={"PageSize": 2}
    )
    found = [[u["UserName"] for u in page["Users"]] for page in pages]
    assert found == [[f"{name}0", f"{name}1"], [f"{name}2", f"{name}3"], [f"{name}4"]]


def test_inline_policies(node: RunningNode, name: str) -> None:
    """An inline policy is kept as it was written; what is no policy, or too long, is refused."""
    iam = node.client(service="iam")
    iam.create_user(UserName=name)
    iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=READ)
    found = iam.get_user_policy(UserName=name, PolicyName="p")
    assert found["PolicyDocument"] == json.loads(READ)
    assert iam.list_user_policies(UserName=name)["PolicyNames"] == ["p"]
    bad = policy(allow("redshift"))
    assert _refused(iam.put_user_policy, UserName=name, PolicyName="q", PolicyDocument=bad) == (
        "MalformedPolicyDocument",
        "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
    )
    long = policy(allow([f"redshift:Action{i}" for i in range(150)]))
    assert _refused(iam.put_user_policy, UserName=name, PolicyName="q", PolicyDocument=long) == (
        "LimitExceeded",
        f"Maximum policy size of 2048 bytes exceeded for user {name}",
    )
    assert _refused(iam.delete_user, UserName=name)[0] == "DeleteConflict"
    iam.delete_user_policy(UserName=name, PolicyName="p")
    assert _refused(iam.delete_user_policy, UserName=name, PolicyName="p")[0] == "NoSuchEntity"
    iam.delete_user(UserName=name)


def test_managed_policies(node: RunningNode, name: str) -> None:
    """Versions, the default, attachments and the boundary; what is used is not deleted."""
    iam = node.client(service="iam")
    arn = iam.create_policy(PolicyName=name, PolicyDocument=READ)["Policy"]["Arn"]
    assert arn == f"arn:aws:iam::{PRODUCER}:policy/{name}"
    for number in range(2, 6):
        made = iam.create_policy_version(PolicyArn=arn, PolicyDocument=READ, SetAsDefault=True)
        assert made["PolicyVersion"]["VersionId"] == f"v{number}"
    assert _refused(iam.create_policy_version, PolicyArn=arn, PolicyDocument=READ)[0] == (
        "LimitExceeded"
    )
    assert _refused(iam.delete_policy_version, PolicyArn=arn, VersionId="v5") == (
        "DeleteConflict",
        "Cannot delete the default version of a policy.",
    )
    iam.set_default_policy_version(PolicyArn=arn, VersionId="v1")
    for number in range(2, 6):
        iam.delete_policy_version(PolicyArn=arn, VersionId=f"v{number}")
    version = iam.get_policy_version(PolicyArn=arn, VersionId="v1")["PolicyVersion"]
    assert (version["Document"], version["IsDefaultVersion"]) == (json.loads(READ), True)

    aws = "arn:aws:iam::aws:policy/AmazonRedshiftFullAccess"
    iam.create_role(
        RoleName=name, AssumeRolePolicyDocument=trusting(PRODUCER), PermissionsBoundary=arn
    )
    for one in (arn, arn, aws):
        iam.attach_role_policy(RoleName=name, PolicyArn=one)
    attached = iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
    assert {p["PolicyArn"] for p in attached} == {arn, aws}
    scopes = {
        scope: {p["Arn"] for p in iam.list_policies(Scope=scope, MaxItems=100)["Policies"]}
        for scope in ("All", "AWS", "Local")
    }
    assert aws in scopes["AWS"] - scopes["Local"]
    assert arn in scopes["Local"] - scopes["AWS"]
    assert scopes["All"] == scopes["AWS"] | scopes["Local"]
    assert iam.get_policy(PolicyArn=aws)["Policy"]["AttachmentCount"] == 1
    assert _refused(iam.delete_policy, PolicyArn=aws)[0] == "NoSuchEntity"
    found = iam.get_policy(PolicyArn=arn)["Policy"]
    assert (found["AttachmentCount"], found["PermissionsBoundaryUsageCount"]) == (1, 1)
    assert _refused(iam.delete_policy, PolicyArn=arn) == (
        "DeleteConflict",
        "Cannot delete a policy attached to entities.",
    )
    for one in (arn, aws):
        iam.detach_role_policy(RoleName=name, PolicyArn=one)
    iam.delete_role_permissions_boundary(RoleName=name)
    iam.delete_policy(PolicyArn=arn)
    assert iam.list_instance_profiles_for_role(RoleName=name)["InstanceProfiles"] == []
    missing = _refused(iam.attach_role_policy, RoleName=name, PolicyArn=arn)
    assert missing == ("NoSuchEntity", f"Policy {arn} was not found.")
    iam.delete_role(RoleName=name)


def test_a_trust_policy_means_who_is_there_now(node: RunningNode, name: str) -> None:
    """A principal that is not there is refused; one that is made again is not the one trusted."""
    iam = node.client(service="iam")
    arn = f"arn:aws:iam::{PRODUCER}:user/{name}"
    assert _refused(iam.create_role, RoleName=name, AssumeRolePolicyDocument=trusting(arn)) == (
        "MalformedPolicyDocument",
        f'Invalid principal in policy: "AWS":"{arn}"',
    )
    user_id = iam.create_user(UserName=name)["User"]["UserId"]
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=trusting(arn))

    def trusted() -> str:
        document = iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"]
        return str(document["Statement"][0]["Principal"]["AWS"])

    assert trusted() == arn
    iam.delete_user(UserName=name)
    assert trusted() == user_id
    again = user(node, name, allow("sts:AssumeRole"))
    role = iam.get_role(RoleName=name)["Role"]["Arn"]
    assert trusted() == user_id
    refused = _refused(again("sts").assume_role, RoleArn=role, RoleSessionName="ss")
    assert refused[0] == "AccessDenied"


def test_tags(node: RunningNode, name: str) -> None:
    """Tags are added, changed by their key, and taken away."""
    iam = node.client(service="iam")
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=trusting(PRODUCER))
    iam.tag_role(RoleName=name, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
    iam.tag_role(RoleName=name, Tags=[{"Key": "A", "Value": "3"}])
    iam.untag_role(RoleName=name, TagKeys=["b"])
    assert iam.list_role_tags(RoleName=name)["Tags"] == [{"Key": "A", "Value": "3"}]


def test_an_iam_identity_needs_permission(node: RunningNode, name: str) -> None:
    """A user without policies does nothing; its own entity's ARN is what a policy names."""
    nobody = user(node, name)
    assert _refused(nobody("iam").list_users) == (
        "AccessDenied",
        f"User: arn:aws:iam::{PRODUCER}:user/{name} is not authorized to perform: iam:ListUsers "
        "on resource: * because no identity-based policy allows the iam:ListUsers action",
    )
    mine = allow("iam:*AccessKey*", f"arn:aws:iam::{PRODUCER}:user/${{aws:username}}")
    own = user(node, f"{name}o", mine)
    assert len(own("iam").list_access_keys()["AccessKeyMetadata"]) == 1
    assert _refused(own("iam").list_access_keys, UserName=name)[0] == "AccessDenied"
    assert own("iam").list_access_keys(UserName=f"{name}O".lower())["AccessKeyMetadata"]


def test_simulations(node: RunningNode, name: str) -> None:
    """What a simulation says is what the request then gets."""
    iam = node.client(service="iam")
    speaker = user(node, name, allow("redshift:*", Sid="All"), deny("redshift:DeleteCluster"))
    found = iam.simulate_principal_policy(
        PolicySourceArn=speaker.arn,
        ActionNames=["redshift:DescribeClusters", "redshift:DeleteCluster", "s3:GetObject"],
    )["EvaluationResults"]
    said = {r["EvalActionName"]: r["EvalDecision"] for r in found}
    assert said == {
        "redshift:DescribeClusters": "allowed",
        "redshift:DeleteCluster": "explicitDeny",
        "s3:GetObject": "implicitDeny",
    }
    assert found[0]["MatchedStatements"][0]["SourcePolicyId"] == "own"
    speaker("redshift").describe_clusters()
    refused = _refused(
        speaker("redshift").delete_cluster,
        ClusterIdentifier="finance",
        SkipFinalClusterSnapshot=True,
    )
    assert refused == (
        "AccessDenied",
        f"User: {speaker.arn} is not authorized to perform: redshift:DeleteCluster on resource: "
        f"arn:aws:redshift:us-east-1:{PRODUCER}:cluster:finance with an explicit deny in an "
        "identity-based policy",
    )
    tagged = policy(
        allow("redshift:*", Condition={"StringEquals": {"aws:ResourceTag/team": "sales"}})
    )
    for value, decision in (("sales", "allowed"), ("dev", "implicitDeny")):
        result = iam.simulate_custom_policy(
            PolicyInputList=[tagged],
            ActionNames=["redshift:DescribeClusters"],
            ContextEntries=[
                {
                    "ContextKeyName": "aws:ResourceTag/team",
                    "ContextKeyType": "string",
                    "ContextKeyValues": [value],
                }
            ],
        )["EvaluationResults"][0]
        assert result["EvalDecision"] == decision
    owner = {"ResourceOwner": "no:arn:of:any:account"}
    given = {"PolicyInputList": [tagged], "ActionNames": ["redshift:x"]}
    assert _refused(iam.simulate_custom_policy, **given, **owner)[0] == "InvalidInput"
    assert _refused(iam.simulate_custom_policy, PolicyInputList=["{}"], ActionNames=["s3:x"]) == (
        "InvalidInput",
        "Syntax errors in policy.",
    )


def test_another_account_has_its_own(node: RunningNode, name: str) -> None:
    """Names are an account's, and its entities are there for nobody else."""
    node.client(service="iam").create_user(UserName=name)
    theirs = node.client(CONSUMER, "iam")
    assert _refused(theirs.get_user, UserName=name)[0] == "NoSuchEntity"
    theirs.create_user(UserName=name)
