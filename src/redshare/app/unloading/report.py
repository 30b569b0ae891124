"""How an UNLOAD went, for the views that show it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from redshare.app.sessions.session import SqlSession
from redshare.app.sessions.transfer_report import TransferReport
from redshare.app.unloading.files import Written
from redshare.sql.commands.unload import Unload


class Report(TransferReport):
    """Told of one UNLOAD: the files it wrote."""

    def __init__(self, session: SqlSession, command: Unload) -> None:
        database = session.context().current.name
        super().__init__(session, command, database=database, table="", place=command.target)
        self._written: Sequence[Written] = ()

    def unloaded(self, written: Sequence[Written]) -> None:
        """These files are there."""
        self._written = written

    def _outcome(self) -> dict[str, Any]:
        size = sum(file.size for file in self._written)
        return {
            "rows": sum(file.rows for file in self._written),
            "files": len(self._written),
            "files_done": len(self._written),
            "bytes": size,
            "bytes_done": size,
            "parts": tuple((str(file.url), file.rows, file.size) for file in self._written),
        }
