"""Parameters of the datashare operations: the API's strings, read once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from redshare.app.caller import Caller
from redshare.core import aws_errors
from redshare.core.catalog import Catalog
from redshare.core.consumer import (
    AccountConsumer,
    Consumer,
    DataCatalogConsumer,
    parse_consumer,
)
from redshare.core.ids import (
    DataShareArn,
    GlueCatalogArn,
    MalformedId,
    NamespaceArn,
    NamespaceId,
    region_name,
)
from redshare.core.lifecycle import Status
from redshare.core.namespace import Namespace
from redshare.core.share import Scope, ScopeKind


@dataclass(frozen=True, slots=True)
class Selector:
    """Which part of the consumer account: exactly one member is given.

    AssociateEntireAccount=false is what clients send beside a ConsumerArn: it counts as absent.
    """

    entire_account: bool | None = None
    consumer_arn: str | None = None
    consumer_region: str | None = None

    def check(self, entire: str) -> None:
        """Raises InvalidParameterCombination. `entire` is the first member's name."""
        given = [bool(self.entire_account), self.consumer_arn is not None]
        if sum([*given, self.consumer_region is not None]) != 1:
            raise aws_errors.InvalidParameterCombination(
                f"Specify exactly one of {entire}, ConsumerArn and ConsumerRegion."
            )

    def given(self, entire: str) -> dict[str, Any]:
        """The members the client sent, as an audit names them."""
        members = {
            entire[0].lower() + entire[1:]: self.entire_account,
            "consumerArn": self.consumer_arn,
            "consumerRegion": self.consumer_region,
        }
        return {name: value for name, value in members.items() if value is not None}

    def scope(
        self, catalog: Catalog, caller: Caller, share: DataShareArn
    ) -> tuple[Consumer, Scope]:
        """What is associated, and as whom. Raises InvalidNamespace, InvalidParameterValue."""
        account = AccountConsumer(caller.account)
        if self.entire_account:
            return account, Scope(ScopeKind.ACCOUNT)
        if self.consumer_region is not None:
            try:
                return account, Scope(ScopeKind.REGION, region_name(self.consumer_region))
            except MalformedId as error:
                raise aws_errors.InvalidParameterValue(f"ConsumerRegion: {error}.") from error
        arn = self.consumer_arn or ""
        if is_glue(arn):
            if own_data_catalog(caller, arn).region != share.region:
                raise aws_errors.InvalidNamespace(
                    f"The Data Catalog {arn} isn't in the Region of the data share {share}."
                )
            return DataCatalogConsumer(caller.account), Scope(ScopeKind.CATALOG)
        namespace = own_namespace(catalog, caller, arn)
        return account, Scope(ScopeKind.NAMESPACE, namespace.namespace_id)


def own_namespace(catalog: Catalog, caller: Caller, arn: str) -> Namespace:
    """The caller's namespace of that ARN: another account's is as unknown as none."""
    try:
        parsed = NamespaceArn.parse(arn)
    except MalformedId as error:
        raise aws_errors.InvalidNamespace(f"{error}.") from error
    namespace = catalog.namespace(parsed.namespace)
    if namespace is None or namespace.account != caller.account:
        raise aws_errors.InvalidNamespace(f"The namespace {arn} doesn't exist.")
    return namespace


def is_glue(arn: str) -> bool:
    """Whether an ARN is of Glue, whose catalogues are consumers."""
    return arn.split(":")[2:3] == ["glue"]


def own_data_catalog(caller: Caller, arn: str) -> GlueCatalogArn:
    """The caller's Data Catalog of that ARN. Raises InvalidNamespace."""
    try:
        catalog = GlueCatalogArn.parse(arn)
    except MalformedId as error:
        raise aws_errors.InvalidNamespace(f"{error}.") from error
    if catalog.account != caller.account:
        raise aws_errors.InvalidNamespace(f"The Data Catalog {arn} isn't in your account.")
    return catalog


def datashare_arn(verb: str, text: str) -> DataShareArn:
    """Read an ARN; one of the right beginning that cannot exist is one that doesn't."""
    try:
        return DataShareArn.parse(text)
    except MalformedId as error:
        if text.startswith("arn:"):
            raise aws_errors.DatashareArnUnknown(verb, text) from error
        raise aws_errors.InvalidParameterValue(f"DataShareArn: {error}.") from error


def consumer_identifier(text: str) -> Consumer:
    """Read a ConsumerIdentifier. Raises InvalidParameterValue."""
    try:
        return parse_consumer(text)
    except MalformedId as error:
        raise aws_errors.InvalidParameterValue(f"ConsumerIdentifier: {error}.") from error


def wanted_status(text: str | None, allowed: tuple[Status, ...]) -> Status | None:
    """Read a Status filter. Raises InvalidParameterValue."""
    if text is None:
        return None
    if text not in allowed:
        names = ", ".join(allowed)
        raise aws_errors.InvalidParameterValue(f"Status: {text!r} is not one of {names}.")
    return Status(text)


def arns(catalog: Catalog) -> Callable[[NamespaceId], NamespaceArn | None]:
    """How a view prints namespaces."""

    def arn_of(namespace: NamespaceId) -> NamespaceArn | None:
        found = catalog.namespace(namespace)
        return None if found is None else found.arn

    return arn_of
