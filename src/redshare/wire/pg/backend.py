"""The messages a backend sends: one function a message, values in, bytes out.

It must not know when a message is due. Texts that become C strings lose their NUL characters
here, so no value can break the framing of what follows it.
Layouts: https://www.postgresql.org/docs/current/protocol-message-formats.html; Redshift's own
(request 13, the extended RowDescription) as its public drivers read them.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from redshare.wire.pg.errors import ProtocolError
from redshare.wire.pg.sqlstate import SqlState

ENCRYPTION_ACCEPTED = b"S"
ENCRYPTION_REFUSED = b"N"

# A count of fields or parameters travels in 16 bits.
MAX_FIELDS = 0x7FFF
MAX_PARAMETERS = 0xFFFF

_DIGEST_SHA256 = 0


class TransactionStatus(StrEnum):
    """ReadyForQuery's indicator."""

    IDLE = "I"
    IN_TRANSACTION = "T"
    FAILED = "E"


@dataclass(frozen=True, slots=True)
class FieldDescription:
    """One column of a RowDescription; the last seven fields travel in the extended form only."""

    name: str
    type_oid: int
    type_size: int = -1
    type_modifier: int = -1
    format: int = 0
    table_oid: int = 0
    column_number: int = 0
    schema_name: str = ""
    table_name: str = ""
    column_name: str = ""
    catalog_name: str = ""
    nullable: bool = True
    autoincrement: bool = False
    read_only: bool = False
    searchable: bool = True

    @property
    def flags(self) -> int:
        """The attribute bits as Redshift's drivers read them: 0, 4, 8 and 12."""
        return self.nullable | self.autoincrement << 4 | self.read_only << 8 | self.searchable << 12


def authentication_ok() -> bytes:
    return _message(b"R", struct.pack("!i", 0))


def authentication_cleartext_password() -> bytes:
    return _message(b"R", struct.pack("!i", 3))


def authentication_md5_password(salt: bytes) -> bytes:
    return _message(b"R", struct.pack("!i4s", 5, salt))


def authentication_sasl(mechanisms: Sequence[str]) -> bytes:
    listed = b"".join(_cstring(name) for name in mechanisms)
    return _message(b"R", struct.pack("!i", 10) + listed + b"\0")


def authentication_sasl_continue(data: bytes) -> bytes:
    return _message(b"R", struct.pack("!i", 11) + data)


def authentication_sasl_final(data: bytes) -> bytes:
    return _message(b"R", struct.pack("!i", 12) + data)


def authentication_redshift_digest(salt: bytes, server_nonce: bytes) -> bytes:
    """Request 13: which digest (only SHA-256 is defined), the verifier's salt and our nonce."""
    head = struct.pack("!ii", 13, _DIGEST_SHA256)
    return _message(b"R", head + _counted(salt) + _counted(server_nonce))


def authentication_idp_token() -> bytes:
    """Request 14: send an identity provider's token."""
    return _message(b"R", struct.pack("!i", 14))


def parameter_status(name: str, value: str) -> bytes:
    return _message(b"S", _cstring(name) + _cstring(value))


def backend_key_data(process_id: int, secret_key: bytes) -> bytes:
    return _message(b"K", struct.pack("!I", process_id) + secret_key)


def negotiate_protocol_version(newest_minor: int, unknown_options: Sequence[str]) -> bytes:
    """Tell a frontend that asked for more the newest minor of protocol 3 we serve."""
    head = struct.pack("!ii", 3 << 16 | newest_minor, len(unknown_options))
    return _message(b"v", head + b"".join(_cstring(name) for name in unknown_options))


def ready_for_query(status: TransactionStatus) -> bytes:
    return _message(b"Z", status.encode("ascii"))


