"""Arrays, which only the system catalogue has: access lists, key columns, the search path.

They are the engine's lists; an int2vector, which counts from 0, is its text.
https://www.postgresql.org/docs/8.0/functions-array.html
"""

from __future__ import annotations

from typing import Final

from sqlglot import exp

from redshare.core.sql_errors import UndefinedColumn
from redshare.sql.context import SqlContext
from redshare.sql.rewrite import operators
from redshare.sql.rewrite.rule import Rule, call, join, rule, wrong_arguments
from redshare.sql.types import INTEGER, STRINGS, VARCHAR, SqlType, engine_cast, plain
from redshare.sql.work import Work, refuse, type_of, typed

_EXPANSION: Final = "_pg_expandarray"
#: What arrays on the wire are of, beside texts.
_ELEMENTS: Final = frozenset({"smallint", "integer", "oid", "real"})
_VECTORS: Final = {"int2vector": SqlType("smallint"), "oidvector": SqlType("oid")}


def is_array(kind: SqlType) -> bool:
    """Whether values of the type have elements."""
    return kind.name.endswith("[]") or kind.name in _VECTORS


def element(kind: SqlType) -> SqlType:
    """The type of the elements."""
    return _VECTORS.get(kind.name) or SqlType(kind.name.removesuffix("[]"))


def _list(node: exp.Expr) -> exp.Expr:
    """The engine's list of an array."""
    kind = type_of(node)
    if kind.name not in _VECTORS:
        return node
    text = call("nullif", node, exp.Literal.string(""))
    parts = call("string_split", text, exp.Literal.string(" "))
    return engine_cast(parts, SqlType(f"{element(kind).name}[]"))


def quantified(kind: type[exp.Expr], array: exp.Expr) -> exp.Expr:
    """ANY or ALL of an array."""
    if not is_array(type_of(array)):
        raise refuse("ANY or ALL of something other than a subquery or an array")
    bound = exp.Paren(this=_list(array))
    return typed(kind(this=bound), element(type_of(array)))


def text(node: exp.Expr) -> exp.Expr:
    """An array as text: `{a,b}`."""
    if type_of(node).name in _VECTORS:
        return typed(engine_cast(node, VARCHAR), VARCHAR)
    joined = call("array_to_string", node, exp.Literal.string(","))
    inner = exp.DPipe(this=exp.Literal.string("{"), expression=joined)
    whole = exp.DPipe(this=inner, expression=exp.Literal.string("}"))
    return typed(exp.Paren(this=whole), VARCHAR)


def _arguments(node: exp.Expr) -> list[exp.Expr]:
    return node.expressions if isinstance(node, exp.Anonymous) else [node.this, node.expression]


def _to_string(_work: Work, node: exp.Expr) -> exp.Expr:
    arguments = _arguments(node)
    if len(arguments) != 2 or not is_array(type_of(arguments[0])):
        raise wrong_arguments(node)
    joined = call("array_to_string", _list(arguments[0]), arguments[1])
    return typed(joined, SqlType("text"))


def _bound(*, upper: bool) -> Rule:
    def apply(_work: Work, node: exp.Expr) -> exp.Expr:
        arguments = node.expressions
        if len(arguments) != 2 or not is_array(type_of(arguments[0])):
            raise wrong_arguments(node)
        base = 0 if type_of(arguments[0]).name in _VECTORS else 1
        length = call("nullif", call("len", _list(arguments[0])), exp.Literal.number(0))
        if upper:
            found: exp.Expr = exp.Sub(this=length, expression=exp.Literal.number(1 - base))
        else:
            # NULL where there is no element.
            none = exp.Mul(this=length, expression=exp.Literal.number(0))
            found = exp.Add(this=none, expression=exp.Literal.number(base))
        return typed(engine_cast(exp.Paren(this=found), INTEGER), INTEGER)

    return rule(apply, "expressions", flags=("this",))


def schemas(context: SqlContext, *, implicit: bool) -> list[str]:
    """The schemas of the search path that are there; pg_catalog is searched first."""
    found = ["pg_catalog"] if implicit else []
    if context.use is not None or context.database.source is not None:
        return found
    for name in context.search_path:
        wanted = context.user.name if name == "$user" else name
        if context.catalog.schema_named(context.database.database_id, wanted) is not None:
            found.append(wanted)
    return found


