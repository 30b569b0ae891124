"""The model's constraints, in the words each service uses."""

from __future__ import annotations

from typing import Any

import pytest

from redshare.wire.aws.model import load_service
from redshare.wire.aws.validate import ValidationFailure, _matches, validate
from tests.wire.aws.sink import sink

ARN = "arn:aws:redshift:us-east-1:111111111111:datashare:ns/sales"


def failure(service: str, operation: str, params: dict[str, Any]) -> tuple[str, str]:
    with pytest.raises(ValidationFailure) as caught:
        validate(load_service(service).operations[operation], params)
    assert caught.value.status == 400
    return caught.value.code, caught.value.message


@pytest.mark.parametrize(
    ("service", "operation", "params"),
    [
        ("redshift", "AuthorizeDataShare", {"DataShareArn": ARN, "ConsumerIdentifier": "2"}),
        ("redshift", "AuthorizeDataShare", {"DataShareArn": "", "ConsumerIdentifier": ""}),
        ("redshift", "GetClusterCredentials", {"DbUser": "u", "CustomDomainName": ""}),
        ("redshift", "DescribeDataSharesForConsumer", {"Status": "ACTIVE"}),
        ("redshift", "CreateTags", {"ResourceName": "r", "Tags": [{"Key": "k", "Value": ""}]}),
        ("redshift-data", "ExecuteStatement", {"Sql": "select 1", "ClusterIdentifier": "c-1"}),
        ("redshift-serverless", "GetWorkgroup", {"workgroupName": "sales-wg"}),
        ("iam", "CreateUser", {"UserName": "Bob+x@example", "Path": "/division/"}),
        (
            "iam",
            "CreateUser",
            {"UserName": "b", "Tags": [{"Key": "Größe 世界", "Value": "m\u2003l"}]},
        ),
        ("sts", "AssumeRole", {"RoleArn": "arn:aws:iam::1:role/x", "RoleSessionName": "me"}),
        (
            "sts",
            "AssumeRole",
            {"RoleArn": "arn:aws:iam::1:role/x", "RoleSessionName": "me", "Policy": '{"a": "ü"}'},
        ),
        (
            "iam",
            "PutUserPolicy",
            {"UserName": "b", "PolicyName": "p", "PolicyDocument": "{}" + " " * 20_000},
        ),
        ("sts", "GetCallerIdentity", {}),
    ],
)
def test_valid(service: str, operation: str, params: dict[str, Any]) -> None:
    """What the model allows passes; an empty string is a value like any other."""
    validate(load_service(service).operations[operation], params)


def test_missing_in_redshift() -> None:
    """Redshift names the first required parameter that is absent."""
    expected = ("MissingParameter", "The request must contain the parameter ConsumerIdentifier")

    assert expected == failure("redshift", "AuthorizeDataShare", {"DataShareArn": ARN})


def test_missing_below() -> None:
    """A required member below another one is named with its path."""
    params = {"ConsumerIdentifiers": ["1"], "NamespaceIdentifier": {"ProvisionedIdentifier": {}}}

    code, message = failure("redshift", "RegisterNamespace", params)
    assert code == "MissingParameter"
    assert "NamespaceIdentifier.ProvisionedIdentifier.ClusterIdentifier" in message


@pytest.mark.parametrize(
    "identifier",
    [
        {},
        {
            "ProvisionedIdentifier": {"ClusterIdentifier": "c"},
            "ServerlessIdentifier": {"NamespaceIdentifier": "n", "WorkgroupIdentifier": "w"},
        },
    ],
)
def test_union(identifier: dict[str, Any]) -> None:
    """A union has exactly one member."""
    params = {"ConsumerIdentifiers": ["1"], "NamespaceIdentifier": identifier}

    code, message = failure("redshift", "RegisterNamespace", params)
    assert code == "InvalidParameterValue"
    assert "Exactly one member must be set" in message


@pytest.mark.parametrize("status", ["active", "", "AUTHORIZED"])
def test_enumeration_in_redshift(status: str) -> None:
    """A value outside its enumeration is an InvalidParameterValue that lists the allowed ones."""
    code, message = failure("redshift", "DescribeDataSharesForConsumer", {"Status": status})

    assert code == "InvalidParameterValue"
    assert message == (
        f"Invalid value '{status}' for parameter Status: "
        "Member must satisfy enum value set: [ACTIVE, AVAILABLE]"
    )


