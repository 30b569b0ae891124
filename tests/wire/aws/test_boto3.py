"""Whole boto3 clients of the five services, with our codecs where the network would be.

Beside botocore's serializers and parsers (test_roundtrip) this runs what stands around them:
parameter validation, idempotency tokens, signing, retries, response handlers, exception classes.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from random import Random
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.client import Config
from botocore.handlers import json_decode_policies

from redshare.wire.aws import respond
from redshare.wire.aws.model import SERVICES, ErrorShape, Protocol, Service, load_service
from redshare.wire.aws.request import HttpRequest, HttpResponse
from redshare.wire.aws.route import Call, Routed, read, route
from redshare.wire.aws.sigv4 import verify
from redshare.wire.aws.validate import validate
from tests.wire.aws.fitting import PIECES, fitting
from tests.wire.aws.shapes import VANISHED, carried, value
from tests.wire.aws.signing import ENDPOINT, KEY, KEY_ID, REGION, SECRET, arrived

CASES = 40 if os.environ.get("REDSHARE_SOAK") == "1" else 2
NOW = datetime(2026, 11, 22, 10, 11, 12, tzinfo=UTC)
#: Errors of operations that the models held when this was written; they may only grow.
RAISED = {
    "redshift": 590,
    "redshift-serverless": 280,
    "redshift-data": 55,
    "sts": 35,
    "iam": 609,
}
#: Operations a client sends without a signature.
UNSIGNED = {"AssumeRoleWithSAML", "AssumeRoleWithWebIdentity"}

Answer = Callable[[Call], HttpResponse]


class Raw:
    """The body of an answer as botocore's HTTP session gives it."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self) -> list[bytes]:
        return [self._body]


class Wire:
    """A boto3 client whose requests are read by our codecs and answered by `answer`."""

    def __init__(self, name: str) -> None:
        self.service = load_service(name)
        self.client = boto3.client(
            name,
            endpoint_url=ENDPOINT,
            region_name=REGION,
            aws_access_key_id=KEY_ID,
            aws_secret_access_key=SECRET,
            config=Config(retries={"total_max_attempts": 1}),
        )
        self.answer: Answer
        self.calls: list[Call] = []
        self.client.meta.events.register("before-send", self._send)

    def _send(self, request: AWSPreparedRequest, **_: object) -> AWSResponse:
        call = self._read(arrived(request))
        self.calls.append(call)
        given = self.answer(call)
        return AWSResponse(request.url, given.status, dict(given.headers), Raw(given.body))

    def _read(self, request: HttpRequest) -> Call:
        if request.header("authorization") is None:
            call = read(Routed(self.service, None), request)
            assert call.operation.name in UNSIGNED
        else:
            routed = route(request)
            services, now = {routed.service.signing_name}, datetime.now(UTC)
            verify(request, now=now, lookup={KEY_ID: KEY}.get, services=services, regions={REGION})
            call = read(routed, request)
        validate(call.operation, call.params)
        return call


@pytest.mark.parametrize("name", SERVICES)
def test_calls(name: str) -> None:
    """Any call of any operation is read as it was made, and its result is returned as written.

    What the model allows, our validation allows.
    """
    wire = Wire(name)
    for operation in wire.service.operations.values():
        for case in range(CASES):
            random = _random(name, operation.name, case)
            inside, outside = operation.input_shape, operation.output_shape
            params = {} if inside is None else fitting(inside, random)
            for token in operation.idempotent_members:  # a client makes one up where it is absent
                params.setdefault(token, "a-token-of-the-test-0123456789abcdef")
            result = {} if outside is None else value(outside, random, fine_times=False)
            wire.answer = partial(_success, wire.service, result)

            returned = wire.client._make_api_call(operation.name, params)

            assert operation.name == wire.calls[-1].operation.name
            assert _travelled(wire.service, inside, params) == wire.calls[-1].params
            metadata = returned.pop("ResponseMetadata")
            assert (metadata["HTTPStatusCode"], metadata["RequestId"]) == (200, "id-1")
            if name == "iam":  # whose policy documents are decoded by a handler of botocore
                json_decode_policies(result, operation)
            assert result == returned, operation.name
    assert len(wire.calls) == CASES * len(wire.service.operations)


@pytest.mark.parametrize("name", SERVICES)
def test_exceptions(name: str) -> None:
    """Every modelled error of every operation is raised as the client's class for it."""
    wire, raised = Wire(name), 0
    for operation in wire.service.operations.values():
        random = _random(name, operation.name)
        inside = operation.input_shape
        params = {} if inside is None else fitting(inside, random)
        for shape in operation.error_shapes:
            error = wire.service.errors[shape.name]
            message = "".join(random.choices(PIECES, k=12))
            wire.answer = partial(_failure, wire.service, error, message)

            with pytest.raises(getattr(wire.client.exceptions, shape.name)) as caught:
                wire.client._make_api_call(operation.name, params)

            said = caught.value.response
            assert (error.code, message) == (said["Error"]["Code"], said["Error"]["Message"])
            assert error.status == said["ResponseMetadata"]["HTTPStatusCode"]
            assert said["ResponseMetadata"]["RequestId"] == "id-1"
            assert operation.name == caught.value.operation_name
            raised += 1
    assert raised >= RAISED[name]


def _success(service: Service, result: dict[str, Any], call: Call) -> HttpResponse:
    return respond.success(service, call.operation, result, "id-1", NOW)


def _failure(service: Service, error: ErrorShape, message: str, _: Call) -> HttpResponse:
    return respond.failure(
        service, error.code, message, error.status, "id-1", NOW, sender=error.sender
    )


def _travelled(service: Service, shape: Any, params: dict[str, Any]) -> Any:
    if shape is None or service.protocol is Protocol.JSON:
        return params
    travelled = carried(shape, params)
    return {} if travelled is VANISHED else travelled


def _random(*parts: object) -> Random:
    return Random(zlib.crc32(repr(parts).encode()))
