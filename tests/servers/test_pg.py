"""Clients that keep a listener waiting are let go."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from typing import Any, cast

import pytest

from redshare.core.ids import WarehouseId
from redshare.servers import pg as server
from redshare.servers.pg import PgServices, ServedClient, bound_sends


@pytest.fixture(name="pair")
def _pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


@pytest.mark.parametrize("said", [b"", b"\0\0", b"\0\0\0\x08\x04\xd2\x16/"])
def test_a_client_that_does_not_log_in(
    said: bytes, pair: tuple[socket.socket, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Silence before or in the middle of a startup ends the connection, and its thread."""
    monkeypatch.setattr(server, "LOGIN_SECONDS", 0.1)
    ours, theirs = pair
    client = ServedClient(PgServices(cast("Any", None), None), WarehouseId("w"), ours)
    theirs.sendall(said)
    ended: list[BaseException] = []

    def run() -> None:
        try:
            client.run()
        except OSError as error:
            ended.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(30)
    assert not thread.is_alive()
    assert isinstance(ended[0], TimeoutError)


def test_a_client_that_reads_nothing(
    pair: tuple[socket.socket, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A send that makes no way is given up; waiting for the client's next word is not."""
    monkeypatch.setattr(server, "SEND_SECONDS", 0.1)
    ours, _ = pair
    bound_sends(ours)
    with pytest.raises(BlockingIOError):
        ours.sendall(bytes(64 << 20))
    assert ours.gettimeout() is None
