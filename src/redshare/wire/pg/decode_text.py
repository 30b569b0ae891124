"""Texts of parameters to Python values, by type OID, in the spellings clients use.

Dates and times are read in `decode_datetime`. It must not know formats or messages.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from uuid import UUID

from redshare.wire.pg.decode_datetime import (
    date_from_text,
    time_from_text,
    timestamp_from_text,
    timestamptz_from_text,
    timetz_from_text,
)
from redshare.wire.pg.errors import ProtocolError
from redshare.wire.pg.interval import Interval, interval_from_text
from redshare.wire.pg.numbers import numeric_from_text
from redshare.wire.pg.sqlstate import SqlState
from redshare.wire.pg.types import Oid

Value = bool | int | float | Decimal | str | bytes | date | time | datetime | Interval | None

_BLANKS = " \t\n\r\v\f"
_INTEGER = re.compile(r"[+-]?[0-9]{1,30}")
_FLOAT = re.compile(
    r"[+-]?(?:(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:e[+-]?[0-9]+)?|inf(?:inity)?|nan)",
    re.IGNORECASE | re.ASCII,
)
_TRUE = frozenset({"t", "tr", "tru", "true", "y", "ye", "yes", "on", "1"})
_FALSE = frozenset({"f", "fa", "fal", "fals", "false", "n", "no", "of", "off", "0"})


def _invalid(name: str, given: str) -> ProtocolError:
    return ProtocolError(
        SqlState.INVALID_TEXT_REPRESENTATION, f'invalid input syntax for type {name}: "{given}"'
    )


def _bool(given: str) -> bool:
    word = given.strip(_BLANKS).lower()
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise _invalid("boolean", given)


def _integer(name: str, first: int, last: int) -> Callable[[str], int]:
    def decode(given: str) -> int:
        stripped = given.strip(_BLANKS)
        if _INTEGER.fullmatch(stripped) is None:
            raise _invalid(name, given)
        value = int(stripped)
        if not first <= value <= last:
            raise ProtocolError(
                SqlState.NUMERIC_VALUE_OUT_OF_RANGE,
                f'value "{given}" is out of range for type {name}',
            )
        return value

    return decode


def _float8(given: str) -> float:
    stripped = given.strip(_BLANKS)
    if _FLOAT.fullmatch(stripped) is None:
        raise _invalid("double precision", given)
    value = float(stripped)
    if value in (float("inf"), float("-inf")) and "n" not in stripped.lower():
        raise _float_out_of_range(given, "double precision")
    return value


def _float4(given: str) -> float:
    try:
        (value,) = struct.unpack("!f", struct.pack("!f", _float8(given)))
    except OverflowError as error:
        raise _float_out_of_range(given, "real") from error
    return float(value)


def _float_out_of_range(given: str, name: str) -> ProtocolError:
    return ProtocolError(
        SqlState.NUMERIC_VALUE_OUT_OF_RANGE, f'"{given}" is out of range for type {name}'
    )


def _bytea(given: str) -> bytes:
    if given.startswith("\\x"):
        return _hex(given[2:], given)
    return _escaped(given)


def _varbyte(given: str) -> bytes:
    return _hex(given.removeprefix("\\x"), given)


def _hex(digits: str, given: str) -> bytes:
    try:
        return bytes.fromhex(digits)
    except ValueError as error:
        raise _invalid("bytea", given) from error


_ESCAPE = re.compile(rb"\\(?:(\\)|([0-3][0-7]{2})|(.|$))", re.DOTALL)


def _escaped(given: str) -> bytes:
    """PostgreSQL's older form: backslash and three octal digits, or two backslashes."""

    def byte(found: re.Match[bytes]) -> bytes:
        if found[3] is not None:
            raise _invalid("bytea", given)
        return b"\\" if found[1] else bytes([int(found[2], 8)])

    return _ESCAPE.sub(byte, given.encode("utf-8"))


def _uuid(given: str) -> str:
    try:
        return str(UUID(given))
    except ValueError as error:
        raise _invalid("uuid", given) from error


_OID_RANGE = (0, 2**32 - 1)

TEXT_DECODERS: dict[int, Callable[[str], Value]] = {
    Oid.BOOL: _bool,
    Oid.INT2: _integer("smallint", -(2**15), 2**15 - 1),
    Oid.INT4: _integer("integer", -(2**31), 2**31 - 1),
    Oid.INT8: _integer("bigint", -(2**63), 2**63 - 1),
    Oid.OID: _integer("oid", *_OID_RANGE),
    Oid.XID: _integer("xid", *_OID_RANGE),
    Oid.REGPROC: _integer("regproc", *_OID_RANGE),
    Oid.FLOAT4: _float4,
    Oid.FLOAT8: _float8,
    Oid.NUMERIC: numeric_from_text,
    Oid.DATE: date_from_text,
    Oid.TIME: time_from_text,
    Oid.TIMETZ: timetz_from_text,
    Oid.TIMESTAMP: timestamp_from_text,
    Oid.TIMESTAMPTZ: timestamptz_from_text,
    Oid.INTERVAL: interval_from_text,
    Oid.INTERVALY2M: interval_from_text,
    Oid.INTERVALD2S: interval_from_text,
    Oid.BYTEA: _bytea,
    Oid.VARBYTE: _varbyte,
    Oid.UUID: _uuid,
}
