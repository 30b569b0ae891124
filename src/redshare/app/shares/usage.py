"""The requests made of datashares: gathered in memory, written to the store behind the statements.

No statement waits for it. A node that dies loses the requests of the last INTERVAL.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Final

import structlog

from redshare.app.iam.last_uses import INTERVAL as LAST_USES_INTERVAL
from redshare.app.iam.last_uses import LastUses
from redshare.app.shares.metering import RELATION, Metered, described, sides
from redshare.core.access import ShareUse
from redshare.core.catalog import Catalog
from redshare.core.errors import StoreUnavailable
from redshare.core.ids import ShareKey, UserId
from redshare.core.namespace import Namespace
from redshare.core.plan import EnginePlan
from redshare.core.share_usage import ShareRequest
from redshare.core.sql_errors import ShareRefusal
from redshare.ports import Clock, Ids, Store
from redshare.sql.activity import QueryRecord

log = structlog.get_logger(__name__)

#: Seconds between two writes.
INTERVAL: Final = 1.0
#: Requests in one write, and those that wait for a store that is away; the oldest go first.
BATCH: Final = 1_000
MOST_WAITING: Final = 100_000
#: What the views show: Redshift keeps its logs for seven days.
RETENTION: Final = timedelta(days=7)
#: Requests kept in the store, of all namespaces.
MOST_KEPT: Final = 1_000_000
#: How long the sums by day are kept.
METERS_KEPT: Final = timedelta(days=400)
#: Seconds between two looks for what is too old.
_FORGET: Final = 3_600.0


class ShareUsage:
    """Of this node. Thread-safe."""

    def __init__(self, store: Store, clock: Clock, ids: Ids) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        #: Makes a transaction's number unique: numbers begin anew with each node.
        self._run = ids.hex()[:16]
        self._waiting: deque[ShareRequest] = deque(maxlen=MOST_WAITING)
        self._writing = threading.Lock()

    def began(
        self,
        uses: frozenset[ShareUse],
        plan: EnginePlan,
        query: QueryRecord,
        catalog: Catalog,
        consumer: Namespace,
    ) -> Metered:
        """A statement that uses shares is about to run."""
        asked = replace(
            self._request(consumer, query.session_id, query.user, query.transaction_id),
            started=query.started,
            query=query.query_id,
        )
        ordered = sorted(uses, key=lambda use: (use.share, use.member or ""))
        requests = [described(asked, use, catalog, self._ids.guid) for use in ordered]
        read, written = sides(uses, plan, catalog)
        return Metered(
            requests, read=read, written=written, put=self._waiting.extend, now=self._clock.now
        )

    def refused(
        self,
        asking: tuple[int, UserId, int],
        consumer: Namespace,
        catalog: Catalog,
        error: ShareRefusal,
    ) -> None:
        """A statement asked for what a share does not give, and did not come to run.

        `asking`: the session, its user, and its transaction if one is open.
        """
        session, user, transaction = asking
        request = self._request(consumer, session, user, transaction)
        request = described(request, ShareUse(ShareKey(error.share)), catalog, self._ids.guid)
        self._waiting.append(replace(request, request_type=RELATION, error=error.message))

    def _request(
        self, consumer: Namespace, session: int, user: UserId, transaction: int
    ) -> ShareRequest:
        now = self._clock.now()
        return ShareRequest(
            request_id="",
            request_type=RELATION,
            at=now,
            started=now,
            query=0,
            session=session,
            user=user,
            transaction=transaction,
            transaction_uid=f"{self._run}-{transaction}",
            consumer=consumer.namespace_id,
            consumer_account=consumer.account,
            consumer_region=consumer.region,
        )

    def flush(self) -> None:
        """Write what waits. Raises StoreUnavailable; what could not be written waits on."""
        with self._writing:
            while batch := self._taken():
                try:
                    self._store.add_usage(batch)
                except StoreUnavailable:
                    self._put_back(batch)
                    raise

    def _taken(self) -> list[ShareRequest]:
        batch: list[ShareRequest] = []
        while self._waiting and len(batch) < BATCH:
            batch.append(self._waiting.popleft())
        return batch

    def _put_back(self, batch: Iterable[ShareRequest]) -> None:
        for request in reversed(list(batch)):
            if len(self._waiting) == MOST_WAITING:
                return  # the newest are kept
            self._waiting.appendleft(request)

    def forget(self) -> None:
        """Drop what is older than is kept. Raises StoreUnavailable."""
        now = self._clock.now()
        self._store.forget_usage(now - RETENTION, MOST_KEPT, now - METERS_KEPT)


class UsageWriter:
    """A thread that writes requests and last uses from time to time, and drops old ones."""

    def __init__(self, usage: ShareUsage, uses: LastUses) -> None:
        self._usage = usage
        self._uses = uses
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="share usage", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop, with everything written that can be."""
        self._stop.set()
        self._thread.join()
        self._try(self._usage.flush)
        self._try(self._uses.flush)

    def _run(self) -> None:
        uses, old = LAST_USES_INTERVAL, 0.0
        while not self._stop.wait(INTERVAL):
            self._try(self._usage.flush)
            uses, old = uses - INTERVAL, old - INTERVAL
            if uses <= 0:
                uses = LAST_USES_INTERVAL
                self._try(self._uses.flush)
            if old <= 0:
                old = _FORGET
                self._try(self._usage.forget)

    def _try(self, action: Callable[[], None]) -> None:
        try:
            action()
        except StoreUnavailable as error:
            log.warning("use is not written", error=str(error))
