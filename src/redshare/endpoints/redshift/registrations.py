"""Registering namespaces to a Data Catalog.

https://docs.aws.amazon.com/redshift/latest/APIReference/API_RegisterNamespace.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from redshare.app.caller import Caller
from redshare.app.shares.registrations import Registrations
from redshare.app.warehouses.warehouses import CLUSTER, Warehouses
from redshare.core.aws_errors import InvalidNamespace, InvalidParameterCombination, InvalidState
from redshare.core.namespace import Namespace
from redshare.core.warehouse import WarehouseStatus
from redshare.endpoints.redshift.cluster import Clusters

Params = Mapping[str, Any]


class RegistrationOperations:
    """Of both kinds of namespaces."""

    def __init__(
        self, registrations: Registrations, clusters: Clusters, warehouses: Warehouses
    ) -> None:
        self._registrations = registrations
        self._clusters = clusters
        self._warehouses = warehouses
        self.operations = {
            "RegisterNamespace": self.register_namespace,
            "DeregisterNamespace": self.deregister_namespace,
        }

    def register_namespace(self, caller: Caller, params: Params) -> Params:
        """Make the namespace's internal datashare, or offer it to one more catalog."""
        namespace = self._namespace(caller, params["NamespaceIdentifier"])
        self._registrations.register(caller, namespace, params["ConsumerIdentifiers"])
        return {"Status": "Registering"}

    def deregister_namespace(self, caller: Caller, params: Params) -> Params:
        """Take it back; the datashare ends with its last consumer."""
        namespace = self._namespace(caller, params["NamespaceIdentifier"])
        self._registrations.deregister(caller, namespace, params["ConsumerIdentifiers"])
        return {"Status": "Deregistering"}

    def _namespace(self, caller: Caller, identifier: Params) -> Namespace:
        provisioned = identifier.get("ProvisionedIdentifier")
        serverless = identifier.get("ServerlessIdentifier")
        if bool(provisioned) == bool(serverless):
            raise InvalidParameterCombination(
                "Specify ProvisionedIdentifier or ServerlessIdentifier."
            )
        if provisioned:
            cluster = self._clusters.find(caller, provisioned["ClusterIdentifier"])
            if cluster.status is not WarehouseStatus.AVAILABLE:
                raise InvalidState(CLUSTER, f"The cluster {cluster.identifier} is not available.")
            return self._warehouses.namespace_of(cluster)
        assert serverless, "one of both"
        named = serverless["NamespaceIdentifier"]
        for namespace in self._warehouses.serverless_namespaces(caller.account, caller.region):
            workgroup = self._warehouses.workgroup_on(namespace)
            if named in {namespace.name, namespace.namespace_id, str(namespace.arn)}:
                wanted = serverless["WorkgroupIdentifier"]
                if workgroup and wanted in {workgroup.identifier, workgroup.warehouse_id}:
                    return namespace
        raise InvalidNamespace(f"The namespace {named} with that workgroup doesn't exist.")
