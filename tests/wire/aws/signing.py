"""Requests as botocore sends and signs them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSPreparedRequest, AWSRequest
from botocore.credentials import Credentials
from botocore.serialize import create_serializer

from redshare.wire.aws.model import load_service
from redshare.wire.aws.request import HttpRequest
from redshare.wire.aws.sigv4 import Key, Secret

KEY_ID = "AKIAEXAMPLE000000001"
SECRET = "secret-of-the-example-key-00000000000001"
REGION = "us-east-1"
ENDPOINT = "http://127.0.0.1:5438/"
OWNER = object()
KEY = Key(Secret(SECRET), owner=OWNER)


def unsigned(
    service: str, operation: str, params: dict[str, Any], url: str = ENDPOINT
) -> AWSRequest:
    loaded = load_service(service)
    serializer = create_serializer(loaded.protocol.value, include_validation=False)
    raw = serializer.serialize_to_request(params, loaded.operations[operation])
    return AWSRequest(raw["method"], url, headers=raw["headers"], data=raw["body"])


def received(sent: AWSRequest) -> HttpRequest:
    """The request as the server sees it."""
    return arrived(sent.prepare())


def arrived(prepared: AWSPreparedRequest) -> HttpRequest:
    """A request that is ready to be sent, as the server sees it."""
    parts = urlsplit(prepared.url)
    headers = [(name.lower(), _text(value)) for name, value in prepared.headers.items()]
    body = prepared.body or b""
    return HttpRequest(
        prepared.method,
        parts.path,
        parts.query,
        (("host", parts.netloc), *headers),
        body if isinstance(body, bytes) else body.encode(),
    )


def signed(
    service: str = "redshift",
    operation: str = "AuthorizeDataShare",
    params: dict[str, Any] | None = None,
    *,
    url: str = ENDPOINT,
    scope: str | None = None,
    region: str = REGION,
    token: str | None = None,
    headers: dict[str, str] | None = None,
) -> HttpRequest:
    request = unsigned(service, operation, params or PARAMS.get(operation, {}), url)
    for name, value in (headers or {}).items():
        request.headers[name] = value
    credentials = Credentials(KEY_ID, SECRET, token)
    SigV4Auth(credentials, scope or service, region).add_auth(request)
    return received(request)


def presigned(
    service: str = "sts",
    operation: str = "GetCallerIdentity",
    params: dict[str, Any] | None = None,
    *,
    url: str = ENDPOINT,
    token: str | None = None,
    expires: int = 900,
    method: str = "GET",
) -> HttpRequest:
    request = unsigned(service, operation, params or {}, url)
    request.method = method
    credentials = Credentials(KEY_ID, SECRET, token)
    SigV4QueryAuth(credentials, service, REGION, expires).add_auth(request)
    return received(request)


def sent_at(request: HttpRequest) -> datetime:
    stamp = request.header("x-amz-date")
    if stamp is None:
        stamp = request.query.partition("X-Amz-Date=")[2].partition("&")[0]
    return datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


PARAMS: dict[str, dict[str, Any]] = {
    "AuthorizeDataShare": {
        "DataShareArn": "arn:aws:redshift:us-east-1:111111111111:datashare:ns/sales",
        "ConsumerIdentifier": "222222222222",
        "AllowWrites": True,
    },
    "ExecuteStatement": {"Sql": "select 1", "Database": "dev", "WorkgroupName": "sales-wg"},
}


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)
