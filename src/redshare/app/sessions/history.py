"""The sessions and statements of this node, the newest of each namespace, in memory.

What STL_QUERY, SYS_QUERY_HISTORY, STV_SESSIONS and their kin show. It is a record for people and
tools, not for audit: it is bounded, and gone with the node.
"""

from __future__ import annotations

import itertools
import re
import threading
from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Protocol

from redshare.core.policy import AppliedPolicy
from redshare.core.sql_errors import SqlError
from redshare.sql.activity import QueryRecord, SessionRecord

if TYPE_CHECKING:
    from redshare.app.sessions.answer import Answer
    from redshare.app.sessions.prepared import Prepared
    from redshare.app.sessions.state import SessionState
    from redshare.core.ids import NamespaceId
    from redshare.ports import Clock

#: Statements and ended sessions kept of a namespace.
MOST_QUERIES: Final = 2_000
MOST_SESSIONS: Final = 500
#: Characters kept of a statement: STL_QUERYTEXT has no more either.
MOST_TEXT: Final = 65_535

_SECRET: Final = re.compile(
    r"(\b(?:password|iam_role|credentials|access_key_id|secret_access_key|session_token"
    r"|master_symmetric_key)\b(?:\s+as)?\s*)'(?:[^'\\]|\\.|'')*'",
    re.IGNORECASE | re.DOTALL,
)
_WORDS: Final = {
    "SELECT": "SELECT", "WITH": "SELECT", "VALUES": "SELECT", "(": "SELECT",
    "INSERT": "INSERT", "UPDATE": "UPDATE", "DELETE": "DELETE", "MERGE": "MERGE",
    "CREATE": "DDL", "ALTER": "DDL", "DROP": "DDL", "TRUNCATE": "DDL", "GRANT": "DDL",
    "REVOKE": "DDL", "COMMENT": "DDL", "COPY": "COPY", "UNLOAD": "UNLOAD",
}  # fmt: skip
_CTAS: Final = re.compile(
    r"create\s+(?:local\s+)?(?:temp\w*\s+)?table\b.*\bas\b\s*\(?\s*(?:select|with)\b",
    re.IGNORECASE | re.DOTALL,
)


def redacted(text: str, most: int = MOST_TEXT) -> str:
    """A statement's first characters without the secrets that stand in it."""
    kept = text[:most]
    return _SECRET.sub(r"\1'***'", kept) if "'" in kept else kept


def kind_of(prepared: Prepared) -> str:
    """SYS_QUERY_HISTORY.query_type."""
    if prepared.statement is None:
        return "OTHER"
    found = _WORDS.get(prepared.statement.tokens[0].text.upper(), "UTILITY")
    if found == "DDL" and _CTAS.match(prepared.statement.text):
        return "CTAS"
    return found


class _Numbered(Protocol):
    number: int


class Recorded(Protocol):
    """What is kept of a session, as far as the history looks at it."""

    session_id: int
    state: SessionState

    @property
    def namespace(self) -> NamespaceId:
        """The namespace it works on."""

    @property
    def transaction(self) -> _Numbered | None:
        """The open transaction."""


class QueryEntry:
    """One statement from its start to its last row."""

    __slots__ = ("_began", "_ended", "_error", "_history", "_rows", "_sqlstate")

    def __init__(self, history: History, began: QueryRecord) -> None:
        self._history = history
        self._began = began
        self._ended: datetime | None = None
        self._rows = 0
        self._error = self._sqlstate = ""

    @property
    def record(self) -> QueryRecord:
        """The statement as it is now."""
        return replace(
            self._began,
            ended=self._ended,
            rows=self._rows,
            error=self._error,
            sqlstate=self._sqlstate,
        )

    def applied(self, policies: tuple[AppliedPolicy, ...]) -> None:
        """It goes through row-level security."""
        self._began = replace(self._began, applied=policies)

    def failed(self, error: SqlError) -> None:
        """It ended with an error."""
        self._end(0, error.message, error.sqlstate)

    def followed(self, session: Recorded, answer: Answer) -> Answer:
        """The answer, whose rows are counted until the last is read or given up."""
        transaction = session.transaction
        if transaction is not None and not transaction.number:
            # What began a transaction is part of it.
            transaction.number = self._began.transaction_id
        if not answer.has_rows:
            self._end(answer.affected or 0)
            return answer
        answer.batches = self._counted(answer.batches)
        close = answer.on_close

        def closed() -> None:
            if close is not None:
                close()
            self._end(self._rows)

        answer.on_close = closed
        return answer

    def _counted(self, batches: Iterator[Any]) -> Iterator[Any]:
        try:
            for batch in batches:
                self._rows += batch.num_rows
                yield batch
        except SqlError as error:
            self.failed(error)
            raise
        self._end(self._rows)

    def _end(self, rows: int, error: str = "", sqlstate: str = "") -> None:
        if self._ended is None:
            self._rows, self._error, self._sqlstate = rows, error, sqlstate
            self._ended = self._history.now()


