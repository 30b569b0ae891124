"""Custom domains of workgroups.

When a certificate expires is not known here: its members are not in the answers.
https://docs.aws.amazon.com/redshift-serverless/latest/APIReference/API_CreateCustomDomainAssociation.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from redshare.app.caller import Caller
from redshare.app.paging import PageRequest
from redshare.app.warehouses.custom_domains import CUSTOM_DOMAIN, CustomDomains
from redshare.app.warehouses.warehouses import Warehouses
from redshare.core.aws_errors import ResourceNotFound
from redshare.core.warehouse import CustomDomain, Warehouse, WarehouseKind
from redshare.endpoints.redshift.custom_domain_parameters import custom_domain, domain_name

Params = Mapping[str, Any]


class ServerlessCustomDomainOperations:
    """Made, shown, changed, ended."""

    def __init__(self, domains: CustomDomains, warehouses: Warehouses) -> None:
        self._domains = domains
        self._warehouses = warehouses
        self.operations = {
            "CreateCustomDomainAssociation": self.create_custom_domain_association,
            "GetCustomDomainAssociation": self.get_custom_domain_association,
            "ListCustomDomainAssociations": self.list_custom_domain_associations,
            "UpdateCustomDomainAssociation": self.update_custom_domain_association,
            "DeleteCustomDomainAssociation": self.delete_custom_domain_association,
        }

    def create_custom_domain_association(self, caller: Caller, params: Params) -> Params:
        """A workgroup's name."""
        workgroup = self._workgroup(caller, params)
        domain = custom_domain(params["customDomainName"], params["customDomainCertificateArn"])
        self._domains.associate(workgroup, domain)
        return _association(workgroup, domain)

    def get_custom_domain_association(self, caller: Caller, params: Params) -> Params:
        """One association."""
        workgroup = self._workgroup(caller, params)
        return _association(workgroup, _named(workgroup, params))

    def list_custom_domain_associations(self, caller: Caller, params: Params) -> Params:
        """A page of associations, of a name or a certificate."""
        name, arn = params.get("customDomainName"), params.get("customDomainCertificateArn")
        listing = ("ListCustomDomainAssociations", caller.account, caller.region, name, arn)
        page = PageRequest(
            listing, params.get("maxResults"), params.get("nextToken"), name="maxResults"
        ).of(
            (
                (workgroup, domain)
                for workgroup, domain in self._domains.all(caller.account, caller.region)
                if (not name or domain.name == name.lower()) and arn in {None, domain.certificate}
            ),
            lambda found: [found[0].identifier],
        )
        return {
            "associations": [_association(*found) for found in page.items],
            "nextToken": page.marker,
        }

    def update_custom_domain_association(self, caller: Caller, params: Params) -> Params:
        """Another certificate of a workgroup's name."""
        workgroup = self._workgroup(caller, params)
        _named(workgroup, params)
        domain = custom_domain(params["customDomainName"], params["customDomainCertificateArn"])
        self._domains.change(workgroup, domain)
        return _association(workgroup, domain)

    def delete_custom_domain_association(self, caller: Caller, params: Params) -> Params:
        """The workgroup has its own name alone."""
        workgroup = self._workgroup(caller, params)
        self._domains.remove(workgroup, domain_name(params["customDomainName"]))
        return {}

    def _workgroup(self, caller: Caller, params: Params) -> Warehouse:
        return self._warehouses.warehouse(
            WarehouseKind.WORKGROUP, caller.account, caller.region, params["workgroupName"]
        )


def _named(workgroup: Warehouse, params: Params) -> CustomDomain:
    name, found = domain_name(params["customDomainName"]), workgroup.custom_domain
    if found is None or found.name != name:
        raise ResourceNotFound(CUSTOM_DOMAIN, name)
    return found


def _association(workgroup: Warehouse, domain: CustomDomain) -> Params:
    return {
        "workgroupName": workgroup.identifier,
        "customDomainName": domain.name,
        "customDomainCertificateArn": domain.certificate,
    }
