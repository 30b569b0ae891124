"""One session's connection to the worker: requests in, answers out, one thread.

Outside a transaction a statement reads on the shared instance. In a transaction everything runs on
the transaction's private instance. A transaction whose client is silent for too long, or that is
too old, is rolled back here, and the client is told with its next request.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, assert_never

import duckdb
import psycopg
import pyarrow as pa

from redshare.adapters.engine import protocol as p
from redshare.adapters.engine.failure import Kind, Refused
from redshare.adapters.engine.worker import stream as run
from redshare.adapters.engine.worker.engine_errors import refused
from redshare.adapters.engine.worker.instance import Instances
from redshare.adapters.engine.worker.lakes import create_lake, drop_tables
from redshare.adapters.engine.worker.maintenance import maintain
from redshare.adapters.engine.worker.supply import Supplied
from redshare.adapters.engine.worker.trace import Trace
from redshare.adapters.engine.worker.transaction import Transaction
from redshare.adapters.engine.worker.written import Written

#: What an engine, its catalogue and its files raise.
ENGINE_ERRORS = (duckdb.Error, psycopg.Error, pa.ArrowException, OSError, Refused, ValueError)
#: An interrupt that came before the engine had begun is lost: it is repeated until it is obeyed.
CANCEL_INTERVAL = 0.05


class Session:
    """Serves one connection until it ends."""

    def __init__(
        self, connection: socket.socket, instances: Instances, config: p.WorkerConfig, trace: Trace
    ) -> None:
        self._connection = connection
        self._instances = instances
        self._config = config
        self._trace = trace
        self._transaction: Transaction | None = None
        self._stream: run.Stream | None = None
        self._cursor: Any = None
        #: Why the transaction is over, until the client has ended it; why a lone result is.
        self._lost: Refused | None = None
        self._stale: Refused | None = None
        self._running = threading.Condition()
        self._number = 0
        self._busy = False
        self._canceled = False

    def serve(self) -> None:
        """Until the node disconnects; what is open then is rolled back."""
        try:
            while True:
                header, body = self._next_request()
                self._answer(p.REQUESTS.decode(header), body)
        except p.Disconnected:
            pass
        finally:
            self._rollback()

    def cancel(self, number: int, grace: float) -> bool:
        """End that statement, from another thread; whether it has ended in time."""
        deadline = time.monotonic() + grace
        with self._running:
            # It may overtake the statement it is for.
            self._running.wait_for(lambda: self._number >= number, min(grace, 1.0))
            if number != self._number:
                return True
            self._canceled = True
            while self._busy and number == self._number and time.monotonic() < deadline:
                self._interrupt()
                self._running.wait(CANCEL_INTERVAL)
            return not (self._busy and number == self._number)

    def overdue(self) -> None:
        """Interrupt a statement whose transaction is older than it may be, from another thread."""
        transaction = self._transaction
        if transaction is not None and self._too_old(transaction):
            with self._running:
                if self._busy:
                    self._canceled = True
                    self._interrupt()

    def _interrupt(self) -> None:
        transaction, cursor = self._transaction, self._cursor
        if transaction is not None:
            transaction.cancel()
        elif cursor is not None:
            with contextlib.suppress(duckdb.Error):
                cursor.interrupt()

    def _next_request(self) -> tuple[bytes, bytes]:
        while True:
            self._connection.settimeout(self._patience())
            try:
                return p.receive(self._connection)
            except TimeoutError:
                self._give_up()

    def _patience(self) -> float | None:
        if self._transaction is not None:
            left = self._config.max_transaction - self._age(self._transaction)
            return max(0.01, min(left, self._config.idle_in_transaction))
        return self._config.idle_in_transaction if self._stream is not None else None

    def _give_up(self) -> None:
        """Nothing may pin a snapshot for longer than expiry relies on."""
        message = "terminating transaction due to idle-in-transaction timeout"
        reason = Refused(Kind.EXECUTION, message, "25P03")
        in_transaction = self._transaction is not None
        self._rollback()
        if in_transaction:
            self._lost = reason
        else:
            self._stale = reason

    def _answer(self, request: p.Request, given: bytes) -> None:
        body: bytes | memoryview = b""
        try:
            answer, body = self._handle(request, given)
        except ENGINE_ERRORS as error:
            answer = self._failure(error)
        finally:
            with self._running:
                self._busy = False
                self._running.notify_all()
        p.send(self._connection, answer, body)

    def _failure(self, error: BaseException) -> p.Answer:
        answer = refused(error).answer
        broken = answer.kind == Kind.UNAVAILABLE
        if broken:
            self._trace("broken", str(error))
        transaction = self._transaction
        if transaction is not None:
            transaction.failed(broken=broken)
            if answer.kind == Kind.CANCELED and self._too_old(transaction):
                return p.Failed(Kind.EXECUTION, "terminating transaction due to its age", "57014")
        elif broken:
            self._instances.discard_shared()
        return answer

    def _handle(self, request: p.Request, given: bytes) -> tuple[p.Answer, bytes | memoryview]:
        match request:
            case p.Run():
                self._started(request.number)
                return self._run(request, given)
            case p.Fetch():
                return self._fetch()
            case p.CloseResult():
                self._close_stream()
            case p.Begin():
                self._rollback()
                self._lost = None
                self._transaction = Transaction(self._instances, self._config, self._trace, request)
            case p.CommitTransaction():
                return self._commit(request.note), b""
            case p.Rollback():
                self._lost = None
                self._rollback()
            case p.Pinned():
                transaction = self._in_transaction()
                assert transaction is not None
                return p.PinnedAre(transaction.pinned(), transaction.wrote), b""
            case p.CreateLake():
                create_lake(self._config, request)
            case p.DropTables():
                drop_tables(self._config, request)
            case p.Maintain():
                return maintain(self._config, request, self._trace), b""
            case p.Hello() | p.Cancel() | p.Supply():
                raise Refused(Kind.EXECUTION, "unexpected message")
            case _:
                assert_never(request)
        return p.Done(), b""

    def _started(self, number: int) -> None:
        with self._running:
            self._number = number
            self._busy = True
            self._canceled = False
            self._running.notify_all()

    def _check_canceled(self) -> None:
        if self._canceled:
            raise Refused(Kind.CANCELED, "", "57014")

    def _in_transaction(self) -> Transaction | None:
        if self._lost is not None:
            raise self._lost
        return self._transaction

    def _run(self, request: p.Run, given: bytes) -> tuple[p.Answer, bytes | memoryview]:
        self._close_stream()
        if self._config.system:
            raise Refused(Kind.EXECUTION, "this worker runs no statements")
        run.check_kind(request.plan)
        transaction, written = self._in_transaction(), None
        if transaction is None:
            opened = self._run_alone(request)
        else:
            transaction.prepare(request.plan)
            self._check_canceled()
            written = Written(Path(self._config.data), request.plan)
            opened = self._run_in(transaction.cursor, request, given)
        self._stream = opened if isinstance(opened, run.Stream) else None
        if isinstance(opened, run.Stream):
            return p.Opened(None, False), memoryview(opened.schema.serialize())
        size = None if written is None else written.bytes()
        return p.Opened(opened, True, size), memoryview(pa.schema([]).serialize())

    def _run_in(
        self,
        cursor: Any,  # noqa: ANN401 - a DuckDBPyConnection
        request: p.Run,
        given: bytes,
    ) -> run.Stream | int | None:
        if request.plan.stream is None:
            return self._run_on(cursor, request, lambda: None)
        with Supplied(self._connection, cursor, request.plan.stream, given) as supplied:
            try:
                return self._run_on(cursor, request, lambda: None)
            except ENGINE_ERRORS:
                supplied.raise_failure()
                raise

    def _run_alone(self, request: p.Run) -> run.Stream | int | None:
        if request.plan.targets or request.plan.stream is not None:
            raise Refused(Kind.EXECUTION, "a write needs a transaction", "25P01")
        instance = self._instances.shared()
        lakes = [use.lake for use in request.plan.lakes]
        instance.hold(lakes)
        self._cursor = cursor = instance.cursor()

        def done() -> None:
            self._cursor = None
            cursor.close()
            instance.let_go(lakes)

        try:
            self._check_canceled()
            return self._run_on(cursor, request, done)
        except BaseException:
            if self._cursor is cursor:
                done()
            raise

    def _run_on(
        self,
        cursor: Any,  # noqa: ANN401 - a DuckDBPyConnection
        request: p.Run,
        done: Callable[[], None],
    ) -> run.Stream | int | None:
        with run.inputs_of(cursor, request.plan) as remove:
            run.execute(cursor, request)
            if not request.plan.returns_rows:
                count = run.affected(cursor)
                remove()
                done()
                return count

            def finish() -> None:
                remove()
                done()

            return run.Stream(cursor.to_arrow_reader(self._config.batch_rows), finish)

    def _fetch(self) -> tuple[p.Answer, bytes | memoryview]:
        if self._lost is not None:
            raise self._lost
        if self._stale is not None:
            raise self._stale
        stream = self._stream
        if stream is None:
            return p.Batch(True), b""
        with self._running:
            self._busy = True
        if self._canceled:
            self._close_stream()
        self._check_canceled()
        batch = stream.next()
        if batch is None:
            self._stream = None
            return p.Batch(True), b""
        return p.Batch(False), memoryview(batch.serialize())

    def _close_stream(self) -> None:
        self._stale = None
        stream, self._stream = self._stream, None
        if stream is not None:
            stream.close()

    def _commit(self, note: p.Note | None) -> p.Answer:
        self._close_stream()
        transaction, self._transaction = self._transaction, None
        lost, self._lost = self._lost, None
        if lost is not None:
            raise lost
        if transaction is None:
            raise Refused(Kind.EXECUTION, "there is no transaction in progress", "25P01")
        return transaction.commit(note)

    def _rollback(self) -> None:
        self._close_stream()
        transaction, self._transaction = self._transaction, None
        if transaction is not None:
            transaction.rollback()

    def _too_old(self, transaction: Transaction) -> bool:
        return self._age(transaction) > self._config.max_transaction

    @staticmethod
    def _age(transaction: Transaction) -> float:
        return time.monotonic() - transaction.started
