"""The node's log: lines on standard error. One that cannot be written stops nothing."""

from __future__ import annotations

import contextlib
import logging
import sys
from typing import TextIO

import structlog


class Lenient:
    """A text stream whose full disk or gone reader is nobody's error but its own."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """All or nothing of it."""
        with contextlib.suppress(OSError):
            return self._stream.write(text)
        return 0

    def flush(self) -> None:
        """As far as it goes."""
        with contextlib.suppress(OSError):
            self._stream.flush()


def log_to_stderr() -> None:
    """Set structlog up for the process."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info,
            structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"]),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(Lenient(sys.stderr)),  # type: ignore[arg-type]
    )
