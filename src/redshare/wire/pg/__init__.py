"""The PostgreSQL / Redshift wire protocol, server side: bytes to values and back, without I/O.

It must not know what is served over it. Start at `connection`, then `auth`; rows of Arrow batches
are in `rows`, which alone (with its parts `arrow`, `plain`, `vector`) needs numpy and pyarrow and
is therefore not imported here.
"""

from __future__ import annotations

from redshare.wire.pg.connection import ConnectionState, ServerConnection
from redshare.wire.pg.decode import decode_parameter
from redshare.wire.pg.errors import ProtocolError
from redshare.wire.pg.interval import Interval
from redshare.wire.pg.parameters import negotiated_protocol_version, parameter_statuses
from redshare.wire.pg.sqlstate import SqlState
from redshare.wire.pg.types import TYPES, Oid, TypeInfo
from redshare.wire.pg.values import encode_value

__all__ = [
    "TYPES",
    "ConnectionState",
    "Interval",
    "Oid",
    "ProtocolError",
    "ServerConnection",
    "SqlState",
    "TypeInfo",
    "decode_parameter",
    "encode_value",
    "negotiated_protocol_version",
    "parameter_statuses",
]
