"""ORDER BY, LIMIT and OFFSET, of a SELECT, a set operation or a query in brackets."""

from __future__ import annotations

from sqlglot import exp

from redshare.core.sql_errors import SqlError
from redshare.sql.query.columns import Columns
from redshare.sql.query.level import Level
from redshare.sql.rewrite.rule import integer_of, present
from redshare.sql.scope import Scope
from redshare.sql.super.compare import order_keys
from redshare.sql.types import BIGINT, INTEGERS, SUPER, UNKNOWN, engine_cast
from redshare.sql.windows import order_by
from redshare.sql.work import Env, refuse, type_of


def result_clauses(level: Level, node: exp.Expr, out: exp.Expr, columns: Columns) -> None:
    """What stands behind a query. A bare name in ORDER BY is one of the result's first."""
    order, limit, offset = (node.args.get(key) for key in ("order", "limit", "offset"))
    if order is not None:
        out.set("order", _order(level, order, out, columns))
    if isinstance(limit, exp.Fetch):
        present(limit, "direction", "count", "limit_options")
        options = limit.args.get("limit_options")
        if options is not None:
            present(options, "rows")
        out.set("limit", _limit(level, limit.args["count"]))
    elif limit is not None:
        if limit.args.get("limit_options"):
            raise refuse("WITH TIES or PERCENT behind TOP or LIMIT")
        present(limit, "expression")
        out.set("limit", _limit(level, limit.expression))
    if offset is not None:
        present(offset, "expression")
        out.set("offset", exp.Offset(expression=_rows(level, offset.expression, "OFFSET")))


def _order(level: Level, order: exp.Expr, out: exp.Expr, columns: Columns) -> exp.Order:
    """Names of the result become places: the engine may see others under such a name."""
    for item in order.expressions:
        check_place("ORDER BY", item.this, columns)
        named = isinstance(item.this, exp.Column) and len(item.this.parts) == 1
        if named and item.this.name in {name for name, _ in columns}:
            item.set("this", exp.Literal.number(_place_of(item.this.name, out, columns)))
        elif out.args.get("distinct") and isinstance(out, exp.Select):
            item.set("this", _distinct_place(level, item.this, out))
    bound = order_by(level.expressions, order)
    found: list[exp.Expr] = []
    for item in bound.expressions:
        place = integer_of(item.this) if isinstance(item.this, exp.Literal) else None
        if place is not None and columns[place - 1][1] == SUPER:
            keys = order_keys(_result(out, place))
            found += [exp.Ordered(**{**item.args, "this": key}) for key in keys]
            continue
        found.append(item)
    return exp.Order(expressions=found)


def _place_of(name: str, out: exp.Expr, columns: Columns) -> int:
    places = [place for place, (other, _) in enumerate(columns, start=1) if other == name]
    if len(places) > 1:
        items = [out.expressions[p - 1].this for p in places] if out.expressions else []
        if not items or any(item != items[0] for item in items):
            raise SqlError(f'ORDER BY "{name}" is ambiguous', "42702")
    return places[0]


def _result(out: exp.Expr, place: int) -> exp.Expr:
    """What stands at a place of the select list."""
    if not isinstance(out, exp.Select):
        raise refuse("ORDER BY of a SUPER value behind a set operation")
    found: exp.Expr = out.expressions[place - 1].this.copy()
    return found


def _distinct_place(level: Level, item: exp.Expr, out: exp.Select) -> exp.Expr:
    """The rows of a DISTINCT are ordered by what is in them."""
    if isinstance(item, exp.Literal):
        return item
    bound = level.expressions.bind(item.copy())
    for place, shown in enumerate(out.expressions, start=1):
        if shown.this == bound:
            return exp.Literal.number(place)
    raise SqlError("for SELECT DISTINCT, ORDER BY expressions must appear in select list", "42P10")


def check_place(clause: str, node: exp.Expr, columns: Columns) -> None:
    """Raises for a literal that is no place in the select list."""
    if not isinstance(node, exp.Literal):
        return
    place = integer_of(node)
    if place is None:
        raise SqlError(f"non-integer constant in {clause}", "42601")
    if not 1 <= place <= len(columns):
        raise SqlError(f"{clause} position {place} is not in select list", "42P10")


def _limit(level: Level, node: exp.Expr) -> exp.Limit | None:
    """None for ALL and NULL."""
    if isinstance(node, exp.Null):
        return None
    if isinstance(node, (exp.Var, exp.Column)) and node.name.lower() == "all":
        return None
    return exp.Limit(expression=_rows(level, node, "LIMIT"))


def _rows(level: Level, node: exp.Expr, clause: str) -> exp.Expr:
    """A number of rows: a literal, a parameter, or arithmetic of such."""
    if isinstance(node, exp.Literal) and str(node.this).isdecimal():
        return exp.Literal.number(str(node.this))
    if isinstance(node, exp.Literal) and node.args.get("is_string"):
        raise SqlError(f'invalid input syntax for integer: "{node.this}"', "22P02")
    if node.find(exp.Query) is not None:
        raise refuse(f"a subquery in {clause}")
    if node.find(exp.Column) is not None:
        raise SqlError(f"argument of {clause} must not contain variables", "42P10")
    number = integer_of(node)
    if number is not None and number < 0:
        state = "2201W" if clause == "LIMIT" else "2201X"
        raise SqlError(f"{clause} must not be negative", state)
    bound = level.within(Scope(Env(level.work.session))).expressions.bind(node)
    level.work.infer(bound, BIGINT)
    if type_of(bound).name not in INTEGERS and type_of(bound) != UNKNOWN:
        raise SqlError(f"argument of {clause} must be type bigint, not {type_of(bound)}", "42804")
    return bound if isinstance(node, exp.Parameter) else engine_cast(bound, BIGINT)
