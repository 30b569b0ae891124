"""The HTTP listener: AWS requests to the gateway in worker threads, health beside them.

A bare ASGI callable on uvicorn: no framework stands between a signed request and its verification.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any, Final

import structlog

from redshare.endpoints.aws import Gateway
from redshare.endpoints.controls import PREFIX, Controls
from redshare.wire.aws.errors import WireError, request_timeout, too_large
from redshare.wire.aws.form import MAX_BODY
from redshare.wire.aws.request import HttpRequest, HttpResponse
from redshare.wire.aws.route import looks_json

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

#: A body that is too large is read to its end, so that its sender reads the answer; up to this.
MAX_DRAINED: Final = 64 * MAX_BODY
#: A body comes whole within this time.
BODY_SECONDS: Final = 60.0

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
        request = _request(scope)
        try:
            body = await _body(request, receive)
        except WireError as error:
            await _respond(send, self._gateway.unread(error, json=looks_json(request)), last=True)
            return
        if body is None:
            return
        request = replace(request, body=body)
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

    def unread(self, error: WireError) -> HttpResponse:
        """The answer to what could not be read as a request."""
        return self._gateway.unread(error)

    def close(self) -> None:
        """End the threads once their requests are answered."""
        self._pool.shutdown()


async def _body(request: HttpRequest, receive: Receive) -> bytes | None:
    """The body, at most one byte more than is allowed; None where the client went away.

    Raises: WireError where the body is declared absurdly large, or does not come in time.
    """
    declared = request.header("content-length") or "0"
    if int(declared) > MAX_DRAINED:  # the parser has seen to it that it is a number
        raise too_large(MAX_BODY, json=looks_json(request))
    parts, size = [], 0
    try:
        async with asyncio.timeout(BODY_SECONDS):
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
    except TimeoutError as error:
        raise request_timeout() from error


def _request(scope: Scope) -> HttpRequest:
    raw_path: bytes = scope.get("raw_path") or scope["path"].encode()
    return HttpRequest(
        method=scope["method"],
        path=raw_path.decode("latin-1"),
        query=scope["query_string"].decode("latin-1"),
        headers=tuple(
            (name.decode("latin-1").lower(), value.decode("latin-1"))
            for name, value in scope["headers"]
        ),
        body=b"",
    )


def _health(*, well: bool) -> HttpResponse:
    body = json.dumps({"status": "ok" if well else "unavailable"}).encode()
    return HttpResponse(200 if well else 503, (("Content-Type", "application/json"),), body)


async def _respond(send: Send, answer: HttpResponse, *, last: bool = False) -> None:
    """`last` closes the connection: the rest of the request is not read."""
    headers = [(name.encode(), value.encode("latin-1")) for name, value in answer.headers]
    headers.append((b"content-length", str(len(answer.body)).encode()))
    if last:
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})
