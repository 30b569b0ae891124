"""The port Clock: the machine's time."""

from __future__ import annotations

from datetime import UTC, datetime


class SystemClock:
    """The time of the operating system."""

    def now(self) -> datetime:
        """Now, in UTC."""
        return datetime.now(UTC)
