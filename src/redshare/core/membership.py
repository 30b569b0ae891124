"""Who a user is when privileges are looked up: the user, its groups, its roles, and PUBLIC.

Roles are followed through the roles they hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from redshare.core.catalog import Catalog
from redshare.core.ids import GroupId, NamespaceId, RoleId
from redshare.core.privileges import PUBLIC, Grantee, GranteeKind
from redshare.core.role import SYSTEM_ROLES, Role, RoleGrant
from redshare.core.user import User


def roles_of(
    catalog: Catalog, namespace: NamespaceId, held: Iterable[RoleGrant]
) -> frozenset[RoleId]:
    """These roles and all that they hold."""
    found: set[RoleId] = set()
    waiting = [grant.role for grant in held]
    while waiting:
        role = waiting.pop()
        if role not in found:
            found.add(role)
            known = catalog.role_by_id(namespace, role)
            waiting += [] if known is None else [grant.role for grant in known.roles]
    return frozenset(found)


def identities(catalog: Catalog, user: User, also: Iterable[GroupId] = ()) -> frozenset[Grantee]:
    """Whom a grant may name to reach this user; `also` are groups it is in for this session."""
    roles = roles_of(catalog, user.namespace, user.roles) if user.roles else ()
    return frozenset(
        (
            Grantee(GranteeKind.USER, user.user_id),
            PUBLIC,
            *(Grantee(GranteeKind.GROUP, group) for group in (*user.groups, *also)),
            *(Grantee(GranteeKind.ROLE, role) for role in roles),
        )
    )


def system_privileges(catalog: Catalog, user: User) -> frozenset[str]:
    """The system privileges of the user's roles."""
    return frozenset(privilege for privilege, _ in _system(catalog, user))


def grantable_system(catalog: Catalog, user: User) -> frozenset[str]:
    """Those the user may pass on."""
    return frozenset(privilege for privilege, admin in _system(catalog, user) if admin)


def _system(catalog: Catalog, user: User) -> Iterator[tuple[str, bool]]:
    if not user.roles:
        return
    built_in = {role: privileges for role, _, privileges in SYSTEM_ROLES}
    for role in roles_of(catalog, user.namespace, user.roles):
        for privilege in built_in.get(role, ()):
            yield privilege, False
        known: Role | None = catalog.role_by_id(user.namespace, role)
        for grant in () if known is None else known.system:
            yield grant.privilege, grant.admin


def role_name(catalog: Catalog, namespace: NamespaceId, role: int) -> str | None:
    """The name of a role, system roles' as well."""
    for role_id, name, _ in SYSTEM_ROLES:
        if role_id == role:
            return name
    known = catalog.role_by_id(namespace, RoleId(role))
    return None if known is None else known.name
