"""The write lock of a lake: an advisory lock on a PostgreSQL connection of its own.

Never DuckDB's connection: its pool would let the lock go before the commit is through. The key is
constant because each lake has its own database. The server closes a connection idle for longer than
a transaction may last, so a hung holder does not keep the lock for ever; whoever commits asks the
connection first whether it still lives.
"""

from __future__ import annotations

import contextlib
import threading

import psycopg

from redshare.adapters.engine.failure import Kind, Refused

#: Any constant does; nothing else takes advisory locks in a lake's database.
KEY = 0x7265647368617265


class LakeLock:
    """One holder's side. Used by one thread, but for cancel()."""

    def __init__(self, lake: str, conninfo: str, *, timeout: float, lease: float) -> None:
        self.lake = lake
        self._conninfo = conninfo
        self._timeout_ms = max(1, int(timeout * 1000))
        self._lease_ms = int(lease * 1000)
        self._connection: psycopg.Connection[tuple[object, ...]] | None = None
        self._guard = threading.Lock()
        self.held = False

    def acquire(self) -> None:
        """Wait for the lock. Raises psycopg.errors.LockNotAvailable, QueryCanceled."""
        try:
            self._wait()
        except psycopg.OperationalError as error:
            if isinstance(error, psycopg.errors.LockNotAvailable | psycopg.errors.QueryCanceled):
                raise
            # The connection had been closed while unused; a second failure is told.
            self._drop()
            self._wait()
        self.held = True

    def newest(self) -> int:
        """The newest snapshot. Raises Refused if the lock was lost: this is the fence too."""
        message = "the write lock was lost"
        if not self.held:
            raise Refused(Kind.SERIALIZATION, message, "40001", self.lake)
        try:
            row = self._open().execute("SELECT max(snapshot_id) FROM ducklake_snapshot").fetchone()
        except psycopg.Error as error:
            self._drop()
            raise Refused(Kind.SERIALIZATION, message, "40001", self.lake) from error
        assert row is not None
        return int(str(row[0]))

    def confirm(self, snapshot: int | None) -> None:
        """That a COMMIT which said it was done is there: the server may have died under it.

        The lock's connection outlived the COMMIT unless the server restarted, and then only what is
        found counts. Raises Refused where nothing can be said or the snapshot is missing.
        """
        try:
            there = self._has(snapshot)
        except psycopg.Error:
            self._drop()
            try:
                there = snapshot is not None and self._has(snapshot)
            except psycopg.Error as error:
                raise self._unknown() from error
        if not there:
            raise self._unknown()

    def _has(self, snapshot: int | None) -> bool:
        query = (
            "SELECT %s::bigint IS NULL"
            " OR EXISTS (SELECT 1 FROM ducklake_snapshot WHERE snapshot_id = %s)"
        )
        row = self._open().execute(query, (snapshot, snapshot)).fetchone()
        return row is not None and bool(row[0])

    def _unknown(self) -> Refused:
        message = "the server was restarted during COMMIT; look whether the changes are there"
        return Refused(Kind.EXECUTION, message, "08007", self.lake)

    def changes_after(self, snapshot: int) -> list[str]:
        """The changes of each snapshot after that one whose row is still there."""
        query = "SELECT changes_made FROM ducklake_snapshot_changes WHERE snapshot_id > %s"
        return [str(row[0] or "") for row in self._open().execute(query, (snapshot,))]

    def table_ids(self, table: str) -> set[int]:
        """Every id a table of that name has had."""
        query = "SELECT DISTINCT table_id FROM ducklake_table WHERE table_name = %s"
        return {int(str(row[0])) for row in self._open().execute(query, (table,))}

    def release(self) -> None:
        """Let go; on any doubt close the connection, which lets go for certain."""
        if not self.held:
            return
        self.held = False
        try:
            row = self._open().execute("SELECT pg_advisory_unlock(%s)", (KEY,)).fetchone()
            if row != (True,):
                self._drop()
        except psycopg.Error:
            self._drop()

    def cancel(self) -> None:
        """End a wait, from another thread."""
        with self._guard:
            connection = self._connection
        if connection is not None and not self.held:
            with contextlib.suppress(psycopg.Error):
                connection.cancel_safe(timeout=5)

    def close(self) -> None:
        """Let go and disconnect."""
        self._drop()

    def _wait(self) -> None:
        self._open().execute("SELECT pg_advisory_lock(%s)", (KEY,))

    def _open(self) -> psycopg.Connection[tuple[object, ...]]:
        if self._connection is None:
            connection: psycopg.Connection[tuple[object, ...]] = psycopg.connect(
                self._conninfo,
                autocommit=True,
                application_name="redshare lock",
                prepare_threshold=None,
                options=f"-c lock_timeout={self._timeout_ms}"
                f" -c idle_session_timeout={self._lease_ms}",
                keepalives=1,
                keepalives_idle=30,
            )
            with self._guard:
                self._connection = connection
        return self._connection

    def _drop(self) -> None:
        self.held = False
        with self._guard:
            connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(psycopg.Error):
                connection.close()
