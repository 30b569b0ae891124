"""Where this node's workers keep their sockets, passwords and temporary files while they run.

The directory is in the system's temporary place, because a socket's path must be short. It is noted
beside the data and locked while its node lives, so the next node on the data removes what a killed
one left.
"""

from __future__ import annotations

import fcntl
import shutil
import tempfile
from pathlib import Path
from typing import IO

PREFIX = "redshare-run-"


class RunDirectory:
    """One node's."""

    def __init__(self, data: Path) -> None:
        notes = data / ".run"
        notes.mkdir(exist_ok=True)
        for note in notes.iterdir():
            _remove_if_left(note)
        self.path = Path(tempfile.mkdtemp(prefix=PREFIX))
        self._lock = _locked(self.path)
        self._note = notes / self.path.name
        self._note.symlink_to(self.path)

    def new(self) -> Path:
        """A private directory for one worker."""
        return Path(tempfile.mkdtemp(dir=self.path, prefix=""))

    def close(self) -> None:
        """Remove all of it; again: no effect."""
        shutil.rmtree(self.path, ignore_errors=True)
        self._note.unlink(missing_ok=True)
        if self._lock is not None:
            self._lock.close()
            self._lock = None


def _remove_if_left(note: Path) -> None:
    if not note.is_symlink() or not note.name.startswith(PREFIX):
        return
    left = note.readlink()
    if left.is_dir():
        lock = _locked(left)
        if lock is None:
            return
        shutil.rmtree(left, ignore_errors=True)
        lock.close()
    note.unlink(missing_ok=True)


def _locked(directory: Path) -> IO[str] | None:
    """None: its node lives."""
    file = (directory / "lock").open("a")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        return None
    return file
