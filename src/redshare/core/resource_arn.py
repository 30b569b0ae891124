"""The ARNs of what has tags, as its service prints them.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonredshift.html
"""

from __future__ import annotations

from redshare.core.ids import NamespaceKind
from redshare.core.namespace import Namespace
from redshare.core.parameter_group import ParameterGroup
from redshare.core.snapshot import Snapshot, SnapshotType
from redshare.core.subnet_group import SubnetGroup
from redshare.core.usage_limit import UsageLimit
from redshare.core.warehouse import Warehouse, WarehouseKind

Tagged = Warehouse | Namespace | ParameterGroup | SubnetGroup | UsageLimit | Snapshot


def resource_arn(resource: Tagged) -> str:
    """The ARN of a resource."""
    place = f"{resource.region}:{resource.account}"
    match resource:
        case Namespace():
            return str(resource.arn)
        case Snapshot(kind=NamespaceKind.SERVERLESS):
            recovery = resource.snapshot_type is SnapshotType.AUTOMATED
            what = "recoverypoint" if recovery else "snapshot"
            return f"arn:aws:redshift-serverless:{place}:{what}/{resource.snapshot_id}"
        case Warehouse(kind=WarehouseKind.WORKGROUP):
            return f"arn:aws:redshift-serverless:{place}:workgroup/{resource.warehouse_id}"
        case _:
            return f"arn:aws:redshift:{place}:{resource_type(resource)}:{_name(resource)}"


def resource_type(resource: Tagged) -> str:
    """What the ARN calls it."""
    match resource:
        case Namespace():
            return "namespace"
        case Warehouse():
            return resource.kind.value
        case ParameterGroup():
            return "parametergroup"
        case SubnetGroup():
            return "subnetgroup"
        case UsageLimit():
            return "usagelimit"
        case Snapshot():
            return "snapshot"


def _name(resource: Warehouse | ParameterGroup | SubnetGroup | UsageLimit | Snapshot) -> str:
    match resource:
        case Warehouse():
            return resource.identifier
        case UsageLimit():
            return resource.limit_id
        case Snapshot():
            return f"{resource.namespace_name}/{resource.identifier}"
        case _:
            return resource.name
