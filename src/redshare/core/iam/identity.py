"""Users, roles and managed policies of an account, as the catalogue keeps them.

Ids are for ever, names are not: a key, a session and a trust policy mean an id, so a user who is
made again under the old name is another one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from redshare.core.ids import AccountId

Tags = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Held:
    """The policies of a user or role: inline (name, text), attached by ARN, and the boundary."""

    inline: tuple[tuple[str, str], ...] = ()
    attached: tuple[str, ...] = ()
    boundary: str = ""


@dataclass(frozen=True, slots=True)
class IamUser:
    """A user."""

    user_id: str
    account: AccountId
    name: str
    created: datetime
    path: str = "/"
    held: Held = Held()
    tags: Tags = ()
    version: int = 0

    @property
    def arn(self) -> str:
        """`arn:aws:iam::ACCOUNT:user/PATH/NAME`."""
        return f"arn:aws:iam::{self.account}:user{self.path}{self.name}"


@dataclass(frozen=True, slots=True)
class IamRole:
    """A role. `trust` is the text of its policy, in which users and roles stand as their ids."""

    role_id: str
    account: AccountId
    name: str
    created: datetime
    trust: str
    path: str = "/"
    description: str = ""
    #: Seconds.
    max_session: int = 3600
    held: Held = Held()
    tags: Tags = ()
    version: int = 0

    @property
    def arn(self) -> str:
        """`arn:aws:iam::ACCOUNT:role/PATH/NAME`."""
        return f"arn:aws:iam::{self.account}:role{self.path}{self.name}"

    def session_arn(self, session: str) -> str:
        """A session's ARN, in which the path is not."""
        return f"arn:aws:sts::{self.account}:assumed-role/{self.name}/{session}"


@dataclass(frozen=True, slots=True)
class PolicyVersion:
    """One text of a managed policy; `v1` is number 1."""

    number: int
    text: str
    created: datetime


@dataclass(frozen=True, slots=True)
class ManagedPolicy:
    """A policy of its own. `next_number` is never given twice."""

    policy_id: str
    account: AccountId
    name: str
    created: datetime
    updated: datetime
    versions: tuple[PolicyVersion, ...]
    default: int = 1
    next_number: int = 2
    path: str = "/"
    description: str = ""
    tags: Tags = ()
    version: int = 0

    @property
    def arn(self) -> str:
        """`arn:aws:iam::ACCOUNT:policy/PATH/NAME`."""
        return f"arn:aws:iam::{self.account}:policy{self.path}{self.name}"

    @property
    def text(self) -> str:
        """What is in force."""
        return next(v.text for v in self.versions if v.number == self.default)
