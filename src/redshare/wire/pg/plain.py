"""Columns of a batch to wire values, one Python value at a time: for batches of few rows.

A vectorised kernel costs tens of microseconds however short its input, so below some dozens of
rows plain Python is faster. It gives the same bytes as `vector`. It must not know messages.
"""

from __future__ import annotations

import json
from datetime import date, datetime, time
from decimal import Decimal

import pyarrow as pa

from redshare.wire.pg.arrow import ColumnType, is_document
from redshare.wire.pg.interval import Interval
from redshare.wire.pg.numbers import float8_text
from redshare.wire.pg.types import TEXT_OIDS, Oid
from redshare.wire.pg.values import Plain, value_encoder
from redshare.wire.pg.zones import UTC_NAMES, local_microseconds


def encode_plain_column(
    array: pa.Array, column: ColumnType, format_code: int, *, redshift: bool
) -> list[bytes | None]:
    """The column's values as they stand in a DataRow."""
    encode = value_encoder(column.oid, format_code, typmod=column.typmod, redshift=redshift)
    return [None if value is None else encode(value) for value in plain_values(array, column)]


def plain_values(array: pa.Array, column: ColumnType) -> list[Plain]:
    """A column in its storage type as the plain values that `value_encoder` is about."""
    if column.oid in TEXT_OIDS and is_document(array.type):
        return [None if value is None else json_text(value) for value in array.to_pylist()]
    match column.oid:
        case Oid.DATE:
            return list(array.view(pa.int32()).to_pylist())
        case Oid.TIME | Oid.TIMESTAMP:
            return list(array.view(pa.int64()).to_pylist())
        case Oid.TIMETZ:
            # The engine keeps times with a zone in UTC.
            return _with_offsets(array.view(pa.int64()).to_pylist(), 0)
        case Oid.TIMESTAMPTZ:
            return _zoned(array)
        case Oid.INTERVAL | Oid.INTERVALY2M | Oid.INTERVALD2S:
            return _intervals(array)
        case _:
            return list(array.to_pylist())


def json_text(value: object) -> str:
    """A nested value as compact JSON: what a SUPER column shows."""
    match value:
        case dict():
            members = (f"{_quoted(str(key))}:{json_text(item)}" for key, item in value.items())
            return "{" + ",".join(members) + "}"
        case list() | tuple():
            return "[" + ",".join(json_text(item) for item in value) + "]"
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            text = float8_text(value)
            return text if text[-1].isdigit() else _quoted(text)
        case Decimal():
            return f"{value:f}"
        case datetime():
            return _quoted(value.isoformat(sep=" "))
        case date() | time():
            return _quoted(value.isoformat())
        case bytes():
            return _quoted(value.hex())
        case _:
            return _quoted(str(value))


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _with_offsets(values: list[int | None], offset: int) -> list[tuple[int, int] | None]:
    return [None if value is None else (value, offset) for value in values]


def _zoned(array: pa.Array) -> list[tuple[int, int] | None]:
    instants = array.view(pa.int64()).to_pylist()
    if array.type.tz in UTC_NAMES:
        return _with_offsets(instants, 0)
    local = local_microseconds(array).to_pylist()
    return [
        None if at is None else (here, (here - at) // 1_000_000)
        for here, at in zip(local, instants, strict=True)
    ]


def _intervals(array: pa.Array) -> list[Interval | None]:
    if pa.types.is_duration(array.type):
        return [
            None if micros is None else Interval(0, 0, micros)
            for micros in array.view(pa.int64()).to_pylist()
        ]
    return [
        None if value is None else Interval(value.months, value.days, value.nanoseconds // 1_000)
        for value in array.to_pylist()
    ]
