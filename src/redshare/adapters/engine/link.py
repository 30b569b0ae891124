"""A session's connection to a worker process."""

from __future__ import annotations

import contextlib
import select
from collections.abc import Iterator
from typing import Any

import msgspec

from redshare.adapters.engine import protocol as p
from redshare.adapters.engine.process import WorkerProcess
from redshare.core.plan import StreamedInput
from redshare.core.sql_errors import EngineUnavailable


class Link:
    """A connection to a worker; `busy` while something is open there, else the worker may end."""

    def __init__(self, worker: WorkerProcess) -> None:
        """The worker has been entered."""
        self.worker = worker
        self._busy = True
        self._ahead = False
        try:
            self._socket, self.token = worker.connect()
        except p.Disconnected as error:
            worker.leave()
            raise EngineUnavailable from error

    def ask(self, request: msgspec.Struct) -> tuple[p.Answer, bytes]:
        """Raises EngineUnavailable if the worker is gone."""
        ahead, self._ahead = self._ahead, False
        try:
            if ahead:
                header, body = p.receive(self._socket)
                if isinstance(request, p.Fetch):
                    return p.ANSWERS.decode(header), body
            p.send(self._socket, request)
            header, body = p.receive(self._socket)
        except p.Disconnected as error:
            raise EngineUnavailable from error
        return p.ANSWERS.decode(header), body

    def fetch_ahead(self) -> None:
        """Ask for the next batch, so that it is made while this one is used.

        The next ask() takes the answer: a Fetch as its own, any other forgets it.
        """
        with contextlib.suppress(p.Disconnected):  # the next ask() tells it
            p.send(self._socket, p.Fetch())
            self._ahead = True

    def waits(self, seconds: float) -> bool:
        """Whether a batch asked for ahead is not there after so long."""
        return self._ahead and not select.select([self._socket], [], [], seconds)[0]

    def ask_with(self, request: msgspec.Struct, stream: StreamedInput) -> tuple[p.Answer, bytes]:
        """Ask for a statement and give it its rows as it wants them.

        Raises EngineUnavailable, and what reading the rows raises once the worker has let go.
        """
        batches = stream.open()
        failure: BaseException | None = None
        try:
            p.send(self._socket, request, memoryview(stream.schema.serialize()))
            header, body = p.receive(self._socket)
            while isinstance(answer := p.ANSWERS.decode(header), p.Wanted):
                failure = self._supply(batches)
                header, body = p.receive(self._socket)
        except p.Disconnected as error:
            raise EngineUnavailable from error
        if failure is not None:
            raise failure
        return answer, body

    def _supply(self, batches: Iterator[object]) -> BaseException | None:
        try:
            batch = next(batches, None)
        except (OSError, ValueError) as error:
            p.send(self._socket, p.Supply(failed=True))
            return error
        p.send(self._socket, p.Supply(), b"" if batch is None else _encoded(batch))
        return None

    def wake(self) -> bool:
        """Be busy again; False if the worker takes no more."""
        if not self._busy:
            self._busy = self.worker.enter()
        return self._busy

    def rest(self) -> None:
        """Nothing is open there."""
        if self._busy:
            self._busy = False
            self.worker.leave()

    def close(self) -> None:
        """Disconnect: what is open in the worker is rolled back."""
        self._socket.close()
        self.rest()


def _encoded(batch: Any) -> memoryview:  # noqa: ANN401 - a pyarrow.RecordBatch
    return memoryview(batch.serialize())
