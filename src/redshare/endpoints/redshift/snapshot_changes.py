"""Snapshots of clusters changed, copied and dropped, one or many at once.

https://docs.aws.amazon.com/redshift/latest/APIReference/API_BatchModifyClusterSnapshots.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from redshare.app.caller import Caller
from redshare.app.snapshots.snapshots import NewSnapshot, Snapshots
from redshare.core.aws_errors import InvalidState, LimitExceeded, ResourceNotFound
from redshare.core.errors import RedshareError
from redshare.core.snapshot import Snapshot
from redshare.endpoints.redshift.cluster_snapshots import (
    ClusterSnapshots,
    snapshot_identifier,
)
from redshare.endpoints.redshift.snapshot_retention import RETENTION, retention

Params = Mapping[str, Any]

#: Snapshots of one request.
MAX_BATCH: Final = 100
#: How errors name requests for more.
BATCH_DELETE: Final = "BatchDelete"
BATCH_MODIFY: Final = "BatchModify"
#: The codes of what goes wrong with one of many.
_FAILURES: Final[Mapping[type[RedshareError], str]] = {
    ResourceNotFound: "ClusterSnapshotNotFound",
    InvalidState: "InvalidClusterSnapshotState",
    LimitExceeded: "InvalidRetentionPeriodFault",
}


class SnapshotChangeOperations:
    """Of manual snapshots; automated ones are copied."""

    def __init__(self, snapshots: Snapshots, shown: ClusterSnapshots) -> None:
        self._snapshots = snapshots
        self._shown = shown
        self.operations = {
            "ModifyClusterSnapshot": self.modify_cluster_snapshot,
            "BatchModifyClusterSnapshots": self.batch_modify_cluster_snapshots,
            "BatchDeleteClusterSnapshots": self.batch_delete_cluster_snapshots,
            "CopyClusterSnapshot": self.copy_cluster_snapshot,
        }

    def modify_cluster_snapshot(self, caller: Caller, params: Params) -> Params:
        """Another retention period; one that is over already drops it, if that is forced."""
        found = self._shown.find(caller, params["SnapshotIdentifier"])
        changed, kept = self._modified(found, params)
        return {"Snapshot": self._shown.document(changed, "available" if kept else "deleted")}

    def batch_modify_cluster_snapshots(self, caller: Caller, params: Params) -> Params:
        """The same for many; what cannot be is listed and hinders none of the others."""
        retention(params.get("ManualSnapshotRetentionPeriod"))
        names = params["SnapshotIdentifierList"]

        def modify(name: str, _: str | None) -> Snapshot:
            return self._modified(self._shown.find(caller, name), params)[0]

        return _each(((name, None) for name in _limited(names, BATCH_MODIFY)), modify)

    def batch_delete_cluster_snapshots(self, caller: Caller, params: Params) -> Params:
        """Drop many; what cannot be is listed and hinders none of the others."""
        named = [
            (one["SnapshotIdentifier"], one.get("SnapshotClusterIdentifier"))
            for one in _limited(params["Identifiers"], BATCH_DELETE)
        ]

        def delete(name: str, cluster: str | None) -> Snapshot:
            found = self._shown.find(caller, name, cluster)
            return self._snapshots.delete(caller.account, caller.region, found.identifier)

        return _each(named, delete)

    def copy_cluster_snapshot(self, caller: Caller, params: Params) -> Params:
        """An automated snapshot as a manual one, which nothing but its retention ends."""
        source = self._shown.find(
            caller,
            params["SourceSnapshotIdentifier"],
            params.get("SourceSnapshotClusterIdentifier"),
        )
        new = NewSnapshot(
            snapshot_identifier(params["TargetSnapshotIdentifier"]),
            retention(params.get("ManualSnapshotRetentionPeriod")),
        )
        return {"Snapshot": self._shown.document(self._snapshots.copy(source, new), "creating")}

    def _modified(self, found: Snapshot, params: Params) -> tuple[Snapshot, bool]:
        """What it is now, and whether it still is."""
        place = (found.account, found.region, found.identifier)
        days = retention(params.get("ManualSnapshotRetentionPeriod"), found.retention)
        if not self._snapshots.is_over(found, days):
            return self._snapshots.change_retention(*place, days), True
        if not params.get("Force"):
            raise LimitExceeded(
                RETENTION, f"The snapshot {found.identifier} is older than {days} days."
            )
        return self._snapshots.delete(*place), False


def _limited(items: list[Any], kind: str) -> list[Any]:
    if len(items) > MAX_BATCH:
        raise LimitExceeded(kind, f"A request names at most {MAX_BATCH} snapshots.")
    return items


def _each(
    named: Iterable[tuple[str, str | None]], change: Callable[[str, str | None], Snapshot]
) -> Params:
    """The snapshots that were changed, and why the others were not."""
    changed, errors = [], []
    for name, cluster in named:
        try:
            changed.append(change(name, cluster).identifier)
        except (ResourceNotFound, InvalidState, LimitExceeded) as error:
            errors.append(
                {
                    "SnapshotIdentifier": name,
                    "SnapshotClusterIdentifier": cluster,
                    "FailureCode": _FAILURES[type(error)],
                    "FailureReason": error.message,
                }
            )
    return {"Resources": changed, "Errors": errors}
