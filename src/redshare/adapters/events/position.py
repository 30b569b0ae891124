"""How far a sink has come, in a file that is replaced whole."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from redshare.adapters.sync import sync_directory


class Position:
    """Of one sink, told by its name: another file or address starts from the beginning."""

    def __init__(self, directory: Path, sink: str) -> None:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._path = directory / hashlib.sha256(sink.encode()).hexdigest()[:16]
        self.sequence = int(self._path.read_text()) if self._path.exists() else 0

    def advance(self, sequence: int) -> None:
        """On disk when it returns. Raises OSError."""
        fresh = self._path.with_suffix(".new")
        with fresh.open("w") as file:
            file.write(str(sequence))
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._path)
        sync_directory(self._path.parent)
        self.sequence = sequence
