"""A lake's making, and the removal of tables nobody owns, in the system worker."""

from __future__ import annotations

import contextlib
from pathlib import Path

from redshare.adapters.engine.protocol import CreateLake, DropTables, WorkerConfig
from redshare.adapters.engine.worker.instance import attach_lake, connect
from redshare.adapters.engine.worker.lock import LakeLock

#: Kept in the lake itself. Inlined rows under concurrent deletes corrupt a lake: never on.
OPTIONS = {"data_inlining_row_limit": "0", "parquet_compression": "zstd"}


def create_lake(config: WorkerConfig, request: CreateLake) -> None:
    """Make the catalogue in its empty database and store the options; again: no effect."""
    data = Path(config.data) / request.lake
    with contextlib.closing(connect(config)) as connection:
        attach_lake(connection, request.lake, request.conninfo, data, read_only=False)
        for name, value in OPTIONS.items():
            connection.execute(f"CALL lake_{request.lake}.set_option('{name}', '{value}')")


def drop_tables(config: WorkerConfig, request: DropTables) -> None:
    """Drop tables under the lake's lock, as any writer."""
    lock = LakeLock(
        request.lake,
        request.conninfo,
        timeout=config.lock_timeout,
        lease=config.max_transaction,
    )
    data = Path(config.data) / request.lake
    with contextlib.closing(lock), contextlib.closing(connect(config)) as connection:
        attach_lake(connection, request.lake, request.conninfo, data, read_only=False)
        lock.acquire()
        names = (f'lake_{request.lake}."main"."{table}"' for table in request.tables)
        connection.execute("BEGIN; " + "".join(f"DROP TABLE {name}; " for name in names) + "COMMIT")
