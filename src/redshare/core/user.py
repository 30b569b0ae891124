"""A database user of a namespace."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from redshare.core.credential import TemporaryCredential
from redshare.core.ids import GroupId, NamespaceId, UserId
from redshare.core.role import RoleGrant


@dataclass(frozen=True, slots=True)
class User:
    """`verifiers` are one-way forms of the password, one for each method a client may use.

    `credentials` are the temporary ones, some perhaps expired: they go with the user.
    """

    namespace: NamespaceId
    user_id: UserId
    name: str
    superuser: bool = False
    createdb: bool = False
    verifiers: tuple[str, ...] = ()
    password_disabled: bool = False
    valid_until: datetime | None = None
    groups: tuple[GroupId, ...] = ()
    roles: tuple[RoleGrant, ...] = ()
    #: What SET says for every new session, by parameter.
    settings: tuple[tuple[str, str], ...] = ()
    #: Sessions at a time; None is as many as there may be.
    connection_limit: int | None = None
    #: Seconds a session may be idle; None is the cluster's own.
    session_timeout: int | None = None
    syslog_unrestricted: bool = False
    external_id: str = ""
    credentials: tuple[TemporaryCredential, ...] = ()
    version: int = 0

    def __repr__(self) -> str:
        return f"User({self.name!r}, {self.user_id})"
