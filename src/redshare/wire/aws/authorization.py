"""What a request says about its own signature: the Authorization header or the signed query.

It reads and never judges: whether the claim is true is `sigv4`'s. The one table from what can be
wrong to AWS's codes stands here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from redshare.wire.aws import form, timestamp
from redshare.wire.aws.errors import WireError
from redshare.wire.aws.model import Protocol

if TYPE_CHECKING:
    from redshare.wire.aws.request import HttpRequest

ALGORITHM: Final = "AWS4-HMAC-SHA256"
MAX_EXPIRES: Final = 7 * 24 * 3600  # AWS's own limit for a presigned URL
QUERY_PARAMETERS: Final = frozenset(
    {
        "X-Amz-Algorithm",
        "X-Amz-Credential",
        "X-Amz-Date",
        "X-Amz-Expires",
        "X-Amz-Security-Token",
        "X-Amz-Signature",
        "X-Amz-SignedHeaders",
    }
)

_CREDENTIAL: Final = re.compile(
    r"(?P<key>[0-9A-Za-z_]{1,128})/(?P<date>[0-9]{8})/(?P<region>[0-9a-z-]{1,64})"
    r"/(?P<service>[0-9a-z-]{1,64})/aws4_request"
)
_SIGNATURE: Final = re.compile(r"[0-9a-f]{64}")
_HEADER_NAMES: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+(;[!#$%&'*+.^_`|~0-9A-Za-z-]+)*")
_ISO_BASIC: Final = re.compile(r"[0-9]{8}T[0-9]{6}Z")


class Kind(StrEnum):
    """Everything that can be wrong with a signature."""

    MISSING = "missing"
    INCOMPLETE = "incomplete"
    SCOPE = "scope"
    UNSIGNED_HEADER = "unsigned header"
    SKEW = "skew"
    UNKNOWN_KEY = "unknown key"
    CONTENT_HASH = "content hash"
    MISMATCH = "mismatch"
    EXPIRED = "expired"


_MISMATCH: Final = ("SignatureDoesNotMatch", 403, "InvalidSignatureException", 400)
_CODES: Final = {
    Kind.MISSING: ("MissingAuthenticationToken", 403, "MissingAuthenticationTokenException", 400),
    Kind.INCOMPLETE: ("IncompleteSignature", 400, "IncompleteSignatureException", 400),
    Kind.SCOPE: _MISMATCH,
    Kind.UNSIGNED_HEADER: _MISMATCH,
    Kind.SKEW: _MISMATCH,
    Kind.UNKNOWN_KEY: ("InvalidClientTokenId", 403, "UnrecognizedClientException", 400),
    Kind.CONTENT_HASH: _MISMATCH,
    Kind.MISMATCH: _MISMATCH,
    Kind.EXPIRED: ("ExpiredToken", 403, "ExpiredTokenException", 400),
}
_MESSAGES: Final = {
    Kind.MISSING: "Missing Authentication Token",
    Kind.INCOMPLETE: "The request signature does not conform to AWS standards.",
    Kind.SCOPE: "The credential scope is not valid for this endpoint.",
    Kind.UNSIGNED_HEADER: "There were headers present in the request which were not signed.",
    Kind.SKEW: "Signature expired.",
    Kind.UNKNOWN_KEY: "The security token included in the request is invalid.",
    Kind.CONTENT_HASH: "The body does not match its stated hash.",
    Kind.MISMATCH: (
        "The request signature we calculated does not match the signature you provided. Check "
        "your AWS Secret Access Key and signing method. Consult the service documentation for "
        "details."
    ),
    Kind.EXPIRED: "The security token included in the request is expired",
}


class SignatureError(Exception):
    """The request's signature is not accepted."""

    def __init__(self, kind: Kind, message: str | None = None) -> None:
        self.kind = kind
        self.message = _MESSAGES[kind] if message is None else message
        super().__init__(f"{kind}: {self.message}")

    def as_wire(self, protocol: Protocol) -> WireError:
        query_code, query_status, json_code, json_status = _CODES[self.kind]
        if protocol is Protocol.QUERY:
            return WireError(query_code, self.message, query_status)
        return WireError(json_code, self.message, json_status)


@dataclass(frozen=True, slots=True)
class Authorization:
    access_key_id: str
    scope_date: str
    region: str
    service: str
    signed_headers: tuple[str, ...]
    signature: str
    date: datetime
    session_token: str | None = field(repr=False)
    expires: timedelta | None
    """How long a presigned request is good for; None for a signed header."""

    @property
    def presigned(self) -> bool:
        return self.expires is not None


def parse(request: HttpRequest) -> Authorization:
    """Raises: SignatureError (MISSING, INCOMPLETE)."""
    headers = request.values("authorization")
    query = _query_parameters(request)
    if not headers and not query:
        raise SignatureError(Kind.MISSING)
    if len(headers) > 1 or (headers and query):
        raise _incomplete("Only one authentication mechanism is allowed.")
    return _from_query(query) if query else _from_header(request, headers[0])


