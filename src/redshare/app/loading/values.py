"""What each type makes of a text: a whole column at once where it can, or one value.

Empty fields are NULL for every type but CHAR and VARCHAR.
https://docs.aws.amazon.com/redshift/latest/dg/copy-parameters-data-conversion.html
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC
from typing import Any, Final

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from redshare.app.loading import dates
from redshare.app.loading.numbers import decimal_value, float_value, integer_value
from redshare.app.loading.problem import Code, Invalid
from redshare.app.loading.strings import string_rules
from redshare.core.relation import Column
from redshare.core.sql_errors import FeatureNotSupported
from redshare.sql.commands.copy import CopyOptions
from redshare.sql.types import STRINGS, SqlType, stored_type


@dataclass(frozen=True, slots=True)
class Rules:
    """`column` answers None where it cannot speak for every value of the column."""

    arrow: Any
    column: Callable[[Any], Any]
    value: Callable[[str], object]


_INTEGERS: Final = {
    "smallint": (pa.int16(), "Short", r"^-?[0-9]{1,5}$"),
    "integer": (pa.int32(), "Integer", r"^-?[0-9]{1,10}$"),
    "bigint": (pa.int64(), "Long", r"^-?[0-9]{1,19}$"),
}
_FLOAT: Final = r"^-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?$"
_ISO_DATE: Final = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
_ISO_TIME: Final = r"^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?$"
_ISO_ZONED: Final = r"^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(\+00)?$"
_TRUE: Final = frozenset({"t", "true", "y", "yes", "1"})
_FALSE: Final = frozenset({"f", "false", "n", "no", "0"})
_TIME: Final = re.compile(
    r"\s*(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?\s*([AaPp][Mm])?\s*", re.ASCII
)
_TIMETZ: Final = re.compile(r"(.*?)\s*(Z|UTC|[+-]\d{1,2}(?::?\d{2})?)?\s*", re.ASCII)


def rules_of(column: Column, options: CopyOptions) -> Rules:
    """The rules of a column under the options of a COPY."""
    kind = stored_type(column.type)
    match kind.name:
        case "smallint" | "integer" | "bigint":
            return _integers(kind)
        case "numeric":
            return _decimals(kind, options)
        case "real" | "double precision":
            arrow = pa.float32() if kind.name == "real" else pa.float64()
            value = _unless_empty(lambda t: float_value(t, single=kind.name == "real"))
            return Rules(arrow, _cast(arrow, _FLOAT), value)
        case "boolean":
            return Rules(pa.bool_(), _booleans, _unless_empty(_boolean))
        case "date":
            return _dates(options)
        case "timestamp without time zone" | "timestamp with time zone":
            return _timestamps(options, zoned=kind.name.endswith("with time zone"))
        case "time without time zone":
            return Rules(pa.time64("us"), _never, _unless_empty(_time_of_day))
        case "time with time zone":
            return Rules(pa.string(), _never, _unless_empty(_zoned_time))
        case "binary varying":
            return Rules(pa.binary(), _never, _unless_empty(lambda t: _binary(t, kind)))
        case "super":
            return Rules(pa.string(), _never, _unless_empty(_super))
        case name if name in STRINGS:
            column_, value = string_rules(kind, options)
            return Rules(pa.string(), column_, value)
    raise FeatureNotSupported(f"COPY into a column of type {kind} is not supported")


def _never(_: Any) -> None:  # noqa: ANN401
    return None


def _unless_empty(value: Callable[[str], object]) -> Callable[[str], object]:
    return lambda text: value(text) if text.strip(" ") else None


def _emptied(texts: Any) -> Any:  # noqa: ANN401
    return pc.if_else(pc.equal(texts, ""), pa.scalar(None, pa.string()), texts)


def _all(texts: Any, pattern: str) -> bool:  # noqa: ANN401
    fits = pc.all(pc.match_substring_regex(texts, pattern)).as_py()
    return fits is not False


def _cast(arrow: Any, pattern: str) -> Callable[[Any], Any]:  # noqa: ANN401
    def column(texts: Any) -> Any:  # noqa: ANN401
        given = _emptied(texts)
        if not _all(given, pattern):
            return None
        made = given.cast(arrow)
        if pa.types.is_floating(arrow) and pc.any(pc.is_inf(made)).as_py():
            return None
        return made

    return column


def _integers(kind: SqlType) -> Rules:
    arrow, shown, pattern = _INTEGERS[kind.name]
    bits = arrow.bit_width
    return Rules(
        arrow, _cast(arrow, pattern), _unless_empty(lambda t: integer_value(t, bits, shown))
    )


def _decimals(kind: SqlType, options: CopyOptions) -> Rules:
    precision, scale = kind.a or 18, kind.b or 0
    arrow = pa.decimal128(precision, scale)
    fraction = rf"(\.[0-9]{{1,{scale}}})?" if scale else ""
    whole = rf"[0-9]{{1,{precision - scale}}}" if precision > scale else "0"
    value = _unless_empty(
        lambda t: decimal_value(t, precision, scale, half_up=options.round_decimals)
    )
    return Rules(arrow, _cast(arrow, f"^-?{whole}{fraction}$"), value)


def _booleans(texts: Any) -> Any:  # noqa: ANN401
    given = _emptied(texts)
    if not _all(given, "^[tf]$"):
        return None
    return pc.equal(given, "t")


def _boolean(text: str) -> bool:
    word = text.strip().lower()
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise Invalid(Code.BOOLEAN, "Unknown boolean format")


def _dates(options: CopyOptions) -> Rules:
    form = options.date_format or dates.DEFAULT_DATE

    def value(text: str) -> object:
        found = dates.parse_date(text, form)
        if found is not None or options.accept_any_date:
            return found
        if form == dates.DEFAULT_DATE and len(text.strip()) < len(form):
            raise Invalid(Code.DATE, "Invalid Date Format - length must be 10 or more")
        raise Invalid(Code.DATE, f"Invalid Date Format [{form.upper()}]")

    iso = form.upper() == dates.DEFAULT_DATE or form.lower() == dates.AUTO
    column = _cast(pa.date32(), _ISO_DATE) if iso else _never
    return Rules(pa.date32(), _not_year_zero(column), _unless_empty(value))


def _timestamps(options: CopyOptions, *, zoned: bool) -> Rules:
    form = options.time_format or dates.DEFAULT_TIME
    arrow = pa.timestamp("us", tz="UTC") if zoned else pa.timestamp("us")

    def value(text: str) -> object:
        found = dates.parse_timestamp(text, form)
        if found is not None:
            if zoned:
                return found if found.tzinfo else found.replace(tzinfo=UTC)
            # An offset says nothing about a timestamp without time zone.
            return found.replace(tzinfo=None)
        if options.accept_any_date:
            return None
        shown = "YYYY-MM-DD HH24:MI:SS" if form == dates.DEFAULT_TIME else form
        raise Invalid(Code.TIMESTAMP, f"Invalid timestamp format or value [{shown}]")

    def column(texts: Any) -> Any:  # noqa: ANN401
        given = _emptied(texts)
        if not _all(given, _ISO_ZONED if zoned else _ISO_TIME):
            return None
        if not zoned:
            return given.cast(arrow)
        plain = pc.replace_substring_regex(given, r"\+00$", "")
        return pc.assume_timezone(plain.cast(pa.timestamp("us")), "UTC")

    iso = form.upper() == dates.DEFAULT_TIME or form.lower() == dates.AUTO
    return Rules(arrow, _not_year_zero(column) if iso else _never, _unless_empty(value))


def _not_year_zero(column: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Arrow knows a year 0, Redshift does not."""

    def checked(texts: Any) -> Any:  # noqa: ANN401
        if pc.any(pc.starts_with(texts, "0000")).as_py():
            return None
        return column(texts)

    return checked


