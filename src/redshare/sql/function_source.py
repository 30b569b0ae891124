r"""Functions in FROM: `unnest(array)`, `generate_series(1, n)`, `current_database()`.

psql's \d+ reads options by the first, pgjdbc counts by the second, Amazon's drivers ask for their
database by the third.
"""

from __future__ import annotations

from typing import Final

from sqlglot import exp

from redshare.sql.expression import Binder
from redshare.sql.raised import raise_node
from redshare.sql.rewrite import session
from redshare.sql.rewrite.arrays import element, is_array
from redshare.sql.rewrite.rule import call, is_integer, present
from redshare.sql.scope import Source
from redshare.sql.types import BIGINT, INTEGER, SqlType, engine_cast
from redshare.sql.work import Work, refuse, type_of

#: The engine makes a list of them first: there is to be room for it.
MOST_NUMBERS: Final = 1_000_000
_SCHEMAS: Final = frozenset({"", "pg_catalog"})


def is_function(node: exp.Table) -> bool:
    """Whether this relation is a call of one of these functions."""
    function = node.this
    if isinstance(function, exp.Anonymous):
        return str(function.this).lower() in session.NAMED
    if isinstance(function, exp.Explode | exp.ExplodingGenerateSeries):
        return True
    return type(function) in session.RULES


def function_source(work: Work, node: exp.Table, outside: Binder) -> tuple[exp.Expr, Source]:
    """The engine's form of the relation; `outside` binds what is around the query."""
    present(node, "this", "db", "alias", "joins")
    if node.db not in _SCHEMAS:
        raise refuse("a function of a schema in FROM")
    value, kind, default = _value(work, node.this, outside)
    alias = node.args.get("alias")
    name = alias.name if alias is not None and alias.name else default
    names = [c.name for c in (alias.args.get("columns") or [])] if alias is not None else []
    column = names[0] if names else name
    item = exp.Alias(this=value, alias=exp.to_identifier(column, quoted=True))
    engine = work.fresh("f")
    named = exp.TableAlias(
        this=exp.to_identifier(engine, quoted=True),
        columns=[exp.to_identifier(column, quoted=True)],
    )
    source = Source.of(name, [(column, kind)], engine)
    return exp.Subquery(this=exp.Select(expressions=[item]), alias=named), source


def _value(work: Work, function: exp.Expr, outside: Binder) -> tuple[exp.Expr, SqlType, str]:
    if isinstance(function, exp.ExplodingGenerateSeries):
        return _series(work, function, outside), INTEGER, "generate_series"
    if not isinstance(function, exp.Explode):
        bound = outside.bind(function)
        return bound, type_of(bound), _name(function)
    present(function, "this")
    array = outside.bind(function.this)
    if not is_array(type_of(array)):
        raise refuse("unnest of something other than an array")
    return call("unnest", array), element(type_of(array)), "unnest"


def _series(work: Work, function: exp.Expr, outside: Binder) -> exp.Expr:
    """Whole numbers from one to another; on the service too it runs on the leader node alone."""
    present(function, "start", "end", "step")
    ends = [function.args[key] for key in ("start", "end", "step") if function.args.get(key)]
    bound = [outside.bind(node) for node in ends]
    if not all(is_integer(type_of(node)) for node in bound):
        raise refuse("generate_series of something other than integers")
    start, end, *step = [engine_cast(node, BIGINT) for node in bound]
    apart = call("abs", exp.Paren(this=exp.Sub(this=work.again(end), expression=work.again(start))))
    many = exp.GT(this=apart, expression=exp.Literal.number(MOST_NUMBERS))
    failing = raise_node("54000", f"generate_series of more than {MOST_NUMBERS} numbers")
    last = exp.Case(ifs=[exp.If(this=many, true=engine_cast(failing, BIGINT))], default=end)
    return engine_cast(call("unnest", call("generate_series", start, last, *step)), INTEGER)


def _name(function: exp.Expr) -> str:
    if isinstance(function, exp.Anonymous):
        return str(function.this).lower()
    name = type(function).sql_name().lower() if isinstance(function, exp.Func) else function.key
    return "version" if isinstance(function, exp.CurrentVersion) else name
