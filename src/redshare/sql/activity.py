"""What sessions and statements there are and were, as the system views want to know it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from redshare.core.ids import NamespaceId, UserId
from redshare.core.policy import AppliedPolicy


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """One client's session; `ended` is None while it is open."""

    session_id: int
    user: UserId
    user_name: str
    database: str
    started: datetime
    ended: datetime | None = None
    application: str = ""
    remote: str = ""
    tls: bool = False


@dataclass(frozen=True, slots=True)
class QueryRecord:
    """One statement; `ended` is None while it runs, `error` is empty where it did not fail."""

    query_id: int
    session_id: int
    transaction_id: int
    user: UserId
    user_name: str
    database: str
    text: str
    kind: str
    started: datetime
    ended: datetime | None = None
    rows: int = 0
    error: str = ""
    sqlstate: str = ""
    label: str = "default"
    applied: tuple[AppliedPolicy, ...] = ()

    @property
    def status(self) -> str:
        """SYS_QUERY_HISTORY.status."""
        if self.ended is None:
            return "running"
        if self.sqlstate == "57014":
            return "canceled"
        return "failed" if self.error else "success"


class Activity(Protocol):
    """Of one node; a namespace sees its own alone."""

    def queries(self, namespace: NamespaceId) -> Sequence[QueryRecord]:
        """The newest statements, running ones among them, oldest first."""

    def sessions(self, namespace: NamespaceId) -> Sequence[SessionRecord]:
        """Open and newest ended sessions, oldest first."""
