"""SQL without a connection: statements of the Data API, run in the background, asked for later.

What is asked for later is kept in this node's memory for a day: ids do not outlive a restart.
https://docs.aws.amazon.com/redshift-data/latest/APIReference/API_ExecuteStatement.html
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

import pyarrow as pa

from redshare.app.answer import Answer
from redshare.app.connections import Connection, Connections
from redshare.app.session import SqlSession
from redshare.app.work import Work
from redshare.core.errors import (
    InvalidParameterValue,
    QueryCanceled,
    RedshareError,
    ResourceNotFound,
    SqlError,
)
from redshare.core.ids import AccountId, WarehouseId
from redshare.sql.result import ResultColumn

RETENTION: Final = timedelta(hours=24)
#: What the Data API gives back at most.
MAX_RESULT_BYTES: Final = 500 * 1024 * 1024
MAX_ACTIVE: Final = 500


class StatementStatus(StrEnum):
    """The Data API's words."""

    SUBMITTED = "SUBMITTED"
    PICKED = "PICKED"
    STARTED = "STARTED"
    FINISHED = "FINISHED"
    FAILED = "FAILED"
    ABORTED = "ABORTED"


DONE: Final = {StatementStatus.FINISHED, StatementStatus.FAILED, StatementStatus.ABORTED}


@dataclass(frozen=True, slots=True)
class Target:
    """Where and as whom statements run."""

    warehouse: WarehouseId
    database: str
    user: str
    cluster: str | None = None
    workgroup: str | None = None


@dataclass(slots=True)
class SubStatement:
    """One SQL text; a batch has several."""

    statement_id: str
    sql: str
    parameters: tuple[str, ...]
    created: datetime
    updated: datetime
    status: StatementStatus = StatementStatus.SUBMITTED
    error: str = ""
    table: Any = None
    columns: tuple[ResultColumn, ...] = ()
    affected: int | None = None
    duration: timedelta = timedelta()

    @property
    def rows(self) -> int:
        """Rows of the result, or rows written; -1 where neither applies."""
        if self.table is not None:
            count: int = self.table.num_rows
            return count
        return -1 if self.affected is None else self.affected


@dataclass(slots=True)
class DataStatement:
    """One call of ExecuteStatement or BatchExecuteStatement."""

    statement_id: str
    account: AccountId
    target: Target
    name: str
    batch: bool
    parts: list[SubStatement]
    created: datetime
    updated: datetime
    status: StatementStatus = StatementStatus.SUBMITTED
    error: str = ""
    pid: int = 0
    cancelled: bool = False
    connection: Connection | None = None
    named: tuple[tuple[str, str], ...] = field(default_factory=tuple)


