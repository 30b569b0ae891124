"""The PostgreSQL store when its server is killed, restarted, or lost in the middle of a COMMIT."""

from __future__ import annotations

import os
import shutil
import socket
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from redshare.core.catalog import Put
from redshare.core.errors import StoreUnavailable
from redshare.ports import Commit, Store
from tests.adapters.store.conftest import Open, Server
from tests.kits.store_kit import (
    PRODUCER,
    THREADS,
    account,
    aliased,
    audit,
    parallel,
    put,
    share,
    stored,
)

pytestmark = [pytest.mark.server, pytest.mark.crash]

#: Kills in the long form (`make soak`), and otherwise.
ROUNDS = 20 if os.environ.get("REDSHARE_SOAK") else 2


@pytest.fixture(autouse=True)
def _running(server: Server) -> Iterator[None]:
    """Start the server again where a test failed while it was down."""
    yield
    server.ensure()


def keys(store: Store) -> set[str]:
    return {str(found.share_key) for found in store.catalog().datashares()}


def audited(store: Store) -> set[str]:
    return {record.action for _, record in store.audit(PRODUCER, limit=1_000_000)}


def test_every_answer_is_true_over_kills(
    server: Server, fresh: Callable[[], str], opened: Open
) -> None:
    """Over kills and restarts, what was acknowledged is there, and what was refused is not."""
    url = fresh()
    store = opened(url, exclusive=True)
    acknowledged: set[str] = set()
    refused: set[str] = set()

    def work(number: int, round_: int) -> None:
        for step in range(60):
            key = f"{round_}-{number}-{step}"
            try:
                store.commit(Commit((Put(share(key, key)),), audit=(audit(key),)))
            except StoreUnavailable:
                refused.add(key)
            else:
                acknowledged.add(key)
            if number == 0 and step == 20:
                server.kill()
                server.start()

    for round_ in range(ROUNDS):
        parallel(lambda number, round_=round_: work(number, round_))
    assert len(acknowledged) + len(refused) == THREADS * 60 * ROUNDS
    assert acknowledged == keys(store)
    assert acknowledged == audited(store)
    assert store.catalog() == opened(url).catalog()


