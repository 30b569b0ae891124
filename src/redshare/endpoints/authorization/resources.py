"""The resources of an operation of the three Redshift services, with their tags.

ARNs are written in the one canonical way: a policy about a resource holds however a request spells
it. A kind whose name the request does not say is asked for as `…:KIND:*`.
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonredshift.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from redshare.core.ids import DataShareArn, MalformedId, NamespaceKind
from redshare.core.resource_arn import resource_arn
from redshare.endpoints.authorization.action_table import RESOURCE_KINDS
from redshare.endpoints.authorization.asked import Asked

Tags = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Resource:
    """An ARN and the tags there are on it."""

    arn: str
    tags: Tags = ()


#: Gives ARNs.
Reader = Callable[[Asked], Iterator[str]]


def resources(asked: Asked) -> list[Resource]:
    """All that the caller must be allowed to use; without any, `*`."""
    kinds = RESOURCE_KINDS[asked.service].get(asked.operation, ())
    found = [one for kind in kinds for one in _READERS[asked.service][kind](asked)]
    if found:
        return [Resource(arn, asked.tags(arn)) for arn in found]
    if not kinds or "resource" in kinds:
        return [Resource("*")]
    return [Resource(_whole_kind(asked, kinds[0]))]


def cluster_arn(asked: Asked, identifier: str) -> str:
    """A cluster's ARN; identifiers have no letter case."""
    return asked.arn("redshift", f"cluster:{identifier.lower()}")


def workgroup_resource(asked: Asked, name: str) -> Resource:
    """A workgroup; one that is not there yet has no id."""
    arn = _workgroup_arn(asked, name)
    return Resource(arn, asked.tags(arn))


def _workgroup_arn(asked: Asked, name: str) -> str:
    found = asked.workgroup(name)
    if found is None:
        return asked.arn("redshift-serverless", "workgroup/*")
    return resource_arn(found)


def _whole_kind(asked: Asked, kind: str) -> str:
    if asked.service == "redshift":
        return asked.arn("redshift", f"{kind}:*")
    if kind == "cluster":
        return asked.arn("redshift", "cluster:*")
    return asked.arn("redshift-serverless", f"{kind.lower()}/*")


def _clusters(asked: Asked) -> Iterator[str]:
    names = [asked.cluster_identifier(), *asked.params.get("ClusterIds", ())]
    for name in filter(None, names):
        yield cluster_arn(asked, name)


def _workgroups(asked: Asked) -> Iterator[str]:
    names = [asked.workgroup_name(), *asked.params.get("workgroupNames", ())]
    for name in filter(None, names):
        yield _workgroup_arn(asked, name)


def _serverless_namespaces(asked: Asked) -> Iterator[str]:
    name = asked.text("namespaceName")
    found = asked.namespace(name) if name else None
    if found is not None:
        yield str(found.arn)


def _datashares(asked: Asked) -> Iterator[str]:
    text = asked.text("DataShareArn")
    try:
        read = DataShareArn.parse(text)
    except MalformedId:
        yield text or "*"  # which the operation refuses
        return
    # Whatever partition the request names, there is this one.
    yield str(DataShareArn(read.region, read.account, read.namespace, read.name))


def _database_users(asked: Asked) -> Iterator[str]:
    yield _of_cluster(asked, "dbuser", asked.text("DbUser") or "*")


def _databases(asked: Asked) -> Iterator[str]:
    """Without a name all of them are opened."""
    yield _of_cluster(asked, "dbname", asked.text("DbName") or "*")


def _of_cluster(asked: Asked, kind: str, name: str) -> str:
    cluster = asked.cluster_identifier() or "*"
    return asked.arn("redshift", f"{kind}:{cluster}/{name}")


def _snapshots(asked: Asked) -> Iterator[str]:
    if asked.text("SnapshotArn"):
        yield asked.text("SnapshotArn")
    own = asked.operation in {"CreateClusterSnapshot", "RestoreTableFromClusterSnapshot"}
    cluster = asked.text("SnapshotClusterIdentifier", "SourceSnapshotClusterIdentifier")
    cluster = cluster or (asked.text("ClusterIdentifier") if own else "") or "*"
    names = [
        asked.text(name)
        for name in ("SnapshotIdentifier", "SourceSnapshotIdentifier", "TargetSnapshotIdentifier")
    ]
    names += asked.params.get("SnapshotIdentifierList", ())
    for name in filter(None, names):
        yield _snapshot_arn(asked, cluster.lower(), name.lower())
    for one in asked.params.get("Identifiers", ()):
        of = one.get("SnapshotClusterIdentifier", "*").lower()
        yield _snapshot_arn(asked, of, one.get("SnapshotIdentifier", "*").lower())


