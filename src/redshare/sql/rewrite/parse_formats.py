"""TO_DATE and TO_TIMESTAMP: a pattern becomes a regular expression whose groups are the parts.

https://docs.aws.amazon.com/redshift/latest/dg/r_TO_DATE_function.html
"""

from __future__ import annotations

import re
from typing import Final

from sqlglot import exp

from redshare.core.sql_errors import SqlError
from redshare.sql.rewrite.formats import Item, items
from redshare.sql.rewrite.rule import (
    Rule,
    call,
    literal_text,
    require_string,
    rule,
    wrong_arguments,
)
from redshare.sql.types import BIGINT, BOOLEAN, DATE, TIMESTAMPTZ, engine_cast
from redshare.sql.work import Work, refuse, type_of, typed

#: What each element matches, and what it says.
_ELEMENTS: Final = {
    "YYYY": (r"(\d{1,4})", "year"),
    "YY": (r"(\d{1,2})", "short_year"),
    "MM": (r"(\d{1,2})", "month"),
    "MONTH": (r"([A-Za-z]{3,9})\s*", "month_name"),
    "MON": (r"([A-Za-z]{3})", "month_name"),
    "DD": (r"(\d{1,2})", "day"),
    "DDD": (r"(\d{1,3})", "day_of_year"),
    "HH24": (r"(\d{1,2})", "hour"),
    "HH12": (r"(\d{1,2})", "half_hour"),
    "HH": (r"(\d{1,2})", "half_hour"),
    "MI": (r"(\d{1,2})", "minute"),
    "SS": (r"(\d{1,2})", "second"),
    "MS": (r"(\d{1,3})", "milliseconds"),
    "US": (r"(\d{1,6})", "microseconds"),
    "AM": (r"([AaPp]\.?[Mm]\.?)", "half"),
    "PM": (r"([AaPp]\.?[Mm]\.?)", "half"),
    "DAY": (r"([A-Za-z]{3,9})\s*", "weekday"),
    "DY": (r"([A-Za-z]{3})", "weekday"),
}
_SEPARATOR: Final = r"[^0-9A-Za-z]"


class _Pattern:
    """A pattern read: the regular expression and which group says what."""

    def __init__(self, pattern: str) -> None:
        self.groups: dict[str, int] = {}
        self.expression = "".join([r"^\s*", *map(self._part, items(pattern))])
        if "half" in self.groups and "hour" in self.groups:
            raise SqlError('"HH24" and "AM" or "PM" cannot be used together', "22007")

    def _part(self, item: Item) -> str:
        if not item.element:
            if item.text.isspace():
                return r"\s*"
            if len(item.text) == 1 and not item.text.isalnum():
                return _SEPARATOR
            return re.escape(item.text)
        if item.element not in _ELEMENTS or item.ordinal:
            raise refuse(f"the format element {item.written} for reading")
        expression, name = _ELEMENTS[item.element]
        if name in self.groups:
            raise SqlError(f"conflicting values for the format element {item.written}", "22007")
        self.groups[name] = len(self.groups) + 1
        return expression


def _moment(node: exp.Expr) -> exp.Expr:
    if not 2 <= len(node.expressions) <= 3:
        raise wrong_arguments(node)
    value, format_, *strict = node.expressions
    text = require_string(value)
    pattern = _Pattern(literal_text(format_, "a format"))

    def group(name: str) -> exp.Expr | None:
        number = pattern.groups.get(name)
        if number is None:
            return None
        arguments = [text.copy(), exp.Literal.string(pattern.expression)]
        return call("regexp_extract", *arguments, exp.Literal.number(number))

    def whole(name: str, default: int) -> exp.Expr:
        found = group(name)
        if found is None:
            return engine_cast(exp.Literal.number(default), BIGINT)
        return engine_cast(call("nullif", found, exp.Literal.string("")), BIGINT)

    year = whole("year", 1)
    if "short_year" in pattern.groups:
        year = call("rs_two_digit_year", whole("short_year", 0))
    month = whole("month", 1)
    name = group("month_name")
    if name is not None:
        month = engine_cast(call("rs_month_number", name), BIGINT)
    hour = whole("hour", 0)
    if "half_hour" in pattern.groups:
        hour = _half_hour(whole("half_hour", 0), group("half"))
    fraction = whole("microseconds", 0)
    if "milliseconds" in pattern.groups:
        fraction = exp.Mul(this=_fraction(group("milliseconds"), 3), expression=_number(1000))
    elif "microseconds" in pattern.groups:
        fraction = _fraction(group("microseconds"), 6)
    found = call("regexp_matches", text.copy(), exp.Literal.string(pattern.expression))
    macro = "rs_strict_moment" if _is_true(strict) else "rs_moment"
    return call(
        macro, text, found, year, month, whole("day", 1), whole("day_of_year", 0), hour,
        whole("minute", 0), whole("second", 0), fraction,
    )  # fmt: skip


def _number(value: int) -> exp.Expr:
    return exp.Literal.number(value)


def _fraction(text: exp.Expr | None, digits: int) -> exp.Expr:
    """`.5` is 500 milliseconds."""
    assert text is not None
    padded = call("rpad", text, _number(digits), exp.Literal.string("0"))
    return engine_cast(padded, BIGINT)


def _half_hour(hour: exp.Expr, half: exp.Expr | None) -> exp.Expr:
    """12 AM is midnight."""
    if half is None:
        return hour
    late = exp.EQ(
        this=call("lower", call("left", half, _number(1))), expression=exp.Literal.string("p")
    )
    added = exp.Case(ifs=[exp.If(this=late, true=_number(12))], default=_number(0))
    rest = exp.Mod(this=hour, expression=_number(12))
    return exp.Paren(this=exp.Add(this=exp.Paren(this=rest), expression=added))


def _is_true(strict: list[exp.Expr]) -> bool:
    if not strict:
        return False
    if type_of(strict[0]) != BOOLEAN or not isinstance(strict[0], exp.Boolean):
        raise refuse("is_strict that is not TRUE or FALSE")
    return bool(strict[0].this)


def _to_date(_work: Work, node: exp.Expr) -> exp.Expr:
    return typed(engine_cast(_moment(node), DATE), DATE)


def _to_timestamp(_work: Work, node: exp.Expr) -> exp.Expr:
    return typed(call("timezone", exp.Literal.string("UTC"), _moment(node)), TIMESTAMPTZ)


NAMED: Final[dict[str, Rule]] = {
    "redshift_to_date": rule(_to_date, "expressions", flags=("this",)),
    "redshift_to_timestamp": rule(_to_timestamp, "expressions", flags=("this",)),
}
