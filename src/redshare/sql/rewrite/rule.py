"""What a rewrite rule is: the arguments it knows, and the engine's form it makes of a node.

A rule sees its node with the children bound and typed already, and answers a typed node.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from sqlglot import exp

from redshare.core.sql_errors import SqlError
from redshare.sql.types import (
    BIGINT,
    DATE,
    DOUBLE,
    FLOATS,
    INTEGER,
    INTEGERS,
    INTERVALS,
    MAX_VARCHAR,
    STRINGS,
    TIMESTAMP,
    TIMESTAMPTZ,
    UNKNOWN,
    VARBYTE,
    VARCHAR,
    SqlType,
    engine_cast,
    numeric,
    plain,
)
from redshare.sql.work import Work, refuse, type_of, typed

Apply = Callable[[Work, exp.Expr], exp.Expr]
Result = SqlType | Callable[[Sequence[SqlType]], SqlType]


@dataclass(frozen=True, slots=True)
class Rule:
    """`arguments` may be there; of them `children` are expressions to bind first."""

    arguments: tuple[str, ...]
    children: tuple[str, ...]
    apply: Apply


def rule(apply: Apply, *children: str, flags: Iterable[str] = ()) -> Rule:
    """A rule over these child expressions; `flags` are arguments that are not expressions."""
    return Rule((*children, *flags), children, apply)


def present(node: exp.Expr, *allowed: str) -> None:
    """Raises where the parser filled in anything but these arguments."""
    for key, value in node.args.items():
        if value is None or value is False or value in ([], ""):
            continue
        if key not in allowed:
            raise refuse(f"{key.strip('_').upper()} in {node.key.upper()}")


def call(name: str, *arguments: exp.Expr) -> exp.Expr:
    """A function of the engine."""
    return exp.Anonymous(this=name, expressions=list(arguments))


def values(node: exp.Expr, keys: Iterable[str]) -> list[exp.Expr]:
    """The arguments that are there, in that order, lists flattened."""
    found: list[exp.Expr] = []
    for key in keys:
        value = node.args.get(key)
        if isinstance(value, list):
            found.extend(value)
        elif isinstance(value, exp.Expr):
            found.append(value)
    return found


def simple(engine: str, *keys: str, result: Result, count: tuple[int, int] | None = None) -> Rule:
    """A function that only changes its name; `count` bounds the number of arguments."""

    def apply(_work: Work, node: exp.Expr) -> exp.Expr:
        arguments = values(node, keys)
        if count is not None and not count[0] <= len(arguments) <= count[1]:
            raise wrong_arguments(node)
        kinds = [type_of(a) for a in arguments]
        kind = result if isinstance(result, SqlType) else result(kinds)
        return typed(call(engine, *arguments), kind)

    return rule(apply, *keys, flags=("this",) if "this" not in keys else ())


def wrong_arguments(node: exp.Expr) -> SqlError:
    """A known function with arguments it does not take."""
    name = node.this if isinstance(node, exp.Anonymous) else node.key
    return SqlError(f"function {name} does not exist with these arguments", "42883")


def first(kinds: Sequence[SqlType]) -> SqlType:
    """The type of the first argument."""
    return kinds[0]


def joined(kinds: Sequence[SqlType]) -> SqlType:
    """The one type that holds all of these."""
    found = UNKNOWN
    for kind in kinds:
        found = _both(found, kind)
    return found


def join(nodes: Iterable[exp.Expr]) -> SqlType:
    """The one type that holds all these values; bare strings alone are character varying."""
    items = list(nodes)
    kind = joined([type_of(n) for n in items])
    if kind == UNKNOWN and any(isinstance(n, exp.Literal) for n in items):
        return VARCHAR
    return kind


_ORDER = {"smallint": 0, "integer": 1, "bigint": 2, "numeric": 3, "real": 4, "double precision": 5}
_TIMES = {DATE.name: 0, TIMESTAMP.name: 1, TIMESTAMPTZ.name: 2}


def as_numeric(kind: SqlType) -> SqlType:
    """An integer type's width in digits, or the numeric itself."""
    if kind.name == "numeric":
        return numeric(kind.a or 18, kind.b or 0)
    return numeric({"smallint": 5, "integer": 10, "bigint": 19}.get(kind.name, 38), 0)


