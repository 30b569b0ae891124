"""Functions of a part of a date: DATEADD, DATEDIFF, DATE_PART, EXTRACT, DATE_TRUNC.

https://docs.aws.amazon.com/redshift/latest/dg/r_Dateparts_for_datetime_functions.html
"""

from __future__ import annotations

from typing import Final

from sqlglot import exp

from redshare.sql.rewrite.casts import convert
from redshare.sql.rewrite.rule import Rule, call, is_string, rule, wrong_arguments
from redshare.sql.types import (
    BIGINT,
    DATE,
    DOUBLE,
    INTEGER,
    INTERVALS,
    TIME,
    TIMESTAMP,
    TIMESTAMPTZ,
    TIMETZ,
    engine_cast,
)
from redshare.sql.work import Work, refuse, type_of, typed

#: Every word for a part of a date, and the engine's.
_PARTS: Final = {
    word: part
    for part, words in {
        "millennium": "millennium millennia mil mils",
        "century": "century centuries c cent cents",
        "decade": "decade decades dec decs",
        "year": "year years y yr yrs",
        "quarter": "quarter quarters qtr qtrs",
        "month": "month months mon mons",
        "week": "week weeks w",
        "day": "day days d",
        "hour": "hour hours h hr hrs",
        "minute": "minute minutes m min mins",
        "second": "second seconds s sec secs",
        "millisecond": "millisecond milliseconds ms msec msecs msecond mseconds millisec "
        "millisecs millisecon",
        "microsecond": "microsecond microseconds microsec microsecs usecond useconds us usec usecs",
    }.items()
    for word in words.split()
}
_ONLY_EXTRACTED: Final = {
    word: part
    for part, words in {
        "dow": "dow dayofweek dw weekday",
        "doy": "doy dayofyear dy yearday",
        "epoch": "epoch",
        "timezone": "timezone",
        "timezone_hour": "timezone_hour",
        "timezone_minute": "timezone_minute",
    }.items()
    for word in words.split()
}
#: (engine's function, how many of its units one of ours is)
_ADDED: Final = {
    "month": ("to_months", 1), "quarter": ("to_months", 3), "week": ("to_days", 7),
    "day": ("to_days", 1), "hour": ("to_hours", 1), "minute": ("to_minutes", 1),
    "second": ("to_microseconds", 1_000_000), "millisecond": ("to_microseconds", 1000),
    "microsecond": ("to_microseconds", 1),
}  # fmt: skip
_YEARS: Final = {"year": 1, "decade": 10, "century": 100, "millennium": 1000}
_OF_A_TIME: Final = frozenset({"hour", "minute", "second", "millisecond", "microsecond"})
_SUBSECONDS: Final = {"second": 1_000_000, "millisecond": 1000, "microsecond": 1}


def part_of(node: exp.Expr | None, known: dict[str, str]) -> str:
    """The part of a date that a word names."""
    if not isinstance(node, exp.Var):
        raise refuse("a date part that is not a word")
    word = str(node.this).lower()
    if word not in known:
        raise refuse(f"the date part {word}")
    return known[word]


def moment(work: Work, node: exp.Expr) -> exp.Expr:
    """`node` as a timestamp, with or without a time zone."""
    kind = type_of(node)
    if kind in {TIMESTAMP, TIMESTAMPTZ}:
        return node
    if kind == DATE or is_string(kind):
        return convert(work, node, TIMESTAMP)
    raise refuse(f"a date function of {kind}")


def _moment_or_time(work: Work, node: exp.Expr, part: str) -> exp.Expr:
    kind = type_of(node)
    if kind not in {TIME, TIMETZ}:
        return moment(work, node)
    if part not in _OF_A_TIME:
        raise refuse(f"the date part {part} of {kind}")
    return node


def _arguments(node: exp.Expr, count: int) -> list[exp.Expr]:
    if len(node.expressions) != count or node.args.get("unit") is None:
        raise wrong_arguments(node)
    return list(node.expressions)


def _add(work: Work, node: exp.Expr) -> exp.Expr:
    """DATEADD answers a timestamp, for dates as well."""
    part = part_of(node.args.get("unit"), _PARTS)
    count, start = _arguments(node, 2)
    start = _moment_or_time(work, start, part)
    number: exp.Expr = convert(work, count, BIGINT)
    if part in _YEARS:
        months = exp.Mul(this=number, expression=exp.Literal.number(12 * _YEARS[part]))
        added = call("rs_add_years", start, engine_cast(months, INTEGER))
        return typed(added, type_of(start))
    function, times = _ADDED[part]
    if times != 1:
        number = exp.Mul(this=number, expression=exp.Literal.number(times))
    if function in {"to_months", "to_days"}:
        number = engine_cast(number, INTEGER)
    total = exp.Add(this=start, expression=call(function, number))
    return typed(exp.Paren(this=total), type_of(start))


