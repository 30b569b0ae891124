"""What has tags, found by its ARN.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonredshift.html
"""

from __future__ import annotations

from redshare.core.catalog import Catalog
from redshare.core.ids import NamespaceKind
from redshare.core.namespace import Namespace
from redshare.core.parameter_group import ParameterGroup
from redshare.core.resource_arn import Tagged, resource_arn
from redshare.core.snapshot import Snapshot
from redshare.core.subnet_group import SubnetGroup
from redshare.core.usage_limit import UsageLimit
from redshare.core.warehouse import Warehouse, WarehouseKind

_PARTS = 6


def find_tagged(catalog: Catalog, arn: str) -> Tagged | None:
    """The resource that has this very ARN, whoever's it is."""
    parts = arn.split(":", _PARTS - 1)
    if len(parts) != _PARTS:
        return None
    _, _, service, region, account, rest = parts
    slash = service == "redshift-serverless"
    kind, _, name = rest.partition("/" if slash else ":")
    found: Tagged | None = None
    match kind:
        case "cluster":
            found = catalog.named(Warehouse, account, region, WarehouseKind.CLUSTER, name)
        case "workgroup":
            found = catalog.get(Warehouse, name)
        case "namespace":
            found = catalog.get(Namespace, name)
        case "parametergroup":
            found = catalog.named(ParameterGroup, account, region, name)
        case "subnetgroup":
            found = catalog.named(SubnetGroup, account, region, name)
        case "usagelimit":
            found = catalog.get(UsageLimit, name)
        case "snapshot" if slash:
            found = catalog.get(Snapshot, name)
        case "snapshot":
            own = name.partition("/")[2]
            found = catalog.named(Snapshot, account, region, NamespaceKind.PROVISIONED, own)
    return found if found is not None and resource_arn(found) == arn else None
