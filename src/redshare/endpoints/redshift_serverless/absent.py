"""What workgroups have at AWS and not here: nothing of it is listed, and no name of it is found.

Tracks there are, and one version. What would make any of the others is refused by name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from redshare.app.caller import Caller
from redshare.app.paging import PageRequest
from redshare.app.warehouses.warehouses import Warehouses
from redshare.core.aws_errors import ResourceNotFound
from redshare.core.warehouse import WarehouseKind
from redshare.endpoints.redshift.offers import TRACK, TRACKS, VERSION

Params = Mapping[str, Any]

#: Each list with its member.
_LISTS: Final = {
    "ListEndpointAccess": "endpoints",
    "ListManagedWorkgroups": "managedWorkgroups",
    "ListReservationOfferings": "reservationOfferingsList",
    "ListReservations": "reservationsList",
    "ListScheduledActions": "scheduledActions",
    "ListSnapshotCopyConfigurations": "snapshotCopyConfigurations",
    "ListTableRestoreStatus": "tableRestoreStatuses",
}
#: Each get with the parameter that names what is not there, and what errors call it.
_GETS: Final = {
    "GetEndpointAccess": ("endpointName", "EndpointAccess"),
    "GetReservation": ("reservationId", "Reservation"),
    "GetReservationOffering": ("offeringId", "ReservationOffering"),
    "GetScheduledAction": ("scheduledActionName", "ScheduledAction"),
    "GetTableRestoreStatus": ("tableRestoreRequestId", "TableRestoreStatus"),
}


class ServerlessAbsentOperations:
    """Empty lists, and what is not found in them; the tracks."""

    def __init__(self, warehouses: Warehouses) -> None:
        self._warehouses = warehouses
        self.operations: Mapping[str, Callable[[Caller, Params], Params]] = {
            **{name: partial(self._list, name, listed) for name, listed in _LISTS.items()},
            **{name: partial(self._get, *of) for name, of in _GETS.items()},
            "ListTracks": self.list_tracks,
            "GetTrack": self.get_track,
        }

    def list_tracks(self, caller: Caller, params: Params) -> Params:
        """The tracks, which lead to the same version."""
        page = _request("ListTracks", caller, params).of(TRACKS, lambda track: [track])
        return {"tracks": [_track(name) for name in page.items], "nextToken": page.marker}

    def get_track(self, _: Caller, params: Params) -> Params:
        """One track."""
        if params["trackName"] not in TRACKS:
            raise ResourceNotFound(TRACK, params["trackName"])
        return {"track": _track(params["trackName"])}

    def _list(self, operation: str, listed: str, caller: Caller, params: Params) -> Params:
        """Raises ResourceNotFound of a workgroup or namespace that is named and not there."""
        place = (caller.account, caller.region)
        if params.get("workgroupName"):
            self._warehouses.warehouse(WarehouseKind.WORKGROUP, *place, params["workgroupName"])
        if params.get("namespaceName"):
            self._warehouses.namespace(*place, params["namespaceName"])
        _request(operation, caller, params).of((), lambda _: [])
        return {listed: []}

    def _get(self, named: str, kind: str, _: Caller, params: Params) -> Params:
        raise ResourceNotFound(kind, params[named])


def _request(operation: str, caller: Caller, params: Params) -> PageRequest:
    return PageRequest(
        (operation, caller.account, caller.region),
        params.get("maxResults"),
        params.get("nextToken"),
        name="maxResults",
    )


def _track(name: str) -> Params:
    return {"trackName": name, "workgroupVersion": VERSION, "updateTargets": []}
