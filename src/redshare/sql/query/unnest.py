"""Iteration over a SUPER value in FROM: `t.a AS x AT i`, and `UNPIVOT t.o AS v AT k`.

https://docs.aws.amazon.com/redshift/latest/dg/query-super.html
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp

from redshare.core.sql_errors import UndefinedColumn, UndefinedTable
from redshare.sql.query.columns import Columns, table_alias
from redshare.sql.query.level import Level
from redshare.sql.raised import raise_node
from redshare.sql.rewrite.rule import call, present
from redshare.sql.scope import Scope, Source, Visible
from redshare.sql.super.text import (
    choose,
    elements,
    is_array,
    is_object,
    members,
    not_null,
    once,
)
from redshare.sql.types import BIGINT, SUPER, VARCHAR, engine_cast
from redshare.sql.work import refuse, type_of


@dataclass(frozen=True, slots=True)
class Iteration:
    """What is iterated over, and the names of a member and of its place."""

    value: exp.Expr
    name: str
    place: str = ""
    unpivot: bool = False


def iteration(node: exp.Expr, sight: Scope) -> Iteration | None:
    """An item of FROM that is one, and no relation."""
    match node:
        case exp.Unnest():
            present(node, "expressions", "alias", "offset")
            return _unnest(node)
        case exp.AtIndex():
            value, name = _named(node.this)
            return Iteration(value, name, node.expression.name)
        case exp.Pivot() if node.args.get("unpivot") and not node.expressions:
            present(node, "this", "unpivot")
            value, name = _named(node.this)
            if isinstance(node.this, exp.AtIndex):
                value, name = _named(node.this.this)
                return Iteration(value, name, node.this.expression.name, unpivot=True)
            return Iteration(value, name, unpivot=True)
        case exp.Bracket():
            present(node, "this", "expressions", "alias")
            inner = exp.Bracket(this=_as_column(node.this), expressions=node.expressions)
            return Iteration(inner, _alias(node) or "")
        case exp.Table():
            return _table(node, sight)
    return None


def _unnest(node: exp.Unnest) -> Iteration:
    alias = node.args.get("alias")
    if len(node.expressions) != 1 or alias is None:
        raise refuse("UNNEST of several values, or without an alias")
    columns = alias.args.get("columns") or []
    if columns and alias.name:
        raise refuse("a table alias and column aliases of UNNEST")
    name = columns[0].name if columns else alias.name
    offset = node.args.get("offset")
    place = offset.name if isinstance(offset, exp.Identifier) else ""
    return Iteration(node.expressions[0], name, place)


def _named(node: exp.Expr) -> tuple[exp.Expr, str]:
    if isinstance(node, exp.Alias):
        return node.this, node.alias
    if isinstance(node, exp.AtIndex):
        return node, ""
    return node, ""


def _alias(node: exp.Expr) -> str:
    alias = node.args.get("alias")
    return alias.name if isinstance(alias, exp.TableAlias) else ""


def _as_column(node: exp.Expr) -> exp.Expr:
    """A reference that the parser took for a relation's, as a value's."""
    if isinstance(node, exp.Bracket):
        return exp.Bracket(this=_as_column(node.this), expressions=node.expressions)
    if not isinstance(node, exp.Table):
        return node
    keys = ("catalog", "db", "this")
    parts = [node.args[key] for key in keys if isinstance(node.args.get(key), exp.Identifier)]
    named = dict(zip(("this", "table", "db", "catalog"), reversed(parts), strict=False))
    return exp.Column(**named)


def _table(node: exp.Table, sight: Scope) -> Iteration | None:
    """`t.a x` where t is an item before: it is seen first, before a schema of that name."""
    value = _as_column(node)
    if not isinstance(value, exp.Column) or not isinstance(node.this, exp.Identifier):
        return None
    parts = tuple(part.name for part in value.parts)
    try:
        found = sight.column(parts)
    except (UndefinedColumn, UndefinedTable):
        return None
    if found is None or type_of(found[0]) != SUPER:
        return None
    return Iteration(value, _alias(node))


def unnested(level: Level, found: Iteration, sight: Scope) -> tuple[exp.Lateral, Source]:
    """The members as rows, for the engine and in sight."""
    value = once(level.within(sight).expressions.bind(found.value))
    if type_of(value) != SUPER:
        raise refuse(f"iteration over a value of type {type_of(value)} in FROM")
    name = found.name or level.work.fresh("u")
    engine = level.work.fresh("u")
    wanted = is_object(value) if found.unpivot else is_array(value)
    listed = members(value) if found.unpivot else elements(value)
    kind = "an object" if found.unpivot else "an array"
    refused = f"iteration over a SUPER value that is not {kind} is not supported"
    failing = raise_node("0A000", refused)
    null = exp.Is(this=value.copy(), expression=exp.Null())
    items = [call("unnest", choose((null, exp.Null()), (wanted, listed), default=failing))]
    columns: Columns = [(name, SUPER)]
    if found.place:
        keys = call("json_keys", value.copy())
        length = engine_cast(call("json_array_length", value.copy()), BIGINT)
        places = choose((wanted.copy(), keys if found.unpivot else call("range", length)))
        items.append(call("unnest", places))
        columns.append((found.place, VARCHAR if found.unpivot else BIGINT))
    inner = [
        exp.Alias(this=item, alias=exp.to_identifier(f"c{at}", quoted=True))
        for at, item in enumerate(items)
    ]
    names = [f"c{at}" for at in range(len(items))]
    rows = exp.Subquery(this=exp.Select(expressions=inner))
    alias = table_alias(engine, [(n, SUPER) for n in names])
    seen = Source.of(name, columns, engine, engine_names=names)
    member, *place = seen.columns
    member = Visible(name, not_null(member.reference()))
    source = Source(name, (member, *place), lateral=True)
    return exp.Lateral(this=rows, alias=alias), source
