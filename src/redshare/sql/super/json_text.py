"""Functions of JSON in strings. They read the text anew at each call.

https://docs.aws.amazon.com/redshift/latest/dg/json-functions.html
"""

from __future__ import annotations

from typing import Final

from sqlglot import exp

from redshare.sql.parse import OURS_PREFIX
from redshare.sql.raised import raise_node
from redshare.sql.rewrite.rule import Rule, call, is_integer, rule, wrong_arguments
from redshare.sql.super import text as form
from redshare.sql.super.navigate import path_of
from redshare.sql.types import BOOLEAN, INTEGER, STRINGS, UNKNOWN, VARCHAR, engine_cast
from redshare.sql.work import Work, refuse, type_of, typed

_MAX_PATH: Final = 5


def _source(work: Work, value: exp.Expr, node: exp.Expr) -> exp.Expr:
    work.infer(value, VARCHAR)
    kind = type_of(value)
    if kind != UNKNOWN and kind.name not in STRINGS:
        raise wrong_arguments(node)
    return form.once(engine_cast(value, VARCHAR))


def _flag(items: list[exp.Expr]) -> bool:
    """null_if_invalid, taken off the end of the arguments."""
    if items and isinstance(items[-1], exp.Boolean):
        return bool(items.pop().this)
    return False


def _guarded(source: exp.Expr, found: exp.Expr, *, lax: bool, name: str) -> exp.Expr:
    """`found` where the source is JSON; NULL or an error where not."""
    invalid = exp.Not(this=form.is_valid(source))
    failing = exp.Null() if lax else raise_node("22P02", f"{name}: invalid json object")
    null = exp.Is(this=source.copy(), expression=exp.Null())
    return form.choose((null, exp.Null()), (invalid, failing), default=found)


def _shown(found: exp.Expr) -> exp.Expr:
    """A JSON value as the string these functions answer."""
    return form.choose(
        (exp.EQ(this=found.copy(), expression=form.text("null")), exp.Null()),
        (form.is_string(found), form.string(found)),
        default=found.copy(),
    )


def _path_text(work: Work, node: exp.Expr) -> exp.Expr:
    items = list(node.expressions)
    lax = _flag(items)
    if not items:
        raise wrong_arguments(node)
    source, *path = items
    if not 1 <= len(path) <= _MAX_PATH:
        raise wrong_arguments(node)
    steps = []
    for step in path:
        if not isinstance(step, exp.Literal) or not step.args.get("is_string"):
            raise refuse("a path element that is not a literal in JSON_EXTRACT_PATH_TEXT")
        steps.append(str(step.this))
    source = _source(work, source, node)
    path_text = form.text(path_of(steps))
    found = form.exactly(source, lambda v: call("json_extract", v, path_text.copy()))
    shown = _guarded(source, _shown(found), lax=lax, name="json_extract_path_text")
    return typed(shown, VARCHAR)


def _element_text(work: Work, node: exp.Expr) -> exp.Expr:
    items = list(node.expressions)
    lax = _flag(items)
    if len(items) != 2 or not is_integer(type_of(items[1])):
        raise wrong_arguments(node)
    source, place = _source(work, items[0], node), form.once(items[1])
    path = form.concat(form.text("$["), engine_cast(place.copy(), VARCHAR), form.text("]"))
    found = form.exactly(source, lambda v: call("json_extract", v, path.copy()))
    negative = exp.LT(this=place.copy(), expression=exp.Literal.number(0))
    beyond = exp.Is(this=found.copy(), expression=exp.Null())
    shown = form.choose((negative, form.text("")), (beyond, form.text("")), default=_shown(found))
    guarded = _guarded(source, shown, lax=lax, name="json_extract_array_element_text")
    return typed(guarded, VARCHAR)


def _array_length(work: Work, node: exp.Expr) -> exp.Expr:
    items = list(node.expressions)
    lax = _flag(items)
    if len(items) != 1:
        raise wrong_arguments(node)
    source = _source(work, items[0], node)
    array = exp.EQ(this=call("json_type", source.copy()), expression=form.text("ARRAY"))
    length = engine_cast(call("json_array_length", source.copy()), INTEGER)
    failing = exp.Null() if lax else raise_node("22P02", "json_array_length: invalid json array")
    found = form.choose((array, length), default=failing)
    return typed(_guarded(source, found, lax=lax, name="json_array_length"), INTEGER)


def _valid(kind: str) -> Rule:
    def apply(work: Work, node: exp.Expr) -> exp.Expr:
        if len(node.expressions) != 1:
            raise wrong_arguments(node)
        source = _source(work, node.expressions[0], node)
        right = exp.EQ(this=call("json_type", source.copy()), expression=form.text(kind))
        valid = form.is_valid(source)
        null = exp.Is(this=source.copy(), expression=exp.Null())
        found = form.choose((null, exp.Null()), (valid, right), default=exp.Boolean(this=False))
        return typed(found, BOOLEAN)

    return rule(apply, "expressions", flags=("this",))


NAMED: Final[dict[str, Rule]] = {
    f"{OURS_PREFIX}json_extract_path_text": rule(_path_text, "expressions", flags=("this",)),
    "json_extract_array_element_text": rule(_element_text, "expressions", flags=("this",)),
    "json_array_length": rule(_array_length, "expressions", flags=("this",)),
    "is_valid_json": _valid("OBJECT"),
    "is_valid_json_array": _valid("ARRAY"),
}
