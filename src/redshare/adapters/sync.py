"""A directory's entries made durable: a file that was made, linked or renamed is there for good."""

from __future__ import annotations

import os
from pathlib import Path


def sync_directory(path: Path) -> None:
    """On disk when it returns. Raises OSError."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
