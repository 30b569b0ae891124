"""Whole columns in text format, by type OID.

Arrow's casts to string do most of it; the few values that they write otherwise than PostgreSQL
(exponents, years beyond four digits) are rewritten one by one. It must not know messages.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from redshare.wire.pg import datetimes
from redshare.wire.pg.numbers import (
    FLOAT4_DIGITS,
    FLOAT4_TIES,
    FLOAT8_DIGITS,
    FLOAT8_TIES,
    float4_text,
    float8_text,
    float_layout,
)
from redshare.wire.pg.types import (
    Oid,
)
from redshare.wire.pg.values import Plain
from redshare.wire.pg.vector_column import (
    EncodedColumn,
    Prefixed,
    filled,
    fixed_or_varying,
    integers,
    items,
    one_by_one,
    rewritten,
    varying,
)
from redshare.wire.pg.vector_datetime import date_lines, timestamp_lines
from redshare.wire.pg.zones import local_microseconds

# Within these bounds Arrow writes floats as PostgreSQL does; outside they are rewritten.
_PLAIN_FLOAT8 = (1e-4, 1e9)
_PLAIN_FLOAT4 = (1e-4, 1e6)
# Up to this scale it writes no decimal with an exponent.
_PLAIN_SCALE = 6
# Integers that are looked up.
_FIRST_KNOWN, _LAST_KNOWN = -999, 99_999
_KNOWN_NULL = _LAST_KNOWN + 1 - _FIRST_KNOWN


def _int_text(array: pa.Array) -> EncodedColumn:
    """Small numbers are looked up, with their lengths before them."""
    values = filled(array)
    if int(values.min()) < _FIRST_KNOWN or int(values.max()) > _LAST_KNOWN:
        return varying(array.cast(pa.string()))
    places = values.astype(np.int32) - _FIRST_KNOWN
    if array.null_count:
        places[array.is_null().to_numpy(zero_copy_only=False)] = _KNOWN_NULL
    return Prefixed(_known_ints().take(pa.array(places)))


@cache
def _known_ints() -> pa.Array:
    """Each with its length before it; behind the last, NULL."""
    texts = [b"%d" % value for value in range(_FIRST_KNOWN, _LAST_KNOWN + 1)]
    prefixed = [len(text).to_bytes(4, "big") + text for text in texts]
    return pa.array([*prefixed, b"\xff\xff\xff\xff"], pa.binary())


def _bool_text(array: pa.Array) -> EncodedColumn:
    flags = pc.fill_null(array, False).to_numpy(zero_copy_only=False)
    return fixed_or_varying(array, np.where(flags, np.uint8(ord("t")), np.uint8(ord("f"))))


def _float4_text(array: pa.Array) -> EncodedColumn:
    return _float_text(array, _PLAIN_FLOAT4, FLOAT4_DIGITS, FLOAT4_TIES, float4_text)


def _float8_text(array: pa.Array) -> EncodedColumn:
    return _float_text(array, _PLAIN_FLOAT8, FLOAT8_DIGITS, FLOAT8_TIES, float8_text)


def _float_text(
    array: pa.Array,
    bounds: tuple[float, float],
    digits: int,
    ties: float,
    text_of: Callable[[Plain], str],
) -> EncodedColumn:
    texts = array.cast(pa.string())
    values = np.abs(pc.fill_null(array, 0.0).to_numpy(zero_copy_only=False))
    plain = ((values >= bounds[0]) & (values < bounds[1])) | (values == 0)
    texts = rewritten(texts, ~plain, texts, lambda text: float_layout(text, digits))
    return varying(rewritten(texts, values >= ties, array, text_of))


def _numeric_text(array: pa.Array) -> EncodedColumn:
    texts = array.cast(pa.string())
    if 0 <= array.type.scale <= _PLAIN_SCALE:
        return varying(texts)
    scientific = pc.fill_null(pc.match_substring(texts, "E"), False)
    mask = scientific.to_numpy(zero_copy_only=False)
    return varying(rewritten(texts, mask, array, lambda value: f"{value:f}"))


def _date_text(array: pa.Array) -> EncodedColumn:
    days = filled(array.cast(pa.int32()))
    lines = date_lines(days)
    if lines is not None:
        return fixed_or_varying(array, items(lines))
    odd = (days < datetimes.FIRST_PLAIN_DAY) | (days > datetimes.LAST_PLAIN_DAY)
    texts = array.cast(pa.string())
    return varying(rewritten(texts, odd, array.cast(pa.int32()), datetimes.date_text))


def _time_text(array: pa.Array) -> EncodedColumn:
    return varying(_trimmed(array))


def _timetz_text(array: pa.Array) -> EncodedColumn:
    return varying(pc.binary_join_element_wise(_trimmed(array), "+00", ""))


def _timestamp_text(array: pa.Array) -> EncodedColumn:
    lines = timestamp_lines(integers(array))
    if lines is not None:
        return fixed_or_varying(array, items(lines))
    return varying(_local_text(array.cast(pa.int64()), None))


def _timestamptz_text(array: pa.Array) -> EncodedColumn:
    local = local_microseconds(array)
    seconds = (integers(local) - integers(array)) // 1_000_000
    unique, inverse = np.unique(seconds, return_inverse=True)
    texts = [datetimes.offset_text(int(offset)) for offset in unique]
    return varying(_local_text(local, pa.array(texts).take(pa.array(inverse))))


def _local_text(local: pa.Array, offsets: pa.Array | None) -> pa.Array:
    micros = integers(local)
    odd = (micros < datetimes.FIRST_PLAIN_MICROSECOND) | (micros > datetimes.LAST_PLAIN_MICROSECOND)
    texts = _trimmed(local.cast(pa.timestamp("us")))
    if offsets is None:
        return rewritten(texts, odd, local, datetimes.timestamp_text)
    texts = pc.binary_join_element_wise(texts, offsets, "")
    if not odd.any():
        return texts
    pairs = pa.StructArray.from_arrays([local, offsets], ["at", "offset"])
    return rewritten(texts, odd, pairs, _odd_timestamp)


def _odd_timestamp(pair: dict[str, Plain]) -> str | None:
    at = pair["at"]
    return None if at is None else datetimes.timestamp_text(at, pair["offset"])


def _trimmed(array: pa.Array) -> pa.Array:
    """Arrow always writes six digits of fraction; PostgreSQL none that is zero."""
    return pc.utf8_rtrim(pc.utf8_rtrim(array.cast(pa.string()), "0"), ".")


def _bytea_text(array: pa.Array) -> EncodedColumn:
    return one_by_one(_hex(array, b"\\x"))


def _varbyte_text(array: pa.Array) -> EncodedColumn:
    return one_by_one(_hex(array, b""))


def _hex(array: pa.Array, prefix: bytes) -> list[bytes | None]:
    return [
        None if value is None else prefix + value.hex().encode("ascii")
        for value in array.to_pylist()
    ]


TEXT_ENCODERS: dict[int, Callable[[pa.Array], EncodedColumn]] = {
    Oid.BOOL: _bool_text,
    Oid.INT2: _int_text,
    Oid.INT4: _int_text,
    Oid.INT8: _int_text,
    Oid.OID: _int_text,
    Oid.XID: _int_text,
    Oid.REGPROC: _int_text,
    Oid.FLOAT4: _float4_text,
    Oid.FLOAT8: _float8_text,
    Oid.NUMERIC: _numeric_text,
    Oid.DATE: _date_text,
    Oid.TIME: _time_text,
    Oid.TIMETZ: _timetz_text,
    Oid.TIMESTAMP: _timestamp_text,
    Oid.TIMESTAMPTZ: _timestamptz_text,
    Oid.BYTEA: _bytea_text,
    Oid.VARBYTE: _varbyte_text,
    Oid.UUID: varying,
}
