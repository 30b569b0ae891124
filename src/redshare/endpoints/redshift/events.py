"""Events of clusters.

https://docs.aws.amazon.com/redshift/latest/APIReference/API_DescribeEvents.html
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from redshare.app.caller import Caller
from redshare.app.warehouses.cluster_events import ClusterEvents
from redshare.core.aws_errors import InvalidParameterCombination, InvalidParameterValue
from redshare.core.cluster_event import KEPT, KINDS, ClusterEvent
from redshare.endpoints.redshift.pages import page_request

Params = Mapping[str, Any]

CLUSTER: Final = "cluster"
_SOURCES: Final = frozenset(
    {
        CLUSTER,
        "cluster-parameter-group",
        "cluster-security-group",
        "cluster-snapshot",
        "scheduled-action",
    }
)
#: Minutes told of where nobody asks for others.
_DURATION: Final = 60


class EventOperations:
    """Told, never changed."""

    def __init__(self, events: ClusterEvents) -> None:
        self._events = events
        self.operations = {
            "DescribeEvents": self.describe_events,
            "DescribeEventCategories": self.describe_event_categories,
        }

    def describe_events(self, caller: Caller, params: Params) -> Params:
        """A page of what happened, oldest first; of clusters alone."""
        source, identifier = _source(params), params.get("SourceIdentifier")
        if identifier and not source:
            raise InvalidParameterCombination("SourceIdentifier needs a SourceType.")
        start, end = _span(params, self._events.now())
        found = self._events.between(caller.account, caller.region, start, end)
        page = page_request("DescribeEvents", caller, params).of(
            (
                event
                for event in found
                if source in {None, CLUSTER} and identifier in {None, "", event.cluster}
            ),
            lambda event: [event.at.isoformat(), event.code, event.event_id],
        )
        return {"Events": [_event(event) for event in page.items], "Marker": page.marker}

    def describe_event_categories(self, _: Caller, params: Params) -> Params:
        """The kinds of events there are."""
        source = _source(params)
        kinds = KINDS.values() if source in {None, CLUSTER} else ()
        return {
            "EventCategoriesMapList": [
                {
                    "SourceType": source or CLUSTER,
                    "Events": [
                        {
                            "EventId": kind.code,
                            "EventCategories": [kind.category],
                            "EventDescription": kind.description,
                            "Severity": kind.severity,
                        }
                        for kind in kinds
                    ],
                }
            ]
        }


def _source(params: Params) -> str | None:
    source: str | None = params.get("SourceType") or None
    if source is not None and source not in _SOURCES:
        raise InvalidParameterValue(f"Invalid source type: {source!r}.")
    return source


def _span(params: Params, now: datetime) -> tuple[datetime, datetime]:
    start, end, duration = (params.get(n) for n in ("StartTime", "EndTime", "Duration"))
    if duration is not None:
        if start is not None:
            raise InvalidParameterCombination("Specify StartTime or Duration, not both.")
        if not 1 <= duration <= KEPT // timedelta(minutes=1):
            raise InvalidParameterValue(f"Invalid duration: {duration}.")
    end = _utc(end) if end is not None else now
    minutes = timedelta(minutes=_DURATION if duration is None else duration)
    start = _utc(start) if start is not None else end - minutes
    if start > end:
        raise InvalidParameterCombination("StartTime is after EndTime.")
    return start, end


def _utc(at: datetime) -> datetime:
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)


def _event(event: ClusterEvent) -> Params:
    return {
        "SourceIdentifier": event.cluster,
        "SourceType": CLUSTER,
        "Message": event.message,
        "EventCategories": [event.kind.category],
        "Severity": event.kind.severity,
        "Date": event.at,
        "EventId": event.code,
    }
