"""How an UNLOAD went, for the views that show it."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import Self

from redshare.app.session import SqlSession
from redshare.app.unloading.files import Written
from redshare.core.errors import QueryCanceled, SqlError
from redshare.core.loads import Transfer
from redshare.sql.commands.unload import Unload


class Report:
    """Told of one UNLOAD; it is in the log from the start to after its end, however it ends."""

    def __init__(self, session: SqlSession, command: Unload) -> None:
        self._session = session
        self._log = session.work.loads
        self._written: Sequence[Written] = ()
        assert session.running is not None, "a statement reports"
        self.query = session.running.query_id
        now = session.work.clock.now()
        self._transfer = Transfer(
            query=self.query,
            kind=command.tag,
            user=session.state.user,
            session=session.session_id,
            transaction=session.running.transaction_id,
            database=session.context().current.name,
            table="",
            place=command.target,
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
        size = sum(file.size for file in self._written)
        self._log.ended(
            self._session.namespace,
            self.query,
            status=status,
            message=error.message if isinstance(error, SqlError) else "",
            updated=self._session.work.clock.now(),
            rows=sum(file.rows for file in self._written),
            files=len(self._written),
            files_done=len(self._written),
            bytes=size,
            bytes_done=size,
            parts=tuple((str(file.url), file.rows, file.size) for file in self._written),
        )

    def unloaded(self, written: Sequence[Written]) -> None:
        """These files are there."""
        self._written = written
