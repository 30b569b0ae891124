"""Policies at the gateway: actions, resources and condition keys of real calls."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from botocore.httpsession import URLLib3Session

from tests.node.conftest import Connect
from tests.node.identities import Speaker, allow, deny, user
from tests.node.running import CONSUMER, PRODUCER, REGION, STRANGER, RunningNode

pytestmark = pytest.mark.server

IDENTIFIER = "redshift:ConsumerIdentifier"


def _refused(call: Callable[..., Any], **parameters: Any) -> str:
    with pytest.raises(ClientError) as refused:
        call(**parameters)
    assert refused.value.response["Error"]["Code"] in {"AccessDenied", "AccessDeniedException"}
    return str(refused.value.response["Error"]["Message"])


Share = Callable[..., str]


@pytest.fixture
def share(node: RunningNode, connect: Connect) -> Iterator[Share]:
    """Makes shares of the producer that are granted to accounts; gives their ARNs."""
    made = []

    def share_(name: str, *consumers: str) -> str:
        admin = connect("sales")
        admin.execute(f"CREATE DATASHARE {name}".encode())
        made.append(name)
        for consumer in consumers:
            admin.execute(f"GRANT USAGE ON DATASHARE {name} TO ACCOUNT '{consumer}'".encode())
        return node.share_arn(name)

    yield share_
    for name in made:
        connect("sales").execute(f"DROP DATASHARE {name}".encode())


def _statuses(node: RunningNode, arn: str) -> dict[str, str]:
    shares = node.client().describe_data_shares(DataShareArn=arn)["DataShares"]
    entries = shares[0]["DataShareAssociations"]
    return {entry["ConsumerIdentifier"]: entry["Status"] for entry in entries}


@pytest.mark.scenario(48)
def test_only_a_trusted_consumer(node: RunningNode, name: str, share: Share) -> None:
    """Deny unless ConsumerIdentifier is the trusted account: another is refused, unchanged."""
    arn = share(name, CONSUMER, STRANGER)
    guard = deny(
        ["redshift:AuthorizeDataShare", "redshift:DeauthorizeDataShare"],
        Condition={"StringNotEquals": {IDENTIFIER: CONSUMER}},
    )
    admin = user(node, name, allow("redshift:*"), guard)
    before = _statuses(node, arn)
    with pytest.raises(ClientError) as refused:
        admin("redshift").authorize_data_share(DataShareArn=arn, ConsumerIdentifier=STRANGER)
    answer = refused.value.response
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 403
    assert answer["Error"]["Code"] == "AccessDenied"
    assert answer["Error"]["Message"] == (
        f"User: {admin.arn} is not authorized to perform: redshift:AuthorizeDataShare on resource: "
        f"{arn} with an explicit deny in an identity-based policy"
    )
    assert _statuses(node, arn) == before
    admin("redshift").authorize_data_share(DataShareArn=arn, ConsumerIdentifier=CONSUMER)
    assert _statuses(node, arn) == {CONSUMER: "AUTHORIZED", STRANGER: "PENDING_AUTHORIZATION"}


def test_one_share_without_writes(node: RunningNode, name: str, share: Share) -> None:
    """A policy names one share, and `redshift:AllowWrites` says whether writes may be given."""
    arn, other = (share(f"{name}{i}", CONSUMER) for i in "ab")
    never = {"Bool": {"redshift:AllowWrites": "false"}}
    speaker = user(node, name, allow("redshift:AuthorizeDataShare", arn, Condition=never))
    redshift = speaker("redshift")
    given = {"DataShareArn": arn, "ConsumerIdentifier": CONSUMER}
    _refused(redshift.authorize_data_share, **given, AllowWrites=True)
    redshift.authorize_data_share(**given)
    _refused(redshift.authorize_data_share, DataShareArn=other, ConsumerIdentifier=CONSUMER)
    _refused(redshift.deauthorize_data_share, **given)
    assert _refused(redshift.describe_data_shares).endswith(
        "on resource: * because no identity-based policy allows the redshift:DescribeDataShares "
        "action"
    )


def test_a_share_however_it_is_written(node: RunningNode, name: str, share: Share) -> None:
    """Another spelling of an ARN does not get around a Deny of the share."""
    arn = share(name, CONSUMER)
    speaker = user(node, name, allow("*"), deny("redshift:*", arn))
    guid = arn.split(":")[6].partition("/")[0]
    spelled = [
        arn,
        arn.replace(guid, guid.upper()),
        arn.replace("arn:aws:", "arn:aws-us-gov:"),
        arn.replace(guid, f" {guid}"),
    ]
    for one in spelled:
        _refused(
            speaker("redshift").authorize_data_share,
            DataShareArn=one,
            ConsumerIdentifier=CONSUMER,
        )
    assert _statuses(node, arn) == {CONSUMER: "PENDING_AUTHORIZATION"}


def test_associating_one_namespace(node: RunningNode, name: str, share: Share) -> None:
    """A consumer's policy is on the producer's share, with the namespace as ConsumerArn."""
    arn = share(name, CONSUMER)
    node.client().authorize_data_share(DataShareArn=arn, ConsumerIdentifier=CONSUMER)
    mine, other = node.namespace_arn("analytics"), node.namespace_arn("science")
    only = {"StringEquals": {"redshift:ConsumerArn": mine}}
    speaker = user(
        node,
        name,
        allow("redshift:*DataShareConsumer", arn, Condition=only),
        account=CONSUMER,
    )
    redshift = speaker("redshift")
    _refused(redshift.associate_data_share_consumer, DataShareArn=arn, ConsumerArn=other)
    _refused(redshift.associate_data_share_consumer, DataShareArn=arn, AssociateEntireAccount=True)
    redshift.associate_data_share_consumer(DataShareArn=arn, ConsumerArn=mine)
    redshift.disassociate_data_share_consumer(DataShareArn=arn, ConsumerArn=mine)


def test_clusters_by_arn_and_tag(node: RunningNode, name: str) -> None:
    """A cluster is its ARN whatever its letters, and its tags are `aws:ResourceTag`."""
    cluster = f"arn:aws:redshift:{REGION}:{PRODUCER}:cluster:finance"
    by_arn = user(node, f"{name}a", allow("redshift:*", cluster))
    found = by_arn("redshift").describe_clusters(ClusterIdentifier="FINANCE")["Clusters"]
    assert [c["ClusterIdentifier"] for c in found] == ["finance"]
    assert "cluster:*" in _refused(by_arn("redshift").describe_clusters)
    kept = user(node, f"{name}b", allow("*"), deny("redshift:DeleteCluster", cluster))
    _refused(
        kept("redshift").delete_cluster,
        ClusterIdentifier="FINANCE",
        SkipFinalClusterSnapshot=True,
    )
    tagged = {"StringEquals": {"aws:ResourceTag/owner": name}}
    by_tag = user(node, f"{name}c", allow("redshift:DescribeClusters", Condition=tagged))
    _refused(by_tag("redshift").describe_clusters, ClusterIdentifier="finance")
    tags = {"ResourceName": cluster, "Tags": [{"Key": "owner", "Value": name}]}
    node.client().create_tags(**tags)
    by_tag("redshift").describe_clusters(ClusterIdentifier="finance")
    node.client().delete_tags(ResourceName=cluster, TagKeys=["owner"])
    wanted = {
        "StringEquals": {"aws:RequestTag/owner": "me"},
        "ForAllValues:StringEquals": {"aws:TagKeys": ["owner"]},
    }
    tagger = user(node, f"{name}d", allow("redshift:CreateTags", cluster, Condition=wanted))
    _refused(tagger("redshift").create_tags, **tags)
    both = [{"Key": "owner", "Value": "me"}, {"Key": "x", "Value": "y"}]
    _refused(tagger("redshift").create_tags, ResourceName=cluster, Tags=both)
    tagger("redshift").create_tags(ResourceName=cluster, Tags=both[:1])
    node.client().delete_tags(ResourceName=cluster, TagKeys=["owner"])


def test_others_by_tag(node: RunningNode, name: str) -> None:
    """The tags of groups, limits and snapshots are `aws:ResourceTag`, as those of clusters are."""
    redshift, tags = node.client(), [{"Key": "owner", "Value": name}]
    group = {"ParameterGroupName": name, "Description": "d"}
    redshift.create_cluster_parameter_group(ParameterGroupFamily="redshift-1.0", **group, Tags=tags)
    redshift.create_cluster_snapshot(
        ClusterIdentifier="finance", SnapshotIdentifier=name, Tags=tags
    )
    limit = redshift.create_usage_limit(
        ClusterIdentifier="finance",
        FeatureType="spectrum",
        LimitType="data-scanned",
        Amount=7,
        Tags=tags,
    )["UsageLimitId"]
    calls = (
        ("describe_cluster_parameters", {"ParameterGroupName": name}),
        ("delete_cluster_parameter_group", {"ParameterGroupName": name}),
        ("delete_usage_limit", {"UsageLimitId": limit}),
        ("delete_cluster_snapshot", {"SnapshotIdentifier": name}),
    )
    for whose, key in ((f"{name}a", "else"), (f"{name}b", name)):
        tagged = {"StringEquals": {"aws:ResourceTag/owner": key}}
        speaker = user(node, whose, allow("redshift:*", Condition=tagged))
        for call, parameters in calls:
            if key == name:
                getattr(speaker("redshift"), call)(**parameters)
            else:
                _refused(getattr(speaker("redshift"), call), **parameters)
    wanted = {"StringEquals": {"aws:RequestTag/owner": name}}
    maker = user(node, f"{name}c", allow("redshift:CreateClusterParameterGroup", Condition=wanted))
    create = maker("redshift").create_cluster_parameter_group
    _refused(create, ParameterGroupFamily="redshift-1.0", **group)
    create(ParameterGroupFamily="redshift-1.0", **group, Tags=tags)


def test_workgroups_by_arn(node: RunningNode, name: str) -> None:
    """A workgroup is asked for by its id, in the words of a json service."""
    serverless = node.client(service="redshift-serverless")
    arn = serverless.get_workgroup(workgroupName="sales-wg")["workgroup"]["workgroupArn"]
    speaker = user(node, name, allow("redshift-serverless:GetWorkgroup", arn))
    speaker("redshift-serverless").get_workgroup(workgroupName="sales-wg")
    assert f"GetNamespace on resource: {node.namespace_arn('sales')}" in _refused(
        speaker("redshift-serverless").get_namespace, namespaceName="sales"
    )


def test_database_credentials(node: RunningNode, name: str) -> None:
    """A credential needs the user's and the database's ARN; making users and joining, more."""
    place = f"arn:aws:redshift:{REGION}:{PRODUCER}"
    short = {"NumericLessThanEquals": {"redshift:DurationSeconds": "900"}}
    speaker = user(
        node,
        name,
        allow(
            "redshift:GetClusterCredentials",
            [f"{place}:dbuser:finance/${{aws:username}}", f"{place}:dbname:finance/dev"],
            Condition=short,
        ),
    )
    get = speaker("redshift").get_cluster_credentials
    given = {"ClusterIdentifier": "finance", "DbUser": name, "DbName": "dev"}
    assert get(**given)["DbUser"] == f"IAM:{name}"
    assert "dbuser:finance/admin" in _refused(get, **{**given, "DbUser": "admin"})
    assert "dbname:finance/other" in _refused(get, **{**given, "DbName": "other"})
    assert "dbname:finance/*" in _refused(get, ClusterIdentifier="finance", DbUser=name)
    _refused(get, **given, DurationSeconds=3600)
    assert "redshift:CreateClusterUser" in _refused(get, **given, AutoCreate=True)
    assert "redshift:JoinGroup" in _refused(get, **given, DbGroups=["g"])


def test_running_sql(node: RunningNode, name: str) -> None:
    """Running SQL is the action on the cluster, and a credential of the database user."""
    cluster = f"arn:aws:redshift:{REGION}:{PRODUCER}:cluster:finance"
    action = allow("redshift-data:ExecuteStatement", cluster)
    half = user(node, f"{name}h", action)
    whole = user(node, f"{name}w", action, allow("redshift:GetClusterCredentials"))
    sql = {"ClusterIdentifier": "finance", "Database": "dev", "DbUser": "admin", "Sql": "SELECT 1"}
    assert "redshift:GetClusterCredentials" in _refused(
        half("redshift-data").execute_statement, **sql
    )
    assert whole("redshift-data").execute_statement(**sql)["Id"]
    assert "redshift-data:ListStatements" in _refused(whole("redshift-data").list_statements)


def test_circumstances(node: RunningNode, name: str) -> None:
    """Address, time, transport and the principal itself are known to policies."""
    here = {
        "IpAddress": {"aws:SourceIp": "127.0.0.0/8"},
        "Bool": {"aws:SecureTransport": "false"},
        "DateGreaterThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"},
        "StringEquals": {"aws:PrincipalAccount": PRODUCER, "aws:RequestedRegion": REGION},
        "ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{PRODUCER}:user/*"},
        "StringLike": {"aws:UserAgent": "Boto3/*"},
    }
    user(node, f"{name}y", allow("redshift:*", Condition=here))("redshift").describe_clusters()
    for operator, key, value in (
        ("NotIpAddress", "aws:SourceIp", "127.0.0.0/8"),
        ("Bool", "aws:SecureTransport", "true"),
        ("StringEquals", "aws:PrincipalAccount", CONSUMER),
    ):
        wrong = allow("redshift:*", Condition={operator: {key: value}})
        speaker = user(node, f"{name}{operator}{value[:2]}".replace(":", ""), wrong)
        _refused(speaker("redshift").describe_clusters)


def test_forwarded_headers_are_not_believed(node: RunningNode, name: str) -> None:
    """Who says that it comes from elsewhere, or over TLS, says it for nothing."""
    away = allow("redshift:*", Condition={"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}})
    secure = allow("redshift:*", Condition={"Bool": {"aws:SecureTransport": "true"}})
    redshift = user(node, name, away, secure)("redshift")

    def forwarded(request: Any, **_: Any) -> None:
        request.headers["X-Forwarded-For"] = "10.0.0.1"
        request.headers["X-Forwarded-Proto"] = "https"

    redshift.meta.events.register("before-send.redshift.*", forwarded)
    _refused(redshift.describe_clusters)


def test_asking_why(node: RunningNode, name: str) -> None:
    """GET /explain is an action too, of a name that AWS does not have."""
    nobody, reader = user(node, f"{name}n"), user(node, name, allow("redshift:ExplainAccess"))
    url = f"{node.ready['endpoint']}/explain?consumer={CONSUMER}&object=dev.public.t"
    answers = []
    for speaker in (nobody, reader):
        request = AWSRequest("GET", url)
        SigV4Auth(Credentials(*speaker.credentials), "redshift", REGION).add_auth(request)
        answer = URLLib3Session().send(request.prepare())
        answers.append((answer.status_code, "redshift:ExplainAccess" in answer.text))
    # What it asks about is not there: it is told so.
    assert answers == [(403, True), (400, False)]


def test_boundaries_at_the_gateway(node: RunningNode, name: str) -> None:
    """A permissions boundary limits its user, and the refusal says so."""
    iam = node.client(service="iam")
    boundary = "arn:aws:iam::aws:policy/AmazonRedshiftReadOnlyAccess"
    speaker: Speaker = user(node, name, allow("*"))
    iam.put_user_permissions_boundary(UserName=name, PermissionsBoundary=boundary)
    speaker("redshift").describe_clusters()
    assert _refused(speaker("iam").list_users).endswith(
        "because no permissions boundary allows the iam:ListUsers action"
    )
    iam.delete_user_permissions_boundary(UserName=name)
    speaker("iam").list_users()
