"""A bound statement on the engine: registered, checked, run in its transaction, and streamed.

A session has one stream at a time: whatever still streams is taken into memory before the next.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

from redshare.app.sessions.answer import Answer, constant_answer
from redshare.app.sessions.described import as_described, converted
from redshare.app.sessions.running import RunningStatement, found_before
from redshare.app.sessions.transactions import Transactions
from redshare.app.shares.cross_region import CrossRegionReads
from redshare.app.shares.metering import Metered
from redshare.app.work import Work
from redshare.core.catalog import Put
from redshare.core.plan import EnginePlan
from redshare.core.sql_errors import ExecutionError, QueryCanceled, ReadOnlyTransaction, SqlError
from redshare.core.warehouse import Warehouse
from redshare.ports import EngineResult, EngineSession
from redshare.sql.activity import QueryRecord
from redshare.sql.bound import Bound
from redshare.sql.raised import parse_raised

#: The tags that say how many rows were written.
_COUNTED = frozenset({"INSERT", "UPDATE", "DELETE", "MERGE"})


class Execution:
    """Runs what was bound for one session."""

    def __init__(
        self,
        work: Work,
        engine: EngineSession,
        warehouse: Warehouse,
        transactions: Transactions,
    ) -> None:
        self._work = work
        self._engine = engine
        self._warehouse = warehouse
        self._transactions = transactions
        self._across = CrossRegionReads(work, warehouse.warehouse_id)
        #: Takes what still streams into memory.
        self.before_run: Callable[[], None] = lambda: None
        #: The statement that runs, as the history has it.
        self.query: Callable[[], QueryRecord | None] = lambda: None

    def run(self, bound: Bound, parameters: tuple[object, ...], timeout: float = 0) -> Answer:
        """Run it; `timeout` in seconds ends it, 0 never does. Raises SqlError kinds."""
        transactions = self._transactions
        writes = bool(bound.changes) or (bound.plan is not None and bool(bound.plan.targets))
        if writes and transactions.read_only:
            raise ReadOnlyTransaction(bound.tag)
        if bound.plan is None:
            transactions.change(bound.tag, *bound.changes)
            return Answer(bound.tag)
        if bound.constants is not None:
            return constant_answer(bound.tag, bound.columns, bound.constants)
        self.before_run()
        return self._run_plan(bound, bound.plan, parameters, writes=writes, timeout=timeout)

    def _run_plan(
        self,
        bound: Bound,
        plan: EnginePlan,
        parameters: tuple[object, ...],
        *,
        writes: bool,
        timeout: float,
    ) -> Answer:
        uses = found_before(bound.uses, (*self._transactions.changes, *bound.changes))
        running = RunningStatement(
            self._warehouse.warehouse_id,
            uses,
            self._engine.cancel,
            self._metered(bound, plan) if uses else None,
        )
        timer = _timer(timeout, self._engine.cancel)
        self._work.running.add(running)
        try:
            running.require(self._work.catalog())
            if running.metered is not None:
                self._across.require(running.metered)
            result = self._started(plan, parameters, writes=writes)
        except BaseException as error:
            told = self._told(error, running)
            self._failed(running)
            self._ended(running, timer)
            if told is not None:
                raise told from error
            raise
        transaction = self._transactions.open
        if transaction is not None and writes:
            transaction.changes.extend(bound.changes)
            if bound.wrote_share:
                transaction.written |= bound.uses
        return self._answer(bound, plan, result, running, timer)

    def _ended(self, running: RunningStatement, timer: threading.Timer | None) -> None:
        if timer is not None:
            timer.cancel()
        self._work.running.remove(running)
        counted = None if running.metered is None else running.metered.end()
        if counted is not None:
            self._across.count(counted)

    def _failed(self, running: RunningStatement) -> None:
        if running.metered is not None:
            running.metered.failed()

    def _metered(self, bound: Bound, plan: EnginePlan) -> Metered | None:
        """What counts the use of shares by the statement that runs now."""
        query, catalog = self.query(), self._transactions.catalog()
        made = [change for change in bound.changes if isinstance(change, Put)]
        catalog = catalog.after(made) if made else catalog
        consumer = catalog.namespace(self._warehouse.namespace)
        if query is None or consumer is None:
            return None
        return self._work.usage.began(bound.uses, plan, query, catalog, consumer)

    def _started(
        self, plan: EnginePlan, parameters: tuple[object, ...], *, writes: bool
    ) -> EngineResult:
        transactions = self._transactions
        if transactions.open is None and not writes and not transactions.block:
            return self._engine.run(plan, parameters)
        return transactions.writing().run(plan, parameters)

    def _answer(
        self,
        bound: Bound,
        plan: EnginePlan,
        result: EngineResult,
        running: RunningStatement,
        timer: threading.Timer | None,
    ) -> Answer:
        tag = bound.tag
        if not plan.returns_rows:
            if running.metered is not None:
                running.metered.wrote(result.affected, result.written)
            self._ended(running, timer)
            return Answer(tag, affected=result.affected if tag in _COUNTED else None)

        def close() -> None:
            result.close()
            self._ended(running, timer)

        def check() -> None:
            running.require(self._work.catalog())

        try:
            schema, convert = as_described(result.schema, bound.columns)
        except SqlError:
            self._failed(running)
            close()
            raise
        batches = self._batches(converted(result.batches(), convert), running, check, close)
        return Answer(tag, bound.columns, schema, batches, on_close=close, check=check)

    def _batches(
        self,
        batches: Iterator[Any],
        running: RunningStatement,
        check: Callable[[], None],
        close: Callable[[], None],
    ) -> Iterator[Any]:
        try:
            for batch in batches:
                check()
                if running.metered is not None:
                    running.metered.gave(batch)
                yield batch
        except SqlError as error:
            self._transactions.fail()
            self._failed(running)
            told = self._told(error, running)
            if told is not None:
                raise told from error
            raise
        finally:
            close()

    def _told(self, error: BaseException, running: RunningStatement) -> SqlError | None:
        """What the client is told instead: why it was cancelled, what our own SQL raised."""
        if running.revoked and isinstance(error, QueryCanceled):
            return running.refusal(self._work.catalog())
        return parse_raised(error.message) if isinstance(error, ExecutionError) else None


def _timer(seconds: float, cancel: Callable[[], None]) -> threading.Timer | None:
    if not seconds:
        return None
    timer = threading.Timer(seconds, cancel)
    timer.daemon = True
    timer.start()
    return timer
