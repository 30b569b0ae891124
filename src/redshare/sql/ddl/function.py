"""CREATE FUNCTION and DROP FUNCTION, bound: only the catalogue changes.

https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_FUNCTION.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sqlglot import exp
from sqlglot.tokenizer_core import TokenType

from redshare.core.catalog import Change, Drop, Put
from redshare.core.function import Function
from redshare.core.ids import FunctionId
from redshare.core.privileges import PUBLIC, Acl, ObjectKind, Privilege
from redshare.core.sql_errors import (
    DuplicateObject,
    FeatureNotSupported,
    InsufficientPrivilege,
    SharedOperationNotSupported,
    SqlError,
)
from redshare.sql.bound import Bound, generate
from redshare.sql.commands.function import DropFunction
from redshare.sql.context import SqlContext
from redshare.sql.cursor import Cursor
from redshare.sql.ddl.column_syntax import read_type
from redshare.sql.ddl.drop import Dropping
from redshare.sql.definition import ViewDefinition
from redshare.sql.dependents import all_dependents, blocked
from redshare.sql.functions import as_type, body_of, functions_named, same_family
from redshare.sql.lex import Statement, split
from redshare.sql.may import initial_acl, owns
from redshare.sql.names import ResolvedSchema, creation_schema, schemas_of
from redshare.sql.policy.applied import require_unnamed
from redshare.sql.query import binder
from redshare.sql.scope import Scope
from redshare.sql.types import SqlType, engine_cast
from redshare.sql.work import Env, Work, type_of, typed

_STRINGS: Final = frozenset({TokenType.STRING, TokenType.HEREDOC_STRING})
_VOLATILITIES: Final = ("VOLATILE", "STABLE", "IMMUTABLE")
MAX_ARGUMENTS: Final = 32


@dataclass(frozen=True, slots=True)
class FunctionSyntax:
    """What a CREATE FUNCTION says."""

    name: tuple[str, ...]
    arguments: tuple[SqlType, ...]
    returns: SqlType
    volatility: str
    body: str
    replaces: bool = False


def creates_function(statement: Statement) -> bool:
    """Whether this is a CREATE [OR REPLACE] FUNCTION."""
    cursor = Cursor(statement)
    if not cursor.take("CREATE"):
        return False
    cursor.take("OR", "REPLACE")
    return cursor.peek() == "FUNCTION"


def read_create_function(statement: Statement, *, case_sensitive: bool = False) -> FunctionSyntax:
    """Read the statement. Raises SqlSyntaxError, FeatureNotSupported for other languages."""
    _check_language(statement)
    cursor = Cursor(statement, case_sensitive)
    cursor.expect("CREATE")
    replaces = cursor.take("OR", "REPLACE")
    cursor.expect("FUNCTION")
    name = cursor.qualified()
    arguments = _arguments(cursor)
    cursor.expect("RETURNS")
    returns = _type(cursor)
    volatility = cursor.peek()
    if volatility not in _VOLATILITIES:
        raise cursor.error()
    cursor.at += 1
    cursor.expect("AS")
    token = cursor.token
    if token is None or token.token_type not in _STRINGS:
        raise cursor.error()
    cursor.at += 1
    cursor.expect("LANGUAGE", "SQL")
    cursor.finish()
    if len(arguments) > MAX_ARGUMENTS:
        raise SqlError(f"functions cannot have more than {MAX_ARGUMENTS} arguments", "54023")
    return FunctionSyntax(name, arguments, returns, volatility.lower(), str(token.text), replaces)


def _check_language(statement: Statement) -> None:
    """Languages other than SQL have bodies and arguments that are not read at all."""
    cursor = Cursor(statement)
    for place in range(len(cursor.tokens)):
        cursor.at = place
        if cursor.take("LANGUAGE"):
            language = cursor.peek().lower()
            if language and language != "sql":
                raise FeatureNotSupported(f"LANGUAGE {language} is not supported")


def _arguments(cursor: Cursor) -> tuple[SqlType, ...]:
    cursor.expect("(")
    found: list[SqlType] = []
    while cursor.peek() != ")":
        if found:
            cursor.expect(",")
        found.append(_type(cursor))
    cursor.expect(")")
    return tuple(found)


def _type(cursor: Cursor) -> SqlType:
    """A type; NUMERIC without digits is for numbers of any."""
    bare = cursor.peek() in {"NUMERIC", "DECIMAL"} and cursor.peek(1) != "("
    kind = read_type(cursor)
    return SqlType("numeric") if bare else kind


def bind_create_function(
    statement: Statement, context: SqlContext, work: Work, new_id: Callable[[], str], now: datetime
) -> Bound:
    """CREATE [OR REPLACE] FUNCTION: its body is bound once, so that it is right now."""
    syntax = read_create_function(statement, case_sensitive=context.case_sensitive)
    place = creation_schema(
        context, syntax.name[:-1], system="CREATE OR REPLACE FUNCTION", local=True
    )
    definition = ViewDefinition(syntax.body, context.search_path, context.case_sensitive)
    _check_body(definition, syntax, context, work)
    function = Function(
        FunctionId(new_id().replace("-", "")),
        place.schema.database,
        place.schema.schema_id,
        syntax.name[-1],
        tuple(str(kind) for kind in syntax.arguments),
        str(syntax.returns),
        syntax.volatility,
        definition.dump(),
        context.user.user_id,
        now,
        tuple(sorted(work.functions)),
        acl=_initial(context, place),
    )
    old = _same(context, place, function)
    if old is None:
        return Bound("CREATE FUNCTION", None, changes=tuple(_joining(context, place, function)))
    if not syntax.replaces:
        raise DuplicateObject(
            f'function "{function.name}" already exists with same argument types', "42723"
        )
    _check_owner(context, old)
    if old.returns != function.returns:
        raise SqlError("cannot change return type of existing function", "42P13")
    kept = replace(
        function,
        function_id=old.function_id,
        owner=old.owner,
        created=old.created,
        acl=old.acl,
        comment=old.comment,
        version=old.version,
    )
    return Bound("CREATE FUNCTION", None, changes=(Put(kept),))


def _initial(context: SqlContext, place: ResolvedSchema) -> Acl:
    """Everybody may execute a new function, beside what default privileges say."""
    acl = initial_acl(context, place.place.storage, place.schema.schema_id, ObjectKind.FUNCTIONS)
    return acl.grant(PUBLIC, frozenset({Privilege.EXECUTE}), option=False)


def _check_body(
    definition: ViewDefinition, syntax: FunctionSyntax, context: SqlContext, work: Work
) -> None:
    if len(split(definition.query)) != 1:
        raise SqlError("the body of an SQL function is SELECT with one expression", "42P13")
    body = body_of(definition.statement(), case_sensitive=context.case_sensitive)
    given = tuple(typed(engine_cast(exp.Null(), kind), kind) for kind in syntax.arguments)
    env = Env(replace(context, temporary=None), arguments=given)
    bound = binder(work, Scope(env)).bind(body)
    generate(exp.Select(expressions=[as_type(bound, syntax.returns)]), work)
    if not same_family(type_of(bound), syntax.returns):
        raise SqlError(
            f"return type mismatch in function declared to return {syntax.returns.name}", "42P13"
        )


def _same(context: SqlContext, place: ResolvedSchema, function: Function) -> Function | None:
    named = functions_named(context, place, function.name)
    return next((f for f in named if f.signature == function.signature), None)


def _joining(context: SqlContext, place: ResolvedSchema, function: Function) -> Iterator[Change]:
    """The new function, and the shares whose schema lets new objects in."""
    yield Put(function)
    for share in context.catalog.datashares_of(place.place.storage.namespace):
        contents = share.contents
        member = contents.schema(function.schema)
        scoped = contents.scope(ObjectKind.FUNCTIONS, function.schema) | contents.scope(
            ObjectKind.FUNCTIONS
        )
        joins = scoped or (member is not None and member.include_new)
        if joins and not function.depends:
            contents = share.contents.add_function(function.function_id, function.schema)
            yield Put(replace(share, contents=contents))


def _check_owner(context: SqlContext, function: Function) -> None:
    if not owns(context, function):
        raise InsufficientPrivilege(f"must be owner of function {function.name}")


# --- DROP -------------------------------------------------------------------------------------


def find_function(
    context: SqlContext, name: tuple[str, ...], arguments: tuple[str, ...] | None
) -> Function:
    """A local function by its name and exact argument types. Raises SqlError 42883."""
    for schema in schemas_of(context, name[:-1]):
        if schema.place.share is not None:
            raise SharedOperationNotSupported
        found = exact_function(context, schema, name[-1], arguments)
        if found is not None:
            return found
    raise undefined_function(name[-1], arguments)


def exact_function(
    context: SqlContext, schema: ResolvedSchema, name: str, arguments: tuple[str, ...] | None
) -> Function | None:
    """The function with just these arguments; without a list the only one of the name."""
    named = functions_named(context, schema, name)
    if arguments is None:
        if len(named) > 1:
            raise SqlError(f'function name "{name}" is not unique', "42725")
        return named[0] if named else None
    signature = f"{name}({', '.join(map(_written, arguments))})"
    return next((function for function in named if function.signature == signature), None)


def undefined_function(name: str, arguments: tuple[str, ...] | None) -> SqlError:
    """Where there is none."""
    shown = "" if arguments is None else f"({', '.join(map(_written, arguments))})"
    return SqlError(f"function {name}{shown} does not exist", "42883")


def _written(text: str) -> str:
    """A type as it stands in a signature."""
    cursor = Cursor(split(text)[0])
    kind = read_type(cursor)
    cursor.finish()
    return kind.name


def bind_drop_function(command: DropFunction, context: SqlContext, work: Work) -> Bound:
    """DROP FUNCTION: out of every datashare; with CASCADE the views that call it go too."""
    function = find_function(context, command.function.name, command.function.arguments)
    _check_owner(context, function)
    dropping = Dropping(context, work)
    views = all_dependents(context.catalog, function.function_id)
    callers = [
        other
        for other in context.catalog.tables[Function].values()
        if function.function_id in other.depends
    ]
    if (views and not command.cascade) or callers:
        raise blocked("function", function.signature)
    dropping.drop_dependents(function.function_id)
    dropping.change(*drop_changes(dropping.context, function))
    return dropping.bound(command.tag)


def drop_changes(context: SqlContext, function: Function) -> Iterator[Change]:
    """The function and its places in datashares. Raises SqlError 2BP01 where a policy calls it."""
    what = f"function {function.signature}"
    require_unnamed(context.catalog, function.database, function.function_id, what)
    yield Drop(function)
    database = context.catalog.database(function.database)
    assert database is not None
    for share in context.catalog.datashares_of(database.namespace):
        if share.contents.function(function.function_id) is not None:
            contents = share.contents.remove_function(function.function_id)
            yield Put(replace(share, contents=contents))
