"""The audit's rows: of calls what was asked and answered, of statements what they said."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import boto3
import psycopg
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from redshare.adapters.postgres import AttachedPostgres
from redshare.adapters.store.proof import prove
from redshare.app.events import event_of
from redshare.bootstrap import CONTROL_DATABASE
from redshare.core.audit_chain import ChainedRow
from tests.node.identities import Speaker, allow, policy, trusting, user
from tests.node.running import CONSUMER, PASSWORD, PRODUCER, REGION, STRANGER, RunningNode

pytestmark = pytest.mark.server

HIDDEN = "HIDDEN_DUE_TO_SECURITY_REASONS"


class Told:
    """A node, and what its audit says as events would."""

    def __init__(self, folder: Path) -> None:
        self.node = RunningNode(folder).start()
        self._store = psycopg.connect(_url(self.node), autocommit=True)
        self._seen = 0
        self.text = ""

    def new(self) -> list[dict[str, Any]]:
        """The details of the events since the last look."""
        found = self._store.execute(
            "SELECT sequence, at, account, body::text, previous, hash FROM audit"
            " WHERE sequence > %s ORDER BY sequence",
            (self._seen,),
        ).fetchall()
        rows = [ChainedRow(*row) for row in found]
        self.text += "".join(row.body for row in rows)
        self._seen = rows[-1].sequence if rows else self._seen
        return [event_of(row)["detail"] for row in rows]

    def call(self, run: Callable[[], Any]) -> tuple[dict[str, Any], Any]:
        """The detail of the one event a call leaves, and the call's answer or error."""
        answer: Any
        try:
            answer = run()
        except ClientError as error:
            answer = error.response
        (detail,) = self.new()
        assert detail["requestID"] == answer["ResponseMetadata"]["RequestId"]
        return detail, answer

    def close(self) -> None:
        """The chain is whole, no password is in it."""
        assert prove(_url(self.node)).broken is None
        assert PASSWORD not in self.text
        self._store.close()
        assert self.node.stop() == 0


def _url(node: RunningNode) -> str:
    return AttachedPostgres(node.directory / "state" / "postgres").url(CONTROL_DATABASE)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    made = Told(tmp_path_factory.mktemp("told"))
    yield made
    made.close()


def test_what_the_world_file_made(told: Told) -> None:
    """The first rows: accounts, keys and namespaces, by the file; a second start adds none."""
    rows = [
        (row["eventName"], row["eventSource"], row["userIdentity"]["arn"]) for row in told.new()
    ]
    for account, made in (
        (PRODUCER, ["CreateCluster", "CreateNamespace", "CreateWorkgroup"]),
        (CONSUMER, ["CreateNamespace", "CreateWorkgroup"] * 2),
        (STRANGER, []),
    ):
        by = f"arn:aws:iam::{account}:system/world-file"
        found = [name for name, _, principal in rows if principal == by]
        assert found == ["CreateAccount", "CreateAccessKey", *made]
    assert {source for _, source, _ in rows} == {
        "organizations.amazonaws.com",
        "iam.amazonaws.com",
        "redshift.amazonaws.com",
        "redshift-serverless.amazonaws.com",
    }


