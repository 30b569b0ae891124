"""Input made to hurt: every bad body is a WireError that says what is wrong, never a crash."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import quote_plus

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from redshare.wire.aws import form, query
from redshare.wire.aws import json as wire_json
from redshare.wire.aws.errors import WireError
from redshare.wire.aws.model import load_service
from redshare.wire.aws.request import HttpRequest
from redshare.wire.aws.route import Routed, read, route
from tests.wire.aws.sink import sink

REDSHIFT = load_service("redshift")
IAM = load_service("iam")
DATA = load_service("redshift-data")
SINK_QUERY = sink("query")
SINK_JSON = sink("json")
MALFORMED = "MalformedQueryString"
INVALID = "InvalidParameterValue"
UNKNOWN = "InvalidQueryParameter"


def parse_form(body: bytes, service: Any = REDSHIFT) -> tuple[str, dict[str, Any]]:
    return query.parse(service, form.parse(body))


def fields(action: str, text: str = "") -> bytes:
    return f"Action={action}&Version=2012-12-01{'&' if text else ''}{text}".encode()


def parse_json(body: bytes, operation: str = "ExecuteStatement") -> dict[str, Any]:
    return wire_json.parse(DATA, operation, body)[1]


def attempt(what: Callable[[], Any]) -> Any:
    """The outcome, or "refused" for a WireError; whatever else is raised fails the test."""
    try:
        return what()
    except WireError as error:
        return "refused" if error.status in (400, 403, 413) else error


# --- query ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "MissingAction"),
        (b"Action=", "MissingAction"),
        (b"Version=2012-12-01", "MissingAction"),
        (b"Action=Nothing&Version=2012-12-01", "InvalidAction"),
        (b"Action=__class__&Version=2012-12-01", "InvalidAction"),
        (b"Action=DescribeClusters", "InvalidAction"),
        (b"Action=DescribeClusters&Version=2010-05-08", "InvalidAction"),
        (fields("DescribeClusters", "Marker=%ff"), MALFORMED),
        (fields("DescribeClusters") + b"&Marker=\xff", MALFORMED),
        (fields("DescribeClusters", "Marker=%c0%80"), MALFORMED),
        (fields("DescribeClusters", "Marker=%ed%a0%80"), MALFORMED),
        (fields("DescribeClusters", "Marker=%"), MALFORMED),
        (fields("DescribeClusters", "Marker=%4"), MALFORMED),
        (fields("DescribeClusters", "Marker=%zz"), MALFORMED),
        (fields("DescribeClusters", "&".join(f"a{n}=1" for n in range(20_000))), MALFORMED),
        (fields("DescribeClusters", "A." * 40 + "A=1"), MALFORMED),
        (fields("DescribeClusters", "A." * 400_000 + "A=1"), MALFORMED),
        (fields("DescribeClusters", "Marker=" + "x" * form.MAX_BODY), "RequestEntityTooLarge"),
        (fields("DescribeClusters", "Unknown=1"), UNKNOWN),
        (fields("DescribeClusters", "=1"), UNKNOWN),
        (fields("DescribeClusters", "Marker.x=1"), MALFORMED),
        (fields("DescribeClusters", "Marker=1&Marker.x=1"), MALFORMED),
        (fields("DescribeClusters", "Marker.x=1&Marker=1"), MALFORMED),
        (fields("DescribeClusters", "MaxRecords=ten"), INVALID),
        (fields("DescribeClusters", "MaxRecords="), INVALID),
        (fields("DescribeClusters", "MaxRecords=1.5"), INVALID),
        (fields("DescribeClusters", "MaxRecords=1_0"), INVALID),
        (fields("DescribeClusters", "MaxRecords=+1"), INVALID),
        (fields("DescribeClusters", f"MaxRecords={quote_plus(chr(0x661))}"), INVALID),
        (fields("DescribeClusters", "MaxRecords=2147483648"), INVALID),
        (fields("DescribeClusters", "MaxRecords=-2147483649"), INVALID),
        (fields("DescribeClusters", "MaxRecords=" + "9" * 20), INVALID),
        (fields("DescribeClusters", "MaxRecords=" + "9" * 100_000), INVALID),
        (fields("DescribeClusters", "TagKeys=x"), MALFORMED),
        (fields("DescribeClusters", "TagKeys.TagKey=x"), MALFORMED),
        (fields("DescribeClusters", "TagKeys.TagKey.0=x"), MALFORMED),
        (fields("DescribeClusters", "TagKeys.TagKey.-1=x"), MALFORMED),
        (fields("DescribeClusters", "TagKeys.TagKey.01=x"), MALFORMED),
        (fields("DescribeClusters", f"TagKeys.TagKey.{'9' * 5000}=x"), MALFORMED),
        (fields("DescribeClusters", "TagKeys.TagKey.x=x"), MALFORMED),
        (fields("DescribeClusters", "TagKeys.TagKey.1.Key=x"), MALFORMED),
        (fields("DescribeClusters", "TagKeys.member.1=x"), UNKNOWN),
        (fields("DescribeClusters", "TagKeys.1=x"), UNKNOWN),
        (fields("DescribeClusters", "TagKeys=&TagKeys.TagKey.1=x"), MALFORMED),
        (fields("CreateTags", "ResourceName=x&Tags.Tag.1=x"), MALFORMED),
        (fields("CreateTags", "ResourceName=x&Tags.Tag.1.Nope=x"), UNKNOWN),
        (fields("AuthorizeDataShare", "AllowWrites=yes"), INVALID),
        (fields("AuthorizeDataShare", "AllowWrites=1"), INVALID),
        (fields("AuthorizeDataShare", "AllowWrites="), INVALID),
        (fields("DescribeEvents", "StartTime=yesterday"), INVALID),
        (fields("DescribeEvents", "StartTime=2026-13-01T00:00:00Z"), INVALID),
        (fields("DescribeEvents", "StartTime=0001-01-01T00:00:00%2B14:00"), INVALID),
        (fields("CreateIntegration", "AdditionalEncryptionContext.entry.1.value=x"), MALFORMED),
        (fields("CreateIntegration", "AdditionalEncryptionContext.entry.1=x"), MALFORMED),
        (fields("CreateIntegration", "AdditionalEncryptionContext.entry.1.key.x=x"), MALFORMED),
        (
            fields(
                "CreateIntegration",
                "AdditionalEncryptionContext.entry.1.key=a&AdditionalEncryptionContext.entry.1.z=b",
            ),
            MALFORMED,
        ),
    ],
)
def test_query(body: bytes, code: str) -> None:
    """A form that is broken, too large or of the wrong shape is refused with its code."""
    with pytest.raises(WireError) as caught:
        parse_form(body)

    assert (code, True) == (caught.value.code, caught.value.sender)
    assert caught.value.status == (413 if code == "RequestEntityTooLarge" else 400)
    assert len(caught.value.message) < 500


@pytest.mark.parametrize(
    ("text", "params"),
    [
        ("Marker=a&Marker=b", {"Marker": "b"}),
        ("Marker", {"Marker": ""}),
        ("Marker=", {"Marker": ""}),
        ("&&Marker=x&", {"Marker": "x"}),
        ("Marker=a%20b+c%2Bd%C3%BC%F0%9F%A6%86", {"Marker": "a b c+dü🦆"}),
        ("%4darker=x", {"Marker": "x"}),
        ("Marker=a=b", {"Marker": "a=b"}),
        ("MaxRecords=-2147483648", {"MaxRecords": -(2**31)}),
        ("TagKeys=", {"TagKeys": []}),
        ("TagKeys.TagKey.7=b&TagKeys.TagKey.3=a", {"TagKeys": ["a", "b"]}),
        ("TagKeys.TagKey.10=j&TagKeys.TagKey.9=i", {"TagKeys": ["i", "j"]}),
        ("TagKeys.TagKey.1=a&TagKeys.TagKey.1=b", {"TagKeys": ["b"]}),
    ],
)
def test_query_that_is_fine(text: str, params: dict[str, Any]) -> None:
    """What clients really send is read: gaps, empty lists, repeated names (the last one wins)."""
    assert ("DescribeClusters", params) == parse_form(fields("DescribeClusters", text))


def test_boolean_in_capitals() -> None:
    """A boolean may be written in capitals, as older clients do."""
    assert parse_form(fields("AuthorizeDataShare", "AllowWrites=True"))[1] == {"AllowWrites": True}


@pytest.mark.parametrize("text", ["a", "=", "@@@@", "YQ", "YQ==YQ==", "é"])
def test_query_blob(text: str) -> None:
    """A blob that is no base64 is refused."""
    with pytest.raises(WireError, match="base64"):
        query.parse(SINK_QUERY, {"Action": "Sink", "Version": "1", "Blob": text})


def test_no_parameters_expected() -> None:
    """An operation without parameters takes none."""
    name = next(name for name, model in IAM.operations.items() if model.input_shape is None)
    body = f"Action={name}&Version=2010-05-08".encode()

    assert parse_form(body, IAM) == (name, {})
    with pytest.raises(WireError, match="x is not recognized"):
        parse_form(body + b"&x=1", IAM)


@pytest.mark.parametrize(("text", "number"), [("1.5", 1.5), ("-2e3", -2e3), (".5", 0.5), ("7", 7)])
def test_double(text: str, number: float) -> None:
    """A number is a decimal one, with or without a fraction and an exponent."""
    given_fields = {"Action": "Sink", "Version": "1", "Double": text}

    assert ("Sink", {"Double": number}) == query.parse(SINK_QUERY, given_fields)


@pytest.mark.parametrize("text", ["NaN", "Infinity", "1e999", "0x1", "1_0", "", "1e99999", " 1"])
def test_no_double(text: str) -> None:
    """NaN, infinity and other notations are no numbers."""
    with pytest.raises(WireError, match="a number is expected"):
        query.parse(SINK_QUERY, {"Action": "Sink", "Version": "1", "Double": text})


@settings(max_examples=300, deadline=None)
@given(body=st.binary(max_size=300), action=st.sampled_from([*REDSHIFT.operations, ""]))
def test_any_form(body: bytes, action: str) -> None:
    """Any bytes at all are parameters or a WireError."""
    outcome = attempt(lambda: parse_form(fields(action) + b"&" + body))

    assert outcome == "refused" or (action == outcome[0] and isinstance(outcome[1], dict))


NAMES = st.lists(
    st.sampled_from(["Tags", "Tag", "TagKeys", "TagKey", "member", "entry", "1", "2", "Key", ""]),
    max_size=5,
).map(".".join)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(NAMES, st.sampled_from(["", "1", "true", "x"])), max_size=8))
def test_any_names(pairs: list[tuple[str, str]]) -> None:
    """Any tangle of names is parameters or a WireError."""
    body = "&".join(f"{name}={value}" for name, value in pairs)
    for action in ("DescribeClusters", "CreateTags", "CreateCluster"):
        assert attempt(partial(parse_form, fields(action, body)))


# --- json -------------------------------------------------------------------------------------

OK = {"Sql": "select 1", "Database": "dev"}


@pytest.mark.parametrize(
    "body",
    [
        b"null",
        b"true",
        b"1",
        b'"x"',
        b"[]",
        b"{",
        b'{"Sql"',
        b'{"Sql": "x"',
        b'{"Sql": "x"} {}',
        b"{'Sql': 'x'}",
        b'{"Sql": "x",}',
        b'{"Sql": 1}',
        b'{"Sql": true}',
        b'{"Sql": ["x"]}',
        b'{"Sql": {"x": 1}}',
        b'{"Sql": "\xff"}',
        b'\xef\xbb\xbf{"Sql": "x"}',
        b'{"Sql": "\\ud800"}',
        b'{"Sql": "a\nb"}',
        b'{"Nope": 1}',
        b'{"sql": "x"}',
        b'{"__type": "x"}',
        b'{"WithEvent": "true"}',
        b'{"WithEvent": 1}',
        b'{"Parameters": {}}',
        b'{"Parameters": "x"}',
        b'{"Parameters": [null]}',
        b'{"Parameters": [1]}',
        b'{"Parameters": [[]]}',
        b'{"SessionKeepAliveSeconds": NaN}',
        b'{"SessionKeepAliveSeconds": Infinity}',
        b'{"SessionKeepAliveSeconds": -Infinity}',
        b'{"SessionKeepAliveSeconds": 1.5}',
        b'{"SessionKeepAliveSeconds": 1.0}',
        b'{"SessionKeepAliveSeconds": 1e400}',
        b'{"SessionKeepAliveSeconds": true}',
        b'{"SessionKeepAliveSeconds": "1"}',
        b'{"SessionKeepAliveSeconds": 2147483648}',
        b'{"SessionKeepAliveSeconds": ' + b"9" * 20 + b"}",
        b'{"SessionKeepAliveSeconds": ' + b"9" * 100_000 + b"}",
        b'{"Parameters": ' + b"[" * 40 + b"]" * 40 + b"}",
        b"[" * 500_000,
        b'{"a":' * 200_000,
        b"[" * 100_000 + b"]" * 100_000,
    ],
)
def test_json(body: bytes) -> None:
    """A body that is no JSON object of the operation's shape is a SerializationException."""
    with pytest.raises(WireError) as caught:
        parse_json(body)

    assert (caught.value.code, caught.value.status) == ("SerializationException", 400)
    assert len(caught.value.message) < 500
    caught.value.message.encode()


