"""PostgreSQL's binary numerics for whole columns: base-10000 digits by numpy.

For values that fit 18 digits, which are nearly all; others are encoded one by one elsewhere.
It must not know messages or columns' descriptions.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Ints: TypeAlias = npt.NDArray[np.int64]
#: Of 32 bits or 64.
Groups: TypeAlias = npt.NDArray[Any]
Mask: TypeAlias = npt.NDArray[np.bool_]

_MAX_DIGITS = 18
_BASE = 10_000
_BASE_DIGITS = 4
#: From here on a power of ten does not fit 32 bits.
_NARROW_SCALE = 10
_HEAD_WORDS = 4
_NEGATIVE = 0x4000


def unscaled_int64(array: pa.Array) -> Ints | None:
    """The unscaled integers of a decimal128 column, 0 for NULL; None if one is too large."""
    if array.type.scale > _MAX_DIGITS:
        return None
    words = np.frombuffer(array.buffers()[1], np.int64).reshape(-1, 2)
    words = words[array.offset : array.offset + len(array)]
    low, high = words[:, 0], words[:, 1]
    if array.null_count:
        valid = array.is_valid().to_numpy(zero_copy_only=False)
        low, high = np.where(valid, low, 0), np.where(valid, high, 0)
    limit = 10**_MAX_DIGITS
    fits = (high == low >> 63) & (low > -limit) & (low < limit)
    return low if bool(fits.all()) else None


def numeric_matrix(unscaled: Ints, scale: int, valid: Mask) -> tuple[npt.NDArray[np.uint8], Ints]:
    """All values' bytes one after the other, and each value's length (-1 where not valid)."""
    whole, columns = _groups(np.abs(unscaled), scale)
    rows, places = len(unscaled), len(columns)
    words = np.empty((rows, _HEAD_WORDS + places), ">i2")
    keep = np.empty(words.shape, bool)
    # How many groups are nothing but zeros before the first digit, and behind the last one.
    before, behind = np.zeros(rows, np.int16), np.zeros(rows, np.int16)
    leading, trailing = np.ones(rows, bool), np.ones(rows, bool)
    for place, column in enumerate(columns):
        words[:, _HEAD_WORDS + place] = column
        leading &= column == 0
        before += leading
        keep[:, _HEAD_WORDS + place] = ~leading
    for place in reversed(range(places)):
        trailing &= columns[place] == 0
        behind += trailing
        keep[:, _HEAD_WORDS + place] &= ~trailing
    count = np.where(leading, 0, places - before - behind)
    words[:, 0] = count
    words[:, 1] = np.where(leading, 0, whole - 1 - before)
    words[:, 2] = np.where(unscaled < 0, _NEGATIVE, 0)
    words[:, 3] = scale
    keep[:, :_HEAD_WORDS] = True
    if not valid.all():
        keep &= valid[:, None]
    lengths = np.where(valid, 2 * (_HEAD_WORDS + count.astype(np.int64)), -1)
    return np.ascontiguousarray(words[keep]).view(np.uint8), lengths


def _groups(magnitude: Ints, scale: int) -> tuple[int, list[Groups]]:
    """The groups before the decimal point, their number first, and those the scale needs behind."""
    most = int(magnitude.max(initial=0))
    # Half as wide, a division takes a third of the time.
    fits = most < 2**32 and scale < _NARROW_SCALE
    narrow: Groups = magnitude.astype(np.uint32) if fits else magnitude
    unit = narrow.dtype.type
    whole, fraction = np.divmod(narrow, unit(10**scale)) if scale else (narrow, narrow)
    before: list[Groups] = []
    left = most // 10**scale
    while left >= _BASE:
        whole, group = np.divmod(whole, unit(_BASE))
        before.insert(0, group)
        left //= _BASE
    before.insert(0, whole)
    return len(before), before + _fraction_groups(fraction, scale)


def _fraction_groups(fraction: Groups, scale: int) -> list[Groups]:
    behind = -(-scale // _BASE_DIGITS)
    groups: list[Groups] = []
    if behind:
        # The last group may have fewer than four digits of the scale: they stand left in it.
        unit = fraction.dtype.type
        digits = scale - _BASE_DIGITS * (behind - 1)
        fraction, rest = (
            np.divmod(fraction, unit(10**digits)) if behind > 1 else (fraction, fraction)
        )
        groups.append(rest * unit(10 ** (_BASE_DIGITS - digits)))
        for _ in range(behind - 1):
            fraction, group = np.divmod(fraction, unit(_BASE))
            groups.insert(0, group)
    return groups
