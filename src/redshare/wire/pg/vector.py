"""Columns of a batch to DataRow messages, all rows at once, by numpy and Arrow's kernels.

Each column is encoded on its own; lengths, values and message heads are then joined row by row
in one kernel, whose data buffer is the wire's bytes. Neighbours of one size are records before.
It must not know in which case this pays off: that is for `rows`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

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
    EncodedColumn,
    Fixed,
    Ints,
    Items,
    Prefixed,
    Varying,
    lines_of,
    one_by_one,
    sizes,
    varying,
)
from redshare.wire.pg.vector_text import TEXT_ENCODERS

_MAX_MESSAGES_BYTES = 2**31 - 1
_LENGTH_BYTES = 4
_BYTE, _INT2, _INT4 = np.dtype(">u1"), np.dtype(">i2"), np.dtype(">i4")

#: A value of every row, or one for all, and how it goes on the wire.
_Field: TypeAlias = tuple[Items | int, np.dtype[Any]]


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
    head: list[_Field] = [
        (ord("D"), _BYTE),
        (_body_lengths(encoded, rows), _INT4),
        (len(columns), _INT2),
    ]
    return _join(head, encoded, rows)


def _body_lengths(encoded: Sequence[EncodedColumn], rows: int) -> Ints:
    same = _LENGTH_BYTES + 2
    lengths = np.zeros(rows, np.int64)
    for column in encoded:
        same += _LENGTH_BYTES
        match column:
            case Fixed(_, layout):
                same += layout.itemsize
            case Varying(some):
                lengths += np.maximum(some, 0)
            case Prefixed(values):
                lengths += sizes(values)
                same -= _LENGTH_BYTES
    lengths += same
    if int(lengths.sum()) + rows > _MAX_MESSAGES_BYTES:
        raise ProtocolError(SqlState.PROGRAM_LIMIT_EXCEEDED, "the rows are too large to be sent")
    return lengths


def _join(head: list[_Field], encoded: Sequence[EncodedColumn], rows: int) -> memoryview:
    parts: list[pa.Array] = []
    fields = head
    for column in encoded:
        match column:
            case Fixed(values, layout):
                fields += [(layout.itemsize, _INT4), (values, layout)]
            case Varying(lengths, values):
                fields.append((lengths, _INT4))
                parts += [lines_of(_records(fields, rows)), values]
                fields = []
            case Prefixed(values):
                parts += [lines_of(_records(fields, rows)), values] if fields else [values]
                fields = []
    if not parts:
        return memoryview(_records(fields, rows).tobytes())
    if fields:
        parts.append(lines_of(_records(fields, rows)))
    joined = pc.binary_join_element_wise(*parts, pa.scalar(b"", pa.binary()))
    offsets = np.frombuffer(joined.buffers()[1], np.int32)
    first = int(offsets[joined.offset])
    last = int(offsets[joined.offset + len(joined)])
    return memoryview(joined.buffers()[2])[first:last]


def _records(fields: Sequence[_Field], rows: int) -> Items:
    """What stands side by side in each row, as one record a row: no field is copied twice."""
    names = [f"f{place}" for place in range(len(fields))]
    layout = [(name, kind) for name, (_, kind) in zip(names, fields, strict=True)]
    records = np.empty(rows, layout)
    for name, (values, _) in zip(names, fields, strict=True):
        records[name] = values
    return records


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
