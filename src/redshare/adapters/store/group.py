"""Many callers, one writer: what waits while a batch is written becomes the next batch.

So a commit alone goes through at once, and many at a time share the disk's one flush. It knows
nothing of what a batch is.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Event, Lock
from typing import Final, Generic, TypeVar

Item = TypeVar("Item")

#: A batch this large already spends more time on its rows than on the disk's flush.
BATCH: Final = 64


class _Seat(Generic[Item]):
    def __init__(self, item: Item) -> None:
        self.item = item
        self.leads = False
        self.called = Event()


class GroupWriter(Generic[Item]):
    """Hands batches to `write`, on the threads that submit, never two at a time."""

    def __init__(self, write: Callable[[list[Item]], None]) -> None:
        self._write = write
        self._lock = Lock()
        self._waiting: list[_Seat[Item]] = []
        self._writing = False

    def submit(self, item: Item) -> None:
        """Return when `write` has had the item; what it raises is the leading thread's alone."""
        seat = _Seat(item)
        with self._lock:
            self._waiting.append(seat)
            seat.leads, self._writing = not self._writing, True
        if not seat.leads:
            seat.called.wait()
        if seat.leads:
            self._lead()

    def _lead(self) -> None:
        with self._lock:
            batch, self._waiting = self._waiting[:BATCH], self._waiting[BATCH:]
        try:
            self._write([seat.item for seat in batch])
        finally:
            with self._lock:
                following = self._waiting[0] if self._waiting else None
                self._writing = following is not None
            if following is not None:
                following.leads = True
                following.called.set()
            for seat in batch:
                seat.called.set()
