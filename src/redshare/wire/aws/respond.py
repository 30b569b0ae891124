"""Results and errors as HTTP responses; knows both protocols' envelopes, no operation.

The body is always a document of the protocol, never HTML: SDKs raise their own parse errors on
anything else. `Date` lets SDKs correct a wrong clock. Content-Length is the server's to add.
"""

from __future__ import annotations

from json import dumps
from typing import TYPE_CHECKING, Final

from redshare.wire.aws import json, query, timestamp
from redshare.wire.aws.errors import SERVER_FAULT
from redshare.wire.aws.model import Protocol, Service
from redshare.wire.aws.request import HttpResponse

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from botocore.model import OperationModel

CONTENT_TYPE: Final = {
    Protocol.QUERY: "text/xml",
    Protocol.JSON: "application/x-amz-json-1.1",
}


def success(
    service: Service,
    operation: OperationModel,
    result: Mapping[str, object],
    request_id: str,
    date: datetime,
) -> HttpResponse:
    """Raises: ValueError, TypeError when `result` does not fit the operation's model."""
    match service.protocol:
        case Protocol.QUERY:
            body = query.serialize(service, operation, result, request_id)
        case Protocol.JSON:
            body = json.serialize(service, operation, result, request_id)
    return HttpResponse(200, _headers(service.protocol, request_id, date), body)


def document(value: object, request_id: str, date: datetime) -> HttpResponse:
    """A JSON document of no model. Raises: ValueError, TypeError for what JSON has no form of."""
    body = dumps(value, allow_nan=False, separators=(",", ":")).encode()
    return HttpResponse(200, _headers(Protocol.JSON, request_id, date), body)


def failure(
    service: Service | None,
    code: str,
    message: str,
    status: int,
    request_id: str,
    date: datetime,
    *,
    sender: bool | None = None,
    looks_json: bool = False,
    fields: Mapping[str, str] | None = None,
) -> HttpResponse:
    """`looks_json` decides for a request that no service could be found for (`route`)."""
    blame = status < SERVER_FAULT if sender is None else sender
    unrouted = Protocol.JSON if looks_json else Protocol.QUERY
    protocol = unrouted if service is None else service.protocol
    headers = _headers(protocol, request_id, date)
    match protocol:
        case Protocol.QUERY:
            body = query.serialize_error(service, code, message, request_id, sender=blame)
        case Protocol.JSON:
            headers = (*headers, ("x-amzn-errortype", code))
            body = json.serialize_error(
                service, code, message, request_id, sender=blame, fields=fields
            )
    return HttpResponse(status, headers, body)


def _headers(protocol: Protocol, request_id: str, date: datetime) -> tuple[tuple[str, str], ...]:
    return (
        ("x-amzn-RequestId", request_id),
        ("Date", timestamp.http_date(date)),
        ("Content-Type", CONTENT_TYPE[protocol]),
    )
