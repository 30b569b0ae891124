"""The messages between the node and a worker, and their frames on a Unix socket.

A frame is two 32-bit lengths, a MessagePack header and a body of Arrow IPC bytes. The node asks,
the worker answers each request once; a result's batches are asked for one by one, so a reader that
pauses holds nothing but its own statement. A statement over streamed rows turns the direction
round: while it runs the worker answers Wanted for each batch, and the node sends a Supply. A cancel
comes on a connection of its own.
"""

from __future__ import annotations

import socket
import struct
from datetime import datetime
from typing import TypeAlias

import msgspec

_LENGTHS = struct.Struct("!II")


class Use(msgspec.Struct, frozen=True):
    """core.plan.LakeUse."""

    lake: str
    may_write: bool
    tables: list[str] | None = None


class Target(msgspec.Struct, frozen=True):
    """core.plan.WriteTarget."""

    lake: str
    table: str
    verb: str


class Input(msgspec.Struct, frozen=True):
    """core.plan.InputTable, its values encoded."""

    name: str
    columns: list[tuple[str, str]]
    rows: list[list[object]]


class Plan(msgspec.Struct, frozen=True):
    """core.plan.EnginePlan."""

    sql: str
    lakes: list[Use]
    targets: list[Target]
    inputs: list[Input]
    returns_rows: bool
    #: The name of the streamed rows in the SQL; their schema is the body of Run.
    stream: str | None = None


class Note(msgspec.Struct, frozen=True):
    """ports.CommitNote."""

    author: str
    message: str
    extra_info: str


# --- requests -----------------------------------------------------------------------------------


class Hello(msgspec.Struct, tag=True, frozen=True):
    """First on a connection: the session's token, by which it is cancelled."""

    token: str


class Begin(msgspec.Struct, tag=True, frozen=True):
    """Start a transaction; its engine side begins with its first statement.

    `lock_first`: a lake whose lock is taken before anything is read. `pinned`: the snapshots that
    the transaction has read elsewhere and must find again.
    """

    read_only: bool
    lock_first: str | None = None
    pinned: dict[str, int] = {}


class Run(msgspec.Struct, tag=True, frozen=True):
    """Run a statement; a cancel names `number`; it is `at` that time, its transaction `began`."""

    number: int
    plan: Plan
    parameters: list[object]
    at: datetime
    began: datetime


class Supply(msgspec.Struct, tag=True, frozen=True):
    """Answers Wanted: the body is a record batch; empty: there is none left, or none to be had."""

    failed: bool = False


class Fetch(msgspec.Struct, tag=True, frozen=True):
    """The next batch of the open result."""


class CloseResult(msgspec.Struct, tag=True, frozen=True):
    """Forget the open result."""


class Pinned(msgspec.Struct, tag=True, frozen=True):
    """Which snapshots has the transaction read, and has it written?"""


class CommitTransaction(msgspec.Struct, tag=True, frozen=True):
    """Commit. It cannot be canceled: its outcome must be known."""

    note: Note | None


class Rollback(msgspec.Struct, tag=True, frozen=True):
    """Roll back; without a transaction: no effect."""


class Cancel(msgspec.Struct, tag=True, frozen=True):
    """End that statement of that session if it still runs; answered when it has ended or not."""

    token: str
    number: int
    grace: float


class CreateLake(msgspec.Struct, tag=True, frozen=True):
    """Make a lake in an empty database."""

    lake: str
    conninfo: str


class DropTables(msgspec.Struct, tag=True, frozen=True):
    """Drop tables of a lake that belong to nobody."""

    lake: str
    conninfo: str
    tables: list[str]


class Maintain(msgspec.Struct, tag=True, frozen=True):
    """Compact and expire."""

    lake: str
    conninfo: str
    retention: float


Request: TypeAlias = (
    Hello
    | Begin
    | Run
    | Supply
    | Fetch
    | CloseResult
    | Pinned
    | CommitTransaction
    | Rollback
    | Cancel
    | CreateLake
    | DropTables
    | Maintain
)

# --- answers ------------------------------------------------------------------------------------


