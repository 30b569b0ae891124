"""The sessions of this node by process id: who may end what another session runs, or the session.

https://docs.aws.amazon.com/redshift/latest/dg/PG_TERMINATE_BACKEND.html
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from redshare.app.sessions.session import SqlSession
from redshare.core.ids import WarehouseId
from redshare.core.sql_errors import InsufficientPrivilege


@dataclass(slots=True)
class Backend:
    """A session; `hang_up` ends its connection, where it has one."""

    session: SqlSession
    hang_up: Callable[[], None] | None = None


class Backends:
    """All of them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: dict[int, Backend] = {}

    def add(self, session: SqlSession) -> Backend:
        """Register a session under its id."""
        backend = Backend(session)
        with self._lock:
            self._open[session.session_id] = backend
        return backend

    def remove(self, session: SqlSession) -> None:
        """It ended."""
        with self._lock:
            self._open.pop(session.session_id, None)

    def find(self, warehouse: WarehouseId, process_id: int) -> Backend | None:
        """A session of the warehouse."""
        with self._lock:
            found = self._open.get(process_id)
        if found is None or found.session.warehouse.warehouse_id != warehouse:
            return None
        return found

    def signal(self, by: SqlSession, process_id: int, *, terminate: bool) -> bool:
        """End what a session runs, or the session; False where there is none of that id.

        Superusers anybody's, holders of the system privilege CANCEL what others run, everybody
        his own. Raises InsufficientPrivilege.
        """
        found = self.find(by.warehouse.warehouse_id, process_id)
        if found is None:
            return False
        context = by.context()
        own = found.session.state.session_user == context.user.user_id
        canceller = not terminate and context.has_system("CANCEL")
        if not (own or context.user.superuser or canceller):
            raise InsufficientPrivilege("must be superuser to signal other server processes")
        found.session.cancel()
        if terminate and found.hang_up is not None:
            found.hang_up()
        return True
