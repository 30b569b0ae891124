"""The node's state directory: one node at a time, and what is kept beside the databases."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import IO


class DirectoryInUse(Exception):
    """Another node works on this directory."""

    def __init__(self, directory: Path, holder: str) -> None:
        by = f" by process {holder}" if holder else ""
        super().__init__(f"the directory {directory} is in use{by}")


class StateDirectory:
    """Locked from its making to close(), also against a crash: the kernel frees the lock."""

    def __init__(self, path: Path) -> None:
        """Raises DirectoryInUse, OSError."""
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.path = path.resolve()
        self._lock = self._locked(self.path / "lock")

    def _locked(self, path: Path) -> IO[str]:
        file = path.open("a+")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            file.seek(0)
            holder = file.read().strip()
            file.close()
            raise DirectoryInUse(self.path, holder) from error
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        return file

    def close(self) -> None:
        """Let another node have it."""
        self._lock.close()
