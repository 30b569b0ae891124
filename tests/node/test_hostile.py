"""A client may send and do what it likes: named errors or a clean end, and nobody else notices."""

from __future__ import annotations

import os
import random
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

from tests.node.conftest import Connect
from tests.node.running import PASSWORD, RunningNode
from tests.wire.pg import client as pg

pytestmark = pytest.mark.server

#: Mutated conversations; the long form has many more.
CONVERSATIONS = 20_000 if os.environ.get("REDSHARE_SOAK") else 150
SECONDS = 60.0
ENDLESS = "SELECT count(*) FROM {t} a, {t} b, {t} c, {t} d, {t} e, {t} f, {t} g, {t} h"


class Raw:
    """A logged-in connection as its bytes."""

    def __init__(self, node: RunningNode, buffer: int | None = None) -> None:
        host, port = node.endpoint("sales")
        self._connection = psycopg.connect(
            host=host, port=port, dbname="dev", user="admin", password=PASSWORD,
            sslmode="disable", autocommit=True,
        )  # fmt: skip
        self.key = self._connection.pgconn.backend_pid, self._connection.pgconn
        self.socket = socket.socket(fileno=os.dup(self._connection.pgconn.socket))
        self.socket.settimeout(SECONDS)
        if buffer is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)

    def close(self) -> None:
        self.socket.close()
        self._connection.close()

    def exchange(self, data: bytes) -> list[tuple[str, bytes]]:
        """Send, and the messages up to ReadyForQuery."""
        self.socket.sendall(data)
        found = b""
        while found[-6:-1] != b"Z\0\0\0\5":
            part = self.socket.recv(1 << 16)
            if not part:
                raise ConnectionError(found)
            found += part
        return pg.split(found)

    def ended(self, data: bytes) -> bytes:
        """Send, say no more, and everything up to the end."""
        found = b""
        try:
            self.socket.sendall(data)
            self.socket.shutdown(socket.SHUT_WR)
            while part := self.socket.recv(1 << 16):
                found += part
        except ConnectionError:
            pass  # it ended the connection before it had read all
        return found


@contextmanager
def raw(node: RunningNode, buffer: int | None = None) -> Iterator[Raw]:
    """A connection that is closed in the end."""
    made = Raw(node, buffer)
    try:
        yield made
    finally:
        made.close()


def _state(messages: list[tuple[str, bytes]]) -> str:
    """The only error's SQLSTATE."""
    (body,) = [body for kind, body in messages if kind == "E"]
    return body.split(b"\0C", 1)[1][:5].decode()


def _execute(portal: str = "", most: int = 0) -> bytes:
    return pg.typed("E", pg.text(portal) + struct.pack("!i", most))


SYNC, FLUSH = pg.typed("S"), pg.typed("H")
#: What a client says, to be spoilt.
CONVERSATION = [
    pg.query("SELECT 1; SELECT 'two', NULL"),
    pg.parse("s", "SELECT $1::integer + 1, $2", 23),
    pg.typed("D", b"S" + pg.text("s")),
    FLUSH,
    pg.bind("p", "s", (b"41", None), (0,), (1,)),
    pg.bind("p2", "s", (struct.pack("!i", 7), b"x"), (1, 0), (0, 1)),
    pg.typed("D", b"P" + pg.text("p")),
    _execute("p", 1),
    _execute("p2"),
    pg.typed("C", b"P" + pg.text("p")),
    SYNC,
    pg.query("BEGIN"),
    pg.query("SELECT * FROM nothing_here"),
    pg.query("ROLLBACK"),
    pg.typed("C", b"S" + pg.text("s")),
    SYNC,
]


def _spoilt(chance: random.Random) -> bytes:
    """The conversation with bytes changed, and messages cut, doubled, moved or left out."""
    messages = list(CONVERSATION)
    for _ in range(chance.randrange(1, 4)):
        at = chance.randrange(len(messages))
        match chance.randrange(5):
            case 0:
                messages.insert(at, messages[chance.randrange(len(messages))])
            case 1:
                del messages[at]
            case 2:
                messages[at] = messages[at][: chance.randrange(len(messages[at]))]
            case 3:
                messages[at] = chance.randbytes(chance.randrange(1, 12)) + messages[at]
            case _:
                data = bytearray(messages[at])
                for _ in range(chance.randrange(1, 4)):
                    data[chance.randrange(len(data))] = chance.randrange(256)
                messages[at] = bytes(data)
    return b"".join(messages)