def _current_schemas(work: Work, node: exp.Expr) -> exp.Expr:
    arguments = node.expressions if isinstance(node, exp.Anonymous) else [node.this]
    if len(arguments) != 1 or not isinstance(arguments[0], exp.Boolean):
        raise refuse("current_schemas of something other than true or false")
    names = schemas(work.session, implicit=bool(arguments[0].this))
    items = [exp.Literal.string(name) for name in names]
    kind = SqlType("text[]")
    return typed(engine_cast(call("list_value", *items), kind), kind)


def subscript(array: exp.Expr, place: exp.Expr) -> exp.Expr:
    """An element by its number."""
    kind = type_of(array)
    if kind.name in _VECTORS:
        one = exp.Literal.number(1)
        place = exp.Paren(this=exp.Add(this=place, expression=one))
    return typed(call("list_extract", _list(array), place), element(kind))


def of_values(items: list[exp.Expr]) -> exp.Expr:
    """ARRAY[a, b], as PostgreSQL writes an array."""
    array = _array_of(join(items))
    return typed(engine_cast(call("list_value", *items), array), array)


def _array_of(kind: SqlType) -> SqlType:
    """The type of an array of these elements. Raises FeatureNotSupported."""
    kind = plain(kind) if plain(kind).name in STRINGS else kind
    if kind.name in STRINGS:
        return SqlType("text[]")
    if kind.name not in _ELEMENTS:
        raise refuse(f"an array of {kind}")
    return SqlType(f"{kind.name}[]")


def of_query(query: exp.Expr) -> exp.Expr:
    """ARRAY(SELECT ...), of the bound subquery."""
    array = _array_of(type_of(query))
    return typed(engine_cast(exp.Array(expressions=[query.this]), array), array)


#: An element of a key with its place: what _pg_expandarray answers.
RECORD: Final = SqlType("record")
_FIELDS: Final = {"x": SqlType("smallint"), "n": INTEGER}


def is_expansion(function: exp.Expr) -> bool:
    """Whether it is information_schema's function; pgjdbc asks for key columns by it."""
    return isinstance(function, exp.Anonymous) and str(function.this).lower() == _EXPANSION


def _expanded(_work: Work, node: exp.Expr) -> exp.Expr:
    """A row an element."""
    arguments = node.expressions
    if len(arguments) != 1 or type_of(arguments[0]).name not in {"int2vector", "smallint[]"}:
        raise wrong_arguments(node)
    return typed(call("unnest", call("rs_expand_array", _list(arguments[0]))), RECORD)


def field(record: exp.Expr, name: str) -> exp.Expr:
    """`(record).x`. Raises UndefinedColumn."""
    kind = _FIELDS.get(name)
    if kind is None:
        raise UndefinedColumn(f'column "{name}" not found in data type record')
    return typed(call("struct_extract", record, exp.Literal.string(name)), kind)


def _concatenate(work: Work, node: exp.Expr) -> exp.Expr:
    left, right = node.this, node.expression
    if not (is_array(type_of(left)) or is_array(type_of(right))):
        return operators.RULES[exp.DPipe].apply(work, node)
    if not (is_array(type_of(left)) and is_array(type_of(right))):
        raise refuse("an array joined with a value")
    return typed(call("list_concat", _list(left), _list(right)), type_of(left))


RULES: Final[dict[type[exp.Expr], Rule]] = {
    exp.ArrayToString: rule(_to_string, "this", "expression"),
    exp.CurrentSchemas: rule(_current_schemas, "this"),
    exp.DPipe: rule(_concatenate, "this", "expression", flags=("safe",)),
}
NAMED: Final[dict[str, Rule]] = {
    "array_to_string": rule(_to_string, "expressions", flags=("this",)),
    "current_schemas": rule(_current_schemas, "expressions", flags=("this",)),
    "array_upper": _bound(upper=True),
    "array_lower": _bound(upper=False),
    _EXPANSION: rule(_expanded, "expressions", flags=("this",)),
}
