"""A session's cursors: queries whose rows are read by FETCH, in order, between other statements.

A cursor streams from the engine until something else runs there; then the rest is kept in memory,
and in a bounded temporary file where it is more. Every FETCH asks again whether the shares the
rows were read through are still there.
https://docs.aws.amazon.com/redshift/latest/dg/declare.html
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from redshare.app.sessions.answer import Answer
from redshare.core.sql_errors import SqlError
from redshare.ports import Spool, Spools


@dataclass(slots=True)
class Cursor:
    """`answer` is the query's; what was taken from it and not yet fetched is in `spool`."""

    name: str
    answer: Answer
    hold: bool = False
    #: Its transaction committed: it lives until the session ends.
    committed: bool = False
    spool: Spool | None = None
    _left: deque[Any] = field(default_factory=deque)

    def park(self, spools: Spools) -> None:
        """Take the rest of the stream, for the engine is about to be asked something else."""
        if self.spool is not None:
            return
        self.spool = spools.open()
        for batch in self.answer.batches:
            self.spool.append(batch)

    def take(self, most: int | None) -> Iterator[Any]:
        """The next batches with that many rows at most; None is all."""
        while most is None or most > 0:
            batch = self._next()
            if batch is None:
                return
            if most is not None and batch.num_rows > most:
                self._left.appendleft(batch.slice(most))
                batch = batch.slice(0, most)
            if most is not None:
                most -= batch.num_rows
            yield batch

    def close(self) -> None:
        """Give up what is left."""
        self._left.clear()
        self.answer.close()
        if self.spool is not None:
            self.spool.close()

    def _next(self) -> Any:  # noqa: ANN401 - a pyarrow.RecordBatch or None
        if self._left:
            return self._left.popleft()
        if self.spool is not None:
            return self.spool.next()
        for batch in self.answer.batches:
            if batch.num_rows:
                return batch
        return None


class Cursors:
    """All of one session, by name."""

    def __init__(self, spools: Spools) -> None:
        self._spools = spools
        self._open: dict[str, Cursor] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._open

    def declare(self, name: str, answer: Answer, *, hold: bool) -> None:
        """Keep a query's answer under a name that `require_free` passed."""
        self._open[name] = Cursor(name, answer, hold)

    def require_free(self, name: str) -> None:
        """Raises SqlError where the name is taken."""
        if name in self._open:
            raise SqlError(f'cursor "{name}" already exists', "42P03")

    def find(self, name: str) -> Cursor:
        """Raises SqlError where there is none of that name."""
        found = self._open.get(name)
        if found is None:
            raise SqlError(f'cursor "{name}" does not exist', "34000")
        return found

    def fetch(self, name: str, most: int | None) -> Answer:
        """The next rows as an answer of their own. Raises ShareNotAccessible."""
        cursor = self.find(name)
        answer = cursor.answer
        if answer.check is not None:
            answer.check()
        batches = list(cursor.take(most)) if most is not None else cursor.take(most)
        return Answer("FETCH", answer.columns, answer.schema, iter(batches), check=answer.check)

    def close(self, name: str) -> None:
        """CLOSE."""
        self.find(name).close()
        del self._open[name]

    def close_all(self) -> None:
        """CLOSE ALL, and the session's end."""
        for name in list(self._open):
            self.close(name)

    def park(self) -> None:
        """Before anything else runs on the engine."""
        for cursor in self._open.values():
            cursor.park(self._spools)

    def before_commit(self) -> None:
        """Those WITH HOLD keep their rows."""
        for cursor in self._open.values():
            if cursor.hold:
                cursor.park(self._spools)

    def transaction_ended(self, committed: bool) -> None:
        """A transaction's cursors end with it; those WITH HOLD live on once it committed."""
        for name, cursor in list(self._open.items()):
            if cursor.hold and committed:
                cursor.committed = True
            if not cursor.committed:
                self.close(name)
