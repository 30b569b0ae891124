"""A line for each step that durability depends on, if the settings ask for it."""

from __future__ import annotations

import os
from pathlib import Path


class Trace:
    """Appends to a file; without one it does nothing."""

    def __init__(self, path: str | None) -> None:
        self._handle: int | None = None
        if path is not None:
            self._handle = os.open(Path(path), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def __call__(self, step: str, what: object = "") -> None:
        """Append a line."""
        if self._handle is not None:
            os.write(self._handle, f"{step} {what}\n".encode())
