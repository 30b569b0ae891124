"""How a COPY or an UNLOAD goes, for the views: told from its start to after its end."""

from __future__ import annotations

from abc import ABC, abstractmethod
from types import TracebackType
from typing import Any, Self

from redshare.app.sessions.session import SqlSession
from redshare.core.loads import Transfer
from redshare.core.sql_errors import QueryCanceled, SqlError
from redshare.sql.commands.copy import Copy
from redshare.sql.commands.unload import Unload


class TransferReport(ABC):
    """Told of one transfer; in the log while the context runs, and after it however it ends."""

    def __init__(
        self, session: SqlSession, command: Copy | Unload, *, database: str, table: str, place: str
    ) -> None:
        self._session = session
        self._log = session.work.loads
        assert session.running is not None, "a statement reports"
        self.query = session.running.query_id
        now = session.work.clock.now()
        self._transfer = Transfer(
            query=self.query,
            kind=command.tag,
            user=session.state.user,
            session=session.session_id,
            transaction=session.running.transaction_id,
            database=database,
            table=table,
            place=place,
            format=command.options.format,
            compression=command.options.compression or "",
            started=now,
            updated=now,
        )

    def __enter__(self) -> Self:
        self._log.started(self._session.namespace, self._transfer)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        status = "completed" if error is None else "failed"
        if isinstance(error, QueryCanceled):
            status = "canceled"
        self._log.ended(
            self._session.namespace,
            self.query,
            status=status,
            message=error.message if isinstance(error, SqlError) else "",
            updated=self._session.work.clock.now(),
            **self._outcome(),
        )

    @abstractmethod
    def _outcome(self) -> dict[str, Any]:
        """The fields of a Transfer that say what became of it."""
