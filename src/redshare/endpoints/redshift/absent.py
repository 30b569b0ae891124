"""What clusters have at AWS and not here: nothing of it is listed, and no name of it is found.

Terraform, the CLI and portals read these lists beside what there is. Nothing makes any of it: what
would is refused by name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from redshare.app.caller import Caller
from redshare.core.aws_errors import ResourceNotFound
from redshare.endpoints.redshift.cluster import Clusters
from redshare.endpoints.redshift.pages import page_request

Params = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Absent:
    """A describe: the member of its answer, and by which parameter it finds which kind of thing."""

    listed: str
    by: str = ""
    kind: str = ""
    paged: bool = True


#: The kinds have their faults in the endpoints' table.
_ABSENT: Final[Mapping[str, Absent]] = {
    "DescribeAuthenticationProfiles": Absent(
        "AuthenticationProfiles",
        "AuthenticationProfileName",
        "AuthenticationProfile",
        paged=False,
    ),
    "DescribeClusterSecurityGroups": Absent(
        "ClusterSecurityGroups", "ClusterSecurityGroupName", "ClusterSecurityGroup"
    ),
    "DescribeEndpointAccess": Absent("EndpointAccessList", "EndpointName", "Endpoint"),
    "DescribeEndpointAuthorization": Absent("EndpointAuthorizationList"),
    "DescribeEventSubscriptions": Absent(
        "EventSubscriptionsList", "SubscriptionName", "Subscription"
    ),
    "DescribeHsmClientCertificates": Absent(
        "HsmClientCertificates", "HsmClientCertificateIdentifier", "HsmClientCertificate"
    ),
    "DescribeHsmConfigurations": Absent(
        "HsmConfigurations", "HsmConfigurationIdentifier", "HsmConfiguration"
    ),
    "DescribeInboundIntegrations": Absent("InboundIntegrations", "IntegrationArn", "Integration"),
    "DescribeIntegrations": Absent("Integrations", "IntegrationArn", "Integration"),
    "DescribePartners": Absent("PartnerIntegrationInfoList", paged=False),
    "DescribeQev2IdcApplications": Absent(
        "Qev2IdcApplications", "Qev2IdcApplicationArn", "Qev2IdcApplication"
    ),
    "DescribeRedshiftIdcApplications": Absent(
        "RedshiftIdcApplications", "RedshiftIdcApplicationArn", "RedshiftIdcApplication"
    ),
    "DescribeReservedNodeExchangeStatus": Absent(
        "ReservedNodeExchangeStatusDetails",
        "ReservedNodeExchangeRequestId",
        "ReservedNodeExchange",
    ),
    "DescribeReservedNodeOfferings": Absent(
        "ReservedNodeOfferings", "ReservedNodeOfferingId", "ReservedNodeOffering"
    ),
    "DescribeReservedNodes": Absent("ReservedNodes", "ReservedNodeId", "ReservedNode"),
    "DescribeScheduledActions": Absent(
        "ScheduledActions", "ScheduledActionName", "ScheduledAction"
    ),
    "DescribeSnapshotCopyGrants": Absent(
        "SnapshotCopyGrants", "SnapshotCopyGrantName", "SnapshotCopyGrant"
    ),
    # AWS documents no error for a name that is not there.
    "DescribeSnapshotSchedules": Absent("SnapshotSchedules"),
    "DescribeTableRestoreStatus": Absent(
        "TableRestoreStatusDetails", "TableRestoreRequestId", "TableRestore"
    ),
    "GetReservedNodeExchangeConfigurationOptions": Absent("ReservedNodeConfigurationOptionList"),
    "GetReservedNodeExchangeOfferings": Absent(
        "ReservedNodeOfferings", "ReservedNodeId", "ReservedNode"
    ),
    "ListRecommendations": Absent("Recommendations"),
}


class AbsentOperations:
    """Empty lists, and what is not found in them."""

    def __init__(self, clusters: Clusters) -> None:
        self._clusters = clusters
        self.operations: Mapping[str, Callable[[Caller, Params], Params]] = {
            name: partial(self._describe, name, absent) for name, absent in _ABSENT.items()
        }

    def _describe(self, operation: str, absent: Absent, caller: Caller, params: Params) -> Params:
        """Raises ResourceNotFound, also of a cluster that is named and not there."""
        if params.get("ClusterIdentifier"):
            self._clusters.find(caller, params["ClusterIdentifier"])
        named = params.get(absent.by) if absent.by else None
        if named:
            raise ResourceNotFound(absent.kind, str(named))
        if absent.paged:
            page_request(operation, caller, params).of((), lambda _: [])
        return {absent.listed: []}
