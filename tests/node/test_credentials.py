"""Temporary credentials through boto3 and Amazon's driver, used on a real connection."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
import redshift_connector
from botocore.exceptions import ClientError
from redshift_connector.iam_helper import IamHelper

from tests.node.conftest import Connect
from tests.node.running import PASSWORD, PRODUCER, REGION, RunningNode

pytestmark = pytest.mark.server

CLUSTER, WORKGROUP = "finance", "sales-wg"


def _code(error: pytest.ExceptionInfo[ClientError]) -> str:
    return str(error.value.response["Error"]["Code"])


def _user(connection: psycopg.Connection[Any]) -> str:
    row = connection.execute("SELECT current_user").fetchone()
    assert row is not None
    return str(row[0])


def test_for_a_user(node: RunningNode, name: str, connect: Connect) -> None:
    """A credential logs in as its user, with the user's rights, beside earlier ones."""
    admin = connect(CLUSTER)
    admin.execute(f"CREATE USER u_{name} PASSWORD DISABLE".encode())
    client = node.client()
    given = [
        client.get_cluster_credentials(DbUser=f"u_{name}", ClusterIdentifier=CLUSTER)
        for _ in range(3)
    ]
    assert {g["DbUser"] for g in given} == {f"IAM:u_{name}"}
    assert len({g["DbPassword"] for g in given}) == 3
    left = given[0]["Expiration"] - datetime.now(UTC)
    assert timedelta(seconds=800) < left <= timedelta(seconds=900)
    for one in given:
        user = connect(CLUSTER, user=one["DbUser"], password=one["DbPassword"])
        assert _user(user) == f"u_{name}"
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        connect(CLUSTER, user=f"IAM:u_{name}", password=PASSWORD)
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        connect(CLUSTER, user=f"u_{name}", password=given[0]["DbPassword"])
    admin.execute(f"DROP USER u_{name}".encode())
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        connect(CLUSTER, user=given[0]["DbUser"], password=given[0]["DbPassword"])


def test_auto_create(node: RunningNode, name: str, connect: Connect) -> None:
    """AutoCreate makes the user; without it the credential is given and lets nobody in."""
    client = node.client()
    refused = client.get_cluster_credentials(DbUser=f"n_{name}", ClusterIdentifier=CLUSTER)
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        connect(CLUSTER, user=refused["DbUser"], password=refused["DbPassword"])
    made = client.get_cluster_credentials(
        DbUser=f"n_{name}", ClusterIdentifier=CLUSTER, AutoCreate=True, DurationSeconds=3600
    )
    assert made["DbUser"] == f"IAMA:n_{name}"
    assert _user(connect(CLUSTER, user=made["DbUser"], password=made["DbPassword"])) == f"n_{name}"


def test_one_database(node: RunningNode, name: str, connect: Connect) -> None:
    """With DbName a credential opens that database and no other."""
    connect(CLUSTER).execute(f"CREATE DATABASE o_{name}".encode())
    given = node.client().get_cluster_credentials(
        DbUser="admin", ClusterIdentifier=CLUSTER, DbName="dev"
    )
    login = {"user": given["DbUser"], "password": given["DbPassword"]}
    assert _user(connect(CLUSTER, "dev", **login)) == "admin"
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        connect(CLUSTER, f"o_{name}", **login)


def test_groups_of_a_session(node: RunningNode, name: str, connect: Connect) -> None:
    """DbGroups are the session's alone, and must be there when it begins."""
    admin = connect(CLUSTER)
    for sql in (
        f"CREATE USER g_{name} PASSWORD DISABLE",
        f"CREATE GROUP readers_{name}",
        f"CREATE TABLE t_{name} (i integer)",
        f"GRANT SELECT ON t_{name} TO GROUP readers_{name}",
    ):
        admin.execute(sql.encode())
    for groups, allowed in (([], False), ([f"readers_{name}"], True)):
        given = node.client().get_cluster_credentials(
            DbUser=f"g_{name}", ClusterIdentifier=CLUSTER, DbGroups=groups
        )
        user = connect(CLUSTER, user=given["DbUser"], password=given["DbPassword"])
        sql = f"SELECT * FROM t_{name}".encode()
        if allowed:
            assert user.execute(sql).fetchall() == []
        else:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                user.execute(sql)
    given = node.client().get_cluster_credentials(
        DbUser=f"g_{name}", ClusterIdentifier=CLUSTER, DbGroups=["nobody"]
    )
    with pytest.raises(psycopg.OperationalError, match='group "nobody" does not exist'):
        connect(CLUSTER, user=given["DbUser"], password=given["DbPassword"])


