"""Temporary database credentials of both services.

Drivers take a host name that is not Amazon's for a custom domain and ask by it first; where there
is no such domain they are told, and then they ask again by the cluster's identifier.
https://docs.aws.amazon.com/redshift/latest/mgmt/generating-user-credentials.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from redshare.app.caller import Caller
from redshare.app.warehouses.custom_domains import CustomDomains
from redshare.app.warehouses.temporary_credentials import TemporaryCredentials, Wanted
from redshare.app.warehouses.warehouses import CLUSTER, WORKGROUP, Warehouses
from redshare.core.aws_errors import InvalidParameterCombination, ResourceNotFound
from redshare.core.warehouse import Warehouse, WarehouseKind

Params = Mapping[str, Any]


class ClusterCredentials:
    """Of clusters."""

    def __init__(
        self, credentials: TemporaryCredentials, warehouses: Warehouses, domains: CustomDomains
    ) -> None:
        self._credentials = credentials
        self._warehouses = warehouses
        self._domains = domains
        self.operations = {
            "GetClusterCredentials": self.get_cluster_credentials,
            "GetClusterCredentialsWithIAM": self.get_cluster_credentials_with_iam,
        }

    def get_cluster_credentials(self, caller: Caller, params: Params) -> Params:
        """For a database user, whom it may make."""
        given = self._credentials.give(
            Wanted(
                namespace=self._cluster(caller, params).namespace,
                principal=caller.principal,
                user=params["DbUser"],
                auto_create=params.get("AutoCreate", False),
                database=params.get("DbName") or "",
                groups=tuple(params.get("DbGroups", ())),
                seconds=params.get("DurationSeconds"),
            )
        )
        return {
            "DbUser": given.login,
            "DbPassword": given.password,
            "Expiration": given.expires,
        }

    def get_cluster_credentials_with_iam(self, caller: Caller, params: Params) -> Params:
        """For the database user of the caller's own identity."""
        given = self._credentials.give(
            Wanted(
                namespace=self._cluster(caller, params).namespace,
                principal=caller.principal,
                database=params.get("DbName") or "",
                seconds=params.get("DurationSeconds"),
            )
        )
        return {
            "DbUser": given.login,
            "DbPassword": given.password,
            "Expiration": given.expires,
            "NextRefreshTime": given.expires,
        }

    def _cluster(self, caller: Caller, params: Params) -> Warehouse:
        identifier, domain = params.get("ClusterIdentifier"), params.get("CustomDomainName")
        if not identifier and not domain:
            raise InvalidParameterCombination("ClusterIdentifier or CustomDomainName is required.")
        if not identifier:
            found = self._domains.find(caller.account, caller.region, str(domain))
            if found is None:
                raise ResourceNotFound(CLUSTER, str(domain))
            return found
        return self._warehouses.warehouse(
            WarehouseKind.CLUSTER, caller.account, caller.region, identifier
        )


class WorkgroupCredentials:
    """Of workgroups."""

    def __init__(
        self, credentials: TemporaryCredentials, warehouses: Warehouses, domains: CustomDomains
    ) -> None:
        self._credentials = credentials
        self._warehouses = warehouses
        self._domains = domains
        self.operations = {"GetCredentials": self.get_credentials}

    def get_credentials(self, caller: Caller, params: Params) -> Params:
        """For the database user of the caller's own identity."""
        workgroup = self._workgroup(caller, params)
        given = self._credentials.give(
            Wanted(
                namespace=workgroup.namespace,
                principal=caller.principal,
                database=params.get("dbName") or "",
                seconds=params.get("durationSeconds"),
            )
        )
        return {
            "dbUser": given.login,
            "dbPassword": given.password,
            "expiration": given.expires,
            "nextRefreshTime": given.expires,
        }

    def _workgroup(self, caller: Caller, params: Params) -> Warehouse:
        name, domain = params.get("workgroupName"), params.get("customDomainName") or ""
        if name:
            return self._warehouses.warehouse(
                WarehouseKind.WORKGROUP, caller.account, caller.region, name
            )
        found = self._domains.find(caller.account, caller.region, domain)
        if found is None:
            raise ResourceNotFound(WORKGROUP, domain)
        return found
