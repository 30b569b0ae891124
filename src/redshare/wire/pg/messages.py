"""The messages a frontend sends, as values.

What they look like in bytes is known to `parse` (bytes to these values); the messages a backend
answers with are in `backend` and offered here too, so that one import names the whole protocol.
It must not know in which order messages may come: that is the connection's and the session's.
Names: https://www.postgresql.org/docs/current/protocol-message-formats.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from redshare.wire.pg.backend import (
    ENCRYPTION_ACCEPTED,
    ENCRYPTION_REFUSED,
    FieldDescription,
    TransactionStatus,
    authentication_cleartext_password,
    authentication_idp_token,
    authentication_md5_password,
    authentication_ok,
    authentication_redshift_digest,
    authentication_sasl,
    authentication_sasl_continue,
    authentication_sasl_final,
    backend_key_data,
    bind_complete,
    close_complete,
    command_complete,
    data_row,
    empty_query_response,
    error_response,
    negotiate_protocol_version,
    no_data,
    notice_response,
    parameter_description,
    parameter_status,
    parse_complete,
    portal_suspended,
    ready_for_query,
    row_description,
)


class ProtocolVersion(NamedTuple):
    """The protocol version a startup packet asks for."""

    major: int
    minor: int


class Target(StrEnum):
    """What Describe and Close are about."""

    STATEMENT = "S"
    PORTAL = "P"


@dataclass(frozen=True, slots=True)
class SSLRequest:
    """May we speak TLS? The answer is one byte, no message."""


@dataclass(frozen=True, slots=True)
class GSSENCRequest:
    """May we speak GSSAPI encryption? The answer is one byte, no message."""


@dataclass(frozen=True, slots=True)
class CancelRequest:
    """Cancel what the session with this key runs. Nothing is answered."""

    process_id: int
    secret_key: bytes


@dataclass(frozen=True, slots=True)
class StartupMessage:
    """Who wants which database. Drivers put parameters of their own in: all are kept."""

    version: ProtocolVersion
    parameters: Mapping[str, str]

    @property
    def user(self) -> str:
        return self.parameters["user"]

    @property
    def database(self) -> str:
        """The database asked for; PostgreSQL's default is the user's name."""
        return self.parameters.get("database") or self.user

    @property
    def protocol_options(self) -> list[str]:
        """The `_pq_.` options: those the server does not know are refused by negotiation."""
        return [name for name in self.parameters if name.startswith("_pq_.")]


@dataclass(frozen=True, slots=True)
class PasswordMessage:
    """A 'p' message. Password, SASLInitialResponse or SASLResponse: only the method can tell."""

    body: bytes


@dataclass(frozen=True, slots=True)
class DigestMessage:
    """Redshift's 'd' answer to authentication request 13."""

    digest: bytes
    client_nonce: bytes


@dataclass(frozen=True, slots=True)
class IdpTokenMessage:
    """Redshift's 'i' answer to authentication request 14: an identity provider's token."""

    token: bytes


@dataclass(frozen=True, slots=True)
class Query:
    """A simple query: one or more statements as text."""

    sql: str


@dataclass(frozen=True, slots=True)
class Parse:
    """Prepare a statement. OID 0 leaves a parameter's type to the server."""

    statement: str
    sql: str
    parameter_oids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Bind:
    """Make a portal of a prepared statement and its parameter values (None is NULL)."""

    portal: str
    statement: str
    parameter_formats: tuple[int, ...]
    parameters: tuple[bytes | None, ...]
    result_formats: tuple[int, ...]

    def parameter_format(self, index: int) -> int:
        """The format code of one parameter: none given is text, one given is for all."""
        return _format_of(self.parameter_formats, index)

    def result_format(self, index: int) -> int:
        """The format code of one result column, by the same rule."""
        return _format_of(self.result_formats, index)


@dataclass(frozen=True, slots=True)
class Describe:
    """Tell the parameters and columns of a statement, or the columns of a portal."""

    target: Target
    name: str


@dataclass(frozen=True, slots=True)
class Execute:
    """Run a portal; 0 rows means no limit."""

    portal: str
    max_rows: int


@dataclass(frozen=True, slots=True)
class Close:
    """Forget a statement or a portal."""

    target: Target
    name: str


@dataclass(frozen=True, slots=True)
class Flush:
    """Send what is waiting."""


@dataclass(frozen=True, slots=True)
class Sync:
    """End of an extended-query cycle: after an error, reading resumes here."""


@dataclass(frozen=True, slots=True)
class Terminate:
    """The frontend says goodbye."""


@dataclass(frozen=True, slots=True)
class CopyData:
    """A piece of a COPY stream."""

    data: bytes


@dataclass(frozen=True, slots=True)
class CopyDone:
    """The COPY stream ends well."""


@dataclass(frozen=True, slots=True)
class CopyFail:
    """The COPY stream is given up by the frontend."""

    message: str


@dataclass(frozen=True, slots=True)
class FunctionCall:
    """The old fast-path call of a function by OID."""

    function_oid: int
    argument_formats: tuple[int, ...]
    arguments: tuple[bytes | None, ...]
    result_format: int


EncryptionRequest = SSLRequest | GSSENCRequest
FirstMessage = EncryptionRequest | CancelRequest | StartupMessage
AuthenticationMessage = PasswordMessage | DigestMessage | IdpTokenMessage
CopyMessage = CopyData | CopyDone | CopyFail
SessionMessage = (
    Query | Parse | Bind | Describe | Execute | Close | Flush | Sync | Terminate | FunctionCall
)
FrontendMessage = FirstMessage | AuthenticationMessage | CopyMessage | SessionMessage


def _format_of(formats: tuple[int, ...], index: int) -> int:
    match len(formats):
        case 0:
            return 0
        case 1:
            return formats[0]
        case _:
            return formats[index]


__all__ = [
    "ENCRYPTION_ACCEPTED",
    "ENCRYPTION_REFUSED",
    "AuthenticationMessage",
    "Bind",
    "CancelRequest",
    "Close",
    "CopyData",
    "CopyDone",
    "CopyFail",
    "CopyMessage",
    "Describe",
    "DigestMessage",
    "EncryptionRequest",
    "Execute",
    "FieldDescription",
    "FirstMessage",
    "Flush",
    "FrontendMessage",
    "FunctionCall",
    "GSSENCRequest",
    "IdpTokenMessage",
    "Parse",
    "PasswordMessage",
    "ProtocolVersion",
    "Query",
    "SSLRequest",
    "SessionMessage",
    "StartupMessage",
    "Sync",
    "Target",
    "Terminate",
    "TransactionStatus",
    "authentication_cleartext_password",
    "authentication_idp_token",
    "authentication_md5_password",
    "authentication_ok",
    "authentication_redshift_digest",
    "authentication_sasl",
    "authentication_sasl_continue",
    "authentication_sasl_final",
    "backend_key_data",
    "bind_complete",
    "close_complete",
    "command_complete",
    "data_row",
    "empty_query_response",
    "error_response",
    "negotiate_protocol_version",
    "no_data",
    "notice_response",
    "parameter_description",
    "parameter_status",
    "parse_complete",
    "portal_suspended",
    "ready_for_query",
    "row_description",
]
