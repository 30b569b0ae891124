"""Signature Version 4 against botocore's signers, AWS's vectors and people who change requests."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from redshare.wire.aws import authorization, canonical, sigv4
from redshare.wire.aws.authorization import Kind, SignatureError
from redshare.wire.aws.errors import WireError
from redshare.wire.aws.model import SERVICES, Protocol
from redshare.wire.aws.request import Headers, HttpRequest
from redshare.wire.aws.route import read, route
from redshare.wire.aws.sigv4 import Key, Secret, Verified, verify
from tests.wire.aws.signing import KEY, KEY_ID, OWNER, REGION, SECRET, presigned, sent_at, signed

TOKEN = "IQoJb3JpZ2luX2VjEXAMPLE/token+with=signs"


def check(request: HttpRequest, key: Key | None = KEY, **changed: Any) -> Verified:
    """Route and verify as a server does."""
    keys = {KEY_ID: key}
    options: dict[str, Any] = {
        "now": datetime.now(UTC),
        "lookup": keys.get,
        "services": {route(request).service.signing_name},
        "regions": {REGION},
    }
    return verify(request, **{**options, **changed})


def refusal(request: HttpRequest, key: Key | None = KEY, **changed: Any) -> Kind | str:
    """Why the request is refused: a kind of `verify`, or the wire code of the routing before."""
    try:
        verified = check(request, key, **changed)
    except SignatureError as error:
        return error.kind
    except WireError as error:
        return error.code
    pytest.fail(f"accepted: {verified}")


def with_header(request: HttpRequest, name: str, value: str | None) -> HttpRequest:
    """The header replaced, added at the end, or (None) taken away."""
    kept = tuple(pair for pair in request.headers if pair[0] != name)
    return replace(request, headers=kept if value is None else (*kept, (name, value)))


def plus_header(request: HttpRequest, name: str, value: str) -> HttpRequest:
    return replace(request, headers=(*request.headers, (name, value)))


def in_authorization(request: HttpRequest, old: str, new: str) -> HttpRequest:
    header = request.header("authorization")
    assert header is not None
    assert old in header
    return with_header(request, "authorization", header.replace(old, new))


def in_query(request: HttpRequest, old: str, new: str) -> HttpRequest:
    assert old in request.query
    return replace(request, query=request.query.replace(old, new))


def in_body(request: HttpRequest, old: bytes, new: bytes) -> HttpRequest:
    assert old in request.body
    return replace(request, body=request.body.replace(old, new))


# --- accepted ---------------------------------------------------------------------------------

OPERATION = {
    "redshift": "AuthorizeDataShare",
    "redshift-serverless": "ListWorkgroups",
    "redshift-data": "ExecuteStatement",
    "sts": "GetCallerIdentity",
    "iam": "ListUsers",
}


@pytest.mark.parametrize("service", SERVICES)
def test_signed(service: str) -> None:
    """A request signed by botocore is accepted, and says who, when and for what it was signed."""
    request = signed(service, OPERATION[service])

    verified = check(request)

    assert Verified(KEY_ID, KEY, sent_at(request), REGION, service) == verified
    assert verified.key.owner is OWNER


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Amz-Content-SHA256": hashlib.sha256(b"").hexdigest()},
        {
            "X-Amz-User-Agent": "aws-sdk-js/3.1169",
            "amz-sdk-invocation-id": "1",
            "amz-sdk-request": "x",
        },
        {"X-Custom": "  several   inner  spaces "},
        {"X-Custom": "Grüße"},
    ],
)
def test_signed_headers(headers: dict[str, str]) -> None:
    """Whatever further headers a client signs are verified as they are."""
    request = signed("sts", "GetCallerIdentity", headers=dict(headers))
    if "X-Amz-Content-SHA256" in headers:
        body_hash = hashlib.sha256(request.body).hexdigest()
        request = signed("sts", "GetCallerIdentity", headers={"X-Amz-Content-SHA256": body_hash})

    if "Grüße" in headers.values():
        # The header's text travels as UTF-8 bytes, which a server reads as Latin-1.
        request = with_header(request, "x-custom", "Grüße".encode().decode("latin-1"))
    assert check(request).access_key_id == KEY_ID


@pytest.mark.parametrize("value", [" a b ", "a   b", "a\t b", "a \r\n b"])
def test_spaces_in_headers(value: str) -> None:
    """Spaces around a value, runs of them and a folded line do not change what was signed."""
    request = signed(headers={"X-Custom": "a b"})

    assert check(with_header(request, "x-custom", value)).service == "redshift"


def test_repeated_header() -> None:
    """Two headers of one name sign as one value, joined by a comma."""
    request = signed(headers={"X-Custom": "a,b"})
    parts = plus_header(with_header(request, "x-custom", "a"), "x-custom", "b")

    assert check(parts).service == "redshift"


@pytest.mark.parametrize(
    "path", ["/", "/aws/", "/aws/prefix%20x/", "/aws", "/a/./b/../c/", "//a//b//", "/%C3%BC~_-./"]
)
@pytest.mark.parametrize("make", [signed, presigned])
def test_paths(make: Callable[..., HttpRequest], path: str) -> None:
    """An endpoint below a path is accepted, in the normal form every service but S3 signs."""
    assert check(make(url=f"https://example.com{path}")).region == REGION


@pytest.mark.parametrize("service", ["redshift", "sts", "iam"])
def test_presigned(service: str) -> None:
    """A presigned GET of a query service is accepted, and its parameters are the operation's."""
    operation = {"redshift": "DescribeDataShares"}.get(service, OPERATION[service])
    request = presigned(service, operation)

    assert check(request).service == service
    call = read(route(request), request)
    assert (operation, {}) == (call.operation.name, call.params)