def test_for_an_identity(node: RunningNode, connect: Connect) -> None:
    """Without a user named, the database user of the caller's identity is made and used."""
    given = node.client().get_cluster_credentials_with_iam(ClusterIdentifier=CLUSTER)
    assert given["DbUser"] == "IAM:RootIdentity"
    cluster = connect(CLUSTER, user=given["DbUser"], password=given["DbPassword"])
    assert _user(cluster) == "IAM:RootIdentity"
    told = node.client(service="redshift-serverless").get_credentials(
        workgroupName=WORKGROUP, dbName="dev"
    )
    serverless = connect("sales", user=told["dbUser"], password=told["dbPassword"])
    assert _user(serverless) == "IAM:RootIdentity"
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        serverless.execute("CREATE USER someone PASSWORD DISABLE")


def test_errors(node: RunningNode) -> None:
    """What is not there, out of bounds or no name is refused with the model's codes."""
    client, serverless = node.client(), node.client(service="redshift-serverless")
    wanted = {"DbUser": "admin", "ClusterIdentifier": CLUSTER}
    for change, code in (
        ({"ClusterIdentifier": "nothing"}, "ClusterNotFound"),
        ({"DurationSeconds": 899}, "InvalidParameterValue"),
        ({"DurationSeconds": 3601}, "InvalidParameterValue"),
        ({"DbUser": "a:b"}, "InvalidParameterValue"),
        ({"DbUser": "public"}, "InvalidParameterValue"),
        ({"DbUser": "select"}, "InvalidParameterValue"),
    ):
        with pytest.raises(ClientError) as error:
            client.get_cluster_credentials(**{**wanted, **change})
        assert _code(error) == code, change
    with pytest.raises(ClientError) as error:
        client.get_cluster_credentials(DbUser="admin", CustomDomainName="db.example.com")
    assert _code(error) == "ClusterNotFound"
    with pytest.raises(ClientError) as error:
        client.get_cluster_credentials(DbUser="admin")
    assert _code(error) == "InvalidParameterCombination"
    with pytest.raises(ClientError) as error:
        client.describe_custom_domain_associations(CustomDomainName="db.example.com")
    assert _code(error) == "CustomDomainAssociationNotFoundFault"
    assert client.describe_custom_domain_associations()["Associations"] == []
    with pytest.raises(ClientError) as error:
        serverless.get_credentials(workgroupName="nothing")
    assert _code(error) == "ResourceNotFoundException"
    with pytest.raises(ClientError) as error:
        serverless.get_credentials(workgroupName=WORKGROUP, durationSeconds=1)
    assert _code(error) == "ValidationException"


@pytest.mark.filterwarnings("ignore:ssl:DeprecationWarning")  # the driver's
@pytest.mark.parametrize("host", ["", "given"])
@pytest.mark.parametrize(
    ("place", "asked", "user"),
    [
        (CLUSTER, {"cluster_identifier": CLUSTER, "db_user": "admin"}, "admin"),
        (
            CLUSTER,
            {"cluster_identifier": CLUSTER, "db_user": "made_by_driver", "auto_create": True},
            "made_by_driver",
        ),
        (
            CLUSTER,
            {"cluster_identifier": CLUSTER, "group_federation": True},
            "IAM:RootIdentity",
        ),
        (
            "sales",
            {"is_serverless": True, "serverless_work_group": WORKGROUP},
            "IAM:RootIdentity",
        ),
    ],
)
def test_amazons_driver(
    place: str,
    asked: dict[str, Any],
    user: str,
    host: str,
    node: RunningNode,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its IAM mode gets a credential, finds the host and logs in over verified TLS."""
    monkeypatch.setenv("SSL_CERT_FILE", node.ready["ca_file"])
    monkeypatch.setattr(IamHelper, "credentials_cache", {})
    key = next(a for a in node.ready["accounts"] if a["account_id"] == PRODUCER)
    address, port = node.endpoint(place)
    where = {"host": address, "port": port} if host else {"host": "", "port": ""}
    with (
        redshift_connector.connect(
            iam=True,
            database="dev",
            region=REGION,
            endpoint_url=node.ready["endpoint"],
            access_key_id=key["access_key_id"],
            secret_access_key=key["secret_access_key"],
            **where,
            **asked,
        ) as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == [user]
