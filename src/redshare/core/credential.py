"""Temporary credentials of database users: what is kept of one, and how it logs in.

https://docs.aws.amazon.com/redshift/latest/APIReference/API_GetClusterCredentials.html
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

#: How a login by a temporary credential begins: of a user, of a user who may be made, of a role.
IAM, IAM_AUTO_CREATE, IAM_ROLE = "IAM:", "IAMA:", "IAMR:"
_PREFIXES: Final = (IAM, IAM_AUTO_CREATE, IAM_ROLE)


@dataclass(frozen=True, slots=True)
class TemporaryCredential:
    """`login` is the name it is used under; no database named means all of them."""

    login: str
    verifiers: tuple[str, ...]
    expires: datetime
    database: str = ""
    groups: tuple[str, ...] = ()

    def live(self, now: datetime) -> bool:
        """Whether it may still be used."""
        return now < self.expires


def users_of_login(login: str) -> tuple[str, ...]:
    """The database users whom a temporary login may stand for: one behind the prefix, or its own.

    A credential for the user `alice` and one for the IAM identity alice are both used as
    `IAM:alice`; whose password is given decides.
    """
    for prefix in _PREFIXES:
        if login.startswith(prefix):
            return (login.removeprefix(prefix), login)
    return ()


def is_administrator(principal_arn: str) -> bool:
    """Whether the principal is the account itself."""
    return principal_arn.rpartition(":")[2] == "root"


def identity_login(principal_arn: str) -> str:
    """The database user of an IAM identity."""
    *_, resource = principal_arn.split(":")
    kind, _, path = resource.partition("/")
    if kind == "root":
        return f"{IAM}RootIdentity"
    if kind == "assumed-role":
        return IAM_ROLE + path.split("/")[0]
    return IAM + path.rpartition("/")[2]