@pytest.mark.parametrize("make", [signed, presigned])
def test_session_token(make: Callable[..., HttpRequest]) -> None:
    """A temporary key is accepted with its own token until it expires."""
    request = make(token=TOKEN)
    key = replace(KEY, session_token=Secret(TOKEN), expires=sent_at(request) + timedelta(hours=1))

    assert key is check(request, key).key
    assert authorization.session_token(request) == TOKEN


def test_signed_get() -> None:
    """A GET with an Authorization header reads its parameters from the query string."""
    request = resigned("GET", "Action=GetCallerIdentity&Version=2011-06-15")

    assert check(request).service == "sts"
    assert read(route(request), request).operation.name == "GetCallerIdentity"


@pytest.mark.parametrize("minutes", [-15, 0, 15])
def test_skew(minutes: int) -> None:
    """A clock may be wrong by fifteen minutes either way."""
    request = signed()

    assert check(request, now=sent_at(request) + timedelta(minutes=minutes))


def test_presigned_lifetime() -> None:
    """A presigned request is good for its own time, which may be longer than the skew."""
    request = presigned(expires=3600)

    assert check(request, now=sent_at(request) + timedelta(minutes=59))
    late = sent_at(request) + timedelta(minutes=61)
    assert refusal(request, now=late) is Kind.SKEW


@pytest.mark.parametrize("date", ["Sun, 30 Aug 2015 12:36:00 GMT", "20150830T123600Z"])
def test_date_header(date: str) -> None:
    """A request without X-Amz-Date is dated by its Date header."""
    request = resigned("GET", "Action=GetCallerIdentity&Version=2011-06-15", date)

    assert check(request, now=MOMENT).date == MOMENT


def test_any_region() -> None:
    """Without a list of regions any region is accepted."""
    assert check(signed(region="eu-west-3"), regions=None).region == "eu-west-3"


def test_plus_in_query() -> None:
    """A plus in a query string means a space both where it is signed and where it is read."""
    request = presigned("iam", "ListUsers", {"PathPrefix": "/a b/"})
    changed = in_query(request, "%20", "+")

    assert check(changed)
    assert read(route(changed), changed).params == {"PathPrefix": "/a b/"}


# --- refused ----------------------------------------------------------------------------------

Change = Callable[[HttpRequest], HttpRequest]