def _difference(work: Work, node: exp.Expr) -> exp.Expr:
    """DATEDIFF counts the boundaries between the two."""
    part = part_of(node.args.get("unit"), _PARTS)
    start, end = (_moment_or_time(work, item, part) for item in _arguments(node, 2))
    if part == "week":
        return typed(call("rs_weeks_between", start, end), BIGINT)
    start, end = (
        engine_cast(item, TIME) if type_of(item) == TIMETZ else item for item in (start, end)
    )
    return typed(call("date_diff", exp.Literal.string(part), start, end), BIGINT)


def _truncate(work: Work, node: exp.Expr) -> exp.Expr:
    part = part_of(node.args.get("unit"), _PARTS)
    (value,) = _arguments(node, 1)
    inner = moment(work, value)
    kind = type_of(inner)
    if part in {"century", "millennium"}:
        years = exp.Literal.number(_YEARS[part])
        return typed(engine_cast(call("rs_trunc_years", inner, years), kind), kind)
    bound = call("date_trunc", exp.Literal.string(part), inner)
    return typed(engine_cast(bound, kind), kind)


def _extract(work: Work, node: exp.Expr) -> exp.Expr:
    """EXTRACT leaves out what is above and below the part."""
    part = part_of(node.this, {**_PARTS, **_ONLY_EXTRACTED})
    source = _source(work, node.expression, part)
    kind = DOUBLE if type_of(source) == TIMESTAMPTZ else INTEGER
    if part.startswith("timezone"):
        if type_of(source) != TIMESTAMPTZ:
            raise refuse(f"the date part {part} of {type_of(source)}")
        return typed(engine_cast(exp.Literal.number(0), kind), kind)
    if part == "epoch":
        kind = DOUBLE if kind == DOUBLE else BIGINT
        found: exp.Expr = call("floor", _engine_part(part, source))
    elif part in _SUBSECONDS:
        found = call("date_part", exp.Literal.string("microsecond"), source)
        found = exp.Paren(this=exp.IntDiv(this=found, expression=_number(_SUBSECONDS[part])))
        if part != "second":
            found = exp.Mod(this=found, expression=_number(1000))
    else:
        found = _engine_part(part, source)
    return typed(engine_cast(exp.Paren(this=found), kind), kind)


def _date_part(work: Work, node: exp.Expr) -> exp.Expr:
    """DATE_PART answers seconds with their fraction, for the parts of a second as well."""
    part = part_of(node.args.get("unit"), {**_PARTS, **_ONLY_EXTRACTED})
    (value,) = _arguments(node, 1)
    source = _source(work, value, part)
    if part.startswith("timezone"):
        raise refuse(f"the date part {part} of date_part")
    if part in _SUBSECONDS:
        found = engine_cast(call("date_part", exp.Literal.string("microsecond"), source), DOUBLE)
        scale = _number(_SUBSECONDS[part])
        return typed(exp.Paren(this=exp.Div(this=found, expression=scale, typed=True)), DOUBLE)
    return typed(engine_cast(_engine_part(part, source), DOUBLE), DOUBLE)


def _number(value: int) -> exp.Expr:
    return exp.Literal.number(value)


def _source(work: Work, node: exp.Expr, part: str) -> exp.Expr:
    kind = type_of(node)
    if kind in INTERVALS and part not in {"dow", "doy", "week", "quarter"}:
        return node
    if kind in {TIME, TIMETZ} and (part in _OF_A_TIME or part == "epoch"):
        return node
    return moment(work, node)


def _engine_part(part: str, source: exp.Expr) -> exp.Expr:
    return call("date_part", exp.Literal.string(part), source)


def _date_part_year(work: Work, node: exp.Expr) -> exp.Expr:
    if len(node.expressions) != 1:
        raise wrong_arguments(node)
    found = _engine_part("year", moment(work, node.expressions[0]))
    return typed(engine_cast(found, INTEGER), INTEGER)


RULES: Final[dict[type[exp.Expr], Rule]] = {
    exp.Extract: rule(_extract, "expression", flags=("this",)),
}
_WITH_PART: Final = {
    "dateadd": _add, "date_add": _add, "datediff": _difference, "date_diff": _difference,
    "date_part": _date_part, "datepart": _date_part, "pgdate_part": _date_part,
    "date_trunc": _truncate,
}  # fmt: skip
NAMED: Final[dict[str, Rule]] = {
    **{
        f"redshift_{name}": rule(apply, "expressions", flags=("this", "unit"))
        for name, apply in _WITH_PART.items()
    },
    "date_part_year": rule(_date_part_year, "expressions", flags=("this",)),
}
