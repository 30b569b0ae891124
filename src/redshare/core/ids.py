"""Identifiers and ARNs: parsed once at an endpoint, printed by themselves.

Parsing is lenient where real clients differ (`namespace:` or `namespace/`, either service, any
letter case of a GUID), printing is canonical: what AWS itself would print.
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonredshift.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import NewType, Self

AccountId = NewType("AccountId", str)
NamespaceId = NewType("NamespaceId", str)
Region = NewType("Region", str)
#: One life of a datashare: a re-created share of the same name has another.
ShareKey = NewType("ShareKey", str)
DatabaseId = NewType("DatabaseId", str)
SchemaId = NewType("SchemaId", str)
RelationId = NewType("RelationId", str)
FunctionId = NewType("FunctionId", str)
PolicyId = NewType("PolicyId", str)
WarehouseId = NewType("WarehouseId", str)
UserId = NewType("UserId", int)
GroupId = NewType("GroupId", int)
RoleId = NewType("RoleId", int)
#: The storage of one local database; the same 32 hexadecimal digits as its DatabaseId.
LakeId = NewType("LakeId", str)

_ACCOUNT = re.compile(r"[0-9]{12}")
_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_PARTITION = re.compile(r"aws(-[a-z]+)*")
_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-[0-9]{1,2}")


class MalformedId(ValueError):
    """The text is not of the form its name promises."""


class NamespaceKind(StrEnum):
    """Which service a namespace belongs to; its ARN follows from it."""

    PROVISIONED = "provisioned"
    SERVERLESS = "serverless"


def account_id(text: str) -> AccountId:
    """`text` as an account id, 12 digits. Raises MalformedId."""
    if not _ACCOUNT.fullmatch(text):
        raise MalformedId(f"{text!r} is not an AWS account id")
    return AccountId(text)


def namespace_id(text: str) -> NamespaceId:
    """`text` as a namespace GUID, folded to lower case. Raises MalformedId."""
    folded = text.strip().lower()
    if not _GUID.fullmatch(folded):
        raise MalformedId(f"{text!r} is not a namespace GUID")
    return NamespaceId(folded)


def _split(text: str) -> tuple[str, str, str, str, str]:
    """The five parts after `arn:`; the last may hold colons."""
    parts = text.split(":", 5)
    if len(parts) != 6 or parts[0] != "arn" or not _PARTITION.fullmatch(parts[1]):
        raise MalformedId(f"{text!r} is not an ARN")
    return parts[1], parts[2], parts[3], parts[4], parts[5]


@dataclass(frozen=True, slots=True)
class DataShareArn:
    """`arn:aws:redshift:REGION:ACCOUNT:datashare:GUID/NAME`, whichever kind the producer is."""

    region: Region
    account: AccountId
    namespace: NamespaceId
    name: str
    partition: str = "aws"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read an ARN. Raises MalformedId."""
        partition, service, region, account, rest = _split(text)
        kind, _, tail = rest.partition(":")
        guid, slash, name = tail.partition("/")
        if service != "redshift" or kind != "datashare" or not slash or not name:
            raise MalformedId(f"{text!r} is not a datashare ARN")
        if not _REGION.fullmatch(region):
            raise MalformedId(f"{text!r} has no Region")
        return cls(Region(region), account_id(account), namespace_id(guid), name, partition)

    def __str__(self) -> str:
        return (
            f"arn:{self.partition}:redshift:{self.region}:{self.account}"
            f":datashare:{self.namespace}/{self.name}"
        )


@dataclass(frozen=True, slots=True)
class NamespaceArn:
    """`…:redshift:…:namespace:GUID`, or `…:redshift-serverless:…:namespace/GUID`."""

    kind: NamespaceKind
    region: Region
    account: AccountId
    namespace: NamespaceId
    partition: str = "aws"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read an ARN of either service and with either separator. Raises MalformedId."""
        partition, service, region, account, rest = _split(text)
        match = re.fullmatch(r"namespace[:/](.+)", rest)
        if service not in {"redshift", "redshift-serverless"} or match is None:
            raise MalformedId(f"{text!r} is not a namespace ARN")
        if not _REGION.fullmatch(region):
            raise MalformedId(f"{text!r} has no Region")
        kind = NamespaceKind.PROVISIONED if service == "redshift" else NamespaceKind.SERVERLESS
        return cls(
            kind, Region(region), account_id(account), namespace_id(match.group(1)), partition
        )

    def __str__(self) -> str:
        if self.kind is NamespaceKind.PROVISIONED:
            service, separator = "redshift", ":"
        else:
            service, separator = "redshift-serverless", "/"
        return (
            f"arn:{self.partition}:{service}:{self.region}:{self.account}"
            f":namespace{separator}{self.namespace}"
        )


@dataclass(frozen=True, slots=True)
class GlueCatalogArn:
    """`arn:aws:glue:REGION:ACCOUNT:catalog`: the Data Catalog of an account as a consumer."""

    region: Region
    account: AccountId
    partition: str = "aws"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read an ARN. Raises MalformedId."""
        partition, service, region, account, rest = _split(text)
        if service != "glue" or rest != "catalog" or not _REGION.fullmatch(region):
            raise MalformedId(f"{text!r} is not a Data Catalog ARN")
        return cls(Region(region), account_id(account), partition)

    def __str__(self) -> str:
        return f"arn:{self.partition}:glue:{self.region}:{self.account}:catalog"


@dataclass(frozen=True, slots=True)
class GlueDatabaseArn:
    """`arn:aws:glue:REGION:ACCOUNT:database/NAME`: a database in the Data Catalog of an account."""

    region: Region
    account: AccountId
    name: str
    partition: str = "aws"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read an ARN. Raises MalformedId."""
        partition, service, region, account, rest = _split(text)
        kind, _, name = rest.partition("/")
        if service != "glue" or kind != "database" or not name or not _REGION.fullmatch(region):
            raise MalformedId(f"{text!r} is not the ARN of a Data Catalog database")
        return cls(Region(region), account_id(account), name, partition)

    def __str__(self) -> str:
        return f"arn:{self.partition}:glue:{self.region}:{self.account}:database/{self.name}"


def region_name(text: str) -> Region:
    """`text` as a Region name. Raises MalformedId."""
    if not _REGION.fullmatch(text):
        raise MalformedId(f"{text!r} is not a Region")
    return Region(text)
