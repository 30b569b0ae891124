"""Functions of SUPER values.

https://docs.aws.amazon.com/redshift/latest/dg/c_Type_Info_Functions.html
https://docs.aws.amazon.com/redshift/latest/dg/c_Array_Functions.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sqlglot import exp

from redshare.core.sql_errors import SqlError
from redshare.sql.raised import raise_node
from redshare.sql.rewrite.rule import Rule, call, is_integer, rule, values, wrong_arguments
from redshare.sql.super import text as form
from redshare.sql.super.casts import to_super
from redshare.sql.super.navigate import before_null
from redshare.sql.types import (
    BIGINT,
    BOOLEAN,
    INTEGER,
    MAX_VARCHAR,
    STRINGS,
    SUPER,
    UNKNOWN,
    VARBYTE,
    VARCHAR,
    engine_cast,
    numeric,
)
from redshare.sql.work import Work, type_of, typed

_ARGUMENTS: Final = ("this", "expression", "expressions")


def _arguments(node: exp.Expr, least: int, most: int) -> list[exp.Expr]:
    keys = ("expressions",) if isinstance(node, exp.Anonymous) else _ARGUMENTS
    found = values(node, keys)
    if not least <= len(found) <= most:
        raise wrong_arguments(node)
    return found


def _super(node: exp.Expr) -> exp.Expr:
    """The one argument, a SUPER value; bare values count as such."""
    (value,) = _arguments(node, 1, 1)
    return to_super(value)


def _string(work: Work, value: exp.Expr) -> exp.Expr:
    """An argument that must be a string."""
    work.infer(value, VARCHAR)
    kind = type_of(value)
    if kind != UNKNOWN and kind.name not in STRINGS:
        raise SqlError(f"a function of a string does not take {kind}", "42883")
    return engine_cast(value, VARCHAR)


def _parse(work: Work, node: exp.Expr) -> exp.Expr:
    (value,) = _arguments(node, 1, 1)
    return form.parsed(_string(work, value))


def _can_parse(work: Work, node: exp.Expr) -> exp.Expr:
    (value,) = _arguments(node, 1, 1)
    return typed(form.shared(_string(work, value), form.is_valid), BOOLEAN)


def _serialize(_work: Work, node: exp.Expr) -> exp.Expr:
    def measured(value: exp.Expr) -> exp.Expr:
        limit = exp.Literal.number(MAX_VARCHAR)
        long = exp.GT(this=call("strlen", value.copy()), expression=limit)
        failing = raise_node("22001", "The JSON_SERIALIZE result is longer than a varchar can be")
        return form.choose((long, failing), default=value)

    return typed(form.shared(_super(node), measured), VARCHAR)


def _serialize_to_varbyte(_work: Work, node: exp.Expr) -> exp.Expr:
    return typed(call("encode", _super(node)), VARBYTE)


def _size(_work: Work, node: exp.Expr) -> exp.Expr:
    return typed(engine_cast(call("strlen", _super(node)), INTEGER), INTEGER)


def _typeof(_work: Work, node: exp.Expr) -> exp.Expr:
    """Only what a path leads to tells a JSON null from nothing."""
    value = _super(node)
    led_to = before_null(value)
    found = form.shared(value if led_to is None else led_to, _type_name)
    return typed(found, VARCHAR)


def _type_name(value: exp.Expr) -> exp.Expr:
    names = {
        "boolean": form.is_boolean, "number": form.is_number, "string": form.is_string,
        "array": form.is_array, "object": form.is_object,
    }  # fmt: skip
    null = exp.EQ(this=value.copy(), expression=form.text("null"))
    tests = [(test(value), form.text(name)) for name, test in names.items()]
    return form.choose(*tests, (null, form.text("null")))


def _is(test: Callable[[exp.Expr], exp.Expr]) -> Rule:
    """IS_…: false for NULL too."""

    def apply(_work: Work, node: exp.Expr) -> exp.Expr:
        found = form.shared(_super(node), test)
        return typed(call("coalesce", found, exp.Boolean(this=False)), BOOLEAN)

    return rule(apply, *_ARGUMENTS, flags=("this",))


def _within(bits: int) -> Callable[[exp.Expr], exp.Expr]:
    def test(value: exp.Expr) -> exp.Expr:
        whole = form.attempt(value.copy(), numeric(38, 0))
        limits = [exp.Literal.number(2 ** (bits - 1) - place) for place in (0, 1)]
        low = exp.Neg(this=limits[0])
        between = exp.Between(this=whole, low=low, high=limits[1])
        return form.both(form.is_whole(value), between)

    return test


def _is_decimal(value: exp.Expr) -> exp.Expr:
    return call("regexp_full_match", value.copy(), form.text(r"-?[0-9]+(\.[0-9]+)?"))


def _is_float(value: exp.Expr) -> exp.Expr:
    return call("regexp_full_match", value.copy(), form.text(r"-?[0-9.]+[eE][-+0-9]+"))


def _is_char(value: exp.Expr) -> exp.Expr:
    """A string of single-byte characters."""
    string = form.string(value)
    same = exp.EQ(this=call("strlen", string), expression=call("length", string.copy()))
    return form.both(form.is_string(value), same)


def _is_scalar(value: exp.Expr) -> exp.Expr:
    return exp.Not(this=form.starts(value, "[", "{"))


def _digits(pattern: str) -> Rule:
    """How many digits of a decimal the pattern's group holds."""

    def apply(_work: Work, node: exp.Expr) -> exp.Expr:
        def counted(value: exp.Expr) -> exp.Expr:
            nothing, globally = form.text(""), form.text("g")
            part = call("regexp_replace", value.copy(), form.text(pattern), nothing, globally)
            return form.choose((_is_decimal(value), engine_cast(call("length", part), INTEGER)))

        return typed(form.shared(_super(node), counted), INTEGER)

    return rule(apply, *_ARGUMENTS, flags=("this",))


