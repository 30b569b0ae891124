"""One statement of the Data API on its session: part after part, each result kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from redshare.app.data.kept_statements import result_name
from redshare.app.data.named_parameters import Numbered
from redshare.app.data.results import Pages
from redshare.app.sessions.answer import Answer
from redshare.app.sessions.session import SqlSession
from redshare.core.data_statement import (
    DataStatement,
    ExecutionMode,
    StatementStatus,
    SubStatement,
)
from redshare.core.errors import RedshareError
from redshare.core.sql_errors import QueryCanceled, SqlError
from redshare.ports import Clock, Results


class StatementRun:
    """`changed` is told of each part as it goes; `cancelled` is asked between parts."""

    def __init__(
        self,
        session: SqlSession,
        statement: DataStatement,
        results: Results,
        clock: Clock,
        *,
        changed: Callable[[int, SubStatement], None],
        cancelled: Callable[[], bool],
    ) -> None:
        self._session = session
        self._statement = statement
        self._results = results
        self._clock = clock
        self._changed = changed
        self._cancelled = cancelled

    def run(self, texts: Sequence[Numbered]) -> str:
        """Run all; the error of a batch whose statements are transactions of their own.

        Raises RedshareError where what was run is undone.
        """
        alone = self._statement.mode is not ExecutionMode.TRANSACTION
        goes_on = self._statement.mode is ExecutionMode.AUTO_COMMIT
        first_error = ""
        self._session.block = not alone
        try:
            for number, (sql, values) in enumerate(texts, 1):
                last = alone or number == len(texts)
                try:
                    self._part(number, sql, values, last=last)
                except QueryCanceled:
                    raise
                except RedshareError as error:
                    if not goes_on:
                        raise
                    first_error = first_error or shown(error)
            self._session.sync()
        finally:
            self._session.block = False
        return first_error

    def _part(self, number: int, sql: str, values: Sequence[str], *, last: bool) -> None:
        began = self._clock.now()
        part = replace(
            self._statement.parts[number - 1], status=StatementStatus.STARTED, updated=began
        )
        self._changed(number, part)
        try:
            if self._cancelled():
                raise QueryCanceled
            part = self._executed(number, part, sql, values, last=last)
        except RedshareError as error:
            if not isinstance(error, SqlError):
                self._session.transactions.fail()
            stopped = isinstance(error, QueryCanceled)
            status = StatementStatus.ABORTED if stopped else StatementStatus.FAILED
            part = replace(part, status=status, error=shown(error))
            raise
        finally:
            now = self._clock.now()
            self._changed(number, replace(part, updated=now, duration=now - began))

    def _executed(
        self, number: int, part: SubStatement, sql: str, values: Sequence[str], *, last: bool
    ) -> SubStatement:
        session = self._session
        answer = session.execute(session.parse(sql), values, last=last)
        query = session.running
        part = replace(part, query_id=0 if query is None else query.query_id)
        if not answer.has_rows:
            part = replace(part, rows=answer.affected or 0, size=0)
        else:
            rows, size = self._kept(number, answer)
            part = replace(part, has_result=True, rows=rows, size=size)
            if last:
                session.sync()
        return replace(part, status=StatementStatus.FINISHED)

    def _kept(self, number: int, answer: Answer) -> tuple[int, int]:
        """Write the result; its rows and bytes."""
        pages = Pages(answer)
        try:
            self._results.write(result_name(self._statement, number), pages.schema, pages)
        except RedshareError:
            answer.close()
            self._session.transactions.fail()
            raise
        return pages.rows, pages.size


def shown(error: RedshareError) -> str:
    """An error as DescribeStatement shows it."""
    return f"ERROR: {error.message}"
