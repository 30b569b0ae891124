"""Intervals: literals in every form, and arithmetic of dates, times and intervals.

https://docs.aws.amazon.com/redshift/latest/dg/r_interval_data_types.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from sqlglot import exp

from redshare.core.sql_errors import SqlError
from redshare.sql.rewrite.rule import Rule, literal_text, present, rule
from redshare.sql.types import INTERVAL, INTERVAL_DS, INTERVAL_YM, SqlType, engine_cast
from redshare.sql.work import Work, refuse, typed

_SECOND: Final = 1_000_000
#: Months, days and microseconds of each unit.
_UNITS: Final[dict[str, tuple[int, int, int]]] = {
    word: value
    for words, value in (
        ("microsecond microseconds us usec usecs", (0, 0, 1)),
        ("millisecond milliseconds ms msec msecs", (0, 0, 1000)),
        ("second seconds s sec secs", (0, 0, _SECOND)),
        ("minute minutes m min mins", (0, 0, 60 * _SECOND)),
        ("hour hours h hr hrs", (0, 0, 3600 * _SECOND)),
        ("day days d", (0, 1, 0)),
        ("week weeks w", (0, 7, 0)),
        ("month months mon mons", (1, 0, 0)),
        ("quarter quarters qtr", (3, 0, 0)),
        ("year years y yr yrs", (12, 0, 0)),
        ("decade decades dec decs", (120, 0, 0)),
        ("century centuries c cent", (1200, 0, 0)),
        ("millennium millennia mil mils", (12000, 0, 0)),
    )
    for word in words.split()
}
_YEAR_MONTH: Final = re.compile(r"\s*([+-]?)(\d+)-(\d{1,2})\s*")
_CLOCK: Final = re.compile(r"([+-]?)(\d+):(\d{1,2})(?::(\d{1,2})(\.\d{1,6})?)?")
_ITEM: Final = re.compile(r"([+-]?(?:\d+(?:\.\d*)?|\.\d+))\s*([A-Za-z]+)")
_NUMBER: Final = re.compile(r"\s*[+-]?(?:\d+(?:\.\d*)?|\.\d+)\s*")
_DAY_MICROSECONDS: Final = 86400 * _SECOND
_MONTH_DAYS: Final = 30
_FIELDS: Final = ("year", "month", "day", "hour", "minute", "second")


@dataclass(frozen=True, slots=True)
class Amount:
    """An interval's three parts, which are added in this order."""

    months: int = 0
    days: int = 0
    microseconds: int = 0

    def plus(self, number: Decimal, unit: str) -> Amount:
        """With so many units more; a fraction goes on to the smaller parts."""
        months, days, microseconds = (number * part for part in _UNITS[unit])
        whole_months = int(months)
        days += (months - whole_months) * _MONTH_DAYS
        whole_days = int(days)
        microseconds += (days - whole_days) * _DAY_MICROSECONDS
        return Amount(
            self.months + whole_months,
            self.days + whole_days,
            self.microseconds + int(microseconds.to_integral_value()),
        )

    def node(self, kind: SqlType) -> exp.Expr:
        """It as a constant of the engine."""
        parts = f"{self.months} months {self.days} days {self.microseconds} microseconds"
        return typed(engine_cast(exp.Literal.string(parts), INTERVAL), kind)


def interval_text(text: str) -> Amount:
    """What a text without a qualifier says. Raises SqlError 22007."""
    found = _YEAR_MONTH.fullmatch(text)
    if found:
        return _year_month(found)
    amount, rest = Amount(), text.strip().removeprefix("@")
    ago = rest.lower().endswith(" ago")
    rest = rest[:-4] if ago else rest
    while rest := rest.strip(" ,"):
        clock, item = _CLOCK.match(rest), _ITEM.match(rest)
        if clock:
            amount, rest = _clock(amount, clock), rest[clock.end() :]
        elif item and item[2].lower() in _UNITS:
            amount, rest = amount.plus(Decimal(item[1]), item[2].lower()), rest[item.end() :]
        elif number := re.match(r"([+-]?\d+)\s+(?=[+-]?\d+:)", rest):
            # Days before a time of day need no name.
            amount, rest = amount.plus(Decimal(number[1]), "day"), rest[number.end() :]
        elif _NUMBER.fullmatch(rest):
            amount, rest = amount.plus(Decimal(rest.strip()), "second"), ""
        else:
            raise _invalid(text)
    if not text.strip():
        raise _invalid(text)
    if ago:
        return Amount(-amount.months, -amount.days, -amount.microseconds)
    return amount