class Done(msgspec.Struct, tag=True, frozen=True):
    """It is done; `obeyed` answers a cancel."""

    obeyed: bool = True


class Opened(msgspec.Struct, tag=True, frozen=True):
    """A statement's result; the body is its schema. `written`: bytes of files, where asked for."""

    affected: int | None
    exhausted: bool
    written: int | None = None


class Batch(msgspec.Struct, tag=True, frozen=True):
    """The body is a record batch; empty: there was none left."""

    exhausted: bool


class Wanted(msgspec.Struct, tag=True, frozen=True):
    """The running statement asks for its next streamed batch."""


class PinnedAre(msgspec.Struct, tag=True, frozen=True):
    """Answers Pinned."""

    snapshots: dict[str, int]
    wrote: bool


class CommittedAs(msgspec.Struct, tag=True, frozen=True):
    """Answers CommitTransaction."""

    lake: str | None
    snapshot_id: int | None


class Maintained(msgspec.Struct, tag=True, frozen=True):
    """Answers Maintain."""

    merged: int
    rewritten: int
    expired: int
    removed: int


class Failed(msgspec.Struct, tag=True, frozen=True):
    """The request failed. `kind` is one of failure.Kind; `lake` is the one fought over."""

    kind: str
    message: str
    sqlstate: str = ""
    lake: str | None = None


Answer: TypeAlias = Done | Opened | Batch | Wanted | PinnedAre | CommittedAs | Maintained | Failed

# --- the worker's start -------------------------------------------------------------------------


class Right(msgspec.Struct, frozen=True):
    """A lake a worker may reach."""

    lake: str
    may_write: bool
    tables: list[str] | None
    conninfo: str


class WorkerConfig(msgspec.Struct, frozen=True):
    """All a worker is told; its passwords are in a file of its private directory."""

    listener: int
    data: str
    extensions: str
    private: str
    rights: list[Right]
    #: The worker that makes and maintains lakes reaches all of them and runs no client's statement.
    system: bool
    memory_bytes: int
    threads: int
    lock_timeout: float
    max_transaction: float
    idle_in_transaction: float
    batch_rows: int
    transactions: int
    warm: int
    attached: int
    temporary_bytes: int
    landlock: bool
    #: TCP ports that may be connected to: an external PostgreSQL's.
    ports: list[int]
    trace: str | None


class Disconnected(Exception):
    """The other side is gone."""


REQUESTS: msgspec.msgpack.Decoder[Request] = msgspec.msgpack.Decoder(Request)
ANSWERS: msgspec.msgpack.Decoder[Answer] = msgspec.msgpack.Decoder(Answer)
_ENCODER = msgspec.msgpack.Encoder()


def send(to: socket.socket, message: msgspec.Struct, body: bytes | memoryview = b"") -> None:
    """Raises Disconnected."""
    header = _ENCODER.encode(message)
    size = len(body) if isinstance(body, bytes) else body.nbytes
    try:
        to.sendall(_LENGTHS.pack(len(header), size) + header)
        if size:
            to.sendall(body)
    except OSError as error:
        raise Disconnected from error


def receive(source: socket.socket) -> tuple[bytes, bytes]:
    """The next frame's header and body. Raises Disconnected, TimeoutError before a frame began."""
    first = _exactly(source, _LENGTHS.size)
    source_timeout = source.gettimeout()
    source.settimeout(None)
    try:
        header_size, body_size = _LENGTHS.unpack(first)
        header = _exactly(source, header_size)
        return header, _exactly(source, body_size)
    finally:
        source.settimeout(source_timeout)


def _exactly(source: socket.socket, size: int) -> bytes:
    parts: list[bytes] = []
    left = size
    while left:
        try:
            # Usually all of it, in the one piece of memory that Arrow then reads.
            part = source.recv(left, socket.MSG_WAITALL)
        except TimeoutError:
            if not parts:
                raise
            continue
        except OSError as error:
            raise Disconnected from error
        if not part:
            raise Disconnected
        parts.append(part)
        left -= len(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)