class Statements:
    """All of this node, by id and account."""

    def __init__(self, work: Work, connections: Connections, threads: int = 16) -> None:
        self._work = work
        self._connections = connections
        self._pool = ThreadPoolExecutor(threads, "data-api")
        self._lock = threading.Lock()
        self._kept: dict[str, DataStatement] = {}
        self._tokens: dict[tuple[AccountId, str], str] = {}

    def submit(
        self,
        account: AccountId,
        target: Target,
        texts: Iterable[tuple[str, tuple[str, ...]]],
        *,
        name: str = "",
        batch: bool = False,
        token: str | None = None,
        named: tuple[tuple[str, str], ...] = (),
    ) -> DataStatement:
        """Start running; again with the same client token: the same statement."""
        with self._lock:
            self._forget_old()
            known = self._tokens.get((account, token)) if token else None
            if known in self._kept:
                return self._kept[known]
            if sum(s.status not in DONE for s in self._kept.values()) >= MAX_ACTIVE:
                raise SqlError("Active statements exceeded the allowed quota (500)", "53300")
            made = self._new(account, target, texts, name=name, batch=batch)
            made.named = named
            self._kept[made.statement_id] = made
            if token:
                self._tokens[account, token] = made.statement_id
        self._pool.submit(self._run, made)
        return made

    def find(self, account: AccountId, statement_id: str) -> DataStatement:
        """A statement of the account. Raises ResourceNotFound."""
        found = self._kept.get(statement_id.partition(":")[0])
        if found is None or found.account != account:
            raise ResourceNotFound("Query", statement_id)
        return found

    def part(self, account: AccountId, statement_id: str) -> SubStatement:
        """A part of a batch by `id:N`, or the only one. Raises ResourceNotFound."""
        found = self.find(account, statement_id)
        _, colon, number = statement_id.partition(":")
        if not colon:
            if found.batch:
                raise InvalidParameterValue(
                    f"The statement {statement_id} is a batch: ask for a sub-statement, "
                    f"{statement_id}:1."
                )
            return found.parts[0]
        if not number.isdecimal() or not 1 <= int(number) <= len(found.parts):
            raise ResourceNotFound("Query", statement_id)
        return found.parts[int(number) - 1]

    def all(self, account: AccountId) -> list[DataStatement]:
        """The account's statements."""
        with self._lock:
            return [s for s in self._kept.values() if s.account == account]

    def cancel(self, account: AccountId, statement_id: str) -> bool:
        """End a statement that still runs; False where it had ended."""
        found = self.find(account, statement_id)
        with self._lock:
            if found.status in DONE:
                return False
            found.cancelled = True
            connection = found.connection
        if connection is not None:
            connection.session.cancel()
        return True

    def close(self) -> None:
        """End what runs."""
        for statement in list(self._kept.values()):
            if statement.status not in DONE:
                self.cancel(statement.account, statement.statement_id)
        self._pool.shutdown()

    # --- how ------------------------------------------------------------------------------

    def _new(
        self,
        account: AccountId,
        target: Target,
        texts: Iterable[tuple[str, tuple[str, ...]]],
        *,
        name: str,
        batch: bool,
    ) -> DataStatement:
        now, statement_id = self._work.clock.now(), self._work.ids.guid()
        parts = [
            SubStatement(f"{statement_id}:{number}", sql, parameters, now, now)
            for number, (sql, parameters) in enumerate(texts, 1)
        ]
        return DataStatement(statement_id, account, target, name, batch, parts, now, now)

    def _forget_old(self) -> None:
        oldest = self._work.clock.now() - RETENTION
        for key, statement in list(self._kept.items()):
            if statement.created < oldest and statement.status in DONE:
                del self._kept[key]
        self._tokens = {t: k for t, k in self._tokens.items() if k in self._kept}

    def _run(self, statement: DataStatement) -> None:
        try:
            self._run_parts(statement)
            self._end(statement, StatementStatus.FINISHED, "")
        except QueryCanceled:
            self._end(statement, StatementStatus.ABORTED, "Query cancelled on user's request")
        except RedshareError as error:
            self._end(statement, StatementStatus.FAILED, f"ERROR: {error.message}")
        except BaseException:
            self._end(statement, StatementStatus.FAILED, "ERROR: internal error")
            raise
        finally:
            connection, statement.connection = statement.connection, None
            if connection is not None:
                self._connections.close(connection)

    def _run_parts(self, statement: DataStatement) -> None:
        statement.status = StatementStatus.PICKED
        user = self._connections.user(statement.target.warehouse, statement.target.user)
        if user is None:
            raise SqlError(f'user "{statement.target.user}" does not exist', "28000")
        opened = self._connections.open(statement.target.warehouse, statement.target.database, user)
        with self._lock:
            statement.connection, statement.pid = opened, opened.process_id
            if statement.cancelled:
                raise QueryCanceled
        session = opened.session
        statement.status = StatementStatus.STARTED
        session.block = statement.batch
        for part in statement.parts:
            self._run_part(session, part, last=part is statement.parts[-1])
        session.sync()

    def _run_part(self, session: SqlSession, part: SubStatement, *, last: bool) -> None:
        started = self._work.clock.now()
        part.status = StatementStatus.STARTED
        try:
            prepared = session.parse(part.sql)
            answer = session.execute(prepared, part.parameters, last=last)
            part.table, part.affected = _table(answer), answer.affected
            part.columns = answer.columns or ()
            part.status = StatementStatus.FINISHED
        except RedshareError as error:
            part.status, part.error = StatementStatus.FAILED, f"ERROR: {error.message}"
            raise
        finally:
            part.updated = self._work.clock.now()
            part.duration = part.updated - started

    def _end(self, statement: DataStatement, status: StatementStatus, error: str) -> None:
        for part in statement.parts:
            if part.status not in DONE:
                part.status = StatementStatus.ABORTED
        statement.error = error
        statement.updated = self._work.clock.now()
        statement.status = status


def _table(answer: Answer) -> Any:  # noqa: ANN401 - a pyarrow.Table or None
    """The whole result in memory. Raises SqlError where it is larger than the API gives back."""
    if not answer.has_rows:
        return None
    batches, size = [], 0
    for batch in answer.batches:
        size += batch.nbytes
        if size > MAX_RESULT_BYTES:
            answer.close()
            raise SqlError("The result is larger than 500 MB.", "54000")
        batches.append(batch)
    return pa.Table.from_batches(batches, schema=answer.schema)
