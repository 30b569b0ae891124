"""The query phase of one SQL connection: messages in, bytes out, the session between.

https://www.postgresql.org/docs/current/protocol-flow.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from redshare.app.sessions.answer import Answer, Notice
from redshare.app.sessions.prepared import Prepared
from redshare.app.sessions.session import SqlSession
from redshare.core.errors import RedshareError, StoreUnavailable
from redshare.core.sql_errors import SqlError
from redshare.endpoints.pg.errors import error_bytes
from redshare.endpoints.pg.known import KnownAnswers
from redshare.endpoints.pg.parameters import parameters
from redshare.endpoints.pg.portal import Portal, known_row
from redshare.endpoints.pg.types import declared_type, fields, is_declared, oid_of
from redshare.sql.result import ResultColumn
from redshare.wire.pg import messages as pg
from redshare.wire.pg.errors import ProtocolError

Sent = bytes | memoryview


@dataclass(slots=True)
class _Told:
    """Of a prepared statement: the OIDs its client declared, and what it was told since.

    Parameters keep the types they were first said to have; rows are sent as they were described.
    """

    prepared: Prepared
    declared: tuple[int, ...] = ()
    oids: tuple[int, ...] | None = None
    columns: tuple[ResultColumn, ...] | None = None


class PgSession:
    """`redshift_protocol` is the version agreed with an Amazon driver, None for all others."""

    def __init__(self, session: SqlSession, redshift_protocol: int | None) -> None:
        self._session = session
        self._extended_rows = (redshift_protocol or 0) >= 1
        # Amazon's drivers read intervals in their own form whatever version was agreed.
        self._redshift_binary = redshift_protocol is not None
        #: The session's own: PREPARE and DEALLOCATE speak of them too.
        self._statements = session.prepared
        self._told: dict[str, _Told] = {}
        self._portals: dict[str, Portal] = {}
        self._skipping = False
        self._known = KnownAnswers(session)

    def known(self, message: pg.FrontendMessage) -> bytes | None:
        """The whole answer to a message, where it was given before."""
        if self._skipping or type(message) is not pg.Query:
            return None
        try:
            return self._known.get(message.sql)
        except StoreUnavailable:
            return None  # and is told on the long way

    def handle(self, message: pg.FrontendMessage, *, before_sync: bool = False) -> Iterator[Sent]:
        """What to send back. `before_sync`: the next message is a Sync and already here."""
        if self._skipping and not isinstance(message, pg.Sync):
            return
        if not isinstance(message, pg.Query):
            self._known.forget()
        try:
            yield from self._handle(message, before_sync=before_sync)
        except (RedshareError, ProtocolError) as error:
            self._known.forget()
            yield error_bytes(error)
            if isinstance(message, pg.Query | pg.Sync):
                yield self._ready()
            else:
                self._skipping = True

    def _handle(self, message: pg.FrontendMessage, *, before_sync: bool) -> Iterator[Sent]:
        match message:
            case pg.Query():
                yield from self._query(message)
            case pg.Parse():
                yield from self._parse(message)
            case pg.Bind():
                yield from self._bind(message)
            case pg.Describe():
                yield from self._describe(message)
            case pg.Execute():
                yield from self._execute(message, before_sync=before_sync)
            case pg.Close():
                yield from self._close(message)
            case pg.Sync():
                yield from self._sync()
            case pg.Flush() | pg.Terminate():
                return
            case pg.CopyData() | pg.CopyDone() | pg.CopyFail():
                return  # what a client still sends of a COPY that was refused
            case pg.FunctionCall():
                raise SqlError("function call protocol is not supported", "0A000")
            case _:
                raise SqlError(f"unexpected message {type(message).__name__}", "08P01")

    # --- simple ---------------------------------------------------------------------------

    def _query(self, message: pg.Query) -> Iterator[Sent]:
        self._portals.clear()
        count, known = 0, b""
        for answer in self._session.script(message.sql):
            count += 1
            if answer.constants is not None:
                known = self._known_answer(answer)
                yield known
            else:
                self._known.forget()
                yield from self._simple_answer(answer)
        if not count:
            yield pg.empty_query_response()
        self._session.sync()
        ready = self._ready()
        if known and count == 1 and self._session.status == "I":
            self._known.keep(message.sql, known + ready)
        yield ready

    def _known_answer(self, answer: Answer) -> bytes:
        assert answer.constants is not None
        kinds = tuple(map(type, answer.constants))  # 1 and true are equal, and not the same
        known = known_row(answer.columns or (), answer.constants, kinds, self._extended_rows)
        rows = sum(batch.num_rows for batch in answer.batches)  # they are counted as read
        return known + pg.command_complete(answer.command_tag(rows))

    def _simple_answer(self, answer: Answer) -> Iterator[Sent]:
        yield from self._notices(answer)
        portal = Portal(Prepared(None, None), answer=answer)
        if answer.has_rows:
            yield self._row_description(answer.columns or (), ())
            yield from portal.rows(0)
        yield pg.command_complete(answer.command_tag(portal.sent))

    def _notices(self, answer: Answer) -> Iterator[Sent]:
        for said in answer.notices:
            notice = Notice(said) if isinstance(said, str) else said
            if self._session.state.tells(notice.severity):
                yield pg.notice_response(notice.sqlstate, notice.message, severity=notice.severity)

    # --- extended -------------------------------------------------------------------------

    def _parse(self, message: pg.Parse) -> Iterator[Sent]:
        if message.statement and message.statement in self._statements:
            raise SqlError(f'prepared statement "{message.statement}" already exists', "42P05")
        declared = tuple(declared_type(oid) for oid in message.parameter_oids)
        prepared = self._session.parse(message.sql, declared, named=bool(message.statement))
        self._statements[message.statement] = prepared
        self._told[message.statement] = _Told(prepared, message.parameter_oids)
        yield pg.parse_complete()

    def _prepared(self, name: str) -> Prepared:
        prepared = self._statements.get(name)
        if prepared is None:
            raise SqlError(f'prepared statement "{name}" does not exist', "26000")
        return prepared

    def _bind(self, message: pg.Bind) -> Iterator[Sent]:
        prepared = self._prepared(message.statement)
        oids = self._parameter_oids(message.statement, prepared)
        if len(oids) != len(message.parameters):
            raise SqlError(
                f"bind message supplies {len(message.parameters)} parameters, but prepared "
                f'statement "{message.statement}" requires {len(oids)}',
                "08P01",
            )
        values = parameters(message, oids)
        self._drop_portal(message.portal)
        self._portals[message.portal] = Portal(
            prepared,
            values,
            message.result_formats,
            self._redshift_binary,
            self._told_of(message.statement, prepared).columns,
        )
        yield pg.bind_complete()

    def _told_of(self, name: str, prepared: Prepared) -> _Told:
        """What the client knows of a statement; of one that SQL prepared, nothing yet."""
        told = self._told.get(name)
        if told is None or told.prepared is not prepared:
            told = self._told[name] = _Told(prepared)
        return told

    def _parameter_oids(self, name: str, prepared: Prepared) -> tuple[int, ...]:
        """The client's own OIDs where it declared them, ours where it did not."""
        told = self._told_of(name, prepared)
        if told.oids is None:
            told.oids = tuple(
                told.declared[index]
                if index < len(told.declared) and is_declared(told.declared[index])
                else oid_of(kind)
                for index, kind in enumerate(self._session.parameters(prepared))
            )
        return told.oids

    def _describe(self, message: pg.Describe) -> Iterator[Sent]:
        formats: tuple[int, ...] = ()
        if message.target is pg.Target.PORTAL and message.name in self._session.cursors:
            # A cursor of DECLARE is a portal too (psycopg's named cursors).
            columns = self._session.cursors.find(message.name).answer.columns
        elif message.target is pg.Target.PORTAL:
            portal = self._portal(message.name)
            columns = self._session.describe(portal.prepared, portal.parameters).columns
            portal.described, formats = columns, portal.formats
        else:
            prepared = self._prepared(message.name)
            columns = self._session.describe(prepared).columns
            self._told_of(message.name, prepared).columns = columns
            yield pg.parameter_description(self._parameter_oids(message.name, prepared))
        yield pg.no_data() if columns is None else self._row_description(columns, formats)

    def _execute(self, message: pg.Execute, *, before_sync: bool) -> Iterator[Sent]:
        portal = self._portal(message.portal)
        if portal.answer is None:
            for other in self._portals.values():
                other.park()
            portal.answer = self._session.execute(
                portal.prepared, portal.parameters, last=before_sync
            )
            yield from self._notices(portal.answer)
        else:
            self._session.check_open(portal.answer)
        answer = portal.answer
        if portal.prepared.statement is None:
            yield pg.empty_query_response()
            return
        sent = portal.sent
        if answer.has_rows:
            yield from portal.rows(message.max_rows)
            if message.max_rows and portal.sent - sent == message.max_rows and portal.suspended():
                yield pg.portal_suspended()
                return
        yield pg.command_complete(answer.command_tag(portal.sent - sent))

    def _portal(self, name: str) -> Portal:
        portal = self._portals.get(name)
        if portal is None:
            raise SqlError(f'portal "{name}" does not exist', "34000")
        return portal

    def _drop_portal(self, name: str) -> None:
        portal = self._portals.pop(name, None)
        if portal is not None:
            portal.close()

    def _close(self, message: pg.Close) -> Iterator[Sent]:
        if message.target is pg.Target.PORTAL:
            self._drop_portal(message.name)
        else:
            self._statements.pop(message.name, None)
            self._told.pop(message.name, None)
        yield pg.close_complete()

    def _sync(self) -> Iterator[Sent]:
        self._skipping = False
        if self._session.status == "I":
            for name in list(self._portals):
                self._drop_portal(name)
            self._session.sync()
        yield self._ready()

    # --- both -----------------------------------------------------------------------------

    def _row_description(
        self, columns: tuple[ResultColumn, ...], formats: tuple[int, ...]
    ) -> bytes:
        return pg.row_description(fields(columns, formats), extended=self._extended_rows)

    def _ready(self) -> bytes:
        return pg.ready_for_query(pg.TransactionStatus(self._session.status))
