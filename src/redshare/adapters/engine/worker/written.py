"""The bytes that a statement adds to the files of the tables it writes.

Under the lake's write lock nobody else adds files to them, so those that are new behind a statement
are its own: data files, and the files that say which rows of older ones are gone.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from redshare.adapters.engine.protocol import Plan


class Written:
    """Begun before the statement runs, once its transaction has the lock."""

    def __init__(self, data: Path, plan: Plan) -> None:
        #: Only of lakes of other namespaces does anybody ask: there a plan names its tables.
        foreign = {use.lake for use in plan.lakes if use.tables is not None}
        self._places = {
            data / target.lake / "main" / target.table
            for target in plan.targets
            if target.lake in foreign
        }
        self._before = self._files()

    def bytes(self) -> int | None:
        """Those added since; None where nobody asks."""
        if not self._places:
            return None
        return sum(size for name, size in self._files().items() if name not in self._before)

    def _files(self) -> Mapping[str, int]:
        return dict(found for place in self._places for found in _below(place))


def _below(directory: Path) -> Iterator[tuple[str, int]]:
    try:
        entries = list(os.scandir(directory))
    except FileNotFoundError:
        return
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            yield from _below(Path(entry.path))
        else:
            yield entry.path, entry.stat(follow_symlinks=False).st_size