# --- arrays and objects -------------------------------------------------------------------------


def _item(node: exp.Expr) -> exp.Expr:
    return call("coalesce", to_super(node), form.text("null"))


def _joined(parts: list[exp.Expr], opening: str, closing: str) -> exp.Expr:
    pieces: list[exp.Expr] = [form.text(opening)]
    for place, part in enumerate(parts):
        if place:
            pieces.append(form.text(","))
        pieces.append(part)
    return typed(form.concat(*pieces, form.text(closing)), SUPER)


def _array(_work: Work, node: exp.Expr) -> exp.Expr:
    return _joined([_item(item) for item in node.expressions], "[", "]")


def _object(work: Work, node: exp.Expr) -> exp.Expr:
    items = node.expressions
    if len(items) % 2:
        raise wrong_arguments(node)
    parts = []
    for key, value in zip(items[::2], items[1::2], strict=True):
        name = to_super(typed(_string(work, key), VARCHAR))
        parts.append(form.concat(name, form.text(":"), _item(value)))
    return _joined(parts, "{", "}")


def _concat(_work: Work, node: exp.Expr) -> exp.Expr:
    left, right = (form.once(to_super(value)) for value in _arguments(node, 2, 2))
    empty = form.text("[]")
    first = call("left", left.copy(), exp.Literal.number(-1))
    second = call("substring", right.copy(), exp.Literal.number(2))
    arrays = form.both(form.is_array(left), form.is_array(right))
    found = form.choose(
        (exp.Not(this=arrays), exp.Null()),
        (exp.EQ(this=left.copy(), expression=empty), right.copy()),
        (exp.EQ(this=right.copy(), expression=empty.copy()), left.copy()),
        default=form.concat(first, form.text(","), second),
    )
    return typed(found, SUPER)


def _of_items(items: exp.Expr) -> exp.Expr:
    """An array of a list of texts."""
    return form.concat(
        form.text("["), call("array_to_string", items, form.text(",")), form.text("]")
    )


