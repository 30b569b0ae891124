"""Events as lines of JSON at the end of a file, which may be moved away at any time."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from redshare.adapters.events.position import Position
from redshare.ports import SinkUnavailable


class FileSink:
    """The port EventSink."""

    def __init__(self, path: Path, positions: Path) -> None:
        self._path = path.absolute()
        self._position = Position(positions, f"file:{self._path}")

    def position(self) -> int:
        """The last event that is in the file."""
        return self._position.sequence

    def deliver(
        self, events: Sequence[tuple[int, Mapping[str, Any]]], _stopped: Callable[[], bool]
    ) -> None:
        """Append them; on disk when it returns. Raises SinkUnavailable."""
        text = "".join(json.dumps(event) + "\n" for _, event in events)
        try:
            with self._path.open("ab+") as file:
                file.write(_ending(file.tell(), self._path) + text.encode())
                file.flush()
                os.fsync(file.fileno())
            self._position.advance(events[-1][0])
        except OSError as error:
            raise SinkUnavailable(f"{self._path}: {error.strerror or error}") from error


def _ending(size: int, path: Path) -> bytes:
    """What ends a line that a crash or a full disk cut off."""
    if size == 0:
        return b""
    with path.open("rb") as file:
        file.seek(size - 1)
        return b"" if file.read(1) == b"\n" else b"\n"
