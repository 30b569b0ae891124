"""Answers and routing: envelopes, headers, what cannot be written, which service is meant."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from random import Random
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from botocore.parsers import create_parser
from botocore.serialize import create_serializer

from redshare.wire.aws import form, query, respond, timestamp
from redshare.wire.aws import json as wire_json
from redshare.wire.aws.errors import WireError
from redshare.wire.aws.model import Service, load_service
from redshare.wire.aws.request import HttpRequest, HttpResponse
from redshare.wire.aws.route import looks_json, read, route
from redshare.wire.aws.timestamp import Format
from tests.wire.aws.shapes import VANISHED, carried, value
from tests.wire.aws.signing import presigned, signed
from tests.wire.aws.sink import sink

NOW = datetime(2026, 11, 22, 10, 11, 12, 987_654, tzinfo=UTC)
REDSHIFT = load_service("redshift")
DATA = load_service("redshift-data")
SINKS = {"query": sink("query"), "json": sink("json")}


def answer(service: Service, operation: str, result: Mapping[str, Any]) -> HttpResponse:
    return respond.success(service, service.operations[operation], result, "id-1", NOW)


def understood(service: Service, operation: str, response: HttpResponse) -> dict[str, Any]:
    headers = {name.lower(): text for name, text in response.headers}
    raw = {"status_code": response.status, "headers": headers, "body": response.body}
    parser = create_parser(service.protocol.value)
    parsed: dict[str, Any] = parser.parse(raw, service.operations[operation].output_shape)
    del parsed["ResponseMetadata"]
    return parsed


# --- every type -------------------------------------------------------------------------------


def _whole_seconds(part: Any) -> Any:
    """RFC 822 times have no fraction of a second."""
    if "Rfc" in part:
        return {**part, "Rfc": part["Rfc"].replace(microsecond=0)}
    return part


@pytest.mark.parametrize("case", range(30))
@pytest.mark.parametrize("protocol", SINKS)
def test_every_type(protocol: str, case: int) -> None:
    """Every type of both protocols travels, in a request and in a result."""
    service = SINKS[protocol]
    operation = service.operations["Sink"]
    shape = operation.input_shape
    params = _whole_seconds(value(shape, Random(case), fine_times=True))
    result = _whole_seconds(value(shape, Random(case), fine_times=False))

    sent = create_serializer(protocol, include_validation=False).serialize_to_request(
        params, operation
    )
    if protocol == "json":
        assert params == wire_json.parse(service, "Sink", sent["body"])[1]
    else:
        travelled = carried(shape, params)
        expected = {} if travelled is VANISHED else travelled
        assert expected == query.parse(service, {k: str(v) for k, v in sent["body"].items()})[1]
    assert result == understood(service, "Sink", answer(service, "Sink", result))


@pytest.mark.parametrize("operation", ["Nothing", "Empty"])
@pytest.mark.parametrize("protocol", SINKS)
def test_no_result(protocol: str, operation: str) -> None:
    """An operation without results answers an empty document."""
    service = SINKS[protocol]

    assert understood(service, operation, answer(service, operation, {})) == {}
    with pytest.raises(ValueError, match=r"has no (result|member)"):
        answer(service, operation, {"a": 1})


@pytest.mark.parametrize("protocol", SINKS)
def test_none_is_absent(protocol: str) -> None:
    """A member that is None is not written, at any depth."""
    service = SINKS[protocol]
    result: dict[str, Any] = {
        "Text": None,
        "Integer": 0,
        "Boolean": False,
        "Named": [{"Text": None}],
        "Map": {},
    }

    assert understood(service, "Sink", answer(service, "Sink", result)) == {
        "Integer": 0,
        "Boolean": False,
        "Named": [{}],
        "Map": {},
    }


@pytest.mark.parametrize(
    ("result", "error"),
    [
        ({"Nope": 1}, ValueError),
        ({"Union": {}}, ValueError),
        ({"Union": {"Left": "a", "Right": 1}}, ValueError),
        ({"Time": datetime(2026, 1, 1)}, ValueError),  # noqa: DTZ001 - no zone is the point
        ({"Text": 1}, TypeError),
        ({"Boolean": 1}, TypeError),
        ({"Integer": "1"}, TypeError),
        ({"Integer": True}, TypeError),
        ({"Integer": 1.0}, TypeError),
        ({"Double": "1"}, TypeError),
        ({"Double": True}, TypeError),
        ({"Blob": "x"}, TypeError),
        ({"Time": 1}, TypeError),
        ({"Named": {}}, TypeError),
        ({"Named": "x"}, TypeError),
        ({"Named": [1]}, TypeError),
        ({"Named": [None]}, TypeError),
        ({"Map": []}, TypeError),
        ({"Map": {"a": 1}}, TypeError),
        ({"Map": {1: {}}}, TypeError),
    ],
)
@pytest.mark.parametrize("protocol", SINKS)
def test_wrong_result(protocol: str, result: dict[str, Any], error: type[Exception]) -> None:
    """A result that does not fit the model is our mistake and is not written."""
    with pytest.raises(error):
        answer(SINKS[protocol], "Sink", result)


@pytest.mark.parametrize(
    ("number", "name"),
    [("nan", "NaN"), ("inf", "Infinity"), ("-inf", "-Infinity")],
)
def test_numbers_without_digits(number: str, name: str) -> None:
    """JSON has the protocol's names for them; no result of the query protocol has such numbers."""
    result = {"Double": float(number)}
    body = wire_json.serialize(SINKS["json"], SINKS["json"].operations["Sink"], result, "id")
    assert json.loads(body) == {"Double": name}
    with pytest.raises(ValueError, match=r"."):
        answer(SINKS["query"], "Sink", result)


