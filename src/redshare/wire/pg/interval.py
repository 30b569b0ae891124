"""Intervals: months, days and microseconds, and the texts PostgreSQL writes and reads for them.

Output is IntervalStyle `postgres`. Input takes that, the verbose form, hh:mm:ss and ISO 8601.
It must not know rows or messages.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from redshare.wire.pg.datetimes import DAY_MICROSECONDS, time_text
from redshare.wire.pg.errors import ProtocolError
from redshare.wire.pg.sqlstate import SqlState

_SECOND = 1_000_000
_MONTH_DAYS = 30


@dataclass(frozen=True, slots=True)
class Interval:
    """A span of time whose parts stay apart: months and days have no fixed length."""

    months: int = 0
    days: int = 0
    microseconds: int = 0


def interval_text(interval: Interval) -> str:
    """For example `1 year 2 mons -3 days +04:05:06`: a sign after a negative part is shown."""
    years = abs(interval.months) // 12 * (1 if interval.months >= 0 else -1)
    parts: list[str] = []
    negative_before = False
    for count, unit in (
        (years, "year"),
        (interval.months - years * 12, "mon"),
        (interval.days, "day"),
    ):
        if count:
            plus = "+" if negative_before and count > 0 else ""
            parts.append(f"{plus}{count} {unit}{'' if count == 1 else 's'}")
            negative_before = count < 0
    if interval.microseconds or not parts:
        sign = "-" if interval.microseconds < 0 else "+" if negative_before else ""
        parts.append(sign + time_text(abs(interval.microseconds)))
    return " ".join(parts)


_NUMBER = r"[+-]?(?:[0-9]{1,12}(?:\.[0-9]{0,12})?|\.[0-9]{1,12})"
_CLOCK = re.compile(r"([+-]?)([0-9]{1,9}):([0-5]?[0-9])(?::([0-5]?[0-9](?:\.[0-9]{0,12})?))?")
_PART = re.compile(rf"({_NUMBER})\s*([a-z]+)|({_CLOCK.pattern})(?![0-9:.])")
_ISO_DATE = re.compile(rf"({_NUMBER})([ymwd])")
_ISO_TIME = re.compile(rf"({_NUMBER})([hms])")

# Unit names to (months, days, microseconds) of one.
_MONTH, _DAY, _MICROSECOND = (1, 0, 0), (0, 1, 0), (0, 0, 1)
_UNITS = {
    name: (kind, count)
    for names, kind, count in (
        ("millennium millennia mil mils", _MONTH, 12_000),
        ("century centuries c cent", _MONTH, 1_200),
        ("decade decades dec decs", _MONTH, 120),
        ("year years y yr yrs", _MONTH, 12),
        ("month months mon mons", _MONTH, 1),
        ("week weeks w", _DAY, 7),
        ("day days d", _DAY, 1),
        ("hour hours h hr hrs", _MICROSECOND, 3_600 * _SECOND),
        ("minute minutes m min mins", _MICROSECOND, 60 * _SECOND),
        ("second seconds s sec secs", _MICROSECOND, _SECOND),
        ("millisecond milliseconds ms msec msecs", _MICROSECOND, 1_000),
        ("microsecond microseconds us usec usecs", _MICROSECOND, 1),
    )
    for name in names.split()
}
_ISO_DATE_UNITS = {"y": "year", "m": "month", "w": "week", "d": "day"}
_ISO_TIME_UNITS = {"h": "hour", "m": "minute", "s": "second"}


def interval_from_text(text: str) -> Interval:
    """Read an interval. Raises: ProtocolError."""
    lowered = text.strip().lower()
    parts = _iso_parts(lowered[1:], text) if lowered.startswith("p") else _parts(lowered, text)
    months, days, microseconds = (sum(column) for column in zip(*parts, strict=True))
    if not (abs(months) < 2**31 and abs(days) < 2**31 and abs(microseconds) < 2**63):
        raise ProtocolError(SqlState.INTERVAL_FIELD_OVERFLOW, "interval out of range")
    return Interval(months, days, microseconds)


_Parts = list[tuple[int, int, int]]


def _parts(lowered: str, text: str) -> _Parts:
    rest = lowered.removeprefix("@").strip()
    sign = 1
    if rest.endswith("ago"):
        rest, sign = rest.removesuffix("ago").strip(), -1
    parts: _Parts = []
    while rest:
        found = _PART.match(rest)
        if found is None:
            raise _invalid(text)
        if found[3]:
            parts.append((0, 0, _clock(found[3])))
        else:
            parts.append(_amount(found[1], found[2], text))
        rest = rest[found.end() :].lstrip(" ,\t")
    if not parts:
        raise _invalid(text)
    return [(sign * months, sign * days, sign * micros) for months, days, micros in parts]


def _iso_parts(lowered: str, text: str) -> _Parts:
    date, _, time = lowered.partition("t")
    parts = [
        _amount(found[1], _ISO_DATE_UNITS[found[2]], text) for found in _ISO_DATE.finditer(date)
    ] + [_amount(found[1], _ISO_TIME_UNITS[found[2]], text) for found in _ISO_TIME.finditer(time)]
    if not parts or _ISO_DATE.sub("", date) or _ISO_TIME.sub("", time):
        raise _invalid(text)
    return parts


def _clock(clock: str) -> int:
    found = _CLOCK.fullmatch(clock)
    assert found is not None
    sign, hours, minutes, seconds = found.groups()
    whole = (int(hours) * 60 + int(minutes)) * 60 * _SECOND
    return (-1 if sign == "-" else 1) * (whole + round(Decimal(seconds or 0) * _SECOND))


def _amount(number: str, unit: str, text: str) -> tuple[int, int, int]:
    """A number of units; a fraction goes on into the next smaller part, as PostgreSQL does."""
    if unit not in _UNITS:
        raise _invalid(text)
    kind, count = _UNITS[unit]
    total = Decimal(number) * count
    if kind == _MICROSECOND:
        return 0, 0, round(total)
    whole = int(total)
    fraction = total - whole
    if kind == _DAY:
        return 0, whole, round(fraction * DAY_MICROSECONDS)
    # Fractions of a year round to months; only those of a month reach the days.
    if count > 1:
        return round(total), 0, 0
    days = fraction * _MONTH_DAYS
    return whole, int(days), round((days - int(days)) * DAY_MICROSECONDS)


def _invalid(text: str) -> ProtocolError:
    return ProtocolError(
        SqlState.INVALID_DATETIME_FORMAT, f'invalid input syntax for type interval: "{text}"'
    )
