"""A relation in FROM: a CTE, a system view, a table, or a view expanded in its owner's name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlglot import exp

from redshare.core.privileges import Privilege
from redshare.core.relation import Relation, RelationKind
from redshare.core.sql_errors import SharedOperationNotSupported, SqlError
from redshare.sql.columns import mark, require_columns
from redshare.sql.context import SqlContext
from redshare.sql.definition import ViewDefinition
from redshare.sql.names import Resolved, resolve_relation
from redshare.sql.owner import owners_context
from redshare.sql.parse import parse
from redshare.sql.policy.applied import require_lookup, require_reachable
from redshare.sql.query.columns import renamed, shown, table_alias
from redshare.sql.query.protected import protected
from redshare.sql.result import Origin, origins
from redshare.sql.rewrite.rule import present
from redshare.sql.scope import Source
from redshare.sql.types import stored_type
from redshare.sql.views.functions import table_function
from redshare.sql.views.model import SystemView
from redshare.sql.work import MAX_VIEW_DEPTH, Cte, Env, Work, refuse

#: query.bind_query, given by the caller: a view is a query again.
BindQuery = Callable[..., Any]
#: The engine's form, columns with their types, path, and what it is.
_Found = tuple[exp.Expr, list[Any], tuple[str, ...], Resolved | SystemView | None]


def relation_name(node: exp.Expr, *also: str) -> tuple[str, ...]:
    """The one to three parts of a table reference. Raises for functions, strings, parameters."""
    if not isinstance(node, exp.Table):
        raise refuse(f"{node.key.upper()} as a relation")
    present(node, "this", "db", "catalog", "alias", *also)
    parts = [node.args.get(key) for key in ("catalog", "db", "this")]
    names = [part for part in parts if part]
    for part in names:
        if not isinstance(part, exp.Identifier):
            what = part.key if isinstance(part, exp.Expr) else "value"
            raise refuse(f"the {what} as a relation")
    return tuple(part.name for part in names)


def table_source(
    work: Work, node: exp.Table, env: Env, bind_query: BindQuery, *also: str
) -> tuple[exp.Expr, Source]:
    """The engine's form of a reference, and what it brings into sight.

    The engine knows it under a fresh alias: users' aliases may hide each other across levels.
    """
    function = table_function(node)
    name = (function.name,) if function is not None else relation_name(node, *also)
    alias = node.args.get("alias")
    visible = alias.name if alias is not None and alias.name else name[-1]
    renames = [c.name for c in alias.args.get("columns") or []] if alias is not None else []
    cte = env.ctes.get(name[0]) if len(name) == 1 else None
    path: tuple[str, ...] = ()
    found: Resolved | SystemView | None = None
    if function is not None:
        bound, columns, path, found = _system(work, function, env)
    elif cte is not None:
        bound, columns = _cte(work, cte), list(cte.columns)
    else:
        bound, columns, path, found = _relation(work, name, env, bind_query)
    seen = shown(columns, renames)
    from_: Mapping[str, Origin] = {}
    relation = found.relation if isinstance(found, Resolved) else None
    if path:
        from_ = origins(path, relation, [name for name, _ in seen], [name for name, _ in columns])
    if alias is not None and alias.name:
        path = ()
    own = cte is None and isinstance(bound, exp.Table)
    inner = columns if own else renamed(columns, [])
    engine = work.fresh("t")
    bound.set("alias", table_alias(engine, None if own else inner))
    engine_names = [c for c, _ in inner]
    hidden = found.hidden if isinstance(found, SystemView) else ()
    source = Source.of(
        visible,
        seen,
        engine,
        engine_names=engine_names,
        path=path,
        origins=from_,
        hidden=[(c, stored_type(kind)) for c, kind in hidden],
    )
    if isinstance(found, Resolved) and found.share is None:
        permitted = require_columns(env.context, found.relation, Privilege.SELECT)
        mark((column.node for column in source.columns), found.relation, permitted)
    return bound, source


def _cte(work: Work, cte: Cte) -> exp.Expr:
    return work.own(exp.Table(this=exp.to_identifier(cte.internal, quoted=True)))


def _system(work: Work, view: SystemView, env: Env) -> _Found:
    if env.context.lookups is not None:
        raise refuse("a system view in a policy")
    columns = [(c, stored_type(kind)) for c, kind in view.columns]
    return work.input(view, env.context), columns, (view.schema, view.name), view


def _relation(work: Work, name: tuple[str, ...], env: Env, bind_query: BindQuery) -> _Found:
    found = resolve_relation(env.context, name)
    if isinstance(found, SystemView):
        return _system(work, found, env)
    if env.context.lookups is not None:
        require_lookup(env.context, found)
    if found.share is not None:
        found = _readable(env.context, name)
    else:
        require_columns(env.context, found.relation, Privilege.SELECT)
    if found.share is not None and env.context.namespace != work.session.namespace:
        # A producer's view over what was shared with the producer is not passed on.
        raise SharedOperationNotSupported
    if env.depth == 0:
        work.named[name] = found
    require_reachable(env.context, work.session, found)
    work.read.add(found.relation.relation_id)
    # As it is written: an external schema, and in a view a table since renamed, are called so.
    schema = name[-2] if len(name) > 1 else found.schema.name
    path = (found.database.name, schema, name[-1])
    known = None if env.context.lookups is None else env.context.lookups[found.relation.relation_id]
    columns = [
        (c.name, stored_type(c.type))
        for c in found.relation.columns
        if known is None or c.name in known
    ]
    if found.relation.kind in {RelationKind.TABLE, RelationKind.MATERIALIZED_VIEW}:
        return _seen(work, env, found, work.use(found), columns, bind_query), columns, path, found
    query = expanded(work, found, env, bind_query)
    columns = shown_columns(found.relation, query.columns)
    node = query.node
    if len(columns) < len(query.columns):
        node = _first(work, node, [name for name, _ in query.columns], len(columns))
    bound = _seen(work, env, found, exp.Subquery(this=node), columns, bind_query)
    return bound, columns, path, found


def _seen(
    work: Work,
    env: Env,
    found: Resolved,
    bound: exp.Expr,
    columns: list[Any],
    bind_query: BindQuery,
) -> exp.Expr:
    """What the session's user may see of it; what a consumer may read at all it sees whole."""
    if found.share is not None or env.context.namespace.namespace_id != (
        work.session.namespace.namespace_id
    ):
        return bound
    return protected(work, found.relation, bound, columns, bind_query)


