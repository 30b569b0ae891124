"""The AWS wire as raw bytes (scenario 47), and the other services through boto3."""

from __future__ import annotations

import http.client
import xml.etree.ElementTree as ET
from typing import Any
from urllib.parse import urlsplit

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import psycopg
import pytest
from botocore.exceptions import ClientError

from tests.node.conftest import Connect
from tests.node.running import CONSUMER, PASSWORD, PRODUCER, REGION, RunningNode

pytestmark = pytest.mark.server

SPACE = "{http://redshift.amazonaws.com/doc/2012-12-01/}"


def post(node: RunningNode, body: str, account: str = PRODUCER) -> tuple[int, Any, bytes]:
    """A signed POST of a form; status, headers, body."""
    key = next(a for a in node.ready["accounts"] if a["account_id"] == account)
    credentials = botocore.credentials.Credentials(key["access_key_id"], key["secret_access_key"])
    headers = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
    request = botocore.awsrequest.AWSRequest("POST", node.ready["endpoint"] + "/", headers, body)
    botocore.auth.SigV4Auth(credentials, "redshift", REGION).add_auth(request)
    connection = http.client.HTTPConnection(urlsplit(node.ready["endpoint"]).netloc, timeout=30)
    connection.request("POST", "/", body, dict(request.headers))
    answer = connection.getresponse()
    read = answer.read()
    connection.close()
    return answer.status, answer.headers, read


@pytest.mark.scenario(47)
def test_the_envelope(node: RunningNode, name: str, connect: Connect) -> None:
    """Namespace, member lists, Z timestamps, lower-case booleans, no absent flag, a request id."""
    producer = connect("sales")
    producer.execute(f"CREATE DATASHARE {name}")
    producer.execute(f"GRANT USAGE ON DATASHARE {name} TO ACCOUNT '{CONSUMER}'")
    arn = node.share_arn(name)
    form = f"Action=AuthorizeDataShare&Version=2012-12-01&DataShareArn={arn}"
    status, headers, body = post(node, f"{form}&ConsumerIdentifier={CONSUMER}")
    root = ET.fromstring(body)
    assert status == 200
    assert root.tag == f"{SPACE}AuthorizeDataShareResponse"
    result = root.find(f"{SPACE}AuthorizeDataShareResult")
    assert result is not None
    assert result.findtext(f"{SPACE}AllowPubliclyAccessibleConsumers") == "false"
    member = result.find(f"{SPACE}DataShareAssociations/{SPACE}member")
    assert member is not None
    assert member.findtext(f"{SPACE}ProducerAllowedWrites") == "false"
    assert member.find(f"{SPACE}ConsumerAcceptedWrites") is None
    assert (member.findtext(f"{SPACE}CreatedDate") or "").endswith("Z")
    request_id = root.findtext(f"{SPACE}ResponseMetadata/{SPACE}RequestId")
    assert request_id == headers["x-amzn-RequestId"]
    assert headers["Content-Type"] == "text/xml"
    assert headers["Date"]


@pytest.mark.scenario(47)
def test_the_error_document(node: RunningNode) -> None:
    """Type, code, message and request id, with the model's status."""
    arn = node.share_arn("nothing")
    status, headers, body = post(
        node, f"Action=DescribeDataShares&Version=2012-12-01&DataShareArn={arn}"
    )
    root = ET.fromstring(body)
    assert status == 400
    assert root.tag == f"{SPACE}ErrorResponse"
    assert root.findtext(f"{SPACE}Error/{SPACE}Type") == "Sender"
    assert root.findtext(f"{SPACE}Error/{SPACE}Code") == "InvalidDataShareFault"
    assert root.findtext(f"{SPACE}RequestId") == headers["x-amzn-RequestId"]


def test_clusters(node: RunningNode, name: str) -> None:
    """A cluster accepts SQL when it is available, keeps its attributes, and goes."""
    client = node.client()
    created = client.create_cluster(
        ClusterIdentifier=name,
        NodeType="ra3.xlplus",
        MasterUsername="chief",
        MasterUserPassword=PASSWORD,
        DBName="books",
        ClusterType="single-node",
        Tags=[{"Key": "team", "Value": "a"}],
        PreferredMaintenanceWindow="Mon:03:00-Mon:03:30",
    )["Cluster"]
    assert created["ClusterStatus"] == "creating"
    client.get_waiter("cluster_available").wait(ClusterIdentifier=name)
    (found,) = client.describe_clusters(ClusterIdentifier=name)["Clusters"]
    assert found["PreferredMaintenanceWindow"] == "mon:03:00-mon:03:30"
    with psycopg.connect(
        host=found["Endpoint"]["Address"],
        port=found["Endpoint"]["Port"],
        dbname="books",
        user="chief",
        password=PASSWORD,
    ) as connection:
        row = connection.execute("SELECT current_namespace, current_user").fetchone()
    assert row == (found["ClusterNamespaceArn"].rpartition(":")[2], "chief")
    with pytest.raises(client.exceptions.ClusterAlreadyExistsFault):
        client.create_cluster(
            ClusterIdentifier=name,
            NodeType="ra3.xlplus",
            MasterUsername="chief",
            MasterUserPassword=PASSWORD,
        )
    arn = f"arn:aws:redshift:{REGION}:{PRODUCER}:cluster:{name}"
    client.create_tags(ResourceName=arn, Tags=[{"Key": "cost", "Value": "1"}])
    tags = client.describe_tags(ResourceName=arn)["TaggedResources"]
    assert {t["Tag"]["Key"] for t in tags} == {"team", "cost"}
    client.delete_tags(ResourceName=arn, TagKeys=["team"])
    modified = client.modify_cluster(ClusterIdentifier=name, PubliclyAccessible=True)["Cluster"]
    assert modified["PubliclyAccessible"] is True
    assert modified["Tags"] == [{"Key": "cost", "Value": "1"}]
    client.delete_cluster(ClusterIdentifier=name, SkipFinalClusterSnapshot=True)
    with pytest.raises(client.exceptions.ClusterNotFoundFault) as raised:
        client.describe_clusters(ClusterIdentifier=name)
    assert raised.value.response["Error"]["Code"] == "ClusterNotFound"


def test_serverless(node: RunningNode, name: str) -> None:
    """Namespaces and workgroups: made, read, changed, deleted in the right order."""
    client = node.client(CONSUMER, "redshift-serverless")
    client.create_namespace(
        namespaceName=f"ns-{name}", adminUsername="admin", adminUserPassword=PASSWORD
    )
    client.create_workgroup(workgroupName=f"wg-{name}", namespaceName=f"ns-{name}", baseCapacity=8)
    group = client.get_workgroup(workgroupName=f"wg-{name}")["workgroup"]
    assert (group["status"], group["baseCapacity"]) == ("AVAILABLE", 8)
    client.update_workgroup(workgroupName=f"wg-{name}", publiclyAccessible=True)
    with pytest.raises(client.exceptions.ConflictException):
        client.delete_namespace(namespaceName=f"ns-{name}")
    client.delete_workgroup(workgroupName=f"wg-{name}")
    client.delete_namespace(namespaceName=f"ns-{name}")
    with pytest.raises(ClientError) as raised:
        client.get_namespace(namespaceName=f"ns-{name}")
    assert raised.value.response["Error"]["Code"] == "ResourceNotFoundException"
    names = [n["namespaceName"] for n in client.list_namespaces()["namespaces"]]
    assert f"ns-{name}" not in names
