"""Namespaces and warehouses that are missing, through the API: it chooses their GUIDs. Of their
attributes they get those that can be given only now.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any, Final

from redshare.adapters.world.account import AwsAccount
from redshare.adapters.world.places import Place
from redshare.app.world import WorldError, WorldNamespace
from redshare.app.world.warehouse import WorldCluster

#: A cluster of AWS takes minutes.
_PATIENCE_SECONDS: Final = 1800
_LONGEST_WAIT: Final = 15.0
_NODE_TYPE: Final = "ra3.xlplus"


def make_namespace(
    account: AwsAccount, name: str, wanted: WorldNamespace, found: Place | None
) -> Iterator[str]:
    """What was made, once it is available. Raises WorldError."""
    if wanted.kind == "provisioned":
        if found is None:
            account.redshift.create_cluster(
                ClusterIdentifier=name,
                **_size(wanted.cluster or WorldCluster()),
                MasterUsername=wanted.admin.user,
                MasterUserPassword=wanted.admin.password,
                DBName=wanted.database,
                Encrypted=wanted.encrypted,
                PubliclyAccessible=wanted.publicly_accessible,
                **_port("Port", wanted),
            )
            wait_available(account, name)
            yield f"cluster {account.number}/{name}"
        return
    if found is None:
        account.serverless.create_namespace(
            namespaceName=name,
            adminUsername=wanted.admin.user,
            adminUserPassword=wanted.admin.password,
            dbName=wanted.database,
        )
        yield f"namespace {account.number}/{name}"
    if found is None or found.workgroup is None:
        workgroup = wanted.workgroup or f"{name}-wg"
        account.serverless.create_workgroup(
            workgroupName=workgroup,
            namespaceName=name,
            publiclyAccessible=wanted.publicly_accessible,
            **_port("port", wanted),
        )
        wait_available(account, workgroup)
        yield f"workgroup {account.number}/{workgroup}"


def _port(word: str, wanted: WorldNamespace) -> dict[str, int]:
    return {} if wanted.port is None else {word: wanted.port}


def _size(wanted: WorldCluster) -> dict[str, Any]:
    nodes = wanted.number_of_nodes or 1
    size: dict[str, Any] = {
        "NodeType": wanted.node_type or _NODE_TYPE,
        "ClusterType": "single-node",
    }
    if nodes > 1:
        size |= {"ClusterType": "multi-node", "NumberOfNodes": nodes}
    if wanted.subnet_group is not None:
        size["ClusterSubnetGroupName"] = wanted.subnet_group
    return size


def wait_available(account: AwsAccount, name: str) -> None:
    """Until the cluster or the workgroup is available. Raises WorldError."""
    wait, end = 0.1, time.monotonic() + _PATIENCE_SECONDS
    while (status := _status(account, name)) != "available":
        if time.monotonic() > end:
            raise WorldError(f"{account.number}/{name} is still {status}")
        time.sleep(wait)
        wait = min(wait * 2, _LONGEST_WAIT)


def _status(account: AwsAccount, name: str) -> str:
    groups: dict[str, Any] = {
        group["workgroupName"]: group
        for page in account.serverless.get_paginator("list_workgroups").paginate()
        for group in page["workgroups"]
    }
    if name in groups:
        return str(groups[name]["status"]).lower()
    clusters = account.redshift.describe_clusters(ClusterIdentifier=name)["Clusters"]
    return str(clusters[0]["ClusterStatus"]).lower()
