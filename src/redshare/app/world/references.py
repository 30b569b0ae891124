"""How one part of a world file names another: shares, consumers, associations."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_ACCOUNT: Final = re.compile(r"ACCOUNT ([0-9]{12})( VIA DATA CATALOG)?")
ADX: Final = "ADX"
ENTIRE_ACCOUNT: Final = "ENTIRE ACCOUNT"
DATA_CATALOG: Final = "DATA CATALOG"


@dataclass(frozen=True, slots=True)
class ShareReference:
    """`ACCOUNT/NAMESPACE/SHARE`; a namespace that the file does not have is its GUID."""

    account: str
    namespace: str
    share: str

    @classmethod
    def parse(cls, text: str) -> ShareReference:
        """Raises ValueError."""
        account, namespace, share = text.split("/", 2)
        return cls(account, namespace, share)

    def __str__(self) -> str:
        return f"{self.account}/{self.namespace}/{self.share}"


@dataclass(frozen=True, slots=True)
class ConsumerReference:
    """Whom a datashare is granted to: one of them is given."""

    namespace: str | None = None
    account: str | None = None
    via_data_catalog: bool = False

    @classmethod
    def parse(cls, text: str) -> ConsumerReference:
        """Raises ValueError."""
        if text == ADX:
            return cls()
        word, _, name = text.partition(" ")
        if word == "NAMESPACE" and name:
            return cls(namespace=name)
        found = _ACCOUNT.fullmatch(text)
        if found is None:
            raise ValueError(text)
        return cls(account=found[1], via_data_catalog=bool(found[2]))

    @property
    def identifier(self) -> str:
        """AuthorizeDataShare's ConsumerIdentifier; of a namespace there is none."""
        if self.account is None:
            return ADX
        return f"DataCatalog/{self.account}" if self.via_data_catalog else self.account

    def __str__(self) -> str:
        if self.namespace is not None:
            return f"NAMESPACE {self.namespace}"
        if self.account is None:
            return ADX
        return f"ACCOUNT {self.account}{' VIA DATA CATALOG' if self.via_data_catalog else ''}"


@dataclass(frozen=True, slots=True)
class AssociationReference:
    """What a consumer associates a share with; none of them is the entire account."""

    namespace: str | None = None
    region: str | None = None
    data_catalog: bool = False

    @classmethod
    def parse(cls, text: str) -> AssociationReference:
        """Raises ValueError."""
        if text == ENTIRE_ACCOUNT:
            return cls()
        if text == DATA_CATALOG:
            return cls(data_catalog=True)
        match text.partition(" "):
            case "NAMESPACE", _, str(name) if name:
                return cls(namespace=name)
            case "REGION", _, str(name) if name:
                return cls(region=name)
        raise ValueError(text)

    def __str__(self) -> str:
        if self.namespace is not None:
            return f"NAMESPACE {self.namespace}"
        if self.region is not None:
            return f"REGION {self.region}"
        return DATA_CATALOG if self.data_catalog else ENTIRE_ACCOUNT