def test_mutated_messages(node: RunningNode, connect: Connect) -> None:
    """Whatever is sent, what comes back is in frames, and no failure of the node's own."""
    witness, chance = connect("sales"), random.Random(20260102)
    for number in range(CONVERSATIONS):
        with raw(node) as hostile:
            answer = hostile.ended(_spoilt(chance))
        pg.split(answer)
        assert b"internal error" not in answer, number
        if number % 50 == 0:
            assert witness.execute("SELECT 1").fetchone() == (1,)
    assert witness.execute("SELECT 1").fetchone() == (1,)


STATEMENTS: dict[str, tuple[str, str | None]] = {
    "parentheses": ("SELECT " + "(" * 65_536, "54001"),
    "closed parentheses": ("SELECT " + "(" * 32_768 + "1" + ")" * 32_768, "54001"),
    "minus signs": ("SELECT " + "- " * 50_000 + "1", "54001"),
    "a long string": ("SELECT length('" + "x" * 1_000_000 + "')", None),
    "a long list": ("SELECT 1 WHERE 7 IN (" + ", ".join(["7"] * 20_000) + ")", None),
    "a long name": ("SELECT " + "x" * 1_000_000, "42622"),
    "nothing but commas": ("SELECT " + "," * 100_000, "42601"),
    "an open comment": ("/*" * 500_000, "42601"),
    "an unknown type": ("SELECT 1::no_such_type", None),
    "an unknown schema of a type": ("SELECT 1::nowhere.int4", None),
}


@pytest.mark.parametrize("name", STATEMENTS)
def test_statements(name: str, node: RunningNode) -> None:
    """A statement of any size and shape is answered, and the session goes on."""
    text, state = STATEMENTS[name]
    with raw(node) as hostile:
        messages = hostile.exchange(pg.query(text))
        if state is not None:
            assert _state(messages) == state
        assert all(b"internal error" not in body for _, body in messages)
        assert [kind for kind, _ in hostile.exchange(pg.query("SELECT 1"))] == list("TDCZ")


@pytest.mark.parametrize(
    ("data", "state"),
    [
        (pg.typed("Q", b'SELECT "a\0b"\0'), "08P01"),
        (pg.parse("", 'SELECT 1 AS "a\\0"') + SYNC, None),
        (
            pg.parse("", "SELECT $1", 1043) + pg.bind("", "", (b"a\0b",)) + SYNC,
            "22021",
        ),
        (pg.parse("", "SELECT $1", 999_999) + pg.bind("", "", (b"a",)) + SYNC, "0A000"),
        (pg.parse("", "SELECT $1", 23) + pg.bind("", "", (b"abc",), (1,)) + SYNC, "22P03"),
        (pg.parse("", "SELECT $1", 23) + pg.bind("", "", (b"1",), (9,)) + SYNC, "22023"),
        (pg.parse("", "SELECT $40000") + SYNC, "42P02"),
        (pg.bind("", "no such statement") + SYNC, "26000"),
        (_execute("no such portal") + SYNC, "34000"),
        (pg.typed("F", bytes(10)) + SYNC, "0A000"),
        (pg.typed("d", b"stray copy data") + SYNC, None),
    ],
)
def test_messages(data: bytes, state: str | None, node: RunningNode) -> None:
    """A message that cannot be obeyed is one error with its SQLSTATE, or the connection's end."""
    with raw(node) as hostile:
        try:
            messages = hostile.exchange(data)
        except ConnectionError as error:
            messages = pg.split(error.args[0])
        if state is None:
            assert not any(b"internal error" in body for _, body in messages)
        else:
            assert _state(messages) == state