SIGNED_CHANGES: dict[str, tuple[Change, Kind | str]] = {
    "another consumer": (lambda r: in_body(r, b"2222", b"3333"), Kind.MISMATCH),
    "another action": (lambda r: in_body(r, b"Authorize", b"Deauthorize"), Kind.MISMATCH),
    "a parameter more": (lambda r: replace(r, body=r.body + b"&A=1"), Kind.MISMATCH),
    "no body": (lambda r: replace(r, body=b""), Kind.MISMATCH),
    "a query string": (lambda r: replace(r, query="AllowWrites=true"), Kind.MISMATCH),
    "another method": (lambda r: replace(r, method="GET"), Kind.MISMATCH),
    "another path": (lambda r: replace(r, path="/other"), Kind.MISMATCH),
    "another host": (lambda r: with_header(r, "host", "evil.example"), Kind.MISMATCH),
    "two hosts": (lambda r: plus_header(r, "host", "evil.example"), Kind.MISMATCH),
    "no host": (lambda r: with_header(r, "host", None), Kind.UNSIGNED_HEADER),
    "another content type": (lambda r: with_header(r, "content-type", "text/plain"), Kind.MISMATCH),
    "no content type": (lambda r: with_header(r, "content-type", None), Kind.UNSIGNED_HEADER),
    "another second": (
        lambda r: with_header(
            r, "x-amz-date", f"{sent_at(r) + timedelta(seconds=-1):%Y%m%dT%H%M%SZ}"
        ),
        Kind.MISMATCH,
    ),
    "two dates": (
        lambda r: plus_header(r, "x-amz-date", "20260101T000000Z"),
        "IncompleteSignature",
    ),
    "no date": (lambda r: with_header(r, "x-amz-date", None), "IncompleteSignature"),
    "a date that is none": (
        lambda r: with_header(r, "x-amz-date", "20261399T000000Z"),
        "IncompleteSignature",
    ),
    "a readable date": (
        lambda r: with_header(r, "x-amz-date", "2026-01-01 00:00"),
        "IncompleteSignature",
    ),
    "an unreadable Date": (
        lambda r: plus_header(with_header(r, "x-amz-date", None), "date", "yesterday"),
        "IncompleteSignature",
    ),
    "a Date out of any calendar": (
        lambda r: plus_header(
            with_header(r, "x-amz-date", None), "date", "Fri, 31 Dec 9999 23:59:59 -2359"
        ),
        "IncompleteSignature",
    ),
    "an early date": (lambda r: with_header(r, "x-amz-date", "00010101T000000Z"), Kind.SCOPE),
    "a late date": (lambda r: with_header(r, "x-amz-date", "99991231T235959Z"), Kind.SCOPE),
    "a target added": (
        lambda r: plus_header(r, "x-amz-target", "RedshiftData.ListStatements"),
        Kind.SCOPE,
    ),
    "an unknown target added": (
        lambda r: plus_header(r, "x-amz-target", "S3.Get"),
        "UnknownOperationException",
    ),
    "a token added": (
        lambda r: plus_header(r, "x-amz-security-token", TOKEN),
        Kind.UNSIGNED_HEADER,
    ),
    "an x-amz header added": (lambda r: plus_header(r, "x-amz-meta", "1"), Kind.UNSIGNED_HEADER),
    "another key": (lambda r: in_authorization(r, KEY_ID, "AKIAOTHER"), Kind.UNKNOWN_KEY),
    "another region": (lambda r: in_authorization(r, REGION, "us-east-2"), Kind.SCOPE),
    "another service": (lambda r: in_authorization(r, "/redshift/", "/sts/"), Kind.MISMATCH),
    "a service not served": (lambda r: in_authorization(r, "/redshift/", "/s3/"), "InvalidAction"),
    "a json service": (
        lambda r: in_authorization(r, "/redshift/", "/redshift-data/"),
        "UnknownOperationException",
    ),
    "another scope date": (
        lambda r: in_authorization(r, f"{sent_at(r):%Y%m%d}/", "20200101/"),
        Kind.SCOPE,
    ),
    "another terminator": (
        lambda r: in_authorization(r, "aws4_request", "aws5_request"),
        "IncompleteSignature",
    ),
    "a scope of four parts": (
        lambda r: in_authorization(r, f"/{REGION}/", "/"),
        "IncompleteSignature",
    ),
    "a signature of zeros": (
        lambda r: in_authorization(r, signature(r), "0" * 64),
        Kind.MISMATCH,
    ),
    "a short signature": (
        lambda r: in_authorization(r, signature(r), signature(r)[:-1]),
        "IncompleteSignature",
    ),
    "a signature in capitals": (
        lambda r: in_authorization(r, signature(r), "A" * 64),
        "IncompleteSignature",
    ),
    "a signature of another script": (
        lambda r: in_authorization(r, signature(r), "é" * 64),
        "IncompleteSignature",
    ),
    "host not signed": (
        lambda r: in_authorization(r, "content-type;host;", "content-type;"),
        Kind.UNSIGNED_HEADER,
    ),
    "the date not signed": (
        lambda r: in_authorization(r, ";x-amz-date", ""),
        Kind.UNSIGNED_HEADER,
    ),
    "signed headers out of order": (
        lambda r: in_authorization(r, "content-type;host", "host;content-type"),
        Kind.INCOMPLETE,
    ),
    "a signed header twice": (
        lambda r: in_authorization(r, "content-type;host", "content-type;host;host"),
        Kind.INCOMPLETE,
    ),
    "a signed header in capitals": (
        lambda r: in_authorization(r, "content-type;host", "Content-Type;host"),
        Kind.INCOMPLETE,
    ),
    "a signed header without a name": (
        lambda r: in_authorization(r, "content-type;host", ";host"),
        "IncompleteSignature",
    ),
    "a signed header that is not there": (
        lambda r: in_authorization(r, "content-type;host", "content-type;cookie;host"),
        Kind.UNSIGNED_HEADER,
    ),
    "no signature": (
        lambda r: in_authorization(r, f", Signature={signature(r)}", ""),
        "IncompleteSignature",
    ),
    "no credential": (lambda r: in_authorization(r, "Credential=", "X="), "IncompleteSignature"),
    "two signatures": (
        lambda r: in_authorization(r, "Signature=", f"Signature={'0' * 64}, Signature="),
        "IncompleteSignature",
    ),
    "a pair without a value": (
        lambda r: in_authorization(r, ", Signature=", ", Signature"),
        "IncompleteSignature",
    ),
    "sigv4a": (
        lambda r: in_authorization(r, "AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256"),
        "IncompleteSignature",
    ),
    "basic authentication": (
        lambda r: with_header(r, "authorization", "Basic dXNlcjpwYXNz"),
        "IncompleteSignature",
    ),
    "an empty authorization": (
        lambda r: with_header(r, "authorization", ""),
        "IncompleteSignature",
    ),
    "no authorization": (
        lambda r: with_header(r, "authorization", None),
        "MissingAuthenticationToken",
    ),
    "two authorizations": (
        lambda r: plus_header(r, "authorization", str(r.header("authorization"))),
        "IncompleteSignature",
    ),
    "a header and a signed query": (
        lambda r: replace(r, query="X-Amz-Signature=0"),
        "IncompleteSignature",
    ),
    "text that is no byte": (lambda r: with_header(r, "host", "h\u20ac"), Kind.INCOMPLETE),
}

