"""What a caller of ExecuteStatement or BatchExecuteStatement wants to run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from redshare.app.data.named_parameters import Numbered
from redshare.app.sessions.history import redacted
from redshare.core.data_statement import (
    DataStatement,
    ExecutionMode,
    Owner,
    ResultFormat,
    SubStatement,
    Target,
)


@dataclass(frozen=True, slots=True)
class Submission:
    """Texts with numbered parameters, and as the caller wrote them.

    A target or a session says where. `keep_alive` makes a session, or changes its time, in
    seconds; `request` is the digest of all that the caller sent.
    """

    owner: Owner
    texts: Sequence[Numbered]
    shown: Sequence[str]
    target: Target | None = None
    session_id: str | None = None
    keep_alive: int | None = None
    mode: ExecutionMode | None = None
    result_format: ResultFormat = ResultFormat.JSON
    name: str = ""
    parameters: tuple[tuple[str, str], ...] = ()
    with_event: bool = False
    token: str | None = None
    request: str = ""

    def statement(self, statement_id: str, target: Target, now: datetime) -> DataStatement:
        """The statement it becomes; what secrets stand in its texts is not kept."""
        return DataStatement(
            statement_id=statement_id,
            owner=self.owner,
            target=target,
            parts=tuple(SubStatement(redacted(sql, len(sql)), now, now) for sql in self.shown),
            created=now,
            updated=now,
            name=self.name,
            mode=self.mode,
            result_format=self.result_format,
            parameters=self.parameters,
            session_id=self.session_id,
            with_event=self.with_event,
            token=self.token,
            request=self.request,
        )
