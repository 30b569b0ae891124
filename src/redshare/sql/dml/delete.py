"""DELETE."""

from __future__ import annotations

from sqlglot import exp

from redshare.core.plan import WriteVerb
from redshare.core.privileges import Privilege
from redshare.sql.dml.target import filtered, other_sources, writable_source
from redshare.sql.query import bind_with, level
from redshare.sql.rewrite.rule import present
from redshare.sql.scope import Scope
from redshare.sql.work import Env, Work, refuse


def bind_delete(work: Work, node: exp.Delete) -> exp.Expr:
    """DELETE [FROM] t [USING …] [WHERE …]."""
    present(node, "with_", "this", "using", "where", "tables")
    env, with_ = bind_with(work, node.args.get("with_"), Env(work.session), None)
    table = node.this
    tables = node.args.get("tables") or []
    if not isinstance(table, exp.Expr) and len(tables) == 1:
        table = tables[0]  # DELETE t WHERE …: FROM is optional
    elif tables:
        raise refuse("DELETE of several tables")
    scope = Scope(env)
    needs = {Privilege.DELETE}
    if node.args.get("where") or node.args.get("using"):
        needs.add(Privilege.SELECT)
    found, bound = writable_source(work, table, scope, needs)
    work.write(found, WriteVerb.DELETE)
    out = exp.Delete(this=bound, with_=with_)
    using = other_sources(work, node.args.get("using") or [], scope)
    out.set("using", [using] if using is not None else None)
    where = node.args.get("where")
    condition = level(work, scope).condition(where.this) if where else None
    out.set("where", filtered(work, found, bound, condition))
    return out
