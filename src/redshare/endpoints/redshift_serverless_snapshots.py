"""Snapshots of serverless namespaces: taken, shown, restored, dropped.

https://docs.aws.amazon.com/redshift-serverless/latest/APIReference/API_CreateSnapshot.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from redshare.app.caller import Caller
from redshare.app.paging import PageRequest
from redshare.app.snapshots import NewSnapshot, Snapshots
from redshare.app.tags import check_tags
from redshare.app.warehouses import Warehouses
from redshare.core.errors import InvalidParameterValue, LimitExceeded, ResourceNotFound
from redshare.core.resource_arn import resource_arn
from redshare.core.snapshot import INDEFINITE, Snapshot
from redshare.core.warehouse import WarehouseKind
from redshare.endpoints.redshift_serverless import namespace_document
from redshare.endpoints.redshift_snapshots import retention, snapshot_identifier

Params = Mapping[str, Any]

_MEGABYTE: Final = 1 << 20
#: How ResourceNotFound names one.
SNAPSHOT: Final = "Snapshot"


class ServerlessSnapshotOperations:
    """Of namespaces, with or without a workgroup."""

    def __init__(self, snapshots: Snapshots, warehouses: Warehouses) -> None:
        self._snapshots = snapshots
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
            _days(params),
            check_tags((tag["key"], tag["value"]) for tag in params.get("tags") or ()),
        )
        return _answer(self._snapshots.take(namespace, new), "CREATING")

    def get_snapshot(self, caller: Caller, params: Params) -> Params:
        """By its name or its ARN."""
        return _answer(self._named(caller, params))

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
            (
                snapshot
                for snapshot in self._snapshots.all(caller.account, caller.region)
                if _wanted(snapshot, caller, params)
            ),
            lambda snapshot: [snapshot.created.isoformat(), snapshot.identifier],
        )
        return {"snapshots": [_snapshot(s) for s in page.items], "nextToken": page.marker}

    def update_snapshot(self, caller: Caller, params: Params) -> Params:
        """Another retention period, which is kept."""
        name = params["snapshotName"].lower()
        changed = self._snapshots.change_retention(
            caller.account, caller.region, name, _days(params)
        )
        return _answer(changed)

    def delete_snapshot(self, caller: Caller, params: Params) -> Params:
        """A snapshot that is no more; the answer shows what it was."""
        name = params["snapshotName"].lower()
        return _answer(self._snapshots.delete(caller.account, caller.region, name), "DELETED")

    def restore_from_snapshot(self, caller: Caller, params: Params) -> Params:
        """A namespace holds what the snapshot does, in the place of what it held."""
        namespace = self._warehouses.namespace(
            caller.account, caller.region, params["namespaceName"]
        )
        workgroup = self._warehouses.warehouse(
            WarehouseKind.WORKGROUP, caller.account, caller.region, params["workgroupName"]
        )
        if workgroup.namespace != namespace.namespace_id:
            raise InvalidParameterValue(
                f"The workgroup {workgroup.identifier} is not on the namespace {namespace.name}."
            )
        if params.get("manageAdminPassword"):
            raise InvalidParameterValue("manageAdminPassword is not supported.")
        snapshot = self._named(caller, params)
        restored = self._snapshots.restore_into(snapshot, namespace)
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
            return self._snapshots.find(caller.account, caller.region, name.lower())
        for snapshot in self._snapshots.all(caller.account, caller.region):
            if resource_arn(snapshot) == arn:
                return snapshot
        raise ResourceNotFound(SNAPSHOT, str(arn))


def _days(params: Params) -> int:
    try:
        return retention(params.get("retentionPeriod"))
    except LimitExceeded as error:
        raise InvalidParameterValue(error.message) from error


def _wanted(snapshot: Snapshot, caller: Caller, params: Params) -> bool:
    start, end = params.get("startTime"), params.get("endTime")
    return (
        params.get("namespaceName") in {None, snapshot.namespace_name}
        and params.get("namespaceArn") in {None, str(snapshot.namespace_arn)}
        and params.get("ownerAccount") in {None, caller.account}
        and (start is None or start <= snapshot.created)
        and (end is None or snapshot.created <= end)
    )


def _answer(snapshot: Snapshot, status: str = "AVAILABLE") -> Params:
    return {"snapshot": {**_snapshot(snapshot), "status": status}}


def _snapshot(snapshot: Snapshot) -> Params:
    megabytes = snapshot.size / _MEGABYTE
    return {
        "snapshotName": snapshot.identifier,
        "snapshotArn": resource_arn(snapshot),
        "namespaceName": snapshot.namespace_name,
        "namespaceArn": str(snapshot.namespace_arn),
        "adminUsername": snapshot.admin_username,
        "kmsKeyId": snapshot.kms_key_id or "AWS_OWNED_KMS_KEY",
        "ownerAccount": snapshot.account,
        "status": "AVAILABLE",
        "snapshotCreateTime": snapshot.created,
        "snapshotRetentionStartTime": snapshot.created,
        "snapshotRetentionPeriod": snapshot.retention,
        "snapshotRemainingDays": None if snapshot.retention == INDEFINITE else snapshot.retention,
        "totalBackupSizeInMegaBytes": megabytes,
        "actualIncrementalBackupSizeInMegaBytes": megabytes,
        "backupProgressInMegaBytes": megabytes,
        "elapsedTimeInSeconds": 0,
        "estimatedSecondsToCompletion": 0,
    }
