"""DATEFORMAT and TIMEFORMAT: texts → dates and times.

A format is made of YYYY YY MM MON DD HH HH24 HH12 MI SS AM PM OF and what stands between them;
`auto` tries the forms the manual lists.
https://docs.aws.amazon.com/redshift/latest/dg/r_DATEFORMAT_and_TIMEFORMAT_strings.html
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache
from typing import Final

from redshare.core.sql_errors import SqlError

_MONTHS: Final = (
    "jan",
    "feb",
    "mar",
    "apr",
    "may",
    "jun",
    "jul",
    "aug",
    "sep",
    "oct",
    "nov",
    "dec",
)
_TOKEN: Final = re.compile(
    r"YYYY|YY|MONTH|MON|MM|MI|DDD|DD|HH24|HH12|HH|(?<=\.)S+|SS|US|AM|PM|OF|TZ|T(?=HH)",
    re.IGNORECASE,
)
_PARTS: Final = {
    "YYYY": r"(?P<year>\d{4})",
    "YY": r"(?P<short>\d{2})",
    "MONTH": r"(?P<name>[A-Za-z]{3,9})",
    "MON": r"(?P<name>[A-Za-z]{3,9})",
    "MM": r"(?P<month>\d{1,2})",
    "DDD": r"(?P<ordinal>\d{1,3})",
    "DD": r"(?P<day>\d{1,2})",
    "HH": r"(?P<hour>\d{1,2})",
    "HH24": r"(?P<hour>\d{1,2})",
    "HH12": r"(?P<hour>\d{1,2})",
    "MI": r"(?P<minute>\d{1,2})",
    "SS": r"(?P<second>\d{1,2})(?:\.(?P<fraction>\d{1,9}))?",
    "AM": r"(?P<half>[AaPp][Mm])",
    "PM": r"(?P<half>[AaPp][Mm])",
    "OF": r"(?P<offset>Z|[+-]\d{1,2}(?::?\d{2})?)?",
    "TZ": r"(?P<offset>Z|UTC|GMT|[+-]\d{1,2}(?::?\d{2})?)?",
}
_OFFSET: Final = re.compile(r"([+-])(\d{1,2}):?(\d{2})?")
_DATES: Final = (
    "YYYY-MM-DD", "YYYY/MM/DD", "YYYY.MM.DD", "YYYYMMDD", "MM/DD/YYYY", "MM-DD-YYYY", "MM.DD.YYYY",
    "DD-MON-YYYY", "MON-DD-YYYY", "YYYY-MON-DD", "MON-DD-YY", "DD-MON-YY", "MONTH DD, YYYY",
    "MON DD, YYYY", "DD MON YYYY", "MM/DD/YY", "YYYY.DDD", "YYMMDD",
)  # fmt: skip
_TIMES: Final = ("HH:MI:SS AM", "HH:MI AM", "HH:MI:SS", "HH:MI")
AUTO: Final = "auto"
EPOCHS: Final = {"epochsecs": 1, "epochmillisecs": 1000}
DEFAULT_DATE: Final = "YYYY-MM-DD"
DEFAULT_TIME: Final = "YYYY-MM-DD HH:MI:SS"
_EPOCH: Final = datetime(1970, 1, 1)  # noqa: DTZ001 - a timestamp without time zone
#: Redshift's years.
_FIRST_YEAR: Final = 1


@lru_cache(maxsize=512)
def pattern(format_: str) -> re.Pattern[str]:
    """A format as an expression. Raises SqlError for what it has no word for."""
    out: list[str] = []
    at = 0
    for found in _TOKEN.finditer(format_):
        out.append(_between(format_[at : found.start()], format_))
        word = found.group().upper()
        at = found.end()
        if word == "T":
            out.append("T")
        elif word == "US" or (not word.strip("S") and format_[at - len(word) - 1] == "."):
            # YYYY-MM-DD HH:MI:SS.SSS: the fraction is read with the seconds.
            out[-1] = out[-1].removesuffix(r"\.")
        else:
            out.append(_PARTS[word])
    out.append(_between(format_[at:], format_))
    text = "".join(out)
    try:
        return re.compile(rf"\s*{text}\s*", re.ASCII)
    except re.error as error:  # a part twice
        raise _invalid(format_) from error


def _between(text: str, format_: str) -> str:
    if any(c.isalnum() for c in text):
        raise _invalid(format_)
    return re.sub(r"(\\ )+", r"\\s+", re.escape(text))


def _invalid(format_: str) -> SqlError:
    return SqlError(f"Invalid DATEFORMAT or TIMEFORMAT string: {format_[:100]}", "22023")


@lru_cache(maxsize=1)
def _auto_dates() -> tuple[re.Pattern[str], ...]:
    return tuple(pattern(form) for form in _DATES)


@lru_cache(maxsize=1)
def _auto_times() -> tuple[re.Pattern[str], ...]:
    joined = [f"{d}{s}{t} OF" for d in _DATES for s in ("T", " ") for t in _TIMES]
    spaced = [pattern(form.replace("DTHH", "D THH")) for form in joined if "T" not in form]
    loose = [
        re.compile(found.pattern.replace(r"\s+(?P<offset>", r"\s*(?P<offset>"), re.ASCII)
        for found in spaced
    ]
    iso = re.compile(
        r"\s*(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})T(?P<hour>\d{1,2}):(?P<minute>\d{2})"
        r"(?::(?P<second>\d{2})(?:\.(?P<fraction>\d{1,9}))?)?\s*"
        r"(?P<offset>Z|[+-]\d{1,2}(?::?\d{2})?)?\s*",
        re.ASCII,
    )
    return (iso, *loose, *_auto_dates())


def check(date_format: str | None, time_format: str | None) -> None:
    """Raises SqlError for formats that are none."""
    if date_format is not None and date_format.lower() != AUTO:
        pattern(date_format)
    if time_format is not None and time_format.lower() not in {AUTO, *EPOCHS}:
        pattern(time_format)


def parse_date(text: str, format_: str) -> date | None:
    """None where the text is not of the format."""
    if format_.lower() == AUTO:
        found = next((d for p in _auto_times() if (d := _made(p, text)) is not None), None)
    else:
        found = _made(pattern(format_), text)
    return None if found is None else found.date()


def parse_timestamp(text: str, format_: str) -> datetime | None:
    """With its offset where the text has one; None where it is not of the format."""
    name = format_.lower()
    if name in EPOCHS:
        return _epoch(text, EPOCHS[name])
    if name == AUTO:
        return next((d for p in _auto_times() if (d := _made(p, text)) is not None), None)
    made = _made(pattern(format_), text)
    if made is None and format_ == DEFAULT_TIME:
        # An offset and a time left out are read without a word of the format.
        made = _made(pattern("YYYY-MM-DD HH:MI:SSOF"), text)
        made = made or _made(pattern("YYYY-MM-DD HH:MI:SS OF"), text)
        made = (
            made or _made(pattern("YYYY-MM-DD HH:MI"), text) or _made(pattern("YYYY-MM-DD"), text)
        )
    return made


def _epoch(text: str, units: int) -> datetime | None:
    if not re.fullmatch(r"\s*-?\d{1,16}(\.\d{1,9})?\s*", text, re.ASCII):
        return None
    whole, _, rest = text.strip().partition(".")
    micros = int(whole) * (1_000_000 // units)
    if rest:
        part = int(rest.ljust(9, "0")[:9]) // (1000 * units)
        micros += -part if whole.startswith("-") else part
    try:
        return _EPOCH + timedelta(microseconds=micros)
    except OverflowError:
        return None


def _made(form: re.Pattern[str], text: str) -> datetime | None:
    found = form.fullmatch(text)
    if found is None:
        return None
    part = found.groupdict()
    try:
        day = _day(part)
        hour = _hour(int(part.get("hour") or 0), part.get("half"))
        fraction = (part.get("fraction") or "").ljust(6, "0")[:6]
        made = datetime(  # noqa: DTZ001 - the zone is set below where there is one
            day.year, day.month, day.day, hour,
            int(part.get("minute") or 0), int(part.get("second") or 0), int(fraction),
        )  # fmt: skip
        offset = part.get("offset")
        return made if not offset else made.replace(tzinfo=_zone(offset))
    except ValueError:
        return None


def _day(part: dict[str, str | None]) -> date:
    year = part.get("year")
    if year is None:
        short = int(part.get("short") or 0)
        number = short + (1900 if short >= 70 else 2000)
    else:
        number = int(year)
    if ordinal := part.get("ordinal"):
        first = date(number, 1, 1) + timedelta(days=int(ordinal) - 1)
        if first.year != number:
            raise ValueError(ordinal)
        return first
    name = part.get("name")
    month = int(part.get("month") or 1) if name is None else _month(name)
    return date(number, month, int(part.get("day") or 1))


def _month(name: str) -> int:
    """In full or by its first three letters."""
    lower = name.lower()
    if lower in _MONTHS:
        return _MONTHS.index(lower) + 1
    return [month[:3] for month in _MONTHS].index(lower) + 1


def _hour(hour: int, half: str | None) -> int:
    if half is None:
        return hour
    if not 1 <= hour <= 12:
        raise ValueError(hour)
    return hour % 12 + (12 if half.lower() == "pm" else 0)


def _zone(text: str) -> timezone:
    found = _OFFSET.fullmatch(text)
    if found is None:
        return UTC
    minutes = int(found[2]) * 60 + int(found[3] or 0)
    return timezone(timedelta(minutes=-minutes if found[1] == "-" else minutes))
