"""Single values to wire bytes, in text or binary, by type OID.

Two doors: `encode_value` takes Python's own objects; `value_encoder` gives the function behind it,
which takes plain values and is what rows of small batches use:

    bool int float Decimal str bytes Interval list   as they are
    date                                             days since 1970-01-01
    time, timestamp                                  microseconds of day, since 1970-01-01
    timetz, timestamptz                              (those, in local time; seconds east of UTC)

`redshift` chooses Redshift's own binary forms of numerics and intervals. They are right for
Amazon's drivers whatever protocol version they speak: below version 2 they ask for numerics as
text, and they read intervals in no other form. It must not know rows or messages.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, TypeAlias
from uuid import UUID

from redshare.wire.pg import datetimes, numbers
from redshare.wire.pg.arrays import ELEMENTS, array_binary, array_text
from redshare.wire.pg.errors import ProtocolError
from redshare.wire.pg.interval import Interval, interval_text
from redshare.wire.pg.sqlstate import SqlState
from redshare.wire.pg.types import TEXT_OIDS, Oid, type_name

# What a plain value is depends on the type: see the table above.
Plain: TypeAlias = Any
ValueEncoder = Callable[[Plain], bytes]

_EPOCH_DAY = date(1970, 1, 1).toordinal()
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 local times are counted without a zone
_MICROSECOND = timedelta(microseconds=1)


def encode_value(
    value: object, oid: int, format_code: int = 0, *, typmod: int = -1, redshift: bool = False
) -> bytes | None:
    """One Python value as it stands in a DataRow; None stays None, NULL.

    Raises: ProtocolError if the type has no such form or the value does not fit it.
    """
    if value is None:
        return None
    encode = value_encoder(oid, format_code, typmod=typmod, redshift=redshift)
    try:
        return encode(plain_value(value, oid))
    except (struct.error, TypeError, ValueError, OverflowError, AttributeError) as error:
        raise ProtocolError(
            SqlState.DATATYPE_MISMATCH,
            f"a value of Python type {type(value).__name__} is not of type {type_name(oid)}",
        ) from error


def value_encoder(
    oid: int, format_code: int, *, typmod: int = -1, redshift: bool = False
) -> ValueEncoder:
    """The function that encodes plain values of this type."""
    if oid in TEXT_OIDS:
        return str.encode
    if oid in ELEMENTS:
        return _array_encoder(ELEMENTS[oid], format_code)
    if oid == Oid.NUMERIC and format_code and redshift:
        return lambda value: numbers.redshift_numeric_binary(value, typmod)
    special = _REDSHIFT_BINARY.get(oid) if format_code and redshift else None
    found = special or (_BINARY if format_code else _TEXT).get(oid)
    if found is None:
        form = "binary" if format_code else "text"
        raise ProtocolError(
            SqlState.FEATURE_NOT_SUPPORTED, f"no {form} output for type {type_name(oid)}"
        )
    return found


def _array_encoder(element_oid: Oid, format_code: int) -> ValueEncoder:
    encode = value_encoder(element_oid, format_code)
    if format_code:
        return lambda elements: array_binary(elements, element_oid, encode)
    return lambda elements: array_text(elements, encode)


def plain_value(value: object, oid: int) -> Plain:
    """What `value_encoder`'s functions take, from what Python programs hold."""
    match value:
        case bool():
            return value
        case int() if oid == Oid.NUMERIC:
            return Decimal(value)
        case int() if oid in (Oid.FLOAT4, Oid.FLOAT8):
            return float(value)
        case datetime():
            return _plain_datetime(value, oid)
        case date():
            return value.toordinal() - _EPOCH_DAY
        case time():
            return _plain_time(value, oid)
        case timedelta():
            micros = value // _MICROSECOND
            days, rest = divmod(micros, datetimes.DAY_MICROSECONDS)
            return Interval(0, days, rest)
        case UUID():
            return str(value)
        case _:
            return value


def _plain_datetime(value: datetime, oid: int) -> Plain:
    if oid == Oid.DATE:
        return value.toordinal() - _EPOCH_DAY
    if oid == Oid.TIMESTAMP:
        return (value.replace(tzinfo=None) - _EPOCH) // _MICROSECOND
    aware = value if value.tzinfo is not None else value.replace(tzinfo=UTC)
    offset = aware.utcoffset() or timedelta()
    return (aware.replace(tzinfo=None) - _EPOCH) // _MICROSECOND, int(offset.total_seconds())


def _plain_time(value: time, oid: int) -> Plain:
    of_day = ((value.hour * 60 + value.minute) * 60 + value.second) * 1_000_000
    of_day += value.microsecond
    if oid != Oid.TIMETZ:
        return of_day
    offset = value.utcoffset() or timedelta()
    return of_day, int(offset.total_seconds())


def _bool_text(value: bool) -> bytes:
    return b"t" if value else b"f"


