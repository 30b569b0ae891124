"""The select list: expressions under their names, and what a star stands for."""

from __future__ import annotations

from collections.abc import Iterable

from sqlglot import exp

from redshare.core.sql_errors import SqlError
from redshare.sql.expression import Binder
from redshare.sql.parse import syntax_error
from redshare.sql.query.columns import Columns
from redshare.sql.query.output import output_name
from redshare.sql.query.untyped import as_text
from redshare.sql.rewrite.catalog import names_of
from redshare.sql.rewrite.objects import NAMED_OBJECTS
from redshare.sql.rewrite.rule import present
from redshare.sql.types import UNKNOWN, VARCHAR, engine_cast
from redshare.sql.work import refuse, type_of, typed


def select_list(node: exp.Select, expressions: Binder) -> tuple[Columns, list[exp.Expr], list[int]]:
    """The columns, the engine's items, and the places of those without an aggregate.

    An alias may be used behind its own item.
    """
    grouped: list[int] = []
    columns: Columns = []
    items: list[exp.Expr] = []
    for item in node.expressions:
        _check_exclude(item, len(node.expressions))
        aggregate = _aggregates(item)
        for name, bound in _outputs(item, expressions):
            if type_of(bound) == UNKNOWN:
                expressions.work.infer(bound, VARCHAR)
            given = _known(bound) if type_of(bound) == UNKNOWN else bound
            if type_of(given).name in NAMED_OBJECTS:
                given = names_of(expressions.work, given)
            columns.append((name, type_of(given)))
            if not aggregate:
                grouped.append(len(columns))
            items.append(exp.Alias(this=given, alias=exp.to_identifier(name, quoted=True)))
            scope = expressions.scope
            if name in scope.aliases:
                scope.repeated.add(name)
            scope.aliases.setdefault(name, type_of(given))
    if not items:
        raise syntax_error(": SELECT needs a select list")
    return columns, items, grouped


def _aggregates(item: exp.Expr) -> bool:
    """Whether an aggregate of this level stands in an item; a window's function is none."""
    found = item.walk(prune=lambda node: isinstance(node, (exp.Window, exp.Query)))
    return any(isinstance(node, exp.AggFunc) for node in found)


def _check_exclude(item: exp.Expr, count: int) -> None:
    """EXCLUDE is of the whole list: beside other items it is not clear what it leaves out."""
    star = _star(item)
    if star is not None and star.args.get("except_") and count > 1:
        raise refuse("EXCLUDE in a select list of several items")


def _known(node: exp.Expr) -> exp.Expr:
    """A bare string or NULL in a select list is character varying."""
    if isinstance(node, (exp.Literal, exp.Null)):
        return as_text(node)
    return typed(engine_cast(node, VARCHAR), VARCHAR)


def _outputs(item: exp.Expr, expressions: Binder) -> Iterable[tuple[str, exp.Expr]]:
    star = _star(item)
    if star is not None:
        yield from _expanded(star, item, expressions)
        return
    if isinstance(item, exp.Alias):
        present(item, "this", "alias")
        if not isinstance(item.args["alias"], exp.Identifier):
            raise syntax_error(": an alias is one name")
        yield item.args["alias"].name, expressions.bind(item.this)
        return
    if isinstance(item, exp.Aliases):
        raise refuse("several aliases for one expression")
    name = output_name(item)
    yield name, expressions.bind(item)


def _star(item: exp.Expr) -> exp.Star | None:
    if isinstance(item, exp.Star):
        return item
    if isinstance(item, exp.Column) and isinstance(item.this, exp.Star):
        return item.this
    return None


def _expanded(
    star: exp.Star, item: exp.Expr, expressions: Binder
) -> Iterable[tuple[str, exp.Expr]]:
    present(star, "except_")
    left_out = {e.name for e in star.args.get("except_") or []}
    qualifier = tuple(p.name for p in item.parts[:-1]) if isinstance(item, exp.Column) else ()
    found = list(expressions.scope.star(qualifier))
    if not found:
        raise syntax_error(": SELECT * with no tables specified is not valid")
    unknown = left_out - {name for name, _ in found}
    if unknown:
        raise SqlError(f'column "{min(unknown)}" does not exist', "42703")
    kept = [(name, bound) for name, bound in found if name not in left_out]
    if not kept:
        raise syntax_error(": EXCLUDE leaves no column")
    yield from kept
