"""EngineSession on worker processes: which worker, which transaction, what a failure means.

A session keeps its worker while a transaction or a result is open. If a statement inside a
transaction needs rights its worker lacks, the transaction moves to a wider worker where that is
sound: it has written nothing, and the snapshots it has read are still the newest.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

import msgspec
import pyarrow as pa

from redshare.adapters.engine import protocol as p
from redshare.adapters.engine.failure import Kind, as_error
from redshare.adapters.engine.link import Link
from redshare.adapters.engine.plan_message import plan_message
from redshare.adapters.engine.result import Result
from redshare.adapters.engine.values import encode
from redshare.adapters.engine.warehouse import Warehouse, covers
from redshare.core.ids import LakeId
from redshare.core.plan import EnginePlan, StreamedInput
from redshare.core.sql_errors import (
    EngineUnavailable,
    ExecutionError,
    QueryCanceled,
    SerializationFailure,
)
from redshare.ports import Clock, CommitNote, Committed

#: Workers tried before a statement is given up for want of one.
DIALS = 3
#: Seconds for a batch nobody wants any more, before it is cancelled.
PATIENCE = 0.05


class Session:
    """EngineSession."""

    def __init__(self, warehouse: Warehouse, grace: float, clock: Clock) -> None:
        self._warehouse = warehouse
        self._grace = grace
        self._clock = clock
        self._link: Link | None = None
        self._begun: p.Begin | None = None
        self._began_at: datetime | None = None
        self._in_worker = False
        self._result: Result | None = None
        self._lock_first: str | None = None
        self._guard = threading.Lock()
        self._number = 0
        self._cancelable: tuple[Link, int] | None = None
        self._canceled: tuple[str, int] | None = None
        self._starting = False
        self._cancel_early = False
        self._dead = False

    def begin(self, *, read_only: bool = False) -> None:
        """Start a transaction with its first statement."""
        if self._begun is not None:
            raise ExecutionError("there is already a transaction in progress", "25001")
        self._begun, self._began_at = p.Begin(read_only, self._lock_first), self._clock.now()

    def run(self, plan: EnginePlan, parameters: Sequence[object] = ()) -> Result:
        """Run a statement."""
        if self._begun is None and plan.targets:
            raise ExecutionError("a write needs a transaction", "25P01")
        values = [encode(value) for value in parameters]
        message = plan_message(plan)
        at = self._clock.now()
        began = self._began_at or at
        answer, body = self._numbered(
            message.lakes, lambda n: p.Run(n, message, values, at, began), plan.stream
        )
        link = self._link
        assert link is not None
        assert isinstance(answer, p.Opened)
        schema = pa.ipc.read_schema(pa.py_buffer(body))
        if answer.exhausted:
            self._settle()
            return Result(schema, answer.affected, None, answer.written)
        self._result = Result(schema, answer.affected, _Open(self, link))
        link.fetch_ahead()
        return self._result

    def commit(self, note: CommitNote | None = None) -> Committed:
        """Commit."""
        begun, in_worker, link = self._begun, self._in_worker, self._link
        if begun is None:
            raise ExecutionError("there is no transaction in progress", "25P01")
        if self._dead:
            self._forget_transaction()
            raise EngineUnavailable
        if not in_worker or link is None:
            self._forget_transaction()
            return Committed()
        given = None if note is None else p.Note(note.author, note.message, note.extra_info)
        try:
            self._take_over()
            answer, _ = self._checked(link, p.CommitTransaction(given))
        finally:
            self._forget_transaction()
        assert isinstance(answer, p.CommittedAs)
        self._lock_first = None
        lake = None if answer.lake is None else LakeId(answer.lake)
        return Committed(lake, answer.snapshot_id)

    def rollback(self) -> None:
        """Undo the transaction."""
        self._drop_result()
        link = self._link
        if link is not None and self._in_worker:
            try:
                link.ask(p.Rollback())
            except EngineUnavailable:
                self._unlink()
        self._forget_transaction()

    def cancel(self) -> None:
        """End the running statement: returns at once, the statement's thread gets the error."""
        with self._guard:
            found = self._cancelable
            self._cancel_early = found is None and self._starting
            if found is not None:
                self._canceled = (found[0].token, found[1])
        if found is not None:
            link, number = found
            arguments = (link.token, number, self._grace)
            threading.Thread(target=link.worker.cancel, args=arguments, daemon=True).start()

    def close(self) -> None:
        """Roll back and let go."""
        self._drop_result()
        self._unlink()
        self._forget_transaction()

    def fetch(self, link: Link) -> bytes | None:
        """The next batch of the open result. Raises SqlError."""
        try:
            answer, body = self._checked(link, p.Fetch())
        except BaseException:
            self._ended()
            raise
        assert isinstance(answer, p.Batch)
        if answer.exhausted:
            self._ended()
            return None
        link.fetch_ahead()
        return body

    def forget(self, link: Link) -> None:
        """Close the open result."""
        if link is self._link:
            if link.waits(PATIENCE):
                self.cancel()
            with contextlib.suppress(EngineUnavailable):
                link.ask(p.CloseResult())
        self._ended()

    def _ready(self, uses: Iterable[p.Use]) -> Link:
        """A connection to a worker that has the rights, the transaction begun on it."""
        if self._dead:
            raise EngineUnavailable
        self._take_over()
        wanted = list(uses)
        link = self._link
        if link is not None and not (link.worker.alive() and link.wake()):
            self._dead = self._in_worker
            self._unlink()
            if self._dead:
                raise EngineUnavailable
            link = None
        if link is None or not covers(link.worker, wanted):
            link = self._moved(wanted)
        if self._begun is not None and not self._in_worker:
            self._checked(link, self._begun)
            self._in_worker = True
        return link

    def _moved(self, wanted: list[p.Use]) -> Link:
        pinned: dict[str, int] = {}
        old = self._link
        if old is not None and self._in_worker:
            answer, _ = self._checked(old, p.Pinned())
            assert isinstance(answer, p.PinnedAre)
            if answer.wrote:
                # The wider worker is started for the client's next attempt.
                self._warehouse.enter([*old.worker.uses.values(), *wanted]).leave()
                raise SerializationFailure("the transaction must be tried again")
            pinned = answer.snapshots
            wanted = [*(old.worker.uses[lake] for lake in pinned), *wanted]
        self._unlink()
        link = self._dialed(wanted)
        self._link = link
        if self._in_worker and self._begun is not None:
            self._in_worker = False
            self._begun = msgspec.structs.replace(self._begun, pinned=pinned)
        return link

    def _dialed(self, wanted: list[p.Use]) -> Link:
        """A process that has just died may not be known dead yet: nothing has begun, so again."""
        for _ in range(DIALS):
            worker = self._warehouse.enter(wanted)
            try:
                return Link(worker)
            except EngineUnavailable:
                worker.kill()
        raise EngineUnavailable

    def _numbered(
        self,
        uses: Iterable[p.Use],
        make: Callable[[int], msgspec.Struct],
        stream: StreamedInput | None = None,
    ) -> tuple[p.Answer, bytes]:
        """Ask for what a cancel can end, from the search for a worker on.

        If the worker dies under a lone read or a transaction's first statement, it is asked once
        more of another worker: nothing was committed, nothing was answered.
        """
        with self._guard:
            self._starting, self._cancel_early = True, False
        wanted, first = list(uses), not self._in_worker
        try:
            return self._asked(wanted, make, stream)
        except EngineUnavailable:
            if not first or self._warehouse.stopped:
                raise
            self._in_worker = self._dead = False
            return self._asked(wanted, make, stream)
        finally:
            with self._guard:
                self._starting = False

    def _asked(
        self,
        uses: list[p.Use],
        make: Callable[[int], msgspec.Struct],
        stream: StreamedInput | None,
    ) -> tuple[p.Answer, bytes]:
        kept = False
        try:
            link = self._ready(uses)
            answer, body = self._checked(link, make(self._take_number(link)), stream)
            kept = isinstance(answer, p.Opened) and not answer.exhausted
            return answer, body
        finally:
            with self._guard:
                if not kept:
                    self._cancelable = None

    def _take_number(self, link: Link) -> int:
        with self._guard:
            if self._cancel_early:
                raise QueryCanceled
            self._number += 1
            self._cancelable = (link, self._number)
            return self._number

    def _checked(
        self, link: Link, request: msgspec.Struct, stream: StreamedInput | None = None
    ) -> tuple[p.Answer, bytes]:
        try:
            answer, body = link.ask(request) if stream is None else link.ask_with(request, stream)
        except EngineUnavailable as error:
            self._lose()
            if self._was_canceled(link):
                raise QueryCanceled from error
            raise
        if isinstance(answer, p.Failed):
            if answer.kind == Kind.SERIALIZATION:
                self._lock_first = answer.lake
            if answer.kind == Kind.UNAVAILABLE:
                self._lose()
            self._settle()
            raise as_error(answer)
        return answer, body

    def _lose(self) -> None:
        """The worker, or what it held for this session, is gone."""
        self._dead = self._in_worker
        self._unlink()

    def _was_canceled(self, link: Link) -> bool:
        """Whether the worker was ended because the statement did not obey a cancel."""
        with self._guard:
            return self._canceled == (link.token, self._number)

    def _take_over(self) -> None:
        result, self._result = self._result, None
        if result is not None:
            result.detach()

    def _drop_result(self) -> None:
        result, self._result = self._result, None
        if result is not None:
            result.close()

    def _ended(self) -> None:
        with self._guard:
            self._cancelable = None
        self._result = None
        self._settle()

    def _settle(self) -> None:
        """Outside a transaction nothing keeps the worker from ending between statements."""
        if self._link is not None and self._begun is None and self._result is None:
            self._link.rest()

    def _forget_transaction(self) -> None:
        self._begun, self._began_at, self._in_worker, self._dead = None, None, False, False
        self._settle()

    def _unlink(self) -> None:
        link, self._link = self._link, None
        if link is not None:
            link.close()


class _Open:
    """The open result of a session, as a Source."""

    def __init__(self, session: Session, link: Link) -> None:
        self._session = session
        self._link = link

    def fetch(self) -> bytes | None:
        return self._session.fetch(self._link)

    def forget(self) -> None:
        self._session.forget(self._link)
