"""A worker process, seen from the node: started with nothing of the node's, reached by a socket.

Its private directory holds its socket, its passfile and its temporary files, and goes with it.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import msgspec

from redshare.adapters.engine import protocol as p
from redshare.adapters.engine.lakes import Lakes
from redshare.adapters.engine.rundir import RunDirectory
from redshare.adapters.engine.settings import EngineSettings
from redshare.ports import WarehouseSpec

STOP_SECONDS = 5
BACKLOG = 128


class WorkerProcess:
    """One process with fixed rights. Counts its users; retired, it ends with the last."""

    def __init__(
        self,
        settings: EngineSettings,
        lakes: Lakes,
        run: RunDirectory,
        spec: WarehouseSpec,
        uses: Sequence[p.Use],
        *,
        landlock: bool,
        system: bool = False,
    ) -> None:
        self.uses = {use.lake: use for use in uses}
        self._lakes = lakes
        self._guard = threading.Lock()
        self._users = 0
        self._retired = False
        self.private = run.new()
        (self.private / "tmp").mkdir()
        self.passfile = self.private / "passfile"
        self._address = str(self.private / "socket")
        self.passfile.touch(mode=0o600)
        for use in uses:
            self.add_secret(use.lake, writes=use.may_write)
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(self._address)
            listener.listen(BACKLOG)
            config = p.WorkerConfig(
                listener=listener.fileno(),
                data=str(settings.data),
                extensions=str(settings.extensions),
                private=str(self.private),
                rights=[lakes.right(use, self.passfile) for use in uses],
                system=system,
                memory_bytes=spec.memory_bytes,
                threads=spec.threads,
                lock_timeout=settings.lock_timeout,
                max_transaction=settings.max_transaction,
                idle_in_transaction=settings.idle_in_transaction,
                batch_rows=settings.batch_rows,
                transactions=settings.transactions,
                warm=settings.warm,
                attached=settings.attached,
                temporary_bytes=settings.temporary_bytes,
                landlock=landlock,
                ports=lakes.ports(),
                trace=None if settings.trace is None else str(settings.trace),
            )
            self._process = self._start(config)

    @property
    def process_id(self) -> int:
        """Of the process."""
        return self._process.pid

    def alive(self) -> bool:
        """Whether it runs."""
        return self._process.poll() is None

    def enter(self) -> bool:
        """Count one more user; not once it is retired."""
        with self._guard:
            if self._retired:
                return False
            self._users += 1
            return True

    def leave(self) -> None:
        """A user has gone."""
        with self._guard:
            self._users -= 1
            over = self._retired and self._users == 0
        if over:
            self.stop()

    def retire(self) -> None:
        """Take no new user; end with the last."""
        with self._guard:
            self._retired = True
            over = self._users == 0
        if over:
            self.stop()

    def connect(self) -> tuple[socket.socket, str]:
        """A session's connection and its token. Raises Disconnected."""
        token = secrets.token_hex(16)
        connection = self._dial()
        try:
            p.send(connection, p.Hello(token))
            p.receive(connection)
        except BaseException:
            connection.close()
            raise
        return connection, token

    def cancel(self, token: str, number: int, grace: float) -> None:
        """End a statement; if it does not obey in time, the process. Blocks until then."""
        obeyed = False
        try:
            with self._dial() as connection:
                connection.settimeout(grace + 1)
                p.send(connection, p.Cancel(token, number, grace))
                answer = p.ANSWERS.decode(p.receive(connection)[0])
                obeyed = isinstance(answer, p.Done) and answer.obeyed
        except (p.Disconnected, TimeoutError):
            pass
        if not obeyed:
            self.kill()

    def add_secret(self, lake: str, *, writes: bool) -> None:
        """Let the process connect to the lake's database."""
        with self.passfile.open("a") as file:
            file.write(self._lakes.secret_line(lake, writes=writes))

    def kill(self) -> None:
        """End the process at once."""
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        """End the process and remove what it had; again: no effect."""
        if self._process.stdin is not None:
            with contextlib.suppress(OSError):
                self._process.stdin.close()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        shutil.rmtree(self.private, ignore_errors=True)

    def _dial(self) -> socket.socket:
        connection = socket.socket(socket.AF_UNIX)
        try:
            connection.connect(self._address)
        except OSError as error:
            connection.close()
            raise p.Disconnected from error
        return connection

    def _start(self, config: p.WorkerConfig) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-I", "-m", "redshare.adapters.engine.worker"],
            stdin=subprocess.PIPE,
            pass_fds=[config.listener],
            env=_environment(self.private),
            cwd="/",
            start_new_session=True,
        )
        assert process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            process.stdin.write(msgspec.json.encode(config) + b"\n")
            process.stdin.flush()
        return process


def _environment(private: Path) -> dict[str, str]:
    """Nothing of the node's own: no key, no token, no proxy, no Python setting."""
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    home = str(private / "tmp")
    return {**kept, "HOME": home, "TMPDIR": home, "LANG": "C.UTF-8", "TZ": "UTC"}
