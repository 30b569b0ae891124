"""Lists of what there is none of: in AWS's form, and with AWS's error for a name."""

from __future__ import annotations

from typing import Any

import pytest
from botocore import xform_name
from botocore.exceptions import ClientError

from tests.node.running import PRODUCER, REGION, RunningNode

pytestmark = pytest.mark.server

GUID = "8b7e7d4c-2f63-4c5a-9d0e-1f2a3b4c5d6e"
INTEGRATION = f"arn:aws:redshift:{REGION}:{PRODUCER}:integration:{GUID}"
#: Operation, the list in its answer, what it needs, a name that is not there, the fault.
REDSHIFT: list[tuple[str, str, dict[str, Any], dict[str, Any], str]] = [
    (
        "DescribeAuthenticationProfiles",
        "AuthenticationProfiles",
        {},
        {"AuthenticationProfileName": "p"},
        "AuthenticationProfileNotFoundFault",
    ),
    (
        "DescribeClusterSecurityGroups",
        "ClusterSecurityGroups",
        {},
        {"ClusterSecurityGroupName": "g"},
        "ClusterSecurityGroupNotFound",
    ),
    ("DescribeEndpointAccess", "EndpointAccessList", {}, {"EndpointName": "e"}, "EndpointNotFound"),
    (
        "DescribeEndpointAuthorization",
        "EndpointAuthorizationList",
        {},
        {"ClusterIdentifier": "none"},
        "ClusterNotFound",
    ),
    (
        "DescribeEventSubscriptions",
        "EventSubscriptionsList",
        {},
        {"SubscriptionName": "s"},
        "SubscriptionNotFound",
    ),
    (
        "DescribeHsmClientCertificates",
        "HsmClientCertificates",
        {},
        {"HsmClientCertificateIdentifier": "h"},
        "HsmClientCertificateNotFoundFault",
    ),
    (
        "DescribeHsmConfigurations",
        "HsmConfigurations",
        {},
        {"HsmConfigurationIdentifier": "h"},
        "HsmConfigurationNotFoundFault",
    ),
    (
        "DescribeInboundIntegrations",
        "InboundIntegrations",
        {},
        {"IntegrationArn": INTEGRATION},
        "IntegrationNotFoundFault",
    ),
    (
        "DescribeIntegrations",
        "Integrations",
        {},
        {"IntegrationArn": INTEGRATION},
        "IntegrationNotFoundFault",
    ),
    (
        "DescribePartners",
        "PartnerIntegrationInfoList",
        {"AccountId": PRODUCER, "ClusterIdentifier": "finance"},
        {"ClusterIdentifier": "none"},
        "ClusterNotFound",
    ),
    (
        "DescribeQev2IdcApplications",
        "Qev2IdcApplications",
        {},
        {"Qev2IdcApplicationArn": "arn:x"},
        "Qev2IdcApplicationNotExists",
    ),
    (
        "DescribeRedshiftIdcApplications",
        "RedshiftIdcApplications",
        {},
        {"RedshiftIdcApplicationArn": "arn:x"},
        "RedshiftIdcApplicationNotExists",
    ),
    (
        "DescribeReservedNodeExchangeStatus",
        "ReservedNodeExchangeStatusDetails",
        {},
        {"ReservedNodeExchangeRequestId": "r"},
        "ReservedNodeExchangeNotFond",  # AWS's spelling
    ),
    (
        "DescribeReservedNodeOfferings",
        "ReservedNodeOfferings",
        {},
        {"ReservedNodeOfferingId": "r"},
        "ReservedNodeOfferingNotFound",
    ),
    ("DescribeReservedNodes", "ReservedNodes", {}, {"ReservedNodeId": "r"}, "ReservedNodeNotFound"),
    (
        "DescribeScheduledActions",
        "ScheduledActions",
        {},
        {"ScheduledActionName": "s"},
        "ScheduledActionNotFound",
    ),
    (
        "DescribeSnapshotCopyGrants",
        "SnapshotCopyGrants",
        {},
        {"SnapshotCopyGrantName": "s"},
        "SnapshotCopyGrantNotFoundFault",
    ),
    (
        "DescribeSnapshotSchedules",
        "SnapshotSchedules",
        {"ScheduleIdentifier": "s"},
        {"ClusterIdentifier": "none"},
        "ClusterNotFound",
    ),
    (
        "DescribeTableRestoreStatus",
        "TableRestoreStatusDetails",
        {},
        {"TableRestoreRequestId": "t"},
        "TableRestoreNotFoundFault",
    ),
    (
        "GetReservedNodeExchangeConfigurationOptions",
        "ReservedNodeConfigurationOptionList",
        {"ActionType": "restore-cluster"},
        {"ClusterIdentifier": "none"},
        "ClusterNotFound",
    ),
    (
        "ListRecommendations",
        "Recommendations",
        {},
        {"ClusterIdentifier": "none"},
        "ClusterNotFound",
    ),
]
SERVERLESS_LISTS = {
    "ListEndpointAccess": "endpoints",
    "ListManagedWorkgroups": "managedWorkgroups",
    "ListReservationOfferings": "reservationOfferingsList",
    "ListReservations": "reservationsList",
    "ListScheduledActions": "scheduledActions",
    "ListSnapshotCopyConfigurations": "snapshotCopyConfigurations",
    "ListTableRestoreStatus": "tableRestoreStatuses",
}
SERVERLESS_GETS = {
    "GetEndpointAccess": {"endpointName": "endpoint"},
    "GetReservation": {"reservationId": GUID},
    "GetReservationOffering": {"offeringId": GUID},
    "GetScheduledAction": {"scheduledActionName": "action"},
    "GetTableRestoreStatus": {"tableRestoreRequestId": GUID},
    "GetTrack": {"trackName": "none"},
}


def refused(client: Any, operation: str, **parameters: Any) -> str:
    with pytest.raises(ClientError) as error:
        getattr(client, xform_name(operation))(**parameters)
    return str(error.value.response["Error"]["Code"])


def test_empty_lists_of_clusters(node: RunningNode) -> None:
    """Each list is there and empty; a name in it, or a cluster, that is not there is told."""
    client = node.client()
    for operation, listed, needed, named, code in REDSHIFT:
        assert getattr(client, xform_name(operation))(**needed)[listed] == [], operation
        assert refused(client, operation, **{**needed, **named}) == code
    exchange = "GetReservedNodeExchangeOfferings"
    assert refused(client, exchange, ReservedNodeId="r") == "ReservedNodeNotFound"
    wrong = refused(client, "DescribeReservedNodes", MaxRecords=1000)
    assert wrong == "InvalidParameterValue"
    storage = client.describe_storage()
    assert storage["TotalBackupSizeInMegaBytes"] >= storage["TotalProvisionedStorageInMegaBytes"]


def test_empty_lists_of_workgroups(node: RunningNode) -> None:
    """The same in the words of the serverless service; of tracks there are two."""
    client = node.client(service="redshift-serverless")
    for operation, listed in SERVERLESS_LISTS.items():
        assert getattr(client, xform_name(operation))()[listed] == []
    for operation, named in SERVERLESS_GETS.items():
        assert refused(client, operation, **named) == "ResourceNotFoundException"
    wrong = refused(client, "ListEndpointAccess", workgroupName="none")
    assert wrong == "ResourceNotFoundException"
    tracks = client.list_tracks()["tracks"]
    assert [track["trackName"] for track in tracks] == ["current", "trailing"]
    assert client.get_track(trackName="trailing")["track"] == tracks[1]
