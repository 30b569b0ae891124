"""UPDATE."""

from __future__ import annotations

from sqlglot import exp

from redshare.core.plan import WriteVerb
from redshare.core.privileges import Privilege
from redshare.sql.dml.assigned import assignments
from redshare.sql.dml.target import (
    filtered,
    other_sources,
    reads_mask,
    require_updatable,
    writable_source,
)
from redshare.sql.query import bind_with, level
from redshare.sql.rewrite.rule import present
from redshare.sql.scope import Scope
from redshare.sql.work import Env, Work, refuse


def bind_update(work: Work, node: exp.Update) -> exp.Expr:
    """UPDATE … SET … [FROM …] [WHERE …]."""
    present(node, "with_", "this", "expressions", "from_", "where")
    env, with_ = bind_with(work, node.args.get("with_"), Env(work.session), None)
    scope = Scope(env)
    needs = {Privilege.UPDATE}
    start = node.args.get("from_")
    if node.args.get("where") or start:
        needs.add(Privilege.SELECT)
    found, table = writable_source(work, node.this, scope, needs)
    require_updatable(work.session, found, node.expressions)
    work.write(found, WriteVerb.UPDATE)
    out = exp.Update(this=table, with_=with_)
    if start is not None:
        present(start, "this")
        out.set("from_", exp.From(this=other_sources(work, [start.this], scope)))
    assigned = assignments(work, node.expressions, scope, found.relation)
    if any(map(reads_mask, assigned)):
        # The mask would be kept in the place of the value that it hides.
        raise refuse("an UPDATE with what is computed from a masked column of its table")
    out.set("expressions", assigned)
    where = node.args.get("where")
    condition = level(work, scope).condition(where.this) if where else None
    out.set("where", filtered(work, found, table, condition))
    return out
