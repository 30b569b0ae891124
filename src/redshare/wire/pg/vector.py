"""Columns of a batch to DataRow messages, all rows at once, by numpy and Arrow's kernels.

Each column is encoded on its own; lengths, values and message heads are then joined row by row
in one kernel, whose data buffer is the wire's bytes. Neighbouring matrices are glued together
before. It must not know in which case this pays off: that is for `rows`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from redshare.wire.pg.arrow import ColumnType, is_document
from redshare.wire.pg.errors import ProtocolError
from redshare.wire.pg.plain import encode_plain_column
from redshare.wire.pg.sqlstate import SqlState
from redshare.wire.pg.types import (
    TEXT_OIDS,
    Oid,
)
from redshare.wire.pg.vector_binary import BINARY_ENCODERS, numeric_binary
from redshare.wire.pg.vector_column import (
    Bytes2D,
    EncodedColumn,
    Fixed,
    Varying,
    big_endian,
    lines_of,
    one_by_one,
    varying,
)
from redshare.wire.pg.vector_text import TEXT_ENCODERS

_MAX_MESSAGES_BYTES = 2**31 - 1
_HEAD_BYTES = 7  # 'D', the message's length, the count of values


def encode_vector_rows(
    arrays: Sequence[pa.Array],
    columns: Sequence[ColumnType],
    codes: Sequence[int],
    rows: int,
    *,
    redshift: bool,
) -> memoryview:
    """The DataRow messages of columns in their storage types."""
    encoded = [
        _encode(array, column, code, redshift=redshift)
        for array, column, code in zip(arrays, columns, codes, strict=True)
    ]
    body_lengths = np.full(rows, _HEAD_BYTES - 1, np.int64)
    for part in encoded:
        body_lengths += 4 + np.maximum(part.lengths(), 0)
    if int(body_lengths.sum()) + rows > _MAX_MESSAGES_BYTES:
        raise ProtocolError(SqlState.PROGRAM_LIMIT_EXCEEDED, "the rows are too large to be sent")
    head = np.empty((rows, _HEAD_BYTES), np.uint8)
    head[:, 0] = ord("D")
    head[:, 1:5] = big_endian(body_lengths, ">i4")
    head[:, 5:7] = np.frombuffer(len(columns).to_bytes(2, "big"), np.uint8)
    return _join(head, encoded)


def _join(head: Bytes2D, encoded: Sequence[EncodedColumn]) -> memoryview:
    parts: list[pa.Array] = []
    fixed: list[Bytes2D] = [head]
    for column in encoded:
        fixed.append(big_endian(column.lengths(), ">i4"))
        match column:
            case Fixed(matrix):
                fixed.append(matrix)
            case Varying(_, values):
                parts.extend((lines_of(np.hstack(fixed)), values))
                fixed = []
    if not parts:
        return memoryview(np.hstack(fixed).tobytes())
    if fixed:
        parts.append(lines_of(np.hstack(fixed)))
    joined = pc.binary_join_element_wise(*parts, pa.scalar(b"", pa.binary()))
    offsets = np.frombuffer(joined.buffers()[1], np.int32)
    first = int(offsets[joined.offset])
    last = int(offsets[joined.offset + len(joined)])
    return memoryview(joined.buffers()[2])[first:last]


def _encode(
    array: pa.Array, column: ColumnType, format_code: int, *, redshift: bool
) -> EncodedColumn:
    if column.oid in TEXT_OIDS and not is_document(array.type):
        return varying(array)
    if column.oid == Oid.NUMERIC and format_code:
        found = numeric_binary(array, column, redshift=redshift)
        if found is not None:
            return found
    else:
        encoder = (BINARY_ENCODERS if format_code else TEXT_ENCODERS).get(column.oid)
        if encoder is not None:
            return encoder(array)
    return one_by_one(encode_plain_column(array, column, format_code, redshift=redshift))
