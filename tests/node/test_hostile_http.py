"""Requests whose bytes lie: a document of the services, soon, and nobody else notices."""

from __future__ import annotations

import contextlib
import socket
from urllib.parse import urlsplit

import pytest

from redshare.wire.aws.model import load_service
from tests.node.running import CONSUMER, RunningNode
from tests.node.test_sweep import Sender, code_of

pytestmark = pytest.mark.server

SECONDS = 30.0
POST = b"POST / HTTP/1.1\r\nHost: x\r\n"
FORM = POST + b"Content-Type: application/x-www-form-urlencoded\r\n"
JSON = POST + (
    b"X-Amz-Target: RedshiftData.ExecuteStatement\r\nContent-Type: application/x-amz-json-1.1\r\n"
)
CHUNKED = FORM + b"Transfer-Encoding: chunked\r\n\r\n"
MALFORMED = "MalformedHttpRequestException"
NO_TOKEN = "MissingAuthenticationToken"
LIES: dict[str, tuple[bytes, str]] = {
    "2 GiB declared": (
        FORM + b"Content-Length: 2147483647\r\n\r\nAction=x",
        "RequestEntityTooLarge",
    ),
    "2 GiB of JSON declared": (
        JSON + b"Content-Length: 2147483647\r\n\r\n{}",
        "RequestEntityTooLargeException",
    ),
    "a negative length": (FORM + b"Content-Length: -1\r\n\r\n", MALFORMED),
    "a length of 30 digits": (FORM + b"Content-Length: " + b"9" * 30 + b"\r\n\r\n", MALFORMED),
    "two lengths": (FORM + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab", MALFORMED),
    "a length and chunks": (
        FORM + b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        MALFORMED,
    ),
    "a chunk without a size": (CHUNKED + b"zz\r\nab\r\n0\r\n\r\n", MALFORMED),
    "a chunk of 2^64 bytes": (CHUNKED + b"1" + b"0" * 16 + b"\r\nab", MALFORMED),
    "a chunk longer than it says": (CHUNKED + b"2\r\nabcdef\r\n0\r\n\r\n", MALFORMED),
    "honest chunks": (CHUNKED + b"3\r\nabc\r\n0\r\n\r\n", NO_TOKEN),
    "an unknown transfer coding": (FORM + b"Transfer-Encoding: gzip\r\n\r\nabc", MALFORMED),
    "a query string of 1 MB": (b"GET /?" + b"a" * 1_000_000 + b" HTTP/1.1\r\n\r\n", MALFORMED),
    "a header of 1 MB": (b"GET / HTTP/1.1\r\nA: " + b"a" * 1_000_000 + b"\r\n", MALFORMED),
    "100,000 headers": (b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 100_000, MALFORMED),
    "U+0000 in the path": (b"GET /\0 HTTP/1.1\r\n\r\n", MALFORMED),
    "U+0000 in a header": (b"GET / HTTP/1.1\r\nA: a\0b\r\n\r\n", MALFORMED),
    "no host": (b"GET / HTTP/1.1\r\n\r\n", NO_TOKEN),
    "TLS": (b"\x16\x03\x01\x02\x00\x01\x00", MALFORMED),
    "HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", MALFORMED),
    "CONNECT": (b"CONNECT a:1 HTTP/1.1\r\n\r\n", MALFORMED),
    "a WebSocket": (
        b"GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
        NO_TOKEN,
    ),
    "another protocol of AWS": (
        b"POST /service/RedshiftData/operation/ExecuteStatement HTTP/1.1\r\n"
        b"smithy-protocol: rpc-v2-cbor\r\nContent-Length: 1\r\n\r\n\xa0",
        NO_TOKEN,
    ),
}


@pytest.mark.parametrize("name", LIES)
def test_lies(node: RunningNode, name: str) -> None:
    """A request that is not as it says is refused with a code, not waited for."""
    data, code = LIES[name]
    address = urlsplit(node.ready["endpoint"])
    found = b""
    with socket.create_connection((address.hostname, address.port), timeout=SECONDS) as client:
        with contextlib.suppress(ConnectionError):  # it may have answered before it has read all
            client.sendall(data)
        while code.encode() not in found.partition(b"\r\n\r\n")[2]:
            part = client.recv(1 << 16)
            assert part, found
            found += part
    assert b"x-amzn-requestid: " in found.lower()


EXECUTE = {
    "Content-Type": "application/x-amz-json-1.1",
    "X-Amz-Target": "RedshiftData.ExecuteStatement",
}
FORMS = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"[" * 1_000_000, "SerializationException"),
        (b"[" * 500_000 + b"]" * 500_000, "SerializationException"),
        (b'{"Sql":' * 140_000, "SerializationException"),
        (b'{"Sql":"a","Sql":"' + b"b" * 1_000_000 + b'"}', "ValidationException"),
        (b'{"Sql":"' + b"a" * 1_048_576 + b'"}', "RequestEntityTooLargeException"),
    ],
)
def test_signed_json(node: RunningNode, body: bytes, code: str) -> None:
    """A signed document that nests, repeats itself or is too large is refused with its code."""
    sender = Sender(node, load_service("redshift-data"), CONSUMER)
    status, answer = sender.send(EXECUTE, body)
    sender.close()
    assert status in {400, 413}
    assert code_of(sender.service, status, answer) == code


@pytest.mark.parametrize(
    "fields",
    [
        "&".join(["Marker=a"] * 10_001),
        "&".join(f"a{n}=1" for n in range(20_000)),
        "A." * 200_000 + "A=1",
        "Marker=" + "%41" * 300_000,
    ],
)
def test_signed_forms(node: RunningNode, fields: str) -> None:
    """A signed form of too many, too deep or too long fields is refused with a code."""
    sender = Sender(node, load_service("redshift"), CONSUMER)
    form = f"Action=DescribeDataShares&Version=2012-12-01&{fields}"
    status, answer = sender.send(FORMS, form.encode())
    sender.close()
    found = code_of(sender.service, status, answer)
    assert status == 400
    assert found in {"MalformedQueryString", "InvalidParameterValue"}
