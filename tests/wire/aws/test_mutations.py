"""Fifty thousand signed requests with one bit of what was signed turned: none is accepted."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from urllib.parse import unquote

import pytest

from redshare.wire.aws.authorization import SignatureError
from redshare.wire.aws.errors import WireError
from redshare.wire.aws.model import SERVICES
from redshare.wire.aws.request import HttpRequest
from redshare.wire.aws.route import route
from redshare.wire.aws.sigv4 import verify
from tests.wire.aws.signing import ENDPOINT, KEY, KEY_ID, REGION, presigned, sent_at, signed
from tests.wire.aws.test_sigv4 import OPERATION

MUTATIONS = 50_000
ORIGINALS = [
    *(signed(service, OPERATION[service]) for service in SERVICES),
    signed(url=f"{ENDPOINT}behind/a/proxy"),
    presigned("sts", "GetCallerIdentity"),
    presigned("redshift", "DescribeDataShares", {"MaxRecords": 20}),
    presigned("iam", "ListUsers", {"PathPrefix": "/a b/", "MaxItems": 7}),
]
KEYS = {KEY_ID: KEY}


def accepted(request: HttpRequest, now: datetime) -> bool:
    """Whether the server would go on with it."""
    try:
        services = {route(request).service.signing_name}
        verify(request, now=now, lookup=KEYS.get, services=services, regions={REGION})
    except (SignatureError, WireError):
        return False
    return True


def covered(request: HttpRequest) -> list[str]:
    """What the signature is about: parts of the request, and its headers by name."""
    authorization = request.header("authorization")
    parts = ["method", *(["path"] if len(request.path) > 1 else [])]
    parts += ["query"] if request.query else []
    parts += ["body"] if request.body else []
    if authorization is None:
        return [*parts, "host"]
    names = authorization.partition("SignedHeaders=")[2].partition(",")[0].split(";")
    return [*parts, "authorization", *names]


def mutated(chance: random.Random) -> Iterator[tuple[HttpRequest, HttpRequest, str]]:
    """An original, the same with one bit turned, and where."""
    targets = [(original, part) for original in ORIGINALS for part in covered(original)]
    for _ in range(MUTATIONS):
        original, part = chance.choice(targets)
        match part:
            case "path":  # what does not begin with a slash is no request
                turned = b"/" + flipped(original.path[1:].encode("latin-1"), chance)
                yield original, replace(original, path=turned.decode("latin-1")), part
            case "method" | "query":
                turned = flipped(getattr(original, part).encode("latin-1"), chance)
                yield original, replace(original, **{part: turned.decode("latin-1")}), part
            case "body":
                yield original, replace(original, body=flipped(original.body, chance)), part
            case name:
                headers = tuple(
                    (n, flipped(v.encode("latin-1"), chance).decode("latin-1") if n == name else v)
                    for n, v in original.headers
                )
                yield original, replace(original, headers=headers), name


def flipped(data: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(data))
    return data[:at] + bytes([data[at] ^ (1 << chance.randrange(8))]) + data[at + 1 :]


@pytest.mark.parametrize("original", ORIGINALS)
def test_the_originals_are_accepted(original: HttpRequest) -> None:
    """Of the valid ones none is refused."""
    assert accepted(original, sent_at(original))


def test_no_mutation_is_accepted() -> None:
    """Every part that the signature covers, its own header or parameters among them.

    %2F and %2f are one request: that is how it is signed.
    """
    chance = random.Random(20_261_126)
    now = sent_at(ORIGINALS[0])
    passed = [
        (part, one)
        for original, one, part in mutated(chance)
        if unquote(one.query) != unquote(original.query) or part != "query"
        if accepted(one, now)
    ]
    assert passed == []
