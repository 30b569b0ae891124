"""Users, groups and roles of a namespace, from its system views."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Final

from redshare.adapters.world.warehouse_sql import Row
from redshare.app.world.structure import WorldRole, WorldUser
from redshare.sql.shown_ddl import name_text

#: Users below are the service's own.
_FIRST_USER: Final = 100

QUERIES: Final = (
    "SELECT user_name, user_id, createdb, superuser, connection_limit, syslog_access,"
    " session_timeout, external_user_id FROM svv_user_info ORDER BY user_id",
    "SELECT usesysid, valuntil FROM pg_user WHERE valuntil IS NOT NULL",
    "SELECT usesysid, array_to_string(useconfig, '\n') FROM pg_user WHERE useconfig IS NOT NULL",
    "SELECT groname FROM pg_group ORDER BY grosysid",
    "SELECT g.groname, u.usename FROM pg_group g, pg_user u"
    " WHERE u.usesysid = ANY (g.grolist) ORDER BY g.grosysid, u.usesysid",
    "SELECT role_name, role_owner, external_id FROM svv_roles ORDER BY role_id",
    "SELECT role_name, granted_role_name FROM svv_role_grants ORDER BY role_id, granted_role_id",
    "SELECT user_name, role_name, admin_option FROM svv_user_grants ORDER BY user_id, role_id",
    "SELECT identity_name, system_privilege FROM svv_system_privileges"
    " WHERE identity_type = 'role' ORDER BY identity_id, system_privilege",
)


class Identities:
    """What the answers to QUERIES say; the administrator is not among the users."""

    def __init__(self, answers: list[list[Row]], admin: str) -> None:
        users, until, configured, groups, members, roles, inner, held, system = answers
        settings = {number: _settings(text) for number, text in configured}
        valid = {number: str(moment) for number, moment in until}
        self.names: Mapping[int, str] = {row[1]: row[0] for row in users}
        self.users = {
            row[0]: _user(row, valid.get(row[1]), settings.get(row[1], {}))
            for row in users
            if row[1] >= _FIRST_USER and row[0] != admin
        }
        self.groups = {
            name: tuple(user for group, user in members if group == name) for (name,) in groups
        }
        holders: defaultdict[str, list[str]] = defaultdict(list)
        for holder, role in inner:
            holders[role].append(f"ROLE {name_text(holder)}")
        for user, role, admin_option in held:
            option = " WITH ADMIN OPTION" if admin_option else ""
            holders[role].append(f"{name_text(user)}{option}")
        privileges: defaultdict[str, list[str]] = defaultdict(list)
        for role, privilege in system:
            privileges[role].append(privilege.upper())
        self.roles = {}
        for name, owner, external in roles:
            if not name.startswith(("sys:", "ds:")):
                kept = tuple(privileges[name])
                self.roles[name] = WorldRole(owner, external, kept, tuple(holders[name]))
            elif holders[name]:
                self.roles[name] = WorldRole(granted_to=tuple(holders[name]))


def _user(row: Row, valid_until: str | None, settings: dict[str, str]) -> WorldUser:
    _, _, createdb, superuser, limit, syslog, timeout, external = row
    return WorldUser(
        createdb=createdb,
        superuser=superuser,
        connection_limit=int(limit) if str(limit).isdecimal() else "UNLIMITED",
        syslog_access=syslog,
        session_timeout=int(timeout or 0),
        valid_until=valid_until,
        external_id=external,
        settings=settings,
    )


def _settings(text: str) -> dict[str, str]:
    return dict(line.split("=", 1) for line in text.splitlines())
