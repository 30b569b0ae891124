"""Snapshots of serverless namespaces: taken, shown, restored, dropped.

https://docs.aws.amazon.com/redshift-serverless/latest/APIReference/API_CreateSnapshot.html
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
from redshare.core.aws_errors import InvalidParameterValue, LimitExceeded, ResourceNotFound
from redshare.core.namespace import Namespace
from redshare.core.resource_arn import resource_arn
from redshare.core.snapshot import Snapshot, SnapshotType
from redshare.core.warehouse import WarehouseKind
from redshare.endpoints.redshift.cluster_snapshots import MEGABYTE, snapshot_identifier
from redshare.endpoints.redshift.snapshot_retention import retention
from redshare.endpoints.redshift_serverless.warehouses import namespace_document

Params = Mapping[str, Any]

#: How ResourceNotFound names one.
SNAPSHOT: Final = "Snapshot"


class ServerlessSnapshotOperations:
    """Of namespaces, with or without a workgroup."""

    def __init__(self, snapshots: Snapshots, restores: Restores, warehouses: Warehouses) -> None:
        self._snapshots = snapshots
        self._restores = restores
        self._warehouses = warehouses
        self.operations = {
            "CreateSnapshot": self.create_snapshot,
            "GetSnapshot": self.get_snapshot,
            "ListSnapshots": self.list_snapshots,
            "UpdateSnapshot": self.update_snapshot,
            "DeleteSnapshot": self.delete_snapshot,
            "RestoreFromSnapshot": self.restore_from_snapshot,
        }

    def create_snapshot(self, caller: Caller, params: Params) -> Params:
        """It answers CREATING, and is available at once."""
        namespace = self._warehouses.namespace(
            caller.account, caller.region, params["namespaceName"]
        )
        new = NewSnapshot(
            snapshot_identifier(params["snapshotName"]),
            days_kept(params.get("retentionPeriod")),
            check_tags((tag["key"], tag["value"]) for tag in params.get("tags") or ()),
        )
        return self._answer(self._snapshots.take(namespace, new), "CREATING")

    def get_snapshot(self, caller: Caller, params: Params) -> Params:
        """By its name or its ARN."""
        return self._answer(self._named(caller, params))

    def list_snapshots(self, caller: Caller, params: Params) -> Params:
        """A page of snapshots, by their namespace and when they were taken."""
        filters = {
            name: params.get(name)
            for name in ("namespaceName", "namespaceArn", "ownerAccount", "startTime", "endTime")
        }
        listing = ("ListSnapshots", caller.account, caller.region, *map(str, filters.values()))
        request = PageRequest(
            listing, params.get("maxResults"), params.get("nextToken"), name="maxResults"
        )
        page = request.of(
            (snapshot for snapshot in self._all(caller) if wanted(snapshot, caller, params)),
            lambda snapshot: [snapshot.created.isoformat(), snapshot.identifier],
        )
        return {
            "snapshots": [serverless_snapshot(self._snapshots, s) for s in page.items],
            "nextToken": page.marker,
        }

    def update_snapshot(self, caller: Caller, params: Params) -> Params:
        """Another retention period, which must not be over already."""
        found = self._find(caller, params["snapshotName"])
        days = params.get("retentionPeriod")
        days = found.retention if days is None else days_kept(days)
        if self._snapshots.is_over(found, days):
            raise InvalidParameterValue(
                f"The snapshot {found.identifier} is older than {days} days."
            )
        changed = self._snapshots.change_retention(
            caller.account, caller.region, found.identifier, days
        )
        return self._answer(changed)

    def delete_snapshot(self, caller: Caller, params: Params) -> Params:
        """A snapshot that is no more; the answer shows what it was."""
        name = self._find(caller, params["snapshotName"]).identifier
        return self._answer(self._snapshots.delete(caller.account, caller.region, name), "DELETED")

    def restore_from_snapshot(self, caller: Caller, params: Params) -> Params:
        """A namespace holds what the snapshot does, in the place of what it held."""
        namespace = target_namespace(self._warehouses, caller, params)
        if params.get("manageAdminPassword"):
            raise InvalidParameterValue("manageAdminPassword is not supported.")
        snapshot = self._named(caller, params)
        restored = self._restores.restore_into(snapshot, namespace)
        return {
            "namespace": namespace_document(restored),
            "snapshotName": snapshot.identifier,
            "ownerAccount": snapshot.account,
        }

    def _named(self, caller: Caller, params: Params) -> Snapshot:
        name, arn = params.get("snapshotName"), params.get("snapshotArn")
        if bool(name) == bool(arn):
            raise InvalidParameterValue("Specify snapshotName or snapshotArn.")
        if name:
            return self._find(caller, name)
        for snapshot in self._all(caller):
            if resource_arn(snapshot) == arn:
                return snapshot
        raise ResourceNotFound(SNAPSHOT, str(arn))

    def _find(self, caller: Caller, name: str) -> Snapshot:
        """By its name; recovery points have none. Raises ResourceNotFound."""
        found = self._snapshots.find(caller.account, caller.region, name.lower())
        if found.snapshot_type is not SnapshotType.MANUAL:
            raise ResourceNotFound(SNAPSHOT, name)
        return found

    def _all(self, caller: Caller) -> list[Snapshot]:
        """Without recovery points."""
        return [
            found
            for found in self._snapshots.all(caller.account, caller.region)
            if found.snapshot_type is SnapshotType.MANUAL
        ]

    def _answer(self, snapshot: Snapshot, status: str = "AVAILABLE") -> Params:
        return {"snapshot": serverless_snapshot(self._snapshots, snapshot, status)}


def days_kept(days: int | None) -> int:
    """Days, or for ever. Raises InvalidParameterValue."""
    try:
        return retention(days)
    except LimitExceeded as error:
        raise InvalidParameterValue(error.message) from error


def target_namespace(warehouses: Warehouses, caller: Caller, params: Params) -> Namespace:
    """The namespace to restore to, by its name and its workgroup's.

    Raises ResourceNotFound, InvalidParameterValue.
    """
    namespace = warehouses.namespace(caller.account, caller.region, params["namespaceName"])
    workgroup = warehouses.warehouse(
        WarehouseKind.WORKGROUP, caller.account, caller.region, params["workgroupName"]
    )
    if workgroup.namespace != namespace.namespace_id:
        raise InvalidParameterValue(
            f"The workgroup {workgroup.identifier} is not on the namespace {namespace.name}."
        )
    return namespace


def wanted(snapshot: Snapshot, caller: Caller, params: Params) -> bool:
    """Whether a list shows it."""
    start, end = params.get("startTime"), params.get("endTime")
    return (
        params.get("namespaceName") in {None, snapshot.namespace_name}
        and params.get("namespaceArn") in {None, str(snapshot.namespace_arn)}
        and params.get("ownerAccount") in {None, caller.account}
        and (start is None or start <= snapshot.created)
        and (end is None or snapshot.created <= end)
    )


def serverless_snapshot(
    snapshots: Snapshots, snapshot: Snapshot, status: str = "AVAILABLE"
) -> Params:
    """As answers show it."""
    megabytes = snapshot.size / MEGABYTE
    return {
        "snapshotName": snapshot.identifier,
        "snapshotArn": resource_arn(snapshot),
        "namespaceName": snapshot.namespace_name,
        "namespaceArn": str(snapshot.namespace_arn),
        "adminUsername": snapshot.admin_username,
        "kmsKeyId": snapshot.kms_key_id or "AWS_OWNED_KMS_KEY",
        "ownerAccount": snapshot.account,
        "status": status,
        "snapshotCreateTime": snapshot.created,
        "snapshotRetentionStartTime": snapshot.retention_start,
        "snapshotRetentionPeriod": snapshot.retention,
        "snapshotRemainingDays": snapshots.remaining_days(snapshot),
        "totalBackupSizeInMegaBytes": megabytes,
        "actualIncrementalBackupSizeInMegaBytes": megabytes,
        "backupProgressInMegaBytes": megabytes,
        "elapsedTimeInSeconds": 0,
        "estimatedSecondsToCompletion": 0,
    }
