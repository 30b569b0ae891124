"""Every operation and error of the five services, with botocore as the other side."""

from __future__ import annotations

import os
import zlib
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest
from botocore.errorfactory import ClientExceptionsFactory
from botocore.parsers import create_parser

from redshare.wire.aws import respond, route
from redshare.wire.aws.model import SERVICES, Protocol, Service, load_service
from redshare.wire.aws.request import HttpResponse
from redshare.wire.aws.route import Routed
from tests.wire.aws.shapes import TEXTS, VANISHED, carried, value
from tests.wire.aws.signing import received, unsigned

CASES = 60 if os.environ.get("REDSHARE_SOAK") == "1" else 3
NOW = datetime(2026, 11, 22, 10, 11, 12, tzinfo=UTC)
# What the models held when this was written; they may only grow.
OPERATIONS = {
    "redshift": 145,
    "redshift-serverless": 65,
    "redshift-data": 12,
    "sts": 11,
    "iam": 180,
}
ERRORS = {
    "redshift": 145,
    "redshift-serverless": 12,
    "redshift-data": 10,
    "sts": 12,
    "iam": 38,
}


def _random(*parts: object) -> Random:
    return Random(zlib.crc32(repr(parts).encode()))


def _parsed(service: Service, response: HttpResponse, shape: Any) -> dict[str, Any]:
    headers = {name.lower(): text for name, text in response.headers}
    parser = create_parser(service.protocol.value)
    raw = {"status_code": response.status, "headers": headers, "body": response.body}
    parsed: dict[str, Any] = parser.parse(raw, shape)
    return parsed


def _expected_params(service: Service, shape: Any, params: dict[str, Any]) -> Any:
    if shape is None:
        return {}
    if service.protocol is Protocol.JSON:
        return params
    travelled = carried(shape, params)
    return {} if travelled is VANISHED else travelled


@pytest.mark.parametrize("name", SERVICES)
def test_requests(name: str) -> None:
    """What botocore writes for any operation is read back as the same parameters."""
    service = load_service(name)
    done = 0
    for operation in service.operations.values():
        shape = operation.input_shape
        for case in range(CASES):
            random = _random(name, operation.name, case)
            params = {} if shape is None else value(shape, random, fine_times=True)
            request = received(unsigned(name, operation.name, params))
            routed = Routed(service, operation.name if service.protocol is Protocol.JSON else None)

            call = route.read(routed, request)

            assert operation.name == call.operation.name
            assert _expected_params(service, shape, params) == call.params, operation.name
            done += 1
    assert done == CASES * len(service.operations)
    assert len(service.operations) >= OPERATIONS[name]


@pytest.mark.parametrize("name", SERVICES)
def test_results(name: str) -> None:
    """What is written for any operation's result is read by botocore as the same result."""
    service = load_service(name)
    done = 0
    for operation in service.operations.values():
        shape = operation.output_shape
        for case in range(CASES):
            random = _random(operation.name, name, case)
            result = {} if shape is None else value(shape, random, fine_times=False)

            response = respond.success(service, operation, result, f"id-{case}", NOW)

            parsed = _parsed(service, response, shape)
            metadata = parsed.pop("ResponseMetadata")
            assert result == parsed, operation.name
            assert (f"id-{case}", 200) == (metadata["RequestId"], metadata["HTTPStatusCode"])
            done += 1
    assert done == CASES * len(service.operations)


@pytest.mark.parametrize("name", SERVICES)
def test_errors(name: str) -> None:
    """Every modelled error reaches botocore with its code, class, status, message and members."""
    service = load_service(name)
    model = next(iter(service.operations.values())).service_model
    exceptions = ClientExceptionsFactory().create_client_exceptions(model)
    for error in service.errors.values():
        message = _random(error.code).choice(TEXTS)
        shape = model.shape_for(error.shape_name)
        others = {key: "x" for key in shape.members if key.lower() != "message"}

        response = respond.failure(
            service,
            error.code,
            message,
            error.status,
            "id-1",
            NOW,
            sender=error.sender,
            fields=others,
        )

        parsed = _parsed(service, response, None)
        assert (error.code, message or None) == (
            parsed["Error"]["Code"],
            parsed["Error"]["Message"] or None,
        )
        assert error.shape_name == exceptions.from_code(parsed["Error"]["Code"]).__name__
        assert error.status == parsed["ResponseMetadata"]["HTTPStatusCode"]
        assert parsed["ResponseMetadata"]["RequestId"] == "id-1"
        if service.protocol is Protocol.JSON:
            assert _json_members(shape, message) == _parsed(service, response, shape)
        else:
            assert ("Sender" if error.sender else "Receiver") == parsed["Error"]["Type"]
    assert len(service.errors) >= ERRORS[name]


def _json_members(shape: Any, message: str) -> dict[str, str]:
    return {key: message if key.lower() == "message" else "x" for key in shape.members}
