"""Whole columns in binary format, by type OID: numpy turns their bytes round.

It must not know messages.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa

from redshare.wire.pg.arrow import ColumnType
from redshare.wire.pg.datetimes import (
    FIRST_DAY,
    FIRST_MICROSECOND,
    POSTGRES_EPOCH_DAYS,
    POSTGRES_EPOCH_MICROSECONDS,
    out_of_range,
)
from redshare.wire.pg.types import (
    MAX_SHORT_NUMERIC_PRECISION,
    Oid,
    numeric_precision_and_scale,
)
from redshare.wire.pg.vector_column import (
    EncodedColumn,
    Ints,
    Mask,
    Varying,
    binary_array,
    filled,
    fixed_or_varying,
    integers,
    items,
    varying,
)
from redshare.wire.pg.vector_numeric import numeric_matrix, unscaled_int64

_TIMETZ = np.dtype([("micros", ">i8"), ("zone", ">i4")])


def _packed(layout: str) -> Callable[[pa.Array], EncodedColumn]:
    return lambda array: fixed_or_varying(array, filled(array), layout)


def _float(layout: str) -> Callable[[pa.Array], EncodedColumn]:
    def encode(array: pa.Array) -> EncodedColumn:
        values = filled(array)
        # NaNs differ in bits that mean nothing; PostgreSQL sends one of them.
        one_nan = np.where(np.isnan(values), values.dtype.type(np.nan), values)
        return fixed_or_varying(array, one_nan, layout)

    return encode


def _bool_binary(array: pa.Array) -> EncodedColumn:
    return fixed_or_varying(array, filled(array.cast(pa.uint8())), ">u1")


def _date_binary(array: pa.Array) -> EncodedColumn:
    days = filled(array.cast(pa.int32()))
    _check_first(days, FIRST_DAY, "date")
    return fixed_or_varying(array, days - POSTGRES_EPOCH_DAYS, ">i4")


def _time_binary(array: pa.Array) -> EncodedColumn:
    return fixed_or_varying(array, integers(array), ">i8")


def _timetz_binary(array: pa.Array) -> EncodedColumn:
    times = np.zeros(len(array), _TIMETZ)
    times["micros"] = integers(array)
    return fixed_or_varying(array, times)


def _timestamp_binary(array: pa.Array) -> EncodedColumn:
    micros = integers(array)
    _check_first(micros, FIRST_MICROSECOND, "timestamp")
    return fixed_or_varying(array, micros - POSTGRES_EPOCH_MICROSECONDS, ">i8")


def _check_first(values: Ints, first: int, name: str) -> None:
    if values.min() < first:
        raise out_of_range(name)


def numeric_binary(array: pa.Array, column: ColumnType, *, redshift: bool) -> EncodedColumn | None:
    """Both binary forms of numeric; None where values must be encoded one by one."""
    if not redshift:
        unscaled = unscaled_int64(array)
        if unscaled is None:
            return None
        data, lengths = numeric_matrix(unscaled, array.type.scale, _valid(array))
        offsets = np.concatenate(([0], np.cumsum(np.maximum(lengths, 0))))
        return Varying(lengths, binary_array(data, offsets))
    known = numeric_precision_and_scale(column.typmod)
    if known is None:
        return None
    little = np.frombuffer(array.buffers()[1], np.uint8).reshape(-1, 16)
    rows = little[array.offset : array.offset + len(array)]
    width = 8 if known[0] <= MAX_SHORT_NUMERIC_PRECISION else 16
    return fixed_or_varying(array, items(rows[:, width - 1 :: -1]))


def _valid(array: pa.Array) -> Mask:
    valid: Mask = array.is_valid().to_numpy(zero_copy_only=False)
    return valid


BINARY_ENCODERS: dict[int, Callable[[pa.Array], EncodedColumn]] = {
    Oid.BOOL: _bool_binary,
    Oid.INT2: _packed(">i2"),
    Oid.INT4: _packed(">i4"),
    Oid.INT8: _packed(">i8"),
    Oid.OID: _packed(">u4"),
    Oid.XID: _packed(">u4"),
    Oid.REGPROC: _packed(">u4"),
    Oid.FLOAT4: _float(">f4"),
    Oid.FLOAT8: _float(">f8"),
    Oid.DATE: _date_binary,
    Oid.TIME: _time_binary,
    Oid.TIMETZ: _timetz_binary,
    Oid.TIMESTAMP: _timestamp_binary,
    Oid.TIMESTAMPTZ: _timestamp_binary,
    Oid.BYTEA: varying,
    Oid.VARBYTE: varying,
}
