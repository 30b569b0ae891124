"""Functions over the system catalogue: names, texts and comments of objects by their ids.

Each is a look-up in a table that the node supplies beside the plan.
https://www.postgresql.org/docs/8.0/functions-misc.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sqlglot import exp

from redshare.sql.rewrite.rule import Rule, integer_of, rule, wrong_arguments
from redshare.sql.types import BOOLEAN, INTEGER, VARCHAR, SqlType, engine_cast
from redshare.sql.views import lookups
from redshare.sql.views.model import SystemView
from redshare.sql.views.physical import ENCODINGS
from redshare.sql.work import Work, refuse, type_of, typed

OID: Final = SqlType("oid")
NAME: Final = SqlType("name")
TEXT: Final = SqlType("text")

#: pg_database.encoding and pg_encoding_to_char().
_ENCODING_NAMES: Final = ((0, "SQL_ASCII"), (6, "UTF8"), (7, "MULE_INTERNAL"), (8, "LATIN1"))
_CHARACTER_TYPES: Final = (1042, 1043, 6551)
_NUMERIC: Final = 1700


def look_up(work: Work, view: SystemView, kind: SqlType, *keys: exp.Expr) -> exp.Expr:
    """The value of a look-up table's row with these keys, or NULL."""
    alias = exp.to_identifier(work.fresh("lookup"), quoted=True)
    table = work.input(view, work.session)
    table.set("alias", exp.TableAlias(this=alias))
    test: exp.Expr | None = None
    for name, key in zip(("k", "k2"), keys, strict=False):
        column = exp.Column(this=exp.to_identifier(name, quoted=True), table=alias.copy())
        same = exp.EQ(this=column, expression=key)
        test = same if test is None else exp.And(this=test, expression=same)
    value = exp.Column(this=exp.to_identifier("v", quoted=True), table=alias.copy())
    query = exp.Select(
        expressions=[exp.AnyValue(this=value)],
        from_=exp.From(this=table),
        where=exp.Where(this=test),
    )
    return typed(exp.Subquery(this=query), kind)


def choice(value: exp.Expr, options: tuple[tuple[int, str], ...], otherwise: str) -> exp.Expr:
    """A text for each of a few numbers."""
    ifs = [
        exp.If(this=exp.Literal.number(number), true=exp.Literal.string(text))
        for number, text in options
    ]
    found = exp.Case(this=value, ifs=ifs, default=exp.Literal.string(otherwise))
    return typed(engine_cast(found, VARCHAR), TEXT)


def _function(
    apply: Callable[[Work, list[exp.Expr]], exp.Expr], least: int, most: int | None = None
) -> Rule:
    def checked(work: Work, node: exp.Expr) -> exp.Expr:
        if not least <= len(node.expressions) <= (most or least):
            raise wrong_arguments(node)
        if node.expressions:
            work.infer(node.expressions[0], OID)
        return apply(work, node.expressions)

    return rule(checked, "expressions", flags=("this",))


def _found(view: SystemView, kind: SqlType = TEXT) -> Callable[[Work, list[exp.Expr]], exp.Expr]:
    return lambda work, arguments: look_up(work, view, kind, arguments[0])


def _user(work: Work, arguments: list[exp.Expr]) -> exp.Expr:
    found = look_up(work, lookups.USERS, NAME, arguments[0])
    number = engine_cast(work.again(arguments[0]), VARCHAR)
    start = exp.DPipe(this=exp.Literal.string("unknown (OID="), expression=number)
    unknown = exp.Paren(this=exp.DPipe(this=start, expression=exp.Literal.string(")")))
    return typed(exp.Anonymous(this="coalesce", expressions=[found, unknown]), NAME)


