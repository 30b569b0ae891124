"""The one exception of this package: what the peer sent, or asked to be sent, cannot be served.

It carries what an ErrorResponse needs; it must not know how that message is written.
"""

from __future__ import annotations

from redshare.wire.pg.sqlstate import SqlState


class ProtocolError(Exception):
    """Bytes or values that break the protocol or a type's rules, with the SQLSTATE to answer."""

    def __init__(self, sqlstate: SqlState, message: str) -> None:
        super().__init__(message)
        self.sqlstate = sqlstate
        self.message = message


def violation(message: str) -> ProtocolError:
    """A ProtocolError for bytes that do not follow the message formats."""
    return ProtocolError(SqlState.PROTOCOL_VIOLATION, message)
