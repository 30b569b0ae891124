"""GRANT and REVOKE on tables, columns, schemas, databases and scopes.

https://docs.aws.amazon.com/redshift/latest/dg/r_GRANT.html
"""

from __future__ import annotations

from redshare.app.commands.grant_targets import Target, targets
from redshare.app.commands.grantees import grantee_of
from redshare.app.sessions.answer import Answer
from redshare.app.sessions.session import SqlSession
from redshare.core.catalog import Key, Put, key_of
from redshare.core.privileges import OWNER, Acl, Grantee, GranteeKind, Privilege
from redshare.core.sql_errors import FeatureNotSupported, SharedOperationNotSupported, SqlError
from redshare.sql.commands.grant import Grant
from redshare.sql.commands.grant_readers import Recipient
from redshare.sql.context import SqlContext


def grant(session: SqlSession, command: Grant) -> Answer:
    """GRANT/REVOKE on objects."""
    context = session.context()
    grantees = [(grantee_of(context, r), r) for r in command.recipients]
    changed: dict[tuple[type, Key], Put] = {}
    for target in list(
        targets(context, command.objects, command.privileges, revoke=command.revoke)
    ):
        _check(target, command)
        key = (type(target.holder), key_of(target.holder))
        holder = changed[key].entity if key in changed else target.holder
        acl = changed_acl(context, command, target, target.read(holder), grantees)
        changed[key] = Put(target.write(holder, acl))
    if changed:
        session.change(command.tag, *changed.values())
    return Answer(command.tag)


def _check(target: Target, command: Grant) -> None:
    if target.column and any(r.grant_option for r in command.recipients):
        raise FeatureNotSupported("WITH GRANT OPTION on columns is not supported")
    kinds = {recipient.kind for recipient in command.recipients}
    # What an older version granted a group can still be revoked.
    if target.shared and not command.revoke and GranteeKind.GROUP in kinds:
        raise SharedOperationNotSupported
    if target.scoped and kinds & {GranteeKind.GROUP, GranteeKind.PUBLIC}:
        raise SqlError("scoped permissions can be granted to users and roles only", "0LP01")


def changed_acl(
    context: SqlContext,
    command: Grant,
    target: Target,
    acl: Acl,
    grantees: list[tuple[Grantee, Recipient]],
) -> Acl:
    """The list after the statement. Raises InsufficientPrivilege, DependentPrivileges."""
    privileges, grantor = granting(context, target, acl)
    for grantee, recipient in grantees:
        if command.revoke:
            acl = acl.revoke(
                grantee,
                privileges,
                option_only=command.option_only,
                grantor=grantor,
                cascade=command.cascade,
            )
        else:
            acl = acl.grant(grantee, privileges, option=recipient.grant_option, grantor=grantor)
    return acl


def granting(context: SqlContext, target: Target, acl: Acl) -> tuple[frozenset[Privilege], int]:
    """What the user may grant here, and in whose name: a superuser grants in the owner's."""
    user = context.user
    if user.superuser or target.owner == user.user_id:
        return target.privileges, OWNER
    grantable = acl.grantable_by(context.identities)
    if target.everything and grantable:
        return target.privileges & grantable, user.user_id
    if target.privileges - grantable:
        raise target.refusal
    return target.privileges, user.user_id