def _year_month(found: re.Match[str]) -> Amount:
    months = int(found[2]) * 12 + int(found[3])
    return Amount(-months if found[1] == "-" else months)


def _clock(amount: Amount, found: re.Match[str]) -> Amount:
    sign = -1 if found[1] == "-" else 1
    seconds = Decimal(found[4] or 0) + Decimal(found[5] or 0)
    amount = amount.plus(sign * Decimal(found[2]), "hour").plus(sign * Decimal(found[3]), "minute")
    return amount.plus(sign * seconds, "second")


def literal(node: exp.Interval) -> exp.Expr:
    """INTERVAL '…' with or without a qualifier. Raises SqlError 22007, FeatureNotSupported."""
    present(node, "this", "unit", "fraction_in_string")
    value, unit = node.this, node.args.get("unit")
    if not isinstance(value, exp.Literal):
        raise refuse("an interval that is not a literal")
    text = str(value.this)
    if isinstance(unit, exp.IntervalSpan):
        return _spanned(text, unit.this.name.lower(), unit.expression.name.lower())
    if unit is None:
        return interval_text(text).node(INTERVAL)
    if not isinstance(unit, exp.Var):
        raise refuse("this interval qualifier")
    word = unit.name.lower()
    if word not in _UNITS:
        raise _invalid(f"{text} {word}")
    if _NUMBER.fullmatch(text):
        return Amount().plus(Decimal(text.strip()), word).node(INTERVAL)
    return interval_text(text).node(INTERVAL)


def _spanned(text: str, start: str, end: str) -> exp.Expr:
    """A literal with its fields named: YEAR TO MONTH, or of DAY TO SECOND."""
    if start not in _FIELDS or end not in _FIELDS or _FIELDS.index(start) > _FIELDS.index(end):
        raise refuse(f"the interval qualifier {start} to {end}")
    if start == "year" and end == "month":
        found = _YEAR_MONTH.fullmatch(text)
        return (_year_month(found) if found else interval_text(text)).node(INTERVAL_YM)
    if _FIELDS.index(start) < _FIELDS.index("day"):
        raise refuse(f"the interval qualifier {start} to {end}")
    if start == "minute" and (found := re.fullmatch(r"\s*(\d+):(\d{1,2})(\.\d+)?\s*", text)):
        seconds = Decimal(found[2]) + Decimal(found[3] or 0)
        amount = Amount().plus(Decimal(found[1]), "minute").plus(seconds, "second")
        return amount.node(INTERVAL_DS)
    if start == "day" and end == "hour" and (found := re.fullmatch(r"\s*(\d+)\s+(\d+)\s*", text)):
        amount = Amount().plus(Decimal(found[1]), "day").plus(Decimal(found[2]), "hour")
        return amount.node(INTERVAL_DS)
    return interval_text(text).node(INTERVAL_DS)


def _plain(_work: Work, node: exp.Expr) -> exp.Expr:
    """INTERVAL '…' as the parser was given it: a function of its text."""
    (value,) = node.expressions
    return interval_text(literal_text(value, "an interval")).node(INTERVAL)


NAMED: Final[dict[str, Rule]] = {
    "redshift_interval": rule(_plain, "expressions", flags=("this",)),
}


def _invalid(text: str) -> SqlError:
    return SqlError(f'invalid input syntax for type interval: "{text}"', "22007")
