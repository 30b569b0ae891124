"""From the bytes of one frontend message to its value.

Every parser gets exactly the body of one message and must use it up: what is too short, too long
or not text is a ProtocolError, nothing else. It must not know about buffers or states.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from types import MappingProxyType

from redshare.wire.pg.errors import ProtocolError, violation
from redshare.wire.pg.messages import (
    AuthenticationMessage,
    Bind,
    CancelRequest,
    Close,
    CopyData,
    CopyDone,
    CopyFail,
    Describe,
    DigestMessage,
    Execute,
    FirstMessage,
    Flush,
    FrontendMessage,
    FunctionCall,
    GSSENCRequest,
    IdpTokenMessage,
    Parse,
    PasswordMessage,
    ProtocolVersion,
    Query,
    SSLRequest,
    StartupMessage,
    Sync,
    Target,
    Terminate,
)
from redshare.wire.pg.sqlstate import SqlState

# Request codes stand where a startup packet has its protocol version; 1234 is no version.
_CANCEL_REQUEST = 1234 << 16 | 5678
_SSL_REQUEST = 1234 << 16 | 5679
_GSSENC_REQUEST = 1234 << 16 | 5680

# Protocol 3.2 lengthened cancel keys from 4 bytes up to 256.
_SECRET_KEY_BYTES = range(4, 257)


class Body:
    """A cursor over one message's body."""

    __slots__ = ("_data", "_position")

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._position = 0

    def take(self, count: int) -> bytes:
        end = self._position + count
        if count < 0 or end > len(self._data):
            raise violation("insufficient data left in message")
        taken = self._data[self._position : end]
        self._position = end
        return taken

    def rest(self) -> bytes:
        return self.take(len(self._data) - self._position)

    def int16(self) -> int:
        return int.from_bytes(self.take(2), "big", signed=True)

    def uint16(self) -> int:
        return int.from_bytes(self.take(2), "big")

    def int32(self) -> int:
        return int.from_bytes(self.take(4), "big", signed=True)

    def uint32(self) -> int:
        return int.from_bytes(self.take(4), "big")

    def cstring(self) -> str:
        end = self._data.find(b"\0", self._position)
        if end < 0:
            raise violation("invalid string in message")
        raw = self.take(end - self._position)
        self._position += 1
        return text(raw)

    def counted(self) -> bytes | None:
        """An int32 length and as many bytes; -1 is NULL."""
        length = self.int32()
        return None if length == -1 else self.take(length)

    def end(self) -> None:
        if self._position != len(self._data):
            raise violation("invalid message format")


def text(raw: bytes) -> str:
    """The text in these bytes, which must be UTF-8."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        wrong = " ".join(f"0x{byte:02x}" for byte in raw[error.start : error.start + 4])
        raise ProtocolError(
            SqlState.CHARACTER_NOT_IN_REPERTOIRE,
            f'invalid byte sequence for encoding "UTF8": {wrong}',
        ) from error


def first_message(data: bytes) -> FirstMessage:
    """What a connection opens with: messages that have a length but no type byte."""
    body = Body(data)
    match body.uint32():
        case code if code == _SSL_REQUEST:
            body.end()
            return SSLRequest()
        case code if code == _GSSENC_REQUEST:
            body.end()
            return GSSENCRequest()
        case code if code == _CANCEL_REQUEST:
            return _cancel_request(body)
        case code:
            return _startup_message(ProtocolVersion(code >> 16, code & 0xFFFF), body)


def authentication_message(kind: bytes, data: bytes) -> AuthenticationMessage | Terminate:
    """A message while the session authenticates: 'd' and 'i' have Redshift's meaning there."""
    body = Body(data)
    match kind:
        case b"p":
            return PasswordMessage(body.rest())
        case b"d":
            digest, nonce = body.counted(), body.counted()
            body.end()
            if digest is None or nonce is None:
                raise violation("invalid digest message")
            return DigestMessage(digest, nonce)
        case b"i":
            return IdpTokenMessage(body.rest())
        case b"X":
            body.end()
            return Terminate()
        case _:
            raise violation(f"expected password response, got message type {kind[0]}")