# --- envelopes --------------------------------------------------------------------------------


def test_query_result_document() -> None:
    """A query answer has the operation's elements, the namespace and the request id."""
    response = answer(REDSHIFT, "DescribeDataShares", {"DataShares": [], "Marker": "a<&>\r\n"})

    assert response.body == (
        b'<DescribeDataSharesResponse xmlns="http://redshift.amazonaws.com/doc/2012-12-01/">'
        b"<DescribeDataSharesResult><DataShares></DataShares><Marker>a&lt;&amp;&gt;&#13;\n</Marker>"
        b"</DescribeDataSharesResult><ResponseMetadata><RequestId>id-1</RequestId>"
        b"</ResponseMetadata></DescribeDataSharesResponse>"
    )
    assert response.headers == (
        ("x-amzn-RequestId", "id-1"),
        ("Date", "Sun, 22 Nov 2026 10:11:12 GMT"),
        ("Content-Type", "text/xml"),
    )
    assert response.status == 200


def test_query_result_without_shape() -> None:
    """An operation without an output has no Result element."""
    response = answer(REDSHIFT, "DeleteResourcePolicy", {})

    assert b"Result" not in response.body
    assert b"<RequestId>id-1</RequestId>" in response.body


def test_illegal_characters() -> None:
    """A character XML cannot hold is replaced, so that the document stays one."""
    bad = "a\0b\x1bc\ud800d\ufffee\uffff"
    response = answer(REDSHIFT, "DescribeDataShares", {"Marker": bad})

    found = ET.fromstring(response.body).find(".//{*}Marker")
    assert found is not None
    assert found.text == "a\ufffdb\ufffdc\ufffdd\ufffde\ufffd"


def test_json_error_document() -> None:
    """A json error names its code in the body and a header, its message in both spellings."""
    response = respond.failure(
        DATA, "ResourceNotFoundException", "gone", 400, "id-1", NOW, fields={"ResourceId": "7"}
    )

    expected = {
        "__type": "ResourceNotFoundException",
        "message": "gone",
        "Message": "gone",
        "ResourceId": "7",
    }
    assert expected == json.loads(response.body)
    assert ("x-amzn-errortype", "ResourceNotFoundException") in response.headers
    assert ("Content-Type", "application/x-amz-json-1.1") in response.headers
    assert ("x-amzn-RequestId", "id-1") in response.headers


@pytest.mark.parametrize(
    ("status", "sender", "said"),
    [(400, None, b"Sender"), (500, None, b"Receiver"), (400, False, b"Receiver")],
)
def test_query_error_document(status: int, sender: bool | None, said: bytes) -> None:
    """A query error says whose fault it is, by its status unless told."""
    response = respond.failure(REDSHIFT, "C", "a&b", status, "id-1", NOW, sender=sender)

    assert (
        b'<ErrorResponse xmlns="http://redshift.amazonaws.com/doc/2012-12-01/"><Error><Type>%s'
        b"</Type><Code>C</Code><Message>a&amp;b</Message></Error><RequestId>id-1</RequestId>"
        b"</ErrorResponse>" % said
    ) == response.body
    assert status == response.status


def test_unrouted_error() -> None:
    """A request no service can be found for is answered in XML, or in json if it looks so."""
    xml = respond.failure(None, "C", "m", 400, "id-1", NOW)
    as_json = respond.failure(None, "C", "m", 400, "id-1", NOW, looks_json=True)

    assert xml.body.startswith(b"<ErrorResponse><Error>")
    assert json.loads(as_json.body)["__type"] == "C"


# --- routing ----------------------------------------------------------------------------------


def changed(request: HttpRequest, **headers: str) -> HttpRequest:
    names = {name.replace("_", "-"): text for name, text in headers.items()}
    kept = tuple(pair for pair in request.headers if pair[0] not in names)
    return replace(request, headers=(*kept, *names.items()))


def bare(method: str = "POST", **headers: str) -> HttpRequest:
    return changed(HttpRequest(method, "/", "", (), b""), **headers)