PRESIGNED_CHANGES: dict[str, tuple[Change, Kind | str]] = {
    "another action": (lambda r: in_query(r, "CallerIdentity", "SessionToken"), Kind.MISMATCH),
    "a parameter more": (lambda r: replace(r, query=f"{r.query}&DurationSeconds=1"), Kind.MISMATCH),
    "a longer life": (lambda r: in_query(r, "Expires=900", "Expires=9000"), Kind.MISMATCH),
    "a life too long": (
        lambda r: in_query(r, "Expires=900", "Expires=604801"),
        "IncompleteSignature",
    ),
    "no life": (lambda r: in_query(r, "X-Amz-Expires=900&", ""), "IncompleteSignature"),
    "a life that is no number": (
        lambda r: in_query(r, "Expires=900", "Expires=-9"),
        "IncompleteSignature",
    ),
    "a life twice": (
        lambda r: in_query(r, "X-Amz-Expires=900", "X-Amz-Expires=900&X-Amz-Expires=900"),
        "IncompleteSignature",
    ),
    "POST": (lambda r: replace(r, method="POST"), Kind.INCOMPLETE),
    "a body": (lambda r: replace(r, body=b"Action=ListUsers"), Kind.MISMATCH),
    "a token": (
        lambda r: replace(r, query=f"{r.query}&X-Amz-Security-Token=x"),
        Kind.UNKNOWN_KEY,
    ),
    "an unsigned x-amz header": (lambda r: plus_header(r, "x-amz-date", "x"), Kind.UNSIGNED_HEADER),
    "a target": (
        lambda r: plus_header(r, "x-amz-target", "RedshiftData.ListStatements"),
        "UnknownOperationException",
    ),
    "another host": (lambda r: with_header(r, "host", "evil.example"), Kind.MISMATCH),
    "no algorithm": (
        lambda r: in_query(r, "X-Amz-Algorithm=AWS4-HMAC-SHA256&", ""),
        "IncompleteSignature",
    ),
    "no signature": (
        lambda r: replace(r, query=r.query.partition("&X-Amz-Signature")[0]),
        "IncompleteSignature",
    ),
    "a spelling of the signature": (
        lambda r: in_query(r, "X-Amz-Signature", "X-Amz-%53ignature"),
        Kind.MISMATCH,
    ),
    "broken escapes": (lambda r: replace(r, query=f"{r.query}&a=%zz"), "IncompleteSignature"),
    "broken UTF-8": (lambda r: replace(r, query=f"{r.query}&a=%ff"), "IncompleteSignature"),
    "too many parameters": (
        lambda r: replace(r, query=r.query + "&a=1" * 10_000),
        "IncompleteSignature",
    ),
}


