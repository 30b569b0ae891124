"""The operations of the AWS services, made from the use cases: what the gateway may run."""

from __future__ import annotations

from collections.abc import Mapping

from redshare.app.caller import Caller
from redshare.app.data.database_lists import DatabaseLists
from redshare.app.data.statements import Statements
from redshare.app.iam.access_keys import AccessKeys
from redshare.app.iam.holdings import HolderKind, Holdings
from redshare.app.iam.managed_policies import ManagedPolicies
from redshare.app.iam.roles import Roles
from redshare.app.iam.simulation import Simulation
from redshare.app.iam.users import Users
from redshare.app.sessions.connections import Connections
from redshare.app.shares.entries import Shares
from redshare.app.shares.lists import ShareLists
from redshare.app.shares.registrations import Registrations
from redshare.app.snapshots.restores import Restores
from redshare.app.snapshots.snapshots import Snapshots
from redshare.app.tags import Tags
from redshare.app.warehouses.cluster_events import ClusterEvents
from redshare.app.warehouses.custom_domains import CustomDomains
from redshare.app.warehouses.life import WarehouseLife
from redshare.app.warehouses.parameter_groups import ParameterGroups
from redshare.app.warehouses.resource_policies import ResourcePolicies
from redshare.app.warehouses.subnet_groups import SubnetGroups
from redshare.app.warehouses.temporary_credentials import TemporaryCredentials
from redshare.app.warehouses.usage_limits import UsageLimits
from redshare.app.warehouses.warehouses import Warehouses
from redshare.app.work import Foreseen, Work
from redshare.core.catalog import Catalog
from redshare.core.ids import NamespaceKind
from redshare.core.warehouse import WarehouseKind
from redshare.endpoints.audit_answers import Describes, DescribesOf
from redshare.endpoints.aws import Operation, Operations, Params
from redshare.endpoints.iam.holdings import HoldingOperations
from redshare.endpoints.iam.policies import PolicyOperations
from redshare.endpoints.iam.roles import RoleOperations
from redshare.endpoints.iam.simulation import SimulationOperations
from redshare.endpoints.iam.users import UserOperations
from redshare.endpoints.redshift.absent import AbsentOperations
from redshare.endpoints.redshift.cluster import Clusters
from redshare.endpoints.redshift.cluster_life import ClusterLifeOperations
from redshare.endpoints.redshift.cluster_snapshots import ClusterSnapshots
from redshare.endpoints.redshift.clusters import ClusterOperations
from redshare.endpoints.redshift.credentials import ClusterCredentials, WorkgroupCredentials
from redshare.endpoints.redshift.custom_domains import CustomDomainOperations
from redshare.endpoints.redshift.events import EventOperations
from redshare.endpoints.redshift.logging import LoggingOperations
from redshare.endpoints.redshift.offers import OfferOperations
from redshare.endpoints.redshift.parameter_groups import ParameterGroupOperations
from redshare.endpoints.redshift.registrations import RegistrationOperations
from redshare.endpoints.redshift.resource_policies import ResourcePolicyOperations
from redshare.endpoints.redshift.shares import ShareOperations
from redshare.endpoints.redshift.snapshot_changes import SnapshotChangeOperations
from redshare.endpoints.redshift.snapshots import SnapshotOperations
from redshare.endpoints.redshift.subnet_groups import SubnetGroupOperations
from redshare.endpoints.redshift.tags import TagOperations
from redshare.endpoints.redshift.usage_limits import UsageLimitOperations
from redshare.endpoints.redshift_data.connection import DataConnections
from redshare.endpoints.redshift_data.lists import DataListOperations
from redshare.endpoints.redshift_data.results import DataResultOperations
from redshare.endpoints.redshift_data.sessions import DataSessionOperations
from redshare.endpoints.redshift_data.statements import DataOperations
from redshare.endpoints.redshift_serverless.absent import ServerlessAbsentOperations
from redshare.endpoints.redshift_serverless.custom_domains import (
    ServerlessCustomDomainOperations,
)
from redshare.endpoints.redshift_serverless.deletion import NamespaceDeletion
from redshare.endpoints.redshift_serverless.recovery_points import RecoveryPointOperations
from redshare.endpoints.redshift_serverless.snapshots import ServerlessSnapshotOperations
from redshare.endpoints.redshift_serverless.tags import ServerlessTagOperations
from redshare.endpoints.redshift_serverless.usage_limits import (
    ServerlessUsageLimitOperations,
)
from redshare.endpoints.redshift_serverless.warehouses import ServerlessOperations
from redshare.ports import Secrets


