"""CREATE, ALTER and DROP USER. https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_USER.html"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from redshare.app.commands.dependencies import has_privilege, owns_something
from redshare.app.commands.grantees import group_named
from redshare.app.commands.owned import user_named
from redshare.app.sessions.answer import Answer
from redshare.app.sessions.session import SqlSession
from redshare.core.catalog import Catalog, Drop, Put
from redshare.core.ids import UserId
from redshare.core.privileges import Grantee, GranteeKind
from redshare.core.sql_errors import (
    DuplicateObject,
    FeatureNotSupported,
    InsufficientPrivilege,
    SqlError,
)
from redshare.core.user import User
from redshare.ports import Passwords
from redshare.sql.commands.user import (
    UNLIMITED,
    AlterUser,
    AlterUserSet,
    CreateUser,
    DropUser,
    UserOptions,
)
from redshare.sql.context import SqlContext
from redshare.sql.settings import checked

_PLAIN = re.compile(r"(?=.*[a-z])(?=.*[A-Z])(?=.*[0-9])[\x21-\x7e]{8,64}")
_HASHED = re.compile(r"md5[0-9a-f]{32}|sha256\|.+")
#: A minute to twenty days, as Redshift's.
MIN_SESSION_TIMEOUT: Final = 60
MAX_SESSION_TIMEOUT: Final = 1_728_000


def create(session: SqlSession, command: CreateUser, passwords: Passwords) -> Answer:
    """CREATE USER."""
    context = session.context()
    _permitted(context, "CREATE USER", "create", superuser=bool(command.options.create_user))
    namespace = context.namespace
    if context.catalog.user(namespace.namespace_id, command.name) is not None:
        raise DuplicateObject(f'user "{command.name}" already exists')
    if command.options.password is None and not command.options.password_disabled:
        raise SqlError("a password is required: PASSWORD '...' or PASSWORD DISABLE", "42601")
    groups = tuple(group_named(context, name).group_id for name in dict.fromkeys(command.groups))
    user = User(namespace.namespace_id, UserId(namespace.next_user_id), command.name, groups=groups)
    counted = replace(namespace, next_user_id=namespace.next_user_id + 1)
    made = _with_options(user, command.options, passwords)
    session.change(command.tag, Put(made), Put(counted))
    return Answer(command.tag)


def alter(session: SqlSession, command: AlterUser, passwords: Passwords) -> Answer:
    """ALTER USER: superusers anybody, everybody their own password."""
    context = session.context()
    user = user_named(context, command.name)
    only_password = command.options == UserOptions(password=command.options.password)
    own_password = user.user_id == context.user.user_id and only_password and not command.new_name
    if not own_password:
        elevates = command.options.create_user is not None or user.superuser
        _permitted(context, "ALTER USER", "alter", superuser=elevates)
    changed = _with_options(user, command.options, passwords)
    notices: tuple[str, ...] = ()
    if command.reset_session_timeout:
        changed = replace(changed, session_timeout=None)
    if command.new_name is not None:
        if context.catalog.user(user.namespace, command.new_name) is not None:
            raise DuplicateObject(f'user "{command.new_name}" already exists')
        if user.name == context.namespace.admin_username:
            raise FeatureNotSupported("renaming the administrator is not supported")
        kept = tuple(v for v in changed.verifiers if not v.startswith("md5"))
        if kept != changed.verifiers and command.options.password is None:
            # Its hash is of the old name too.
            notices = ("MD5 password cleared because of user rename",)
        changed = replace(changed, name=command.new_name, verifiers=kept)
    session.change(command.tag, Put(changed))
    return Answer(command.tag, notices=notices)


def alter_set(session: SqlSession, command: AlterUserSet) -> Answer:
    """ALTER USER … SET, RESET: what the user's later sessions start with."""
    context = session.context()
    user = user_named(context, command.name)
    if user.user_id != context.user.user_id:
        _permitted(context, "ALTER USER", "alter", superuser=user.superuser)
    kept = tuple(pair for pair in user.settings if pair[0] != command.parameter)
    if command.values:
        value = checked(command.parameter, command.values)
        kept = (*kept, (command.parameter, value))
    session.change(command.tag, Put(replace(user, settings=kept)))
    return Answer(command.tag)


def drop(session: SqlSession, command: DropUser) -> Answer:
    """DROP USER: not while anything is owned by, or granted to, the user."""
    context = session.context()
    for name in command.names:
        user = context.catalog.user(context.namespace.namespace_id, name)
        _permitted(context, "DROP USER", "drop", superuser=user is not None and user.superuser)
        if user is None:
            if command.if_exists:
                continue
            raise SqlError(f'user "{name}" does not exist', "42704")
        if name == context.namespace.admin_username or user.user_id == context.user.user_id:
            raise SqlError(f'user "{name}" can\'t be dropped', "55006")
        _unused(context.catalog, user)
        session.change(command.tag, Drop(user))
    return Answer(command.tag)


def _permitted(context: SqlContext, system: str, verb: str, *, superuser: bool) -> None:
    """Superusers; who holds the system privilege, as long as no superuser is concerned."""
    if context.user.superuser or (context.has_system(system) and not superuser):
        return
    raise InsufficientPrivilege(f"permission denied to {verb} user")


def _unused(catalog: Catalog, user: User) -> None:
    if owns_something(catalog, user.namespace, user.user_id):
        raise SqlError(
            f'user "{user.name}" can\'t be dropped because the user owns some object', "55006"
        )
    if has_privilege(catalog, user.namespace, Grantee(GranteeKind.USER, user.user_id)):
        raise SqlError(
            f'user "{user.name}" can\'t be dropped because the user has a privilege on some object',
            "55006",
        )


def _with_options(user: User, options: UserOptions, passwords: Passwords) -> User:
    if options.password is not None:
        text = options.password.text
        if not (_PLAIN.fullmatch(text) or _HASHED.fullmatch(text)):
            raise SqlError(
                "password must be 8 to 64 characters with at least one uppercase letter, "
                "one lowercase letter and one number",
                "22023",
            )
        verifiers = passwords.verifiers(user.name, text)
        user = replace(user, verifiers=verifiers, password_disabled=False)
    if options.password_disabled:
        user = replace(user, verifiers=(), password_disabled=True)
    if options.create_db is not None:
        user = replace(user, createdb=options.create_db)
    if options.create_user is not None:
        user = replace(user, superuser=options.create_user)
    if options.valid_until is not None:
        user = replace(user, valid_until=_moment(options.valid_until))
    if options.connection_limit is not None:
        limit = None if options.connection_limit == UNLIMITED else options.connection_limit
        user = replace(user, connection_limit=limit)
    if options.session_timeout is not None:
        if not MIN_SESSION_TIMEOUT <= options.session_timeout <= MAX_SESSION_TIMEOUT:
            raise SqlError(
                f"SESSION TIMEOUT must be between {MIN_SESSION_TIMEOUT} and {MAX_SESSION_TIMEOUT}"
                " seconds",
                "22023",
            )
        user = replace(user, session_timeout=options.session_timeout)
    if options.syslog_unrestricted is not None:
        user = replace(user, syslog_unrestricted=options.syslog_unrestricted)
    if options.external_id is not None:
        user = replace(user, external_id=options.external_id)
    return user


def _moment(text: str) -> datetime | None:
    if text.lower() == "infinity":
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise SqlError(f'invalid input syntax for timestamp: "{text}"', "22007") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
