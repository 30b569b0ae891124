"""A serverless namespace deleted, with a last snapshot of it if one is asked for.

https://docs.aws.amazon.com/redshift-serverless/latest/APIReference/API_DeleteNamespace.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from redshare.app.caller import Caller
from redshare.app.snapshots.snapshots import NewSnapshot, Snapshots
from redshare.app.warehouses.warehouses import Warehouses
from redshare.core.aws_errors import InvalidParameterValue
from redshare.endpoints.redshift.cluster_snapshots import snapshot_identifier
from redshare.endpoints.redshift_serverless.snapshots import days_kept
from redshare.endpoints.redshift_serverless.warehouses import namespace_document

Params = Mapping[str, Any]


class NamespaceDeletion:
    """The end of a namespace without workgroup, and of every share of it."""

    def __init__(self, snapshots: Snapshots, warehouses: Warehouses) -> None:
        self._snapshots = snapshots
        self._warehouses = warehouses
        self.operations = {"DeleteNamespace": self.delete_namespace}

    def delete_namespace(self, caller: Caller, params: Params) -> Params:
        """Its recovery points go with it, its snapshots stay."""
        name = params["namespaceName"]
        namespace = self._warehouses.namespace(caller.account, caller.region, name)
        final, days = params.get("finalSnapshotName"), params.get("finalSnapshotRetentionPeriod")
        if days is not None and not final:
            raise InvalidParameterValue("finalSnapshotRetentionPeriod needs finalSnapshotName.")
        self._warehouses.require_no_workgroup(namespace)
        if final:
            self._snapshots.take(
                namespace, NewSnapshot(snapshot_identifier(final), days_kept(days))
            )
        self._warehouses.delete_namespace(namespace)
        return {"namespace": {**namespace_document(namespace), "status": "DELETING"}}