def signature(request: HttpRequest) -> str:
    return str(request.header("authorization")).rpartition("=")[2]


@pytest.mark.parametrize("name", SIGNED_CHANGES)
def test_changed_request(name: str) -> None:
    """A signed request that was changed on its way is refused, with the code for the change."""
    change, expected = SIGNED_CHANGES[name]

    assert expected == refusal(change(signed()))


@pytest.mark.parametrize("name", PRESIGNED_CHANGES)
def test_changed_presigned_request(name: str) -> None:
    """A presigned request that was changed on its way is refused, with the code for the change."""
    change, expected = PRESIGNED_CHANGES[name]

    assert expected == refusal(change(presigned()))


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        (None, Kind.UNKNOWN_KEY),
        (replace(KEY, active=False), Kind.UNKNOWN_KEY),
        (replace(KEY, secret=Secret("another")), Kind.MISMATCH),
        (replace(KEY, session_token=Secret(TOKEN)), Kind.UNKNOWN_KEY),
    ],
)
def test_keys(key: Key | None, expected: Kind) -> None:
    """A key that is unknown, inactive, temporary or has another secret does not pass."""
    assert expected is refusal(signed(), key)


@pytest.mark.parametrize("make", [signed, presigned])
def test_wrong_session_token(make: Callable[..., HttpRequest]) -> None:
    """Another token than the key's is an unknown key, a key past its time is expired."""
    request = make(token=TOKEN)
    past = sent_at(request) - timedelta(seconds=1)

    assert refusal(request, replace(KEY, session_token=Secret("x"))) is Kind.UNKNOWN_KEY
    assert refusal(request, KEY) is Kind.UNKNOWN_KEY
    expired = replace(KEY, session_token=Secret(TOKEN), expires=past)
    assert refusal(request, expired) is Kind.EXPIRED


@pytest.mark.parametrize(
    "said", ["UNSIGNED-PAYLOAD", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "0" * 64]
)
def test_content_hash(said: str) -> None:
    """A stated body hash that is not the body's is refused, even when it is signed."""
    assert refusal(signed(headers={"X-Amz-Content-SHA256": said})) is Kind.CONTENT_HASH


@pytest.mark.parametrize("minutes", [-16, 16])
def test_too_much_skew(minutes: int) -> None:
    """A clock wrong by more than fifteen minutes is refused and told both times."""
    request = signed()
    now = sent_at(request) + timedelta(minutes=minutes)

    with pytest.raises(SignatureError) as caught:
        check(request, now=now)

    assert caught.value.kind is Kind.SKEW
    assert f"{now:%Y%m%dT%H%M%SZ}" in caught.value.message


def test_json_presigned() -> None:
    """A json service takes no presigned request."""
    request = in_query(presigned(), "%2Fsts%2F", "%2Fredshift-data%2F")

    with pytest.raises(SignatureError) as caught:
        verify(
            request,
            now=datetime.now(UTC),
            lookup={KEY_ID: KEY}.get,
            services={"redshift-data"},
            regions=None,
        )

    assert caught.value.kind is Kind.INCOMPLETE


