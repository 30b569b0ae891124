"""The requests made of datashares, their sums, and last uses, in memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime

from redshare.core.last_use import LastUse
from redshare.core.share_usage import ShareMeter, ShareRequest


class MemoryUsage:
    """Used under its owner's lock."""

    def __init__(self) -> None:
        self._requests: dict[str, ShareRequest] = {}
        self._meters: dict[tuple[date, str, str], ShareMeter] = {}
        self._uses: dict[str, LastUse] = {}
        self._cross_region: Counter[tuple[str, date]] = Counter()

    def add(self, requests: Iterable[ShareRequest]) -> None:
        """Each once, by its id."""
        for request in requests:
            if request.request_id not in self._requests:
                self._requests[request.request_id] = request
                self._count(request)

    def _count(self, request: ShareRequest) -> None:
        if request.share is None:
            return
        day = request.at.astimezone(UTC).date()
        self._cross_region[request.consumer, day] += request.cross_region
        key = (day, request.share, request.consumer)
        sums = self._meters.get(key) or ShareMeter(
            *key[:2],
            request.share_name or "",
            request.producer or "",
            request.producer_account or "",
            request.consumer,
            request.consumer_account,
            *(0,) * 6,
        )
        self._meters[key] = replace(
            sums,
            requests=sums.requests + 1,
            refused=sums.refused + bool(request.error),
            rows_read=sums.rows_read + request.rows_read,
            bytes_read=sums.bytes_read + request.bytes_read,
            rows_written=sums.rows_written + request.rows_written,
            bytes_written=sums.bytes_written + request.bytes_written,
        )

    def of(self, namespace: str, since: datetime, *, produced: bool) -> list[ShareRequest]:
        """Those of one side, oldest first."""
        found = (
            request
            for request in self._requests.values()
            if request.at >= since
            and namespace == (request.producer if produced else request.consumer)
        )
        return sorted(found, key=lambda request: request.at)

    def metered(self, namespace: str) -> list[ShareMeter]:
        """The sums that a namespace has part in."""
        found = (m for m in self._meters.values() if namespace in {m.producer, m.consumer})
        return sorted(found, key=lambda m: (m.day, m.share_name, m.share, m.consumer))

    def cross_region(self, consumer: str, since: date) -> int:
        """The megabytes counted since a day."""
        sums = self._cross_region.items()
        return sum(n for (whose, day), n in sums if whose == consumer and day >= since)

    def add_uses(self, uses: Iterable[LastUse]) -> None:
        """Those that are newer than what is kept."""
        for use in uses:
            old = self._uses.get(use.subject)
            if old is None or old.at < use.at:
                self._uses[use.subject] = use

    def last_use(self, subject: str) -> LastUse | None:
        """What is kept of one subject."""
        return self._uses.get(subject)

    def forget(self, before: datetime, most: int, meters_before: datetime) -> None:
        """Drop what is too old, or too much."""
        kept = [r for r in self._requests.values() if r.at >= before][-most:]
        self._requests = {request.request_id: request for request in kept}
        day = meters_before.date()
        self._meters = {key: m for key, m in self._meters.items() if m.day >= day}
        self._uses = {key: use for key, use in self._uses.items() if use.at >= meters_before}
