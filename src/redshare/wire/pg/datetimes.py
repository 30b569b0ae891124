"""How PostgreSQL writes dates and times, from plain integers.

Integers reach where Python's own classes do not: years before 1 and after 9999. Days and
microseconds count from 1970-01-01, as Arrow does; PostgreSQL's binary forms count from
2000-01-01. It must not know time zones: an offset comes in beside the local time.
"""

from __future__ import annotations

import struct

from redshare.wire.pg.errors import ProtocolError
from redshare.wire.pg.sqlstate import SqlState

# Days and microseconds from 1970-01-01 to 2000-01-01, where PostgreSQL starts to count.
POSTGRES_EPOCH_DAYS = 10_957
DAY_MICROSECONDS = 86_400_000_000
POSTGRES_EPOCH_MICROSECONDS = POSTGRES_EPOCH_DAYS * DAY_MICROSECONDS

# What four digits of year can show: from 0001-01-01 to 9999-12-31.
FIRST_PLAIN_DAY, LAST_PLAIN_DAY = -719_162, 2_932_896
FIRST_PLAIN_MICROSECOND = FIRST_PLAIN_DAY * DAY_MICROSECONDS
LAST_PLAIN_MICROSECOND = (LAST_PLAIN_DAY + 1) * DAY_MICROSECONDS - 1

# The least value that still counts from 2000 in as many bytes.
FIRST_DAY = -(2**31) + POSTGRES_EPOCH_DAYS
FIRST_MICROSECOND = -(2**63) + POSTGRES_EPOCH_MICROSECONDS

# 400 years have as many days, whichever they are; the shift makes March 1 of year 0 day 0.
_ERA_DAYS, _ERA_YEARS = 146_097, 400
_EPOCH_FROM_YEAR_0_MARCH = 719_468


def civil(days: int) -> tuple[int, int, int]:
    """Year (0 is 1 BC), month and day of a day, in the Gregorian calendar without end.

    The years of the computation begin in March, so that leap days come last.
    """
    era, day_of_era = divmod(days + _EPOCH_FROM_YEAR_0_MARCH, _ERA_DAYS)
    year_of_era = (
        day_of_era - day_of_era // 1_460 + day_of_era // 36_524 - day_of_era // 146_096
    ) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    shifted_month = (5 * day_of_year + 2) // 153
    day = day_of_year - (153 * shifted_month + 2) // 5 + 1
    month = shifted_month + 3 if shifted_month < 10 else shifted_month - 9
    return era * _ERA_YEARS + year_of_era + (month <= 2), month, day


def date_text(days: int) -> str:
    if days < FIRST_DAY:
        raise out_of_range("date")
    date, era = _date(days)
    return date + era


def time_text(microseconds: int) -> str:
    """hh:mm:ss with as much of the fraction as is not zero."""
    seconds, fraction = divmod(microseconds, 1_000_000)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    plain = f"{hour:02d}:{minute:02d}:{second:02d}"
    return f"{plain}.{fraction:06d}".rstrip("0") if fraction else plain


def timestamp_text(microseconds: int, offset: str = "") -> str:
    """The local time given; `offset` stands before the era, as PostgreSQL has it."""
    if microseconds < FIRST_MICROSECOND:
        raise out_of_range("timestamp")
    days, of_day = divmod(microseconds, DAY_MICROSECONDS)
    date, era = _date(days)
    return f"{date} {time_text(of_day)}{offset}{era}"


def offset_text(seconds: int) -> str:
    """Seconds east of Greenwich as +hh, with minutes and seconds only where there are any."""
    minutes, second = divmod(abs(seconds), 60)
    hour, minute = divmod(minutes, 60)
    text = f"{'-' if seconds < 0 else '+'}{hour:02d}"
    if minute or second:
        text += f":{minute:02d}"
    return text + (f":{second:02d}" if second else "")


def date_binary(days: int) -> bytes:
    if days < FIRST_DAY:
        raise out_of_range("date")
    return struct.pack("!i", days - POSTGRES_EPOCH_DAYS)


def timestamp_binary(microseconds: int) -> bytes:
    if microseconds < FIRST_MICROSECOND:
        raise out_of_range("timestamp")
    return struct.pack("!q", microseconds - POSTGRES_EPOCH_MICROSECONDS)


def out_of_range(name: str) -> ProtocolError:
    return ProtocolError(SqlState.DATETIME_FIELD_OVERFLOW, f"{name} out of range")


def _date(days: int) -> tuple[str, str]:
    year, month, day = civil(days)
    era = ""
    if year < 1:
        year, era = 1 - year, " BC"
    return f"{year:04d}-{month:02d}-{day:02d}", era
