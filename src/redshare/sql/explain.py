"""EXPLAIN: the steps of a statement, in the words Redshift has for them.

The tree is of the statement as it was bound, not of the engine's plan: no cost, no row estimate and
no distribution is made up, and nothing of the engine is shown.
https://docs.aws.amazon.com/redshift/latest/dg/r_EXPLAIN.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from sqlglot import exp

from redshare.core.relation import RelationKind
from redshare.core.sql_errors import UndefinedDatabase, UndefinedSchema, UndefinedTable
from redshare.sql.context import SqlContext
from redshare.sql.lex import Statement
from redshare.sql.names import Resolved, resolve_relation
from redshare.sql.parse import OURS_PREFIX, parse
from redshare.sql.policy.applied import row_policies
from redshare.sql.work import refuse

_JOINS = {
    "": "XN Hash Join",
    "LEFT": "XN Hash Left Join",
    "RIGHT": "XN Hash Right Join",
    "FULL": "XN Hash Full Join",
}
_SET_OPERATIONS: dict[type[exp.Expr], str] = {
    exp.Except: "XN HashSetOp Except",
    exp.Intersect: "XN HashSetOp Intersect",
}


@dataclass(slots=True)
class Step:
    """A step with its details and the steps it reads from."""

    title: str
    details: list[str] = field(default_factory=list)
    inputs: list[Step] = field(default_factory=list)

    def lines(self, indent: int = 0) -> Iterator[str]:
        """As PostgreSQL prints a plan."""
        arrow = f"{' ' * (indent - 4)}->  " if indent else ""
        yield f"{arrow}{self.title}"
        for detail in self.details:
            yield f"{' ' * (indent + 2)}{detail}"
        for step in self.inputs:
            yield from step.lines(indent + 6)


def explain(statement: Statement, context: SqlContext) -> list[str]:
    """The lines for a statement that `bind` has passed."""
    tree = parse(statement, case_sensitive=context.case_sensitive)
    return list(_Steps(context).of(tree).lines())


class _Steps:
    def __init__(self, context: SqlContext) -> None:
        self._context = context
        self._ctes: dict[str, exp.Expr] = {}

    def of(self, tree: exp.Expr) -> Step:
        """What a statement does, last step first."""
        self._remember(tree)
        match tree:
            case exp.Select():
                return self._select(tree)
            case exp.SetOperation():
                return self._set_operation(tree)
            case exp.Subquery():
                return self._ordered(tree, self.of(tree.this))
            case exp.Values():
                return Step('XN Values Scan on "*VALUES*"')
            case exp.Insert():
                source = tree.args.get("expression")
                return Step("XN Result") if source is None else self.of(source)
            case exp.Update() | exp.Delete():
                return self._written(tree)
            case exp.Merge():
                target, source = self._source(tree.this), self._source(tree.args["using"])
                return _joined("XN Hash Left Join", source, target, tree.args.get("on"))
        raise refuse(f"EXPLAIN {tree.key.upper()}")

    def _remember(self, tree: exp.Expr) -> None:
        with_ = tree.args.get("with_")
        for cte in () if with_ is None else with_.expressions:
            self._ctes[cte.alias] = cte.this

    def _written(self, tree: exp.Update | exp.Delete) -> Step:
        tables = tree.args.get("tables") or []
        table = tree.this if isinstance(tree.this, exp.Expr) else tables[0]
        step = self._source(table)
        others: list[exp.Expr] = list(tree.args.get("using") or [])
        if tree.args.get("from_"):
            others.append(tree.args["from_"].this)
        where = tree.args.get("where")
        for other in others:
            step = _joined("XN Hash Join", step, self._source(other), where)
        if not others:
            _filter(step, where)
        return step

    def _select(self, tree: exp.Select) -> Step:
        start = tree.args.get("from_")
        if start is None:
            step = Step("XN Result")
        else:
            step = self._from(start.this, tree.args.get("joins") or [])
        _filter(step, tree.args.get("where"))
        if tree.args.get("connect"):
            step = Step("XN Recursive Union", inputs=[step])
        step = self._grouped(tree, step)
        windows = [
            window
            for item in tree.expressions
            for window in item.find_all(exp.Window)
            if window.find_ancestor(exp.Select) is tree
        ]
        if windows:
            step = Step("XN Window", list(_window_details(windows[0])), [step])
        if tree.args.get("distinct"):
            step = Step("XN Unique", inputs=[step])
        return self._ordered(tree, step)

    def _grouped(self, tree: exp.Select, step: Step) -> Step:
        group = tree.args.get("group")
        aggregates = any(
            found.find_ancestor(exp.Select) is tree and found.find_ancestor(exp.Window) is None
            for item in tree.expressions
            for found in item.find_all(exp.AggFunc)
        )
        if group is not None:
            step = Step("XN HashAggregate", inputs=[step])
        elif aggregates:
            step = Step("XN Aggregate", inputs=[step])
        _filter(step, tree.args.get("having"))
        return step

    def _ordered(self, tree: exp.Expr, step: Step) -> Step:
        order = tree.args.get("order")
        if order is not None:
            keys = ", ".join(_text(item) for item in order.expressions)
            step = Step("XN Sort", [f"Sort Key: {keys}"], [step])
        if tree.args.get("limit") or tree.args.get("offset"):
            step = Step("XN Limit", inputs=[step])
        return step

    def _set_operation(self, tree: exp.SetOperation) -> Step:
        inputs = [self.of(tree.this), self.of(tree.expression)]
        title = _SET_OPERATIONS.get(type(tree), "XN Append")
        step = Step(title, inputs=inputs)
        if title == "XN Append" and tree.args.get("distinct"):
            step = Step("XN Unique", inputs=[step])
        return self._ordered(tree, step)

    def _from(self, start: exp.Expr, joins: Iterable[exp.Expr]) -> Step:
        step = self._source(start)
        for join in joins:
            side, kind = (str(join.args.get(key) or "").upper() for key in ("side", "kind"))
            using = ", ".join(item.name for item in join.args.get("using") or [])
            on = join.args.get("on")
            right = self._source(join.this)
            if on is None and not using and join.args.get("method") is None and not side:
                title = "XN Nested Loop"
            else:
                title = _JOINS.get(side, f"XN {side} {kind} Join".strip())
            step = _joined(title, step, right, on, using)
        return step

    def _source(self, node: exp.Expr) -> Step:
        nested = node.args.get("joins") or []
        if nested and isinstance(node, exp.Table):
            bare = node.copy()
            bare.set("joins", None)
            return self._from(bare, nested)
        if isinstance(node, exp.Table):
            return self._relation(node)
        if isinstance(node, exp.Subquery) and isinstance(node.this, exp.Table):
            return self._from(node.this, nested)
        inner = node.this if isinstance(node, exp.Subquery) else node
        if not isinstance(inner, exp.Query | exp.Values):
            return Step(f"XN Function Scan {node.alias}".strip())
        return Step(f"XN Subquery Scan {node.alias}".strip(), inputs=[self.of(inner)])

    def _relation(self, node: exp.Table) -> Step:
        name = tuple(part.name for part in node.parts)
        alias = node.alias if node.alias and node.alias != name[-1] else ""
        if len(name) == 1 and name[0] in self._ctes:
            query = self._ctes.pop(name[0])
            step = Step(f"XN Subquery Scan {alias or name[0]}", inputs=[self.of(query)])
            self._ctes[name[0]] = query
            return step
        try:
            found = resolve_relation(self._context, name)
        except (UndefinedTable, UndefinedSchema, UndefinedDatabase):
            # It was bound, so it is a path into a SUPER value.
            return Step(f"XN Unnest {alias}".strip())
        if not isinstance(found, Resolved):
            return Step(f"LD Seq Scan on {found.name} {alias}".strip())
        view = found.relation.kind in {RelationKind.VIEW, RelationKind.LATE_BINDING_VIEW}
        kind = "Subquery Scan" if view else "Seq Scan on"
        policies = None if found.share is not None else row_policies(self._context, found.relation)
        if policies is None:
            return Step(f"XN {kind} {found.relation.name} {alias}".strip())
        step = Step(f"XN RLS SecureScan {alias or found.relation.name}")
        if self._context.has_system("EXPLAIN RLS"):
            bodies = [f"({policy.body})" for policy in policies] or ["(false)"]
            condition = f" {found.relation.conjunction} ".join(bodies)
            below = f"XN {kind} {found.relation.name} rls_table"
            step.inputs.append(Step(below, [f"Filter: {condition}"]))
        return step


def _joined(title: str, left: Step, right: Step, on: exp.Expr | None, using: str = "") -> Step:
    condition = on.this if isinstance(on, exp.Where) else on
    details = [] if condition is None else [f"Hash Cond: ({_text(condition)})"]
    if using:
        details = [f"Hash Cond: ({using})"]
    if title == "XN Nested Loop":
        return Step(title, inputs=[left, right])
    return Step(title, details, [left, Step("XN Hash", inputs=[right])])


def _filter(step: Step, clause: exp.Expr | None) -> None:
    if clause is not None:
        step.details.append(f"Filter: ({_text(clause.this)})")


def _window_details(window: exp.Window) -> Iterator[str]:
    parts = window.args.get("partition_by") or []
    if parts:
        yield f"Partition: {', '.join(_text(part) for part in parts)}"
    order = window.args.get("order")
    if order is not None:
        yield f"Order: {', '.join(_text(item) for item in order.expressions)}"


def _text(node: exp.Expr) -> str:
    """An expression as the statement has it."""
    return node.sql("redshift").replace(OURS_PREFIX.upper(), "").replace(OURS_PREFIX, "")