def session_message(kind: bytes, data: bytes) -> FrontendMessage:
    """A message of an authenticated session."""
    body = Body(data)
    message = _SESSION_PARSERS[kind](body)
    body.end()
    return message


def _cancel_request(body: Body) -> CancelRequest:
    process_id, secret_key = body.uint32(), body.rest()
    if len(secret_key) not in _SECRET_KEY_BYTES:
        raise violation("invalid length of cancel request packet")
    return CancelRequest(process_id, secret_key)


def _startup_message(version: ProtocolVersion, body: Body) -> StartupMessage:
    if version.major != 3:
        raise ProtocolError(
            SqlState.FEATURE_NOT_SUPPORTED,
            f"unsupported frontend protocol {version.major}.{version.minor}: "
            "server supports 3.0 to 3.0",
        )
    parameters: dict[str, str] = {}
    while name := body.cstring():
        parameters[name] = body.cstring()
    body.end()
    if not parameters.get("user"):
        raise ProtocolError(
            SqlState.INVALID_AUTHORIZATION_SPECIFICATION,
            "no user name specified in startup packet",
        )
    return StartupMessage(version, MappingProxyType(parameters))


def _query(body: Body) -> Query:
    return Query(body.cstring())


def _parse(body: Body) -> Parse:
    statement, sql = body.cstring(), body.cstring()
    count = body.uint16()
    return Parse(statement, sql, struct.unpack(f"!{count}I", body.take(4 * count)))


def _bind(body: Body) -> Bind:
    portal, statement = body.cstring(), body.cstring()
    parameter_formats = _formats(body)
    parameters = tuple(body.counted() for _ in range(body.uint16()))
    if len(parameter_formats) > 1 and len(parameter_formats) != len(parameters):
        raise violation(
            f"bind message has {len(parameter_formats)} parameter formats "
            f"but {len(parameters)} parameters"
        )
    return Bind(portal, statement, parameter_formats, parameters, _formats(body))


def _formats(body: Body) -> tuple[int, ...]:
    count = body.uint16()
    codes: tuple[int, ...] = struct.unpack(f"!{count}h", body.take(2 * count))
    for code in codes:
        if code not in (0, 1):
            raise ProtocolError(
                SqlState.INVALID_PARAMETER_VALUE, f"unsupported format code: {code}"
            )
    return codes


def _target(body: Body) -> Target:
    code = body.take(1)
    try:
        return Target(code.decode("latin-1"))
    except ValueError as error:
        raise violation(f"invalid message subtype {code[0]}") from error


def _describe(body: Body) -> Describe:
    return Describe(_target(body), body.cstring())


def _close(body: Body) -> Close:
    return Close(_target(body), body.cstring())


def _execute(body: Body) -> Execute:
    portal, max_rows = body.cstring(), body.int32()
    # PostgreSQL takes a negative limit as "all rows", too.
    return Execute(portal, max(max_rows, 0))


def _function_call(body: Body) -> FunctionCall:
    function_oid, formats = body.uint32(), _formats(body)
    arguments = tuple(body.counted() for _ in range(body.uint16()))
    return FunctionCall(function_oid, formats, arguments, body.int16())


_SESSION_PARSERS: dict[bytes, Callable[[Body], FrontendMessage]] = {
    b"Q": _query,
    b"P": _parse,
    b"B": _bind,
    b"D": _describe,
    b"E": _execute,
    b"C": _close,
    b"F": _function_call,
    b"H": lambda _: Flush(),
    b"S": lambda _: Sync(),
    b"X": lambda _: Terminate(),
    b"d": lambda body: CopyData(body.rest()),
    b"c": lambda _: CopyDone(),
    b"f": lambda body: CopyFail(body.cstring()),
}

SESSION_KINDS = frozenset(_SESSION_PARSERS)
AUTHENTICATION_KINDS = frozenset({b"p", b"d", b"i", b"X"})
