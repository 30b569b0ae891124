"""Temporary credentials: given out for a database user, kept with the user until they expire."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from redshare.app.work import Work
from redshare.core.aws_errors import InvalidParameterValue, ResourceNotFound
from redshare.core.catalog import Catalog, Change, Put
from redshare.core.credential import (
    IAM,
    IAM_AUTO_CREATE,
    TemporaryCredential,
    identity_login,
    users_of_login,
)
from redshare.core.ids import NamespaceId, UserId
from redshare.core.namespace import Namespace
from redshare.core.user import User
from redshare.ports import Commit, Passwords
from redshare.sql.commands.reserved import RESERVED

#: Seconds.
SHORTEST, LONGEST = 900, 3600
#: Of one user at a time: more are given out than any login could try.
MOST: Final = 200
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_+.@-]{0,63}")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a caller asks for; no user named: the one of the caller's own identity."""

    namespace: NamespaceId
    principal: str
    user: str | None = None
    auto_create: bool = False
    database: str = ""
    groups: tuple[str, ...] = ()
    seconds: int | None = None


@dataclass(frozen=True, slots=True)
class Given:
    """What is told once and never again: only its verifiers are kept."""

    login: str
    password: str
    expires: datetime


class TemporaryCredentials:
    """Gives them out."""

    def __init__(self, work: Work, passwords: Passwords) -> None:
        self._work = work
        self._passwords = passwords

    def give(self, wanted: Wanted) -> Given:
        """A credential. Raises InvalidParameterValue, ResourceNotFound.

        For a user who is not there and may not be made it is given all the same, and lets nobody
        in: the answer does not tell who exists.
        """
        _check(wanted)
        now = self._work.clock.now()
        login, name = _names(wanted)
        password, verifiers = self._passwords.temporary(login)
        kept = TemporaryCredential(
            login, verifiers, now + _duration(wanted.seconds), wanted.database, wanted.groups
        )
        given = Given(login, password, kept.expires)

        def decision(catalog: Catalog) -> tuple[Commit, Given]:
            return Commit(tuple(_changes(catalog, wanted, name, kept, now))), given

        return self._work.decide(decision)

    def identity_user(self, namespace: NamespaceId, principal: str) -> str:
        """The name of the database user of an IAM identity, who is made if he is not there.

        Raises ResourceNotFound.
        """
        name = identity_login(principal)

        def decision(catalog: Catalog) -> tuple[Commit, str]:
            found = catalog.namespace(namespace)
            if found is None:
                raise ResourceNotFound("Namespace", namespace)
            if catalog.user(namespace, name) is not None:
                return Commit(), name
            user, counted = _new_user(found, name)
            return Commit((Put(counted), Put(user))), name

        return self._work.decide(decision)


def live_credentials(
    catalog: Catalog, namespace: NamespaceId, login: str, now: datetime
) -> list[tuple[User, TemporaryCredential]]:
    """What may be used under a login now, newest first."""
    found = []
    for name in users_of_login(login):
        user = catalog.user(namespace, name)
        for credential in reversed(user.credentials) if user is not None else ():
            if credential.login == login and credential.live(now):
                assert user is not None
                found.append((user, credential))
    return found


def _names(wanted: Wanted) -> tuple[str, str]:
    """The login, and the database user behind it."""
    if wanted.user is None:
        own = identity_login(wanted.principal)
        return own, own
    return (IAM_AUTO_CREATE if wanted.auto_create else IAM) + wanted.user, wanted.user


def _changes(
    catalog: Catalog, wanted: Wanted, name: str, kept: TemporaryCredential, now: datetime
) -> list[Change]:
    namespace = catalog.namespace(wanted.namespace)
    if namespace is None:
        raise ResourceNotFound("Namespace", wanted.namespace)
    user = catalog.user(wanted.namespace, name)
    if user is None and wanted.user is not None and not wanted.auto_create:
        return []
    made: list[Change] = []
    if user is None:
        user, counted = _new_user(namespace, name)
        made.append(Put(counted))
    live = [credential for credential in user.credentials if credential.live(now)]
    return [*made, Put(replace(user, credentials=(*live, kept)[-MOST:]))]


def _new_user(namespace: Namespace, name: str) -> tuple[User, Namespace]:
    """A user without a password, who logs in by temporary credentials alone."""
    number = namespace.next_user_id
    user = User(namespace.namespace_id, UserId(number), name, password_disabled=True)
    return user, replace(namespace, next_user_id=number + 1)


def _check(wanted: Wanted) -> None:
    named = [("DbUser", wanted.user)] if wanted.user is not None else []
    named += [("DbName", wanted.database)] if wanted.database else []
    for what, name in (*named, *(("DbGroups", group) for group in wanted.groups)):
        if name is None or not _NAME.fullmatch(name):
            raise InvalidParameterValue(f"{what} is not a valid name: {name!r}.")
    if wanted.user is not None and wanted.user.upper() in {*RESERVED, "PUBLIC"}:
        raise InvalidParameterValue(f"DbUser is a reserved word: {wanted.user!r}.")


def _duration(seconds: int | None) -> timedelta:
    wanted = SHORTEST if seconds is None else seconds
    if not SHORTEST <= wanted <= LONGEST:
        raise InvalidParameterValue(f"DurationSeconds must be between {SHORTEST} and {LONGEST}.")
    return timedelta(seconds=wanted)
