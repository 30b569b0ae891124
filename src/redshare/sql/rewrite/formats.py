"""TO_CHAR of dates and times, element by element; what is no element is written as it is.

https://docs.aws.amazon.com/redshift/latest/dg/r_FORMAT_strings.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from sqlglot import exp

from redshare.sql.rewrite.date_parts import moment
from redshare.sql.rewrite.number_formats import number_to_char
from redshare.sql.rewrite.rule import (
    Rule,
    call,
    is_number,
    is_string,
    literal_text,
    rule,
    wrong_arguments,
)
from redshare.sql.types import TIME, VARCHAR, engine_cast
from redshare.sql.work import Work, refuse, type_of, typed

#: Elements, the longest of those with one beginning first; case is told apart only in names.
ELEMENTS: Final = (
    "Y,YYY", "MONTH", "IYYY", "IDDD", "YYYY", "HH24", "HH12", "SSSSS", "SSSS", "A.D.", "B.C.",
    "A.M.", "P.M.", "IYY", "YYY", "DDD", "DAY", "MON", "AD", "BC", "AM", "PM", "CC", "YY", "IY",
    "MM", "MI", "MS", "RM", "WW", "IW", "DY", "DD", "ID", "HH", "SS", "US", "TZ", "OF", "Y", "I",
    "Q", "W", "D", "J",
)  # fmt: skip
_ITEM: Final = re.compile(
    r'"(?P<quoted>[^"]*)"|(?P<fill>FM|TM)?(?P<element>'
    + "|".join(re.escape(e) for e in ELEMENTS)
    + r")(?P<ordinal>TH)?|(?P<other>.)",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Item:
    """One element of a pattern, or a text between."""

    element: str = ""
    written: str = ""
    fill: bool = False
    ordinal: str = ""
    text: str = ""


def items(pattern: str) -> Iterator[Item]:
    """A pattern cut into its elements."""
    for found in _ITEM.finditer(pattern):
        if found["element"] is None:
            text = found["quoted"] if found["quoted"] is not None else found["other"]
            yield Item(text=text)
        else:
            written = found["element"]
            fill = (found["fill"] or "").upper() == "FM"
            yield Item(written.upper(), written, fill, found["ordinal"] or "")


# --- elements ---------------------------------------------------------------------------------

_STRFTIME: Final = {
    "MM": "%m", "DDD": "%j", "DD": "%d", "HH24": "%H", "HH12": "%I", "HH": "%I", "MI": "%M",
    "SS": "%S", "US": "%f", "MS": "%g", "IYYY": "%G", "IW": "%V", "YY": "%y",
}  # fmt: skip
_NAMES: Final = {"MONTH": "%B", "MON": "%b", "DAY": "%A", "DY": "%a"}
_PADDED: Final = frozenset({"MONTH", "DAY"})


def _part(name: str, stamp: exp.Expr) -> exp.Expr:
    return call("date_part", exp.Literal.string(name), stamp.copy())


def _number(value: int) -> exp.Expr:
    return exp.Literal.number(value)


def _zeros(value: exp.Expr, width: int) -> exp.Expr:
    text = engine_cast(value, VARCHAR)
    return call("lpad", text, _number(width), exp.Literal.string("0"))


def _year(width: int) -> Callable[[exp.Expr], exp.Expr]:
    """The last digits of the year."""
    return lambda stamp: call("right", _zeros(_part("year", stamp), 4), _number(width))


def _iso_year(width: int) -> Callable[[exp.Expr], exp.Expr]:
    return lambda stamp: call("right", _zeros(_part("isoyear", stamp), 4), _number(width))


def _grouped_year(stamp: exp.Expr) -> exp.Expr:
    thousands = exp.IntDiv(this=_part("year", stamp), expression=_number(1000))
    rest = _year(3)(stamp)
    comma = exp.DPipe(this=engine_cast(thousands, VARCHAR), expression=exp.Literal.string(","))
    return exp.DPipe(this=comma, expression=rest)


def _counted(part: str, width: int) -> Callable[[exp.Expr], exp.Expr]:
    """Weeks of a month or year that begin on its first day."""

    def make(stamp: exp.Expr) -> exp.Expr:
        days = exp.Sub(this=_part(part, stamp), expression=_number(1))
        weeks = exp.IntDiv(this=exp.Paren(this=days), expression=_number(7))
        return _zeros(exp.Add(this=exp.Paren(this=weeks), expression=_number(1)), width)

    return make


def _iso_day(stamp: exp.Expr) -> exp.Expr:
    weeks = exp.Sub(this=_part("week", stamp), expression=_number(1))
    days = exp.Mul(this=exp.Paren(this=weeks), expression=_number(7))
    return _zeros(exp.Add(this=days, expression=_part("isodow", stamp)), 3)


def _weekday(stamp: exp.Expr) -> exp.Expr:
    return engine_cast(exp.Add(this=_part("dow", stamp), expression=_number(1)), VARCHAR)


def _midnight_seconds(stamp: exp.Expr) -> exp.Expr:
    hours = exp.Mul(this=_part("hour", stamp), expression=_number(3600))
    minutes = exp.Mul(this=_part("minute", stamp), expression=_number(60))
    total = exp.Add(this=exp.Add(this=hours, expression=minutes), expression=_part("second", stamp))
    return engine_cast(total, VARCHAR)


_COMPUTED: Final[dict[str, Callable[[exp.Expr], exp.Expr]]] = {
    "YYYY": lambda stamp: _zeros(_part("year", stamp), 4),
    "YYY": _year(3),
    "Y": _year(1),
    "Y,YYY": _grouped_year,
    "IYY": _iso_year(3),
    "IY": _iso_year(2),
    "I": _iso_year(1),
    "CC": lambda stamp: _zeros(_part("century", stamp), 2),
    "Q": lambda stamp: engine_cast(call("quarter", stamp.copy()), VARCHAR),
    "W": _counted("day", 1),
    "WW": _counted("doy", 2),
    "IDDD": _iso_day,
    "D": _weekday,
    "ID": lambda stamp: engine_cast(_part("isodow", stamp), VARCHAR),
    "J": lambda stamp: engine_cast(call("rs_julian", stamp.copy()), VARCHAR),
    "SSSS": _midnight_seconds,
    "SSSSS": _midnight_seconds,
}


def _element(item: Item, stamp: exp.Expr) -> exp.Expr:
    """One element of the pattern as text."""
    name = item.element
    if name in _NAMES:
        return _name(item, stamp)
    if name in {"AM", "PM", "A.M.", "P.M."}:
        return _half(item, stamp)
    if name in {"AD", "BC", "A.D.", "B.C."}:
        return _era(item, stamp)
    if name == "RM":
        roman = call("rs_month_roman", stamp.copy())
        roman = roman if item.fill else call("rpad", roman, _number(4), exp.Literal.string(" "))
        return roman if item.written.isupper() else call("lower", roman)
    if name == "TZ":
        return exp.Literal.string("UTC" if item.written.isupper() else "utc")
    if name == "OF":
        return exp.Literal.string("+00")
    if name in _STRFTIME:
        text = call("strftime", stamp.copy(), exp.Literal.string(_STRFTIME[name]))
    else:
        text = _COMPUTED[name](stamp)
    if item.ordinal:
        suffix = call("rs_ordinal", engine_cast(text.copy(), VARCHAR))
        suffix = call("upper", suffix) if item.ordinal.isupper() else suffix
    if item.fill and name not in {"US", "MS"}:
        # A value of zero keeps one digit.
        text = call("regexp_replace", text, exp.Literal.string("^0+(.)"), exp.Literal.string(r"\1"))
    return exp.DPipe(this=text, expression=suffix) if item.ordinal else text


def _name(item: Item, stamp: exp.Expr) -> exp.Expr:
    name = call("strftime", stamp.copy(), exp.Literal.string(_NAMES[item.element]))
    if item.written[:2].isupper():
        name = call("upper", name)
    elif item.written[:1].islower():
        name = call("lower", name)
    if item.element in _PADDED and not item.fill:
        name = call("rpad", name, _number(9), exp.Literal.string(" "))
    return name


def _half(item: Item, stamp: exp.Expr) -> exp.Expr:
    """AM and PM mean the same: the half of the day."""
    am, pm = ("A.M.", "P.M.") if "." in item.element else ("AM", "PM")
    if not item.written[0].isupper():
        am, pm = am.lower(), pm.lower()
    before = exp.LT(this=_part("hour", stamp), expression=_number(12))
    return exp.Case(
        ifs=[exp.If(this=before, true=exp.Literal.string(am))], default=exp.Literal.string(pm)
    )


def _era(item: Item, stamp: exp.Expr) -> exp.Expr:
    ad, bc = ("A.D.", "B.C.") if "." in item.element else ("AD", "BC")
    if not item.written[0].isupper():
        ad, bc = ad.lower(), bc.lower()
    after = exp.GT(this=_part("year", stamp), expression=_number(0))
    return exp.Case(
        ifs=[exp.If(this=after, true=exp.Literal.string(ad))], default=exp.Literal.string(bc)
    )


# --- TO_CHAR ----------------------------------------------------------------------------------


def _to_char(work: Work, node: exp.Expr) -> exp.Expr:
    if len(node.expressions) != 2:
        raise wrong_arguments(node)
    value, format_ = node.expressions
    pattern = literal_text(format_, "a format")
    kind = type_of(value)
    if isinstance(value, exp.Null):
        return typed(engine_cast(value, VARCHAR), VARCHAR)
    if is_number(kind):
        return number_to_char(value, pattern)
    if is_string(kind) and not isinstance(value, exp.Literal):
        raise refuse(f"to_char of {kind}")
    if kind == TIME:
        raise refuse("to_char of a time")
    stamp = moment(work, value)
    parts: list[exp.Expr] = []
    plain = ""
    for item in items(pattern):
        if not item.element:
            plain += item.text
            continue
        if plain:
            parts.append(exp.Literal.string(plain))
            plain = ""
        parts.append(_element(item, stamp))
    if plain or not parts:
        parts.append(exp.Literal.string(plain))
    return typed(_joined(parts, stamp), VARCHAR)


def _joined(parts: list[exp.Expr], stamp: exp.Expr) -> exp.Expr:
    """The parts one behind the other; NULL of NULL even where no element is."""
    bound = parts[0]
    for part in parts[1:]:
        bound = exp.DPipe(this=bound, expression=part)
    there = exp.Not(this=exp.Is(this=exp.Paren(this=stamp), expression=exp.Null()))
    return exp.Case(ifs=[exp.If(this=there, true=engine_cast(exp.Paren(this=bound), VARCHAR))])


NAMED: Final[dict[str, Rule]] = {
    "redshift_to_char": rule(_to_char, "expressions", flags=("this",)),
}
