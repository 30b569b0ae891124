"""Recovery points of serverless namespaces, which the node takes by itself.

https://docs.aws.amazon.com/redshift/latest/mgmt/serverless-snapshots-recovery-points.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from redshare.app.caller import Caller
from redshare.app.paging import PageRequest
from redshare.app.snapshots.restores import Restores
from redshare.app.snapshots.snapshots import NewSnapshot, Snapshots
from redshare.app.tags import check_tags
from redshare.app.warehouses.warehouses import Warehouses
from redshare.core.aws_errors import ResourceNotFound
from redshare.core.snapshot import Snapshot, SnapshotType
from redshare.endpoints.redshift.cluster_snapshots import MEGABYTE, snapshot_identifier
from redshare.endpoints.redshift_serverless.snapshots import (
    days_kept,
    serverless_snapshot,
    target_namespace,
    wanted,
)
from redshare.endpoints.redshift_serverless.warehouses import namespace_document

Params = Mapping[str, Any]

#: How ResourceNotFound names one.
RECOVERY_POINT: Final = "RecoveryPoint"


class RecoveryPointOperations:
    """Listed, restored, kept as snapshots."""

    def __init__(self, snapshots: Snapshots, restores: Restores, warehouses: Warehouses) -> None:
        self._snapshots = snapshots
        self._restores = restores
        self._warehouses = warehouses
        self.operations = {
            "ListRecoveryPoints": self.list_recovery_points,
            "GetRecoveryPoint": self.get_recovery_point,
            "RestoreFromRecoveryPoint": self.restore_from_recovery_point,
            "ConvertRecoveryPointToSnapshot": self.convert_recovery_point_to_snapshot,
        }

    def list_recovery_points(self, caller: Caller, params: Params) -> Params:
        """A page of them, by their namespace and when they were taken."""
        filters = [str(params.get(n)) for n in ("namespaceName", "namespaceArn")]
        filters += [str(params.get(n)) for n in ("startTime", "endTime")]
        listing = ("ListRecoveryPoints", caller.account, caller.region, *filters)
        request = PageRequest(
            listing, params.get("maxResults"), params.get("nextToken"), name="maxResults"
        )
        page = request.of(
            (point for point in self._all(caller) if wanted(point, caller, params)),
            lambda point: [point.created.isoformat(), point.snapshot_id],
        )
        return {
            "recoveryPoints": [self._document(point) for point in page.items],
            "nextToken": page.marker,
        }

    def get_recovery_point(self, caller: Caller, params: Params) -> Params:
        """By its id."""
        return {"recoveryPoint": self._document(self._find(caller, params))}

    def restore_from_recovery_point(self, caller: Caller, params: Params) -> Params:
        """A namespace holds what the recovery point does, in the place of what it held."""
        namespace = target_namespace(self._warehouses, caller, params)
        point = self._find(caller, params)
        restored = self._restores.restore_into(point, namespace)
        return {
            "namespace": namespace_document(restored),
            "recoveryPointId": point.snapshot_id,
        }

    def convert_recovery_point_to_snapshot(self, caller: Caller, params: Params) -> Params:
        """A snapshot of what the recovery point holds; the recovery point stays, for its day."""
        new = NewSnapshot(
            snapshot_identifier(params["snapshotName"]),
            days_kept(params.get("retentionPeriod")),
            check_tags((tag["key"], tag["value"]) for tag in params.get("tags") or ()),
        )
        made = self._snapshots.copy(self._find(caller, params), new)
        return {"snapshot": serverless_snapshot(self._snapshots, made, "CREATING")}

    def _all(self, caller: Caller) -> list[Snapshot]:
        return [
            found
            for found in self._snapshots.all(caller.account, caller.region)
            if found.snapshot_type is SnapshotType.AUTOMATED
        ]

    def _find(self, caller: Caller, params: Params) -> Snapshot:
        wanted_id = params["recoveryPointId"]
        for point in self._all(caller):
            if point.snapshot_id == wanted_id:
                return point
        raise ResourceNotFound(RECOVERY_POINT, wanted_id)

    def _document(self, point: Snapshot) -> Params:
        namespace = self._warehouses.namespace_by_guid(point.namespace)
        workgroup = None if namespace is None else self._warehouses.workgroup_on(namespace)
        return {
            "recoveryPointId": point.snapshot_id,
            "recoveryPointCreateTime": point.created,
            "namespaceName": point.namespace_name,
            "namespaceArn": str(point.namespace_arn),
            "workgroupName": None if workgroup is None else workgroup.identifier,
            "totalSizeInMegaBytes": point.size / MEGABYTE,
        }
