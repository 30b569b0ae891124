"""An SQL function at its use: found by name and arguments, its body written in its place.

A body is one expression without a FROM, so what it answers depends on its arguments alone. Names
in it are those of its owner and its making; built-in functions come first, as in Redshift.
https://docs.aws.amazon.com/redshift/latest/dg/udf-creating-a-scalar-sql-udf.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from sqlglot import exp

from redshare.core.function import Function
from redshare.core.privileges import Privilege
from redshare.core.sql_errors import SqlError
from redshare.sql.context import SqlContext
from redshare.sql.definition import ViewDefinition
from redshare.sql.lex import Statement
from redshare.sql.may import denied, may_shared, require
from redshare.sql.names import Place, ResolvedSchema, schemas_of
from redshare.sql.owner import owners_context
from redshare.sql.parse import parse
from redshare.sql.types import DATETIMES, STRINGS, UNKNOWN, SqlType, engine_cast, stored_type
from redshare.sql.work import MAX_VIEW_DEPTH, Env, Work, refuse, type_of, typed

#: Binds an expression where an Env says what its names mean.
BindBody = Callable[[Env, exp.Expr], exp.Expr]
#: How far a type is from the one it may become by itself.
_NUMBERS: Final = ("smallint", "integer", "bigint", "numeric", "real", "double precision")
_TIMES: Final = ("date", "timestamp without time zone", "timestamp with time zone")
_VOLATILE: Final = frozenset({"random"})


@dataclass(frozen=True, slots=True)
class ResolvedFunction:
    """A function in its place."""

    schema: ResolvedSchema
    function: Function


def inlined(
    work: Work, env: Env, name: tuple[str, ...], arguments: Sequence[exp.Expr], bind: BindBody
) -> exp.Expr | None:
    """The call as the function's expression; None where no function has the name.

    Raises SqlError 42883 where none takes these arguments, and privileges.
    """
    found = resolve_function(env.context, name, [type_of(a) for a in arguments])
    if found is None:
        return None
    function = found.function
    if found.schema.place.share is None:
        require(env.context, function, (Privilege.EXECUTE,))
    else:
        database = found.schema.place.database
        if not may_shared(env.context, database, function, (Privilege.EXECUTE,)):
            raise denied(function)
        work.reach(database, function.function_id)
    if env.depth >= MAX_VIEW_DEPTH:
        raise SqlError(f"infinite recursion detected in function {function.name}", "42P17")
    if env.depth == 0:
        work.functions.add(function.function_id)
    given = tuple(
        _as_declared(work, argument, stored_type(kind))
        for argument, kind in zip(arguments, function.arguments, strict=True)
    )
    definition = ViewDefinition.load(function.definition)
    body = body_of(definition.statement(), case_sensitive=definition.case_sensitive)
    _once(body, given)
    inner = Env(owners_context(env.context, function, definition), {}, env.depth + 1, given)
    return as_type(bind(inner, body), stored_type(function.returns))


def body_of(statement: Statement, *, case_sensitive: bool) -> exp.Expr:
    """The one expression of `SELECT expression`. Raises SqlError."""
    tree = parse(statement, case_sensitive=case_sensitive)
    if not isinstance(tree, exp.Select) or len(tree.expressions) != 1:
        raise SqlError("the body of an SQL function is SELECT with one expression", "42P13")
    extra = [key for key, value in tree.args.items() if value and key != "expressions"]
    if extra or any(isinstance(node, exp.Query) for node in tree.expressions[0].walk()):
        raise SqlError(
            "the body of an SQL function cannot have FROM, WHERE, GROUP BY, ORDER BY or LIMIT",
            "0A000",
        )
    expression: exp.Expr = tree.expressions[0]
    return expression.this if isinstance(expression, exp.Alias) else expression


def resolve_function(
    context: SqlContext, name: tuple[str, ...], kinds: Sequence[SqlType]
) -> ResolvedFunction | None:
    """The function that fits best, of the first schema that has one that fits."""
    named = False
    for schema, candidates in _candidates(context, name):
        named = named or bool(candidates)
        fitting = [(far, f) for f in candidates if (far := _distance(f, kinds)) is not None]
        if not fitting:
            continue
        nearest = min(far for far, _ in fitting)
        best = [f for far, f in fitting if far == nearest]
        if len(best) > 1:
            raise SqlError(f"function {_called(name, kinds)} is not unique", "42725")
        return ResolvedFunction(schema, best[0])
    if named or len(name) > 1:
        raise SqlError(f"function {_called(name, kinds)} does not exist", "42883")
    return None


def _candidates(
    context: SqlContext, name: tuple[str, ...]
) -> Iterator[tuple[ResolvedSchema, list[Function]]]:
    """The functions a name may mean, schema by schema."""
    if context.functions is None:
        for schema in schemas_of(context, name[:-1]):
            yield schema, functions_named(context, schema, name[-1])
        return
    kept = [f for key in context.functions if (f := context.catalog.function(key)) is not None]
    for key in dict.fromkeys(function.schema for function in kept):
        found = context.catalog.schema(key)
        database = None if found is None else context.catalog.database(found.database)
        if found is not None and database is not None and name[-2:-1] in ((), (found.name,)):
            here = [f for f in kept if f.schema == key and f.name == name[-1]]
            yield ResolvedSchema(Place(database, database), found), here


def functions_named(context: SqlContext, schema: ResolvedSchema, name: str) -> list[Function]:
    """The functions of that name in a schema; through a share those that are members."""
    share = schema.place.share
    return [
        function
        for function in context.catalog.functions(schema.schema.schema_id)
        if function.name == name
        and (share is None or share.contents.function(function.function_id) is not None)
    ]


def _called(name: tuple[str, ...], kinds: Sequence[SqlType]) -> str:
    return f"{name[-1]}({', '.join(kind.name for kind in kinds)})"


def _distance(function: Function, kinds: Sequence[SqlType]) -> int | None:
    if len(kinds) != len(function.arguments):
        return None
    total = 0
    for kind, text in zip(kinds, function.arguments, strict=True):
        step = _step(kind, stored_type(text))
        if step is None:
            return None
        total += step
    return total


def _step(kind: SqlType, wanted: SqlType) -> int | None:
    """0 for the same type, None for one that does not become the other by itself."""
    if kind.name == wanted.name:
        return 0
    if kind == UNKNOWN:
        return 1 if wanted.name in STRINGS else 2
    if kind.name in STRINGS and wanted.name in STRINGS:
        return 1
    for order in (_NUMBERS, _TIMES):
        if kind.name in order and wanted.name in order:
            far = order.index(wanted.name) - order.index(kind.name)
            return far if far > 0 else None
    return None


def _as_declared(work: Work, argument: exp.Expr, kind: SqlType) -> exp.Expr:
    work.infer(argument, kind)
    return as_type(argument, kind)


def as_type(node: exp.Expr, kind: SqlType) -> exp.Expr:
    """Cast to a declared type; a NUMERIC without digits keeps those of the value."""
    had = type_of(node)
    if kind.name == "numeric" and kind.a is None and had.name == "numeric":
        return node
    return typed(exp.Paren(this=engine_cast(node, kind)), kind)


def _once(body: exp.Expr, given: Sequence[exp.Expr]) -> None:
    """An argument that is another value at each look cannot be written twice."""
    counts: dict[int, int] = {}
    for parameter in body.find_all(exp.Parameter):
        number = int(str(parameter.this.this))
        counts[number] = counts.get(number, 0) + 1
    for number, times in counts.items():
        if times > 1 and number <= len(given) and _is_volatile(given[number - 1]):
            raise refuse("a volatile argument that an SQL function uses more than once")


def _is_volatile(node: exp.Expr) -> bool:
    return any(str(call.this).lower() in _VOLATILE for call in node.find_all(exp.Anonymous))


def same_family(one: SqlType, other: SqlType) -> bool:
    """Whether values of one type are given back as the other without being read as text."""
    families = (frozenset(_NUMBERS), STRINGS, DATETIMES)
    if UNKNOWN in {one, other} or one.name == other.name:
        return True
    return any(one.name in family and other.name in family for family in families)