def _both(a: SqlType, b: SqlType) -> SqlType:
    if a in {UNKNOWN, b}:
        return b
    if b == UNKNOWN:
        return a
    a, b = plain(a), plain(b)
    if a.name in _ORDER and b.name in _ORDER:
        if a.name in FLOATS or b.name in FLOATS:
            return DOUBLE
        if "numeric" in {a.name, b.name}:
            x, y = as_numeric(a), as_numeric(b)
            scale = max(x.b or 0, y.b or 0)
            whole = max((x.a or 0) - (x.b or 0), (y.a or 0) - (y.b or 0))
            return numeric(whole + scale, scale)
        return a if _ORDER[a.name] >= _ORDER[b.name] else b
    if a.name in _TIMES and b.name in _TIMES:
        return a if _TIMES[a.name] >= _TIMES[b.name] else b
    if a.name in STRINGS and b.name in STRINGS:
        if a.a is None or b.a is None:
            return VARCHAR
        return SqlType("character varying", max(a.a, b.a))
    if a.name == b.name:
        return SqlType(a.name)
    raise SqlError(f"types {a} and {b} cannot be matched", "42804")


def literal_text(node: exp.Expr | None, what: str) -> str:
    """The text of a string literal. Raises FeatureNotSupported where it is computed."""
    if isinstance(node, exp.Literal) and node.args.get("is_string"):
        return str(node.this)
    raise refuse(f"{what} that is not a literal")


def integer_of(node: exp.Expr) -> int | None:
    """The value of an integer literal, signed or not."""
    if isinstance(node, exp.Neg):
        inner = integer_of(node.this)
        return None if inner is None else -inner
    if isinstance(node, exp.Literal) and not node.args.get("is_string"):
        text = str(node.this)
        return int(text) if text.isdecimal() else None
    return None


def require_string(node: exp.Expr) -> exp.Expr:
    """`node` as a string: Redshift casts other types where a string is wanted."""
    if isinstance(node, exp.Null):
        return typed(engine_cast(node, VARCHAR), VARCHAR)
    return node if is_string(type_of(node)) else written(node)


def written(node: exp.Expr) -> exp.Expr:
    """A value of any other type as text; floats in 15 or 6 digits."""
    kind = type_of(node)
    if kind.name in FLOATS:
        digits = "rs_double_digits" if kind == DOUBLE else "rs_real_digits"
        return typed(call(digits, node), VARCHAR)
    if kind.name == VARBYTE.name:
        return typed(call("decode", node), VARCHAR)
    if kind in INTERVALS:
        return typed(call("rs_interval_digits", node), VARCHAR)
    return typed(engine_cast(node, VARCHAR), VARCHAR)


def is_string(kind: SqlType) -> bool:
    """A character varying, a character, or a bare literal."""
    return plain(kind).name in STRINGS or kind == UNKNOWN


def as_long_as(*nodes: exp.Expr) -> SqlType:
    """The type of text that is at most as long as these together; unbounded where one is."""
    size = 0
    for node in nodes:
        if isinstance(node, exp.Literal) and node.args.get("is_string"):
            size += len(str(node.this).encode())
            continue
        kind = type_of(node)
        if kind.name not in STRINGS or kind.a is None:
            return VARCHAR
        size += kind.a
    return SqlType(VARCHAR.name, min(max(size, 1), MAX_VARCHAR))


def is_integer(kind: SqlType) -> bool:
    """smallint, integer or bigint."""
    return plain(kind).name in INTEGERS


def is_number(kind: SqlType) -> bool:
    """Any numeric type."""
    return plain(kind).name in _ORDER


__all__ = [
    "BIGINT", "INTEGER", "Apply", "Result", "Rule", "as_long_as", "as_numeric", "call", "first",
    "integer_of", "is_integer", "is_number", "is_string", "join", "joined", "literal_text",
    "present", "require_string", "rule", "simple", "values", "written", "wrong_arguments",
]  # fmt: skip
