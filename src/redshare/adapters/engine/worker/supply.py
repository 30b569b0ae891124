"""The rows a statement is given while it runs: asked of the node one batch at a time.

Arrow reads ahead in a thread of its own, and may still be reading when the statement has failed:
each question and its answer are one step, and at the end no step is under way and none follows, so
the connection is the session's again. What breaks on the way is kept and raised in its place.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from types import TracebackType
from typing import Any, Self

import pyarrow as pa

from redshare.adapters.engine import protocol as p
from redshare.adapters.engine.failure import Kind, Refused


class Supplied:
    """A name of the SQL behind which the node's batches are, while the context lasts."""

    def __init__(
        self,
        connection: socket.socket,
        cursor: Any,  # noqa: ANN401 - a DuckDBPyConnection
        name: str,
        schema: bytes,
    ) -> None:
        self._connection = connection
        self._cursor = cursor
        self._name = name
        self._schema = pa.ipc.read_schema(pa.py_buffer(schema))
        self._failure: BaseException | None = None
        self._guard = threading.Lock()
        self._closed = False

    def __enter__(self) -> Self:
        # The node may take its time between two batches.
        self._connection.settimeout(None)
        reader = pa.RecordBatchReader.from_batches(self._schema, self._batches())
        self._cursor.register(self._name, reader)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._guard:
            self._closed = True
        self._cursor.unregister(self._name)

    def raise_failure(self) -> None:
        """What broke while rows were asked for, instead of what the engine makes of it."""
        if self._failure is not None:
            raise self._failure

    def _batches(self) -> Iterator[pa.RecordBatch]:
        while True:
            with self._guard:
                body = b"" if self._closed else self._asked()
            if not body:
                return
            yield pa.ipc.read_record_batch(pa.py_buffer(body), self._schema)

    def _asked(self) -> bytes:
        """The next batch; empty after the last."""
        try:
            p.send(self._connection, p.Wanted())
            header, body = p.receive(self._connection)
            _check(p.REQUESTS.decode(header))
        except (p.Disconnected, Refused) as error:
            self._failure = error
            raise
        return body


def _check(supply: p.Request) -> None:
    if not isinstance(supply, p.Supply) or supply.failed:
        raise Refused(Kind.EXECUTION, "the rows to load cannot be read")
