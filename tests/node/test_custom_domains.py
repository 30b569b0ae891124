"""Custom domains and audit logging of warehouses: kept, shown, refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.node.identities import allow, user
from tests.node.running import PASSWORD, PRODUCER, REGION, RunningNode

pytestmark = pytest.mark.server

ARN = f"arn:aws:acm:{REGION}:{PRODUCER}:certificate/one"
OTHER = f"arn:aws:acm:{REGION}:{PRODUCER}:certificate/two"


def refused(call: Callable[..., Any], **parameters: Any) -> str:
    with pytest.raises(ClientError) as error:
        call(**parameters)
    return str(error.value.response["Error"]["Code"])


@pytest.fixture
def cluster(node: RunningNode, name: str) -> Iterator[str]:
    """A cluster of the test's own."""
    redshift, identifier = node.client(), f"domains-{name}"
    redshift.create_cluster(
        ClusterIdentifier=identifier,
        NodeType="ra3.xlplus",
        MasterUsername="admin",
        MasterUserPassword=PASSWORD,
    )
    yield identifier
    redshift.delete_cluster(ClusterIdentifier=identifier, SkipFinalClusterSnapshot=True)


def test_a_clusters_domain(node: RunningNode, name: str, cluster: str) -> None:
    """It is shown with the cluster, is asked by for credentials, and goes when it is deleted."""
    redshift, domain = node.client(), f"{name}.example.com"
    named = {"CustomDomainName": domain, "ClusterIdentifier": cluster}
    made = redshift.create_custom_domain_association(
        **{**named, "CustomDomainName": domain.upper()}, CustomDomainCertificateArn=ARN
    )
    assert {k: made[k] for k in made if k != "ResponseMetadata"} == {
        **named,
        "CustomDomainCertificateArn": ARN,
    }
    shown = redshift.describe_clusters(ClusterIdentifier=cluster)["Clusters"][0]
    assert (shown["CustomDomainName"], shown["CustomDomainCertificateArn"]) == (domain, ARN)
    for by in ({"CustomDomainName": domain}, {"CustomDomainCertificateArn": ARN}):
        (found,) = redshift.describe_custom_domain_associations(**by)["Associations"]
        assert found["CustomDomainCertificateArn"] == ARN
        assert named in found["CertificateAssociations"]

    given = redshift.get_cluster_credentials(DbUser="admin", CustomDomainName=domain)
    assert given["DbUser"] == "IAM:admin"
    assert redshift.get_cluster_credentials_with_iam(CustomDomainName=domain)["DbPassword"]
    resources = [
        f"arn:aws:redshift:{REGION}:{PRODUCER}:{kind}:{cluster}/*" for kind in ("dbuser", "dbname")
    ]
    speaker = user(node, f"{name}a", allow("redshift:GetClusterCredentials", resources))
    speaker("redshift").get_cluster_credentials(DbUser="admin", CustomDomainName=domain)

    changed = {**named, "CustomDomainName": f"b.{domain}", "CustomDomainCertificateArn": OTHER}
    redshift.modify_custom_domain_association(**changed)
    shown = redshift.describe_clusters(ClusterIdentifier=cluster)["Clusters"][0]
    assert shown["CustomDomainCertificateArn"] == OTHER
    delete = redshift.delete_custom_domain_association
    assert refused(delete, **named) == "CustomDomainAssociationNotFoundFault"
    delete(CustomDomainName=f"b.{domain}", ClusterIdentifier=cluster)
    assert (
        "CustomDomainName"
        not in redshift.describe_clusters(ClusterIdentifier=cluster)["Clusters"][0]
    )
    get = redshift.get_cluster_credentials
    assert refused(get, DbUser="admin", CustomDomainName=domain) == "ClusterNotFound"


def test_wrong_domains_of_clusters(node: RunningNode, name: str, cluster: str) -> None:
    """A name is one cluster's, a cluster has one; what is no name or certificate is refused."""
    redshift = node.client()
    good = {
        "CustomDomainName": f"{name}.example.org",
        "CustomDomainCertificateArn": ARN,
        "ClusterIdentifier": cluster,
    }
    modify = redshift.modify_custom_domain_association
    assert refused(modify, **good) == "CustomDomainAssociationNotFoundFault"
    create = redshift.create_custom_domain_association
    create(**good)
    for change, code in (
        ({}, "CustomCnameAssociationFault"),
        ({"ClusterIdentifier": "finance"}, "CustomCnameAssociationFault"),
        ({"ClusterIdentifier": "nothing"}, "ClusterNotFound"),
        ({"CustomDomainCertificateArn": "arn:aws:iam::1:user/u"}, "InvalidParameterValue"),
        ({"CustomDomainName": "-no.example.org"}, "InvalidParameterValue"),
    ):
        assert refused(create, **{**good, **change}) == code, change
    code = refused(redshift.describe_custom_domain_associations, CustomDomainName="no.example.org")
    assert code == "CustomDomainAssociationNotFoundFault"