def _format_type(work: Work, arguments: list[exp.Expr]) -> exp.Expr:
    """A type's name with its modifier: a length, or precision and scale."""
    number, modifier = arguments
    if isinstance(modifier, exp.Null):
        return look_up(work, lookups.TYPE_NAMES, TEXT, number)
    work.infer(modifier, INTEGER)
    name = look_up(work, lookups.TYPE_NAMES, TEXT, number)
    header = exp.Literal.number(4)
    size = exp.Paren(
        this=exp.Sub(this=engine_cast(work.again(modifier), INTEGER), expression=header)
    )
    low = exp.Literal.number(65535)
    scale = exp.Paren(this=exp.BitwiseAnd(this=work.again(size), expression=low))
    shift = exp.Literal.number(16)
    precision = exp.Paren(this=exp.BitwiseRightShift(this=work.again(size), expression=shift))
    sizes = exp.Case(
        ifs=[
            exp.If(this=_is_one_of(work.again(number), _CHARACTER_TYPES), true=_bracketed(size)),
            exp.If(
                this=_is_one_of(work.again(number), (_NUMERIC,)), true=_bracketed(precision, scale)
            ),
        ],
        default=exp.Literal.string(""),
    )
    known = exp.GTE(this=work.again(modifier), expression=header.copy())
    shown = exp.Case(ifs=[exp.If(this=known, true=sizes)], default=exp.Literal.string(""))
    return typed(exp.Paren(this=exp.DPipe(this=name, expression=shown)), TEXT)


def _is_one_of(value: exp.Expr, numbers: tuple[int, ...]) -> exp.Expr:
    items = [exp.Literal.number(number) for number in numbers]
    return exp.In(this=value, expressions=items)


def _bracketed(*parts: exp.Expr) -> exp.Expr:
    found: exp.Expr = exp.Literal.string("(")
    for place, part in enumerate(parts):
        if place:
            found = exp.DPipe(this=found, expression=exp.Literal.string(","))
        found = exp.DPipe(this=found, expression=engine_cast(part, VARCHAR))
    return exp.Paren(this=exp.DPipe(this=found, expression=exp.Literal.string(")")))


def _format_encoding(_work: Work, arguments: list[exp.Expr]) -> exp.Expr:
    return choice(arguments[0], tuple(enumerate(ENCODINGS)), "none")


def _encoding_name(_work: Work, arguments: list[exp.Expr]) -> exp.Expr:
    return typed(choice(arguments[0], _ENCODING_NAMES, ""), NAME)


def _object_comment(work: Work, arguments: list[exp.Expr]) -> exp.Expr:
    """The second argument names the catalogue; object ids are unique across them here."""
    return look_up(work, lookups.DESCRIPTIONS, TEXT, arguments[0], exp.Literal.number(0))


def _column_comment(work: Work, arguments: list[exp.Expr]) -> exp.Expr:
    work.infer(arguments[1], INTEGER)
    return look_up(work, lookups.DESCRIPTIONS, TEXT, *arguments)


def _expression(_work: Work, arguments: list[exp.Expr]) -> exp.Expr:
    """Defaults are kept as their text."""
    return typed(engine_cast(arguments[0], VARCHAR), TEXT)


def _index_text(work: Work, arguments: list[exp.Expr]) -> exp.Expr:
    """Of one column where its number is given, or of the whole index."""
    number, *rest = arguments
    if not rest or integer_of(rest[0]) == 0:
        return look_up(work, lookups.INDEX_TEXTS, TEXT, number)
    work.infer(rest[0], INTEGER)
    whole = look_up(work, lookups.INDEX_TEXTS, TEXT, work.again(number))
    column = look_up(work, lookups.INDEX_COLUMNS, TEXT, number, rest[0])
    none = exp.EQ(this=work.again(rest[0]), expression=exp.Literal.number(0))
    return typed(exp.Case(ifs=[exp.If(this=none, true=whole)], default=column), TEXT)


def _view_text(work: Work, arguments: list[exp.Expr]) -> exp.Expr:
    if isinstance(arguments[0], exp.Literal) and arguments[0].args.get("is_string"):
        raise refuse("pg_get_viewdef of a name (cast it to regclass)")
    return look_up(work, lookups.VIEW_TEXTS, TEXT, arguments[0])


