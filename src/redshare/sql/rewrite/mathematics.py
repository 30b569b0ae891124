"""Mathematical functions.

https://docs.aws.amazon.com/redshift/latest/dg/Math_functions.html
"""

from __future__ import annotations

from typing import Final

from sqlglot import exp

from redshare.sql.rewrite.arithmetic import doubles
from redshare.sql.rewrite.casts import convert
from redshare.sql.rewrite.rule import (
    Rule,
    call,
    integer_of,
    is_integer,
    is_number,
    rule,
    simple,
    values,
    wrong_arguments,
)
from redshare.sql.types import (
    BIGINT,
    DATE,
    DATETIMES,
    DOUBLE,
    INTEGER,
    UNKNOWN,
    SqlType,
    engine_cast,
    numeric,
)
from redshare.sql.work import Work, refuse, type_of, typed


def _rounded(work: Work, node: exp.Expr) -> exp.Expr:
    """ROUND and TRUNC of a number; TRUNC of a timestamp is its date."""
    value = node.this
    kind = type_of(value)
    decimals = node.args.get("decimals")
    truncate = isinstance(node, exp.Trunc)
    if truncate and kind.name in DATETIMES and decimals is None:
        return convert(work, value, DATE)
    if kind == UNKNOWN:
        value, kind = convert(work, value, DOUBLE), DOUBLE
    if not is_number(kind):
        raise refuse(f"{node.key} of {kind}")
    if is_integer(kind) and decimals is None:
        return typed(exp.Paren(this=value), kind)
    name = "trunc" if truncate else "round"
    if kind.name != "numeric":
        places = [] if decimals is None else [convert(work, decimals, INTEGER)]
        return typed(engine_cast(call(name, value, *places), kind), kind)
    places = [convert(work, decimals, INTEGER)] if decimals is not None else []
    result = _scaled(kind, decimals)
    return typed(engine_cast(call(name, engine_cast(value, kind), *places), result), result)


def _scaled(kind: SqlType, decimals: exp.Expr | None) -> SqlType:
    """Digits that are rounded away are gone; rounding up may need one more in front."""
    wanted = 0 if decimals is None else integer_of(decimals)
    scale = kind.b or 0
    kept = scale if wanted is None else max(0, min(scale, wanted))
    whole = (kind.a or 18) - scale
    return numeric(whole + kept + (1 if kept < scale else 0), kept)


def _whole(work: Work, node: exp.Expr) -> exp.Expr:
    """CEIL and FLOOR of a numeric have no fraction."""
    kind = type_of(node.this)
    name = "ceil" if isinstance(node, exp.Ceil) else "floor"
    if is_integer(kind):
        return typed(exp.Paren(this=node.this), kind)
    if kind.name == "numeric":
        result = _scaled(kind, None)
        return typed(engine_cast(call(name, engine_cast(node.this, kind)), result), result)
    return typed(call(name, doubles(work, node.this)), DOUBLE)


def _abs(work: Work, node: exp.Expr) -> exp.Expr:
    value = convert(work, node.this, DOUBLE) if type_of(node.this) == UNKNOWN else node.this
    kind = type_of(value)
    if not is_number(kind):
        raise refuse(f"abs of {kind}")
    return typed(engine_cast(call("abs", value), kind), kind)


def _sign(work: Work, node: exp.Expr) -> exp.Expr:
    kind = type_of(node.this)
    result = {"numeric": numeric(1, 0)}.get(kind.name, kind if is_integer(kind) else DOUBLE)
    value = node.this if kind.name == "numeric" else convert(work, node.this, result)
    return typed(engine_cast(call("sign", value), result), result)


def _double(engine: str, *keys: str, count: tuple[int, int]) -> Rule:
    """A function of doubles. A result that is too large is an error."""

    def apply(work: Work, node: exp.Expr) -> exp.Expr:
        arguments = [doubles(work, item) for item in values(node, keys)]
        if not count[0] <= len(arguments) <= count[1]:
            raise wrong_arguments(node)
        bound = call(engine, *arguments)
        return typed(call("rs_finite", bound) if engine in _GROWING else bound, DOUBLE)

    return rule(apply, *keys, flags=("this",) if "this" not in keys else ())


def _log(work: Work, node: exp.Expr) -> exp.Expr:
    """Of base 10; with two arguments the base comes first."""
    base, other = node.this, node.args.get("expression")
    if other is None:
        return typed(call("log10", doubles(work, base)), DOUBLE)
    return typed(call("log", doubles(work, base), doubles(work, other)), DOUBLE)


def _factorial(work: Work, node: exp.Expr) -> exp.Expr:
    bound = call("factorial", convert(work, node.this, INTEGER))
    return typed(engine_cast(bound, BIGINT), BIGINT)


_GROWING: Final = frozenset({"exp", "power"})
_DOUBLES: Final = {
    exp.Sqrt: "sqrt", exp.Exp: "exp", exp.Ln: "ln", exp.Sin: "sin", exp.Cos: "cos",
    exp.Tan: "tan", exp.Cot: "cot", exp.Asin: "asin", exp.Acos: "acos", exp.Atan: "atan",
    exp.Cbrt: "rs_cbrt", exp.Degrees: "degrees", exp.Radians: "radians",
}  # fmt: skip
_TWO: Final = ("this", "expression")
RULES: Final[dict[type[exp.Expr], Rule]] = {
    **{kind: _double(name, "this", count=(1, 1)) for kind, name in _DOUBLES.items()},
    exp.Log: rule(_log, *_TWO),
    exp.Pow: _double("power", *_TWO, count=(2, 2)),
    exp.Atan2: _double("atan2", *_TWO, count=(2, 2)),
    exp.Pi: simple("pi", result=DOUBLE),
    exp.Rand: simple("random", result=DOUBLE),
    exp.Abs: rule(_abs, "this"),
    exp.Sign: rule(_sign, "this"),
    exp.Round: rule(_rounded, "this", "decimals"),
    exp.Trunc: rule(_rounded, "this", "decimals"),
    exp.Ceil: rule(_whole, "this"),
    exp.Floor: rule(_whole, "this"),
    exp.Factorial: rule(_factorial, "this"),
}
NAMED: Final[dict[str, Rule]] = {
    "dexp": _double("exp", "expressions", count=(1, 1)),
    "dlog1": _double("ln", "expressions", count=(1, 1)),
    "dlog10": _double("log10", "expressions", count=(1, 1)),
}