def operations(
    address: str,
    work: Work,
    warehouses: Warehouses,
    life: WarehouseLife,
    snapshots: Mapping[NamespaceKind, Snapshots],
    restores: Restores,
    credentials: TemporaryCredentials,
    data: Mapping[str, Operation],
) -> Operations:
    """Those of clusters, workgroups and their shares; `data` are the Data API's."""
    shares = ShareOperations(Shares(work), ShareLists(work))
    groups, subnets, tags = ParameterGroups(work), SubnetGroups(work), Tags(work)
    clusters = Clusters(warehouses, groups, address)
    limits = UsageLimits(work)
    provisioned = snapshots[NamespaceKind.PROVISIONED]
    serverless = snapshots[NamespaceKind.SERVERLESS]
    shown = ClusterSnapshots(provisioned)
    cluster_domains = CustomDomains(work, WarehouseKind.CLUSTER)
    workgroup_domains = CustomDomains(work, WarehouseKind.WORKGROUP)
    return {
        "redshift": {
            **shares.operations,
            **ClusterOperations(
                warehouses, life, clusters, groups, subnets, provisioned
            ).operations,
            **ClusterLifeOperations(clusters, life).operations,
            **SnapshotOperations(provisioned, restores, shown, clusters, subnets).operations,
            **SnapshotChangeOperations(provisioned, shown).operations,
            **ParameterGroupOperations(groups).operations,
            **SubnetGroupOperations(subnets).operations,
            **OfferOperations(clusters).operations,
            **TagOperations(tags).operations,
            **EventOperations(ClusterEvents(work)).operations,
            **UsageLimitOperations(limits, clusters, warehouses).operations,
            **ResourcePolicyOperations(ResourcePolicies(work)).operations,
            **RegistrationOperations(Registrations(work), clusters, warehouses).operations,
            **ClusterCredentials(credentials, warehouses, cluster_domains).operations,
            **CustomDomainOperations(cluster_domains, clusters).operations,
            **LoggingOperations(clusters, life).operations,
            **AbsentOperations(clusters).operations,
        },
        "redshift-serverless": {
            **ServerlessOperations(warehouses, address).operations,
            **ServerlessTagOperations(tags).operations,
            **ServerlessUsageLimitOperations(limits, warehouses).operations,
            **ServerlessSnapshotOperations(serverless, restores, warehouses).operations,
            **NamespaceDeletion(serverless, warehouses).operations,
            **RecoveryPointOperations(serverless, restores, warehouses).operations,
            **WorkgroupCredentials(credentials, warehouses, workgroup_domains).operations,
            **ServerlessCustomDomainOperations(workgroup_domains, warehouses).operations,
            **ServerlessAbsentOperations(warehouses).operations,
        },
        "redshift-data": data,
    }


def iam_operations(work: Work, secrets: Secrets) -> Mapping[str, Operation]:
    """Those of IAM."""
    return {
        **UserOperations(Users(work), AccessKeys(work, secrets)).operations,
        **RoleOperations(Roles(work)).operations,
        **PolicyOperations(ManagedPolicies(work)).operations,
        **HoldingOperations(Holdings(work, HolderKind.USER)).operations,
        **HoldingOperations(Holdings(work, HolderKind.ROLE)).operations,
        **SimulationOperations(Simulation(work)).operations,
    }


def data_operations(
    statements: Statements,
    warehouses: Warehouses,
    credentials: TemporaryCredentials,
    connections: Connections,
) -> Mapping[str, Operation]:
    """Those of the Data API."""
    where = DataConnections(warehouses, credentials)
    return {
        **DataOperations(statements, where).operations,
        **DataResultOperations(statements).operations,
        **DataSessionOperations(statements.sessions, where).operations,
        **DataListOperations(DatabaseLists(connections), where).operations,
    }


def describes(address: str, work: Work, warehouses: Warehouses) -> DescribesOf:
    """What describes say of a catalogue that is not yet the newest."""

    def of(catalog: Catalog) -> Describes:
        seen = warehouses.seen_in(catalog)
        clusters = Clusters(seen, ParameterGroups(Foreseen(work, catalog)), address)

        def describe_cluster(caller: Caller, params: Params) -> Params:
            found = clusters.find(caller, params["ClusterIdentifier"])
            return {"Clusters": [clusters.document(found)]}

        return {
            "DescribeClusters": describe_cluster,
            **ServerlessOperations(seen, address).operations,
        }

    return of
