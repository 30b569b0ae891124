"""Arrow's types as a client sees them: which OID, size and typmod a column of a batch has.

It must not know how values are written, nor what the columns mean in any catalog: a caller who
knows better (SUPER, char(n), oid, ...) changes the descriptions before it encodes with them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from redshare.wire.pg.arrays import ELEMENTS
from redshare.wire.pg.backend import FieldDescription
from redshare.wire.pg.errors import ProtocolError
from redshare.wire.pg.sqlstate import SqlState
from redshare.wire.pg.types import (
    MAX_NUMERIC_PRECISION,
    TEXT_OIDS,
    TYPES,
    Oid,
    numeric_precision_and_scale,
    numeric_typmod,
    type_name,
)


@dataclass(frozen=True, slots=True)
class ColumnType:
    """What RowDescription says of a column's type."""

    oid: int
    size: int
    typmod: int = -1


def column_type(arrow_type: pa.DataType) -> ColumnType:
    """The SQL type that stands for an Arrow type. Raises: ProtocolError if none does."""
    if pa.types.is_decimal(arrow_type):
        return ColumnType(Oid.NUMERIC, -1, _decimal_typmod(arrow_type))
    oid = _oid(arrow_type)
    return ColumnType(oid, TYPES[oid].size, _UINT64_TYPMOD if oid == Oid.NUMERIC else -1)


def describe_columns(
    schema: pa.Schema, names: Sequence[str] | None = None, formats: Sequence[int] = ()
) -> list[FieldDescription]:
    """A description of each column; `names` replaces the schema's own, `formats` as in Bind."""
    shown = schema.names if names is None else names
    return [
        _describe(name, column_type(arrow_type), format_code)
        for name, arrow_type, format_code in zip(
            shown, schema.types, column_formats(formats, len(schema)), strict=True
        )
    ]


def column_formats(formats: Sequence[int], columns: int) -> Sequence[int]:
    """One format code a column, from a Bind's list: none is text, one is for all."""
    match len(formats):
        case 0:
            return [0] * columns
        case 1:
            return [formats[0]] * columns
        case given if given == columns:
            return formats
        case given:
            raise ProtocolError(
                SqlState.PROTOCOL_VIOLATION,
                f"bind message has {given} result formats but query has {columns} columns",
            )


def is_document(arrow_type: pa.DataType) -> bool:
    """Is it a type whose values are shown as JSON?"""
    return pa.types.is_nested(arrow_type) and not (
        pa.types.is_run_end_encoded(arrow_type) or pa.types.is_union(arrow_type)
    )


def storage_type(column: ColumnType, arrow_type: pa.DataType) -> pa.DataType:
    """The one Arrow type in which the encoders take values of this SQL type.

    Raises: ProtocolError if values of `arrow_type` are not of this SQL type.
    """
    if column.oid in TEXT_OIDS:
        # Nested values travel as the text of their JSON.
        return arrow_type if is_document(arrow_type) else _text_storage(arrow_type)
    if column.oid in ELEMENTS:
        return pa.list_(storage_type(ColumnType(ELEMENTS[column.oid], -1), pa.null()))
    if column.oid == Oid.NUMERIC:
        return _numeric_storage(column, arrow_type)
    if column.oid == Oid.TIMESTAMPTZ:
        zone = arrow_type.tz if pa.types.is_timestamp(arrow_type) else None
        return pa.timestamp("us", zone or "UTC")
    if column.oid in _INTERVALS:
        return pa.duration("us") if pa.types.is_duration(arrow_type) else _INTERVAL
    try:
        return _STORAGE[column.oid]
    except KeyError as error:
        raise ProtocolError(
            SqlState.FEATURE_NOT_SUPPORTED, f"no output for type {type_name(column.oid)}"
        ) from error


def _describe(name: str, column: ColumnType, format_code: int) -> FieldDescription:
    return FieldDescription(name, column.oid, column.size, column.typmod, format_code)


