"""HAS_TABLE_PRIVILEGE and its like, and membership of roles: answered from the catalogue.

Privilege functions see the session's own database only, whatever USE says. Where the object is an
expression, the answers for all objects of its kind are laid out as a CASE.
https://docs.aws.amazon.com/redshift/latest/dg/HAS_TABLE_PRIVILEGE.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from sqlglot import exp

from redshare.core.ids import RoleId
from redshare.core.membership import roles_of
from redshare.core.privileges import Privilege
from redshare.core.role import SYSTEM_ROLES, RoleGrant
from redshare.core.sql_errors import SqlError, UndefinedObject
from redshare.core.user import User
from redshare.sql.context import SqlContext
from redshare.sql.may import may
from redshare.sql.names import (
    Resolved,
    resolve_database,
    resolve_relation,
    resolve_schema,
)
from redshare.sql.raised import raise_node
from redshare.sql.rewrite.rule import Rule, rule
from redshare.sql.settings import is_variable, unrecognized
from redshare.sql.shown import shown
from redshare.sql.types import BOOLEAN, STRINGS, VARCHAR, engine_cast
from redshare.sql.views import VIEWS
from redshare.sql.views.oids import SYSTEM_SCHEMAS, oid
from redshare.sql.views.pg_listings import in_search_path
from redshare.sql.views.reach import databases, local, local_schemas
from redshare.sql.views.system import system_relations
from redshare.sql.work import Work, refuse, type_of, typed

#: Whether the context's user holds the privilege on the object of that name. Raises if missing.
Holds = Callable[[SqlContext, str, Privilege], bool]

_TABLE: Final[dict[str, Privilege]] = {p.value: p for p in Privilege if p.value in {
    "SELECT", "INSERT", "UPDATE", "DELETE", "REFERENCES", "DROP", "ALTER", "TRUNCATE",
}}  # fmt: skip
_SCHEMA: Final = {"CREATE": Privilege.CREATE, "USAGE": Privilege.USAGE} | {
    "ALTER": Privilege.ALTER, "DROP": Privilege.DROP,
}  # fmt: skip
_DATABASE: Final = {
    "CREATE": Privilege.CREATE, "TEMP": Privilege.TEMP, "TEMPORARY": Privilege.TEMP,
    "USAGE": Privilege.USAGE,
}  # fmt: skip


def constant(node: exp.Expr) -> str | None:
    """The text of a literal, whatever it was cast to; None where it is computed."""
    while isinstance(node, exp.Cast | exp.Paren):
        node = node.this
    if isinstance(node, exp.Literal) and node.args.get("is_string"):
        return str(node.this)
    return None


def _parts(text: str) -> tuple[str, ...]:
    """`schema.table`, folded but for what is in double quotes."""
    return tuple(
        part[1:-1] if part.startswith('"') and part.endswith('"') else part.lower()
        for part in text.strip().split(".")
    )


def _on_table(context: SqlContext, name: str, privilege: Privilege) -> bool:
    found = resolve_relation(context, _parts(name))
    if not isinstance(found, Resolved):
        return privilege is Privilege.SELECT
    return found.share is None and may(context, found.relation, privilege)


def _on_schema(context: SqlContext, name: str, privilege: Privilege) -> bool:
    if _parts(name)[-1] in SYSTEM_SCHEMAS:
        return privilege is Privilege.USAGE
    return may(context, resolve_schema(context, _parts(name)).schema, privilege)


def _on_database(context: SqlContext, name: str, privilege: Privilege) -> bool:
    return may(context, resolve_database(context, _parts(name)[-1]), privilege)


@dataclass(frozen=True, slots=True)
class _Known:
    """An object: its OID, the names it may be given by, and whether the privilege is held."""

    oid: int
    names: tuple[str, ...]
    holds: bool


#: All objects of a kind that the session's user may know of; the second context is of the user who
#: is asked about.
Known = Callable[[SqlContext, SqlContext, Privilege], Iterator[_Known]]


def _tables(context: SqlContext, asked: SqlContext, privilege: Privilege) -> Iterator[_Known]:
    for system in system_relations(VIEWS.values):
        view = system.view
        names: tuple[str, ...] = (f"{view.schema}.{view.name}",)
        if view.schema == "pg_catalog":
            names = (*names, view.name)
        yield _Known(system.oid, names, privilege is Privilege.SELECT)
    for seen in local(context):
        names = (f"{seen.schema.name}.{seen.relation.name}",)
        if in_search_path(context, seen):
            names = (*names, seen.relation.name)
        yield _Known(oid(seen.relation.relation_id), names, may(asked, seen.relation, privilege))


def _schemas(context: SqlContext, asked: SqlContext, privilege: Privilege) -> Iterator[_Known]:
    for name, number in SYSTEM_SCHEMAS.items():
        yield _Known(number, (name,), privilege is Privilege.USAGE)
    for schema in local_schemas(context):
        yield _Known(oid(schema.schema_id), (schema.name,), may(asked, schema, privilege))


def _databases(context: SqlContext, asked: SqlContext, privilege: Privilege) -> Iterator[_Known]:
    for database in databases(context):
        yield _Known(oid(database.database_id), (database.name,), may(asked, database, privilege))


def _has(holds: Holds, known: Known, privileges: Mapping[str, Privilege]) -> Rule:
    def apply(work: Work, node: exp.Expr) -> exp.Expr:
        arguments = list(node.expressions)
        if len(arguments) not in {2, 3}:
            raise SqlError(f"function {node.name.lower()} has two or three arguments", "42883")
        context = asked = replace(work.session, use=None)
        if len(arguments) == 3:
            asked = replace(context, user=_user(context, arguments.pop(0)))
        named, wanted = arguments
        text = constant(wanted)
        if text is None:
            raise refuse(f"a computed privilege in {node.name.lower()}()")
        privilege = privileges.get(text.strip().upper())
        if privilege is None:
            raise SqlError(f'unrecognized privilege type: "{text}"', "22023")
        name = constant(named)
        if name is not None:
            return _boolean(holds(asked, name, privilege))
        return _laid_out(named, list(known(context, asked, privilege)))

    return rule(apply, "expressions", flags=("this",))


def _user(context: SqlContext, node: exp.Expr) -> User:
    name = constant(node)
    if name is None:
        raise refuse("a computed user in a privilege function")
    found = context.catalog.user(context.namespace.namespace_id, name)
    if found is None:
        raise UndefinedObject(f'user "{name}" does not exist')
    return found


def _boolean(answer: bool) -> exp.Expr:
    return typed(exp.Boolean(this=answer), BOOLEAN)


def _laid_out(named: exp.Expr, known: list[_Known]) -> exp.Expr:
    """A name that is none is an error, an OID that is none is NULL, as in PostgreSQL."""
    by_name = type_of(named).name in {*STRINGS, "name"}
    ways = [exp.If(this=exp.Is(this=named.copy(), expression=exp.Null()), true=exp.Null())]
    for answer in (True, False):
        of = [found for found in known if found.holds is answer]
        keys: list[exp.Expr] = [
            exp.Literal.string(name) for found in of for name in found.names if by_name
        ] or [exp.Literal.number(found.oid) for found in of if not by_name]
        if keys:
            among = exp.In(this=named.copy(), expressions=keys)
            ways.append(exp.If(this=among, true=exp.Boolean(this=answer)))
    missing = raise_node("42704", "the object of a privilege function does not exist")
    return typed(exp.Case(ifs=ways, default=missing if by_name else exp.Null()), BOOLEAN)


# --- membership of roles ------------------------------------------------------------------------


def _role(context: SqlContext, name: str) -> RoleId:
    for role_id, system, _ in SYSTEM_ROLES:
        if system == name:
            return role_id
    found = context.catalog.role(context.namespace.namespace_id, name)
    if found is None:
        raise UndefinedObject(f'role "{name}" does not exist')
    return found.role_id


def _names_of(node: exp.Expr) -> tuple[str, str]:
    if len(node.expressions) != 2:
        raise SqlError(f"function {node.name.lower()} has two arguments", "42883")
    first, second = (constant(argument) for argument in node.expressions)
    if first is None or second is None:
        raise refuse(f"a computed name in {node.name.lower()}()")
    return first, second


def _user_is_member(work: Work, node: exp.Expr) -> exp.Expr:
    context = work.session
    _, role = _names_of(node)
    user = _user(context, node.expressions[0])
    held = roles_of(context.catalog, user.namespace, user.roles)
    return _boolean(_role(context, role) in held)


def _role_is_member(work: Work, node: exp.Expr) -> exp.Expr:
    context = work.session
    member, role = _names_of(node)
    start = _role(context, member)
    held = roles_of(context.catalog, context.namespace.namespace_id, (RoleGrant(start),))
    return _boolean(_role(context, role) in held - {start})


# --- settings -----------------------------------------------------------------------------------


def _current_setting(work: Work, node: exp.Expr) -> exp.Expr:
    """The second argument is error_if_undefined: FALSE makes NULL of a variable that is none."""
    arguments = list(node.expressions)
    name = constant(arguments[0]) if arguments else None
    if name is None or len(arguments) > 2:
        raise refuse("this form of current_setting()")
    value = shown(work.session, name.lower())
    strict = len(arguments) == 1 or not isinstance(arguments[1], exp.Boolean) or arguments[1].this
    if value is None and (strict or not is_variable(name.lower())):
        raise unrecognized(name)
    literal = exp.Null() if value is None else exp.Literal.string(value)
    return typed(engine_cast(literal, VARCHAR), VARCHAR)


NAMED: Final[dict[str, Rule]] = {
    "has_table_privilege": _has(_on_table, _tables, _TABLE),
    "has_schema_privilege": _has(_on_schema, _schemas, _SCHEMA),
    "has_database_privilege": _has(_on_database, _databases, _DATABASE),
    "user_is_member_of": rule(_user_is_member, "expressions", flags=("this",)),
    "role_is_member_of": rule(_role_is_member, "expressions", flags=("this",)),
    "current_setting": rule(_current_setting, "expressions", flags=("this",)),
}
