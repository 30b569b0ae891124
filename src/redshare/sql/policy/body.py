"""The expressions in a policy's USING: read, and bound over the columns of WITH.

They are bound in the name of the session's user and with no search path. What tables and functions
they name was found when they were written and is kept by id, tables with the columns they had then:
what users make later is never found in them, whatever it is called.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from sqlglot import exp

from redshare.core.catalog import Put
from redshare.core.ids import FunctionId
from redshare.core.policy import Lookup, Place, Policy, PolicyKind
from redshare.core.relation import Relation
from redshare.core.sql_errors import SqlError
from redshare.sql.bound import generate
from redshare.sql.context import SqlContext
from redshare.sql.functions import same_family
from redshare.sql.lex import split
from redshare.sql.names import Resolved, resolve_relation
from redshare.sql.parse import parse, syntax_error
from redshare.sql.query.level import Level
from redshare.sql.scope import Scope, Source, Visible
from redshare.sql.super.casts import from_super
from redshare.sql.super.navigate import navigate
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
    for node in item.walk(prune=lambda node: isinstance(node, exp.Query)):
        if isinstance(node, (exp.AggFunc, exp.Window)):
            raise refuse("an aggregate or window function in a policy")
    if item.find(exp.Parameter, exp.Placeholder):
        raise SqlError("a policy cannot have parameters", "42P02")


def bind_body(
    work: Work, policy: Policy, source: Source, places: Sequence[Place], bind_query: BindQuery
) -> list[exp.Expr]:
    """The expressions, with the parameters standing for these places of `source`."""
    seen = []
    for (parameter, kind), (name, *path) in zip(policy.parameters, places, strict=True):
        column = source.column(name)
        if column is None:
            raise SqlError(f'column "{name}" that a policy needs does not exist', "42703")
        node = column.node
        if path:
            node = from_super(navigate(typed(node.copy(), column.kind), path), stored_type(kind))
        seen.append(Visible(parameter, node))
    return _bind(work, policy, Source(policy.alias or source.alias, tuple(seen)), bind_query)


def _bind(
    work: Work, policy: Policy, seen: Source, bind_query: BindQuery, env: Env | None = None
) -> list[exp.Expr]:
    # What a policy names is not what the statement itself names.
    scope = Scope(env or Env(_context(work.session, policy), depth=1))
    scope.add(seen)
    level = Level(work, scope, bind_query)
    if policy.kind is PolicyKind.RLS:
        return [level.condition(item) for item in read_body(policy)]
    return [level.expressions.bind(item) for item in read_body(policy)]


def _context(session: SqlContext, policy: Policy) -> SqlContext:
    granted = {
        lookup.relation: lookup.columns
        for lookup in policy.lookups
        if lookup.relation in policy.granted
    }
    return replace(
        _inside(session, policy), search_path=(), lookups=granted, functions=policy.functions
    )


def _inside(session: SqlContext, policy: Policy) -> SqlContext:
    database = session.catalog.database(policy.database)
    assert database is not None, "a policy goes with its database"
    return replace(
        session,
        database=database,
        use=None,
        temporary=None,
        fixed={lookup.name: lookup.relation for lookup in policy.lookups},
        case_sensitive=policy.case_sensitive,
    )


# --- a policy that is made ------------------------------------------------------------------------


def resolved_body(
    work: Work, policy: Policy, bind_query: BindQuery
) -> tuple[Policy, list[exp.Expr]]:
    """A new policy with what its text names, and its expressions over NULLs of its types.

    Raises what finding and binding them raises.
    """
    names = [name for name, _ in policy.parameters]
    if len(set(names)) < len(names):
        raise SqlError("a name stands twice in WITH", "42701")
    body = read_body(policy)
    if policy.kind is PolicyKind.RLS and len(body) != 1:
        raise syntax_error(": a row-level security policy has one predicate")
    policy = replace(policy, lookups=())
    policy = replace(policy, lookups=tuple(_lookups(_inside(work.session, policy), body)))
    every = {lookup.relation: lookup.columns for lookup in policy.lookups}
    env = Env(replace(_inside(work.session, policy), lookups=every))
    bound = _bind(work, policy, _nulls(policy), bind_query, env)
    if policy.kind is PolicyKind.RLS and not same_family(type_of(bound[0]), BOOLEAN):
        raise SqlError("argument of USING must be type boolean", "42804")
    generate(exp.Select(expressions=bound), work)
    return replace(policy, functions=_called(work)), bound


def check_body(work: Work, policy: Policy, bind_query: BindQuery) -> list[exp.Expr]:
    """The expressions of a policy that there is, over NULLs, whatever was granted to it."""
    granted = tuple(lookup.relation for lookup in policy.lookups)
    return _bind(work, replace(policy, granted=granted), _nulls(policy), bind_query)


def looking_up(
    context: SqlContext, relation: Relation, column: str, new_id: Callable[[], str], bind: BindQuery
) -> Policy | None:
    """A policy that needs the column of a lookup table."""
    rest = tuple(known for known in relation.columns if known.name != column)
    catalog = context.catalog.after([Put(replace(relation, columns=rest))])
    for policy in catalog.policies(relation.database):
        if policy.names(relation.relation_id):
            try:
                check_body(Work(replace(context, catalog=catalog), new_id), policy, bind)
            except SqlError:
                return policy
    return None


def _lookups(context: SqlContext, body: Sequence[exp.Expr]) -> Iterator[Lookup]:
    """The tables that are named, as the maker's search path has them; CTEs are none."""
    ctes = {cte.alias for item in body for cte in item.find_all(exp.CTE)}
    named = {
        tuple(part.name for part in table.parts)
        for item in body
        for table in item.find_all(exp.Table)
    }
    for name in sorted(named):
        found = None
        with suppress(SqlError):  # What is not found is refused when the text is bound.
            found = resolve_relation(context, name)
        if isinstance(found, Resolved) and not (len(name) == 1 and name[0] in ctes):
            columns = tuple(column.name for column in found.relation.columns)
            yield Lookup(name, found.relation.relation_id, columns)


def _called(work: Work) -> tuple[FunctionId, ...]:
    """The functions it calls; those of one name are of one schema, for no path tells them apart."""
    found = [f for key in work.functions if (f := work.session.catalog.function(FunctionId(key)))]
    for function in found:
        if any(f.name == function.name and f.schema != function.schema for f in found):
            raise refuse(f"functions {function.name} of two schemas in a policy")
    return tuple(sorted(function.function_id for function in found))


def _nulls(policy: Policy) -> Source:
    kinds = [(name, stored_type(kind)) for name, kind in policy.parameters]
    nulls = tuple(Visible(n, typed(engine_cast(exp.Null(), kind), kind)) for n, kind in kinds)
    return Source(policy.alias or policy.name, nulls)
