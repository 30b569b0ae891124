"""A connection of the HTTP listener: uvicorn's, with bounds on a request's head.

uvicorn has none over httptools, and answers what is no HTTP in plain text. Here a head is limited
in bytes and in seconds, and whatever cannot be read is told in the protocol of the services, as
SDKs expect it. The body's bounds are the application's (`http`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final

import httptools
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from redshare.wire.aws.errors import WireError, malformed_http, request_timeout
from redshare.wire.aws.request import HttpResponse

#: Headers and request line of an AWS request are small; presigned ones are the longest.
MAX_HEAD_BYTES: Final = 64 * 1024
#: As long as others wait for a head: nginx's `client_header_timeout`.
HEAD_SECONDS: Final = 60.0

#: Makes the answer to a request that could not be read.
Unread = Callable[[WireError], HttpResponse]


class HttpConnection(HttpToolsProtocol):
    """`unread` makes answers; the other parameters are uvicorn's."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
        *,
        unread: Unread,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._unread = unread
        self._head_bytes: int | None = None  # None outside of a head
        self._head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # a TCP one
        """A connection is expected to say something."""
        super().connection_made(transport)
        self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is expected any more."""
        self._head_ended()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Count what belongs to an unfinished head; the first piece of a head is not counted."""
        if self.transport.is_closing():
            return
        if self._head_bytes is not None:
            self._head_bytes += len(data)
            if self._head_bytes > MAX_HEAD_BYTES:
                self._refuse(malformed_http(f"The headers exceed {MAX_HEAD_BYTES} bytes."))
                return
        super().data_received(data)

    def on_message_begin(self) -> None:
        """A head begins."""
        super().on_message_begin()
        self._head_bytes = 0
        if self._head_timer is None:
            self._expect_head()

    def on_url(self, url: bytes) -> None:
        """Refuse what no parser of URLs takes. Raises HttpParserError."""
        super().on_url(url)
        if len(self.url) > MAX_HEAD_BYTES:
            raise httptools.HttpParserError

    def on_headers_complete(self) -> None:
        """The head is there."""
        self._head_ended()
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:
        """What is no HTTP; `msg` is uvicorn's."""
        self._refuse(malformed_http(msg))

    def _expect_head(self) -> None:
        self._head_timer = self.loop.call_later(HEAD_SECONDS, self._head_late)

    def _head_ended(self) -> None:
        self._head_bytes = None
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _head_late(self) -> None:
        self._refuse(request_timeout())

    def _refuse(self, error: WireError) -> None:
        self._head_ended()
        answer = self._unread(error)
        head = [f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}"]
        head += [f"{name}: {value}" for name, value in answer.headers]
        head += [f"Content-Length: {len(answer.body)}", "Connection: close", "\r\n"]
        self.transport.write("\r\n".join(head).encode("latin-1") + answer.body)
        self.transport.close()