def test_clusters_and_tags(told: Told) -> None:
    """Made, tagged, changed and deleted: the answer is in the row, the password is not."""
    redshift, name = told.node.client(), "audited"
    detail, answer = told.call(
        lambda: redshift.create_cluster(
            ClusterIdentifier=name,
            NodeType="ra3.xlplus",
            MasterUsername="admin",
            MasterUserPassword=PASSWORD,
            ClusterType="single-node",
            Tags=[{"Key": "a", "Value": "b"}],
        )
    )
    assert detail["eventName"] == "CreateCluster"
    assert detail["eventSource"] == "redshift.amazonaws.com"
    assert detail["requestParameters"] == {
        "clusterIdentifier": name,
        "nodeType": "ra3.xlplus",
        "masterUsername": "admin",
        "masterUserPassword": "****",
        "clusterType": "single-node",
        "tags": [{"key": "a", "value": "b"}],
    }
    told_of = detail["responseElements"]["cluster"]
    assert told_of["clusterStatus"] == answer["Cluster"]["ClusterStatus"] == "creating"
    assert told_of["clusterNamespaceArn"] == answer["Cluster"]["ClusterNamespaceArn"]
    assert told_of["endpoint"]["port"] == answer["Cluster"]["Endpoint"]["Port"]
    arn = f"arn:aws:redshift:{REGION}:{PRODUCER}:cluster:{name}"
    detail, _ = told.call(
        lambda: redshift.create_tags(ResourceName=arn, Tags=[{"Key": "c", "Value": "d"}])
    )
    assert detail["requestParameters"]["tags"] == [{"key": "c", "value": "d"}]
    assert detail["responseElements"] is None
    told.call(lambda: redshift.delete_tags(ResourceName=arn, TagKeys=["c"]))
    detail, _ = told.call(
        lambda: redshift.modify_cluster(ClusterIdentifier=name, PubliclyAccessible=True)
    )
    assert detail["responseElements"]["cluster"]["publiclyAccessible"] is True
    detail, _ = told.call(
        lambda: redshift.modify_cluster(ClusterIdentifier=name, PubliclyAccessible=True)
    )
    assert detail["eventName"] == "ModifyCluster", "a call that changed nothing is told as well"
    detail, answer = told.call(
        lambda: redshift.modify_cluster(
            ClusterIdentifier=name,
            NewClusterIdentifier=f"{name}-2",
            MasterUserPassword=f"{PASSWORD}2",
            Encrypted=False,
            EnhancedVpcRouting=True,
        )
    )
    row = detail["responseElements"]["cluster"]
    for shown, of in (("clusterIdentifier", "ClusterIdentifier"), ("encrypted", "Encrypted")):
        assert row[shown] == answer["Cluster"][of]
    assert row["enhancedVpcRouting"] is answer["Cluster"]["EnhancedVpcRouting"] is True
    assert row["clusterStatus"] == answer["Cluster"]["ClusterStatus"] == "renaming"
    assert row["pendingModifiedValues"] == {"clusterIdentifier": f"{name}-2"}
    name, arn = f"{name}-2", f"{arn}-2"
    detail, answer = told.call(
        lambda: redshift.get_cluster_credentials(ClusterIdentifier=name, DbUser="admin")
    )
    assert detail["requestParameters"] == {"clusterIdentifier": name, "dbUser": "admin"}
    assert detail["responseElements"]["dbPassword"] == "****"
    assert answer["DbPassword"] not in told.text
    detail, _ = told.call(
        lambda: redshift.delete_cluster(ClusterIdentifier=name, SkipFinalClusterSnapshot=True)
    )
    assert detail["responseElements"]["cluster"]["clusterStatus"] == "deleting"


def test_serverless(told: Told) -> None:
    """Namespaces and workgroups are told by their own service."""
    serverless = told.node.client(CONSUMER, "redshift-serverless")
    detail, answer = told.call(
        lambda: serverless.create_namespace(
            namespaceName="audited", adminUsername="admin", adminUserPassword=PASSWORD
        )
    )
    assert detail["eventSource"] == "redshift-serverless.amazonaws.com"
    assert detail["requestParameters"] == {
        "namespaceName": "audited",
        "adminUsername": HIDDEN,
        "adminUserPassword": HIDDEN,
    }
    namespace = detail["responseElements"]["namespace"]
    assert namespace["namespaceArn"] == answer["namespace"]["namespaceArn"]
    assert namespace["adminUsername"] == HIDDEN
    detail, _ = told.call(
        lambda: serverless.update_namespace(namespaceName="audited", logExports=["userlog"])
    )
    assert detail["responseElements"]["namespace"]["logExports"] == ["userlog"]
    detail, _ = told.call(
        lambda: serverless.create_workgroup(workgroupName="audited-wg", namespaceName="audited")
    )
    assert detail["responseElements"]["workgroup"]["status"] == "CREATING"
    detail, answer = told.call(lambda: serverless.get_credentials(workgroupName="audited-wg"))
    assert detail["responseElements"]["dbPassword"] == HIDDEN
    assert answer["dbPassword"] not in told.text
    told.call(lambda: serverless.update_workgroup(workgroupName="audited-wg", baseCapacity=64))
    detail, _ = told.call(lambda: serverless.delete_workgroup(workgroupName="audited-wg"))
    assert detail["responseElements"]["workgroup"]["status"] == "DELETING"
    detail, _ = told.call(lambda: serverless.delete_namespace(namespaceName="audited"))
    assert detail["responseElements"]["namespace"]["status"] == "DELETING"


