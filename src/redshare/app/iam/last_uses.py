"""When keys and roles were last used: gathered in memory, written to the store now and then.

A node that dies loses the uses of the last INTERVAL; no request waits for them.
"""

from __future__ import annotations

import threading
from typing import Final

from redshare.core.last_use import LastUse
from redshare.ports import Clock, Store

#: Seconds between two writes.
INTERVAL: Final = 60.0


class LastUses:
    """Of this node. Thread-safe."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._lock = threading.Lock()
        self._waiting: dict[str, LastUse] = {}

    def used(self, subject: str, service: str, region: str) -> None:
        """It was used now."""
        use = LastUse(subject, self._clock.now(), service, region)
        with self._lock:
            self._waiting[subject] = use

    def last(self, subject: str) -> LastUse | None:
        """Its last use; None where there was none, or none for 400 days.

        Raises StoreUnavailable.
        """
        with self._lock:
            waiting = self._waiting.get(subject)
        return waiting or self._store.last_use(subject)

    def flush(self) -> None:
        """Write what waits. Raises StoreUnavailable; what could not be written waits on."""
        with self._lock:
            waiting = dict(self._waiting)
        if not waiting:
            return
        self._store.add_uses(list(waiting.values()))
        with self._lock:
            for subject, use in waiting.items():
                if self._waiting[subject] is use:
                    del self._waiting[subject]
