"""Whom a datashare is granted to: an account, its Data Catalog, AWS Data Exchange, a namespace."""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

from redshare.core.ids import (
    AccountId,
    MalformedId,
    NamespaceArn,
    NamespaceId,
    account_id,
    namespace_id,
)


@dataclass(frozen=True, slots=True)
class AccountConsumer:
    """Every namespace of an account that the account itself associates."""

    account: AccountId

    def __str__(self) -> str:
        return self.account


@dataclass(frozen=True, slots=True)
class DataCatalogConsumer:
    """The Data Catalog (Lake Formation) of an account."""

    account: AccountId

    def __str__(self) -> str:
        return f"DataCatalog/{self.account}"


@dataclass(frozen=True, slots=True)
class AdxConsumer:
    """AWS Data Exchange: it manages the consumers itself."""

    def __str__(self) -> str:
        return "ADX"


@dataclass(frozen=True, slots=True)
class NamespaceConsumer:
    """One namespace of the producer's own account."""

    namespace: NamespaceId

    def __str__(self) -> str:
        return f"namespace/{self.namespace}"


Consumer = AccountConsumer | DataCatalogConsumer | AdxConsumer | NamespaceConsumer


def parse_consumer(text: str) -> Consumer:
    """Read the stored form, or an API's ConsumerIdentifier. Raises MalformedId.

    A namespace ARN is accepted as well: one of the guides names it as a form of the parameter.
    """
    if text == "ADX":
        return AdxConsumer()
    if text.startswith("DataCatalog/"):
        return DataCatalogConsumer(account_id(text.removeprefix("DataCatalog/")))
    if text.startswith("namespace/"):
        return NamespaceConsumer(namespace_id(text.removeprefix("namespace/")))
    if text.startswith("arn:"):
        return NamespaceConsumer(NamespaceArn.parse(text).namespace)
    try:
        return AccountConsumer(account_id(text))
    except MalformedId as error:
        raise MalformedId(f"{text!r} is not a data consumer identifier") from error


def consumer_account(consumer: Consumer) -> AccountId | None:
    """The account that answers for the consumer; None where the producer's own or ADX does."""
    match consumer:
        case AccountConsumer(account) | DataCatalogConsumer(account):
            return account
        case AdxConsumer() | NamespaceConsumer():
            return None
        case _:
            assert_never(consumer)
