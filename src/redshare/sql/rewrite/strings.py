"""String functions.

https://docs.aws.amazon.com/redshift/latest/dg/String_functions_header.html
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlglot import exp

from redshare.core.sql_errors import SqlError
from redshare.sql.rewrite.casts import convert
from redshare.sql.rewrite.rule import (
    Rule,
    as_long_as,
    call,
    integer_of,
    require_string,
    rule,
    values,
    wrong_arguments,
)
from redshare.sql.types import BIGINT, INTEGER, VARBYTE, VARCHAR, SqlType, engine_cast
from redshare.sql.work import Work, refuse, type_of, typed

#: What an argument is: text, or a number.
_S: Final = VARCHAR
_N: Final = INTEGER


def _function(
    engine: str,
    keys: Sequence[str],
    kinds: Sequence[SqlType],
    result: SqlType = VARCHAR,
    *,
    optional: Sequence[exp.Expr] = (),
) -> Rule:
    """A function of arguments of these types; `optional` stands for the last where left out."""

    def apply(work: Work, node: exp.Expr) -> exp.Expr:
        given = values(node, keys)
        missing = len(kinds) - len(given)
        if not 0 <= missing <= len(optional):
            raise wrong_arguments(node)
        given += [item.copy() for item in optional[len(optional) - missing :]]
        items = [_argument(work, item, kind) for item, kind in zip(given, kinds, strict=True)]
        bound = call(engine, *items)
        return typed(engine_cast(bound, result) if result != VARCHAR else bound, result)

    return rule(apply, *keys, flags=("this", "charset") if "this" not in keys else ())


def _shortening(engine: str, keys: Sequence[str], kinds: Sequence[SqlType]) -> Rule:
    """A function whose text is no longer than its first argument."""
    plain = _function(engine, keys, kinds)

    def apply(work: Work, node: exp.Expr) -> exp.Expr:
        kind = as_long_as(values(node, keys)[0])
        return typed(plain.apply(work, node), kind)

    return Rule(plain.arguments, plain.children, apply)


def _argument(work: Work, node: exp.Expr, kind: SqlType) -> exp.Expr:
    if kind == VARCHAR:
        work.infer(node, VARCHAR)
        if type_of(node).name == VARBYTE.name:
            raise refuse("this function of binary values")
        return require_string(node)
    return convert(work, node, kind)


def _length(work: Work, node: exp.Expr) -> exp.Expr:
    """In characters; of binary values in bytes."""
    if type_of(node.this).name == VARBYTE.name:
        return typed(engine_cast(call("octet_length", node.this), INTEGER), INTEGER)
    return typed(engine_cast(call("length", _argument(work, node.this, _S)), INTEGER), INTEGER)


def _octet_length(work: Work, node: exp.Expr) -> exp.Expr:
    """A character takes all the bytes it is declared with."""
    if len(node.expressions) != 1:
        raise wrong_arguments(node)
    value = node.expressions[0]
    kind = type_of(value)
    if kind.name == VARBYTE.name:
        return typed(engine_cast(call("octet_length", value), INTEGER), INTEGER)
    size: exp.Expr = call("strlen", _argument(work, value, _S))
    if kind.name == "character":
        size = call("greatest", size, exp.Literal.number(kind.a or 1))
        there = exp.Not(this=exp.Is(this=exp.Paren(this=value.copy()), expression=exp.Null()))
        size = exp.Case(ifs=[exp.If(this=there, true=size)])
    return typed(engine_cast(size, INTEGER), INTEGER)


def _substring(work: Work, node: exp.Expr) -> exp.Expr:
    """Positions before the first are counted, then cut away; the engine counts from the end."""
    start, length = node.args.get("start"), node.args.get("length")
    if start is None:
        raise wrong_arguments(node)
    if type_of(node.this).name == VARBYTE.name:
        raise refuse("substring of binary values")
    text = _argument(work, node.this, _S)
    begin, size = integer_of(start), integer_of(length) if length is not None else None
    if size is not None and size < 0:
        raise SqlError("negative substring length not allowed", "22011")
    start = convert(work, start, INTEGER)
    if length is None:
        return typed(call("rs_substring_from", text, start), as_long_as(node.this))
    length = convert(work, length, INTEGER)
    if begin is not None and begin >= 1 and size is not None:
        return typed(call("substring", text, start, length), as_long_as(node.this))
    return typed(call("rs_substring", text, start, length), as_long_as(node.this))


def _trim(work: Work, node: exp.Expr) -> exp.Expr:
    side = str(node.args.get("position") or "BOTH").upper()
    name = {"BOTH": "trim", "LEADING": "ltrim", "TRAILING": "rtrim"}[side]
    characters = node.args.get("expression") or exp.Literal.string(" ")
    items = (_argument(work, item, _S) for item in (node.this, characters))
    return typed(call(name, *items), as_long_as(node.this))


def _pad(work: Work, node: exp.Expr) -> exp.Expr:
    name = "rs_lpad" if node.args.get("is_left") else "rs_rpad"
    fill = node.args.get("fill_pattern") or exp.Literal.string(" ")
    size = convert(work, node.expression, INTEGER)
    return typed(call(name, _argument(work, node.this, _S), size, require_string(fill)), VARCHAR)


def _reverse(work: Work, node: exp.Expr) -> exp.Expr:
    return typed(call("reverse", _argument(work, node.this, _S)), as_long_as(node.this))


_MORE: Final = ("expressions",)
RULES: Final[dict[type[exp.Expr], Rule]] = {
    exp.Upper: _shortening("upper", ("this",), (_S,)),
    exp.Lower: _shortening("lower", ("this",), (_S,)),
    exp.Reverse: rule(_reverse, "this"),
    exp.Replace: _function(
        "replace", ("this", "expression", "replacement"), (_S, _S, _S),
        optional=(exp.Literal.string(""),),
    ),
    exp.Translate: _function("translate", ("this", "from_", "to"), (_S, _S, _S)),
    exp.Repeat: _function("repeat", ("this", "times"), (_S, BIGINT)),
    exp.Left: _shortening("rs_left", ("this", "expression"), (_S, _N)),
    exp.Right: _shortening("rs_right", ("this", "expression"), (_S, _N)),
    exp.Initcap: rule(
        lambda work, node: typed(
            call("rs_initcap", _argument(work, node.this, _S)), as_long_as(node.this)
        ),
        "this",
        flags=("expression",),
    ),
    exp.Chr: _function("rs_chr", _MORE, (_N,)),
    exp.Ascii: _function("ascii", ("this",), (_S,), INTEGER),
    exp.Length: rule(_length, "this"),
    exp.StrPosition: _function("strpos", ("this", "substr"), (_S, _S), INTEGER),
    exp.Substring: rule(_substring, "this", "start", "length"),
    exp.Trim: rule(_trim, "this", "expression", flags=("position",)),
    exp.Pad: rule(_pad, "this", "expression", "fill_pattern", flags=("is_left",)),
    exp.SplitPart: _function("rs_split_part", ("this", "delimiter", "part_index"), (_S, _S, _N)),
    exp.Soundex: _function("rs_soundex", ("this",), (_S,)),
    exp.FromBase: _function("rs_strtol", ("this", "expression"), (_S, _N), BIGINT),
}  # fmt: skip
NAMED: Final[dict[str, Rule]] = {
    "octet_length": rule(_octet_length, "expressions", flags=("this",)),
    "octetindex": _function("rs_octetindex", _MORE, (_S, _S), INTEGER),
    "replicate": _function("repeat", _MORE, (_S, BIGINT)),
    "quote_ident": _function("rs_quote_ident", _MORE, (_S,)),
    "quote_literal": _function("rs_quote_literal", _MORE, (_S,)),
    "difference": _function("rs_difference", _MORE, (_S, _S), INTEGER),
}
