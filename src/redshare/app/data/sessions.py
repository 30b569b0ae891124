"""Sessions of the Data API: connections that live between statements, one statement at a time.

A session is its statement's from reserve() or claim() to release(). It ends some seconds after its
last statement, a day after it was made, with its warehouse, and with the node.
https://docs.aws.amazon.com/redshift/latest/mgmt/data-api-calling-considerations.html
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from redshare.app.sessions.connections import Connection, Connections
from redshare.app.work import Work
from redshare.core.aws_errors import InvalidParameterValue
from redshare.core.data_errors import ActiveSessionsExceeded
from redshare.core.data_statement import DataSession, Owner, SessionStatus, Target
from redshare.core.errors import StoreUnavailable
from redshare.ports import DataLog

#: Of one warehouse.
MAX_SESSIONS: Final = 500
LONGEST: Final = timedelta(hours=24)


class DataSessions:
    """All of this node. Any thread may call it."""

    def __init__(self, work: Work, connections: Connections, log: DataLog) -> None:
        self._work = work
        self._connections = connections
        self._log = log
        self._lock = threading.Lock()
        self._known: dict[str, DataSession] = {}
        self._open: dict[str, Connection] = {}

    def recover(self) -> None:
        """After a start: what was open before is closed. Raises StoreUnavailable."""
        for session in self._log.sessions():
            self._known[session.session_id] = self._closed(session)

    def all(self, owner: Owner, *, role_level: bool = True) -> Sequence[DataSession]:
        """Those that the caller may see, of the last day."""
        oldest = self._work.clock.now() - LONGEST
        with self._lock:
            return [
                session
                for session in self._known.values()
                if owner.may_see(session.owner, role_level=role_level) and session.created > oldest
            ]

    def find(self, owner: Owner, session_id: str) -> DataSession | None:
        """One that the caller may see."""
        with self._lock:
            found = self._known.get(session_id)
        return found if found is not None and owner.may_see(found.owner) else None

    # --- a statement's way through a session ----------------------------------------------

    def reserve(self, owner: Owner, target: Target, keep_alive: int, statement: str) -> DataSession:
        """A new one, for the statement that opens it.

        Raises ActiveSessionsExceeded, StoreUnavailable.
        """
        now = self._work.clock.now()
        made = DataSession(
            self._work.ids.guid(), owner, target, now, now, keep_alive, statement=statement
        )
        with self._lock:
            here = sum(
                session.target.warehouse == target.warehouse
                for session in self._known.values()
                if session.status is not SessionStatus.CLOSED
            )
            if here >= MAX_SESSIONS:
                raise ActiveSessionsExceeded(MAX_SESSIONS)
            self._log.save(made)
            self._known[made.session_id] = made
        return made

    def claim(
        self, owner: Owner, session_id: str, keep_alive: int | None, statement: str
    ) -> DataSession:
        """An open one for its next statement. Raises InvalidParameterValue."""
        now = self._work.clock.now()
        with self._lock:
            found = self._known.get(session_id)
            if found is None or not owner.may_see(found.owner):
                raise InvalidParameterValue(f"Session with Id: {session_id} is invalid.")
            if found.status is SessionStatus.CLOSED or _is_over(found, now):
                raise InvalidParameterValue("Session is not available.")
            if found.status is SessionStatus.BUSY:
                raise InvalidParameterValue(
                    f"Session is busy: it runs {found.statement}, and one statement at a time."
                )
            claimed = replace(
                found,
                status=SessionStatus.BUSY,
                updated=now,
                expires=None,
                statement=statement,
                keep_alive=found.keep_alive if keep_alive is None else keep_alive,
            )
            self._known[session_id] = claimed
        return claimed

    def connection(self, session_id: str) -> Connection | None:
        """That of an open session; None for the first statement."""
        with self._lock:
            return self._open.get(session_id)

    def opened(self, session_id: str, connection: Connection) -> None:
        """The first statement connected; the connection is the session's from now on."""
        connection.backend.hang_up = lambda: self.end(session_id)
        with self._lock:
            self._open[session_id] = connection

    def release(self, session_id: str, statement: str) -> None:
        """Its statement ended. A session that nothing opened, or kept for no time, is closed."""
        now = self._work.clock.now()
        with self._lock:
            found = self._known.get(session_id)
            if found is None or found.statement != statement:
                return
            until = min(now + timedelta(seconds=found.keep_alive), found.created + LONGEST)
            self._known[session_id] = replace(
                found,
                status=SessionStatus.AVAILABLE,
                updated=now,
                expires=until,
                statement=None,
            )
            over = session_id not in self._open or until <= now
        if over:
            self.end(session_id)

    # --- their end ------------------------------------------------------------------------

    def end(self, session_id: str) -> None:
        """Close it now, or as soon as its statement ended."""
        with self._lock:
            found = self._known.get(session_id)
            if found is None or found.status is SessionStatus.CLOSED:
                return
            if found.status is SessionStatus.BUSY:
                self._known[session_id] = replace(found, keep_alive=0)
                return
            closed = self._known[session_id] = self._closed(found)
            connection = self._open.pop(session_id, None)
        if connection is not None:
            self._connections.close(connection)
        # No start finds it open, whatever is kept of it.
        with contextlib.suppress(StoreUnavailable):
            self._log.save(closed)

    def end_expired(self) -> Sequence[str]:
        """Close those whose time is over and forget those of yesterday.

        Gives the statements whose session is over while they run. Raises StoreUnavailable.
        """
        now = self._work.clock.now()
        catalog = self._work.catalog()
        with self._lock:
            over = [
                session
                for session in self._known.values()
                if session.status is not SessionStatus.CLOSED
                and (_is_over(session, now) or catalog.warehouse(session.target.warehouse) is None)
            ]
            old = [
                session.session_id
                for session in self._known.values()
                if session.status is SessionStatus.CLOSED and session.updated < now - LONGEST
            ]
            for session_id in old:
                del self._known[session_id]
        for session in over:
            self.end(session.session_id)
        if old:
            self._log.remove(old)
        return [session.statement for session in over if session.statement is not None]

    def forget_all(self) -> None:
        """End and forget all. Raises StoreUnavailable."""
        self.close()
        with self._lock:
            known = list(self._known)
            self._known.clear()
        self._log.remove(known)

    def close(self) -> None:
        """End all; their statements have ended."""
        with self._lock:
            connections = list(self._open.values())
            self._open.clear()
        for connection in connections:
            self._connections.close(connection)

    def _closed(self, session: DataSession) -> DataSession:
        if session.status is SessionStatus.CLOSED:
            return session
        return replace(
            session,
            status=SessionStatus.CLOSED,
            updated=self._work.clock.now(),
            expires=None,
            statement=None,
        )


def _is_over(session: DataSession, now: datetime) -> bool:
    until = session.created + LONGEST
    return now >= (until if session.expires is None else min(session.expires, until))
