"""Windows, ORDER BY, and what stands around an aggregate: FILTER, WITHIN GROUP, IGNORE NULLS."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlglot import exp

from redshare.core.sql_errors import SqlError
from redshare.sql.rewrite import RULES
from redshare.sql.rewrite.rule import present
from redshare.sql.rewrite.windows import check_frame
from redshare.sql.super.compare import order_keys
from redshare.sql.types import SUPER
from redshare.sql.work import refuse, type_of, typed

if TYPE_CHECKING:
    from redshare.sql.expression import Binder

_FRAME_WORDS: Final = {
    "ROWS", "RANGE", "UNBOUNDED", "PRECEDING", "FOLLOWING", "CURRENT ROW",
}  # fmt: skip


def modified(binder: Binder, node: exp.Expr) -> exp.Expr:
    """FILTER, WITHIN GROUP, IGNORE NULLS: around a function whose own wrapping goes outside."""
    present(node, "this", "expression")
    inner = binder.bare(node.this)
    wrap = inner.meta.pop("wrap", None)
    other = node.args.get("expression")
    if isinstance(other, exp.Where):
        other = exp.Where(this=binder.truth(other.this))
    elif isinstance(other, exp.Order):
        other = order_by(binder, other)
    elif other is not None:
        raise refuse(f"the modifier {node.key}")
    bound = typed(type(node)(this=inner, expression=other), type_of(inner))
    if isinstance(node, exp.WithinGroup):
        bound = RULES[exp.WithinGroup].apply(binder.work, bound)
        wrap = bound.meta.pop("wrap", wrap)
    if wrap:
        bound.meta["wrap"] = wrap
    return bound


def window_call(binder: Binder, node: exp.Window) -> exp.Expr:
    """A function OVER a window."""
    present(node, "this", "partition_by", "order", "spec", "alias", "over")
    check_frame(node)
    inner = binder.bare(node.this)
    wrap = inner.meta.pop("wrap", None)
    bound = window_parts(binder, node)
    bound.set("this", inner)
    bound.set("over", "OVER")
    if node.args.get("alias"):
        name = node.args["alias"].name
        if name not in binder.scope.windows:
            raise SqlError(f'window "{name}" does not exist', "42704")
        bound.set("alias", exp.to_identifier(name, quoted=True))
    typed(bound, type_of(inner))
    if wrap:
        bound.meta["wrap"] = wrap
    return bound


def window_parts(binder: Binder, node: exp.Window) -> exp.Window:
    """PARTITION BY, ORDER BY and the frame of a window, or of a WINDOW clause's item."""
    spec = node.args.get("spec")
    ordered = node.args.get("order")
    parts = [binder.bind(e) for e in node.args.get("partition_by") or []]
    return exp.Window(
        partition_by=parts or None,
        order=order_by(binder, ordered) if ordered else None,
        spec=_frame(binder, spec) if spec else None,
    )


def _frame(binder: Binder, node: exp.WindowSpec) -> exp.Expr:
    present(node, "kind", "start", "start_side", "end", "end_side")
    parts: dict[str, object] = {}
    for key, value in node.args.items():
        if isinstance(value, exp.Expr):
            parts[key] = binder.bind(value)
        elif value:
            if str(value).upper() not in _FRAME_WORDS:
                raise refuse(f"the window frame {value}")
            parts[key] = str(value).upper()
    return exp.WindowSpec(**parts)


def order_by(binder: Binder, node: exp.Expr) -> exp.Order:
    """An ORDER BY: NULLs come last ascending and first descending unless said otherwise."""
    present(node, "expressions")
    items = []
    for item in node.expressions:
        present(item, "this", "desc", "nulls_first")
        desc, first = bool(item.args.get("desc")), bool(item.args.get("nulls_first"))
        bound = binder.bind(item.this)
        keys = order_keys(bound) if type_of(bound) == SUPER else [bound]
        items += [exp.Ordered(this=key, desc=desc, nulls_first=first) for key in keys]
    return exp.Order(expressions=items)
