"""FROM: items separated by commas, each of them a tree of joins.

A join is rebuilt in brackets of its own, so that a comma binds no tighter than it does for
Redshift. USING and NATURAL become conditions, and the columns they merge expressions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from sqlglot import exp

from redshare.core.sql_errors import SqlError
from redshare.sql.function_source import function_source, is_function
from redshare.sql.parse import syntax_error
from redshare.sql.query.columns import renamed, shown, table_alias
from redshare.sql.query.level import Level
from redshare.sql.query.pivot import pivoted
from redshare.sql.query.relations import table_source
from redshare.sql.query.unnest import iteration, unnested
from redshare.sql.rewrite.rule import call, joined, present
from redshare.sql.scope import Scope, Source, Visible
from redshare.sql.types import SUPER
from redshare.sql.work import refuse, type_of, typed

_SIDES: Final = {"", "LEFT", "RIGHT", "FULL"}
_KINDS: Final = {"", "INNER", "OUTER", "CROSS"}


@dataclass(slots=True)
class Tree:
    """An item of FROM for the engine, with what it brings into sight."""

    first: exp.Expr
    sources: list[Source]
    columns: list[Visible]
    joins: list[exp.Join] = field(default_factory=list)

    @classmethod
    def of(cls, node: exp.Expr, source: Source) -> Tree:
        """A single relation."""
        return cls(node, [source], list(source.columns))

    def node(self) -> exp.Expr:
        """For the engine, joins in brackets."""
        if not self.joins:
            return self.first
        self.first.set("joins", self.joins)
        return exp.Subquery(this=self.first)


def bind_from(level: Level, node: exp.Expr, out: exp.Expr) -> list[Tree]:
    """FROM into `out`, and its sources into the level's scope. Answers the items."""
    trees = from_items(level, node)
    if trees:
        place_items(trees, out)
    return trees


def place_items(trees: Sequence[Tree], out: exp.Expr) -> None:
    """Items into a SELECT."""
    first, *others = trees
    node = first.node()
    if isinstance(node, exp.Lateral):
        node = exp.Subquery(this=node.this.this, alias=node.args["alias"])
    out.set("from_", exp.From(this=node))
    joins: list[exp.Join] = []
    for tree in others:
        if isinstance(tree.first, exp.Lateral):
            # Its joins, inner and left ones, mean the same behind what is before it.
            joins += [exp.Join(this=tree.first, kind="CROSS"), *tree.joins]
        else:
            joins.append(exp.Join(this=tree.node(), kind="CROSS"))
    if joins:
        out.set("joins", joins)


def from_items(level: Level, node: exp.Expr) -> list[Tree]:
    """The items in order, in sight from the next one on."""
    start = node.args.get("from_")
    joins = list(node.args.get("joins") or [])
    if start is None:
        if joins:
            raise syntax_error(": JOIN without FROM")
        return []
    present(start, "this")
    trees: list[Tree] = []
    waiting: list[exp.Expr] = [start.this]
    # The parser hangs the joins behind a table on that table, or on the whole FROM.
    waiting += joins
    tree: Tree | None = None
    for item in waiting:
        if isinstance(item, exp.Join) and not _is_comma(item):
            assert tree is not None
            _join(level, tree, item)
            continue
        if tree is not None:
            _finish(level, trees, tree)
        tree = _item(level, item.this if isinstance(item, exp.Join) else item, trees)
    assert tree is not None
    _finish(level, trees, tree)
    return trees


def _finish(level: Level, trees: list[Tree], tree: Tree) -> None:
    level.scope.extend(tree.sources, tree.columns)
    trees.append(tree)


def _is_comma(join: exp.Join) -> bool:
    return not any(join.args.get(key) for key in ("on", "using", "side", "kind", "method"))


def _item(level: Level, node: exp.Expr, trees: list[Tree], left: Tree | None = None) -> Tree:
    """One item. Commas the parser hung on a table begin further items, as joins go on with it."""
    sight = Scope(level.scope.env, level.scope.parent)
    sight.extend(level.scope.sources, level.scope.columns)
    if left is not None:
        sight.extend(left.sources, left.columns)
    iterated = iteration(node, sight)
    if iterated is not None:
        return Tree.of(*unnested(level, iterated, sight))
    match node:
        case exp.Table() if is_function(node):
            own = node.args.get("joins") or []
            outer = level.scope.parent or Scope(level.scope.env)
            tree = Tree.of(*function_source(level.work, node, level.within(outer).expressions))
        case exp.Table():
            own = node.args.get("joins") or []
            bound, source = table_source(
                level.work, node, level.scope.env, level.bind, "joins", "pivots"
            )
            tree = _turned(level, node, bound, source)
        case exp.Subquery() if _is_join(node.this):
            present(node, "this", "joins", "alias")
            own = node.args.get("joins") or []
            tree = _bracketed(level, node)
        case exp.Subquery() | exp.Values():
            own = node.args.get("joins") or []
            tree = _derived(level, node)
        case _:
            raise refuse(f"{node.key.upper()} in FROM")
    for join in own:
        if _is_comma(join):
            _finish(level, trees, tree)
            tree = _item(level, join.this, trees)
        else:
            _join(level, tree, join)
    return tree


def _turned(level: Level, node: exp.Expr, bound: exp.Expr, source: Source) -> Tree:
    """A relation with the PIVOT or UNPIVOT behind it."""
    pivots = node.args.get("pivots")
    return Tree.of(*(pivoted(level, pivots, bound, source) if pivots else (bound, source)))


def _is_join(node: exp.Expr) -> bool:
    """Whether what stands in brackets is a relation or a join, and no query."""
    if isinstance(node, exp.Table):
        return True
    return isinstance(node, exp.Subquery) and bool(node.args.get("joins") or _is_join(node.this))