def test_a_workgroups_domain(node: RunningNode, name: str) -> None:
    """The same in the words of the serverless service."""
    serverless, domain = node.client(service="redshift-serverless"), f"{name}.example.net"
    wanted = {"customDomainName": domain, "workgroupName": "sales-wg"}
    create = serverless.create_custom_domain_association
    create(**wanted, customDomainCertificateArn=ARN)
    try:
        found = serverless.get_custom_domain_association(**wanted)
        assert {k: found[k] for k in found if k != "ResponseMetadata"} == {
            **wanted,
            "customDomainCertificateArn": ARN,
        }
        assert serverless.list_custom_domain_associations(customDomainName=domain)[
            "associations"
        ] == [{**wanted, "customDomainCertificateArn": ARN}]
        group = serverless.get_workgroup(workgroupName="sales-wg")["workgroup"]
        assert group["customDomainName"] == domain
        assert serverless.get_credentials(customDomainName=domain)["dbPassword"]
        serverless.update_custom_domain_association(**wanted, customDomainCertificateArn=OTHER)
        found = serverless.get_custom_domain_association(**wanted)
        assert found["customDomainCertificateArn"] == OTHER
        other = {**wanted, "customDomainName": f"b.{domain}", "customDomainCertificateArn": ARN}
        assert refused(create, **other) == "ConflictException"
        assert (
            refused(serverless.update_custom_domain_association, **other)
            == "ResourceNotFoundException"
        )
        assert (
            refused(create, **{**other, "workgroupName": "nothing"}) == "ResourceNotFoundException"
        )
        short = {**other, "customDomainCertificateArn": "arn:aws:acm:us-east-1:1:certificate/z"}
        assert refused(create, **short) == "ValidationException"
    finally:
        serverless.delete_custom_domain_association(**wanted)
    get = serverless.get_custom_domain_association
    assert refused(get, **wanted) == "ResourceNotFoundException"
    assert serverless.list_custom_domain_associations(customDomainName=domain)["associations"] == []


def test_logging(node: RunningNode, cluster: str) -> None:
    """Where logs would go is kept and shown until it is turned off."""
    redshift = node.client()
    status, enable = redshift.describe_logging_status, redshift.enable_logging
    assert status(ClusterIdentifier=cluster)["LoggingEnabled"] is False
    on = enable(ClusterIdentifier=cluster, BucketName="landing", S3KeyPrefix="logs/")
    for said in (on, status(ClusterIdentifier=cluster)):
        assert (said["LoggingEnabled"], said["BucketName"]) == (True, "landing")
        assert (said["S3KeyPrefix"], said["LogDestinationType"]) == ("logs/", "s3")
    on = enable(ClusterIdentifier=cluster, LogDestinationType="cloudwatch", LogExports=["userlog"])
    assert (on["LogDestinationType"], on["LogExports"]) == ("cloudwatch", ["userlog"])
    assert "BucketName" not in on
    for wrong, code in (
        ({}, "InvalidParameterCombination"),
        ({"BucketName": "Landing"}, "InvalidS3BucketNameFault"),
        ({"BucketName": "landing", "S3KeyPrefix": "a b"}, "InvalidS3KeyPrefixFault"),
        ({"BucketName": "landing", "LogExports": ["userlog"]}, "InvalidParameterCombination"),
        ({"LogDestinationType": "cloudwatch"}, "InvalidParameterCombination"),
        ({"BucketName": "landing", "ClusterIdentifier": "nothing"}, "ClusterNotFound"),
    ):
        assert refused(enable, **{"ClusterIdentifier": cluster, **wrong}) == code, wrong
    assert redshift.disable_logging(ClusterIdentifier=cluster)["LoggingEnabled"] is False
    redshift.pause_cluster(ClusterIdentifier=cluster)
    assert refused(enable, ClusterIdentifier=cluster, BucketName="landing") == "InvalidClusterState"
