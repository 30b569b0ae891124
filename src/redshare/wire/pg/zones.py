"""Wall-clock times of timestamptz columns in a named time zone.

Arrow expands a zone's transitions to the end of 2037 and knows no rule after them, so later
instants ask the standard library, which follows the zone's rule on. It must not know texts.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pyarrow as pa
import pyarrow.compute as pc

from redshare.wire.pg.datetimes import DAY_MICROSECONDS, LAST_PLAIN_MICROSECOND
from redshare.wire.pg.errors import ProtocolError
from redshare.wire.pg.sqlstate import SqlState

UTC_NAMES = frozenset({"UTC", "Etc/UTC", "GMT", "Z", "+00:00"})

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAST_TRANSITIONS = 2_145_916_800 * 1_000_000  # 2038-01-01
# The calendar, weekdays included, repeats after 400 years.
_CYCLE = 146_097 * DAY_MICROSECONDS
_LAST_CYCLE = LAST_PLAIN_MICROSECOND - _CYCLE


def local_microseconds(array: pa.Array) -> pa.Array:
    """The local times of the column's instants in the zone of its type, from 1970, as int64."""
    instants = array.view(pa.int64())
    if array.type.tz in UTC_NAMES:
        return instants
    try:
        local = pc.local_timestamp(array).cast(pa.int64())
    except pa.ArrowInvalid as error:
        raise ProtocolError(
            SqlState.INVALID_PARAMETER_VALUE, f'invalid time zone: "{array.type.tz}"'
        ) from error
    late = pc.fill_null(pc.greater_equal(instants, _LAST_TRANSITIONS), False)
    zone = _zone(array.type.tz)
    if zone is None or not pc.any(late).as_py():
        return local
    found = [at + _offset(zone, at) for at in instants.filter(late).to_pylist()]
    return pc.replace_with_mask(local, late, pa.array(found, pa.int64()))


def _zone(name: str) -> ZoneInfo | None:
    """The zone's rules; a fixed offset has none, and needs none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return None


def _offset(zone: ZoneInfo, instant: int) -> int:
    within = instant
    if within > _LAST_CYCLE:
        within -= -((_LAST_CYCLE - within) // _CYCLE) * _CYCLE
    local = (_EPOCH + timedelta(microseconds=within)).astimezone(zone)
    return int((local.utcoffset() or timedelta()).total_seconds()) * 1_000_000
