"""Why a user reaches an object of its own namespace, or does not: no share is asked."""

from __future__ import annotations

from redshare.core.explanation import Action, Chain, Step
from redshare.core.privileges import Privilege
from redshare.core.relation import Relation
from redshare.core.sql_errors import InsufficientPrivilege, SqlError
from redshare.sql.context import SqlContext
from redshare.sql.may import may, permitted_columns
from redshare.sql.names import Resolved, ResolvedSchema, resolve_relation
from redshare.sql.policy.applied import require_reachable
from redshare.sql.shown_ddl import name_text
from redshare.sql.why.sight import Sight
from redshare.sql.why.users import grant


def explain_local(
    chain: Chain, sight: Sight, name: tuple[str, ...], schema: ResolvedSchema, action: Action
) -> None:
    """The user's privileges and the policies; `name` has three parts."""
    explain_use(chain, Step.SCHEMA_USAGE, sight.subject, schema)
    try:
        found = resolve_relation(sight.asker, name)
    except InsufficientPrivilege:
        # What is in a schema is not for those to know who may not use it.
        chain.unknown(Step.OBJECT, Step.PRIVILEGE)
        return
    except SqlError as error:
        chain.broken(Step.OBJECT, error.message)
        chain.unknown(Step.PRIVILEGE)
        return
    chain.held(Step.OBJECT, f"{'.'.join(name[1:])} is there")
    if isinstance(found, Resolved):
        _privilege(chain, sight.subject, found, action)
        if action.rows:
            _policies(chain, sight.subject, found)


def explain_use(chain: Chain, step: Step, subject: SqlContext, schema: ResolvedSchema) -> None:
    """USAGE of a schema of the namespace itself."""
    held = may(subject, schema.schema, Privilege.USAGE)
    user = subject.user.name
    chain.say(
        step,
        f"the user {user} has USAGE on {schema.schema.name}" if held else None,
        f"the user {user} has no USAGE on {schema.schema.name}",
        grant(subject, Privilege.USAGE, f"SCHEMA {_inside(schema)}"),
    )


def _inside(schema: ResolvedSchema) -> str:
    return f"{name_text(schema.place.database.name)}.{name_text(schema.schema.name)}"


def _privilege(chain: Chain, subject: SqlContext, found: Resolved, action: Action) -> None:
    relation, privilege = found.relation, action.privilege
    user = subject.user.name
    broken = f"the user {user} has no {privilege} on {relation.name}"
    columns = _columns(subject, relation, action)
    if columns:
        broken = f"the user {user} has {privilege} on {', '.join(columns)} only"
    place = ".".join(map(name_text, (found.database.name, found.schema.name, relation.name)))
    chain.say(
        Step.PRIVILEGE,
        f"the user {user} has {privilege}" if may(subject, relation, privilege) else None,
        broken,
        grant(subject, privilege, place),
    )


def _columns(subject: SqlContext, relation: Relation, action: Action) -> list[str]:
    return sorted(permitted_columns(subject, relation, action.privilege) or ())


def _policies(chain: Chain, subject: SqlContext, found: Resolved) -> None:
    try:
        require_reachable(subject, subject, found)
    except SqlError as error:
        chain.broken(Step.POLICIES, error.message)
    else:
        chain.held(Step.POLICIES, "its policies are evaluated here")