@pytest.mark.parametrize("kind", Kind)
def test_codes(kind: Kind) -> None:
    """Every kind has a code, a status and a message for both protocols, and none is a 5xx."""
    error = SignatureError(kind)

    for protocol in Protocol:
        wire = error.as_wire(protocol)
        assert wire.message
        assert wire.status in (400, 403)
        assert wire.code.endswith("Exception") == (protocol is Protocol.JSON)


def test_secret_is_not_shown() -> None:
    """A key, its secret and its token print nothing of themselves."""
    key = Key(Secret("hush-1"), session_token=Secret("hush-2"))

    shown = (
        f"{key} {key!r} {key.secret} {key.secret!r} {authorization.parse(signed(token='hush-3'))!r}"
    )
    assert "hush" not in shown


def test_header_names_are_lower_case() -> None:
    """A request cannot be made with a header name the checks would not see."""
    with pytest.raises(ValueError, match="lower case"):
        HttpRequest("POST", "/", "", (("X-Amz-Target", "x"),), b"")


# --- AWS's published vectors ------------------------------------------------------------------

VECTOR_SECRET = Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
VECTOR_HEADERS: Headers = (("host", "example.amazonaws.com"), ("x-amz-date", "20150830T123600Z"))
MOMENT = datetime(2015, 8, 30, 12, 36, tzinfo=UTC)
VANILLA = "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"


UNRESERVED = "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
GET = HttpRequest("GET", "/", "", VECTOR_HEADERS, b"")
FORM: Headers = (("content-type", "application/x-www-form-urlencoded"), *VECTOR_HEADERS)
TRIMMED: Headers = (("my-header1", " value1"), ("my-header2", ' "a   b   c"'), *VECTOR_HEADERS)
REPEATED: Headers = (
    ("my-header1", "value2"),
    ("my-header1", "value2"),
    ("my-header1", "value1"),
    *VECTOR_HEADERS,
)


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        (GET, VANILLA),
        (replace(GET, path="/example/.."), VANILLA),
        (replace(GET, path="/example1/example2/../.."), VANILLA),
        (replace(GET, path="/./"), VANILLA),
        (replace(GET, path="//"), VANILLA),
        (
            replace(GET, path="//example//"),
            "9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84",
        ),
        (
            replace(GET, path="/example space/"),
            "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741",
        ),
        (
            replace(GET, path=f"/{UNRESERVED}"),
            "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f",
        ),
        (
            replace(GET, path="/\u1234".encode().decode("latin-1")),
            "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85",
        ),
        (
            replace(GET, query="Param2=value2&Param1=value1"),
            "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
        ),
        (
            replace(GET, query="Param1=value2&Param1=Value1"),
            "eedbc4e291e521cf13422ffca22be7d2eb8146eecf653089df300a15b2382bd1",
        ),
        (
            replace(GET, query=f"{UNRESERVED}={UNRESERVED}"),
            "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197",
        ),
        (
            replace(GET, query="%E1%88%B4=bar"),
            "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04",
        ),
        (
            replace(GET, headers=TRIMMED),
            "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736",
        ),
        (
            replace(GET, headers=REPEATED),
            "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea",
        ),
        (
            replace(GET, method="POST"),
            "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
        ),
        (
            HttpRequest("POST", "/", "", FORM, b"Param1=value1"),
            "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
        ),
    ],
)
def test_vectors(request_: HttpRequest, expected: str) -> None:
    """The signatures of AWS's published test suite come out."""
    assert expected == sign(request_, "service")


def sign(request: HttpRequest, service: str, secret: Secret = VECTOR_SECRET) -> str:
    names = sorted({name for name, _ in request.headers})
    claimed = (
        f"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/{service}/aws4_request, "
        f"SignedHeaders={';'.join(names)}, Signature={'0' * 64}"
    )
    claim = plus_header(request, "authorization", claimed)
    auth = authorization.parse(claim)
    return sigv4._signature(claim, auth, secret, hashlib.sha256(request.body).hexdigest())


