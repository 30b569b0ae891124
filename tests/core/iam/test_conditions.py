"""The condition operators, one row a fact."""

from __future__ import annotations

from typing import Any

import pytest

from tests.core.iam.asking import allows, statement

DAY = "2026-05-01T12:00:00Z"


def _holds(operator: str, key: str, wanted: Any, **context: Any) -> bool:
    return allows(statement(Condition={operator: {key: wanted}}), **context)


@pytest.mark.parametrize(
    ("operator", "wanted", "given", "answer"),
    [
        ("StringEquals", "a", "a", True),
        ("StringEquals", "a*", "abc", False),
        ("StringEquals", ["x", "a"], "a", True),
        ("StringEquals", "A", "a", False),
        ("StringNotEquals", ["x", "a"], "a", False),
        ("StringNotEquals", ["x", "y"], "a", True),
        ("StringEqualsIgnoreCase", "ABC", "abc", True),
        ("StringNotEqualsIgnoreCase", "ABC", "abc", False),
        ("StringLike", "a*c?", "abbbcd", True),
        ("StringLike", "A*", "abc", False),
        ("StringLike", "${*}*", "*bc", True),
        ("StringLike", "${*}*", "abc", False),
        ("StringNotLike", "a*", "abc", False),
        ("stringequals", "a", "a", True),
        ("NumericEquals", 5, "5.0", True),
        ("NumericEquals", "5", "five", False),
        ("NumericNotEquals", "5", "6", True),
        ("NumericLessThan", "5", "4.9", True),
        ("NumericLessThanEquals", "5", "5", True),
        ("NumericGreaterThan", "5", "5", False),
        ("NumericGreaterThanEquals", "5", "5", True),
        ("DateEquals", DAY, "2026-05-01T14:00:00+02:00", True),
        ("DateEquals", "1777636800", DAY, True),
        ("DateNotEquals", DAY, "2026-05-02", True),
        ("DateLessThan", DAY, "2026-05-01", True),
        ("DateLessThanEquals", DAY, DAY, True),
        ("DateGreaterThan", DAY, DAY, False),
        ("DateGreaterThanEquals", "2026-05-01", DAY, True),
        ("Bool", "true", "True", True),
        ("Bool", True, "false", False),
        ("BinaryEquals", "QmluYXJ5", "QmluYXJ5", True),
        ("BinaryEquals", "QmluYXJ5", "QmluYXJ6", False),
        ("IpAddress", "203.0.113.0/24", "203.0.113.77", True),
        ("IpAddress", "203.0.113.9", "203.0.113.77", False),
        ("IpAddress", "2001:db8::/32", "2001:db8::9", True),
        ("IpAddress", "203.0.113.0/24", "2001:db8::9", False),
        ("IpAddress", "203.0.113.0/24", "no address", False),
        ("NotIpAddress", "203.0.113.0/24", "203.0.114.1", True),
        ("ArnLike", "arn:aws:iam::*:role/an*", "arn:aws:iam::111111111111:role/ana/b", True),
        ("ArnEquals", "arn:aws:iam::*:role/an*", "arn:aws:iam::111111111111:role/ana", True),
        ("ArnLike", "arn:aws:iam::*:role/x", "arn:aws:iam::1:2:role/x", False),
        ("ArnLike", "*", "arn:aws:iam::1:user/ana", True),
        ("ArnLike", "*", "no arn", False),
        ("BinaryEquals", "QmluYXJ5", "no base64!", False),
        ("DateLessThan", DAY, "999999999999", False),
        ("ArnNotLike", "arn:aws:iam::*:role/*", "arn:aws:iam::1:user/ana", True),
        ("ArnNotEquals", "arn:aws:iam::1:user/ana", "arn:aws:iam::1:user/ana", False),
        ("Null", "true", "x", False),
        ("Null", "false", "x", True),
    ],
)
def test_operators(operator: str, wanted: Any, given: str, answer: bool) -> None:
    """Each operator compares values of its family."""
    assert _holds(operator, "test:key", wanted, test__key=given) is answer


@pytest.mark.parametrize(
    ("operator", "answer"),
    [
        ("StringEquals", False),
        ("StringNotEquals", True),
        ("StringEqualsIfExists", True),
        ("NumericLessThan", False),
        ("NotIpAddress", True),
        ("ForAllValues:StringEquals", True),
        ("ForAnyValue:StringEquals", False),
        ("ForAnyValue:StringNotEquals", False),
    ],
)
def test_a_key_that_is_not_there(operator: str, answer: bool) -> None:
    """Only negated operators, IfExists and ForAllValues hold without the key."""
    wanted = "10.0.0.0/8" if "Ip" in operator else "5"
    assert _holds(operator, "test:key", wanted) is answer


@pytest.mark.parametrize(
    ("operator", "given", "answer"),
    [
        ("ForAllValues:StringEquals", ("a", "b"), True),
        ("ForAllValues:StringEquals", ("a", "c"), False),
        ("ForAllValues:StringEquals", (), True),
        ("ForAnyValue:StringEquals", ("a", "c"), True),
        ("ForAnyValue:StringEquals", ("c", "d"), False),
        ("ForAllValues:StringNotEquals", ("c", "d"), True),
        ("ForAllValues:StringNotEquals", ("a", "d"), False),
        ("ForAnyValue:StringNotEquals", ("a", "d"), True),
        ("ForAnyValue:StringLike", ("xa", "b"), True),
    ],
)
def test_keys_of_several_values(operator: str, given: tuple[str, ...], answer: bool) -> None:
    """ForAllValues asks each value of the request, ForAnyValue any."""
    assert _holds(operator, "aws:TagKeys", ["a", "b"], aws__TagKeys=given) is answer


def test_all_keys_and_operators_must_hold() -> None:
    """Conditions of a statement are a conjunction; names of keys have no case."""
    condition = {
        "StringEquals": {"aws:A": "1", "aws:B": "2"},
        "Bool": {"AWS:SecureTransport": "true"},
    }
    one = statement(Condition=condition)
    assert allows(one, aws__a="1", aws__b="2", aws__securetransport="true")
    assert not allows(one, aws__a="1", aws__b="2", aws__securetransport="false")
    assert not allows(one, aws__a="1", aws__securetransport="true")