def _client(node: RunningNode, secret: str = "") -> Any:
    """A client that sends what the model does not allow."""
    key = next(a for a in node.ready["accounts"] if a["account_id"] == PRODUCER)
    return boto3.client(
        "redshift",
        endpoint_url=node.ready["endpoint"],
        region_name=REGION,
        aws_access_key_id=key["access_key_id"],
        aws_secret_access_key=secret or key["secret_access_key"],
        config=Config(parameter_validation=False, retries={"total_max_attempts": 1}),
    )


def test_refused_calls(told: Told) -> None:
    """What was refused has its error code, before it ran too; who is not proven leaves nothing."""
    client = _client(told.node)
    refusals = [
        (client.delete_cluster, "MissingParameter"),
        (
            lambda: client.delete_cluster(ClusterIdentifier="none", SkipFinalClusterSnapshot=True),
            "ClusterNotFound",
        ),
        (
            lambda: client.authorize_data_share(DataShareArn="arn:x", ConsumerIdentifier="1"),
            "InvalidParameterValue",
        ),
        (
            lambda: client.create_hsm_client_certificate(HsmClientCertificateIdentifier="c"),
            "UnsupportedOperation",
        ),
        (
            lambda: told.node.client(PRODUCER, "redshift-serverless").delete_namespace(
                namespaceName="none"
            ),
            "ResourceNotFoundException",
        ),
        (
            lambda: told.node.client(PRODUCER, "redshift-data").execute_statement(
                Database="dev", WorkgroupName="none", Sql="SELECT 'secret'"
            ),
            "ResourceNotFoundException",
        ),
    ]
    for run, code in refusals:
        detail, answer = told.call(run)
        assert (detail["errorCode"], answer["Error"]["Code"]) == (code, code)
        assert detail["responseElements"] is None
    assert detail["requestParameters"]["sql"] == "***OMITTED***"
    for quiet in (
        lambda: _client(told.node, secret="wrong").delete_cluster(ClusterIdentifier="c"),
        lambda: client.describe_clusters(ClusterIdentifier="none"),
    ):
        with suppress(ClientError):
            quiet()
    detail, _ = told.call(lambda: client.reject_data_share(DataShareArn="arn:aws:x"))
    assert detail["eventName"] == "RejectDataShare"


def test_refused_identity_calls(told: Told) -> None:
    """Refused calls of IAM and STS are told as those of the other services are."""
    node = told.node
    speaker = user(node, "powerless")
    node.client(PRODUCER, "iam").create_role(
        RoleName="closed", AssumeRolePolicyDocument=trusting(f"arn:aws:iam::{CONSUMER}:root")
    )
    token = node.client(PRODUCER, "sts").get_session_token()["Credentials"]
    plain = Speaker.of(node, token)
    told.new()
    iam, sts = speaker("iam"), speaker("sts")
    role = f"arn:aws:iam::{PRODUCER}:role/closed"
    refusals = [
        (lambda: iam.create_user(UserName="new"), "CreateUser", "AccessDenied"),
        (lambda: iam.create_access_key(UserName="powerless"), "CreateAccessKey", "AccessDenied"),
        (
            lambda: iam.put_user_policy(
                UserName="powerless", PolicyName="p", PolicyDocument=policy(allow("*"))
            ),
            "PutUserPolicy",
            "AccessDenied",
        ),
        (lambda: iam.create_group(GroupName="g"), "CreateGroup", "UnsupportedOperation"),
        (
            lambda: sts.assume_role(RoleArn=role, RoleSessionName="se"),
            "AssumeRole",
            "AccessDenied",
        ),
        (lambda: sts.get_session_token(TokenCode="1" * 6), "GetSessionToken", "AccessDenied"),
        (
            lambda: sts.get_federation_token(Name="fed"),
            "GetFederationToken",
            "UnsupportedOperation",
        ),
        (lambda: plain("iam").create_user(UserName="new"), "CreateUser", "InvalidClientTokenId"),
    ]
    for run, operation, code in refusals:
        detail, answer = told.call(run)
        assert (detail["eventName"], answer["Error"]["Code"]) == (operation, code)
        assert (detail["errorCode"], detail["responseElements"]) == (code, None)
        assert detail["errorMessage"] == answer["Error"]["Message"]


