"""SQL without a connection: statements of the Data API, run in the background, asked for later.

What was acknowledged is on disk and kept for a day. A statement that a stop of the node
interrupts is FAILED and says so: whether it had committed, only its tables tell.
https://docs.aws.amazon.com/redshift-data/latest/APIReference/API_ExecuteStatement.html
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

import structlog

from redshare.app.data.kept_statements import Entry, KeptStatements, result_name
from redshare.app.data.named_parameters import Numbered
from redshare.app.data.sessions import DataSessions
from redshare.app.data.statement_run import StatementRun, shown
from redshare.app.data.submission import Submission
from redshare.app.data.threads import StatementThreads
from redshare.app.sessions.connections import Connection, Connections
from redshare.app.work import Work
from redshare.core.aws_errors import InvalidParameterValue
from redshare.core.data_errors import ActiveStatementsExceeded, ResultNotFound
from redshare.core.data_statement import (
    DataStatement,
    Owner,
    StatementStatus,
    Target,
)
from redshare.core.errors import RedshareError, StoreUnavailable
from redshare.core.sql_errors import QueryCanceled, SqlError
from redshare.ports import DataLog, Results

log = structlog.get_logger(__name__)

LONGEST: Final = timedelta(hours=24)
#: Statements of one warehouse that have not ended.
MAX_ACTIVE: Final = 500
#: Seconds between two looks at what is over.
INTERVAL: Final = 1.0

INTERRUPTED: Final = (
    "ERROR: The service was stopped before the statement ended. "
    "Look at its tables before you run it again."
)
TOO_LONG: Final = "ERROR: The statement exceeded the maximum duration of 24 hours."
SESSION_OVER: Final = "ERROR: The session ended before the statement did."
_BY_USER: Final = QueryCanceled().message
_INTERNAL: Final = "ERROR: internal error"


class Statements:
    """All of this node. Any thread may call it."""

    def __init__(
        self, work: Work, connections: Connections, data_log: DataLog, results: Results
    ) -> None:
        self._work = work
        self._connections = connections
        self._results = results
        self.sessions = DataSessions(work, connections, data_log)
        self._kept = KeptStatements(work, data_log, results)
        self._threads = StatementThreads()
        self._submitting = threading.Lock()
        self._closing = threading.Event()
        self._tidying = threading.Thread(target=self._tidy, name="data-api-tidy", daemon=True)

    def start(self) -> None:
        """Take up what a node before left. Raises StoreUnavailable."""
        self.sessions.recover()
        self._kept.recover(INTERRUPTED)
        self._tidying.start()

    def close(self) -> None:
        """End what runs; what it was is told after the next start."""
        self._closing.set()
        self.stop_waiting()
        for entry in self._kept.active():
            self._stop(entry, INTERRUPTED)
        self._threads.close()
        self._tidying.join()
        self.sessions.close()

    def forget_all(self) -> None:
        """End and forget statements and sessions. Raises StoreUnavailable."""
        with self._submitting:
            for entry in self._kept.active():
                self._stop(entry, INTERRUPTED)
            self._kept.wait_for_all()
            self.sessions.forget_all()
            self._kept.forget_all()

    def stop_waiting(self) -> None:
        """Answer all who wait: the node stops."""
        self._kept.stop_waiting()

    # --- what callers ask -----------------------------------------------------------------

    def owner_of(self, statement_id: str) -> Owner | None:
        """Whose a statement is, whoever asks."""
        return self._kept.owner_of(statement_id)

    def find(self, owner: Owner, statement_id: str) -> DataStatement:
        """A statement that the caller may see, by its id or a part's. Raises StatementNotFound."""
        return self._kept.entry(owner, statement_id).value

    def wait(self, owner: Owner, statement_id: str, seconds: int | None) -> DataStatement:
        """The statement when it ended, or as it is after some seconds.

        Raises StatementNotFound, ActiveWaitingRequestsExceeded.
        """
        entry = self._kept.entry(owner, statement_id)
        if seconds is not None and not entry.value.done:
            self._kept.wait(entry, seconds)
        return entry.value

    def all(self, owner: Owner, *, role_level: bool = True) -> Sequence[DataStatement]:
        """Those that the caller may see."""
        return self._kept.seen_by(owner, role_level=role_level)

    def cancel(self, owner: Owner, statement_id: str) -> None:
        """End a statement that has not ended. Raises StatementNotFound, InvalidParameterValue."""
        entry = self._kept.entry(owner, statement_id)
        if not self._stop(entry, _BY_USER):
            raise InvalidParameterValue(
                f"Could not cancel a query that is already in {entry.value.status} state "
                f"with ID: {statement_id}"
            )

    def schema(self, statement: DataStatement, number: int) -> Any:  # noqa: ANN401
        """What the pages of a part's result are of; parts count from 1. Raises ResultNotFound."""
        wanted = statement.done and statement.parts[number - 1].has_result
        found = self._results.schema(result_name(statement, number)) if wanted else None
        if found is None:
            raise ResultNotFound(statement.statement_id)
        return found

    def page(self, statement: DataStatement, number: int, page: int) -> Any:  # noqa: ANN401
        """A page of a part's result, counted from 0; None behind the last."""
        return self._results.page(result_name(statement, number), page)

    # --- submitting -----------------------------------------------------------------------

    def submit(self, wanted: Submission) -> DataStatement:
        """Start running; again with the same client token: the same statement.

        Raises InvalidParameterValue, ActiveStatementsExceeded, ActiveSessionsExceeded,
        StoreUnavailable.
        """
        with self._submitting:
            known = wanted.token and self._kept.of_token(wanted.owner, wanted.token)
            if known:
                if known.request != wanted.request:
                    raise InvalidParameterValue(
                        "The client token was used with other parameters before."
                    )
                return known
            made = self._admitted(wanted)
            try:
                entry = self._kept.add(made)
            except StoreUnavailable:
                self._release(made)
                raise
        self._threads.run(
            made.target.warehouse,
            lambda: self._run(entry, wanted.texts),
            continues=wanted.session_id is not None,
        )
        return made

    def _admitted(self, wanted: Submission) -> DataStatement:
        """A statement that may run, with its session claimed or made if it has one."""
        statement_id, now = self._work.ids.guid(), self._work.clock.now()
        made = wanted.statement(statement_id, self._place(wanted, statement_id), now)
        if len(self._kept.active(made.target.warehouse)) >= MAX_ACTIVE:
            self._release(made)
            raise ActiveStatementsExceeded(MAX_ACTIVE)
        if wanted.session_id is None and wanted.keep_alive:
            session = self.sessions.reserve(
                wanted.owner, made.target, wanted.keep_alive, statement_id
            )
            return replace(made, session_id=session.session_id)
        return made

    def _place(self, wanted: Submission, statement_id: str) -> Target:
        if wanted.session_id is None:
            assert wanted.target is not None, "a statement has a session or a target"
            return wanted.target
        session = self.sessions.claim(
            wanted.owner, wanted.session_id, wanted.keep_alive, statement_id
        )
        return session.target

    def _release(self, statement: DataStatement) -> None:
        if statement.session_id is not None:
            self.sessions.release(statement.session_id, statement.statement_id)

    # --- running --------------------------------------------------------------------------

    def _run(self, entry: Entry, texts: Sequence[Numbered]) -> None:
        if not self._picked(entry):
            return
        status, error = StatementStatus.FAILED, _INTERNAL
        try:
            error = self._run_on_session(entry, texts)
            status = StatementStatus.FAILED if error else StatementStatus.FINISHED
        except QueryCanceled as canceled:
            status, error = _stopped(entry.stopped or canceled.message)
        except RedshareError as failure:
            error = shown(failure)
        finally:
            self._ended(entry, status, error)

    def _picked(self, entry: Entry) -> bool:
        """Whether it is to run; who stopped it before has ended it."""
        with self._kept.lock:
            if entry.stopped:
                return False
            self._kept.update(entry, status=StatementStatus.PICKED)
            return True

    def _run_on_session(self, entry: Entry, texts: Sequence[Numbered]) -> str:
        connection = self._connected(entry.value)
        with self._kept.lock:
            entry.connection = connection
        self._kept.update(entry, status=StatementStatus.STARTED, pid=connection.process_id)
        run = StatementRun(
            connection.session,
            entry.value,
            self._results,
            self._work.clock,
            changed=lambda number, part: self._kept.update_part(entry, number, part),
            cancelled=lambda: bool(entry.stopped),
        )
        return run.run(texts)

    def _connected(self, statement: DataStatement) -> Connection:
        """The session's connection, or a new one. Raises SqlError."""
        session_id, target = statement.session_id, statement.target
        known = None if session_id is None else self.sessions.connection(session_id)
        if known is not None:
            return known
        user = self._connections.user(target.warehouse, target.user)
        if user is None:
            raise SqlError(f'user "{target.user}" does not exist', "28000")
        opened = self._connections.open(target.warehouse, target.database, user)
        if session_id is not None:
            self.sessions.opened(session_id, opened)
        return opened

    def _ended(self, entry: Entry, status: StatementStatus, error: str) -> None:
        """Its session is free for the next statement before the end is told."""
        with self._kept.lock:
            connection, entry.connection = entry.connection, None
        try:
            self._release(entry.value)
        finally:
            self._kept.end(entry, status, error)
        if connection is not None and entry.value.session_id is None:
            self._connections.close(connection)

    def _stop(self, entry: Entry, why: str) -> bool:
        """End it for a reason; False where it had ended."""
        with self._kept.lock:
            if entry.value.done:
                return False
            queued = entry.value.status is StatementStatus.SUBMITTED and not entry.stopped
            entry.stopped = entry.stopped or why
            if entry.connection is not None:
                # Under the lock: behind it the connection may be another statement's.
                entry.connection.session.cancel()
        if queued:
            self._ended(entry, *_stopped(why))
        return True

    def _tidy(self) -> None:
        while not self._closing.wait(INTERVAL):
            try:
                self._tidy_once()
            except StoreUnavailable as error:
                log.warning("statements are not tidied", error=error.message)

    def _tidy_once(self) -> None:
        over = set(self.sessions.end_expired())
        oldest = self._work.clock.now() - LONGEST
        for entry in self._kept.active():
            statement = entry.value
            if entry.stopped:
                self._stop(entry, "")  # again: the first may have come between two steps
            elif statement.statement_id in over:
                self._stop(entry, SESSION_OVER)
            elif statement.created < oldest:
                self._stop(entry, TOO_LONG)
        self._kept.tidy()
        catalog = self._work.catalog()
        for warehouse in self._threads.warehouses():
            if catalog.warehouse(warehouse) is None and not self._kept.active(warehouse):
                self._threads.forget(warehouse)


def _stopped(why: str) -> tuple[StatementStatus, str]:
    """How it ends: the user's wish is ABORTED, the service's FAILED."""
    by_user = why == _BY_USER
    return (StatementStatus.ABORTED if by_user else StatementStatus.FAILED), why