TARGET = "RedshiftData.ExecuteStatement"
TWO_TARGETS = (("x-amz-target", TARGET), ("x-amz-target", "RedshiftServerless.ListWorkgroups"))


@pytest.mark.parametrize(
    ("request_", "code", "status"),
    [
        (bare(), "MissingAuthenticationToken", 403),
        (bare(content_type="application/json"), "MissingAuthenticationTokenException", 400),
        (bare(authorization="x"), "IncompleteSignature", 400),
        (
            bare(authorization="x", content_type="application/x-amz-json-1.1; charset=utf-8"),
            "IncompleteSignatureException",
            400,
        ),
        (bare(x_amz_target="RedshiftData.Nope"), "UnknownOperationException", 400),
        (bare(x_amz_target="AWSGlue.GetTables"), "UnknownOperationException", 400),
        (bare(x_amz_target=""), "UnknownOperationException", 400),
        (bare(x_amz_target="RedshiftData"), "UnknownOperationException", 400),
        (bare(x_amz_target="x" * 100_000), "UnknownOperationException", 400),
        (bare("GET", x_amz_target=TARGET), "UnknownOperationException", 400),
        (HttpRequest("POST", "/", "", TWO_TARGETS, b""), "UnknownOperationException", 400),
        (replace(signed(), method="PUT"), "MalformedHttpRequestException", 400),
        (signed(scope="ec2"), "InvalidAction", 400),
        (signed(scope="redshift-data"), "UnknownOperationException", 400),
        (replace(bare(), body=b"x" * (form.MAX_BODY + 1)), "RequestEntityTooLarge", 413),
        (
            replace(bare(x_amz_target=TARGET), body=b"x" * (form.MAX_BODY + 1)),
            "RequestEntityTooLargeException",
            413,
        ),
    ],
)
def test_not_routed(request_: HttpRequest, code: str, status: int) -> None:
    """A request for no service or operation served here says what is wrong with it."""
    with pytest.raises(WireError) as caught:
        route(request_)

    assert (code, status) == (caught.value.code, caught.value.status)
    assert len(caught.value.message) < 500


def test_routed_by_target() -> None:
    """A json operation is known by its target before the body is read."""
    routed = route(bare(x_amz_target=TARGET))

    assert (routed.service, routed.operation_name) == (DATA, "ExecuteStatement")


def test_routed_by_scope() -> None:
    """A query service is known by the scope; its operation only when the body is read."""
    request = signed()
    routed = route(request)

    assert (routed.service, routed.operation_name) == (REDSHIFT, None)
    assert read(routed, request).operation.name == "AuthorizeDataShare"


def test_query_and_body() -> None:
    """A POST may name its parameters in the query string too; the body's come on top."""
    request = signed("redshift", "DescribeClusters", {"Marker": "body"})
    both = replace(request, query="Marker=query&MaxRecords=7")

    assert read(route(both), both).params == {"Marker": "body", "MaxRecords": 7}


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (replace(presigned(), body=b"x"), "MalformedHttpRequestException"),
        (replace(signed(), query="a=\u20ac"), "MalformedQueryString"),
    ],
)
def test_not_read(request_: HttpRequest, code: str) -> None:
    """A GET has no body, and a query string is made of bytes."""
    with pytest.raises(WireError) as caught:
        read(route(request_), request_)

    assert code == caught.value.code


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, False),
        ({"content_type": "application/x-www-form-urlencoded"}, False),
        ({"content_type": "Application/JSON; charset=utf-8"}, True),
        ({"content_type": "application/x-amz-json-1.1"}, True),
        ({"x_amz_target": ""}, True),
    ],
)
def test_looks_json(headers: dict[str, str], expected: bool) -> None:
    """A target or a json content type makes a request look like json."""
    assert expected is looks_json(bare(**headers))


# --- times ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("form_", "written"),
    [
        (Format.ISO8601, "2026-11-22T10:11:12.987Z"),
        (Format.UNIX, 1795342272.987),
        (Format.RFC822, "Sun, 22 Nov 2026 10:11:12 GMT"),
    ],
)
def test_times(form_: Format, written: str | float) -> None:
    """Times are written in UTC, cut to what the form holds, whatever their zone."""
    east = NOW.astimezone(timezone(timedelta(hours=5, minutes=30)))

    assert written == timestamp.write(east, form_)
    assert abs(timestamp.read(written, form_) - NOW) < timedelta(seconds=1)


@pytest.mark.parametrize(
    "text", ["2026-11-22T10:11:12", "2026-11-22T11:11:12+01:00", "20261122T101112Z"]
)
def test_iso_times(text: str) -> None:
    """A time without a zone is UTC, one with another zone is turned into it."""
    assert datetime(2026, 11, 22, 10, 11, 12, tzinfo=UTC) == timestamp.read(text, Format.ISO8601)
    assert timestamp.read(text, Format.ISO8601).tzinfo is UTC
