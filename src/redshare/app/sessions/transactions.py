"""A session's transactions: begun by BEGIN or by the first change, ended with its settings.

Outside a block every statement, or every text of several, is a transaction of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from redshare.app.sessions.state import SessionState
from redshare.app.sessions.temporary import TemporaryObjects
from redshare.app.sessions.transaction import Transaction
from redshare.app.work import Work
from redshare.core.catalog import Catalog, Change
from redshare.core.errors import RedshareError
from redshare.core.sql_errors import (
    ActiveTransaction,
    ReadOnlyTransaction,
    SerializationFailure,
    SqlError,
)
from redshare.core.warehouse import Warehouse
from redshare.ports import EngineSession
from redshare.sql.temporary import drop_plan

#: Told when a transaction ends: whether it committed.
Ended = Callable[[bool], None]


class Transactions:
    """At most one is open."""

    def __init__(
        self,
        work: Work,
        engine: EngineSession,
        warehouse: Warehouse,
        state: SessionState,
        temporary: TemporaryObjects,
    ) -> None:
        self.open: Transaction | None = None
        self.failed = False
        #: Several statements of one text are one transaction, though nobody said BEGIN.
        self.block = False
        #: What else ends with a transaction.
        self.before_commit: Callable[[], None] = lambda: None
        self.ended: Ended = lambda _committed: None
        self._work = work
        self._engine = engine
        self._warehouse = warehouse
        self._state = state
        self._temporary = temporary

    @property
    def status(self) -> str:
        """PostgreSQL's transaction indicator: I, T or E."""
        if self.failed:
            return "E"
        return "T" if self.explicit else "I"

    @property
    def explicit(self) -> bool:
        """Whether a transaction block is open."""
        return self.open is not None and self.open.explicit

    @property
    def read_only(self) -> bool:
        """Whether a write is refused now."""
        return self._state.read_only if self.open is None else self.open.read_only

    def catalog(self) -> Catalog:
        """The newest catalogue, with the open transaction's changes laid over."""
        return self.open.catalog() if self.open else self._temporary.over(self._work.catalog())

    @property
    def changes(self) -> Sequence[Change]:
        """What the open transaction changed until now."""
        return self.open.changes if self.open else ()

    def change(self, tag: str, *changes: Change) -> None:
        """Add governance changes. Raises ReadOnlyTransaction."""
        transaction = self.writing()
        if transaction.read_only:
            raise ReadOnlyTransaction(tag)
        transaction.changes.extend(changes)

    def writing(self) -> Transaction:
        """The transaction that a change belongs to: the client's, or one that ends by itself."""
        if self.open is None:
            self.open = self._new(explicit=False, read_only=self._state.read_only)
        return self.open

    def begin(self, *, read_only: bool) -> None:
        """BEGIN: what ran before it in the same text is part of it."""
        if self.open is None:
            self.open = self._new(explicit=True, read_only=read_only)
        self.open.explicit = True
        self.open.read_only = read_only
        self._state.begin()

    def commit(self) -> bool:
        """COMMIT; False where the transaction had failed and was rolled back instead."""
        if self.failed:
            self.rollback()
            return False
        if self.open is None:
            return True
        self.before_commit()
        transaction, self.open = self.open, None
        committed = False
        try:
            transaction.commit()
            committed = True
        except SqlError as error:
            transaction.record_failure(error)
            raise
        finally:
            self._end(committed=committed)
        return True

    def commit_now(self) -> None:
        """What a statement does that ends the transaction it runs in; an open block goes on."""
        transaction = self.open
        if transaction is None:
            return
        self.commit()
        if transaction.explicit:
            self.begin(read_only=transaction.read_only)

    def commit_implicit(self, *, tried_again: bool = False) -> None:
        """The end of a statement or a text: what nobody began is committed.

        `tried_again`: who loses a race does the statement again, so it has not failed.
        """
        if self.open is None or self.open.explicit:
            return
        self.before_commit()
        transaction, self.open = self.open, None
        committed = False
        try:
            transaction.commit()
            committed = True
        except SqlError as error:
            if not (tried_again and isinstance(error, SerializationFailure)):
                transaction.record_failure(error)
            raise
        finally:
            self.ended(committed)

    def rollback(self) -> None:
        """ROLLBACK."""
        transaction, self.open = self.open, None
        self.failed = False
        self._end(committed=False)
        if transaction is not None:
            transaction.rollback()

    def drop_temporary(self) -> None:
        """At the session's end: drop its temporary tables. Raises RedshareError."""
        left = list(self._temporary.relations)
        if not left:
            return
        transaction = self._new(explicit=False)
        try:
            transaction.run(drop_plan(left), ())
            transaction.commit()
        except RedshareError:
            transaction.rollback()
            raise

    def forbid_block(self, statement: str) -> None:
        """Raises ActiveTransaction inside a transaction block."""
        if self.block or self.explicit:
            raise ActiveTransaction(statement)

    def fail(self) -> None:
        """After an error: an explicit transaction waits for its end, any other is undone."""
        transaction = self.open
        if transaction is None:
            return
        if transaction.explicit:
            self.failed = True
        else:
            self.open = None
        self.ended(False)
        transaction.rollback()

    def _end(self, *, committed: bool) -> None:
        self._state.end(committed=committed)
        self.ended(committed)

    def _new(self, *, explicit: bool, read_only: bool = False) -> Transaction:
        author = f"{self._warehouse.namespace}/{self._state.user}"
        return Transaction(
            self._work,
            self._engine,
            self._warehouse.warehouse_id,
            author,
            self._temporary,
            explicit=explicit,
            read_only=read_only,
        )
