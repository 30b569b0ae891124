"""The bounds of a request's head and body in time, without a node."""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from typing import Any

import pytest
from uvicorn.config import Config
from uvicorn.server import ServerState

from redshare.servers import http, http_connection
from redshare.servers.http_connection import MAX_HEAD_BYTES, HttpConnection
from redshare.wire.aws.errors import WireError
from redshare.wire.aws.request import HttpRequest, HttpResponse

SOON = 0.05


def unread(error: WireError) -> HttpResponse:
    return HttpResponse(error.status, (("X-Code", error.code),), error.message.encode())


class Transport(asyncio.Transport):
    """Keeps what is written to it until it is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.closed = asyncio.Event()

    def write(self, data: bytes) -> None:  # type: ignore[override]
        self.written += data

    def is_closing(self) -> bool:
        return self.closed.is_set()

    def close(self) -> None:
        self.closed.set()


async def app(_scope: object, _receive: object, _send: object) -> None:
    raise AssertionError("no request arrived")


async def answered(*parts: bytes) -> bytes:
    """What a connection answers to these parts until it ends."""
    config = Config(app, lifespan="off", ws="none")
    connection = HttpConnection(config, ServerState(), {}, unread=unread)
    transport = Transport()
    connection.connection_made(transport)
    for part in parts:
        connection.data_received(part)
    await asyncio.wait_for(transport.closed.wait(), 30)
    connection.connection_lost(None)
    return transport.written


@pytest.mark.parametrize("head", [b"", b"G", b"GET / HTTP/1.1\r\nHost: x\r\nA: "])
def test_a_head_that_does_not_come(head: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who says nothing, or half of a head, is told so in time."""
    monkeypatch.setattr(http_connection, "HEAD_SECONDS", SOON)

    said = asyncio.run(answered(head))

    assert said.startswith(b"HTTP/1.1 408 Request Timeout\r\nX-Code: RequestTimeoutException\r\n")
    assert b"Connection: close\r\n\r\nThe request was not read in time." in said


@pytest.mark.parametrize(
    "parts",
    [
        (b"GET / HTTP/1.1\r\nA: ", *[b"a" * 1024] * (MAX_HEAD_BYTES // 1024 + 1)),
        (b"GET / HTTP/1.1\r\n", *[b"a: b\r\n"] * (MAX_HEAD_BYTES // 6 + 1)),
        (b"GET /?" + b"a" * MAX_HEAD_BYTES, b" HTTP/1.1\r\n\r\n"),
        (b"GET / HTTP/9.9\r\n\r\n",),
        (b"\x16\x03\x01\x02\x00\x01",),
        (b"GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",),
    ],
)
def test_no_head(parts: tuple[bytes, ...]) -> None:
    """A head without an end, or what is none, is refused once, in the services' words."""
    said = asyncio.run(answered(*parts))

    assert said.startswith(b"HTTP/1.1 400 Bad Request\r\nX-Code: MalformedHttpRequestException\r\n")
    assert said.count(b"HTTP/1.1") == 1


def test_a_body_that_does_not_come(monkeypatch: pytest.MonkeyPatch) -> None:
    """A body that stops before its end is given up."""
    monkeypatch.setattr(http, "BODY_SECONDS", SOON)
    messages = iter([{"type": "http.request", "body": b"Action=", "more_body": True}])

    async def receive() -> MutableMapping[str, Any]:
        message = next(messages, None)
        return message if message is not None else await asyncio.Future()

    with pytest.raises(WireError) as caught:
        asyncio.run(http._body(HttpRequest("POST", "/", "", (), b""), receive))

    assert (caught.value.code, caught.value.status) == ("RequestTimeoutException", 408)