def _flatten(_work: Work, node: exp.Expr) -> exp.Expr:
    value = form.once(_super(node))

    def inside(item: exp.Expr) -> exp.Expr:
        cut = call("left", item.copy(), exp.Literal.number(-1))
        inner = call("substring", cut, exp.Literal.number(2))
        return form.choose((form.is_array(item), inner), default=item.copy())

    parts = form.each(form.elements(value), inside)
    kept = form.each(
        parts, lambda item: exp.NEQ(this=item, expression=form.text("")), "list_filter"
    )
    return typed(form.choose((form.is_array(value), _of_items(kept))), SUPER)


def _length(_work: Work, node: exp.Expr) -> exp.Expr:
    def length(value: exp.Expr) -> exp.Expr:
        found = engine_cast(call("json_array_length", value.copy()), BIGINT)
        return form.choose((form.is_array(value), found))

    return typed(form.shared(_super(node), length), BIGINT)


def _subarray(_work: Work, node: exp.Expr) -> exp.Expr:
    array, start, count = _arguments(node, 3, 3)
    value = form.once(to_super(array))
    for number in (start, count):
        if not is_integer(type_of(number)):
            raise wrong_arguments(node)
    length = engine_cast(call("json_array_length", value.copy()), BIGINT)
    zero = exp.Literal.number(0)
    negative = exp.LT(this=start.copy(), expression=zero)
    begin = form.choose(
        (negative, exp.Add(this=length, expression=start.copy())), default=start.copy()
    )
    begin = call("greatest", begin, zero.copy())
    first = exp.Add(this=form.paren(begin), expression=exp.Literal.number(1))
    last = exp.Add(this=form.paren(begin.copy()), expression=count.copy())
    kept = call("list_slice", form.elements(value), first, last)
    none = exp.LTE(this=count.copy(), expression=zero.copy())
    found = form.choose(
        (exp.Not(this=form.is_array(value)), exp.Null()), (none, form.text("[]")),
        default=_of_items(kept),
    )  # fmt: skip
    return typed(found, SUPER)


def _split(work: Work, node: exp.Expr) -> exp.Expr:
    source, *rest = _arguments(node, 1, 2)
    delimiter = _string(work, rest[0]) if rest else form.text(",")
    parts = call("str_split", _string(work, source), delimiter)
    return typed(form.plain(call("to_json", parts)), SUPER)


_LIST: Final = ("this", "expression", "expressions")
RULES: Final[dict[type[exp.Expr], Rule]] = {
    exp.ParseJSON: rule(_parse, *_LIST),
    exp.Array: rule(_array, "expressions"),
    exp.ArrayConcat: rule(_concat, *_LIST, flags=("null_propagation",)),
    exp.StringToArray: rule(_split, *_LIST),
    exp.IsArray: _is(form.is_array),
}
NAMED: Final[dict[str, Rule]] = {
    name: rule(apply, "expressions", flags=("this",))
    for name, apply in {
        "can_json_parse": _can_parse,
        "json_serialize": _serialize,
        "json_serialize_to_varbyte": _serialize_to_varbyte,
        "json_size": _size,
        "json_typeof": _typeof,
        "object": _object,
        "array_flatten": _flatten,
        "get_array_length": _length,
        "subarray": _subarray,
    }.items()
} | {
    "is_object": _is(form.is_object),
    "is_varchar": _is(form.is_string),
    "is_char": _is(_is_char),
    "is_boolean": _is(form.is_boolean),
    "is_decimal": _is(_is_decimal),
    "is_float": _is(_is_float),
    "is_scalar": _is(_is_scalar),
    "is_smallint": _is(_within(16)),
    "is_integer": _is(_within(32)),
    "is_bigint": _is(_within(64)),
    "decimal_precision": _digits(r"^-?0*|\."),
    "decimal_scale": _digits(r"^-?[0-9]+\.?"),
}
