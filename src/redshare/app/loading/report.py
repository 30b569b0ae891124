"""How a COPY goes, for the views: its progress while it runs, the rows it could not load."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from redshare.app.loading.problem import BadRow, Row
from redshare.app.sessions.session import SqlSession
from redshare.app.sessions.transfer_report import TransferReport
from redshare.core.loads import LoadError, Replacement
from redshare.core.relation import Column
from redshare.core.s3 import StoredObject
from redshare.core.sql_errors import QueryCanceled
from redshare.sql.commands.copy import Copy
from redshare.sql.copy import LoadTarget
from redshare.sql.types import stored_type

#: Characters of a line and of a value that the views show.
_SHOWN = 1024
_TYPES = {
    "smallint": "int2", "integer": "int4", "bigint": "int8", "real": "float4",
    "double precision": "float8", "character varying": "varchar", "character": "char",
    "boolean": "bool", "timestamp without time zone": "timestamp",
    "timestamp with time zone": "timestamptz", "time without time zone": "time",
    "time with time zone": "timetz", "binary varying": "varbyte",
}  # fmt: skip


class Report(TransferReport):
    """Told of one COPY: its files as they are read, the rows it could not load."""

    def __init__(
        self,
        session: SqlSession,
        command: Copy,
        place: LoadTarget,
        files: Sequence[StoredObject],
    ) -> None:
        super().__init__(
            session,
            command,
            database=place.found.database.name,
            table=place.found.relation.name,
            place=command.source,
        )
        self._place = place
        self._sizes = {str(file.url): file.size for file in files}
        self._lines: dict[str, int] = dict.fromkeys(self._sizes, 0)
        self._done: list[str] = []
        self._errors = 0
        self._rows = 0
        timeout = int(session.state.effective.get("statement_timeout", "0"))
        started = self._transfer.started
        self._until = started + timedelta(milliseconds=timeout) if timeout else None
        self._transfer = replace(self._transfer, files=len(files), bytes=sum(self._sizes.values()))

    def _outcome(self) -> dict[str, Any]:
        parts = tuple((f, self._lines[f], self._sizes[f]) for f in self._done)
        return {"rows": self._rows, "parts": parts, **self._so_far()}

    def progress(self, file: str, *, lines: int, done: bool) -> None:
        """So many lines of this file more were read. Raises QueryCanceled."""
        self._session.check_canceled()
        now = self._session.work.clock.now()
        if self._until is not None and now > self._until:
            raise QueryCanceled
        self._lines[file] += lines
        if done:
            self._done.append(file)
        self._log.changed(
            self._session.namespace, self.query, file=file, updated=now, **self._so_far()
        )

    def bad(self, file: str, row: BadRow) -> None:
        """A row cannot be loaded."""
        self._errors += 1
        self._log.failed_rows(self._session.namespace, [self._error(file, row)])

    def replaced(self, file: str, row: Row, column: int) -> None:
        """A row is loaded with other characters in a column."""
        found = Replacement(
            query=self.query,
            user=self._session.state.user,
            session=self._session.session_id,
            table=self._place.found.relation.relation_id,
            started=self._transfer.started,
            file=file,
            line=row.line,
            column=self._place.fields[column].name,
            raw_line=_printable(row.raw),
        )
        self._log.replaced(self._session.namespace, found)

    def loaded(self, rows: int) -> None:
        """The rows are in the table."""
        self._rows = rows

    def _so_far(self) -> dict[str, int]:
        return {
            "errors": self._errors,
            "lines": sum(self._lines.values()),
            "files_done": len(self._done),
            "bytes_done": sum(self._sizes[file] for file in self._done),
        }

    def _error(self, file: str, row: BadRow) -> LoadError:
        fields = self._place.fields
        number = row.problem.column
        column = fields[number] if 0 <= number < len(fields) else None
        name, kind, length = ("", "", "") if column is None else _described(column)
        value = row.problem.value
        return LoadError(
            query=self.query,
            user=self._session.state.user,
            session=self._session.session_id,
            transaction=self._transfer.transaction,
            database=self._place.found.database.name,
            table=self._place.found.relation.relation_id,
            started=self._transfer.started,
            file=file,
            line=row.line,
            column=name,
            type=kind,
            length=length,
            position=_position(row),
            raw_line=_printable(row.raw),
            raw_value=_printable(value),
            code=int(row.problem.code),
            reason=row.problem.reason[:100],
            fields=tuple(
                (*_described(fields[at]), None if text is None else _printable(text))
                for at, text in enumerate(row.fields[: number + 1])
            ),
        )


def _described(column: Column) -> tuple[str, str, str]:
    """Name, type and length as the views spell them."""
    kind = stored_type(column.type)
    length = "0" if kind.a is None else str(kind.a)
    if kind.name == "numeric":
        length = f"{kind.a}, {kind.b or 0}"
    return column.name, _TYPES.get(kind.name, kind.name)[:10], length[:10]


def _position(row: BadRow) -> int:
    """Where the field is in its line; 0 where that cannot be told."""
    found = row.raw.find(row.problem.value) if row.problem.value else -1
    return max(found, 0)


def _printable(text: str) -> str:
    """As much as is shown; a byte that was no UTF-8 is a question mark."""
    return text[:_SHOWN].encode("utf-8", "replace").decode("utf-8")
