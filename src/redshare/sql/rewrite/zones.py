"""Time zones: CONVERT_TIMEZONE, TIMEZONE, AT TIME ZONE.

https://docs.aws.amazon.com/redshift/latest/dg/CONVERT_TIMEZONE.html
"""

from __future__ import annotations

from typing import Final

from sqlglot import exp

from redshare.sql.rewrite.date_parts import moment
from redshare.sql.rewrite.rule import Rule, call, require_string, rule, wrong_arguments
from redshare.sql.types import TIMESTAMP, TIMESTAMPTZ, SqlType
from redshare.sql.work import Work, type_of, typed


def _convert(work: Work, node: exp.Expr) -> exp.Expr:
    """Local time of one zone as local time of another."""
    source = node.args.get("source_tz") or exp.Literal.string("UTC")
    stamp = moment(work, node.args["timestamp"])
    if type_of(stamp) != TIMESTAMPTZ:
        stamp = call("timezone", _name(source), stamp)
    return typed(call("timezone", _name(node.args["target_tz"]), stamp), TIMESTAMP)


def _zone(work: Work, zone: exp.Expr, value: exp.Expr) -> exp.Expr:
    inner = moment(work, value)
    kind: SqlType = TIMESTAMP if type_of(inner) == TIMESTAMPTZ else TIMESTAMPTZ
    return typed(call("timezone", _name(zone), inner), kind)


def _name(zone: exp.Expr) -> exp.Expr:
    return call("rs_zone", require_string(zone))


def _at_time_zone(work: Work, node: exp.Expr) -> exp.Expr:
    return _zone(work, node.args["zone"], node.this)


def _timezone(work: Work, node: exp.Expr) -> exp.Expr:
    if len(node.expressions) != 2:
        raise wrong_arguments(node)
    return _zone(work, node.expressions[0], node.expressions[1])


RULES: Final[dict[type[exp.Expr], Rule]] = {
    exp.ConvertTimezone: rule(_convert, "source_tz", "target_tz", "timestamp"),
    exp.AtTimeZone: rule(_at_time_zone, "this", "zone"),
}
NAMED: Final[dict[str, Rule]] = {
    "timezone": rule(_timezone, "expressions", flags=("this",)),
}
