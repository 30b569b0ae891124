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
from redshare.core.ids import AccountId, NamespaceId, NamespaceKind, Region, WarehouseId
from redshare.core.namespace import Namespace
from redshare.core.parameter_group import ParameterGroup
from redshare.core.snapshot import Snapshot
from redshare.core.subnet_group import SubnetGroup
from redshare.core.usage_limit import UsageLimit
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
    tags=(("team", "sales"),),
)
TEAM = (("team", "sales"),)
REGION = Region("us-east-1")
TAGGED = (
    Namespace(
        NamespaceId("n2"),
        ACCOUNT,
        REGION,
        NamespaceKind.SERVERLESS,
        "sales",
        "admin",
        "dev",
        NOW,
        tags=TEAM,
    ),
    ParameterGroup(ACCOUNT, REGION, "group", "redshift-1.0", "", tags=TEAM),
    SubnetGroup(ACCOUNT, REGION, "subnets", "", ("subnet-1",), tags=TEAM),
    UsageLimit(
        "limit",
        ACCOUNT,
        REGION,
        WarehouseId("w1"),
        "spectrum",
        "data-scanned",
        1,
        "daily",
        "log",
        tags=TEAM,
    ),
    *(
        Snapshot(
            f"id-{kind}",
            ACCOUNT,
            REGION,
            kind,
            "taken",
            NamespaceId("n1"),
            "finance",
            None,
            "admin",
            "dev",
            encrypted=True,
            kms_key_id="",
            created=NOW,
            contents="",
            lakes=(),
            size=0,
            tags=TEAM,
        )
        for kind in NamespaceKind
    ),
)
ANA = IamUser("AIDAANA", ACCOUNT, "ana", NOW, "/team/")
CATALOG = Catalog().after([Put(one) for one in (CLUSTER, WORKGROUP, ANA, *TAGGED)], 1)
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


_CLUSTER = f"arn:aws:redshift:{HERE}:cluster:finance"
_SERVERLESS = f"arn:aws:redshift-serverless:{HERE}"
_NAMESPACE = f"{_SERVERLESS}:namespace/n2"
_SHARE = f"arn:aws:redshift:{HERE}:datashare:8b7e7d4c-2f63-4c5a-9d0e-1f2a3b4c5d6e/s"
#: Each kind of resource of the mapping: the parameters of any service that name one, and its ARN.
NAMED: dict[str, dict[str, tuple[dict[str, Any], str]]] = {
    "redshift": {
        "resource": ({"ResourceName": _CLUSTER}, _CLUSTER),
        "cluster": ({"ClusterIdentifier": "Finance"}, _CLUSTER),
        "datashare": ({"DataShareArn": _SHARE}, _SHARE),
        "namespace": ({"ResourceArn": _NAMESPACE}, _NAMESPACE),
        "parametergroup": (
            {"ParameterGroupName": "Group"},
            f"arn:aws:redshift:{HERE}:parametergroup:group",
        ),
        "subnetgroup": (
            {"ClusterSubnetGroupName": "Subnets"},
            f"arn:aws:redshift:{HERE}:subnetgroup:subnets",
        ),
        "usagelimit": ({"UsageLimitId": "limit"}, f"arn:aws:redshift:{HERE}:usagelimit:limit"),
        "snapshot": (
            {"SnapshotIdentifier": "Taken"},
            f"arn:aws:redshift:{HERE}:snapshot:finance/taken",
        ),
    },
    "redshift-serverless": {
        "resource": (
            {"resourceArn": f"{_SERVERLESS}:workgroup/w2"},
            f"{_SERVERLESS}:workgroup/w2",
        ),
        "namespace": ({"namespaceName": "sales"}, _NAMESPACE),
        "workgroup": ({"workgroupName": "sales-wg"}, f"{_SERVERLESS}:workgroup/w2"),
        "snapshot": ({"snapshotName": "taken"}, f"{_SERVERLESS}:snapshot/id-serverless"),
    },
    "redshift-data": {
        "cluster": ({"ClusterIdentifier": "finance"}, _CLUSTER),
        "workgroup": ({"WorkgroupName": "sales-wg"}, f"{_SERVERLESS}:workgroup/w2"),
    },
}
#: Without tags, or of what is never made here.
_UNTAGGED = {"datashare"}
_TAGS = [{"Key": "a", "Value": "b", "key": "a", "value": "b"}]


@pytest.mark.parametrize(
    ("service", "operation", "kind"),
    [
        (service, operation, kind)
        for service, actions in RESOURCE_KINDS.items()
        for operation, kinds in actions.items()
        for kind in kinds
        if kind in NAMED[service]
    ],
)
def test_each_action_is_on_its_resource_with_its_tags(
    service: str, operation: str, kind: str
) -> None:
    """Every row of the mapping: the ARN, the tags on it, and those that the request brings."""
    named, arn = NAMED[service][kind]
    given = {"Tags": _TAGS} if service == "redshift" else {"tags": _TAGS}
    (need,) = [
        n
        for n in _needs(service, operation, **named, **given)
        if n.action == f"{service}:{operation}" and n.resource == arn
    ]
    assert need.context["aws:RequestTag/a"] == "b"
    assert need.context["aws:TagKeys"] == ("a",)
    assert need.context.get("aws:ResourceTag/team") == (None if kind in _UNTAGGED else "sales")


@pytest.mark.parametrize(
    "operation", ["CreateUser", "CreateRole", "CreatePolicy", "TagUser", "TagRole", "TagPolicy"]
)
def test_tags_of_identities_are_keys(operation: str) -> None:
    """Whoever is made or tagged, the request's tags are there for policies."""
    named = {
        "User": {"UserName": "bo"},
        "Role": {"RoleName": "r"},
        "Policy": {"PolicyName": "p"} if operation.startswith("C") else {"PolicyArn": "arn:p"},
    }[operation.removeprefix("Create").removeprefix("Tag")]
    (need,) = _needs("iam", operation, **named, Tags=_TAGS)
    assert need.resource != "*"
    assert need.context == {"aws:RequestTag/a": "b", "aws:TagKeys": ("a",)}
    (need,) = _needs("iam", "UntagUser", UserName="ana", TagKeys=["a"])
    assert need.context == {"aws:TagKeys": ("a",)}


def test_of_another_account_no_tags_are_told() -> None:
    """An ARN may name what is not the caller's: its tags are not for the caller's policies."""
    arn = f"arn:aws:redshift:{HERE}:cluster:finance"
    other = Caller(root_speaker(AccountId("2" * 12)), "AKIA", REGION, "r")
    asked = Asked(other, "redshift", "CreateTags", {"ResourceName": arn}, CATALOG, OWNERS.get)
    assert [(n.resource, n.context) for n in needs(asked)] == [(arn, {})]


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
