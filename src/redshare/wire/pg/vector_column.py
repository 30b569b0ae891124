"""A column of a batch on its way to the wire: a matrix of bytes, or lengths and values.

Here is how such columns are made of Arrow arrays and numpy matrices. It must not know types,
formats or messages.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from redshare.wire.pg.values import Plain

Bytes2D: TypeAlias = npt.NDArray[np.uint8]
Ints: TypeAlias = npt.NDArray[np.int64]
Mask: TypeAlias = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Fixed:
    """A column without NULLs whose values are all of one length."""

    matrix: Bytes2D

    def lengths(self) -> Ints:
        rows, width = self.matrix.shape
        return np.full(rows, width, np.int64)


@dataclass(frozen=True, slots=True)
class Varying:
    """A column with its value's lengths, -1 for NULL, whose value is then empty."""

    value_lengths: Ints
    values: pa.Array

    def lengths(self) -> Ints:
        return self.value_lengths


EncodedColumn = Fixed | Varying


def one_by_one(values: list[bytes | None]) -> Varying:
    return varying(pa.array(values, pa.binary()))


def varying(array: pa.Array) -> Varying:
    """A column whose Arrow values are the wire's bytes."""
    lengths = pc.fill_null(pc.binary_length(array), -1).to_numpy(zero_copy_only=False)
    values = array.cast(pa.binary())
    if array.null_count:
        values = pc.fill_null(values, pa.scalar(b"", pa.binary()))
    return Varying(lengths.astype(np.int64), values)


def fixed_or_varying(array: pa.Array, matrix: Bytes2D) -> EncodedColumn:
    """A column of equal widths; where Arrow has NULL the line is left out."""
    if not array.null_count:
        return Fixed(matrix)
    valid = array.is_valid().to_numpy(zero_copy_only=False)
    width = matrix.shape[1]
    lengths = np.where(valid, width, -1)
    offsets = np.concatenate(([0], np.cumsum(np.where(valid, width, 0))))
    return Varying(lengths, binary_array(matrix[valid], offsets))


def lines_of(matrix: Bytes2D) -> pa.Array:
    rows, width = matrix.shape
    return binary_array(matrix, np.arange(rows + 1, dtype=np.int64) * width)


def binary_array(data: Bytes2D, offsets: Ints) -> pa.Array:
    buffers = [
        None,
        pa.py_buffer(offsets.astype(np.int32)),
        pa.py_buffer(np.ascontiguousarray(data)),
    ]
    return pa.Array.from_buffers(pa.binary(), len(offsets) - 1, buffers)


def big_endian(values: npt.NDArray[np.generic], layout: str) -> Bytes2D:
    wide = np.ascontiguousarray(values.astype(layout))
    return wide.view(np.uint8).reshape(len(wide), wide.itemsize)


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