def _visible(work: Work, arguments: list[exp.Expr]) -> exp.Expr:
    table = work.input(lookups.VISIBLE, work.session)
    alias = exp.to_identifier(work.fresh("visible"), quoted=True)
    table.set("alias", exp.TableAlias(this=alias))
    key = exp.Column(this=exp.to_identifier("k", quoted=True), table=alias.copy())
    query = exp.Select(expressions=[key], from_=exp.From(this=table))
    found = exp.In(this=arguments[0], query=exp.Subquery(this=query))
    return typed(exp.Paren(this=found), BOOLEAN)


def _always(_work: Work, arguments: list[exp.Expr]) -> exp.Expr:
    """Of types, functions and operators there are only the system's, which are always found."""
    known = exp.Not(this=exp.Paren(this=exp.Is(this=arguments[0], expression=exp.Null())))
    return typed(exp.Paren(this=known), BOOLEAN)


def _no_text(_work: Work, _arguments: list[exp.Expr]) -> exp.Expr:
    return typed(engine_cast(exp.Null(), VARCHAR), TEXT)


def _no_place(_work: Work, _arguments: list[exp.Expr]) -> exp.Expr:
    return typed(engine_cast(exp.Literal.string(""), VARCHAR), TEXT)


def _constant(value: str) -> Rule:
    return _function(
        lambda _work, _arguments: typed(engine_cast(exp.Literal.string(value), VARCHAR), NAME), 0
    )


_NAMES: Final = {
    "regclass": lookups.RELATIONS, "regproc": lookups.ROUTINES, "regtype": lookups.TYPE_NAMES,
}  # fmt: skip


def names_of(work: Work, node: exp.Expr) -> exp.Expr:
    """An object's id as it is shown: the object's name, its number where it has none."""
    found = look_up(work, _NAMES[type_of(node).name], TEXT, node)
    number = engine_cast(work.again(node), VARCHAR)
    return typed(exp.Anonymous(this="coalesce", expressions=[found, number]), VARCHAR)


_NO_FUNCTIONS: Final = (
    "pg_get_functiondef", "pg_get_triggerdef", "pg_get_ruledef",
)  # fmt: skip
_VISIBLE_ALWAYS: Final = (
    "pg_type_is_visible", "pg_function_is_visible", "pg_operator_is_visible",
    "pg_opclass_is_visible", "pg_conversion_is_visible", "pg_opfamily_is_visible",
)  # fmt: skip

NAMED: Final[dict[str, Rule]] = {
    "pg_get_userbyid": _function(_user, 1),
    "format_type": _function(_format_type, 2),
    "format_encoding": _function(_format_encoding, 1),
    "pg_encoding_to_char": _function(_encoding_name, 1),
    "obj_description": _function(_object_comment, 1, 2),
    "shobj_description": _function(_object_comment, 1, 2),
    "col_description": _function(_column_comment, 2),
    "pg_get_expr": _function(_expression, 2, 3),
    "pg_get_viewdef": _function(_view_text, 1, 2),
    "pg_get_constraintdef": _function(_found(lookups.CONSTRAINT_TEXTS), 1, 2),
    "pg_get_indexdef": _function(_index_text, 1, 3),
    "pg_get_function_result": _function(_found(lookups.FUNCTION_RESULTS), 1),
    "pg_get_function_arguments": _function(_found(lookups.FUNCTION_ARGUMENTS), 1),
    "pg_get_function_identity_arguments": _function(_found(lookups.FUNCTION_ARGUMENTS), 1),
    "pg_table_is_visible": _function(_visible, 1),
    **{name: _function(_always, 1) for name in _VISIBLE_ALWAYS},
    **{name: _function(_no_text, 1, 2) for name in _NO_FUNCTIONS},
    "pg_tablespace_location": _function(_no_place, 1),
    "pg_client_encoding": _constant("UTF8"),
    "getdatabaseencoding": _constant("UTF8"),
}
