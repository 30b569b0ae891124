"""Signature Version 4, the server's side: who signed this request, and did nobody change it.

It knows keys only through `lookup` and time only through `now`. Checks run in one fixed order and
stop at the first that fails; anything malformed is `INCOMPLETE`, never another exception.

What makes it strict: exactly the listed headers are verified, and every `x-amz-*` header that is
present must be among them (else X-Amz-Target or a session token could be added on the way); the
body is always hashed here, so no unsigned or streamed payload passes. There is no replay cache:
honest clients send two equal requests in one second.
https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from redshare.wire.aws import authorization, canonical
from redshare.wire.aws.authorization import ALGORITHM, Authorization, Kind, SignatureError
from redshare.wire.aws.model import Protocol, by_signing_name

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from redshare.wire.aws.request import HttpRequest

__all__ = ["Key", "Kind", "Secret", "SignatureError", "Verified", "verify"]

MAX_SKEW: Final = timedelta(minutes=15)
DERIVED_KEYS: Final = 1024


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret access key that does not print itself."""

    value: str = field(repr=False)

    def __str__(self) -> str:
        return "Secret(***)"


@dataclass(frozen=True, slots=True)
class Key:
    """What `lookup` knows of an access key; `owner` is the caller's own and comes back untouched.

    A temporary key has a `session_token`; a lookup without stored sessions may set it to the
    token it opened (`authorization.session_token`).
    """

    secret: Secret
    owner: object = None
    session_token: Secret | None = None
    expires: datetime | None = None
    active: bool = True


@dataclass(frozen=True, slots=True)
class Verified:
    access_key_id: str
    key: Key
    date: datetime
    region: str
    service: str


def verify(
    request: HttpRequest,
    *,
    now: datetime,
    lookup: Callable[[str], Key | None],
    services: Collection[str],
    regions: Collection[str] | None,
) -> Verified:
    """`services` are signing names; `regions` None allows any region.

    Raises: SignatureError.
    """
    auth = authorization.parse(request)
    _check_scope(auth, services, regions)
    _check_presigned(request, auth)
    _check_signed_headers(request, auth)
    _check_time(auth, now)
    key = _find(auth, lookup)
    payload_hash = _payload_hash(request)
    expected = _signature(request, auth, key.secret, payload_hash)
    if not hmac.compare_digest(expected.encode(), auth.signature.encode()):
        raise SignatureError(Kind.MISMATCH)
    if key.expires is not None and key.expires <= now:
        raise SignatureError(Kind.EXPIRED)
    return Verified(auth.access_key_id, key, auth.date, auth.region, auth.service)


def _check_scope(
    auth: Authorization, services: Collection[str], regions: Collection[str] | None
) -> None:
    if auth.scope_date != f"{auth.date:%Y%m%d}":
        raise SignatureError(
            Kind.SCOPE,
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from "
            "HTTP.",
        )
    if auth.service not in services:
        wanted = ", ".join(f"'{name}'" for name in sorted(services))
        raise SignatureError(
            Kind.SCOPE, f"Credential should be scoped to correct service: {wanted}."
        )
    if regions is not None and auth.region not in regions:
        raise SignatureError(Kind.SCOPE, "Credential should be scoped to a valid region.")


def _check_presigned(request: HttpRequest, auth: Authorization) -> None:
    if not auth.presigned:
        return
    service = by_signing_name().get(auth.service)
    if request.method != "GET" or service is None or service.protocol is not Protocol.QUERY:
        raise SignatureError(
            Kind.INCOMPLETE, "Query string authentication is only for GET on query services."
        )


def _check_signed_headers(request: HttpRequest, auth: Authorization) -> None:
    signed = auth.signed_headers
    if list(signed) != sorted(set(signed)) or any(name != name.lower() for name in signed):
        raise SignatureError(
            Kind.INCOMPLETE, "SignedHeaders must be in lower case, sorted and without repetition."
        )
    present = {name for name, _ in request.headers}
    if "host" not in signed:
        raise SignatureError(
            Kind.UNSIGNED_HEADER,
            "'Host' must be a 'SignedHeader' in the AWS Authorization.",
        )
    loose = sorted(
        (set(signed) - present)
        | {name for name in present if name.startswith("x-amz-") and name not in signed}
    )
    if loose:
        raise SignatureError(
            Kind.UNSIGNED_HEADER,
            "There were headers present in the request which were not signed, or signed and not "
            f"present: {', '.join(loose)}"[:500],
        )


def _check_time(auth: Authorization, now: datetime) -> None:
    lifetime = MAX_SKEW if auth.expires is None else auth.expires
    age = now - auth.date
    if age > lifetime:
        minutes = int(lifetime.total_seconds() // 60)
        raise SignatureError(
            Kind.SKEW,
            f"Signature expired: {_stamp(auth.date)} is now earlier than "
            f"{_stamp(now - lifetime)} ({_stamp(now)} - {minutes} min.)",
        )
    if age < -MAX_SKEW:
        raise SignatureError(
            Kind.SKEW,
            f"Signature not yet current: {_stamp(auth.date)} is still later than "
            f"{_stamp(now + MAX_SKEW)} ({_stamp(now)} + 15 min.)",
        )


def _stamp(moment: datetime) -> str:
    return f"{moment:%Y%m%dT%H%M%SZ}"


def _find(auth: Authorization, lookup: Callable[[str], Key | None]) -> Key:
    key = lookup(auth.access_key_id)
    if key is None or not key.active:
        raise SignatureError(Kind.UNKNOWN_KEY)
    wanted = "" if key.session_token is None else key.session_token.value
    given = "" if auth.session_token is None else auth.session_token
    if not hmac.compare_digest(_bytes(wanted), _bytes(given)):
        raise SignatureError(Kind.UNKNOWN_KEY)
    return key


def _bytes(text: str) -> bytes:
    return text.encode(errors="backslashreplace")


def _payload_hash(request: HttpRequest) -> str:
    actual = hashlib.sha256(request.body).hexdigest()
    if any(said != actual for said in request.values("x-amz-content-sha256")):
        raise SignatureError(
            Kind.CONTENT_HASH,
            "The provided 'x-amz-content-sha256' header does not match what was computed.",
        )
    return actual


def _signature(request: HttpRequest, auth: Authorization, secret: Secret, payload_hash: str) -> str:
    text = canonical.request(request, auth.signed_headers, payload_hash)
    scope = f"{auth.scope_date}/{auth.region}/{auth.service}/aws4_request"
    to_sign = "\n".join((ALGORITHM, _stamp(auth.date), scope, hashlib.sha256(text).hexdigest()))
    derived = _derive(secret, auth.scope_date, auth.region, auth.service)
    return hmac.digest(derived, to_sign.encode(), "sha256").hex()


@lru_cache(maxsize=DERIVED_KEYS)
def _derive(secret: Secret, date: str, region: str, service: str) -> bytes:
    key = f"AWS4{secret.value}".encode()
    for part in (date, region, service, "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key
