"""The receiving half of one server connection: bytes in, messages out, whatever their cut.

    STARTUP --StartupMessage--> AUTHENTICATING --authenticated()--> READY
    any --Terminate, CancelRequest--> CLOSED        any --ProtocolError--> FAILED

It must not know sockets, nor what messages mean beyond these states. Bytes of a message are
parsed when it is complete; its length and type are judged as soon as they are there, so a peer
cannot make us wait for, or hold, more than the limits allow.
"""

from __future__ import annotations

from enum import StrEnum

from redshare.wire.pg import parse
from redshare.wire.pg.errors import ProtocolError, violation
from redshare.wire.pg.messages import (
    CancelRequest,
    EncryptionRequest,
    FirstMessage,
    FrontendMessage,
    GSSENCRequest,
    SSLRequest,
    StartupMessage,
    Terminate,
)
from redshare.wire.pg.sqlstate import SqlState

# A peer nobody knows yet gets little memory; PostgreSQL allows 10 000 bytes of startup packet,
# tokens of identity providers need some more.
UNAUTHENTICATED_MESSAGE_BYTES = 16 * 1024
MESSAGE_BYTES = 64 * 1024 * 1024

_LENGTH_BYTES = 4
_SMALLEST_FIRST_MESSAGE = 8


class ConnectionState(StrEnum):
    """What the connection can take next."""

    STARTUP = "startup"
    AUTHENTICATING = "authenticating"
    READY = "ready"
    CLOSED = "closed"
    FAILED = "failed"


class ServerConnection:
    """A server's view of what one client sends."""

    def __init__(
        self,
        *,
        unauthenticated_message_bytes: int = UNAUTHENTICATED_MESSAGE_BYTES,
        message_bytes: int = MESSAGE_BYTES,
    ) -> None:
        self._unauthenticated_message_bytes = unauthenticated_message_bytes
        self._message_bytes = message_bytes
        self._state = ConnectionState.STARTUP
        self._buffer = bytearray()
        self._position = 0
        self._error: ProtocolError | None = None
        self._undecided: EncryptionRequest | None = None
        self._asked: set[type[EncryptionRequest]] = set()

    @property
    def state(self) -> ConnectionState:
        return self._state

    @property
    def buffered_bytes(self) -> int:
        """Bytes received and not yet returned as messages: what back-pressure looks at."""
        return len(self._buffer) - self._position

    def receive(self, data: bytes | bytearray | memoryview) -> None:
        """Take bytes from the peer. Never fails: what is wrong shows in next_message()."""
        if self._state not in (ConnectionState.CLOSED, ConnectionState.FAILED):
            self._buffer += data

    def next_message(self) -> FrontendMessage | None:
        """The next complete message, or None when more bytes are needed.

        Raises: ProtocolError, and the same one at every later call: the connection is lost.
        """
        if self._error is not None:
            raise self._error
        try:
            return self._next_message()
        except ProtocolError as error:
            self._fail(error)
            raise

    def upgrade_to_tls(self) -> None:
        """The server answers the request with 'S'; the next bytes come out of the handshake.

        Raises: ProtocolError if plain bytes came after the request: they would pass for
        encrypted ones (CVE-2021-23214).
        """
        if self._undecided is None:
            raise AssertionError("no encryption request waits for an answer")
        if self.buffered_bytes:
            error = violation("received unencrypted data after SSL request")
            self._fail(error)
            raise error
        self._undecided = None
        self._asked = {SSLRequest, GSSENCRequest}

    def decline_encryption(self) -> None:
        """The server answers the request with 'N'; the peer may go on in plain."""
        if self._undecided is None:
            raise AssertionError("no encryption request waits for an answer")
        self._undecided = None

    def authenticated(self) -> None:
        """The server sends AuthenticationOk: from here on session messages are read."""
        if self._state is not ConnectionState.AUTHENTICATING:
            raise AssertionError(f"cannot authenticate a connection that is {self._state}")
        self._state = ConnectionState.READY

    def _next_message(self) -> FrontendMessage | None:
        match self._state:
            case ConnectionState.STARTUP if self._undecided is None:
                return self._next_first_message()
            case ConnectionState.AUTHENTICATING | ConnectionState.READY:
                return self._next_typed_message()
            case _:
                return None

    def _next_first_message(self) -> FirstMessage | None:
        body = self._take_body(0, _SMALLEST_FIRST_MESSAGE, self._unauthenticated_message_bytes)
        if body is None:
            return None
        message = parse.first_message(body)
        match message:
            case SSLRequest() | GSSENCRequest():
                if type(message) in self._asked:
                    raise violation("encryption was already negotiated")
                self._asked.add(type(message))
                self._undecided = message
            case CancelRequest():
                self._close()
            case StartupMessage():
                self._state = ConnectionState.AUTHENTICATING
        return message

    def _next_typed_message(self) -> FrontendMessage | None:
        if not self.buffered_bytes:
            return None
        kind = bytes(self._buffer[self._position : self._position + 1])
        ready = self._state is ConnectionState.READY
        self._check_kind(kind, ready=ready)
        limit = self._message_bytes if ready else self._unauthenticated_message_bytes
        body = self._take_body(1, _LENGTH_BYTES, limit)
        if body is None:
            return None
        if ready:
            message = parse.session_message(kind, body)
        else:
            message = parse.authentication_message(kind, body)
        if isinstance(message, Terminate):
            self._close()
        return message

    def _check_kind(self, kind: bytes, *, ready: bool) -> None:
        if ready and kind not in parse.SESSION_KINDS:
            raise violation(f"invalid frontend message type {kind[0]}")
        if not ready and kind not in parse.AUTHENTICATION_KINDS:
            raise violation(f"expected password response, got message type {kind[0]}")

    def _take_body(self, kind_bytes: int, smallest: int, limit: int) -> bytes | None:
        start = self._position + kind_bytes
        if len(self._buffer) < start + _LENGTH_BYTES:
            return None
        length = int.from_bytes(self._buffer[start : start + _LENGTH_BYTES], "big", signed=True)
        if length < smallest:
            raise violation("invalid message length")
        if length > limit:
            raise ProtocolError(
                SqlState.PROTOCOL_VIOLATION,
                f"invalid message length: {length} bytes, the limit is {limit}",
            )
        if len(self._buffer) < start + length:
            return None
        body = bytes(memoryview(self._buffer)[start + _LENGTH_BYTES : start + length])
        self._consume(start + length)
        return body

    def _consume(self, position: int) -> None:
        # Cutting the front at every message would make a long pipeline quadratic.
        self._position = position
        if position == len(self._buffer):
            self._buffer.clear()
            self._position = 0
        elif position > UNAUTHENTICATED_MESSAGE_BYTES:
            del self._buffer[:position]
            self._position = 0

    def _close(self) -> None:
        self._state = ConnectionState.CLOSED
        self._buffer.clear()
        self._position = 0

    def _fail(self, error: ProtocolError) -> None:
        self._error = error
        self._close()
        self._state = ConnectionState.FAILED
