"""CAST, CONVERT, TRY_CAST, and every other place where a value becomes one of another type.

https://docs.aws.amazon.com/redshift/latest/dg/r_CAST_function.html
"""

from __future__ import annotations

import re
from typing import Final

from sqlglot import exp

from redshare.core.sql_errors import SqlError
from redshare.sql.rewrite.rule import Rule, call, is_number, is_string, rule, written
from redshare.sql.types import (
    DATETIMES,
    FLOATS,
    INTEGERS,
    INTERVALS,
    STRINGS,
    TIME,
    TIMETZ,
    UNKNOWN,
    VARBYTE,
    VARCHAR,
    SqlType,
    cast_type,
    engine_cast,
    plain,
)
from redshare.sql.work import Work, refuse, type_of, typed

#: Macros that read a type from text: with an error for what is no such value, and with NULL.
_READ: Final = {
    "boolean": ("rs_text_boolean", "rs_read_boolean"),
    "date": ("rs_text_date", "rs_read_date"),
    "time without time zone": ("rs_text_time", "rs_read_time"),
    "time with time zone": ("rs_text_timetz", "rs_read_timetz"),
    "timestamp without time zone": ("rs_text_timestamp", "rs_read_timestamp"),
    "timestamp with time zone": ("rs_text_timestamptz", "rs_read_timestamptz"),
}
_NUMBERS: Final = {
    **dict.fromkeys(INTEGERS, ("rs_text_integer", "rs_integer_text")),
    "numeric": ("rs_text_numeric", "rs_numeric_text"),
    **dict.fromkeys(FLOATS, ("rs_text_double", "rs_double_text")),
}
#: Literals in these forms are read by the engine as Redshift reads them; the rest needs a macro.
_PLAIN: Final = {
    **dict.fromkeys(INTEGERS, re.compile(r"[+-]?[0-9]{1,18}")),
    "numeric": re.compile(r"[+-]?[0-9]+(\.[0-9]+)?"),
    **dict.fromkeys(FLOATS, re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,2})?")),
    "boolean": re.compile(r"true|false"),
    "date": re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"),
    "time without time zone": re.compile(r"[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?"),
    "timestamp without time zone": re.compile(
        r"[0-9]{4}-[0-9]{2}-[0-9]{2}( [0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?)?"
    ),
}
_FLOAT: Final = r"\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?\s*"
#: Literals are looked at before the statement runs, whether or not it comes to need them.
_VALID: Final = {
    **dict.fromkeys(INTEGERS, (re.compile(r"\s*[+-]?[0-9]+\s*"), "integer")),
    "numeric": (re.compile(_FLOAT), "type numeric"),
    **dict.fromkeys(
        FLOATS,
        (re.compile(rf"(?i:{_FLOAT}|\s*(nan|[+-]?inf(inity)?)\s*)"), "type double precision"),
    ),
}
_MOMENTS: Final = DATETIMES | {TIME.name, TIMETZ.name}
_INTERVAL_NAMES: Final = frozenset(kind.name for kind in INTERVALS)


def convert(work: Work, node: exp.Expr, kind: SqlType) -> exp.Expr:
    """`node` as `kind`; a parameter of unknown type is of that one. Raises SqlError kinds."""
    work.infer(node, kind)
    if plain(kind) != kind or kind.name.endswith("[]"):
        # Of the system catalogue: any text is of its texts, any integer of its numbers.
        return typed(engine_cast(node, kind), kind)
    source = plain(type_of(node))
    if kind.name in STRINGS:
        return _string(node, source, kind)
    if node.meta.get("parameter") is not None and source == kind:
        return node
    if is_string(source) and not isinstance(node, exp.Null):
        return typed(_read(node, kind), kind)
    _check(source, kind)
    if kind.name in INTEGERS and source.name in FLOATS:
        return typed(engine_cast(call("rs_finite", node), kind), kind)
    return typed(engine_cast(node, kind), kind)