def _readable(context: SqlContext, name: tuple[str, ...]) -> Resolved:
    """A shared relation: columns alone cannot be granted on it."""
    found = resolve_relation(context, name, needs=(Privilege.SELECT,))
    assert isinstance(found, Resolved)
    return found


def _first(work: Work, node: exp.Expr, names: list[str], count: int) -> exp.Expr:
    """A query of the first columns: the engine too is not to see the others."""
    inner = [f"c{place}" for place in range(len(names))]
    alias = exp.TableAlias(
        this=exp.to_identifier(work.fresh("view"), quoted=True),
        columns=[exp.to_identifier(name, quoted=True) for name in inner],
    )
    items = [exp.Column(this=exp.to_identifier(name, quoted=True)) for name in inner[:count]]
    source = exp.Subquery(this=node, alias=alias)
    return exp.Select(expressions=items, from_=exp.From(this=source))


def shown_columns(relation: Relation, columns: list[Any]) -> list[Any]:
    """A view's columns as they were named when it was made.

    Columns that its tables got since then stay out of sight, behind those it has.
    """
    names = [column.name for column in relation.columns]
    if not names:
        return columns
    fits = len(names) == len(columns) or names == [name for name, _ in columns[: len(names)]]
    if not fits or len(names) > len(columns):
        raise SqlError(f"the definition of view {relation.name} no longer fits", "42P16")
    return [(name, kind) for name, (_, kind) in zip(names, columns, strict=False)]


def expanded(work: Work, found: Resolved, env: Env, bind_query: BindQuery) -> Any:  # noqa: ANN401
    """A view's query, bound as its owner meant it."""
    if env.depth >= MAX_VIEW_DEPTH:
        raise SqlError(f"infinite recursion detected in view {found.relation.name}", "42P17")
    definition = ViewDefinition.load(found.relation.definition)
    context = owners_context(env.context, found.relation, definition)
    if found.share is not None:
        work.reach(found.database, found.relation.relation_id)
    tree = parse(definition.statement(), case_sensitive=definition.case_sensitive)
    return bind_query(work, tree, Env(context, {}, env.depth + 1))
