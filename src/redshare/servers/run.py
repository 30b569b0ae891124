"""The node's main loop: uvicorn on one socket until a signal asks it to end."""

from __future__ import annotations

import contextlib
import signal
import socket
from collections.abc import Callable, Iterator
from functools import partial
from types import FrameType

import uvicorn

from redshare.servers.http import HttpApp
from redshare.servers.http_connection import HttpConnection

#: What a draining node waits for its last answers, in seconds.
DRAIN_SECONDS = 10


#: Asks the server to drain and end; from any thread.
Stop = Callable[[], None]


class _Server(uvicorn.Server):
    """Says when it listens; ends without raising the signal again, for ending is the answer."""

    def __init__(
        self, config: uvicorn.Config, on_ready: Callable[[Stop], None], on_drain: Callable[[], None]
    ) -> None:
        super().__init__(config)
        self._on_ready = on_ready
        self._on_drain = on_drain

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, then say so."""
        await super().startup(sockets)
        self._on_ready(self._stop)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let those who only wait be answered, then drain."""
        self._on_drain()
        await super().shutdown(sockets)

    def _stop(self) -> None:
        self.should_exit = True

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """SIGTERM and SIGINT drain."""

        def ask(number: int, frame: FrameType | None) -> None:
            self.handle_exit(number, frame)

        old = {number: signal.signal(number, ask) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield
        finally:
            for number, handler in old.items():
                signal.signal(number, handler)


def listening_socket(host: str, port: int) -> socket.socket:
    """The HTTP socket. Raises OSError where the port is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio turns Nagle's delay off only for sockets that say they are TCP; with it, every answer
    # of a kept connection waits 40 ms for the client's acknowledgement of its headers.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(2048)
    except OSError:
        listening.close()
        raise
    return listening


def serve(
    app: HttpApp,
    listening: socket.socket,
    on_ready: Callable[[Stop], None],
    trusted_proxies: str | None = None,
) -> None:
    """Serve until SIGTERM, SIGINT, or the function that `on_ready` is given is called.

    `trusted_proxies` are addresses, separated by commas, whose X-Forwarded-For and -Proto are
    believed. uvicorn would believe the loopback address by itself: policies ask for the source and
    for TLS, so nobody is believed here who was not named.
    """
    config = uvicorn.Config(
        app,
        lifespan="off",
        access_log=False,
        log_level="warning",
        server_header=False,
        date_header=False,
        proxy_headers=trusted_proxies is not None,
        forwarded_allow_ips=trusted_proxies,
        http=partial(HttpConnection, unread=app.unread),  # type: ignore[arg-type]
        ws="none",
        timeout_graceful_shutdown=DRAIN_SECONDS,
    )
    _Server(config, on_ready, app.on_drain).run(sockets=[listening])