def _bracketed(level: Level, node: exp.Subquery) -> Tree:
    """`(a JOIN b …)`; with an alias only that name is seen outside."""
    inside = level.within(Scope(level.scope.env, level.scope.parent))
    trees: list[Tree] = []
    tree = _item(inside, node.this, trees)
    if trees:
        raise syntax_error(": a comma inside the brackets of a join")
    alias = node.args.get("alias")
    if alias is None:
        return Tree(tree.node(), tree.sources, tree.columns)
    names = [c.name for c in alias.args.get("columns") or []]
    columns = shown([(c.name, c.kind) for c in tree.columns], names)
    inner = renamed(columns, [])
    items = [visible.reference() for visible in tree.columns]
    select = exp.Select(expressions=items)
    place_items([tree], select)
    engine = level.work.fresh("j")
    bound = exp.Subquery(this=select, alias=table_alias(engine, inner))
    source = Source.of(alias.name, columns, engine, engine_names=[name for name, _ in inner])
    return Tree.of(bound, source)


def _derived(level: Level, node: exp.Expr) -> Tree:
    """A query in brackets: it does not see its neighbours, only what is around the whole query."""
    alias = node.args.get("alias")
    engine = level.work.fresh("d")
    name = alias.name if alias is not None and alias.name else engine
    names = [c.name for c in (alias.args.get("columns") or [])] if alias is not None else []
    inner = node
    if isinstance(node, exp.Subquery):
        present(node, "this", "alias", "joins", "pivots")
        inner = node.this
    else:
        present(node, "expressions", "alias", "joins")
        inner = exp.Values(expressions=node.expressions)
    bound = level.query(inner)
    columns = shown(bound.columns, names)
    unique = renamed(columns, [])
    source = Source.of(name, columns, engine, engine_names=[c for c, _ in unique])
    table = exp.Subquery(this=bound.node, alias=table_alias(engine, unique))
    return _turned(level, node, table, source)


# --- joins --------------------------------------------------------------------------------------


def _join(level: Level, left: Tree, node: exp.Join) -> None:
    present(node, "this", "on", "side", "kind", "using", "method")
    side, kind, method = (str(node.args.get(k) or "").upper() for k in ("side", "kind", "method"))
    if side not in _SIDES or kind not in _KINDS or method not in {"", "NATURAL"}:
        raise refuse(f"{method} {side} {kind} JOIN".strip())
    inside: list[Tree] = []
    right = _item(level, node.this, inside, left)
    if inside:
        raise syntax_error(": a comma inside a join")
    if side in {"RIGHT", "FULL"}:
        _no_super(left, right, side)
    sight = Scope(level.scope.env, level.scope.parent)
    sight.extend(left.sources, left.columns)
    sight.extend(right.sources, right.columns)
    columns = [*left.columns, *right.columns]
    join = exp.Join(this=right.node(), side=side or None, kind=kind or None)
    if method or node.args.get("using"):
        names = _common(left, right) if method else [item.name for item in node.args["using"]]
        columns, on = _merged(left, right, names, side)
        join.set("on", on)
    elif node.args.get("on") is not None:
        if right.sources[0].lateral and side and not _is_true(node.args["on"]):
            raise refuse("a condition of a LEFT JOIN over a SUPER value, other than TRUE")
        join.set("on", level.within(sight).condition(node.args["on"]))
    elif kind == "CROSS":
        pass
    else:
        raise syntax_error(": JOIN needs ON or USING")
    left.joins.append(join)
    left.sources, left.columns = [*left.sources, *right.sources], columns


def _is_true(node: exp.Expr) -> bool:
    while isinstance(node, exp.Paren):
        node = node.this
    return isinstance(node, exp.Boolean) and bool(node.this)


def _no_super(left: Tree, right: Tree, side: str) -> None:
    """Redshift joins an unnested value neither to the right nor fully."""
    if any(source.lateral for tree in (left, right) for source in tree.sources):
        raise SqlError(f"{side} JOIN of an unnested SUPER value is not supported", "0A000")


def _common(left: Tree, right: Tree) -> list[str]:
    """The common names, in the order of the left side."""
    known = {visible.name for visible in right.columns}
    return list(dict.fromkeys(v.name for v in left.columns if v.name in known))


def _merged(
    left: Tree, right: Tree, names: Sequence[str], side: str
) -> tuple[list[Visible], exp.Expr]:
    """The columns of a join with USING, the merged ones first, and the join's condition."""
    merged: list[Visible] = []
    tests: list[exp.Expr] = []
    for name in names:
        ours, theirs = _side(left, name), _side(right, name)
        kind = joined([ours.kind, theirs.kind])
        if SUPER in {ours.kind, theirs.kind}:
            raise refuse("a SUPER column in USING")
        tests.append(exp.EQ(this=ours.reference(), expression=theirs.reference()))
        match side:
            case "RIGHT":
                node = theirs.reference()
            case "FULL":
                node = call("coalesce", ours.reference(), theirs.reference())
            case _:
                node = ours.reference()
        merged.append(Visible(name, typed(node, kind if side == "FULL" else type_of(node))))
    rest = [v for tree in (left, right) for v in tree.columns if v.name not in set(names)]
    condition: exp.Expr = exp.Boolean(this=True)
    for place, test in enumerate(tests):
        condition = exp.And(this=condition, expression=test) if place else test
    return [*merged, *rest], condition


def _side(tree: Tree, name: str) -> Visible:
    found = [visible for visible in tree.columns if visible.name == name]
    if not found:
        raise SqlError(f'column "{name}" specified in USING clause does not exist', "42703")
    if len(found) > 1:
        raise SqlError(f'common column name "{name}" appears more than once', "42702")
    return found[0]
