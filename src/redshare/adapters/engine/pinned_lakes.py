"""Lakes as they are at one moment, to be copied while writers go on.

Each lake's catalogue is held in a snapshot of PostgreSQL. The write locks of all lakes are asked
for first, in one order for everybody: where writers are many and short, the lock is had soon, and
none of them commits meanwhile. Where one holds a lock for long, its lake changes only by its
commit: the lakes are pinned without that lock, and whether it committed is looked at afterwards.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import psycopg

from redshare.adapters.engine.lake_copy import copy_catalogue, link_files
from redshare.adapters.engine.lakes import Lakes
from redshare.adapters.engine.worker.lock import KEY
from redshare.core.ids import LakeId

#: How long the locks of all lakes together are waited for (s).
LOCK_WAIT: Final = 2.0
#: How long each is waited for at least (ms): one that nobody holds is had at once.
LEAST_WAIT: Final = 100
_NEWEST: Final = "SELECT max(snapshot_id) FROM ducklake_snapshot"
_NOTES: Final = """SELECT snapshot_id, commit_extra_info FROM ducklake_snapshot_changes
    WHERE snapshot_id > %s AND commit_extra_info <> '' ORDER BY snapshot_id"""

Connection = psycopg.Connection[tuple[Any, ...]]


@dataclass(slots=True)
class _Pinned:
    connection: Connection
    locked: bool
    newest: int = -1


class PinnedLakes:
    """PinnedLakes of the ports, over a connection for each lake."""

    def __init__(self, lakes: Lakes) -> None:
        self._lakes = lakes
        self._pinned: dict[LakeId, _Pinned] = {}

    @contextlib.contextmanager
    def hold(self, wanted: Iterable[LakeId]) -> Iterator[None]:
        """Lock and pin them until the context ends. Raises psycopg.Error."""
        deadline = time.monotonic() + LOCK_WAIT
        with contextlib.ExitStack() as stack:
            for lake in sorted(wanted):
                connection = stack.enter_context(
                    contextlib.closing(self._lakes.connect(lake, autocommit=True))
                )
                left = max(LEAST_WAIT, int((deadline - time.monotonic()) * 1000))
                self._pinned[lake] = _Pinned(connection, _locked(connection, left))
            for held in self._pinned.values():
                held.connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
                held.newest = _newest(held.connection)
            yield

    def newest(self, lake: LakeId) -> int:
        """The lake's newest snapshot at the moment."""
        return self._pinned[lake].newest

    def notes(self, lake: LakeId, after: int) -> Sequence[tuple[int, str]]:
        """The lake's snapshots after that one which carry extra information, in order."""
        rows = self._pinned[lake].connection.execute(_NOTES, (after,))
        return [(int(row[0]), str(row[1])) for row in rows]

    def release(self) -> bool:
        """Let writers go on; whether nothing was committed until now."""
        return all(self._released(lake, held) for lake, held in self._pinned.items())

    def copy(self, source: LakeId, target: LakeId, tables: Mapping[str, str]) -> tuple[int, int]:
        """Fill the new lake `target` (adapters/engine/lake_copy.py)."""
        with self._lakes.connect(target) as write:
            newest = copy_catalogue(self._pinned[source].connection, write, tables)
            # The files are there before the catalogue that names them is committed.
            size = link_files(self._lakes.directory(source), self._lakes.directory(target), tables)
        return newest, size

    def _released(self, lake: LakeId, held: _Pinned) -> bool:
        if held.locked:
            held.connection.execute("SELECT pg_advisory_unlock(%s)", (KEY,))
            return True
        with contextlib.closing(self._lakes.connect(lake)) as now:
            return _newest(now) == held.newest


def _locked(connection: Connection, milliseconds: int) -> bool:
    connection.execute(f"SET lock_timeout = {milliseconds}")
    try:
        connection.execute("SELECT pg_advisory_lock(%s)", (KEY,))
    except psycopg.errors.LockNotAvailable:
        return False
    finally:
        connection.execute("RESET lock_timeout")
    return True


def _newest(connection: Connection) -> int:
    row = connection.execute(_NEWEST).fetchone()
    assert row is not None, "an aggregate has one row"
    return int(row[0])
