"""The Data API's statements as they are now: in memory while the node lives, on disk when they
were acknowledged and when they ended.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

import structlog

from redshare.app.events import STATUS_CHANGE
from redshare.app.sessions.connections import Connection
from redshare.app.work import Work
from redshare.core.data_errors import ActiveWaitingRequestsExceeded, StatementNotFound
from redshare.core.data_statement import (
    DONE,
    DataStatement,
    Owner,
    StatementStatus,
    SubStatement,
)
from redshare.core.errors import StoreUnavailable
from redshare.core.ids import WarehouseId
from redshare.ports import AuditRecord, DataLog, Results

log = structlog.get_logger(__name__)

#: How long what was acknowledged is kept, and a client token is known.
RETENTION: Final = timedelta(hours=24)
TOKEN_LIFE: Final = timedelta(hours=8)
#: Ended statements beyond these are forgotten before their day is over, the oldest first.
MAX_KEPT: Final = 100_000
#: Requests that wait for one statement, and for all: each takes a thread of the listener.
MAX_WAITING: Final = 10
MAX_WAITING_ALL: Final = 16


@dataclass(slots=True)
class Entry:
    """A statement as it is now, and its connection while it runs."""

    value: DataStatement
    connection: Connection | None = None
    #: Why it is to end; empty while nobody wants that.
    stopped: str = ""
    waiting: int = 0


class KeptStatements:
    """All of this node. Any thread may call it; `lock` guards the entries' own fields."""

    def __init__(self, work: Work, data_log: DataLog, results: Results) -> None:
        self._work = work
        self._log = data_log
        self._results = results
        self.lock = threading.Condition()
        self._all: dict[str, Entry] = {}
        #: Those that have not ended, and those whose end is not on disk.
        self._active: dict[str, Entry] = {}
        self._unsaved: dict[str, Entry] = {}
        self._tokens: dict[tuple[Owner, str], str] = {}
        self._closing = False

    def recover(self, interrupted: str) -> None:
        """Take up what a node before left. Raises StoreUnavailable."""
        for statement in sorted(self._log.statements(), key=lambda found: found.created):
            entry = self._added(statement)
            if not statement.done:
                self.end(entry, StatementStatus.FAILED, interrupted)
        known = {name for entry in self._all.values() for name in result_names(entry.value)}
        for name in self._results.names():
            if name not in known:
                self._results.remove(name)

    def add(self, statement: DataStatement) -> Entry:
        """A new one, on disk when it returns. Raises StoreUnavailable."""
        self._log.save(statement)
        with self.lock:
            return self._added(statement)

    def entry(self, owner: Owner, statement_id: str) -> Entry:
        """One that the caller may see, by its id or a part's. Raises StatementNotFound."""
        whole, colon, number = statement_id.partition(":")
        with self.lock:
            found = self._all.get(whole)
        if found is None or not owner.may_see(found.value.owner) or self._is_over(found.value):
            raise StatementNotFound(statement_id)
        if colon and not (found.value.batch and _is_number(number, len(found.value.parts))):
            raise StatementNotFound(statement_id)
        return found

    def owner_of(self, statement_id: str) -> Owner | None:
        """Whose a statement is, by its id or a part's, whoever asks."""
        with self.lock:
            found = self._all.get(statement_id.partition(":")[0])
        return None if found is None else found.value.owner

    def of_token(self, owner: Owner, token: str) -> DataStatement | None:
        """What was submitted with a client token."""
        with self.lock:
            found = self._all.get(self._tokens.get((owner, token), ""))
        oldest = self._work.clock.now() - TOKEN_LIFE
        return None if found is None or found.value.created < oldest else found.value

    def seen_by(self, owner: Owner, *, role_level: bool) -> Sequence[DataStatement]:
        """Those that the caller may see."""
        with self.lock:
            return [
                entry.value
                for entry in self._all.values()
                if owner.may_see(entry.value.owner, role_level=role_level)
                and not self._is_over(entry.value)
            ]

    def active(self, warehouse: WarehouseId | None = None) -> Sequence[Entry]:
        """Those that have not ended, of one warehouse or of all."""
        with self.lock:
            return [
                entry
                for entry in self._active.values()
                if warehouse in {None, entry.value.target.warehouse}
            ]

    # --- how they go ----------------------------------------------------------------------

    def update(self, entry: Entry, **changes: Any) -> None:  # noqa: ANN401 - its fields
        """The statement has changed."""
        with self.lock:
            entry.value = replace(entry.value, **{"updated": self._work.clock.now(), **changes})

    def update_part(self, entry: Entry, number: int, part: SubStatement) -> None:
        """A part has changed."""
        parts = list(entry.value.parts)
        parts[number - 1] = part
        self.update(entry, parts=tuple(parts))

    def end(self, entry: Entry, status: StatementStatus, error: str) -> None:
        """The statement ended; on disk before anybody is told, if the disk is there."""
        parts = tuple(
            part if part.status in DONE else replace(part, status=StatementStatus.ABORTED)
            for part in entry.value.parts
        )
        now = self._work.clock.now()
        ended = replace(entry.value, status=status, error=error, updated=now, parts=parts)
        saved = self._is_saved(ended)
        with self.lock:
            entry.value = ended
            del self._active[ended.statement_id]
            if not saved:
                self._unsaved[ended.statement_id] = entry
            self.lock.notify_all()

    def wait(self, entry: Entry, seconds: int) -> None:
        """Until it ended, or some seconds. Raises ActiveWaitingRequestsExceeded."""
        with self.lock:
            if entry.waiting >= MAX_WAITING:
                raise ActiveWaitingRequestsExceeded(MAX_WAITING)
            if sum(other.waiting for other in self._active.values()) >= MAX_WAITING_ALL:
                return
            entry.waiting += 1
            try:
                self.lock.wait_for(lambda: entry.value.done or self._closing, seconds)
            finally:
                entry.waiting -= 1

    def wait_for_all(self) -> None:
        """Until none runs."""
        with self.lock:
            self.lock.wait_for(lambda: not self._active)

    def stop_waiting(self) -> None:
        """Answer all who wait: the node stops."""
        with self.lock:
            self._closing = True
            self.lock.notify_all()

    def tidy(self) -> None:
        """Save what could not be saved, forget what is old. Raises StoreUnavailable."""
        for statement_id, entry in list(self._unsaved.items()):
            if self._is_saved(entry.value):
                del self._unsaved[statement_id]
        self._forget(self._old())

    def forget_all(self) -> None:
        """Forget those that ended. Raises StoreUnavailable."""
        with self.lock:
            ended = [entry.value for entry in self._all.values() if entry.value.done]
        self._forget(ended)

    def _forget(self, old: Sequence[DataStatement]) -> None:
        if not old:
            return
        self._log.remove([statement.statement_id for statement in old])
        for statement in old:
            for name in result_names(statement):
                self._results.remove(name)
        with self.lock:
            for statement in old:
                self._all.pop(statement.statement_id, None)
            self._tokens = {key: kept for key, kept in self._tokens.items() if kept in self._all}

    def _old(self) -> Sequence[DataStatement]:
        with self.lock:
            surplus = len(self._all) - MAX_KEPT
            return [
                entry.value
                for position, entry in enumerate(self._all.values())
                if entry.value.done and (position < surplus or self._is_over(entry.value))
            ]

    def _is_over(self, statement: DataStatement) -> bool:
        """Whether its day is over."""
        return statement.done and statement.updated <= self._work.clock.now() - RETENTION

    def _added(self, statement: DataStatement) -> Entry:
        entry = self._all[statement.statement_id] = Entry(statement)
        if not statement.done:
            self._active[statement.statement_id] = entry
        if statement.token is not None:
            self._tokens[statement.owner, statement.token] = statement.statement_id
        return entry

    def _is_saved(self, statement: DataStatement) -> bool:
        try:
            self._log.save(statement)
            if statement.with_event:
                self._work.store.record([_told(statement)])
        except StoreUnavailable:
            log.warning("a statement's end is not saved yet", statement=statement.statement_id)
            return False
        return True


def result_name(statement: DataStatement, number: int) -> str:
    """The name that the result of a part, counted from 1, is kept under."""
    return f"{statement.owner.account}.{statement.statement_id}.{number}"


def result_names(statement: DataStatement) -> Sequence[str]:
    """Those of all its parts."""
    return [result_name(statement, number) for number in range(1, len(statement.parts) + 1)]


def _is_number(text: str, most: int) -> bool:
    return text.isascii() and text.isdecimal() and 1 <= int(text) <= most


def _told(statement: DataStatement) -> AuditRecord:
    """The row that the event of WithEvent is made of."""
    last = statement.parts[-1]
    return AuditRecord(
        at=statement.updated,
        account=statement.owner.account,
        principal=statement.owner.principal,
        action=STATUS_CHANGE,
        resource=statement.target.arn,
        request_id=statement.statement_id,
        parameters={
            "principal": statement.owner.principal,
            "statementName": statement.name,
            "statementId": statement.statement_id,
            "redshiftQueryId": last.query_id,
            "state": statement.status.value,
            "rows": last.rows,
            "expireAt": int((statement.updated + RETENTION).timestamp()),
        },
        region=statement.owner.region,
    )
