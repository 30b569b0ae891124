"""The condition operators: how one value of the request compares with one of the policy.

An operator answers for the positive form (`StringNotLike` is `StringLike`, turned around by
`condition`). Each family reads its own kind of value; what cannot be read equals nothing.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final

from redshare.core.iam.request import Context
from redshare.core.iam.template import Template, arn_matches, resolved, text_of
from redshare.core.iam.wildcard import Wild, matches

#: (policy's value, request's value, request's context) -> whether it holds
Compare = Callable[[Template, str, Context], bool]
#: What reads a value; raises ValueError.
Reader = Callable[[str], Any]

_DATE: Final = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})(?:T(\d{2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?"
)
_EPOCH: Final = re.compile(r"-?\d{1,12}(\.\d+)?")
_NUMBER: Final = re.compile(r"[+-]?(\d{1,40}(\.\d{0,40})?|\.\d{1,40})([eE][+-]?\d{1,3})?")


@dataclass(frozen=True, slots=True)
class Operator:
    """How values compare; a `negated` one holds where they do not.

    `read` refuses a policy's value that is none of the family. Where `variables` or `wildcards`
    are off, a policy's `${…}`, `*` and `?` are text.
    """

    compare: Compare
    negated: bool = False
    read: Reader | None = None
    variables: bool = False
    wildcards: bool = False


def number(text: str) -> Decimal:
    """A number. Raises ValueError."""
    if not _NUMBER.fullmatch(text.strip()):
        raise ValueError(text)
    return Decimal(text.strip())


def moment(text: str) -> datetime:
    """A W3C profile of ISO 8601, or seconds of the epoch. Raises ValueError."""
    if _EPOCH.fullmatch(text):
        return datetime.fromtimestamp(float(text), UTC)
    if not _DATE.fullmatch(text):
        raise ValueError(text)
    if "T" not in text:
        day = date.fromisoformat(text)
        return datetime(day.year, day.month, day.day, tzinfo=UTC)
    read = datetime.fromisoformat(text)
    return read if read.tzinfo is not None else read.replace(tzinfo=UTC)


def boolean(text: str) -> bool:
    """`true` or `false`. Raises ValueError."""
    found = {"true": True, "false": False}.get(text.lower())
    if found is None:
        raise ValueError(text)
    return found


def network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    """An address or a CIDR block. Raises ValueError."""
    return ipaddress.ip_network(text.strip(), strict=False)


def binary(text: str) -> bytes:
    """Base64. Raises ValueError."""
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError(text) from error


def _equal(written: Template, given: str, context: Context) -> bool:
    wanted = resolved(written, context)
    return wanted is not None and text_of(wanted) == given


def _equal_ignoring_case(written: Template, given: str, context: Context) -> bool:
    wanted = resolved(written, context)
    return wanted is not None and text_of(wanted).lower() == given.lower()


def _like(written: Template, given: str, context: Context) -> bool:
    wanted = resolved(written, context)
    return wanted is not None and matches(wanted, given)


def _arn(written: Template, given: str, context: Context) -> bool:
    if written == (Wild.STAR,):
        return given.startswith("arn:")
    return arn_matches(written, given, context)


def _read(reader: Reader, compare: Callable[[Any, Any], bool]) -> Compare:
    def compared(written: Template, given: str, _: Context) -> bool:
        try:
            # Of these families a policy's value is plain text, which parsing made sure of.
            return compare(reader(given), reader(text_of(written)))  # type: ignore[arg-type]
        except ValueError:
            return False

    return compared


def _within(
    given: ipaddress.IPv4Network | ipaddress.IPv6Network,
    wanted: ipaddress.IPv4Network | ipaddress.IPv6Network,
) -> bool:
    return (
        given.version == wanted.version
        and given.network_address in wanted
        and given.broadcast_address in wanted
    )


def _ordered(family: str, reader: Reader) -> dict[str, Operator]:
    equals = _read(reader, operator.eq)
    return {
        f"{family}Equals": Operator(equals, read=reader),
        f"{family}NotEquals": Operator(equals, negated=True, read=reader),
        f"{family}LessThan": Operator(_read(reader, operator.lt), read=reader),
        f"{family}LessThanEquals": Operator(_read(reader, operator.le), read=reader),
        f"{family}GreaterThan": Operator(_read(reader, operator.gt), read=reader),
        f"{family}GreaterThanEquals": Operator(_read(reader, operator.ge), read=reader),
    }


def _text(compare: Compare, *, negated: bool = False, wildcards: bool = False) -> Operator:
    return Operator(compare, negated, variables=True, wildcards=wildcards)


#: `Null` is not among them: it asks whether the key is there (`condition`).
OPERATORS: Final[dict[str, Operator]] = {
    "StringEquals": _text(_equal),
    "StringNotEquals": _text(_equal, negated=True),
    "StringEqualsIgnoreCase": _text(_equal_ignoring_case),
    "StringNotEqualsIgnoreCase": _text(_equal_ignoring_case, negated=True),
    "StringLike": _text(_like, wildcards=True),
    "StringNotLike": _text(_like, negated=True, wildcards=True),
    "ArnEquals": _text(_arn, wildcards=True),
    "ArnLike": _text(_arn, wildcards=True),
    "ArnNotEquals": _text(_arn, negated=True, wildcards=True),
    "ArnNotLike": _text(_arn, negated=True, wildcards=True),
    **_ordered("Numeric", number),
    **_ordered("Date", moment),
    "Bool": Operator(_read(boolean, operator.eq), read=boolean),
    "BinaryEquals": Operator(_read(binary, operator.eq), read=binary),
    "IpAddress": Operator(_read(network, _within), read=network),
    "NotIpAddress": Operator(_read(network, _within), negated=True, read=network),
}
