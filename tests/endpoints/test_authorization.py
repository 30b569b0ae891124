"""Which action on which resource an operation is, for every operation of the models."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from redshare.app.caller import Caller
from redshare.app.iam.speaker import root_speaker, user_speaker
from redshare.core.catalog import Catalog, Put
from redshare.core.data_statement import Owner
from redshare.core.iam.identity import IamUser
from redshare.core.ids import AccountId, NamespaceId, Region, WarehouseId
from redshare.core.warehouse import Warehouse, WarehouseKind
from redshare.endpoints.authorization.action_table import RESOURCE_KINDS
from redshare.endpoints.authorization.asked import Asked
from redshare.endpoints.authorization.needs import FREE, needs
from redshare.wire.aws.model import SERVICES, load_service

ACCOUNT, NOW = AccountId("111111111111"), datetime(2026, 1, 1, tzinfo=UTC)
HERE = f"us-east-1:{ACCOUNT}"
CLUSTER = Warehouse(
    WarehouseId("w1"),
    WarehouseKind.CLUSTER,
    "finance",
    ACCOUNT,
    Region("us-east-1"),
    NamespaceId("n1"),
    5439,
    NOW,
    tags=(("team", "sales"),),
)
WORKGROUP = Warehouse(
    WarehouseId("w2"),
    WarehouseKind.WORKGROUP,
    "sales-wg",
    ACCOUNT,
    Region("us-east-1"),
    NamespaceId("n2"),
    5440,
    NOW,
)
ANA = IamUser("AIDAANA", ACCOUNT, "ana", NOW, "/team/")
CATALOG = Catalog().after([Put(CLUSTER), Put(WORKGROUP), Put(ANA)], 1)
#: Statements of the Data API and whose they are.
OWNERS = {
    name: Owner(ACCOUNT, principal=arn, region=Region("us-east-1"))
    for name, arn in (("own", ANA.arn), ("root", f"arn:aws:iam::{ACCOUNT}:root"))
}


def _needs(service: str, operation: str, *, own: bool = False, **params: Any) -> list[Any]:
    speaker = user_speaker(ANA) if own else root_speaker(ACCOUNT)
    caller = Caller(speaker, "AKIA", Region("us-east-1"), "r")
    return list(needs(Asked(caller, service, operation, params, CATALOG, OWNERS.get)))


@pytest.mark.parametrize("service", SERVICES)
def test_every_operation_is_an_action(service: str) -> None:
    """Whatever its parameters, an operation needs an action of its service, or is free."""
    for operation in load_service(service).operations:
        found = _needs(service, operation)
        assert bool(found) != (service == "sts" and operation in FREE)
        assert all(need.action.startswith(f"{service}:") for need in found)


def test_every_kind_of_resource_is_read() -> None:
    """No action of the table is on a kind that nothing reads."""
    for service, actions in RESOURCE_KINDS.items():
        for action in actions:
            assert all(n.resource == "*" or ":" in n.resource for n in _needs(service, action))


@pytest.mark.parametrize(
    ("service", "operation", "params", "resources"),
    [
        ("redshift", "DescribeClusters", {}, [f"arn:aws:redshift:{HERE}:cluster:*"]),
        (
            "redshift",
            "PauseCluster",
            {"ClusterIdentifier": "FINANCE"},
            [f"arn:aws:redshift:{HERE}:cluster:finance"],
        ),
        (
            "redshift",
            "CreateClusterSnapshot",
            {"ClusterIdentifier": "finance", "SnapshotIdentifier": "One"},
            [
                f"arn:aws:redshift:{HERE}:cluster:finance",
                f"arn:aws:redshift:{HERE}:snapshot:finance/one",
            ],
        ),
        (
            "redshift",
            "RestoreFromClusterSnapshot",
            {"ClusterIdentifier": "new", "SnapshotIdentifier": "a"},
            [
                f"arn:aws:redshift:{HERE}:cluster:new",
                f"arn:aws:redshift:{HERE}:snapshot:*/a",
            ],
        ),
        (
            "redshift",
            "BatchDeleteClusterSnapshots",
            {"Identifiers": [{"SnapshotIdentifier": "a", "SnapshotClusterIdentifier": "c"}]},
            [f"arn:aws:redshift:{HERE}:snapshot:c/a"],
        ),
        (
            "redshift",
            "DeleteClusterParameterGroup",
            {"ParameterGroupName": "P"},
            [f"arn:aws:redshift:{HERE}:parametergroup:p"],
        ),
        ("redshift", "DescribeTags", {}, ["*"]),
        ("redshift", "DescribeDataShares", {"DataShareArn": "x"}, ["*"]),
        (
            "redshift-serverless",
            "GetWorkgroup",
            {"workgroupName": "sales-wg"},
            [f"arn:aws:redshift-serverless:{HERE}:workgroup/w2"],
        ),
        (
            "redshift-serverless",
            "CreateWorkgroup",
            {"workgroupName": "new", "namespaceName": "n"},
            [f"arn:aws:redshift-serverless:{HERE}:workgroup/*"],
        ),
        ("redshift-serverless", "ListWorkgroups", {}, ["*"]),
        ("redshift-data", "DescribeStatement", {"Id": "x"}, ["*"]),
        ("iam", "ListUsers", {}, ["*"]),
        ("iam", "GetUser", {"UserName": "ANA"}, [f"arn:aws:iam::{ACCOUNT}:user/team/ana"]),
        (
            "iam",
            "UpdateUser",
            {"UserName": "ana", "NewPath": "/admins/"},
            [f"arn:aws:iam::{ACCOUNT}:user/team/ana", f"arn:aws:iam::{ACCOUNT}:user/admins/ana"],
        ),
        (
            "iam",
            "CreateUser",
            {"UserName": "bo", "Path": "/x/"},
            [f"arn:aws:iam::{ACCOUNT}:user/x/bo"],
        ),
        (
            "iam",
            "CreatePolicy",
            {"PolicyName": "p"},
            [f"arn:aws:iam::{ACCOUNT}:policy/p"],
        ),
        (
            "iam",
            "AttachUserPolicy",
            {"UserName": "ana", "PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"},
            [f"arn:aws:iam::{ACCOUNT}:user/team/ana"],
        ),
    ],
)
def test_resources(
    service: str, operation: str, params: dict[str, Any], resources: list[str]
) -> None:
    """The canonical ARNs of what a request names."""
    assert [n.resource for n in _needs(service, operation, **params)] == resources


def test_tags_of_the_resource_are_keys() -> None:
    """A warehouse's tags are there for policies, as are those of the request."""
    (need,) = _needs(
        "redshift",
        "CreateTags",
        ResourceName=f"arn:aws:redshift:{HERE}:cluster:finance",
        Tags=[{"Key": "a", "Value": "b"}],
    )
    assert need.context == {
        "aws:ResourceTag/team": "sales",
        "aws:RequestTag/a": "b",
        "aws:TagKeys": ("a",),
    }