def session_token(request: HttpRequest) -> str | None:
    """The session token of a signed request, for lookups that keep no sessions.

    Raises: SignatureError.
    """
    return parse(request).session_token


def _from_header(request: HttpRequest, header: str) -> Authorization:
    algorithm, _, rest = header.strip(" \t").partition(" ")
    _check_algorithm(algorithm)
    parts: dict[str, str] = {}
    for part in rest.split(","):
        name, equals, value = part.strip(" \t").partition("=")
        if not equals or name in parts or name not in ("Credential", "SignedHeaders", "Signature"):
            raise _incomplete(f"'{part.strip()[:100]}' not a valid key=value pair in Authorization")
        parts[name] = value
    return _build(
        parts,
        missing="Authorization header requires '{}' parameter.",
        date=_header_date(request),
        token=_single(request, "x-amz-security-token"),
        expires=None,
    )


def _from_query(query: dict[str, str]) -> Authorization:
    _check_algorithm(query.get("X-Amz-Algorithm", ""))
    parts = {
        name: query[f"X-Amz-{name}"]
        for name in ("Credential", "SignedHeaders", "Signature")
        if f"X-Amz-{name}" in query
    }
    seconds = query.get("X-Amz-Expires", "")
    if not re.fullmatch(r"[0-9]{1,6}", seconds) or not 1 <= int(seconds) <= MAX_EXPIRES:
        raise _incomplete(f"X-Amz-Expires must be between 1 and {MAX_EXPIRES} seconds.")
    return _build(
        parts,
        missing="AWS query-string parameters must include 'X-Amz-{}'.",
        date=_iso_date(query.get("X-Amz-Date", "")),
        token=query.get("X-Amz-Security-Token"),
        expires=timedelta(seconds=int(seconds)),
    )


def _build(
    parts: dict[str, str],
    *,
    missing: str,
    date: datetime,
    token: str | None,
    expires: timedelta | None,
) -> Authorization:
    absent = [
        missing.format(name)
        for name in ("Credential", "Signature", "SignedHeaders")
        if not parts.get(name)
    ]
    if absent:
        raise _incomplete(" ".join(absent))
    scope = _CREDENTIAL.fullmatch(parts["Credential"])
    if scope is None:
        raise _incomplete(
            "Credential must have exactly 5 slash-delimited elements, e.g. "
            "keyid/date/region/service/term."
        )
    if not _SIGNATURE.fullmatch(parts["Signature"]):
        raise _incomplete("Signature must be 64 lower-case hexadecimal digits.")
    if not _HEADER_NAMES.fullmatch(parts["SignedHeaders"]):
        raise _incomplete("SignedHeaders must be a list of header names.")
    return Authorization(
        access_key_id=scope["key"],
        scope_date=scope["date"],
        region=scope["region"],
        service=scope["service"],
        signed_headers=tuple(parts["SignedHeaders"].split(";")),
        signature=parts["Signature"],
        date=date,
        session_token=token,
        expires=expires,
    )


def _query_parameters(request: HttpRequest) -> dict[str, str]:
    """The `X-Amz-*` parameters of the query, none of them twice."""
    if "X-Amz-" not in request.query and "%" not in request.query:
        return {}
    if request.query.count("&") >= form.MAX_FIELDS:
        raise _incomplete(f"The query string has more than {form.MAX_FIELDS} parameters.")
    try:
        pairs = [form.parse(pair.encode("latin-1")) for pair in request.query.split("&")]
    except (WireError, UnicodeEncodeError) as error:
        raise _incomplete("The query string is malformed.") from error
    found: dict[str, str] = {}
    for pair in pairs:
        for name, value in pair.items():
            if name in found:
                raise _incomplete(f"{name} appears twice.")
            if name in QUERY_PARAMETERS:
                found[name] = value
    return found


def _check_algorithm(name: str) -> None:
    if name != ALGORITHM:
        raise _incomplete(f"Unsupported AWS 'algorithm': '{name[:100]}'.")


def _single(request: HttpRequest, name: str) -> str | None:
    values = request.values(name)
    if len(values) > 1:
        raise _incomplete(f"The header {name} appears twice.")
    return values[0] if values else None


def _header_date(request: HttpRequest) -> datetime:
    text = _single(request, "x-amz-date")
    if text is not None:
        return _iso_date(text)
    text = _single(request, "date")
    if text is None:
        raise _incomplete(
            "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header."
        )
    if _ISO_BASIC.fullmatch(text):
        return _iso_date(text)
    try:
        return timestamp.read(text, timestamp.Format.RFC822)
    except ValueError as error:
        raise _incomplete("The Date header is not a date.") from error


def _iso_date(text: str) -> datetime:
    if not _ISO_BASIC.fullmatch(text):
        raise _incomplete("Date must be in ISO-8601 'basic format'.")
    try:
        return datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError as error:
        raise _incomplete("Date must be in ISO-8601 'basic format'.") from error


def _incomplete(message: str) -> SignatureError:
    return SignatureError(Kind.INCOMPLETE, message)