def _oid(arrow_type: pa.DataType) -> Oid:
    common = _OIDS.get(arrow_type)
    if common is not None:
        return common
    if isinstance(arrow_type, pa.DictionaryType):
        return _oid(arrow_type.value_type)
    if isinstance(arrow_type, pa.UuidType):
        return Oid.VARCHAR
    if pa.types.is_timestamp(arrow_type):
        return Oid.TIMESTAMP if arrow_type.tz is None else Oid.TIMESTAMPTZ
    if pa.types.is_fixed_size_binary(arrow_type):
        return Oid.VARBYTE
    if pa.types.is_time(arrow_type):
        return Oid.TIME
    if pa.types.is_duration(arrow_type):
        return Oid.INTERVAL
    if is_document(arrow_type):
        return Oid.SUPER
    raise ProtocolError(
        SqlState.FEATURE_NOT_SUPPORTED, f"no SQL type stands for Arrow type {arrow_type}"
    )


def _decimal_typmod(arrow_type: pa.DataType) -> int:
    precision, scale = arrow_type.precision, arrow_type.scale
    # A negative scale is trailing zeros: they count as digits here.
    return numeric_typmod(precision - min(scale, 0), max(scale, 0))


def _numeric_storage(column: ColumnType, arrow_type: pa.DataType) -> pa.DataType:
    known = numeric_precision_and_scale(column.typmod)
    if known is not None:
        return pa.decimal128(*known)
    if pa.types.is_decimal(arrow_type) and arrow_type.scale >= 0:
        return pa.decimal128(MAX_NUMERIC_PRECISION, arrow_type.scale)
    return pa.decimal128(MAX_NUMERIC_PRECISION, 0)


def _text_storage(arrow_type: pa.DataType) -> pa.DataType:
    if pa.types.is_large_string(arrow_type) or pa.types.is_large_binary(arrow_type):
        return pa.large_string()
    return pa.string()


_UINT64_TYPMOD = numeric_typmod(20, 0)
_INTERVAL = pa.month_day_nano_interval()
_INTERVALS = frozenset({Oid.INTERVAL, Oid.INTERVALY2M, Oid.INTERVALD2S})

_OIDS: dict[pa.DataType, Oid] = {
    pa.null(): Oid.UNKNOWN,
    pa.bool_(): Oid.BOOL,
    pa.int8(): Oid.INT2,
    pa.uint8(): Oid.INT2,
    pa.int16(): Oid.INT2,
    pa.uint16(): Oid.INT4,
    pa.int32(): Oid.INT4,
    pa.uint32(): Oid.INT8,
    pa.int64(): Oid.INT8,
    pa.uint64(): Oid.NUMERIC,
    pa.float16(): Oid.FLOAT4,
    pa.float32(): Oid.FLOAT4,
    pa.float64(): Oid.FLOAT8,
    pa.string(): Oid.VARCHAR,
    pa.large_string(): Oid.VARCHAR,
    pa.string_view(): Oid.VARCHAR,
    pa.binary(): Oid.VARBYTE,
    pa.large_binary(): Oid.VARBYTE,
    pa.binary_view(): Oid.VARBYTE,
    pa.date32(): Oid.DATE,
    pa.date64(): Oid.DATE,
    _INTERVAL: Oid.INTERVAL,
}

_STORAGE: dict[int, pa.DataType] = {
    Oid.BOOL: pa.bool_(),
    Oid.INT2: pa.int16(),
    Oid.INT4: pa.int32(),
    Oid.INT8: pa.int64(),
    Oid.OID: pa.uint32(),
    Oid.XID: pa.uint32(),
    Oid.REGPROC: pa.uint32(),
    Oid.FLOAT4: pa.float32(),
    Oid.FLOAT8: pa.float64(),
    Oid.DATE: pa.date32(),
    Oid.TIME: pa.time64("us"),
    Oid.TIMETZ: pa.time64("us"),
    Oid.TIMESTAMP: pa.timestamp("us"),
    Oid.BYTEA: pa.binary(),
    Oid.VARBYTE: pa.binary(),
    Oid.UUID: pa.string(),
}