def test_a_server_that_stays_away_is_unavailable(
    server: Server, fresh: Callable[[], str], opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a server each call says so; when it is back, nothing acknowledged is missing."""
    monkeypatch.setattr("redshare.adapters.store.writer.DOUBT_SECONDS", 0.1)
    store = opened(fresh(), exclusive=True)
    acknowledged: set[str] = set()

    def work(number: int) -> None:
        for step in range(10_000):
            key = f"{number}-{step}"
            store.commit(Commit((Put(share(key, key)),), audit=(audit(key),)))
            acknowledged.add(key)
            if number == 0 and step == 20:
                server.kill()

    outcomes = parallel(work)
    calls: list[Callable[[], object]] = [
        lambda: store.audit(PRODUCER),
        store.chain,
        lambda: store.record([audit("x")]),
        lambda: put(store, account()),
        lambda: stage_and_leave(store),
    ]
    for call in calls:
        with pytest.raises(StoreUnavailable):
            call()
    server.start()
    put(store, account())
    assert [type(outcome) for outcome in outcomes] == [StoreUnavailable] * THREADS
    assert acknowledged <= keys(store)
    # What was in flight is there with its audit row, or neither is.
    assert keys(store) == audited(store)
    assert len(keys(store) - acknowledged) <= THREADS


def stage_and_leave(store: Store) -> None:
    with store.stage(Commit((Put(account()),))):
        pass


def staged(store: Store, alias: str) -> None:
    with store.stage(Commit((Put(aliased(store, alias)),))) as unit:
        unit.commit()


@pytest.mark.parametrize("exclusive", [True, False])
def test_a_restart_between_calls_is_not_noticed(
    server: Server, fresh: Callable[[], str], opened: Open, exclusive: bool
) -> None:
    """After the server was restarted every call works on the store that was open before."""
    store = opened(fresh(), exclusive=exclusive)
    put(store, account())
    calls: list[Callable[[], object]] = [
        lambda: put(store, aliased(store, "put")),
        lambda: store.catalog().version,
        lambda: list(store.audit(PRODUCER)),
        lambda: store.record([audit("one")]),
        lambda: list(store.chain()),
        lambda: staged(store, "staged"),
    ]
    for call in calls:
        call()
        server.kill()
        server.start()
        call()
    assert replace(account(), alias="staged", version=5) == stored(store, account())


def test_a_staged_unit_outlives_a_restart(
    server: Server, fresh: Callable[[], str], opened: Open
) -> None:
    """A staged unit that lost its locks to a restart commits if nobody came between."""
    store = opened(fresh(), exclusive=True)
    with store.stage(Commit((Put(account()),))) as unit:
        server.kill()
        server.start()
        unit.commit()
    assert replace(account(), version=1) == stored(store, account())


def test_a_staged_unit_that_was_overtaken_is_left_to_recovery(
    server: Server, fresh: Callable[[], str], opened: Open
) -> None:
    """A staged unit that lost its locks to a restart, and its name to another, does not commit."""
    store = opened(fresh(), exclusive=True)
    with store.stage(Commit((Put(share("a")),))) as unit:
        server.kill()
        server.start()
        put(store, share("b"))
        with pytest.raises(StoreUnavailable):
            unit.commit()
    assert keys(store) == {"b"}


class Cutting:
    """A relay to the server that can swallow the answer to the next COMMIT and hang up."""

    def __init__(self, upstream: str) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="rs-cut-"))
        self.armed = threading.Event()
        self._upstream = upstream
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(self.folder / ".s.PGSQL.5432"))
        self._listener.listen()
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            server.connect(self._upstream)
            for pump in (self._requests, self._answers):
                thread = threading.Thread(target=pump, args=(client, server))
                self._threads.append(thread)
                thread.start()

    def _requests(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while data := client.recv(65536):
                if self.armed.is_set() and b"COMMIT" in data:
                    client.shutdown(socket.SHUT_RDWR)
                server.sendall(data)
        with suppress(OSError):
            server.shutdown(socket.SHUT_WR)

    @staticmethod
    def _answers(client: socket.socket, server: socket.socket) -> None:
        # Read to the end even where nobody listens any more: the server must not notice.
        while data := server.recv(65536):
            with suppress(OSError):
                client.sendall(data)
        client.close()
        server.close()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        self._listener.close()
        shutil.rmtree(self.folder)


@pytest.fixture
def cutting(server: Server) -> Iterator[Cutting]:
    folder = sa.make_url(server.url()).query["host"]
    relay = Cutting(f"{folder}/.s.PGSQL.5432")
    yield relay
    relay.close()


def test_a_commit_whose_answer_was_lost_is_found_out(
    fresh: Callable[[], str], opened: Open, cutting: Cutting
) -> None:
    """A COMMIT that was made although the connection was lost on it counts as made."""
    url = sa.make_url(fresh()).set(query={"host": str(cutting.folder)})
    store = opened(url.render_as_string(hide_password=False), exclusive=True)
    put(store, account())
    cutting.armed.set()
    try:
        answered = put(store, aliased(store, "made"))
    finally:
        cutting.armed.clear()
    assert answered.account(PRODUCER) == replace(account(), alias="made", version=2)
    put(store, aliased(store, "next"))
    store.close()


def test_a_commit_in_doubt_is_read_before_the_next_answer(
    fresh: Callable[[], str],
    opened: Open,
    cutting: Cutting,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where the fate of a COMMIT stays unknown, the next catalogue is the stored one."""
    monkeypatch.setattr("redshare.adapters.store.writer.DOUBT_SECONDS", 0)
    url = sa.make_url(fresh()).set(query={"host": str(cutting.folder)})
    store = opened(url.render_as_string(hide_password=False), exclusive=True)
    put(store, account())
    cutting.armed.set()
    try:
        with pytest.raises(StoreUnavailable):
            put(store, aliased(store, "made"))
    finally:
        cutting.armed.clear()
    while store.catalog().version == 1:
        pass  # the server may still be at it
    assert replace(account(), alias="made", version=2) == stored(store, account())
    store.close()
