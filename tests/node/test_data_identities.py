"""The Data API by IAM identities: as whom they run, and whose statements they see."""

from __future__ import annotations

import time
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.node.identities import Speaker, allow, policy, trusting, user
from tests.node.running import PRODUCER, RunningNode

pytestmark = pytest.mark.server

DATA = allow(["redshift-data:*", "redshift-serverless:GetCredentials"])
TARGET = {"WorkgroupName": "sales-wg", "Database": "dev"}


def _rows(speaker: Speaker, sql: str) -> tuple[str, Any]:
    data = speaker("redshift-data")
    made = data.execute_statement(Sql=sql, **TARGET)["Id"]
    while data.describe_statement(Id=made)["Status"] not in {"FINISHED", "FAILED"}:
        time.sleep(0.05)
    return made, data.get_statement_result(Id=made)["Records"]


def _sessions(node: RunningNode, name: str, text: str) -> list[Speaker]:
    """Two sessions of one role with this policy."""
    iam = node.client(service="iam")
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trusting(PRODUCER))["Role"]
    iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=text)
    sts = user(node, f"{name}u", allow("sts:AssumeRole"))("sts")
    given = [
        sts.assume_role(RoleArn=role["Arn"], RoleSessionName=f"{name}{i}")["Credentials"]
        for i in range(2)
    ]
    return [Speaker.of(node, one) for one in given]


def test_an_identity_runs_as_its_own_database_user(node: RunningNode, name: str) -> None:
    """Not as the namespace's administrator, and nobody else finds its statement."""
    ana, bo = user(node, f"{name}a", DATA), user(node, f"{name}b", DATA)
    made, records = _rows(ana, "SELECT current_user")
    assert records == [[{"stringValue": f"IAM:{name}a"}]]
    with pytest.raises(ClientError) as refused:
        bo("redshift-data").describe_statement(Id=made)
    assert refused.value.response["Error"]["Code"] == "ResourceNotFoundException"


def test_sessions_of_a_role(node: RunningNode, name: str) -> None:
    """Sessions of one role are one database user, and see each other's statements."""
    sessions = _sessions(node, name, policy(DATA))
    made, records = _rows(sessions[0], "SELECT current_user")
    assert records == [[{"stringValue": f"IAMR:{name}"}]]
    assert sessions[1]("redshift-data").describe_statement(Id=made)["Status"] == "FINISHED"


def test_ones_own_statements_alone(node: RunningNode, name: str) -> None:
    """With Amazon's condition on the owner, sessions of a role keep to their own statements."""
    own = {"StringEquals": {"redshift-data:statement-owner-iam-userid": "${aws:userid}"}}
    run = allow(["redshift-data:ExecuteStatement", "redshift-serverless:GetCredentials"])
    read = ["redshift-data:DescribeStatement", "redshift-data:GetStatementResult"]
    one, other = _sessions(node, name, policy(run, allow(read, Condition=own)))
    made, _ = _rows(one, "SELECT 1")
    with pytest.raises(ClientError) as refused:
        other("redshift-data").describe_statement(Id=made)
    assert refused.value.response["Error"]["Code"] == "AccessDeniedException"