def _string(node: exp.Expr, source: SqlType, kind: SqlType) -> exp.Expr:
    """Text that is too long is cut; a character's trailing blanks are no part of it."""
    if isinstance(node, exp.Null):
        return typed(engine_cast(node, kind), kind)
    text = node if is_string(source) else written(node)
    if source == UNKNOWN:
        text = engine_cast(text, VARCHAR)
    if kind.a is not None and not (source.name in STRINGS and source.a and source.a <= kind.a):
        if isinstance(node, exp.Literal) and len(str(node.this).encode()) <= kind.a:
            pass
        else:
            text = call("rs_cut", text, exp.Literal.number(kind.a))
    if kind.name == "character" and source.name != "character":
        text = call("rtrim", text, exp.Literal.string(" "))
    return typed(text, kind)


def _read(node: exp.Expr, kind: SqlType) -> exp.Expr:
    if isinstance(node, exp.Literal):
        text = str(node.this)
        simple, valid = _PLAIN.get(kind.name), _VALID.get(kind.name)
        if simple is not None and simple.fullmatch(text):
            return engine_cast(node, kind)
        if valid is not None and not valid[0].fullmatch(text):
            raise SqlError(f'invalid input syntax for {valid[1]}: "{text}"', "22P02")
    if kind.name in _NUMBERS:
        return engine_cast(call(_NUMBERS[kind.name][0], node), kind)
    if kind.name in _READ:
        return call(_READ[kind.name][0], node)
    if kind.name == VARBYTE.name:
        return call("encode", node)
    if kind.name in _INTERVAL_NAMES:
        return engine_cast(node, kind)
    raise refuse(f"a cast to {kind}")


def _check(source: SqlType, kind: SqlType) -> None:
    """Raises where there is no cast between the two."""
    if source in {UNKNOWN, kind} or source.name == kind.name:
        return
    families = [
        "number" if is_number(k) else "moment" if k.name in _MOMENTS else k.name
        for k in (source, kind)
    ]
    if families[0] == families[1]:
        apart = {source.name, kind.name}
        if apart & {TIME.name, TIMETZ.name} and apart & {"date"}:
            raise _no_cast(source, kind)
        if source.name in {TIME.name, TIMETZ.name} and kind.name in DATETIMES:
            raise _no_cast(source, kind)
        return
    if families in (["number", "boolean"], ["boolean", "number"]):
        return
    if {source.name, kind.name} <= _INTERVAL_NAMES or not _known(source):
        return
    raise _no_cast(source, kind)


def _known(kind: SqlType) -> bool:
    names = _MOMENTS | _INTERVAL_NAMES | {"boolean", VARBYTE.name}
    return is_number(kind) or is_string(kind) or kind.name in names


def _no_cast(source: SqlType, kind: SqlType) -> SqlError:
    return SqlError(f"cannot cast type {source.name} to {kind.name}", "42846")


def _cast(work: Work, node: exp.Expr) -> exp.Expr:
    return convert(work, node.this, type_of(node))


def try_convert(node: exp.Expr, kind: SqlType) -> exp.Expr:
    """TRY_CAST: NULL where the value is none of that type."""
    source = type_of(node)
    if kind.name in STRINGS or isinstance(node, exp.Null):
        return _string(node, source, kind)
    if is_string(source):
        if kind.name in _READ:
            return typed(call(_READ[kind.name][1], node), kind)
        if kind.name not in _NUMBERS:
            raise refuse(f"try_cast to {kind}")
        node = call(_NUMBERS[kind.name][1], node)
    else:
        _check(source, kind)
    tried = exp.TryCast(this=node, to=engine_cast(exp.Null(), kind).args["to"])
    return typed(tried, kind)


def _try_cast(_work: Work, node: exp.Expr) -> exp.Expr:
    return try_convert(node.this, cast_type(node.args["to"]))


RULES: Final[dict[type[exp.Expr], Rule]] = {
    exp.Cast: rule(_cast, "this", flags=("to",)),
    exp.TryCast: rule(_try_cast, "this", flags=("to", "safe")),
}