def test_datashare_calls(told: Told) -> None:
    """The answer of the handshake's calls, as CloudTrail's own sample has it."""
    node = told.node
    with node.connect("sales") as producer:
        for statement in (
            "CREATE DATASHARE answered",
            f"GRANT USAGE ON DATASHARE answered TO ACCOUNT '{CONSUMER}'",
        ):
            producer.execute(statement)  # type: ignore[call-overload]
    assert len(told.new()) == 2
    arn = node.share_arn("answered")
    detail, answer = told.call(
        lambda: node.client().authorize_data_share(DataShareArn=arn, ConsumerIdentifier=CONSUMER)
    )
    elements = detail["responseElements"]
    assert elements["dataShareArn"] == arn
    assert elements["producerArn"] == elements["producerNamespaceArn"] == answer["ProducerArn"]
    assert elements["allowPubliclyAccessibleConsumers"] is False
    (entry,) = elements["dataShareAssociations"]
    assert (entry["consumerIdentifier"], entry["status"]) == (CONSUMER, "AUTHORIZED")
    assert entry["createdDate"].endswith("Z")
    detail, _ = told.call(
        lambda: node.client(CONSUMER).associate_data_share_consumer(
            DataShareArn=arn, ConsumerArn=node.namespace_arn("analytics")
        )
    )
    statuses = {e["status"] for e in detail["responseElements"]["dataShareAssociations"]}
    assert statuses == {"ACTIVE"}
    detail, _ = told.call(lambda: node.client(CONSUMER).reject_data_share(DataShareArn=arn))
    assert detail["responseElements"]["dataShareAssociations"][0]["status"] == "REJECTED"
    assert detail["recipientAccountId"] == CONSUMER


def test_statements(told: Told) -> None:
    """Databases, users, groups, roles and their grants: by the words of the statement."""
    statements = [
        ("CREATE DATABASE au_db", "CreateDatabase", {"name": "au_db"}),
        (
            "ALTER DATABASE au_db CONNECTION LIMIT 5",
            "AlterDatabase",
            {"name": "au_db", "connectionLimit": 5},
        ),
        (
            f"CREATE USER au_u PASSWORD '{PASSWORD}' CREATEDB",
            "CreateUser",
            {"name": "au_u", "options": {"password": "****", "createDb": True}},
        ),
        (
            f"ALTER USER au_u PASSWORD '{PASSWORD}'",
            "AlterUser",
            {"name": "au_u", "options": {"password": "****"}},
        ),
        ("CREATE GROUP au_g USER au_u", "CreateGroup", {"name": "au_g", "users": ["au_u"]}),
        ("ALTER GROUP au_g DROP USER au_u", "AlterGroup", {"name": "au_g", "drop": ["au_u"]}),
        ("CREATE ROLE au_r", "CreateRole", {"name": "au_r"}),
        (
            "GRANT ROLE au_r TO au_u",
            "GrantRole",
            {"roles": ["au_r"], "recipients": [{"kind": "user", "name": "au_u"}]},
        ),
        (
            "REVOKE ROLE au_r FROM au_u",
            "RevokeRole",
            {"roles": ["au_r"], "recipients": [{"kind": "user", "name": "au_u"}], "revoke": True},
        ),
        (
            "GRANT CREATE USER TO ROLE au_r",
            "GrantSystemPrivilege",
            {"privileges": ["CREATE USER"], "roles": ["au_r"]},
        ),
        ("DROP ROLE au_r FORCE", "DropRole", {"name": "au_r", "force": True}),
        ("DROP GROUP au_g", "DropGroup", {"name": "au_g"}),
        ("DROP USER au_u", "DropUser", {"names": ["au_u"]}),
        ("DROP DATABASE au_db", "DropDatabase", {"name": "au_db"}),
    ]
    guid = told.node.guid("sales")
    with told.node.connect("sales") as session:
        for text, name, said in statements:
            session.execute(text)  # type: ignore[call-overload]
            (detail,) = told.new()
            assert (detail["eventName"], detail["requestParameters"]["statement"]) == (name, said)
            assert detail["userIdentity"]["arn"].endswith(f":dbuser:{guid}/admin")
        with pytest.raises(psycopg.Error):
            session.execute("DROP USER au_none")
        (detail,) = told.new()
        assert (detail["eventName"], detail["errorCode"]) == ("DropUser", "42704")


