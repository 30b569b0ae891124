"""Times as the two protocols write them; all are UTC, a time without a zone is read as UTC.

Milliseconds are what AWS sends: a finer part is cut off, never rounded up into the future.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from enum import StrEnum
from typing import TYPE_CHECKING, assert_never

if TYPE_CHECKING:
    from botocore.model import Shape

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


class Format(StrEnum):
    ISO8601 = "iso8601"
    UNIX = "unixTimestamp"
    RFC822 = "rfc822"


def form(shape: Shape, default: Format) -> Format:
    """How a shape's times are written: its own `timestampFormat`, else the protocol's default."""
    return Format(shape.serialization.get("timestampFormat", default))


def write(moment: datetime, into: Format) -> str | float:
    """Raises: ValueError for a datetime without a zone."""
    if moment.tzinfo is None:
        raise ValueError("a time on the wire needs a zone")
    utc = moment.astimezone(UTC)
    match into:
        case Format.ISO8601:
            return f"{utc.replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"
        case Format.UNIX:
            return ((utc - EPOCH) // _MILLISECOND) / 1000
        case Format.RFC822:
            return format_datetime(utc, usegmt=True)
        case _:
            assert_never(into)


def read(value: str | float, out_of: Format) -> datetime:
    """Raises: ValueError when it is no time of this form, or one no calendar holds."""
    try:
        match out_of:
            case Format.ISO8601:
                return _aware(datetime.fromisoformat(_text(value)))
            case Format.UNIX:
                return EPOCH + timedelta(seconds=_number(value))
            case Format.RFC822:
                return _aware(parsedate_to_datetime(_text(value)))
            case _:
                assert_never(out_of)
    except (OverflowError, TypeError) as error:
        raise ValueError("the time is out of range") from error


def http_date(moment: datetime) -> str:
    """The form of the HTTP `Date` header (RFC 7231, section 7.1.1.1)."""
    return format_datetime(moment.astimezone(UTC), usegmt=True)


def _aware(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _text(value: str | float) -> str:
    if not isinstance(value, str):
        raise ValueError("a time written as text is expected")  # noqa: TRY004 - one type to catch
    return value


def _number(value: str | float) -> float:
    if isinstance(value, str):
        raise ValueError("a time in epoch seconds is expected")  # noqa: TRY004 - likewise
    return value
