"""The table a statement writes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from sqlglot import exp

from redshare.core.privileges import COLUMN_PRIVILEGES, Privilege
from redshare.core.relation import Column, Relation, RelationKind
from redshare.core.sql_errors import SharedOperationNotSupported, SqlError, UndefinedColumn
from redshare.sql.barrier import guarded
from redshare.sql.columns import mark, require_columns
from redshare.sql.context import SqlContext
from redshare.sql.may import denied, permitted_columns
from redshare.sql.names import Resolved, resolve_relation
from redshare.sql.policy.applied import masks, require_reachable, row_policies
from redshare.sql.query import bind_query, level, relation_name, table_alias
from redshare.sql.query.from_ import from_items
from redshare.sql.query.protected import masked_source, row_condition
from redshare.sql.scope import Scope, Source
from redshare.sql.types import stored_type
from redshare.sql.views.model import SystemView
from redshare.sql.work import Work, refuse

_MASK: Final = "mask_of_the_target"


def target(context: SqlContext, name: tuple[str, ...], needs: Iterable[Privilege]) -> Resolved:
    """The table a statement writes. Raises what resolving does, and for views."""
    found = resolve_relation(context, name, needs=needs)
    if isinstance(found, SystemView):
        raise SqlError(f"permission denied for relation {found.name}", "42501")
    if found.relation.kind is not RelationKind.TABLE:
        if found.share is not None:
            raise SharedOperationNotSupported
        raise SqlError(f'"{found.relation.name}" is not a table', "42809")
    require_reachable(context, context, found)
    return found


def require_whole(context: SqlContext, found: Resolved, verb: str) -> None:
    """Raises where the user does not see all of a local table as it is."""
    if found.share is None and row_policies(context, found.relation) is not None:
        raise refuse(f"{verb} of a relation with row-level security")
    if found.share is None and masks(context, found.relation):
        raise refuse(f"{verb} of a relation that is masked")


def filtered(
    work: Work, found: Resolved, table: exp.Table, condition: exp.Expr | None
) -> exp.Where | None:
    """WHERE of an UPDATE or DELETE: only rows that row-level security lets the user see."""
    mine = None
    if found.share is None:
        columns = [(c.name, stored_type(c.type)) for c in found.relation.columns]
        mine = row_condition(work, found.relation, columns, table.alias, bind_query)
    if mine is None or condition is None:
        whole = mine or condition
        return None if whole is None else exp.Where(this=whole)
    return exp.Where(this=guarded(mine, condition))


def writable_source(
    work: Work, node: exp.Expr, scope: Scope, needs: Iterable[Privilege]
) -> tuple[Resolved, exp.Table]:
    """The written table in FROM's place, under its alias; what is masked is read as its mask."""
    name = relation_name(node)
    context = scope.env.context
    # SELECT and UPDATE may be granted on columns alone.
    found = target(context, name, frozenset(needs) - COLUMN_PRIVILEGES)
    if found.share is not None:
        found = target(context, name, needs)
    alias = node.args.get("alias")
    if alias is not None and alias.args.get("columns"):
        raise refuse("column aliases of the written table")
    shown = alias.name if alias is not None and alias.name else name[-1]
    path = () if alias is not None else (
        found.database.name, found.schema.name, found.relation.name,
    )  # fmt: skip
    columns = [(c.name, stored_type(c.type)) for c in found.relation.columns]
    engine = work.fresh("w")
    source = Source.of(shown, columns, engine, path=path)
    if found.share is None:
        source = masked_source(work, found.relation, source, bind_query)
        for mask in masks(context, found.relation):
            visible = source.column(mask.place[0])
            assert visible is not None, "a column that is masked is not dropped"
            if visible.node.find(exp.Query):
                raise refuse("a write to a relation whose mask reads a lookup table")
            visible.node.meta[_MASK] = True
        readable = permitted_columns(context, found.relation, Privilege.SELECT)
        mark((column.node for column in source.columns), found.relation, readable)
    scope.add(source)
    bound = work.use(found)
    bound.set("alias", table_alias(engine))
    return found, bound


def reads_mask(node: exp.Expr) -> bool:
    """Whether a bound tree has the mask of a column of the written table."""
    return any(_MASK in part.meta for part in node.walk())


def require_updatable(context: SqlContext, found: Resolved, items: Sequence[exp.Expr]) -> None:
    """UPDATE on the table or on each assigned column; through a share it was asked for before."""
    if found.share is not None:
        return
    permitted = require_columns(context, found.relation, Privilege.UPDATE)
    for item in items:
        left = item.args.get("this")
        name = left.name if isinstance(left, exp.Column) else ""
        if permitted is not None and name not in permitted:
            raise denied(found.relation)


def other_sources(work: Work, items: Sequence[exp.Expr], scope: Scope) -> exp.Expr | None:
    """FROM of an UPDATE or USING: its joins do not see the written table beside it.

    For the engine it is one item: behind the first it takes joins only inside brackets.
    """
    if not items:
        return None
    beside = level(work, Scope(scope.env))
    joins = [exp.Join(this=item) for item in items[1:]]
    first, *others = from_items(beside, exp.Select(from_=exp.From(this=items[0]), joins=joins))
    scope.extend(beside.scope.sources, beside.scope.columns)
    if not others:
        return first.node()
    first.first, first.joins = first.node(), []
    first.joins += [exp.Join(this=tree.node(), kind="CROSS") for tree in others]
    return first.node()


def columns_named(relation: Relation, names: list[str] | None) -> list[Column]:
    """The columns of a column list; all without one."""
    if names is None:
        return list(relation.columns)
    found = []
    for name in names:
        column = relation.column(name)
        if column is None:
            raise UndefinedColumn(f'column "{name}" of relation "{relation.name}" does not exist')
        if column in found:
            raise SqlError(f'column "{name}" specified more than once', "42701")
        found.append(column)
    return found


def names_of(columns: Iterable[Column]) -> list[exp.Expr]:
    """Their names for the engine."""
    return [exp.to_identifier(column.name, quoted=True) for column in columns]