def test_json_counts() -> None:
    """The json services count every problem and write names as their own members are."""
    code, message = failure(
        "redshift-data",
        "ExecuteStatement",
        {"ClusterIdentifier": "-", "SessionKeepAliveSeconds": -1},
    )

    assert code == "ValidationException"
    assert message.startswith("3 validation errors detected: Value null at 'sql' failed to satisfy")
    assert "Value '-' at 'clusterIdentifier' failed to satisfy constraint: Member must " in message
    assert "Member must have value greater than or equal to 0" in message


@pytest.mark.parametrize(
    ("operation", "params", "part"),
    [
        (
            "CreateUser",
            {},
            "Value null at 'userName' failed to satisfy constraint: Member must not",
        ),
        ("CreateUser", {"UserName": ""}, "length greater than or equal to 1"),
        ("CreateUser", {"UserName": "x" * 65}, "length less than or equal to 64"),
        ("CreateUser", {"UserName": "a b"}, "regular expression pattern: [\\w+=,.@-]+"),
        ("CreateUser", {"UserName": "é"}, "regular expression pattern"),
        ("CreateUser", {"UserName": "a\n"}, "regular expression pattern"),
        ("CreateUser", {"UserName": "a", "Path": "x"}, "at 'path'"),
        (
            "CreateUser",
            {"UserName": "a", "Tags": [{"Key": "a*", "Value": ""}]},
            "'tags.1.member.key'",
        ),
        ("CreateUser", {"UserName": "a", "Tags": [{"Key": "a", "Value": ""}] * 51}, "equal to 50"),
        ("ListUsers", {"MaxItems": 0}, "greater than or equal to 1"),
        ("ListUsers", {"MaxItems": 1001}, "less than or equal to 1000"),
        ("UpdateAccessKey", {"AccessKeyId": "A" * 16, "Status": "On"}, "enum value set: [Active"),
    ],
)
def test_iam(operation: str, params: dict[str, Any], part: str) -> None:
    """Iam and sts answer ValidationError with the constraint that failed."""
    code, message = failure("iam", operation, params)

    assert code == "ValidationError"
    assert message.startswith("1 validation error detected: ")
    assert part in message


def test_nul() -> None:
    """The character U+0000 is refused in any string."""
    params = {"DataShareArn": ARN, "ConsumerIdentifier": "2\0"}

    code, message = failure("redshift", "AuthorizeDataShare", params)
    assert code == "InvalidParameterValue"
    assert "U+0000" in message


def test_sensitive_value_is_not_repeated() -> None:
    """A value the model calls sensitive is not in the error."""
    code, message = failure(
        "iam", "ChangePassword", {"OldPassword": "hush" * 100, "NewPassword": "hush\0"}
    )

    assert code == "ValidationError"
    assert "hush" not in message


def test_long_value_is_cut() -> None:
    """A long value is repeated in part only."""
    assert len(failure("iam", "CreateUser", {"UserName": "x" * 1_000_000})[1]) < 500


@pytest.mark.parametrize("name", ["a" * 64 + "!", "a" * 1_000_000, "a-" * 500_000, "-" * 63 + "!"])
def test_costly_patterns(name: str) -> None:
    """Text made to make a pattern backtrack is refused at once."""
    params = {"ClusterIdentifier": name, "Sql": "x"}

    assert failure("redshift-data", "ExecuteStatement", params)[0] == "ValidationException"


def test_pattern_without_length() -> None:
    """A pattern without a maximum length is not tried on a text longer than any ARN."""
    code, _ = failure("redshift-data", "DescribeStatement", {"Id": "0" * 100_000})

    assert code == "ValidationException"


def test_pattern_beyond_the_basic_plane() -> None:
    """A class that the model ends with the highest planes holds every character up there."""
    pattern = r"[\u0020-\u007E\u10000-\u10FFFF]+"

    assert _matches(pattern, "a 🦆")
    assert not _matches(pattern, "é")


def test_blob_and_map() -> None:
    """A blob and a map have lengths too, and a map's keys and values their own constraints."""
    operation = sink("json").operations["Sink"]
    validate(operation, {"Blob": b"123", "NamedMap": {"a": 1}, "Union": {"Left": "x"}})

    with pytest.raises(ValidationFailure) as caught:
        validate(
            operation,
            {"Blob": b"1234", "NamedMap": {"a": 1, "b": 2, "c": 3}, "Maps": [{}], "Iso": None},
        )
    assert "'***' at 'blob'" in caught.value.message
    assert "2 validation errors" in caught.value.message


def test_no_parameters() -> None:
    """An operation without an input has nothing to check."""
    validate(sink("query").operations["Nothing"], {})
