"""DuckDB instances of a worker: one for autocommit reads, and private ones, one a transaction.

Two transactions never share an instance: DuckLake frees catalog entries under concurrent DDL of the
same instance. Reads may: the shared instance attaches everything READ_ONLY. Settings are locked
before the first statement; the file boundary is the sandbox where the kernel has one, and else
DuckDB's own: then all lakes are attached at the start, since nothing can be attached afterwards.
"""

from __future__ import annotations

import contextlib
import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb

from redshare.adapters.engine.extensions import loadable
from redshare.adapters.engine.failure import Kind, Refused
from redshare.adapters.engine.protocol import Right, WorkerConfig
from redshare.adapters.engine.worker.lock import LakeLock
from redshare.sql.macros import definitions

#: The net under the lock: conflicts of maintenance with a lost lock are tried again briefly.
RETRY = {
    "ducklake_retry_wait_ms": "5",
    "ducklake_retry_backoff": "1.05",
    "ducklake_max_retry_count": "30",
}

#: Private instances kept for the next transaction after their own.
KEPT = 4


class Instance:
    """One DuckDB instance, its attached lakes and its lock connections."""

    def __init__(self, config: WorkerConfig, *, read_only: bool) -> None:
        self._config = config
        self._read_only = read_only
        self._rights = {right.lake: right for right in config.rights}
        self._guard = threading.Lock()
        self._attached: OrderedDict[str, int] = OrderedDict()
        self._locks: dict[str, LakeLock] = {}
        self.connection = connect(config)
        if not config.landlock:
            for right in config.rights:
                self._attach(right)
                self._attached[right.lake] = 1
            places = ", ".join(_quoted(f"{config.data}/{right.lake}/") for right in config.rights)
            self.connection.execute(f"SET allowed_directories = [{places}]")
            self.connection.execute("SET enable_external_access = false")
        self.connection.execute("SET lock_configuration = true")

    def cursor(self) -> Any:  # noqa: ANN401 - a DuckDBPyConnection
        """A connection of its own to the instance."""
        return self.connection.cursor()

    @contextlib.contextmanager
    def using(self, lakes: Sequence[str]) -> Iterator[None]:
        """Keep the lakes attached meanwhile."""
        self.hold(lakes)
        try:
            yield
        finally:
            self.let_go(lakes)

    def hold(self, lakes: Sequence[str]) -> None:
        """Attach the lakes and keep them until let_go(). Raises Refused."""
        with self._guard:
            for lake in lakes:
                if lake not in self._attached:
                    self._attach(self.right(lake))
                    self._attached[lake] = 0
            for lake in lakes:
                self._attached[lake] += 1
                self._attached.move_to_end(lake)
            self._detach_unused()

    def let_go(self, lakes: Sequence[str]) -> None:
        """The lakes may be detached as far as this holder is concerned."""
        with self._guard:
            for lake in lakes:
                self._attached[lake] -= 1

    def right(self, lake: str) -> Right:
        """Raises Refused for a lake this worker was not given."""
        right = self._rights.get(lake)
        if right is None:
            raise Refused(Kind.EXECUTION, "the database is out of this worker's reach", "42501")
        return right

    def lock(self, lake: str) -> LakeLock:
        """The instance's side of the lake's write lock."""
        right = self.right(lake)
        if not right.may_write:
            raise Refused(Kind.EXECUTION, "the database is read-only here", "25006")
        if lake not in self._locks:
            self._locks[lake] = LakeLock(
                lake,
                right.conninfo,
                timeout=self._config.lock_timeout,
                lease=self._config.max_transaction,
            )
        return self._locks[lake]

    def close(self) -> None:
        """Disconnect from everything."""
        for lock in self._locks.values():
            lock.close()
        with contextlib.suppress(duckdb.Error):
            self.connection.close()

    def _attach(self, right: Right) -> None:
        data = Path(self._config.data) / right.lake
        read_only = self._read_only or not right.may_write
        attach_lake(self.connection, right.lake, right.conninfo, data, read_only=read_only)

    def _detach_unused(self) -> None:
        if not self._config.landlock:
            return
        spare = len(self._attached) - self._config.attached
        unused = [lake for lake, holders in self._attached.items() if holders == 0]
        for lake in unused[: max(0, spare)]:
            self.connection.execute(f"DETACH lake_{lake}")
            del self._attached[lake]


class Instances:
    """The shared instance and the pool of private ones."""

    def __init__(self, config: WorkerConfig) -> None:
        self._config = config
        self._guard = threading.Lock()
        self._shared: Instance | None = None
        self._pool = threading.Condition()
        self._free: list[Instance] = []
        self._making = 0
        self._places = threading.BoundedSemaphore(config.transactions)

    def shared(self) -> Instance:
        """The read-only instance; made at first use."""
        with self._guard:
            if self._shared is None:
                self._shared = Instance(self._config, read_only=True)
            return self._shared

    def take(self) -> Instance:
        """A private instance nobody else uses. Raises Refused if all are in use for too long."""
        if not self._places.acquire(timeout=self._config.lock_timeout):
            raise Refused(Kind.EXECUTION, "too many open transactions", "53300")
        with self._pool:
            while not self._free and self._making:
                self._pool.wait()
            instance = self._free.pop() if self._free else None
        try:
            return instance or Instance(self._config, read_only=False)
        except BaseException:
            self._places.release()
            raise

    def give_back(self, instance: Instance, *, sound: bool) -> None:
        """Take the instance back; an unsound one is ended."""
        with self._pool:
            keep = sound and len(self._free) < max(self._config.warm, KEPT)
            if keep:
                self._free.append(instance)
        if not keep:
            instance.close()
        self._places.release()

    def discard_shared(self) -> None:
        """Make a new shared instance at the next use: this one failed inside."""
        with self._guard:
            self._shared = None

    def warm(self) -> None:
        """Have instances ready before they are asked for."""
        with self._pool:
            self._making = self._config.warm
        for _ in range(self._config.warm):
            made: list[Instance] = []
            try:
                made.append(Instance(self._config, read_only=False))
            finally:
                with self._pool:
                    self._making -= 1
                    self._free += made
                    self._pool.notify_all()
        self.shared()


def attach_lake(
    connection: Any,  # noqa: ANN401 - a DuckDBPyConnection
    lake: str,
    conninfo: str,
    data: Path,
    *,
    read_only: bool,
) -> None:
    """Attach as `lake_<id>`; the data's place is ours to say, so a moved root still works."""
    source, path = _quoted(f"ducklake:postgres:{conninfo}"), _quoted(f"{data}/")
    options = f"DATA_PATH {path}, OVERRIDE_DATA_PATH true" + (", READ_ONLY" if read_only else "")
    connection.execute(f"ATTACH {source} AS lake_{lake} ({options})")


def connect(config: WorkerConfig) -> Any:  # noqa: ANN401 - a DuckDBPyConnection
    connection = duckdb.connect(
        ":memory:",
        config={
            "extension_directory": config.extensions,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "python_enable_replacements": False,
            "memory_limit": f"{config.memory_bytes}B",
            "threads": config.threads,
            "temp_directory": str(Path(config.private, "tmp")),
            "secret_directory": str(Path(config.private, "tmp", "secrets")),
            "max_temp_directory_size": f"{config.temporary_bytes}B",
        },
    )
    for statement in loadable():
        connection.execute(statement)
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET enable_progress_bar = false")
    for name, value in RETRY.items():
        connection.execute(f"SET {name} = {value}")
    for definition in definitions():
        connection.execute(definition)
    return connection


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
