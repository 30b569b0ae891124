"""Expressions: every node is known by class and arguments, typed, and rewritten by its one rule.

Deny by default: a class without a rule, or an argument its rule does not name, is refused.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from sqlglot import exp

from redshare.core.sql_errors import SqlError, UndefinedColumn
from redshare.sql.functions import inlined
from redshare.sql.inference import infer_operands
from redshare.sql.literal import literal
from redshare.sql.membership import any_of, quantified, row_equal, row_in, unwrapped, value_in
from redshare.sql.parse import SPELLED, syntax_error
from redshare.sql.rewrite import NAMED, RULES, arrays, intervals, objects, rows, session
from redshare.sql.rewrite.conditionals import case
from redshare.sql.rewrite.rule import Rule, present
from redshare.sql.scope import Scope
from redshare.sql.super.casts import from_super, to_super
from redshare.sql.super.dynamic import (
    SUPER_NAMED,
    SUPER_RULES,
    any_equal,
    dynamically,
    truth,
    uniform,
)
from redshare.sql.super.navigate import index, navigate
from redshare.sql.types import (
    BIGINT,
    BOOLEAN,
    SUPER,
    UNKNOWN,
    SqlType,
    cast_type,
)
from redshare.sql.windows import modified, order_by, window_call
from redshare.sql.work import Env, Work, refuse, type_of, typed

#: Binds a nested query in a scope, and says the types of its columns.
Nested = Callable[[exp.Expr, Scope], tuple[exp.Expr, list[SqlType]]]

_COMPARISONS: Final = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE)


@dataclass(slots=True)
class Binder:
    """Expressions of one scope."""

    work: Work
    scope: Scope
    nested: Nested

    def bind(self, node: exp.Expr) -> exp.Expr:
        """The engine's form of `node`, typed."""
        bound = self.bare(node)
        wrap = bound.meta.pop("wrap", None)
        return wrap(bound) if wrap else bound

    def bare(self, node: exp.Expr) -> exp.Expr:
        """As `bind`, but what is to stand around it is still in its `wrap`."""
        match node:
            case exp.Column():
                return self._column(node)
            case exp.Literal():
                return literal(node)
            # E'...' is an ordinary string: escapes are read in every one.
            case exp.RawString() | exp.National() | exp.ByteString():
                return typed(exp.Literal.string(str(node.this)), UNKNOWN)
            case exp.Boolean():
                return typed(exp.Boolean(this=bool(node.this)), BOOLEAN)
            case exp.Null():
                return typed(exp.Null(), UNKNOWN)
            case exp.Parameter():
                return self._parameter(node)
            case exp.Connector():
                return self._connector(node)
            case exp.Cast() if type(node) is exp.Cast:
                return self._cast(node)
            case exp.Query():
                return self._scalar(node)
            case exp.In():
                return row_in(self, node) if rows.is_row(node.this) else value_in(self, node)
            # Catalogue queries of SQLAlchemy 2.1; elsewhere an array is a SUPER value.
            case exp.EQ() if items := any_of(node.expression):
                return value_in(self, exp.In(this=node.this, expressions=items))
            case exp.EQ() | exp.NEQ() if rows.is_row(node.this) or rows.is_row(node.expression):
                return row_equal(self, node)
            case exp.Tuple():
                raise refuse("a row of values outside of = and IN")
            case exp.Exists():
                present(node, "this")
                query, _ = self.nested(unwrapped(node.this), self.scope)
                return typed(exp.Exists(this=query), BOOLEAN)
            case exp.Any() | exp.All():
                return quantified(self, node)
            case exp.Case():
                return self._case(node)
            case exp.Interval():
                return intervals.literal(node)
            case exp.Window():
                return window_call(self, node)
            case exp.Filter() | exp.WithinGroup() | exp.IgnoreNulls() | exp.RespectNulls():
                return modified(self, node)
            case exp.Distinct():
                present(node, "expressions")
                items = [self.bind(e) for e in node.expressions]
                kind = type_of(items[0]) if items else UNKNOWN
                return typed(exp.Distinct(expressions=items), kind)
            case exp.Order():
                return order_by(self, node)
            case exp.Dot():
                return self._dot(node)
            case exp.Bracket():
                return self._bracket(node)
            case exp.Array(expressions=[exp.Query() as query]):
                return arrays.of_query(self._scalar(query))
            case exp.Array() if node.args.get("bracket_notation"):
                present(node, "expressions", "bracket_notation")
                return arrays.of_values([self.bind(item) for item in node.expressions])
            case exp.Prior():
                return self._prior(node)
            case exp.Count() if isinstance(node.this, exp.Star):
                present(node, "this", "big_int")
                present(node.this)
                return typed(exp.Count(this=exp.Star()), BIGINT)
            case exp.Anonymous():
                return self._anonymous(node)
        return self._ruled(node, RULES.get(type(node)) or SUPER_RULES.get(type(node)))

    # --- names ----------------------------------------------------------------------------

    def _prior(self, node: exp.Prior) -> exp.Expr:
        """The parent row's value, in the condition of a CONNECT BY."""
        present(node, "this")
        if self.scope.prior is None:
            raise refuse("PRIOR outside of the condition of CONNECT BY")
        return Binder(self.work, self.scope.prior, self.nested).bind(node.this)

    def _column(self, node: exp.Column) -> exp.Expr:
        if node.args.get("join_mark"):
            raise refuse("the operator (+) outside of a WHERE condition between tables")
        present(node, "this", "table", "db", "catalog")
        if not isinstance(node.this, exp.Identifier):
            raise syntax_error(": * is not allowed here")
        parts = tuple(part.name for part in node.parts)
        found = self.scope.column(parts)
        if found is not None:
            bound, path = found
            steps = [self._step(part) for part in node.parts[len(parts) - len(path) :]]
            return navigate(bound, steps) if steps else bound
        if not node.this.args.get("quoted"):
            known = session.keyword(self.work, node.name)
            if known is not None:
                return known
        raise UndefinedColumn(f'column "{node.name}" does not exist')

    def _parameter(self, node: exp.Parameter) -> exp.Expr:
        present(node, "this")
        number = node.this
        if not isinstance(number, exp.Literal) or not str(number.this).isdecimal():
            raise syntax_error(": a parameter is $1, $2, …")
        given = self.scope.env.arguments
        most = 32767 if given is None else len(given)
        if not 1 <= int(number.this) <= most:
            raise SqlError(f"there is no parameter ${number.this}", "42P02")
        if given is not None:
            return self.work.again(given[int(number.this) - 1])
        return self.work.parameter(int(number.this))

    def _dot(self, node: exp.Dot) -> exp.Expr:
        """`pg_catalog.f(…)`; anything else with a dot is navigation into a SUPER value."""
        left, right = node.this, node.expression
        if isinstance(left, exp.Identifier) and isinstance(right, exp.Func):
            expands = left.name == "information_schema" and arrays.is_expansion(right)
            if (left.name == "pg_catalog" or expands) and not right.args.get("db"):
                return self.bind(right)
        if not isinstance(right, exp.Identifier):
            schema = _dotted(left)
            if schema and isinstance(right, exp.Anonymous):
                found = self._inlined((*schema, str(right.this).lower()), right)
                if found is not None:
                    return found
            raise refuse("a function in a schema")
        value = self.bind(left)
        if type_of(value) == arrays.RECORD:
            return arrays.field(value, right.name)
        return navigate(value, [self._step(right)])

    def _step(self, part: exp.Expr) -> str:
        """An attribute's name: as it was written, where the session asks for that."""
        setting = self.work.session.settings.get("enable_case_sensitive_super_attribute")
        return str(part.meta.get(SPELLED, part.name)) if setting == "on" else part.name

    def _bracket(self, node: exp.Bracket) -> exp.Expr:
        present(node, "this", "expressions")
        if len(node.expressions) != 1:
            raise refuse("several subscripts in brackets")
        value = self.bind(node.this)
        if arrays.is_array(type_of(value)):
            return arrays.subscript(value, self.bind(node.expressions[0]))
        return navigate(value, [index(node.expressions[0])])

    # --- functions ------------------------------------------------------------------------

    def _anonymous(self, node: exp.Anonymous) -> exp.Expr:
        present(node, "this", "expressions", "unit")
        name = str(node.this).lower()
        rule = NAMED.get(name) or SUPER_NAMED.get(name)
        if rule is not None:
            return self._ruled(node, rule)
        found = self._inlined((name,), node)
        if found is None:
            raise refuse(f"the function {name}()")
        return found

    def _inlined(self, name: tuple[str, ...], node: exp.Expr) -> exp.Expr | None:
        """A function of the users' own, written in the place of its call."""
        present(node, "this", "expressions")
        arguments = [self.bind(argument) for argument in node.expressions]

        def body(env: Env, expression: exp.Expr) -> exp.Expr:
            return Binder(self.work, Scope(env), self.nested).bind(expression)

        return inlined(self.work, self.scope.env, name, arguments, body)

    def _ruled(self, node: exp.Expr, rule: Rule | None) -> exp.Expr:
        if rule is None:
            name = type(node).sql_name().lower() if isinstance(node, exp.Func) else node.key
            raise refuse(f"the expression or function {name}")
        present(node, *rule.arguments)
        for key in rule.children:
            value = node.args.get(key)
            if isinstance(value, list):
                node.set(key, [self.bind(item) for item in value])
            elif isinstance(value, exp.Expr):
                node.set(key, self.bind(value))
        if isinstance(node, _COMPARISONS):
            objects.beside(self.work, node)
        infer_operands(self.work, node)
        dynamic = dynamically(self.work, node, rule)
        return rule.apply(self.work, node) if dynamic is None else dynamic

    # --- operators ------------------------------------------------------------------------

    def _connector(self, node: exp.Connector) -> exp.Expr:
        """AND and OR chains lean left and may be thousands long: no recursion along the spine."""
        if type(node) not in {exp.And, exp.Or}:
            raise refuse(f"the operator {node.key}")
        spine: list[exp.Connector] = []
        left: exp.Expr = node
        while type(left) in {exp.And, exp.Or}:
            assert isinstance(left, exp.Connector)
            present(left, "this", "expression")
            spine.append(left)
            left = left.this
        bound = self.truth(left)
        for connector in reversed(spine):
            right = self.truth(connector.expression)
            bound = typed(type(connector)(this=bound, expression=right), BOOLEAN)
        return bound

    def truth(self, node: exp.Expr) -> exp.Expr:
        """A condition."""
        bound = self.bind(node)
        self.work.infer(bound, BOOLEAN)
        return truth(bound)

    def _cast(self, node: exp.Cast) -> exp.Expr:
        present(node, "this", "to", "action")
        inner = self.bind(node.this)
        special = objects.cast(self.work, inner, node.args["to"])
        if special is not None:
            return special
        kind = cast_type(node.args["to"])
        self.work.infer(inner, kind)
        if type_of(inner) == SUPER:
            return from_super(inner, kind)
        if kind == SUPER:
            return to_super(inner)
        rule = RULES[exp.Cast]
        return rule.apply(self.work, typed(exp.Cast(this=inner, to=node.args["to"]), kind))

    def _scalar(self, node: exp.Expr) -> exp.Expr:
        inner, kinds = self.nested(unwrapped(node), self.scope)
        if len(kinds) != 1:
            raise SqlError("subquery must return only one column", "42601")
        return typed(exp.Subquery(this=inner), kinds[0])

    def _case(self, node: exp.Case) -> exp.Expr:
        present(node, "this", "ifs", "default")
        operand = self.bind(node.this) if node.this else None
        tests, results = [], []
        for branch in node.args["ifs"]:
            present(branch, "this", "true")
            test = self.bind(branch.this)
            results.append(self.bind(branch.args["true"]))
            tests.append(test if operand is not None else truth(test))
        if node.args.get("default") is not None:
            results.append(self.bind(node.args["default"]))
        if operand is not None and SUPER in {type_of(part) for part in (operand, *tests)}:
            tests = [any_equal(self.work, operand, [test]) for test in tests]
            operand = None
        results = uniform(results)
        branches = list(zip(tests, results, strict=False))
        default = results[-1] if len(results) > len(tests) else None
        return case(self.work, operand, branches, default)


def _dotted(node: exp.Expr) -> tuple[str, ...]:
    """The one or two names before a function's; empty where they are something else."""
    if isinstance(node, exp.Identifier):
        return (node.name,)
    if isinstance(node, exp.Dot):
        left, right = _dotted(node.this), node.expression
        if len(left) == 1 and isinstance(right, exp.Identifier):
            return (*left, right.name)
    return ()