def test_errors_in_a_pipeline(node: RunningNode) -> None:
    """After an error nothing runs until Sync; what is behind the Sync does."""
    with raw(node) as hostile:
        good = pg.parse("", "SELECT 1") + pg.bind("", "") + _execute()
        bad = pg.parse("", "SELECT 1 FROM nothing_here") + pg.bind("", "") + _execute()
        messages = hostile.exchange(good + bad + good + SYNC)
        assert [kind for kind, _ in messages] == list("12DCEZ")
        messages = hostile.exchange(bad + SYNC + pg.query("SELECT 1"))
        assert [kind for kind, _ in messages][:2] == ["E", "Z"]


def test_a_failed_transaction(connect: Connect) -> None:
    """After an error in a transaction everything is 25P02 until it is ended."""
    connection = connect("sales")
    connection.execute("BEGIN")
    with pytest.raises(psycopg.errors.UndefinedTable):
        connection.execute("SELECT * FROM nothing_here")
    for sql in ("SELECT 1", "SET search_path TO public", "CREATE TABLE failed_t (i integer)"):
        with pytest.raises(psycopg.errors.InFailedSqlTransaction):
            connection.execute(sql.encode())
    with pytest.raises(psycopg.errors.InFailedSqlTransaction):
        connection.execute("SELECT %s", (1,))
    connection.execute("ROLLBACK")
    assert connection.execute("SELECT 1").fetchone() == (1,)


def _rows(connection: psycopg.Connection[Any], name: str) -> str:
    connection.execute(f"CREATE TABLE h_{name} (i integer)".encode())
    connection.execute(
        f"INSERT INTO h_{name} VALUES {', '.join(f'({n})' for n in range(1000))}".encode()
    )
    return f"h_{name}"


@pytest.mark.parametrize("how", ["cancel", "cancel_safe"])
def test_cancel(node: RunningNode, name: str, connect: Connect, how: str) -> None:
    """The right key ends the statement and nothing else, over TLS too; a wrong one does nothing."""
    connection, witness = connect("sales"), connect("sales")
    endless = ENDLESS.format(t=_rows(connection, name)).encode()
    host, port = node.endpoint("sales")
    process_id = connection.pgconn.backend_pid
    for key in (0, 0xFFFFFFFF):
        with socket.create_connection((host, port), SECONDS) as wrong:
            wrong.sendall(pg.untyped(struct.pack("!III", pg.CANCEL, process_id, key)))
            assert wrong.recv(1) == b""
    failures: list[BaseException] = []

    def cancel() -> None:
        try:
            getattr(connection, how)()
        except psycopg.Error as error:
            failures.append(error)

    timer = threading.Timer(0.5, cancel)
    timer.start()
    with pytest.raises(psycopg.errors.QueryCanceled):
        connection.execute(endless)
    timer.join()
    assert failures == []
    assert connection.execute("SELECT 1").fetchone() == (1,)
    assert witness.execute("SELECT 1").fetchone() == (1,)


SILENCE: dict[str, Callable[[], bytes]] = {
    "not a byte": lambda: b"",
    "half a length": lambda: b"\0\0",
    "no password": lambda: pg.startup(user="admin", database="dev"),
    "a TLS handshake that does not begin": lambda: pg.untyped(struct.pack("!I", pg.SSL)),
}


@pytest.mark.parametrize("silence", SILENCE)
def test_silent_clients(silence: str, node: RunningNode, connect: Connect) -> None:
    """Clients that stop before they have logged in keep nobody else from it."""
    host, port = node.endpoint("sales")
    opened = [socket.create_connection((host, port), SECONDS) for _ in range(20)]
    try:
        for one in opened:
            one.sendall(SILENCE[silence]())
        assert connect("sales").execute("SELECT 1").fetchone() == (1,)
    finally:
        for one in opened:
            one.close()


def test_a_client_that_hardly_reads(node: RunningNode, name: str, connect: Connect) -> None:
    """A result that is read byte by byte keeps its own session waiting and no other."""
    connection = connect("sales")
    table = _rows(connection, name)
    with raw(node, buffer=4096) as slow:
        slow.socket.sendall(pg.query(f"SELECT a.i, b.i FROM {table} a, {table} b, {table} c"))
        for _ in range(3):
            assert slow.socket.recv(1)
            assert connection.execute(f"SELECT count(*) FROM {table}".encode()).fetchone() == (
                1000,
            )
    connection.execute(f"DROP TABLE {table}".encode())
