"""Access control lists with grantors, and who a user is through groups and roles."""

from __future__ import annotations

from dataclasses import replace

import pytest

from redshare.core.catalog import Catalog, Put
from redshare.core.ids import GroupId, NamespaceId, RoleId, UserId
from redshare.core.membership import (
    grantable_system,
    identities,
    role_name,
    system_privileges,
)
from redshare.core.privileges import (
    PUBLIC,
    Acl,
    Grantee,
    GranteeKind,
    ObjectKind,
    Privilege,
    scoped_acl,
    with_scoped,
)
from redshare.core.role import SYSTEM_ROLES, Role, RoleGrant, SystemGrant, granted, revoked
from redshare.core.sql_errors import DependentPrivileges
from redshare.core.user import User

NAMESPACE = NamespaceId("13b8833d-17c6-4f16-8fe4-1a018f5ed00d")
SELECT = frozenset({Privilege.SELECT})
ANN, BOB, CID = (Grantee(GranteeKind.USER, number) for number in (101, 102, 103))


def _chain() -> Acl:
    return (
        Acl()
        .grant(ANN, SELECT, option=True)
        .grant(BOB, SELECT, option=True, grantor=ANN.id)
        .grant(CID, SELECT, option=False, grantor=BOB.id)
    )


@pytest.mark.parametrize("option_only", [True, False])
def test_what_was_passed_on_forbids_revoking(option_only: bool) -> None:
    """Without CASCADE a privilege that was passed on stays."""
    with pytest.raises(DependentPrivileges):
        _chain().revoke(ANN, SELECT, option_only=option_only)


@pytest.mark.parametrize("option_only", [True, False])
def test_cascade_follows_the_chain(option_only: bool) -> None:
    """CASCADE takes what was passed on, and what that was passed on to."""
    left = _chain().revoke(ANN, SELECT, option_only=option_only, cascade=True)
    assert left.granted_to([ANN]) == (SELECT if option_only else frozenset())
    assert left.granted_to([BOB, CID]) == frozenset()


def test_a_second_grantor_keeps_the_privilege() -> None:
    """What two have granted one of them cannot take away, nor what depends on it."""
    acl = _chain().grant(BOB, SELECT, option=True)
    left = acl.revoke(BOB, SELECT, grantor=ANN.id)
    assert left.granted_to([BOB]) == SELECT
    assert left.granted_to([CID]) == SELECT
    assert left.grantable_by([BOB]) == SELECT


def test_scoped_lists_are_by_kind() -> None:
    """Each kind of object has its own list; an empty one is not kept."""
    acl = Acl().grant(ANN, SELECT, option=False)
    scopes = with_scoped((), ObjectKind.TABLES, acl)
    assert scoped_acl(scopes, ObjectKind.TABLES) == acl
    assert scoped_acl(scopes, ObjectKind.SCHEMAS) == Acl()
    assert with_scoped(scopes, ObjectKind.TABLES, Acl()) == ()


def _role(number: int, *held: int, system: tuple[SystemGrant, ...] = ()) -> Role:
    roles = tuple(RoleGrant(RoleId(role)) for role in held)
    return Role(NAMESPACE, RoleId(number), f"r{number}", UserId(100), roles, system)


def _world(user: User) -> Catalog:
    admin = SystemGrant("DROP ROLE", admin=True)
    roles = [_role(11, 12), _role(12, 13), _role(13, system=(SystemGrant("CANCEL"), admin))]
    return Catalog().after([Put(user), *map(Put, roles)])


def test_a_user_is_all_its_roles_and_groups() -> None:
    """Roles are followed through the roles they hold; groups and PUBLIC count as well."""
    user = User(NAMESPACE, UserId(101), "ann", groups=(GroupId(5),))
    plain = frozenset({ANN, PUBLIC, Grantee(GranteeKind.GROUP, 5)})
    assert identities(_world(user), user) == plain
    user = replace(user, roles=(RoleGrant(RoleId(11)),))
    roles = {Grantee(GranteeKind.ROLE, role) for role in (11, 12, 13)}
    assert identities(_world(user), user) == plain | roles


def test_system_privileges_come_with_roles() -> None:
    """A role's system privileges reach who holds it; only some may be passed on."""
    user = User(NAMESPACE, UserId(101), "ann", roles=(RoleGrant(RoleId(11)),))
    catalog = _world(user)
    assert system_privileges(catalog, user) == {"CANCEL", "DROP ROLE"}
    assert grantable_system(catalog, user) == {"DROP ROLE"}
    assert system_privileges(catalog, replace(user, roles=())) == frozenset()


@pytest.mark.parametrize(("role", "name", "privileges"), SYSTEM_ROLES)
def test_system_roles_need_not_be_made(role: RoleId, name: str, privileges: frozenset[str]) -> None:
    """The roles sys: are always there, with their privileges."""
    user = User(NAMESPACE, UserId(101), "ann", roles=(RoleGrant(role),))
    assert system_privileges(Catalog(), user) == privileges
    assert role_name(Catalog(), NAMESPACE, role) == name


def test_a_cycle_of_roles_ends() -> None:
    """Roles that hold each other are each counted once."""
    user = User(NAMESPACE, UserId(101), "ann", roles=(RoleGrant(RoleId(11)),))
    catalog = Catalog().after([Put(user), Put(_role(11, 12)), Put(_role(12, 11))])
    assert len(identities(catalog, user)) == 4
    assert role_name(catalog, NAMESPACE, 12) == "r12"
    assert role_name(catalog, NAMESPACE, 99) is None


def test_the_admin_option_is_kept_and_taken_apart() -> None:
    """Granting again keeps the option; ADMIN OPTION FOR takes it alone."""
    held = granted(granted((), RoleId(1), admin=True), RoleId(1))
    assert held == (RoleGrant(RoleId(1), admin=True),)
    assert revoked(held, RoleId(1), admin_only=True) == (RoleGrant(RoleId(1)),)
    assert revoked((), RoleId(1), admin_only=True) == ()
    assert revoked(held, RoleId(1)) == ()
