r"""Users and groups: pg_user, pg_shadow, pg_group, pg_user_info, svl_user_info, svv_user_info.

pg_roles and pg_auth_members, which Redshift 8.0.2 has not, are what psql's \du reads.
https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_USER_INFO.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from redshare.core.user import User
from redshare.sql.context import SqlContext
from redshare.sql.views.model import Record, nothing, view
from redshare.sql.views.reach import users

_HIDDEN_PASSWORD: Final = "********"  # noqa: S105 - what is shown in place of one
_PG_USER: Final = (
    "usename name, usesysid int, usecreatedb bool, usesuper bool, usecatupd bool, passwd text,"
    "valuntil abstime, useconfig text[]"
)


def _user(user: User) -> Record:
    until = user.valid_until.replace(tzinfo=None) if user.valid_until else None
    limit = "UNLIMITED" if user.connection_limit is None else str(user.connection_limit)
    syslog = "UNRESTRICTED" if user.superuser or user.syslog_unrestricted else "RESTRICTED"
    return {
        "usename": user.name,
        "usesysid": user.user_id,
        "usecreatedb": user.createdb,
        "usesuper": user.superuser,
        "usecatupd": user.superuser,
        "passwd": _HIDDEN_PASSWORD,
        "valuntil": until,
        "useconnlimit": limit,
        "syslogaccess": syslog,
        "sessiontimeout": user.session_timeout or 0,
        "user_name": user.name,
        "user_id": user.user_id,
        "createdb": user.createdb,
        "superuser": user.superuser,
        "catalog_update": user.superuser,
        "connection_limit": limit,
        "syslog_access": syslog,
        "session_timeout": user.session_timeout or 0,
        "external_user_id": user.external_id or None,
        "useconfig": [f"{name}={value}" for name, value in user.settings] or None,
        "oid": user.user_id,
        "rolname": user.name,
        "rolsuper": user.superuser,
        "rolinherit": True,
        "rolcreaterole": user.superuser,
        "rolcreatedb": user.createdb or user.superuser,
        "rolcatupdate": user.superuser,
        "rolcanlogin": True,
        "rolconnlimit": -1,
        "rolpassword": _HIDDEN_PASSWORD,
        "rolvaliduntil": until,
        "rolreplication": False,
        "rolbypassrls": False,
    }


def _users(context: SqlContext) -> Iterator[Record]:
    """Redshift lists all users to everybody."""
    return map(_user, users(context))


def _own(context: SqlContext) -> Iterator[Record]:
    """Superusers see all users, others themselves."""
    for user in users(context):
        if context.user.superuser or user.user_id == context.user.user_id:
            yield _user(user)


def _groups(context: SqlContext) -> Iterator[Record]:
    members = list(users(context))
    for group in context.catalog.groups(context.namespace.namespace_id):
        yield {
            "groname": group.name,
            "grosysid": group.group_id,
            "grolist": [user.user_id for user in members if group.group_id in user.groups] or None,
        }


def _superusers(context: SqlContext) -> Iterator[Record]:
    return _users(context) if context.user.superuser else iter(())


VIEWS: Final = (
    view("pg_user", _PG_USER, _users),
    view("pg_shadow", _PG_USER, _superusers),
    view(
        "pg_user_info",
        f"{_PG_USER}, useconnlimit text, syslogaccess text, last_ddl_ts timestamp,"
        "sessiontimeout int, external_user_id text",
        _own,
    ),
    view(
        "svl_user_info",
        "usename varchar(128), usesysid int, usecreatedb bool, usesuper bool, usecatupd bool,"
        "useconnlimit text, syslogaccess text, last_ddl_ts timestamp, sessiontimeout int,"
        "external_user_id text",
        _own,
    ),
    view(
        "svv_user_info",
        "user_name text, user_id int, createdb bool, superuser bool, catalog_update bool,"
        "connection_limit text, syslog_access text, last_ddl_timestamp timestamp,"
        "session_timeout int, external_user_id text",
        _own,
    ),
    view(
        "pg_roles",
        "rolname name, rolsuper bool, rolinherit bool, rolcreaterole bool, rolcreatedb bool,"
        "rolcatupdate bool, rolcanlogin bool, rolconnlimit int, rolpassword text,"
        "rolvaliduntil abstime, rolconfig text[], oid oid",
        _users,
        "rolreplication bool, rolbypassrls bool",
    ),
    view("pg_group", "groname name, grosysid int, grolist int[]", _groups),
    view("pg_auth_members", "roleid oid, member oid, grantor oid, admin_option bool", nothing),
)
