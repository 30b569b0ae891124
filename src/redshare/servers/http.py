"""The HTTP listener: AWS requests to the gateway in worker threads, health beside them.

A bare ASGI callable on uvicorn: no framework stands between a signed request and its verification.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import structlog

from redshare.endpoints.aws import Gateway
from redshare.endpoints.controls import PREFIX, Controls
from redshare.wire.aws.form import MAX_BODY
from redshare.wire.aws.request import HttpRequest, HttpResponse

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

log = structlog.get_logger(__name__)


class HttpApp:
    """`ready` answers whether the node can work now; `controls` are a test node's."""

    def __init__(
        self,
        gateway: Gateway,
        threads: int,
        ready: Callable[[], bool],
        controls: Controls | None = None,
    ) -> None:
        self._gateway = gateway
        self._controls = controls
        self._ready = ready
        self._pool = ThreadPoolExecutor(threads, "aws")
        #: What ends requests that only wait, before the node waits for them.
        self.on_drain: Callable[[], None] = lambda: None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            return
        loop = asyncio.get_running_loop()
        probe = scope["path"] if scope["method"] == "GET" else ""
        if probe in {"/healthz", "/readyz"}:
            well = probe == "/healthz" or await loop.run_in_executor(self._pool, self._ready)
            await _respond(send, _health(well=well))
            return
        body = await _body(receive)
        if body is None:
            return
        request = _request(scope, body)
        client = scope.get("client") or ("", 0)
        secure = scope["scheme"] == "https"
        answer = await loop.run_in_executor(self._pool, self._handle, request, client[0], secure)
        await _respond(send, answer)

    def _handle(self, request: HttpRequest, source: str, secure: bool) -> HttpResponse:
        try:
            if self._controls is not None and request.path.startswith(PREFIX):
                return self._controls.handle(request)
            return self._gateway.handle(request, source, secure=secure)
        except Exception:  # the outermost place: told in full here, in general to the client
            log.exception("an AWS request failed", path=request.path)
            return self._gateway.broken(request)

    def close(self) -> None:
        """End the threads once their requests are answered."""
        self._pool.shutdown()


async def _body(receive: Receive) -> bytes | None:
    """The body, at most one byte more than is allowed; None where the client went away."""
    parts, size = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        part = message.get("body", b"")
        if size <= MAX_BODY:
            parts.append(part[: MAX_BODY + 1 - size])
            size += len(parts[-1])
        if not message.get("more_body"):
            return b"".join(parts)


def _request(scope: Scope, body: bytes) -> HttpRequest:
    raw_path: bytes = scope.get("raw_path") or scope["path"].encode()
    return HttpRequest(
        method=scope["method"],
        path=raw_path.decode("latin-1"),
        query=scope["query_string"].decode("latin-1"),
        headers=tuple(
            (name.decode("latin-1").lower(), value.decode("latin-1"))
            for name, value in scope["headers"]
        ),
        body=body,
    )


def _health(*, well: bool) -> HttpResponse:
    body = json.dumps({"status": "ok" if well else "unavailable"}).encode()
    return HttpResponse(200 if well else 503, (("Content-Type", "application/json"),), body)


async def _respond(send: Send, answer: HttpResponse) -> None:
    headers = [(name.encode(), value.encode("latin-1")) for name, value in answer.headers]
    headers.append((b"content-length", str(len(answer.body)).encode()))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})