def row_description(fields: Sequence[FieldDescription], *, extended: bool = False) -> bytes:
    """Describe the columns; `extended` from server_protocol_version 1 on."""
    if len(fields) > MAX_FIELDS:
        raise ProtocolError(SqlState.TOO_MANY_COLUMNS, f"a row has more than {MAX_FIELDS} columns")
    field_bytes = _extended_field if extended else _field
    return _message(
        b"T", struct.pack("!h", len(fields)) + b"".join(field_bytes(field) for field in fields)
    )


def parameter_description(oids: Sequence[int]) -> bytes:
    if len(oids) > MAX_PARAMETERS:
        raise ProtocolError(
            SqlState.PROGRAM_LIMIT_EXCEEDED,
            f"a statement has more than {MAX_PARAMETERS} parameters",
        )
    return _message(b"t", struct.pack(f"!H{len(oids)}I", len(oids), *oids))


def parse_complete() -> bytes:
    return _message(b"1")


def bind_complete() -> bytes:
    return _message(b"2")


def close_complete() -> bytes:
    return _message(b"3")


def no_data() -> bytes:
    return _message(b"n")


def portal_suspended() -> bytes:
    return _message(b"s")


def empty_query_response() -> bytes:
    return _message(b"I")


def command_complete(tag: str) -> bytes:
    return _message(b"C", _cstring(tag))


def data_row(values: Sequence[bytes | None]) -> bytes:
    """One row of values already encoded; None is NULL. Whole batches: see `rows`."""
    body = b"".join(b"\xff\xff\xff\xff" if value is None else _counted(value) for value in values)
    return _message(b"D", struct.pack("!h", len(values)) + body)


def error_response(
    sqlstate: str,
    message: str,
    *,
    severity: str = "ERROR",
    detail: str | None = None,
    hint: str | None = None,
    position: int | None = None,
    internal_position: int | None = None,
    internal_query: str | None = None,
    where: str | None = None,
    schema_name: str | None = None,
    table_name: str | None = None,
    column_name: str | None = None,
    data_type_name: str | None = None,
    constraint_name: str | None = None,
    file: str | None = None,
    line: int | None = None,
    routine: str | None = None,
) -> bytes:
    """An ErrorResponse; positions count characters from 1."""
    fields = {
        "S": severity,
        "V": severity,
        "C": sqlstate,
        "M": message,
        "D": detail,
        "H": hint,
        "P": position,
        "p": internal_position,
        "q": internal_query,
        "W": where,
        "s": schema_name,
        "t": table_name,
        "c": column_name,
        "d": data_type_name,
        "n": constraint_name,
        "F": file,
        "L": line,
        "R": routine,
    }
    return _message(b"E", _fields(fields))


def notice_response(
    sqlstate: str,
    message: str,
    *,
    severity: str = "NOTICE",
    detail: str | None = None,
    hint: str | None = None,
    where: str | None = None,
) -> bytes:
    fields = {
        "S": severity,
        "V": severity,
        "C": sqlstate,
        "M": message,
        "D": detail,
        "H": hint,
        "W": where,
    }
    return _message(b"N", _fields(fields))


def _message(kind: bytes, body: bytes = b"") -> bytes:
    return kind + struct.pack("!i", len(body) + 4) + body


def _counted(data: bytes) -> bytes:
    return struct.pack("!i", len(data)) + data


def _cstring(text: str) -> bytes:
    return text.replace("\0", "").encode("utf-8", "replace") + b"\0"


def _fields(fields: Mapping[str, str | int | None]) -> bytes:
    given = ((code, value) for code, value in fields.items() if value is not None)
    return b"".join(code.encode("ascii") + _cstring(str(value)) for code, value in given) + b"\0"


def _field(field: FieldDescription) -> bytes:
    return _cstring(field.name) + struct.pack(
        "!IhIhih",
        field.table_oid,
        field.column_number,
        field.type_oid,
        field.type_size,
        field.type_modifier,
        field.format,
    )


def _extended_field(field: FieldDescription) -> bytes:
    names = (field.schema_name, field.table_name, field.column_name, field.catalog_name)
    return (
        _field(field) + b"".join(_cstring(name) for name in names) + struct.pack("!h", field.flags)
    )