def resigned(method: str, query: str, date: str | None = None) -> HttpRequest:
    """A GET as curl --aws-sigv4 signs it; with `date` (of `MOMENT`) in place of X-Amz-Date."""
    moment = datetime.now(UTC) if date is None else MOMENT
    stamp = ("x-amz-date", f"{moment:%Y%m%dT%H%M%SZ}") if date is None else ("date", date)
    bare = HttpRequest(method, "/", query, (("host", "h"), stamp), b"")
    names = tuple(sorted(name for name, _ in bare.headers))
    day = f"{moment:%Y%m%d}"
    to_sign = "\n".join(
        (
            "AWS4-HMAC-SHA256",
            f"{moment:%Y%m%dT%H%M%SZ}",
            f"{day}/{REGION}/sts/aws4_request",
            hashlib.sha256(
                canonical.request(bare, names, hashlib.sha256(b"").hexdigest())
            ).hexdigest(),
        )
    )
    key = sigv4._derive(Secret(SECRET), day, REGION, "sts")
    mac = hmac.digest(key, to_sign.encode(), "sha256").hex()
    return plus_header(
        bare,
        "authorization",
        f"AWS4-HMAC-SHA256 Credential={KEY_ID}/{day}/{REGION}/sts/aws4_request,"
        f"SignedHeaders={';'.join(names)},Signature={mac}",
    )


# --- properties -------------------------------------------------------------------------------

SIGNED = signed()
JSON_SIGNED = signed("redshift-data", "ExecuteStatement")
PRESIGNED = presigned("iam", "ListUsers", {"PathPrefix": "/a b/", "MaxItems": 7})
PARTS = ("method", "path", "query", "body", "headers")


def _understood(request: HttpRequest) -> tuple[object, ...] | None:
    """What the server would do for this request, or None when it refuses."""
    try:
        verified = check(request, now=sent_at(SIGNED))
        call = read(route(request), request)
    except (SignatureError, WireError):
        return None
    return verified.access_key_id, call.operation.name, call.params


def _flip(text: bytes, bit: int) -> bytes:
    at, shift = divmod(bit % (len(text) * 8), 8)
    return text[:at] + bytes([text[at] ^ (1 << shift)]) + text[at + 1 :]


@pytest.mark.parametrize("original", [SIGNED, JSON_SIGNED, PRESIGNED], ids=["form", "json", "get"])
@settings(max_examples=400, deadline=None)
@given(part=st.sampled_from(PARTS), bit=st.integers(0, 1 << 20), which=st.integers(0, 100))
def test_bit_flips(original: HttpRequest, part: str, bit: int, which: int) -> None:
    """One flipped bit anywhere is refused or changes nothing of what the request means."""
    changed = original
    if part == "headers":
        headers = list(original.headers)
        at = which % len(headers)
        name, value = headers[at]
        headers[at] = (name, _flip(value.encode("latin-1"), bit).decode("latin-1"))
        changed = replace(original, headers=tuple(headers))
    elif part == "body" and original.body:
        changed = replace(original, body=_flip(original.body, bit))
    elif part != "body" and getattr(original, part):
        text = getattr(original, part).encode("latin-1")
        one: dict[str, Any] = {part: _flip(text, bit).decode("latin-1")}
        changed = replace(original, **one)

    assert _understood(changed) in (None, _understood(original))


@settings(max_examples=300, deadline=None)
@given(header=st.text(st.characters(max_codepoint=0x2FF), max_size=200), prefix=st.booleans())
def test_any_authorization(header: str, prefix: bool) -> None:
    """Whatever stands in the Authorization header, the answer is a refusal and no other error."""
    text = f"AWS4-HMAC-SHA256 Credential={header}" if prefix else header

    assert refusal(with_header(SIGNED, "authorization", text))


@settings(max_examples=300, deadline=None)
@given(query=st.text(max_size=100), encoded=st.booleans())
def test_any_query(query: str, encoded: bool) -> None:
    """Whatever stands in the query string of a presigned request, it is refused or meant alike."""
    text = quote(query, safe="") if encoded else query
    changed = replace(PRESIGNED, query=f"{PRESIGNED.query}&{text}")

    assert _understood(changed) in (None, _understood(PRESIGNED))
