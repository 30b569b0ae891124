"""Statements run on a cursor: their inputs, their kind, their result batch by batch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import duckdb
import pyarrow as pa

from redshare.adapters.engine.failure import Kind, Refused
from redshare.adapters.engine.protocol import Input, Plan, Run
from redshare.adapters.engine.values import decode

#: The variable in which GETDATE() finds when its statement began.
#: What a statement may read of the time: the engine's own clock is the machine's, and goes on or
#: stands still as it likes.
STATEMENT_TIME, TRANSACTION_TIME = "statement_time", "transaction_time"
_READS = (duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN)


class Stream:
    """A statement's open result; `done` is called once, when nothing of it is needed any more."""

    def __init__(self, reader: Any, done: Callable[[], None]) -> None:  # noqa: ANN401
        self._reader = reader
        self._done: Callable[[], None] | None = done
        self.schema: pa.Schema = reader.schema
        self.exhausted = False

    def next(self) -> pa.RecordBatch | None:
        """The next batch, None after the last. Raises duckdb.Error, OSError."""
        while not self.exhausted:
            try:
                batch = self._reader.read_next_batch()
            except StopIteration:
                self.close()
                return None
            except BaseException:
                self.close()
                raise
            if batch.num_rows:
                return batch
        return None

    def close(self) -> None:
        """Forget it; again: no effect."""
        self.exhausted = True
        done, self._done = self._done, None
        if done is not None:
            self._reader = None
            done()


def check_kind(plan: Plan) -> None:
    """A plan without targets must read only: what the binder promised is looked at again."""
    for statement in duckdb.extract_statements(plan.sql):
        if not plan.targets and statement.type not in _READS:
            raise Refused(Kind.EXECUTION, "the statement writes, but names no table", "25006")


def execute(cursor: Any, request: Run) -> None:  # noqa: ANN401
    """Run it, or begin to: a result is produced as it is read."""
    sql = request.plan.sql
    for variable, at in ((STATEMENT_TIME, request.at), (TRANSACTION_TIME, request.began)):
        if variable in sql:
            cursor.execute(f"SET VARIABLE {variable} = TIMESTAMP '{at:%F %T.%f}'")
    values = [decode(value) for value in request.parameters]
    if values:
        cursor.execute(sql, values)
    else:
        cursor.execute(sql)


def affected(cursor: Any) -> int | None:  # noqa: ANN401
    """The count a data-changing statement answers, None of others."""
    description = cursor.description
    if not description or description[0][0] != "Count":
        return None
    row = cursor.fetchone()
    return None if row is None else int(row[0])


@contextmanager
def inputs_of(cursor: Any, plan: Plan) -> Iterator[Callable[[], None]]:  # noqa: ANN401
    """Supply the plan's rows; the yielded function takes them away (also done on an error)."""

    def remove() -> None:
        for given in plan.inputs:
            cursor.unregister(given.name)

    try:
        for given in plan.inputs:
            cursor.register(given.name, _table(cursor, given))
        yield remove
    except BaseException:
        remove()
        raise


def _table(cursor: Any, given: Input) -> pa.Table:  # noqa: ANN401
    """Columns of the wanted types: DuckDB says which Arrow type each is."""
    nulls = ", ".join(f'NULL::{kind} AS "{index}"' for index, (_, kind) in enumerate(given.columns))
    schema = cursor.execute(f"SELECT {nulls} LIMIT 0").to_arrow_table().schema
    columns = [
        pa.array([decode(row[index]) for row in given.rows], type=field.type)
        for index, field in enumerate(schema)
    ]
    return pa.table(columns, names=[name for name, _ in given.columns])
