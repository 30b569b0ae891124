"""Parameters of a Bind message to Python values, by type OID and format.

A value that is not of its type is a ProtocolError: 22P02 or 2200x for text, 22P03 for binary.
Types without a parser here are refused by name. It must not know statements or their types: the
caller says which OID a parameter has.

    bool int float Decimal str bytes date time datetime (aware for timestamptz) Interval

Dates and times reach from year 1 to 9999, as Python's do: others are out of range (22008).
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, timezone
from uuid import UUID

from redshare.wire.pg.datetimes import DAY_MICROSECONDS, out_of_range
from redshare.wire.pg.decode_datetime import MAX_ZONE_SECONDS
from redshare.wire.pg.decode_text import TEXT_DECODERS, Value
from redshare.wire.pg.errors import ProtocolError
from redshare.wire.pg.interval import Interval
from redshare.wire.pg.numbers import numeric_from_binary
from redshare.wire.pg.parse import text
from redshare.wire.pg.sqlstate import SqlState
from redshare.wire.pg.types import TEXT_OIDS, TYPES, Oid, type_name

_EPOCH = datetime(2000, 1, 1)  # noqa: DTZ001 PostgreSQL's, in whatever zone


def decode_parameter(data: bytes | None, oid: int, format_code: int) -> Value:
    """One parameter's value; NULL is None. Raises: ProtocolError."""
    if data is None:
        return None
    if oid == Oid.UNSPECIFIED or oid in TEXT_OIDS:
        return _text(data)
    if format_code:
        return _decode_binary(data, oid)
    decoder = TEXT_DECODERS.get(oid)
    if decoder is None:
        raise _refused(oid)
    return decoder(_text(data))


def _decode_binary(data: bytes, oid: int) -> Value:
    decoder = _BINARY_DECODERS.get(oid)
    if decoder is None:
        raise _refused(oid)
    try:
        return decoder(data)
    except struct.error as error:
        raise ProtocolError(
            SqlState.INVALID_BINARY_REPRESENTATION,
            f"incorrect binary data format for type {type_name(oid)}",
        ) from error


def _refused(oid: int) -> ProtocolError:
    info = TYPES.get(oid)
    what = "array type" if info is not None and info.is_array else "type"
    return ProtocolError(
        SqlState.FEATURE_NOT_SUPPORTED, f"parameters of {what} {type_name(oid)} are not supported"
    )


def _text(data: bytes) -> str:
    found = text(data)
    if "\0" in found:
        raise ProtocolError(
            SqlState.CHARACTER_NOT_IN_REPERTOIRE,
            'invalid byte sequence for encoding "UTF8": 0x00',
        )
    return found


def _unpacked(layout: str) -> Callable[[bytes], Value]:
    unpack = struct.Struct(layout).unpack

    def decode(data: bytes) -> Value:
        value: Value = unpack(data)[0]
        return value

    return decode


def _date_binary(data: bytes) -> date:
    (days,) = struct.unpack("!i", data)
    try:
        return _EPOCH.date() + timedelta(days=days)
    except OverflowError as error:
        raise out_of_range("date") from error


def _timestamp_binary(data: bytes) -> datetime:
    (micros,) = struct.unpack("!q", data)
    try:
        return _EPOCH + timedelta(microseconds=micros)
    except OverflowError as error:
        raise out_of_range("timestamp") from error


def _timestamptz_binary(data: bytes) -> datetime:
    return _timestamp_binary(data).replace(tzinfo=UTC)


def _time_binary(data: bytes) -> time:
    (micros,) = struct.unpack("!q", data)
    if not 0 <= micros < DAY_MICROSECONDS:
        raise out_of_range("time")
    return (_EPOCH + timedelta(microseconds=micros)).time()


def _timetz_binary(data: bytes) -> time:
    of_day, west = struct.unpack("!8si", data)
    if abs(west) >= MAX_ZONE_SECONDS:
        raise ProtocolError(
            SqlState.INVALID_TIME_ZONE_DISPLACEMENT_VALUE, "time zone displacement out of range"
        )
    return _time_binary(of_day).replace(tzinfo=timezone(timedelta(seconds=-west)))


def _interval_binary(data: bytes) -> Interval:
    # Amazon's drivers leave the two counts in two bytes each.
    micros, days, months = struct.unpack("!qhh" if len(data) == 12 else "!qii", data)
    return Interval(months, days, micros)


def _year_to_month_binary(data: bytes) -> Interval:
    return Interval(months=struct.unpack("!i", data)[0])


def _day_to_second_binary(data: bytes) -> Interval:
    days, micros = divmod(struct.unpack("!q", data)[0], DAY_MICROSECONDS)
    return Interval(days=days, microseconds=micros)


def _uuid_binary(data: bytes) -> str:
    return str(UUID(bytes=struct.unpack("!16s", data)[0]))


_BINARY_DECODERS: dict[int, Callable[[bytes], Value]] = {
    Oid.BOOL: _unpacked("!?"),
    Oid.INT2: _unpacked("!h"),
    Oid.INT4: _unpacked("!i"),
    Oid.INT8: _unpacked("!q"),
    Oid.OID: _unpacked("!I"),
    Oid.XID: _unpacked("!I"),
    Oid.REGPROC: _unpacked("!I"),
    Oid.FLOAT4: _unpacked("!f"),
    Oid.FLOAT8: _unpacked("!d"),
    Oid.NUMERIC: numeric_from_binary,
    Oid.DATE: _date_binary,
    Oid.TIME: _time_binary,
    Oid.TIMETZ: _timetz_binary,
    Oid.TIMESTAMP: _timestamp_binary,
    Oid.TIMESTAMPTZ: _timestamptz_binary,
    Oid.INTERVAL: _interval_binary,
    Oid.INTERVALY2M: _year_to_month_binary,
    Oid.INTERVALD2S: _day_to_second_binary,
    Oid.BYTEA: bytes,
    Oid.VARBYTE: bytes,
    Oid.UUID: _uuid_binary,
}
