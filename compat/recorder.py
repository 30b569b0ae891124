"""What a client says to a warehouse: a relay that notes each statement and each refusal.

Without TLS, so that it can read along; a client that asks for it is told there is none.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

_SSL_REQUEST = 80877103
_GSS_REQUEST = 80877104
_CANCEL_REQUEST = 80877102


@dataclass
class Recorder:
    """`refused` holds statement and answer; `statements` all texts in their order."""

    target: tuple[str, int]
    statements: list[str] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Stop listening."""
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    def told(self, limit: int = 20) -> str:
        """The refusals, each once."""
        seen = dict.fromkeys(f"{answer} <- {' '.join(sql.split())}" for sql, answer in self.refused)
        return "\n".join(list(seen)[:limit])

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return  # closed
            threading.Thread(target=self._relay, args=(client,), daemon=True).start()

    def _relay(self, client: socket.socket) -> None:
        server = socket.create_connection(self.target)
        with client, server, contextlib.suppress(OSError, EOFError):
            if not _start(client, server):
                return
            said = _Said(self)
            threading.Thread(target=_answers, args=(server, client, said), daemon=True).start()
            for kind, body in _messages(client):
                said.ask(kind, body)
                server.sendall(_framed(kind, body))


class _Said:
    """One connection's statements; an error belongs to the last one that was asked about."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._prepared: dict[bytes, str] = {}
        self._last = ""

    def ask(self, kind: bytes, body: bytes) -> None:
        """A message of the client's."""
        if kind == b"Q":
            self._last = body[:-1].decode()
            self._recorder.statements.append(self._last)
        elif kind == b"P":
            name, text, _ = body.split(b"\0", 2)
            self._last = self._prepared[name] = text.decode()
            self._recorder.statements.append(self._last)
        elif kind == b"B":
            _, name, _ = body.split(b"\0", 2)
            self._last = self._prepared.get(name, self._last)

    def answer(self, kind: bytes, body: bytes) -> None:
        """A message of the server's."""
        if kind == b"E":
            fields = {part[:1]: part[1:].decode() for part in body.split(b"\0") if part}
            self._recorder.refused.append(
                (self._last, f"{fields.get(b'C', '')} {fields.get(b'M', '')}")
            )


def _start(client: socket.socket, server: socket.socket) -> bool:
    while True:
        (length,) = struct.unpack("!i", _exactly(client, 4))
        body = _exactly(client, length - 4)
        (code,) = struct.unpack("!i", body[:4])
        if code in {_SSL_REQUEST, _GSS_REQUEST}:
            client.sendall(b"N")
            continue
        server.sendall(struct.pack("!i", length) + body)
        return code != _CANCEL_REQUEST


def _answers(server: socket.socket, client: socket.socket, said: _Said) -> None:
    with contextlib.suppress(OSError, EOFError):
        for kind, body in _messages(server):
            said.answer(kind, body)
            client.sendall(_framed(kind, body))
    with contextlib.suppress(OSError):
        client.shutdown(socket.SHUT_RDWR)


def _messages(sender: socket.socket) -> Iterator[tuple[bytes, bytes]]:
    while True:
        kind = _exactly(sender, 1)
        (length,) = struct.unpack("!i", _exactly(sender, 4))
        yield kind, _exactly(sender, length - 4)


def _framed(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("!i", len(body) + 4) + body


def _exactly(sender: socket.socket, size: int) -> bytes:
    data = bytearray()
    while len(data) < size:
        part = sender.recv(size - len(data))
        if not part:
            raise EOFError
        data += part
    return bytes(data)
