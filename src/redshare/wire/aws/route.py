"""Which service a request is for: json by X-Amz-Target, query by the credential's scope.

One listener serves all services, so a client needs no more than one endpoint URL. Nothing here is
trusted: the signature is verified for the service found here, and the operation that is authorised
is the one `read` gives, which parses the body once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from redshare.wire.aws import authorization, errors, form, json, query
from redshare.wire.aws.model import (
    SERVICES,
    Protocol,
    Service,
    by_signing_name,
    by_target_prefix,
)

if TYPE_CHECKING:
    from botocore.model import OperationModel

    from redshare.wire.aws.request import HttpRequest

TARGET: Final = "x-amz-target"


@dataclass(frozen=True, slots=True)
class Routed:
    """`operation_name` is known before the body is read for json services only."""

    service: Service
    operation_name: str | None


@dataclass(frozen=True, slots=True)
class Call:
    """A request read once: what is authorised, validated and run."""

    service: Service
    operation: OperationModel
    params: dict[str, Any]


def route(request: HttpRequest) -> Routed:
    """Raises: WireError."""
    json_like = looks_json(request)
    if len(request.body) > form.MAX_BODY:
        raise errors.too_large(form.MAX_BODY, json=json_like)
    targets = request.values(TARGET)
    return _by_target(request, targets) if targets else _by_scope(request)


def read(routed: Routed, request: HttpRequest) -> Call:
    """Parse the request of a routed (and by now verified) caller.

    Raises: WireError.
    """
    service = routed.service
    match service.protocol:
        case Protocol.JSON:
            name, params = json.parse(service, routed.operation_name, request.body)
        case Protocol.QUERY:
            name, params = query.parse(service, query_fields(request))
    return Call(service, service.operations[name], params)


def looks_json(request: HttpRequest) -> bool:
    """Whether to answer in json when no service is known."""
    content_type = (request.header("content-type") or "").partition(";")[0].strip().lower()
    return (
        request.header(TARGET) is not None
        or content_type == "application/json"
        or content_type.startswith("application/x-amz-json")
    )


def _by_target(request: HttpRequest, targets: tuple[str, ...]) -> Routed:
    prefix, _, name = targets[0].partition(".")
    service = by_target_prefix().get(prefix)
    if (
        len(targets) > 1
        or request.method != "POST"
        or service is None
        or name not in service.operations
    ):
        raise errors.unknown_operation(targets[0][: query.SHOWN])
    return Routed(service, name)


def _by_scope(request: HttpRequest) -> Routed:
    protocol = Protocol.JSON if looks_json(request) else Protocol.QUERY
    try:
        name = authorization.parse(request).service
    except authorization.SignatureError as error:
        raise error.as_wire(protocol) from error
    service = by_signing_name().get(name)
    if service is None:
        raise errors.unknown_service(name, SERVICES)
    if service.protocol is Protocol.JSON:
        raise errors.unknown_operation(None)
    if request.method not in ("GET", "POST"):
        raise errors.malformed_http(f"{service.name} is called with GET or POST.")
    return Routed(service, None)


def query_fields(request: HttpRequest) -> dict[str, str]:
    """The parameters: of the query string, then of a POST's body, without a signed query's own."""
    if request.method != "POST" and request.body:
        raise errors.malformed_http("Only POST has a body.")
    try:
        fields = form.parse(request.query.encode("latin-1"), request.body)
    except UnicodeEncodeError as error:
        raise errors.malformed_query("text that is not UTF-8") from error
    return {
        name: value for name, value in fields.items() if name not in authorization.QUERY_PARAMETERS
    }
