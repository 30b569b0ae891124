"""What type a parameter has, from where it stands: PostgreSQL's rule that an operand of unknown
type is of its neighbour's, and what the known functions take.

The first place that says something decides; a parameter that nothing is said of is text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final

from sqlglot import exp

from redshare.core.sql_errors import SqlError
from redshare.sql.types import (
    BIGINT,
    BOOLEAN,
    DATE,
    DATETIMES,
    DOUBLE,
    INTEGER,
    INTERVAL,
    MAX_PRECISION,
    TIMESTAMP,
    UNKNOWN,
    VARCHAR,
    SqlType,
    numeric,
)
from redshare.sql.work import Work, type_of

_NUMBERS: Final = (
    exp.Sqrt, exp.Exp, exp.Ln, exp.Log, exp.Sin, exp.Cos, exp.Tan, exp.Cot, exp.Asin, exp.Acos,
    exp.Atan, exp.Cbrt, exp.Degrees, exp.Radians, exp.Abs, exp.Sign, exp.Ceil, exp.Floor, exp.Avg,
    exp.Sum, exp.Neg,
)  # fmt: skip
_ARGUMENTS: Final[dict[type[exp.Expr], dict[str, SqlType]]] = {
    **{kind: {"this": DOUBLE} for kind in _NUMBERS},
    **{kind: {"this": DOUBLE, "expression": DOUBLE} for kind in (exp.Pow, exp.Atan2)},
    **{kind: {"this": DOUBLE, "decimals": INTEGER} for kind in (exp.Round, exp.Trunc)},
    **{kind: {"expression": INTEGER} for kind in (exp.Left, exp.Right, exp.Pad)},
    exp.Repeat: {"times": INTEGER},
    exp.Chr: {"expressions": INTEGER},
    exp.Substring: {"start": INTEGER, "length": INTEGER},
    exp.SplitPart: {"part_index": INTEGER},
    exp.SHA2: {"length": INTEGER},
    exp.RegexpReplace: {"position": INTEGER},
    exp.TsOrDsAdd: {"this": TIMESTAMP, "expression": BIGINT},
    exp.TsOrDsDiff: {"this": TIMESTAMP, "expression": TIMESTAMP},
    exp.TimestampTrunc: {"this": TIMESTAMP},
    exp.DateTrunc: {"this": TIMESTAMP},
    exp.Extract: {"expression": TIMESTAMP},
    exp.LastDay: {"this": DATE},
    exp.ConvertTimezone: {"timestamp": TIMESTAMP},
    exp.AtTimeZone: {"this": TIMESTAMP},
    exp.Ntile: {"this": INTEGER},
    exp.NthValue: {"offset": INTEGER},
    exp.Lag: {"offset": INTEGER},
    exp.Lead: {"offset": INTEGER},
    exp.Not: {"this": BOOLEAN},
}
#: Beside text, a parameter is text, whatever stands on the other side.
_TEXTUAL: Final = (exp.DPipe, exp.Like, exp.ILike, exp.SimilarTo, exp.RegexpLike, exp.RegexpILike)


def infer_operands(work: Work, node: exp.Expr) -> None:
    """Parameters among the operands of a node whose children are bound."""
    if isinstance(node, _TEXTUAL):
        _all(work, [node.this, node.expression], VARCHAR)
    elif isinstance(node, (exp.Add, exp.Sub)) and _infer_shift(work, node):
        return
    elif isinstance(node, exp.Between):
        infer_alike(work, [node.this, node.args["low"], node.args["high"]])
    elif isinstance(node, (exp.Binary, exp.Nullif)):
        infer_alike(work, [node.this, node.expression])
    elif isinstance(node, (exp.Coalesce, exp.Greatest, exp.Least)):
        infer_alike(work, [node.this, *node.expressions])
    elif isinstance(node, exp.DecodeCase):
        _infer_decode(work, node.expressions)
    for key, kind in _ARGUMENTS.get(type(node), {}).items():
        value = node.args.get(key)
        _all(work, value if isinstance(value, list) else [value], kind)


def _infer_shift(work: Work, node: exp.Expr) -> bool:
    """What is added to a date is days, what is added to a moment is an interval."""
    for one, other in ((node.this, node.expression), (node.expression, node.this)):
        kind = type_of(one)
        if kind.name not in DATETIMES or type_of(other) != UNKNOWN:
            continue
        if isinstance(node, exp.Add):
            work.infer(other, INTEGER if kind == DATE else INTERVAL)
            return True
    return False


def _infer_decode(work: Work, items: Sequence[exp.Expr]) -> None:
    subject, *rest = items
    default = [rest.pop()] if len(rest) % 2 else []
    infer_alike(work, [subject, *rest[::2]])
    infer_alike(work, [*rest[1::2], *default])


def infer_alike(work: Work, items: Sequence[exp.Expr]) -> None:
    """Parameters among values that are of one type: that of the first whose type is known."""
    _all(work, items, next((k for k in map(type_of, items) if k != UNKNOWN), UNKNOWN))


def _all(work: Work, items: Sequence[object], kind: SqlType) -> None:
    for item in items:
        work.infer(item, kind)


_NUMBER: Final = re.compile(r"\s*[+-]?(?:\d{1,60}(?:\.\d{0,60})?|\.\d{1,60})\s*")


def numeric_types(values: Sequence[object]) -> Mapping[int, SqlType]:
    """The precision and scale of every value that may be given for a numeric parameter.

    Raises SqlError where a number has more digits than any numeric.
    """
    found = {}
    for number, value in enumerate(values, start=1):
        if isinstance(value, str) and _NUMBER.fullmatch(value):
            value = Decimal(value)  # noqa: PLW2901 - a number, be it in text
        if isinstance(value, Decimal):
            found[number] = _numeric_type(value)
    return found


def _numeric_type(value: Decimal) -> SqlType:
    _, digits, exponent = value.as_tuple()
    if not isinstance(exponent, int):
        raise SqlError('invalid input syntax for type numeric: "NaN"', "22P02")
    scale = max(0, -exponent)
    precision = max(len(digits) + max(exponent, 0), scale, 1)
    if precision > MAX_PRECISION:
        raise SqlError("numeric field overflow", "22003")
    return numeric(precision, scale)