def _time_of_day(text: str) -> object:
    found = _TIME.fullmatch(text)
    if found is None:
        raise Invalid(Code.TIMESTAMP, "Invalid time format or value [HH24:MI:SS]")
    hour, minute, second = (int(part or 0) for part in found.groups()[:3])
    half = (found[5] or "").lower()
    if half:
        hour = hour % 12 + (12 if half == "pm" else 0) if 1 <= hour <= 12 else 99
    if hour > 23 or minute > 59 or second > 59:
        raise Invalid(Code.TIMESTAMP, "Invalid time format or value [HH24:MI:SS]")
    micros = int((found[4] or "").ljust(6, "0")[:6])
    return ((hour * 60 + minute) * 60 + second) * 1_000_000 + micros


def _zoned_time(text: str) -> str:
    """As a text that the engine reads: Arrow has no time with time zone."""
    found = _TIMETZ.fullmatch(text)
    assert found is not None, "it matches anything"
    micros = _time_of_day(found[1])
    assert isinstance(micros, int)
    offset = found[2] or "+00"
    if offset in {"Z", "UTC"}:
        offset = "+00"
    seconds, rest = divmod(micros, 1_000_000)
    clock = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    sign, digits = offset[0], offset[1:].replace(":", "")
    hours, minutes = (digits[:-2], digits[-2:]) if len(digits) > 2 else (digits, "00")
    if int(hours) > 15 or int(minutes) > 59:
        raise Invalid(Code.TIMESTAMP, "Invalid time format or value [HH24:MI:SS]")
    return f"{clock}.{rest:06}{sign}{int(hours):02}:{minutes}"


def _super(text: str) -> str:
    """JSON, which the engine brings into its own form."""
    try:
        msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError) as error:
        raise Invalid(Code.SUPER, "Invalid JSON format for SUPER") from error
    return text


def _binary(text: str, kind: SqlType) -> bytes:
    try:
        found = bytes.fromhex(text)
    except ValueError as error:
        raise Invalid(Code.HEXADECIMAL, "Invalid hexadecimal digit") from error
    if kind.a is not None and len(found) > kind.a:
        raise Invalid(Code.OUT_OF_RANGE, "String length exceeds DDL length")
    return found