def _snapshot_arn(asked: Asked, cluster: str, name: str) -> str:
    """One that is there is its own cluster's, whatever the request says, or nothing."""
    found = asked.snapshot(NamespaceKind.PROVISIONED, name)
    if found is None:
        return asked.arn("redshift", f"snapshot:{cluster}/{name}")
    return resource_arn(found)


def _serverless_snapshots(asked: Asked) -> Iterator[str]:
    name = asked.text("snapshotArn", "snapshotName")
    found = asked.snapshot(NamespaceKind.SERVERLESS, name)
    if found is not None:
        yield resource_arn(found)
    elif name.startswith("arn:"):
        yield name
    elif name:
        yield asked.arn("redshift-serverless", "snapshot/*")  # it has no id yet


def _named(service: str, pattern: str, *parameters: str, fold: bool = False) -> Reader:
    """Resources that a parameter names; one that is an ARN already is taken as it is."""

    def read(asked: Asked) -> Iterator[str]:
        text = asked.text(*parameters)
        if text.startswith("arn:"):
            yield text
        elif text:
            yield asked.arn(service, pattern.format(text.lower() if fold else text))

    return read


def _arns(asked: Asked) -> Iterator[str]:
    """An ARN that the request names."""
    text = asked.text("ResourceName", "ResourceArn", "resourceArn")
    if text:
        yield text


_REDSHIFT: Final[Mapping[str, Reader]] = {
    "resource": _arns,
    "cluster": _clusters,
    "datashare": _datashares,
    "dbuser": _database_users,
    "dbname": _databases,
    "dbgroup": _named("redshift", "dbgroup:*/{}", "DbGroup"),
    "snapshot": _snapshots,
    "namespace": _named("redshift", "namespace:{}", "ResourceArn", "NamespaceArn"),
    "parametergroup": _named("redshift", "parametergroup:{}", "ParameterGroupName", fold=True),
    "subnetgroup": _named("redshift", "subnetgroup:{}", "ClusterSubnetGroupName", fold=True),
    "securitygroup": _named("redshift", "securitygroup:{}", "ClusterSecurityGroupName", fold=True),
    "eventsubscription": _named("redshift", "eventsubscription:{}", "SubscriptionName"),
    "hsmclientcertificate": _named(
        "redshift", "hsmclientcertificate:{}", "HsmClientCertificateIdentifier"
    ),
    "hsmconfiguration": _named("redshift", "hsmconfiguration:{}", "HsmConfigurationIdentifier"),
    "integration": _named("redshift", "integration:{}", "IntegrationArn"),
    "snapshotcopygrant": _named("redshift", "snapshotcopygrant:{}", "SnapshotCopyGrantName"),
    "snapshotschedule": _named("redshift", "snapshotschedule:{}", "ScheduleIdentifier"),
    "usagelimit": _named("redshift", "usagelimit:{}", "UsageLimitId"),
    "qev2idcapplication": _named("redshift", "qev2idcapplication:{}", "Qev2IdcApplicationArn"),
    "redshiftidcapplication": _named(
        "redshift", "redshiftidcapplication:{}", "RedshiftIdcApplicationArn"
    ),
}
_SERVERLESS: Final[Mapping[str, Reader]] = {
    "resource": _arns,
    "namespace": _serverless_namespaces,
    "workgroup": _workgroups,
    "snapshot": _serverless_snapshots,
    "recoveryPoint": _named("redshift-serverless", "recoverypoint/{}", "recoveryPointId"),
    "endpointAccess": _named("redshift-serverless", "managedvpcendpoint/{}", "endpointName"),
    "managed-workgroup": _named("redshift-serverless", "managed-workgroup/{}", "managedWorkgroup"),
}
_READERS: Final[Mapping[str, Mapping[str, Reader]]] = {
    "redshift": _REDSHIFT,
    "redshift-serverless": _SERVERLESS,
    "redshift-data": {
        "cluster": _clusters,
        "workgroup": _workgroups,
        "managed-workgroup": _SERVERLESS["managed-workgroup"],
    },
}
