"""Functions of dates and times that name no part: the clock, months, weekdays, comparisons.

The time is what the node says it is, in UTC: the engine's own clock is not read.
https://docs.aws.amazon.com/redshift/latest/dg/Date_functions_header.html
"""

from __future__ import annotations

from typing import Final

from sqlglot import exp

from redshare.sql.rewrite.casts import convert
from redshare.sql.rewrite.date_parts import moment
from redshare.sql.rewrite.rule import Apply, Rule, call, require_string, rule, wrong_arguments
from redshare.sql.types import (
    BOOLEAN,
    DATE,
    DOUBLE,
    INTEGER,
    INTERVAL,
    INTERVALS,
    TIMESTAMP,
    TIMESTAMPTZ,
    VARCHAR,
    SqlType,
    engine_cast,
)
from redshare.sql.work import Work, type_of, typed


def utc_now() -> exp.Expr:
    """The transaction's time."""
    return _told("transaction_time")


def _told(variable: str) -> exp.Expr:
    """A time in UTC that the node gives a statement."""
    return typed(
        engine_cast(call("getvariable", exp.Literal.string(variable)), TIMESTAMP), TIMESTAMP
    )


def _clock(_work: Work, node: exp.Expr) -> exp.Expr:
    """SYSDATE has no time zone, CURRENT_TIMESTAMP and NOW have one."""
    if node.args.get("sysdate"):
        return utc_now()
    return typed(call("timezone", exp.Literal.string("UTC"), utc_now()), TIMESTAMPTZ)


def _getdate(_work: Work, node: exp.Expr) -> exp.Expr:
    """When the statement began, without a fraction of a second; SYSDATE is the transaction's."""
    _exactly(node, 0)
    began = _told("statement_time")
    return typed(call("date_trunc", exp.Literal.string("second"), began), TIMESTAMP)


def _today(_work: Work, _node: exp.Expr) -> exp.Expr:
    return typed(engine_cast(utc_now(), DATE), DATE)


def _time_of_day(_work: Work, node: exp.Expr) -> exp.Expr:
    _exactly(node, 0)
    pattern = exp.Literal.string("%a %b %d %H:%M:%S.%f %Y UTC")
    return typed(call("strftime", utc_now(), pattern), VARCHAR)


def _last_day(work: Work, node: exp.Expr) -> exp.Expr:
    return typed(call("last_day", engine_cast(moment(work, node.this), DATE)), DATE)


def _to_date(work: Work, node: exp.Expr) -> exp.Expr:
    return convert(work, node.this, DATE)


def _exactly(node: exp.Expr, count: int) -> list[exp.Expr]:
    if len(node.expressions) != count:
        raise wrong_arguments(node)
    return list(node.expressions)


def _add_months(work: Work, node: exp.Expr) -> exp.Expr:
    start, count = _exactly(node, 2)
    start = moment(work, start)
    added = call("rs_add_months", start, convert(work, count, INTEGER))
    return typed(added, type_of(start))


def _months_between(work: Work, node: exp.Expr) -> exp.Expr:
    first, second = (convert(work, item, TIMESTAMP) for item in _exactly(node, 2))
    return typed(call("rs_months_between", first, second), DOUBLE)


def _next_day(work: Work, node: exp.Expr) -> exp.Expr:
    date, name = _exactly(node, 2)
    return typed(call("rs_next_day", moment(work, date), require_string(name)), DATE)


def _compared(left: SqlType, right: SqlType) -> Rule:
    """A comparison as -1, 0 or 1."""

    def apply(work: Work, node: exp.Expr) -> exp.Expr:
        first, second = _exactly(node, 2)
        compared = call("rs_cmp", convert(work, first, left), convert(work, second, right))
        return typed(engine_cast(compared, INTEGER), INTEGER)

    return rule(apply, "expressions", flags=("this",))


def _interval_compared(work: Work, node: exp.Expr) -> exp.Expr:
    items = [
        item if type_of(item) in INTERVALS else convert(work, item, INTERVAL)
        for item in _exactly(node, 2)
    ]
    return typed(engine_cast(call("rs_cmp", *items), INTEGER), INTEGER)


def _is_finite(work: Work, node: exp.Expr) -> exp.Expr:
    (value,) = _exactly(node, 1)
    return typed(call("isfinite", moment(work, value)), BOOLEAN)


def _named(apply: Apply) -> Rule:
    return rule(apply, "expressions", flags=("this",))


RULES: Final[dict[type[exp.Expr], Rule]] = {
    exp.CurrentTimestamp: rule(_clock, flags=("sysdate",)),
    exp.CurrentDate: rule(_today),
    exp.LastDay: rule(_last_day, "this"),
    exp.Date: rule(_to_date, "this"),
}
NAMED: Final[dict[str, Rule]] = {
    "redshift_getdate": _named(_getdate),
    "redshift_now": rule(_clock, flags=("this",)),
    "timeofday": _named(_time_of_day),
    "redshift_add_months": _named(_add_months),
    "redshift_months_between": _named(_months_between),
    "redshift_next_day": _named(_next_day),
    "date_cmp": _compared(DATE, DATE),
    "date_cmp_timestamp": _compared(DATE, TIMESTAMP),
    "date_cmp_timestamptz": _compared(DATE, TIMESTAMPTZ),
    "timestamp_cmp": _compared(TIMESTAMP, TIMESTAMP),
    "timestamp_cmp_date": _compared(TIMESTAMP, DATE),
    "timestamp_cmp_timestamptz": _compared(TIMESTAMP, TIMESTAMPTZ),
    "timestamptz_cmp": _compared(TIMESTAMPTZ, TIMESTAMPTZ),
    "timestamptz_cmp_date": _compared(TIMESTAMPTZ, DATE),
    "timestamptz_cmp_timestamp": _compared(TIMESTAMPTZ, TIMESTAMP),
    "interval_cmp": _named(_interval_compared),
    "isfinite": _named(_is_finite),
}
