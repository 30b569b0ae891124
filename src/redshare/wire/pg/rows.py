"""Arrow record batches to DataRow messages.

Batches of few rows go through plain Python, larger ones through numpy and Arrow's kernels; both
give the same bytes. The descriptions given (or made from the schema) say as what a column is
sent, whatever Arrow type its values came in. It must not know queries, portals or sockets.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from redshare.wire.pg.arrow import (
    ColumnType,
    column_formats,
    column_type,
    describe_columns,
    storage_type,
)
from redshare.wire.pg.backend import MAX_FIELDS, FieldDescription
from redshare.wire.pg.errors import ProtocolError
from redshare.wire.pg.plain import encode_plain_column
from redshare.wire.pg.sqlstate import SqlState
from redshare.wire.pg.types import type_name
from redshare.wire.pg.vector import encode_vector_rows

# Below this a vectorised kernel's start costs more than the rows do.
PLAIN_ROWS = 32
# Arrow's offsets have 32 bits: larger batches are cut in two, and again. The bounds leave room
# for text that is longer than the values: twice for bytes in hex, some 60 bytes for others.
MAX_BATCH_BYTES = 1 << 28
MAX_BATCH_CELLS = 1 << 23

_NULL = b"\xff\xff\xff\xff"


def encode_batch(
    batch: pa.RecordBatch,
    formats: Sequence[int] = (),
    redshift_binary: bool = False,
    fields: Sequence[FieldDescription] | None = None,
) -> list[bytes | memoryview]:
    """The rows as concatenated DataRow messages, in as many buffers as the sizes ask for.

    `formats` as in Bind. Raises: ProtocolError if a value does not fit its column's type.
    """
    codes = column_formats(formats, batch.num_columns)
    if batch.num_columns > MAX_FIELDS:
        raise ProtocolError(SqlState.TOO_MANY_COLUMNS, f"a row has more than {MAX_FIELDS} columns")
    columns = _column_types(batch, fields)
    arrays = [_stored(array, column) for array, column in zip(batch.columns, columns, strict=True)]
    if batch.num_rows == 0:
        return []
    if batch.num_rows <= PLAIN_ROWS:
        return [encode_plain_rows(arrays, columns, codes, batch.num_rows, redshift_binary)]
    return _encode_large(arrays, columns, codes, batch.num_rows, redshift_binary)


def text_columns(
    batch: pa.RecordBatch, fields: Sequence[FieldDescription]
) -> list[list[str | None]]:
    """The values of each column in the text format, for who sends them in another protocol.

    Raises: ProtocolError if a value does not fit its column's type.
    """
    columns = _column_types(batch, fields)
    encoded = [
        encode_plain_column(_stored(array, column), column, 0, redshift=False)
        for array, column in zip(batch.columns, columns, strict=True)
    ]
    return [[None if v is None else v.decode() for v in values] for values in encoded]


def encode_plain_rows(
    arrays: Sequence[pa.Array],
    columns: Sequence[ColumnType],
    codes: Sequence[int],
    rows: int,
    redshift: bool,
) -> bytes:
    """The rows of columns in their storage types, one Python value at a time."""
    encoded = [
        encode_plain_column(array, column, code, redshift=redshift)
        for array, column, code in zip(arrays, columns, codes, strict=True)
    ]
    count = struct.pack("!h", len(columns))
    messages: list[bytes] = []
    for row in range(rows):
        parts = [count]
        for values in encoded:
            value = values[row]
            parts.append(_NULL if value is None else len(value).to_bytes(4, "big") + value)
        body = b"".join(parts)
        messages.append(b"D" + (len(body) + 4).to_bytes(4, "big") + body)
    return b"".join(messages)


def _encode_large(
    arrays: Sequence[pa.Array],
    columns: Sequence[ColumnType],
    codes: Sequence[int],
    rows: int,
    redshift: bool,
) -> list[bytes | memoryview]:
    if rows > 1 and _is_too_large(arrays, rows):
        half = rows // 2
        first = [array.slice(0, half) for array in arrays]
        second = [array.slice(half) for array in arrays]
        return _encode_large(first, columns, codes, half, redshift) + _encode_large(
            second, columns, codes, rows - half, redshift
        )
    if rows <= PLAIN_ROWS:
        return [encode_plain_rows(arrays, columns, codes, rows, redshift)]
    return [encode_vector_rows(arrays, columns, codes, rows, redshift=redshift)]


def _is_too_large(arrays: Sequence[pa.Array], rows: int) -> bool:
    if rows * len(arrays) > MAX_BATCH_CELLS:
        return True
    return bool(sum(array.nbytes for array in arrays) > MAX_BATCH_BYTES)


def _column_types(
    batch: pa.RecordBatch, fields: Sequence[FieldDescription] | None
) -> list[ColumnType]:
    if fields is None:
        return [column_type(arrow_type) for arrow_type in batch.schema.types]
    if len(fields) != batch.num_columns:
        raise ProtocolError(
            SqlState.INTERNAL_ERROR,
            f"a batch of {batch.num_columns} columns does not have the {len(fields)} described",
        )
    return [ColumnType(field.type_oid, field.type_size, field.type_modifier) for field in fields]


def _stored(array: pa.Array, column: ColumnType) -> pa.Array:
    """The column in the Arrow type the encoders take; a value that does not fit is an error."""
    if isinstance(array.type, pa.UuidType):
        array = pa.array([None if value is None else str(value) for value in array.to_pylist()])
    wanted = storage_type(column, array.type)
    if array.type == wanted:
        return array
    try:
        if pa.types.is_decimal(wanted) and pa.types.is_integer(array.type):
            # Straight to a scale, Arrow asks for digits that the values do not have.
            array = array.cast(pa.decimal128(20, 0))
        # Nanoseconds lose what the wire cannot show.
        options = pc.CastOptions(target_type=wanted, allow_time_truncate=True)
        return array.cast(options=options)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise ProtocolError(
            SqlState.DATATYPE_MISMATCH,
            f"values of Arrow type {array.type} cannot be sent as type {type_name(column.oid)}",
        ) from error


__all__ = [
    "PLAIN_ROWS",
    "ColumnType",
    "column_type",
    "describe_columns",
    "encode_batch",
    "encode_plain_rows",
    "text_columns",
]
