"""How a call will be answered, told before its commit: so that its audit row says it.

A datashare and a credential are what the use case says. A cluster, a workgroup or a namespace is
what its describe will say of the catalogue as the commit leaves it; of one that goes, as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from redshare.app.caller import Caller
from redshare.app.trail import Respond
from redshare.app.warehouses.temporary_credentials import Given
from redshare.core.catalog import Catalog
from redshare.core.errors import RedshareError
from redshare.core.visibility import ShareView
from redshare.endpoints.audit import document
from redshare.endpoints.redshift.shares import share_document
from redshare.wire.aws.model import Service

if TYPE_CHECKING:
    from botocore.model import OperationModel

Params = Mapping[str, Any]
Describes = Mapping[str, Callable[[Caller, Params], Params]]
#: Describe operations over a catalogue that need not be the newest.
DescribesOf = Callable[[Catalog], Describes]
#: The member of an answer that is a resource: its describe, the parameter that names it, its
#: member there, and the name of its status.
_RESOURCES: Final = {
    "Cluster": ("DescribeClusters", "ClusterIdentifier", "Clusters", "ClusterStatus"),
    "namespace": ("GetNamespace", "namespaceName", "namespace", "status"),
    "workgroup": ("GetWorkgroup", "workgroupName", "workgroup", "status"),
}
#: What an answer says of a resource that is made or goes, where the describe says another thing.
_STATUSES: Final = {
    "CreateCluster": "creating",
    "DeleteCluster": "deleting",
    "CreateWorkgroup": "CREATING",
    "DeleteWorkgroup": "DELETING",
    "DeleteNamespace": "DELETING",
}
#: A cluster is answered under its old name, and found by its new one.
_RENAMED: Final = "NewClusterIdentifier"


class AuditAnswers:
    """Answers of calls for their audit rows."""

    def __init__(self, describes: DescribesOf) -> None:
        self._describes = describes

    def __call__(
        self, service: Service, operation: OperationModel, caller: Caller, params: Params
    ) -> Respond:
        """How this call will be answered."""

        def respond(before: Catalog, after: Catalog, answer: object) -> Params | None:
            match answer:
                case ShareView():
                    told = document(service, operation.output_shape, share_document(answer))
                    # CloudTrail says the producer twice.
                    return {**(told or {}), "producerNamespaceArn": answer.producer_arn}
                case Given():
                    return document(service, operation.output_shape, _credential(answer))
                case _:
                    gone = operation.name.startswith("Delete")
                    catalog = before if gone else after
                    found = self._resource(operation, caller, params, catalog)
                    return document(service, operation.output_shape, found)

        return respond

    def _resource(
        self, operation: OperationModel, caller: Caller, params: Params, catalog: Catalog
    ) -> Params:
        members = operation.output_shape.members if operation.output_shape is not None else {}
        for member, (describe, name, place, status) in _RESOURCES.items():
            if member not in members:
                continue
            renamed = params.get(_RENAMED)
            try:
                wanted = {name: renamed or params[name]}
                said = self._describes(catalog)[describe](caller, wanted)[place]
            except RedshareError:
                return {}
            found = dict(said[0] if isinstance(said, list) else said)
            if renamed and found[name] != params[name].lower():
                pending = {name: found[name]}
                found |= {name: params[name].lower(), "PendingModifiedValues": pending}
                found[status] = "renaming"
            changed = _STATUSES.get(operation.name)
            return {member: {**found, **({status: changed} if changed else {})}}
        return {}


def _credential(given: Given) -> Params:
    """In the words of both services; those of the other fall away."""
    names = ("Expiration", "NextRefreshTime")
    said = {"DbUser": given.login, "DbPassword": "", **dict.fromkeys(names, given.expires)}
    return {**said, **{name[:1].lower() + name[1:]: value for name, value in said.items()}}
