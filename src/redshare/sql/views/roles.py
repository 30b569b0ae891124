"""Roles and who holds them: SVV_ROLES, SVV_USER_GRANTS, SVV_ROLE_GRANTS, SVV_SYSTEM_PRIVILEGES.

A superuser sees all of them, others the roles they hold.
https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_ROLES.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from redshare.core.ids import RoleId
from redshare.core.membership import role_name, roles_of
from redshare.core.role import SYSTEM_ROLES, RoleGrant
from redshare.sql.context import SqlContext
from redshare.sql.views.model import Record, view
from redshare.sql.views.reach import user_name, users


def _sees_all(context: SqlContext) -> bool:
    return context.user.superuser or context.has_system("ACCESS SYSTEM TABLE")


def _seen(context: SqlContext) -> frozenset[RoleId] | None:
    """None for all of them."""
    if _sees_all(context):
        return None
    return roles_of(context.catalog, context.namespace.namespace_id, context.user.roles)


def _roles(context: SqlContext) -> Iterator[Record]:
    seen = _seen(context)
    for number, name, _ in SYSTEM_ROLES:
        if seen is None or number in seen:
            yield {"role_id": number, "role_name": name, "role_owner": "rdsdb"}
    for role in context.catalog.roles(context.namespace.namespace_id):
        if seen is None or role.role_id in seen:
            yield {
                "role_id": role.role_id,
                "role_name": role.name,
                "role_owner": user_name(context, role.owner),
                "external_id": role.external_id or None,
            }


def _name(context: SqlContext, grant: RoleGrant) -> str | None:
    return role_name(context.catalog, context.namespace.namespace_id, grant.role)


def _user_grants(context: SqlContext) -> Iterator[Record]:
    for user in users(context):
        if _sees_all(context) or user.user_id == context.user.user_id:
            for grant in user.roles:
                yield {
                    "user_id": user.user_id,
                    "user_name": user.name,
                    "role_id": grant.role,
                    "role_name": _name(context, grant),
                    "admin_option": grant.admin,
                }


def _role_grants(context: SqlContext) -> Iterator[Record]:
    seen = _seen(context)
    for role in context.catalog.roles(context.namespace.namespace_id):
        if seen is None or role.role_id in seen:
            for grant in role.roles:
                yield {
                    "role_id": role.role_id,
                    "role_name": role.name,
                    "granted_role_id": grant.role,
                    "granted_role_name": _name(context, grant),
                }


def _system_privileges(context: SqlContext) -> Iterator[Record]:
    seen = _seen(context)
    for number, name, privileges in SYSTEM_ROLES:
        if seen is None or number in seen:
            for privilege in sorted(privileges):
                yield _carried(privilege, number, name)
    for role in context.catalog.roles(context.namespace.namespace_id):
        if seen is None or role.role_id in seen:
            for grant in role.system:
                yield _carried(grant.privilege, role.role_id, role.name)


def _carried(privilege: str, number: int, name: str) -> Record:
    return {
        "system_privilege": privilege,
        "identity_id": number,
        "identity_name": name,
        "identity_type": "role",
    }


VIEWS: Final = (
    view(
        "svv_roles",
        "role_id int, role_name text, role_owner text, external_id text",
        _roles,
    ),
    view(
        "svv_role_grants",
        "role_id int, role_name text, granted_role_id int, granted_role_name text",
        _role_grants,
    ),
    view(
        "svv_user_grants",
        "user_id int, user_name text, role_id int, role_name text, admin_option bool",
        _user_grants,
    ),
    view(
        "svv_system_privileges",
        "system_privilege text, identity_id int, identity_name text, identity_type text",
        _system_privileges,
    ),
)
