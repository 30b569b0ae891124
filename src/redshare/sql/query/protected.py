"""A relation with its row-level security and masks: a query of it in its place.

So everything that reads a relation, be it a view or a subquery of a DELETE, sees what the session's
user may see and no more.
"""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from redshare.core.policy import AppliedPolicy, Policy
from redshare.core.relation import Relation
from redshare.sql.barrier import hiding
from redshare.sql.functions import as_type
from redshare.sql.policy.applied import masks, row_policies
from redshare.sql.policy.body import BindQuery, bind_body
from redshare.sql.query.columns import Columns, renamed, table_alias
from redshare.sql.scope import Source, Visible
from redshare.sql.super.casts import to_super
from redshare.sql.super.put import put
from redshare.sql.types import SUPER
from redshare.sql.work import Work


def protected(
    work: Work, relation: Relation, bound: exp.Expr, columns: Columns, bind_query: BindQuery
) -> exp.Expr:
    """`bound`, or the query in its place: the same columns in the same order."""
    policies = row_policies(work.session, relation)
    if policies is None and not masks(work.session, relation):
        return bound
    engine = work.fresh("p")
    inner = renamed(columns, [])
    bound.set("alias", table_alias(engine, None if isinstance(bound, exp.Table) else inner))
    source = Source.of(relation.name, columns, engine, engine_names=[name for name, _ in inner])
    items = [
        exp.Alias(this=work.again(visible.node), alias=exp.to_identifier(shown, quoted=True))
        for visible, (shown, _) in zip(
            masked_source(work, relation, source, bind_query).columns, inner, strict=True
        )
    ]
    select = exp.Select(expressions=items, from_=exp.From(this=bound))
    if policies is not None:
        where = _condition(work, relation, policies, source, bind_query)
        hiding(select).set("where", exp.Where(this=where))
    return exp.Subquery(this=select)


def masked_source(work: Work, relation: Relation, source: Source, bind_query: BindQuery) -> Source:
    """The source with the user's masks in the place of the columns they are attached to."""
    masked: dict[str, list[tuple[tuple[str, ...], exp.Expr]]] = {}
    for mask in masks(work.session, relation):
        values = bind_body(work, mask.policy, source, mask.attachment.sources, bind_query)
        masked.setdefault(mask.place[0], []).append((mask.place[1:], values[mask.number]))
    columns = [
        replace(visible, node=_behind(work, visible, masked[visible.name]))
        if visible.name in masked
        else visible
        for visible in source.columns
    ]
    return replace(source, columns=tuple(columns))


def _behind(
    work: Work, visible: Visible, values: list[tuple[tuple[str, ...], exp.Expr]]
) -> exp.Expr:
    """A column behind its only mask, or behind those of attributes of its value."""
    path, value = values[0]
    if path:
        return put(work, visible.node, [(path, to_super(value)) for path, value in values])
    return to_super(value) if visible.kind == SUPER else as_type(value, visible.kind)


def row_condition(
    work: Work, relation: Relation, columns: Columns, engine: str, bind_query: BindQuery
) -> exp.Expr | None:
    """Which rows of a written table, known to the engine as `engine`, are there; None for all."""
    policies = row_policies(work.session, relation)
    if policies is None:
        return None
    source = Source.of(relation.name, columns, engine)
    return _condition(work, relation, policies, source, bind_query)


def _note(work: Work, relation: Relation, policies: list[Policy]) -> None:
    catalog = work.session.catalog
    schema, database = catalog.schema(relation.schema), catalog.database(relation.database)
    assert schema is not None, "a relation is in a schema"
    assert database is not None, "a schema is in a database"
    for name in [policy.name for policy in policies] or [""]:
        work.applied.add(AppliedPolicy(database.name, schema.name, relation.name, name))


def _condition(
    work: Work, relation: Relation, policies: list[Policy], source: Source, bind_query: BindQuery
) -> exp.Expr:
    """No policy, no row."""
    _note(work, relation, policies)
    if not policies:
        return exp.Boolean(this=False)
    found: list[exp.Expr] = []
    for policy in policies:
        names = [(name,) for name, _ in policy.parameters]
        (value,) = bind_body(work, policy, source, names, bind_query)
        found.append(exp.Paren(this=value))
    kind = exp.Or if relation.conjunction == "OR" else exp.And
    whole = found[0]
    for other in found[1:]:
        whole = kind(this=whole, expression=other)
    return exp.Paren(this=whole)
