"""Entry of the worker process: read the configuration, give up rights, serve sessions.

The first line on standard input is the configuration; standard input stays open, and its end is the
end of the node: the worker follows at once.
"""

from __future__ import annotations

import contextlib
import faulthandler
import os
import socket
import sys
import threading
import time
from pathlib import Path

import msgspec

from redshare.adapters.engine import protocol as p
from redshare.adapters.engine.worker.instance import Instances
from redshare.adapters.engine.worker.sandbox import enter_sandbox
from redshare.adapters.engine.worker.session import Session
from redshare.adapters.engine.worker.trace import Trace

WATCH_INTERVAL = 0.5


class Worker:
    """Accepts connections: a session's, or a cancel's."""

    def __init__(self, config: p.WorkerConfig, trace: Trace) -> None:
        self._config = config
        self._trace = trace
        self._instances = Instances(config)
        self._sessions: dict[str, Session] = {}

    def serve(self, listener: socket.socket) -> None:
        """Until the process ends."""
        threading.Thread(target=self._watch, daemon=True).start()
        if not self._config.system:
            threading.Thread(target=self._instances.warm, daemon=True).start()
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=self._serve_one, args=(connection,), daemon=True).start()

    def _serve_one(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(p.Disconnected):
            header, _ = p.receive(connection)
            match p.REQUESTS.decode(header):
                case p.Hello(token):
                    self._serve_session(connection, token)
                case p.Cancel(token, number, grace):
                    session = self._sessions.get(token)
                    obeyed = session is None or session.cancel(number, grace)
                    p.send(connection, p.Done(obeyed))
                case _:
                    pass

    def _serve_session(self, connection: socket.socket, token: str) -> None:
        session = Session(connection, self._instances, self._config, self._trace)
        self._sessions[token] = session
        try:
            p.send(connection, p.Done())
            session.serve()
        finally:
            del self._sessions[token]

    def _watch(self) -> None:
        while True:
            time.sleep(WATCH_INTERVAL)
            for session in list(self._sessions.values()):
                session.overdue()


def _follow_node() -> None:
    """Standard input ends when the node does."""
    while os.read(0, 4096):
        pass
    os._exit(0)


def main() -> None:
    """Read, narrow, serve."""
    faulthandler.enable()
    line = sys.stdin.buffer.raw.readline() if hasattr(sys.stdin.buffer, "raw") else b""
    config = msgspec.json.decode(line, type=p.WorkerConfig)
    listener = socket.socket(fileno=config.listener)
    os.chdir(Path(config.private))
    trace = Trace(config.trace)
    enter_sandbox(config)
    threading.Thread(target=_follow_node, daemon=True).start()
    Worker(config, trace).serve(listener)


if __name__ == "__main__":
    main()