def test_oneself() -> None:
    """Without a UserName a user's keys are its own."""
    (need,) = _needs("iam", "ListAccessKeys", own=True)
    assert need.resource == ANA.arn


@pytest.mark.parametrize(("id_", "owner"), [("own", "AIDAANA"), ("root", ACCOUNT)])
def test_whose_a_statement_is(id_: str, owner: str) -> None:
    """The owner's unique id is a key; of a statement that is not there it is none."""
    key = "redshift-data:statement-owner-iam-userid"
    (need,) = _needs("redshift-data", "DescribeStatement", Id=id_)
    assert need.context == {key: owner}
    (need,) = _needs("redshift-data", "CancelStatement", Id="x")
    assert need.context == {}


def test_sql_without_a_user() -> None:
    """Without DbUser the Data API works as the identity's own database user."""
    given = {"ClusterIdentifier": "finance", "Database": "dev", "Sql": "SELECT 1"}
    found = [(n.action, n.resource) for n in _needs("redshift-data", "ExecuteStatement", **given)]
    assert found == [
        ("redshift-data:ExecuteStatement", f"arn:aws:redshift:{HERE}:cluster:finance"),
        (
            "redshift:GetClusterCredentialsWithIAM",
            f"arn:aws:redshift:{HERE}:dbname:finance/dev",
        ),
    ]
