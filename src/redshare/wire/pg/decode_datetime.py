"""ISO texts of dates and times to Python's values.

A zone is an offset or UTC; without one UTC is taken, as sessions are in UTC unless they say
otherwise. Python's years, 1 to 9999, are all that can be read. It must not know type OIDs.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal

from redshare.wire.pg.datetimes import out_of_range
from redshare.wire.pg.errors import ProtocolError
from redshare.wire.pg.sqlstate import SqlState

_BLANKS = " \t\n\r\v\f"
_EPOCH = datetime(2000, 1, 1)  # noqa: DTZ001 PostgreSQL's, in whatever zone
_ZONE = r"(?P<zone>z|utc|gmt|[+-][0-9]{1,2}(?::?[0-9]{2}(?::?[0-9]{2})?)?)"
_DATE = r"(?P<year>[0-9]{4,6})-(?P<month>[0-9]{1,2})-(?P<day>[0-9]{1,2})"
_CLOCK = (
    r"(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})"
    r"(?::(?P<second>[0-9]{2})(?P<fraction>\.[0-9]{0,20})?)?"
)
_TIMESTAMP_TEXT = re.compile(
    rf"{_DATE}(?:(?:\s+|t){_CLOCK})?(?:\s*{_ZONE})?(?P<era>\s+(?:bc|ad))?", re.IGNORECASE | re.ASCII
)
_TIME_TEXT = re.compile(rf"{_CLOCK}(?:\s*{_ZONE})?", re.IGNORECASE | re.ASCII)
_ZONE_TEXT = re.compile(r"([+-])([0-9]{1,2})(?::?([0-9]{2}))?(?::?([0-9]{2}))?")
MAX_ZONE_SECONDS = 16 * 3600


def date_from_text(given: str) -> date:
    found = _timestamp_match("date", given)
    return _moment("date", found, given).date()


def timestamp_from_text(given: str) -> datetime:
    # As in PostgreSQL, a zone in a timestamp's text says nothing.
    return _moment("timestamp", _timestamp_match("timestamp", given), given)


def timestamptz_from_text(given: str) -> datetime:
    name = "timestamp with time zone"
    found = _timestamp_match(name, given)
    local = _moment(name, found, given)
    try:
        return (local - _zone(found["zone"], given)).replace(tzinfo=UTC)
    except OverflowError as error:
        raise out_of_range(name) from error


def time_from_text(given: str) -> time:
    found = _TIME_TEXT.fullmatch(given.strip(_BLANKS))
    if found is None:
        raise _invalid_datetime("time", given)
    return _of_day("time", found, given)


def timetz_from_text(given: str) -> time:
    found = _TIME_TEXT.fullmatch(given.strip(_BLANKS))
    if found is None:
        raise _invalid_datetime("time with time zone", given)
    zone = timezone(_zone(found["zone"], given))
    return _of_day("time with time zone", found, given).replace(tzinfo=zone)


def _timestamp_match(name: str, given: str) -> re.Match[str]:
    found = _TIMESTAMP_TEXT.fullmatch(given.strip(_BLANKS))
    if found is None:
        raise _invalid_datetime(name, given)
    return found


def _moment(name: str, found: re.Match[str], given: str) -> datetime:
    if (found["era"] or "").strip().lower() == "bc":
        raise out_of_range(name)
    try:
        day = datetime(int(found["year"]), int(found["month"]), int(found["day"]))  # noqa: DTZ001
        return day + _since_midnight(name, found, given) if found["hour"] else day
    except (ValueError, OverflowError) as error:
        raise ProtocolError(
            SqlState.DATETIME_FIELD_OVERFLOW, f'date/time field value out of range: "{given}"'
        ) from error


def _of_day(name: str, found: re.Match[str], given: str) -> time:
    since = _since_midnight(name, found, given)
    if since >= timedelta(1):
        raise out_of_range(name)
    return (_EPOCH + since).time()


def _since_midnight(name: str, found: re.Match[str], given: str) -> timedelta:
    hour, minute, second = int(found["hour"]), int(found["minute"]), int(found["second"] or 0)
    micros = round(Decimal("0" + (found["fraction"] or "").rstrip(".")) * 1_000_000)
    # 24:00:00 is the end of the day, a second of 60 a leap second.
    since = timedelta(hours=hour, minutes=minute, seconds=second, microseconds=micros)
    if minute > 59 or second > 60 or since > timedelta(1):
        raise ProtocolError(
            SqlState.DATETIME_FIELD_OVERFLOW,
            f'date/time field value out of range for type {name}: "{given}"',
        )
    return since


def _zone(zone: str | None, given: str) -> timedelta:
    """How far east of UTC; see the module's text for what no zone means."""
    found = _ZONE_TEXT.fullmatch(zone or "")
    if found is None:
        return timedelta()
    sign, hours, minutes, seconds = found.groups()
    east = int(hours) * 3600 + int(minutes or 0) * 60 + int(seconds or 0)
    if east >= MAX_ZONE_SECONDS:
        raise ProtocolError(
            SqlState.INVALID_TIME_ZONE_DISPLACEMENT_VALUE,
            f'time zone displacement out of range: "{given}"',
        )
    return timedelta(seconds=-east if sign == "-" else east)


def _invalid_datetime(name: str, given: str) -> ProtocolError:
    return ProtocolError(
        SqlState.INVALID_DATETIME_FORMAT, f'invalid input syntax for type {name}: "{given}"'
    )