def test_json_too_large() -> None:
    """A body above the limit is refused before it is parsed."""
    with pytest.raises(WireError) as caught:
        parse_json(b" " * (form.MAX_BODY + 1) + b"{}")

    assert (caught.value.code, caught.value.status) == ("RequestEntityTooLargeException", 413)


@pytest.mark.parametrize(
    ("body", "params"),
    [
        (b"", {}),
        (b" \r\n", {}),
        (b"{}", {}),
        (b'{"Sql": null}', {}),
        (b'{"Sql": "a", "Sql": "b"}', {"Sql": "b"}),
        (b'{"Sql": "\\ud83e\\udd86 \\u0000"}', {"Sql": "🦆 \0"}),
        (b'{"SessionKeepAliveSeconds": -2147483648}', {"SessionKeepAliveSeconds": -(2**31)}),
        (b'{"Parameters": []}', {"Parameters": []}),
    ],
)
def test_json_that_is_fine(body: bytes, params: dict[str, Any]) -> None:
    """An empty body is an empty object, null is absent, the last of two equal names wins."""
    assert params == parse_json(body)


@pytest.mark.parametrize(
    "document",
    [
        b'{"Time": 1e300}',
        b'{"Time": -1e300}',
        b'{"Time": "2026-01-01T00:00:00Z"}',
        b'{"Time": true}',
        b'{"Time": []}',
        b'{"Iso": 1}',
        b'{"Iso": "2026-01-32"}',
        b'{"Rfc": "yesterday"}',
        b'{"Rfc": "Sun, 99 Aug 2015 12:36:00 GMT"}',
        b'{"Blob": "a"}',
        b'{"Blob": 1}',
        b'{"Map": []}',
        b'{"Map": {"a": null}}',
        b'{"Map": {"\\ud800": {}}}',
        b'{"Double": "1"}',
        b'{"Double": true}',
        b'{"Long": 9223372036854775808}',
    ],
)
def test_json_types(document: bytes) -> None:
    """A value of the wrong JSON type, or a time in no calendar, is refused."""
    with pytest.raises(WireError, match="must be"):
        wire_json.parse(SINK_JSON, "Sink", document)


