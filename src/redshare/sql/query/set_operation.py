"""UNION, INTERSECT, EXCEPT, and queries in brackets with clauses of their own."""

from __future__ import annotations

from sqlglot import exp

from redshare.core.sql_errors import SqlError
from redshare.sql.query.columns import BoundQuery, Columns, renamed, table_alias
from redshare.sql.query.level import Level
from redshare.sql.query.result import result_clauses
from redshare.sql.query.untyped import taken_as
from redshare.sql.query.with_ import bind_with
from redshare.sql.rewrite.rule import joined, present
from redshare.sql.scope import Scope, Source
from redshare.sql.types import SUPER, SqlType
from redshare.sql.work import refuse


def bind_set_operation(level: Level, node: exp.SetOperation) -> BoundQuery:
    """Two queries with the same number of columns; long chains lean left."""
    present(node, "with_", "this", "expression", "distinct", "order", "limit", "offset")
    level, with_ = bind_with(level, node.args.get("with_"))
    if not isinstance(node, (exp.Union, exp.Except, exp.Intersect)):
        raise refuse(node.key.upper())
    if not node.args.get("distinct") and not isinstance(node, exp.Union):
        raise refuse(f"{node.key.upper()} ALL")
    operands = [level.query(operand) for operand in _operands(node)]
    first = operands[0]
    if any(len(operand.columns) != len(first.columns) for operand in operands):
        raise SqlError(
            f"each {node.key.upper()} query must have the same number of columns", "42601"
        )
    columns: Columns = [
        (name, _kind(node, operands, place)) for place, (name, _) in enumerate(first.columns)
    ]
    out: exp.Expr = exp.Subquery(this=first.node)
    for operand in operands[1:]:
        out = type(node)(
            this=out,
            expression=exp.Subquery(this=operand.node),
            distinct=bool(node.args.get("distinct")),
        )
    out.set("with_", with_)
    _check_order(node, columns)
    result_clauses(level, node, out, columns)
    return BoundQuery(out, columns)


def _operands(node: exp.SetOperation) -> list[exp.Expr]:
    """A chain of one operation leans left and may be hundreds long: its operands in order."""
    found: list[exp.Expr] = []
    left: exp.Expr = node
    while type(left) is type(node):
        assert isinstance(left, exp.SetOperation)
        present(left, "with_", "this", "expression", "distinct", "order", "limit", "offset")
        own = any(left.args.get(key) for key in ("with_", "order", "limit", "offset"))
        same = bool(left.args.get("distinct")) == bool(node.args.get("distinct"))
        if left is not node and (own or not same):
            break
        found.append(left.expression)
        left = left.this
    return [left, *reversed(found)]


def _kind(node: exp.SetOperation, operands: list[BoundQuery], place: int) -> SqlType:
    """A column's type in all operands; bare strings and NULLs are of the others' type."""
    kind = operands[0].columns[place][1]
    for at, operand in enumerate(operands[1:], start=1):
        other = taken_as(operand, place, kind)
        if other != kind:
            for before in operands[:at]:
                kind = taken_as(before, place, other)
        kind = _both(node, kind, other)
    return kind


def _check_order(node: exp.SetOperation, columns: Columns) -> None:
    order = node.args.get("order")
    names = {name for name, _ in columns}
    for item in order.expressions if order is not None else []:
        named = isinstance(item.this, exp.Column) and len(item.this.parts) == 1
        if not isinstance(item.this, exp.Literal) and not (named and item.this.name in names):
            raise SqlError(
                "ORDER BY on a UNION/INTERSECT/EXCEPT result must be on one of the result columns",
                "0A000",
            )


def _both(node: exp.SetOperation, kind: SqlType, other: SqlType) -> SqlType:
    if SUPER in {kind, other} and (kind != other or node.args.get("distinct")):
        raise refuse(f"{node.key.upper()} of {kind} and {other}")
    return joined([kind, other])


def bind_bracketed(level: Level, node: exp.Subquery) -> BoundQuery:
    """`(query) ORDER BY … LIMIT …`."""
    present(node, "this", "with_", "order", "limit", "offset")
    level, with_ = bind_with(level, node.args.get("with_"))
    inner = level.query(node.this)
    if not any(node.args.get(key) for key in ("order", "limit", "offset", "with_")):
        return inner
    engine = level.work.fresh("b")
    unique = renamed(inner.columns, [])
    scope = Scope(level.scope.env, level.scope.parent)
    names = [name for name, _ in unique]
    scope.add(Source.of(engine, inner.columns, engine, engine_names=names))
    items = [
        exp.Alias(this=bound, alias=exp.to_identifier(name, quoted=True))
        for name, bound in scope.star()
    ]
    source = exp.Subquery(this=inner.node, alias=table_alias(engine, unique))
    out = exp.Select(with_=with_, expressions=items, from_=exp.From(this=source))
    result_clauses(level.within(scope), node, out, inner.columns)
    return BoundQuery(out, inner.columns)
