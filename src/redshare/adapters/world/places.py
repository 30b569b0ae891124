"""The namespaces of a system and how a world file names them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from redshare.adapters.world.account import AwsAccount
from redshare.adapters.world.warehouse_sql import WarehouseSql
from redshare.app.world import WorldError


@dataclass(frozen=True, slots=True)
class Place:
    """A namespace as its account's API shows it; one without a warehouse has no `sql`."""

    account: AwsAccount
    name: str
    arn: str
    kind: str
    admin: str
    database: str
    encrypted: bool
    publicly_accessible: bool
    workgroup: str | None
    sql: WarehouseSql | None
    address: tuple[str, int] | None
    #: The cluster, or the namespace, and the workgroup in the API's words.
    shown: Mapping[str, Any] = field(repr=False)
    workgroup_shown: Mapping[str, Any] = field(repr=False)

    @property
    def guid(self) -> str:
        """The namespace's."""
        return self.arn[-36:]

    def share_arn(self, share: str) -> str:
        """The ARN of a share of the namespace."""
        partition, _, region = self.arn.split(":")[1:4]
        head = f"arn:{partition}:redshift:{region}:{self.account.number}"
        return f"{head}:datashare:{self.guid}/{share}"


class Places:
    """All namespaces of some accounts."""

    def __init__(self, accounts: list[AwsAccount]) -> None:
        self.accounts = {account.number: account for account in accounts}
        self.all: dict[str, dict[str, Place]] = {}
        for account in accounts:
            found = self.all[account.number] = {}
            for place in (*_serverless(account), *_clusters(account)):
                if place.name in found:
                    raise WorldError(
                        f"{account.number}: a cluster and a serverless namespace are both named "
                        f"{place.name}"
                    )
                found[place.name] = place
        self._names = {
            (number, place.guid): place.name
            for number, places in self.all.items()
            for place in places.values()
        }

    def name_of(self, account: str, guid: str) -> str:
        """The name of a namespace, or its GUID where its account is not of these."""
        return self._names.get((account, guid), guid)

    def guid_of(self, account: str, name: str) -> str:
        """The other way."""
        place = self.all.get(account, {}).get(name)
        return name if place is None else place.guid

    def arn_of(self, account: str, name: str) -> str:
        """The ARN of a namespace by its name or GUID. Raises WorldError."""
        for place in self.all.get(account, {}).values():
            if name in {place.name, place.guid}:
                return place.arn
        raise WorldError(f"there is no namespace {account}/{name}")


def _serverless(account: AwsAccount) -> Iterator[Place]:
    pages = account.serverless.get_paginator("list_workgroups").paginate()
    groups = {group["namespaceName"]: group for page in pages for group in page["workgroups"]}
    pages = account.serverless.get_paginator("list_namespaces").paginate()
    for found in (namespace for page in pages for namespace in page["namespaces"]):
        name = found["namespaceName"]
        group: dict[str, Any] = groups.get(name, {})
        workgroup = group.get("workgroupName")
        sql = None
        if workgroup is not None:
            target = {"WorkgroupName": workgroup}
            sql = WarehouseSql(account.data, target, f"{account.number}/{name}")
        yield Place(
            account,
            name,
            found["namespaceArn"],
            "serverless",
            found.get("adminUsername", ""),
            found.get("dbName", "dev"),
            encrypted=True,
            publicly_accessible=group.get("publiclyAccessible", False),
            workgroup=workgroup,
            sql=sql,
            address=_address(group.get("endpoint")),
            shown=found,
            workgroup_shown=group,
        )


def _clusters(account: AwsAccount) -> Iterator[Place]:
    pages = account.redshift.get_paginator("describe_clusters").paginate()
    for found in (cluster for page in pages for cluster in page["Clusters"]):
        name, admin = found["ClusterIdentifier"], found["MasterUsername"]
        target = {"ClusterIdentifier": name, "DbUser": admin}
        yield Place(
            account,
            name,
            found["ClusterNamespaceArn"],
            "provisioned",
            admin,
            found.get("DBName", "dev"),
            encrypted=found.get("Encrypted", False),
            publicly_accessible=found.get("PubliclyAccessible", False),
            workgroup=None,
            sql=WarehouseSql(account.data, target, f"{account.number}/{name}"),
            address=_address({k.lower(): v for k, v in found.get("Endpoint", {}).items()} or None),
            shown=found,
            workgroup_shown={},
        )


def _address(endpoint: dict[str, Any] | None) -> tuple[str, int] | None:
    return (endpoint["address"], endpoint["port"]) if endpoint else None
