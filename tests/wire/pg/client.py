"""A client's half of the protocol for tests: builds frontend bytes, reads backend bytes.

Written from the public protocol pages, not from the code under test, so that the two can disagree.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import struct

CANCEL, SSL, GSSENC = 80877102, 80877103, 80877104


def startup(version: int = 196608, **parameters: str) -> bytes:
    pairs = b"".join(
        name.encode() + b"\0" + value.encode() + b"\0" for name, value in parameters.items()
    )
    return untyped(struct.pack("!I", version) + pairs + b"\0")


def untyped(body: bytes) -> bytes:
    return struct.pack("!i", len(body) + 4) + body


def typed(kind: str, body: bytes = b"") -> bytes:
    return kind.encode() + struct.pack("!i", len(body) + 4) + body


def text(value: str) -> bytes:
    return value.encode() + b"\0"


def query(sql: str) -> bytes:
    return typed("Q", text(sql))


def parse(name: str, sql: str, *oids: int) -> bytes:
    return typed("P", text(name) + text(sql) + struct.pack(f"!h{len(oids)}I", len(oids), *oids))


def bind(
    portal: str,
    statement: str,
    values: tuple[bytes | None, ...] = (),
    formats: tuple[int, ...] = (),
    results: tuple[int, ...] = (),
) -> bytes:
    body = (
        text(portal) + text(statement) + struct.pack(f"!h{len(formats)}h", len(formats), *formats)
    )
    body += struct.pack("!h", len(values))
    for value in values:
        body += struct.pack("!i", -1) if value is None else struct.pack("!i", len(value)) + value
    return typed("B", body + struct.pack(f"!h{len(results)}h", len(results), *results))


def split(data: bytes) -> list[tuple[str, bytes]]:
    """Backend bytes as (type, body) pairs; nothing may be left over."""
    messages = []
    while data:
        (length,) = struct.unpack("!i", data[1:5])
        assert length >= 4
        assert len(data) >= length + 1
        messages.append((chr(data[0]), data[5 : length + 1]))
        data = data[length + 1 :]
    return messages


def rows(data: bytes) -> list[list[bytes | None]]:
    """DataRow messages as lists of values."""
    found = []
    for kind, body in split(data):
        assert kind == "D"
        (count,) = struct.unpack("!h", body[:2])
        rest, values = body[2:], []
        for _ in range(count):
            (length,) = struct.unpack("!i", rest[:4])
            values.append(None if length < 0 else rest[4 : 4 + length])
            rest = rest[4 + max(length, 0) :]
        assert rest == b""
        found.append(values)
    return found


class ScramClient:
    """RFC 5802's client, as libpq plays it: an empty user name, no channel binding."""

    def __init__(self, password: str, nonce: str = "rOprNGfwEbeRWgbNEkqO", flag: str = "n") -> None:
        self.password, self.nonce, self.flag = password.encode(), nonce, flag
        self.first_bare = f"n=,r={nonce}"

    def initial(self) -> bytes:
        first = f"{self.flag},,{self.first_bare}".encode()
        return typed("p", text("SCRAM-SHA-256") + struct.pack("!i", len(first)) + first)

    def final(self, server_first: bytes) -> bytes:
        fields = dict(part.split("=", 1) for part in server_first.decode().split(","))
        assert fields["r"].startswith(self.nonce)
        assert len(fields["r"]) > len(self.nonce)
        salted = hashlib.pbkdf2_hmac(
            "sha256", self.password, base64.b64decode(fields["s"]), int(fields["i"])
        )
        client_key = hmac.digest(salted, b"Client Key", "sha256")
        header = base64.b64encode(f"{self.flag},,".encode()).decode()
        bare = f"c={header},r={fields['r']}"
        signed = f"{self.first_bare},{server_first.decode()},{bare}".encode()
        signature = hmac.digest(hashlib.sha256(client_key).digest(), signed, "sha256")
        proof = bytes(a ^ b for a, b in zip(client_key, signature, strict=True))
        server_key = hmac.digest(salted, b"Server Key", "sha256")
        self.server_signature = b"v=" + base64.b64encode(hmac.digest(server_key, signed, "sha256"))
        return typed("p", f"{bare},p={base64.b64encode(proof).decode()}".encode())


def digest_answer(password: str, request: bytes, client_nonce: bytes = b"1700000000000") -> bytes:
    """Redshift's driver's answer to request 13."""
    method, algorithm, salt_length = struct.unpack("!iii", request[:12])
    assert (method, algorithm) == (13, 0)
    salt = request[12 : 12 + salt_length]
    (nonce_length,) = struct.unpack("!i", request[12 + salt_length : 16 + salt_length])
    server_nonce = request[16 + salt_length :]
    assert len(server_nonce) == nonce_length
    inner = hashlib.sha256(password.encode() + salt).digest()
    digest = hashlib.sha256(inner + server_nonce + client_nonce).digest()
    body = struct.pack("!i", len(digest)) + digest
    return typed("d", body + struct.pack("!i", len(client_nonce)) + client_nonce)


def md5_answer(user: str, password: str, salt: bytes) -> bytes:
    inner = hashlib.md5((password + user).encode()).hexdigest()
    return typed("p", text("md5" + hashlib.md5(inner.encode() + salt).hexdigest()))
