"""Dates and times of day of whole columns as text, looked up in tables of what each is written as.

Only plain ones: years of four digits that tables of reasonable size reach, and times without a
fraction of a second. It must not know NULL: what is not there is given as any plain value.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np

from redshare.wire.pg.datetimes import DAY_MICROSECONDS
from redshare.wire.pg.vector_column import Bytes2D, Ints

_SECOND: Final = 1_000_000
_DAY_SECONDS: Final = DAY_MICROSECONDS // _SECOND
#: From 1950-01-01 to 2085-12-31, in days from 1970-01-01: where most data are, and few enough
#: seconds for 32 bits, which numpy divides three times as fast.
_FIRST, _LAST = -7_305, 42_368
_FIRST_MICROSECOND: Final = _FIRST * DAY_MICROSECONDS
_LAST_MICROSECOND: Final = (_LAST + 1) * DAY_MICROSECONDS - 1


def date_lines(days: Ints) -> Bytes2D | None:
    """yyyy-mm-dd of each; None where one is outside the table."""
    if not len(days) or int(days.min()) < _FIRST or int(days.max()) > _LAST:
        return None
    return _dates()[days - _FIRST]


def timestamp_lines(micros: Ints) -> Bytes2D | None:
    """yyyy-mm-dd hh:mm:ss of each; None where one is outside the table or has a fraction."""
    if not len(micros) or micros.min() < _FIRST_MICROSECOND or micros.max() > _LAST_MICROSECOND:
        return None
    since = micros - _FIRST_MICROSECOND
    whole = since // _SECOND
    if (whole * _SECOND != since).any():
        return None
    seconds = whole.astype(np.uint32)
    days = seconds // np.uint32(_DAY_SECONDS)
    lines = np.empty((len(micros), 19), np.uint8)
    lines[:, :10] = _dates()[days]
    lines[:, 10:] = _times()[seconds - days * np.uint32(_DAY_SECONDS)]
    return lines


@cache
def _dates() -> Bytes2D:
    texts = np.arange(_FIRST, _LAST + 1).astype("datetime64[D]").astype("S10")
    return texts.view(np.uint8).reshape(-1, 10)


@cache
def _times() -> Bytes2D:
    """With the blank before."""
    texts = [f" {at // 3600:02d}:{at // 60 % 60:02d}:{at % 60:02d}" for at in range(_DAY_SECONDS)]
    return np.array(texts, "S9").view(np.uint8).reshape(-1, 9)
