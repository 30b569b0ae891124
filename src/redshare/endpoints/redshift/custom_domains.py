"""Custom domains of clusters.

When a certificate expires is not known here: its members are not in the answers.
https://docs.aws.amazon.com/redshift/latest/APIReference/API_CreateCustomDomainAssociation.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from redshare.app.caller import Caller
from redshare.app.warehouses.custom_domains import CUSTOM_DOMAIN, CustomDomains
from redshare.core.aws_errors import ResourceNotFound
from redshare.core.warehouse import CustomDomain
from redshare.endpoints.redshift.cluster import Clusters
from redshare.endpoints.redshift.custom_domain_parameters import custom_domain, domain_name
from redshare.endpoints.redshift.pages import page_request

Params = Mapping[str, Any]


class CustomDomainOperations:
    """Made, shown, changed, ended."""

    def __init__(self, domains: CustomDomains, clusters: Clusters) -> None:
        self._domains = domains
        self._clusters = clusters
        self.operations = {
            "CreateCustomDomainAssociation": self.create_custom_domain_association,
            "DescribeCustomDomainAssociations": self.describe_custom_domain_associations,
            "ModifyCustomDomainAssociation": self.modify_custom_domain_association,
            "DeleteCustomDomainAssociation": self.delete_custom_domain_association,
        }

    def create_custom_domain_association(self, caller: Caller, params: Params) -> Params:
        """A cluster's name."""
        cluster = self._clusters.find(caller, params["ClusterIdentifier"])
        domain = _domain(params)
        self._domains.associate(cluster, domain)
        return _association(cluster.identifier, domain)

    def describe_custom_domain_associations(self, caller: Caller, params: Params) -> Params:
        """A page of certificates with the clusters' names that they are of."""
        name, certificate = (
            params.get(key) or None for key in ("CustomDomainName", "CustomDomainCertificateArn")
        )
        found: dict[str, list[Params]] = {}
        for cluster, domain in self._domains.all(caller.account, caller.region):
            if name is not None and domain.name != name.lower():
                continue
            if certificate in {None, domain.certificate}:
                said = {"CustomDomainName": domain.name, "ClusterIdentifier": cluster.identifier}
                found.setdefault(domain.certificate, []).append(said)
        asked = name or certificate
        if asked and not found:
            raise ResourceNotFound(CUSTOM_DOMAIN, asked)
        page = page_request("DescribeCustomDomainAssociations", caller, params).of(
            found, lambda arn: [arn]
        )
        return {
            "Associations": [
                {"CustomDomainCertificateArn": arn, "CertificateAssociations": found[arn]}
                for arn in page.items
            ],
            "Marker": page.marker,
        }

    def modify_custom_domain_association(self, caller: Caller, params: Params) -> Params:
        """Another name, another certificate."""
        cluster = self._clusters.find(caller, params["ClusterIdentifier"])
        domain = _domain(params)
        self._domains.change(cluster, domain)
        return _association(cluster.identifier, domain)

    def delete_custom_domain_association(self, caller: Caller, params: Params) -> Params:
        """The cluster has its own name alone."""
        cluster = self._clusters.find(caller, params["ClusterIdentifier"])
        self._domains.remove(cluster, domain_name(params["CustomDomainName"]))
        return {}


def _domain(params: Params) -> CustomDomain:
    return custom_domain(params["CustomDomainName"], params["CustomDomainCertificateArn"])


def _association(identifier: str, domain: CustomDomain) -> Params:
    return {
        "CustomDomainName": domain.name,
        "CustomDomainCertificateArn": domain.certificate,
        "ClusterIdentifier": identifier,
    }