def _integer_text(bits: int) -> ValueEncoder:
    limit = 1 << (bits - 1)

    def encode(value: int) -> bytes:
        if not -limit <= value < limit:
            raise ProtocolError(SqlState.NUMERIC_VALUE_OUT_OF_RANGE, "integer out of range")
        return b"%d" % value

    return encode


def _packed(layout: str) -> ValueEncoder:
    pack = struct.Struct(layout).pack

    def encode(value: Plain) -> bytes:
        try:
            return pack(value)
        except (struct.error, OverflowError) as error:
            raise ProtocolError(
                SqlState.NUMERIC_VALUE_OUT_OF_RANGE, "value out of range"
            ) from error

    return encode


def _float(layout: str) -> ValueEncoder:
    pack = _packed(layout)
    # NaNs differ in bits that mean nothing; PostgreSQL sends one of them.
    return lambda value: pack(math.nan if math.isnan(value) else value)


def _ascii(text_of: Callable[[Plain], str]) -> ValueEncoder:
    return lambda value: text_of(value).encode("ascii")


def _timetz_text(value: tuple[int, int]) -> str:
    of_day, offset = value
    return datetimes.time_text(of_day) + datetimes.offset_text(offset)


def _timestamptz_text(value: tuple[int, int]) -> str:
    local, offset = value
    return datetimes.timestamp_text(local, datetimes.offset_text(offset))


def _timestamptz_binary(value: tuple[int, int]) -> bytes:
    local, offset = value
    return datetimes.timestamp_binary(local - offset * 1_000_000)


def _timetz_binary(value: tuple[int, int]) -> bytes:
    of_day, offset = value
    # The binary form counts seconds west.
    return struct.pack("!qi", of_day, -offset)


def _interval_binary(value: Interval) -> bytes:
    return struct.pack("!qii", value.microseconds, value.days, value.months)


def _redshift_interval_binary(value: Interval) -> bytes:
    return struct.pack("!qhh", value.microseconds, value.days, value.months)


def _year_to_month_binary(value: Interval) -> bytes:
    return struct.pack("!i", value.months)


def _day_to_second_binary(value: Interval) -> bytes:
    return struct.pack("!q", value.days * datetimes.DAY_MICROSECONDS + value.microseconds)


def _bytea_text(value: bytes) -> bytes:
    return b"\\x" + value.hex().encode("ascii")


def _varbyte_text(value: bytes) -> bytes:
    return value.hex().encode("ascii")


def _uuid_binary(value: str) -> bytes:
    return UUID(value).bytes


_TEXT: dict[int, ValueEncoder] = {
    Oid.BOOL: _bool_text,
    Oid.INT2: _integer_text(16),
    Oid.INT4: _integer_text(32),
    Oid.INT8: _integer_text(64),
    Oid.OID: _integer_text(64),
    Oid.XID: _integer_text(64),
    Oid.REGPROC: _integer_text(64),
    Oid.FLOAT4: _ascii(numbers.float4_text),
    Oid.FLOAT8: _ascii(numbers.float8_text),
    Oid.NUMERIC: _ascii(numbers.numeric_text),
    Oid.DATE: _ascii(datetimes.date_text),
    Oid.TIME: _ascii(datetimes.time_text),
    Oid.TIMETZ: _ascii(_timetz_text),
    Oid.TIMESTAMP: _ascii(datetimes.timestamp_text),
    Oid.TIMESTAMPTZ: _ascii(_timestamptz_text),
    Oid.INTERVAL: _ascii(interval_text),
    Oid.INTERVALY2M: _ascii(interval_text),
    Oid.INTERVALD2S: _ascii(interval_text),
    Oid.BYTEA: _bytea_text,
    Oid.VARBYTE: _varbyte_text,
    Oid.UUID: str.encode,
}

_BINARY: dict[int, ValueEncoder] = {
    Oid.BOOL: _packed("!?"),
    Oid.INT2: _packed("!h"),
    Oid.INT4: _packed("!i"),
    Oid.INT8: _packed("!q"),
    Oid.OID: _packed("!I"),
    Oid.XID: _packed("!I"),
    Oid.REGPROC: _packed("!I"),
    Oid.FLOAT4: _float("!f"),
    Oid.FLOAT8: _float("!d"),
    Oid.NUMERIC: numbers.numeric_binary,
    Oid.DATE: datetimes.date_binary,
    Oid.TIME: _packed("!q"),
    Oid.TIMETZ: _timetz_binary,
    Oid.TIMESTAMP: datetimes.timestamp_binary,
    Oid.TIMESTAMPTZ: _timestamptz_binary,
    Oid.INTERVAL: _interval_binary,
    Oid.INTERVALY2M: _year_to_month_binary,
    Oid.INTERVALD2S: _day_to_second_binary,
    Oid.BYTEA: bytes,
    Oid.VARBYTE: bytes,
    Oid.UUID: _uuid_binary,
}

_REDSHIFT_BINARY: dict[int, ValueEncoder] = {Oid.INTERVAL: _redshift_interval_binary}
