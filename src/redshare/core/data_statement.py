"""Statements and sessions of the Data API, as what is told of them and outlives a restart.

https://docs.aws.amazon.com/redshift-data/latest/APIReference/API_DescribeStatement.html
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from redshare.core.ids import AccountId, Region, WarehouseId

#: What nobody knows yet, or what does not apply: the Data API's "-1 indicates the value is null".
NULL: Final = -1


class StatementStatus(StrEnum):
    """The Data API's words."""

    SUBMITTED = "SUBMITTED"
    PICKED = "PICKED"
    STARTED = "STARTED"
    FINISHED = "FINISHED"
    FAILED = "FAILED"
    ABORTED = "ABORTED"


DONE: Final = frozenset({StatementStatus.FINISHED, StatementStatus.FAILED, StatementStatus.ABORTED})


class ExecutionMode(StrEnum):
    """Whether the statements of a batch are one transaction, or each its own."""

    TRANSACTION = "TRANSACTION"
    AUTO_COMMIT = "AUTO_COMMIT"


class ResultFormat(StrEnum):
    """Which of the two GetStatementResult operations reads the results."""

    JSON = "JSON"
    CSV = "CSV"


class SessionStatus(StrEnum):
    """Of a session that statements share."""

    AVAILABLE = "AVAILABLE"
    BUSY = "BUSY"
    CLOSED = "CLOSED"


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose a statement or a session is, and in which Region; IAM sessions of one role are one."""

    account: AccountId
    principal: str
    region: Region

    @property
    def role(self) -> str:
        """The principal without the name of its IAM session."""
        head, assumed, rest = self.principal.partition(":assumed-role/")
        return self.principal if not assumed else f"{head}{assumed}{rest.partition('/')[0]}"

    def may_see(self, other: Owner, *, role_level: bool = True) -> bool:
        """Whether what is `other`'s is shown: all of the role's, or of this IAM session alone."""
        if (self.account, self.region) != (other.account, other.region):
            return False
        if role_level:
            return self.role == other.role
        return self.principal == other.principal


@dataclass(frozen=True, slots=True)
class Target:
    """Where and as whom statements run; `cluster` or `workgroup` as the caller named it."""

    warehouse: WarehouseId
    arn: str
    database: str
    user: str
    cluster: str | None = None
    workgroup: str | None = None


@dataclass(frozen=True, slots=True)
class SubStatement:
    """One SQL text, as it is shown; a batch has several.

    `rows` are those of the result or those written, `size` is the result's in bytes.
    """

    sql: str
    created: datetime
    updated: datetime
    status: StatementStatus = StatementStatus.SUBMITTED
    error: str = ""
    has_result: bool = False
    rows: int = NULL
    size: int = NULL
    query_id: int = 0
    duration: timedelta | None = None


@dataclass(frozen=True, slots=True)
class DataStatement:
    """One call of ExecuteStatement or BatchExecuteStatement.

    `mode` is None where it is no batch. `token` is the client's and `request` the digest of what
    it was sent with.
    """

    statement_id: str
    owner: Owner
    target: Target
    parts: tuple[SubStatement, ...]
    created: datetime
    updated: datetime
    name: str = ""
    mode: ExecutionMode | None = None
    result_format: ResultFormat = ResultFormat.JSON
    parameters: tuple[tuple[str, str], ...] = ()
    status: StatementStatus = StatementStatus.SUBMITTED
    error: str = ""
    pid: int = 0
    session_id: str | None = None
    with_event: bool = False
    token: str | None = None
    request: str = ""

    @property
    def batch(self) -> bool:
        """Whether it has sub-statements."""
        return self.mode is not None

    @property
    def done(self) -> bool:
        """Whether it ended."""
        return self.status in DONE

    @property
    def has_result(self) -> bool:
        """Whether any of its parts has a result set."""
        return any(part.has_result for part in self.parts)

    @property
    def duration(self) -> timedelta | None:
        """How long its parts ran together; None before it ended."""
        known = [part.duration for part in self.parts if part.duration is not None]
        return sum(known, timedelta()) if self.done else None

    def part_id(self, number: int) -> str:
        """The id of its part, counted from 1."""
        return f"{self.statement_id}:{number}"


@dataclass(frozen=True, slots=True)
class DataSession:
    """A session that lives between statements, `keep_alive` seconds after each.

    `expires` says until when if nothing more is run; None while a statement runs.
    """

    session_id: str
    owner: Owner
    target: Target
    created: datetime
    updated: datetime
    keep_alive: int
    status: SessionStatus = SessionStatus.BUSY
    expires: datetime | None = None
    statement: str | None = None
