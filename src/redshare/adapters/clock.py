"""The ports Clock and MovableClock: the machine's time, and one that a test can move."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta


class SystemClock:
    """The time of the operating system."""

    def now(self) -> datetime:
        """Now, in UTC."""
        return datetime.now(UTC)


class ShiftedClock:
    """The operating system's time and a difference, or one moment that stands still."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._shift = timedelta()
        self._still: datetime | None = None

    def now(self) -> datetime:
        """The moment it was told, and what passed since, in UTC."""
        with self._lock:
            return self._still or datetime.now(UTC) + self._shift

    @property
    def frozen(self) -> bool:
        """Whether it stands still."""
        return self._still is not None

    def move(self, now: datetime) -> None:
        """It is that moment."""
        with self._lock:
            self._shift = now - datetime.now(UTC)
            self._still = now if self._still is not None else None

    def freeze(self, *, frozen: bool) -> None:
        """Stand still, or go on from there."""
        now = self.now()
        with self._lock:
            self._shift = now - datetime.now(UTC)
            self._still = now if frozen else None

    def restore(self) -> None:
        """The operating system's time again."""
        with self._lock:
            self._shift, self._still = timedelta(), None
