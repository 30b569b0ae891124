"""A lake's upkeep, in the system worker: compaction, expiry, removal of files nobody needs.

The lake's write lock is held for one step at a time, so writers wait for a step, not for all.
Nothing younger than the retention is ever removed: it is at least twice the longest transaction's
age, because DuckLake finds conflicts in the rows that expiry removes, and a transaction that
outlived them would corrupt the lake without an error.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb

from redshare.adapters.engine.protocol import Maintain, Maintained, WorkerConfig
from redshare.adapters.engine.worker.durable import sync_new_files
from redshare.adapters.engine.worker.instance import attach_lake, connect
from redshare.adapters.engine.worker.lock import LakeLock
from redshare.adapters.engine.worker.trace import Trace

#: A file is rewritten once this part of its rows is deleted.
DELETED_PART = 0.3


def maintain(config: WorkerConfig, request: Maintain, trace: Trace) -> Maintained:
    """Do all that is due. Raises duckdb.Error, psycopg.Error."""
    lock = LakeLock(
        request.lake,
        request.conninfo,
        timeout=config.lock_timeout,
        lease=config.max_transaction,
    )
    with contextlib.closing(lock), contextlib.closing(connect(config)) as connection:
        data = Path(config.data) / request.lake
        attach_lake(connection, request.lake, request.conninfo, data, read_only=False)
        return _Upkeep(connection, lock, data, trace).run(request.retention)


class _Upkeep:
    def __init__(
        self,
        connection: Any,  # noqa: ANN401 - a DuckDBPyConnection
        lock: LakeLock,
        data: Path,
        trace: Trace,
    ) -> None:
        self._connection = connection
        self._lock = lock
        self._lake = f"lake_{lock.lake}"
        self._data = data
        self._trace = trace

    def run(self, retention: float) -> Maintained:
        merged = rewritten = 0
        for table in self._tables():
            arguments = f"'{self._lake}', '{table}', schema => 'main'"
            merged += self._compact(table, f"CALL ducklake_merge_adjacent_files({arguments})")
            arguments += f", delete_threshold => {DELETED_PART}"
            rewritten += self._compact(table, f"CALL ducklake_rewrite_data_files({arguments})")
        older = f"older_than => TIMESTAMPTZ '{self._moment(retention)}'"
        expired = self._step(f"CALL ducklake_expire_snapshots('{self._lake}', {older})")
        removed = self._step(f"CALL ducklake_cleanup_old_files('{self._lake}', {older})")
        removed += self._step(f"CALL ducklake_delete_orphaned_files('{self._lake}', {older})")
        return Maintained(merged, rewritten, expired, removed)

    def _tables(self) -> list[str]:
        query = "SELECT table_name FROM duckdb_tables() WHERE database_name = ? ORDER BY 1"
        rows = self._connection.execute(query, [self._lake]).fetchall()
        return [str(row[0]) for row in rows]

    def _moment(self, retention: float) -> str:
        query = f"SELECT (now() - to_milliseconds({int(retention * 1000)}))::VARCHAR"
        return str(self._connection.execute(query).fetchone()[0])

    def _compact(self, table: str, call: str) -> int:
        """Files made; what is written is on disk before the commit, as in any transaction."""
        with self._locked():
            since = time.time_ns()
            self._connection.execute("BEGIN")
            try:
                made = int(self._connection.execute(call).to_arrow_table().num_rows)
                if made:
                    sync_new_files(self._data, [table], since, self._trace)
                self._lock.newest()
                self._connection.execute("COMMIT")
            except duckdb.CatalogException:
                # The table was dropped since the list was made.
                self._connection.execute("ROLLBACK")
                return 0
            except BaseException:
                with contextlib.suppress(duckdb.Error):
                    self._connection.execute("ROLLBACK")
                raise
            return made

    def _step(self, call: str) -> int:
        with self._locked():
            return int(self._connection.execute(call).to_arrow_table().num_rows)

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        self._lock.acquire()
        try:
            yield
        finally:
            self._lock.release()