class _Repeated:
    """A statement that was answered like one before: its record is made when somebody asks."""

    __slots__ = ("_first", "_moment", "_numbers")

    def __init__(self, first: QueryEntry, numbers: tuple[int, int], moment: datetime) -> None:
        self._first = first
        self._numbers = numbers
        self._moment = moment

    @property
    def record(self) -> QueryRecord:
        query_id, transaction_id = self._numbers
        return replace(
            self._first.record,
            query_id=query_id,
            transaction_id=transaction_id,
            started=self._moment,
            ended=self._moment,
        )


@dataclass(slots=True)
class _Session:
    session: Recorded
    user_name: str
    database: str
    started: datetime
    ended: datetime | None = None

    def record(self) -> SessionRecord:
        state = self.session.state
        return SessionRecord(
            self.session.session_id,
            state.user,
            self.user_name,
            self.database,
            self.started,
            self.ended,
            state.settings.get("application_name", ""),
        )


class History:
    """All of them; read from any thread."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._query_ids = itertools.count(1)
        self._transaction_ids = itertools.count(1000)
        self._queries: dict[NamespaceId, deque[QueryEntry | _Repeated]] = defaultdict(
            lambda: deque(maxlen=MOST_QUERIES)
        )
        self._open: dict[int, _Session] = {}
        self._ended: dict[NamespaceId, deque[SessionRecord]] = defaultdict(
            lambda: deque(maxlen=MOST_SESSIONS)
        )

    def now(self) -> datetime:
        """The time."""
        return self._clock.now()

    # --- statements -----------------------------------------------------------------------

    def began(self, session: Recorded, prepared: Prepared) -> QueryEntry:
        """A statement of a session begins to run."""
        with self._lock:
            known = self._open.get(session.session_id)
            record = QueryRecord(
                next(self._query_ids),
                session.session_id,
                self._transaction_id(session),
                session.state.user,
                known.user_name if known else "",
                known.database if known else "",
                redacted(prepared.statement.text) if prepared.statement else "",
                kind_of(prepared),
                self.now(),
                label=session.state.settings.get("query_group", "default"),
            )
            entry = QueryEntry(self, record)
            if prepared.statement is not None:
                self._queries[session.namespace].append(entry)
            return entry

    def again(self, namespace: NamespaceId, entry: QueryEntry) -> None:
        """A statement outside a transaction is answered as it was before, at once."""
        with self._lock:
            numbers = next(self._query_ids), next(self._transaction_ids)
            self._queries[namespace].append(_Repeated(entry, numbers, self.now()))

    def _transaction_id(self, session: Recorded) -> int:
        """Statements of one explicit transaction share theirs."""
        transaction = session.transaction
        if transaction is None:
            return next(self._transaction_ids)
        if not transaction.number:
            transaction.number = next(self._transaction_ids)
        return transaction.number

    def queries(self, namespace: NamespaceId) -> Sequence[QueryRecord]:
        """The newest statements, running ones among them, oldest first."""
        with self._lock:
            return [entry.record for entry in self._queries.get(namespace, ())]

    # --- sessions -------------------------------------------------------------------------

    def session_began(self, session: Recorded, user_name: str, database: str) -> None:
        """A client was let in."""
        with self._lock:
            self._open[session.session_id] = _Session(session, user_name, database, self.now())

    def session_ended(self, session: Recorded) -> None:
        """It is gone."""
        with self._lock:
            found = self._open.pop(session.session_id, None)
            if found is not None:
                found.ended = self.now()
                self._ended[session.namespace].append(found.record())

    def sessions(self, namespace: NamespaceId) -> Sequence[SessionRecord]:
        """Open and newest ended sessions, oldest first."""
        with self._lock:
            found = [s.record() for s in self._open.values() if s.session.namespace == namespace]
            found += self._ended.get(namespace, ())
        return sorted(found, key=lambda record: (record.started, record.session_id))
