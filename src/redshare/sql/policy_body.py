"""The expressions in a policy's USING: read, and bound over the columns of WITH.

They are bound in the name of the session's user and with no search path: a function that some user
made is never found in them, whatever it is called.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from sqlglot import exp

from redshare.core.errors import SqlError
from redshare.core.policy import Policy, PolicyKind
from redshare.sql.bound import generate
from redshare.sql.context import SqlContext
from redshare.sql.functions import same_family
from redshare.sql.lex import split
from redshare.sql.parse import parse, syntax_error
from redshare.sql.query.level import Level
from redshare.sql.scope import Scope, Source, Visible
from redshare.sql.types import BOOLEAN, engine_cast, stored_type
from redshare.sql.work import Env, Work, refuse, type_of, typed

#: query.bind_query, given by the caller.
BindQuery = Callable[..., Any]


def read_body(policy: Policy) -> list[exp.Expr]:
    """The expressions. Raises SqlError for what no policy may hold."""
    statements = split(f"SELECT {policy.body}")
    if len(statements) != 1:
        raise syntax_error(": a policy has expressions only")
    tree = parse(statements[0], case_sensitive=policy.case_sensitive)
    extra = [key for key, value in tree.args.items() if value and key != "expressions"]
    if not isinstance(tree, exp.Select) or extra or not tree.expressions:
        raise syntax_error(": a policy has expressions only")
    for item in tree.expressions:
        _check(item)
    return list(tree.expressions)


def _check(item: exp.Expr) -> None:
    if isinstance(item, (exp.Alias, exp.Star)):
        raise syntax_error(": a policy has expressions only")
    if item.find(exp.Query):
        raise refuse("a query in a policy")
    if item.find(exp.AggFunc, exp.Window):
        raise refuse("an aggregate or window function in a policy")
    if item.find(exp.Parameter, exp.Placeholder):
        raise SqlError("a policy cannot have parameters", "42P02")


def bind_body(
    work: Work, policy: Policy, source: Source, columns: Sequence[str], bind_query: BindQuery
) -> list[exp.Expr]:
    """The expressions, with the parameters standing for these columns of `source`."""
    seen = []
    for (parameter, _), name in zip(policy.parameters, columns, strict=True):
        column = source.column(name)
        if column is None:
            raise SqlError(f'column "{name}" that a policy needs does not exist', "42703")
        seen.append(Visible(parameter, column.node))
    return _bind(work, policy, Source(policy.alias or source.alias, tuple(seen)), bind_query)


def _bind(work: Work, policy: Policy, seen: Source, bind_query: BindQuery) -> list[exp.Expr]:
    scope = Scope(Env(_context(work.session, policy)))
    scope.add(seen)
    level = Level(work, scope, bind_query)
    if policy.kind is PolicyKind.RLS:
        return [level.condition(item) for item in read_body(policy)]
    return [level.expressions.bind(item) for item in read_body(policy)]


def _context(session: SqlContext, policy: Policy) -> SqlContext:
    database = session.catalog.database(policy.database)
    assert database is not None, "a policy goes with its database"
    return replace(
        session,
        database=database,
        use=None,
        search_path=(),
        temporary=None,
        fixed={},
        case_sensitive=policy.case_sensitive,
    )


def check_body(work: Work, policy: Policy, bind_query: BindQuery) -> list[exp.Expr]:
    """A new policy's expressions over NULLs of its types. Raises what binding them raises."""
    names = [name for name, _ in policy.parameters]
    if len(set(names)) < len(names):
        raise SqlError("a name stands twice in WITH", "42701")
    kinds = [(name, stored_type(kind)) for name, kind in policy.parameters]
    nulls = tuple(Visible(n, typed(engine_cast(exp.Null(), kind), kind)) for n, kind in kinds)
    if policy.kind is PolicyKind.RLS and len(read_body(policy)) != 1:
        raise syntax_error(": a row-level security policy has one predicate")
    bound = _bind(work, policy, Source(policy.alias or policy.name, nulls), bind_query)
    if work.functions:
        raise refuse("a user-defined function in a policy")
    if policy.kind is PolicyKind.RLS and not same_family(type_of(bound[0]), BOOLEAN):
        raise SqlError("argument of USING must be type boolean", "42804")
    generate(exp.Select(expressions=bound), work)
    return bound
