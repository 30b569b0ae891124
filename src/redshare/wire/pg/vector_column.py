"""A column of a batch on its way to the wire: items of one size, or lengths and values.

Here is how such columns are made of Arrow arrays and numpy matrices. It must not know types,
formats or messages.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from redshare.wire.pg.values import Plain

Bytes2D: TypeAlias = npt.NDArray[np.uint8]
Ints: TypeAlias = npt.NDArray[np.int64]
#: One item a row, of whatever size.
Items: TypeAlias = npt.NDArray[Any]
Mask: TypeAlias = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Fixed:
    """A column without NULLs whose values are all of one length: as `layout` says, on the wire."""

    values: Items
    layout: np.dtype[Any]


@dataclass(frozen=True, slots=True)
class Varying:
    """A column with its value's lengths, -1 for NULL, whose value is then empty."""

    lengths: Ints
    values: pa.Array


@dataclass(frozen=True, slots=True)
class Prefixed:
    """A column whose values have the wire's length before them, that of NULL too."""

    values: pa.Array


EncodedColumn = Fixed | Varying | Prefixed


def one_by_one(values: list[bytes | None]) -> EncodedColumn:
    return varying(pa.array(values, pa.binary()))


def varying(array: pa.Array) -> EncodedColumn:
    """A column whose Arrow values are the wire's bytes; keys and codes are often of one length."""
    values = array.cast(pa.binary())
    if array.null_count:
        lengths = pc.fill_null(pc.binary_length(array), -1).to_numpy(zero_copy_only=False)
        return Varying(lengths.astype(np.int64), pc.fill_null(values, pa.scalar(b"", pa.binary())))
    lengths = sizes(values)
    width = int(lengths[0])
    if width and (lengths == width).all():
        layout = np.dtype(f"V{width}")
        _, ends, data = values.buffers()
        first = int(np.frombuffer(ends, np.int32)[values.offset])
        return Fixed(np.frombuffer(data, layout, len(values), first), layout)
    return Varying(lengths, values)


def sizes(values: pa.Array) -> Ints:
    """How long each of these byte strings is."""
    offsets = np.frombuffer(values.buffers()[1], np.int32, len(values) + 1, values.offset * 4)
    return np.diff(offsets).astype(np.int64)


def fixed_or_varying(array: pa.Array, values: Items, layout: str = "") -> EncodedColumn:
    """A column of items of one size; where Arrow has NULL the item is left out."""
    wire = np.dtype(layout) if layout else values.dtype
    if not array.null_count:
        return Fixed(values, wire)
    valid = array.is_valid().to_numpy(zero_copy_only=False)
    lengths = np.where(valid, wire.itemsize, -1)
    offsets = np.concatenate(([0], np.cumsum(np.maximum(lengths, 0))))
    return Varying(lengths, binary_array(values[valid].astype(wire), offsets))


def items(matrix: Bytes2D) -> Items:
    """The lines of a matrix as items of a column."""
    width = matrix.shape[1]
    return np.ascontiguousarray(matrix).view(f"V{width}").reshape(len(matrix))


def lines_of(records: Items) -> pa.Array:
    """Items of one size as an Arrow array."""
    ends = np.arange(len(records) + 1, dtype=np.int64) * records.dtype.itemsize
    return binary_array(records, ends)


def binary_array(data: Items, offsets: Ints) -> pa.Array:
    """The bytes of `data`, cut at the offsets."""
    buffers = [None, pa.py_buffer(offsets.astype(np.int32)), pa.py_buffer(data.view(np.uint8))]
    return pa.Array.from_buffers(pa.binary(), len(offsets) - 1, buffers)


def integers(array: pa.Array) -> Ints:
    """The column as int64, 0 where it is NULL."""
    return filled(array.cast(pa.int64()))


def filled(array: pa.Array) -> Ints:
    """The column's numbers, 0 where it is NULL."""
    known = pc.fill_null(array, 0) if array.null_count else array
    found: Ints = known.to_numpy(zero_copy_only=False)
    return found


def rewritten(
    texts: pa.Array,
    mask: Mask,
    values: pa.Array,
    text_of: Callable[[Plain], str | None],
) -> pa.Array:
    """Replace the texts where the mask is set; NULL stays NULL."""
    (rows,) = np.nonzero(mask)
    if not len(rows):
        return texts
    chosen = values.take(pa.array(rows)).to_pylist()
    replacements = [None if value is None else text_of(value) for value in chosen]
    return pc.replace_with_mask(texts, pa.array(mask), pa.array(replacements, pa.string()))