@pytest.mark.parametrize("operation", ["Nothing", "Empty"])
def test_json_no_parameters(operation: str) -> None:
    """An operation without parameters takes an empty object and nothing more."""
    assert wire_json.parse(SINK_JSON, operation, b"{}") == (operation, {})
    with pytest.raises(WireError, match=r"no parameters|not a known member"):
        wire_json.parse(SINK_JSON, operation, b'{"a": 1}')


@pytest.mark.parametrize("operation", [None, "Nope", ""])
def test_json_unknown_operation(operation: str | None) -> None:
    """A json operation that is not known is an UnknownOperationException."""
    with pytest.raises(WireError) as caught:
        wire_json.parse(DATA, operation, b"{}")

    assert caught.value.code == "UnknownOperationException"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["Sql", "Parameters", "name", "value", "Database", "ClientToken"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None)
@given(document=JSON)
def test_any_json(document: object) -> None:
    """Any JSON is parameters or a WireError."""
    outcome = attempt(lambda: parse_json(json.dumps(document).encode()))

    assert outcome == "refused" or isinstance(outcome, dict)


@settings(max_examples=300, deadline=None)
@given(body=st.binary(max_size=200))
def test_any_bytes(body: bytes) -> None:
    """Any bytes are refused, unless they happen to be an empty document."""
    assert attempt(lambda: parse_json(body)) in ("refused", {})


# --- the whole request ------------------------------------------------------------------------


@settings(max_examples=300, deadline=None)
@given(
    method=st.sampled_from(["GET", "POST", "PUT", "HEAD", ""]),
    query_string=st.text(max_size=40),
    headers=st.lists(
        st.tuples(
            st.sampled_from(["authorization", "x-amz-target", "content-type", "x-amz-date"]),
            st.text(max_size=30),
        ),
        max_size=4,
    ),
    body=st.binary(max_size=50),
)
def test_any_request(
    method: str, query_string: str, headers: list[tuple[str, str]], body: bytes
) -> None:
    """Routing any request at all gives a WireError or a service that can read it or refuse it."""
    request = HttpRequest(method, "/", query_string, tuple(headers), body)
    assert attempt(lambda: read(route(request), request))
    assert attempt(lambda: read(Routed(REDSHIFT, None), request))
