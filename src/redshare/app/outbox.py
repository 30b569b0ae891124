"""Events delivered after their commit, at least once and in order, by a thread of their own.

What was delivered is noted durably behind each delivery: a node that died between the two delivers
again. No mutation waits for it: it reads what is committed.
"""

from __future__ import annotations

import threading
from typing import Final

import structlog

from redshare.app.events import event_of
from redshare.core.errors import StoreUnavailable
from redshare.ports import EventSink, SinkUnavailable, Store

log = structlog.get_logger(__name__)

#: Seconds between two looks at the store, and between two tries: from the first to the last.
INTERVAL: Final = 0.5
LONGEST: Final = 60.0
BATCH: Final = 100


class Outbox:
    """What one sink is still to be told."""

    def __init__(self, store: Store, sink: EventSink) -> None:
        self._store = store
        self._sink = sink
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="events", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop; what is left is delivered after the next start."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        pause = INTERVAL
        while not self._stop.wait(pause):
            try:
                while self._deliver() and not self._stop.is_set():
                    pass
                pause = INTERVAL
            except (SinkUnavailable, StoreUnavailable) as error:
                pause = min(pause * 2, LONGEST)
                log.warning("events are not delivered", error=str(error), again_in=pause)

    def _deliver(self) -> bool:
        rows = self._store.chain(after=self._sink.position(), limit=BATCH)
        if rows:
            self._sink.deliver([(row.sequence, event_of(row)) for row in rows], self._stop.is_set)
        return bool(rows)