def test_grants_on_a_shared_database(told: Told) -> None:
    """Grants on a shared database and on what is in it have events of their own."""
    node = told.node
    with node.connect("sales") as producer, node.connect("finance") as consumer:
        for text in (
            "CREATE SCHEMA au_s",
            "CREATE TABLE au_s.t (i integer)",
            "CREATE DATASHARE au_share",
            "ALTER DATASHARE au_share ADD SCHEMA au_s",
            "ALTER DATASHARE au_share ADD TABLE au_s.t",
            f"GRANT USAGE ON DATASHARE au_share TO NAMESPACE '{node.guid('finance')}'",
        ):
            producer.execute(text)  # type: ignore[call-overload]
        of = f"FROM DATASHARE au_share OF NAMESPACE '{node.guid('sales')}'"
        consumer.execute(f"CREATE DATABASE au_shared WITH PERMISSIONS {of}")  # type: ignore[call-overload]
        consumer.execute(
            "CREATE EXTERNAL SCHEMA au_x FROM REDSHIFT DATABASE 'au_shared' SCHEMA 'au_s'"
        )
        told.new()
        for what in (
            "USAGE ON DATABASE au_shared",
            "USAGE ON SCHEMA au_shared.au_s",
            "SELECT ON au_shared.au_s.t",
            "SELECT ON au_x.t",
            "SELECT FOR TABLES IN DATABASE au_shared",
        ):
            grantee = 'ROLE "sys:operator"' if "FOR" in what else "PUBLIC"
            consumer.execute(f"GRANT {what} TO {grantee}")  # type: ignore[call-overload]
            (detail,) = told.new()
            assert detail["eventName"] == "GrantOnSharedDatabase"
            consumer.execute(f"REVOKE {what} FROM {grantee}")  # type: ignore[call-overload]
            (detail,) = told.new()
            assert detail["eventName"] == "RevokeOnSharedDatabase"
        consumer.execute("DROP DATABASE au_shared")
        (detail,) = told.new()
        assert detail["eventName"] == "DropSharedDatabase"


def test_a_commit_that_failed(told: Told) -> None:
    """Each governing statement of a transaction whose COMMIT is refused has the SQLSTATE."""
    with told.node.connect("sales") as one, told.node.connect("sales") as other:
        one.execute("CREATE DATASHARE au_race")
        told.new()
        one.execute("BEGIN")
        one.execute("CREATE ROLE au_raced")
        one.execute("ALTER DATASHARE au_race ADD SCHEMA public")
        other.execute("ALTER DATASHARE au_race ADD SCHEMA public")
        told.new()
        with pytest.raises(psycopg.errors.SerializationFailure):
            one.execute("COMMIT")
        found = [(each["eventName"], each["errorCode"]) for each in told.new()]
        assert found == [("CreateRole", "40001"), ("AlterDatashare", "40001")]
        assert one.execute("SELECT 1 FROM svv_roles WHERE role_name = 'au_raced'").fetchall() == []
        one.execute("BEGIN")
        one.execute("CREATE ROLE au_raced")
        one.execute("ROLLBACK")
        assert told.new() == []
