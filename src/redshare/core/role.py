"""Roles: what can be granted to users and to other roles, and the system privileges they carry.

The roles `sys:` are always there and never stored. Who holds a role is said by the holder
(`User.roles`, `Role.roles`).
https://docs.aws.amazon.com/redshift/latest/dg/r_roles-default.html
https://docs.aws.amazon.com/redshift/latest/dg/r_roles-system-privileges.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from redshare.core.ids import NamespaceId, RoleId, UserId

SYSTEM_PREFIX: Final = "sys:"
#: The roles of datashares; nobody grants them anything.
RESERVED_PREFIX: Final = "ds:"

SYSTEM_PRIVILEGES: Final = (
    "CREATE OR REPLACE EXTERNAL FUNCTION",
    "CREATE OR REPLACE FUNCTION",
    "CREATE OR REPLACE PROCEDURE",
    "CREATE OR REPLACE VIEW",
    "ALTER DEFAULT PRIVILEGES",
    "ACCESS SYSTEM TABLE",
    "ACCESS CATALOG",
    "CREATE USER",
    "ALTER USER",
    "DROP USER",
    "CREATE ROLE",
    "DROP ROLE",
    "CREATE SCHEMA",
    "DROP SCHEMA",
    "CREATE TABLE",
    "ALTER TABLE",
    "DROP TABLE",
    "TRUNCATE TABLE",
    "DROP FUNCTION",
    "DROP PROCEDURE",
    "DROP VIEW",
    "CREATE MODEL",
    "DROP MODEL",
    "CREATE LIBRARY",
    "DROP LIBRARY",
    "CREATE DATASHARE",
    "ALTER DATASHARE",
    "DROP DATASHARE",
    "EXPLAIN RLS",
    "IGNORE RLS",
    "EXPLAIN MASKING",
    "VACUUM",
    "ANALYZE",
    "CANCEL",
)


@dataclass(frozen=True, slots=True)
class RoleGrant:
    """A role somebody holds; `admin` lets the holder pass it on."""

    role: RoleId
    admin: bool = False


@dataclass(frozen=True, slots=True)
class SystemGrant:
    """A system privilege a role carries; `admin` lets its holders pass it on."""

    privilege: str
    admin: bool = False


@dataclass(frozen=True, slots=True)
class Role:
    """`roles` are those it holds itself: their privileges are its own."""

    namespace: NamespaceId
    role_id: RoleId
    name: str
    owner: UserId
    roles: tuple[RoleGrant, ...] = ()
    system: tuple[SystemGrant, ...] = ()
    external_id: str = ""
    version: int = 0


def granted(
    held: tuple[RoleGrant, ...], role: RoleId, *, admin: bool = False
) -> tuple[RoleGrant, ...]:
    """With the role; an admin option once given stays."""
    before = any(grant.role == role and grant.admin for grant in held)
    return (*revoked(held, role), RoleGrant(role, admin or before))


def revoked(
    held: tuple[RoleGrant, ...], role: RoleId, *, admin_only: bool = False
) -> tuple[RoleGrant, ...]:
    """Without the role, or without the right to pass it on."""
    kept = tuple(grant for grant in held if grant.role != role)
    if admin_only and len(kept) < len(held):
        return (*kept, RoleGrant(role))
    return kept


_MONITOR: Final = frozenset({"ACCESS SYSTEM TABLE", "ACCESS CATALOG"})
_OPERATOR: Final = _MONITOR | {"ANALYZE", "VACUUM", "CANCEL"}
_DBA: Final = _OPERATOR | {
    "CREATE SCHEMA", "CREATE TABLE", "DROP SCHEMA", "DROP TABLE", "TRUNCATE TABLE",
    "CREATE OR REPLACE PROCEDURE", "DROP PROCEDURE", "CREATE OR REPLACE FUNCTION",
    "CREATE OR REPLACE EXTERNAL FUNCTION", "CREATE OR REPLACE VIEW", "DROP VIEW",
}  # fmt: skip
_SECADMIN: Final = frozenset(
    {
        "CREATE USER", "ALTER USER", "DROP USER", "CREATE ROLE", "DROP ROLE",
        "EXPLAIN RLS", "IGNORE RLS", "EXPLAIN MASKING",
    }
)  # fmt: skip
SECADMIN: Final = RoleId(5)

#: The roles that are always there: id, name, and what each carries.
SYSTEM_ROLES: Final[tuple[tuple[RoleId, str, frozenset[str]], ...]] = (
    (RoleId(1), "sys:monitor", _MONITOR),
    (RoleId(2), "sys:operator", _OPERATOR),
    (RoleId(3), "sys:dba", _DBA),
    (RoleId(4), "sys:superuser", frozenset(SYSTEM_PRIVILEGES)),
    (SECADMIN, "sys:secadmin", _SECADMIN),
)
