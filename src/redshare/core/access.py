"""Who may reach what through a datashare: one answer type, deny by default, always with the reason.

Nothing here is remembered: it is asked at the start of every statement.
"""

from __future__ import annotations

from dataclasses import dataclass

from redshare.core.catalog import Catalog
from redshare.core.consumer import (
    AccountConsumer,
    Consumer,
    DataCatalogConsumer,
    NamespaceConsumer,
)
from redshare.core.ids import FunctionId, RelationId, ShareKey
from redshare.core.lifecycle import Status
from redshare.core.namespace import Namespace
from redshare.core.share import Association, Authorization, Datashare, ScopeKind


@dataclass(frozen=True, slots=True)
class Allowed:
    """Yes, `because`; `writes` says whether both sides consented to writes."""

    because: str
    writes: bool


@dataclass(frozen=True, slots=True)
class Denied:
    """No, `because`: for those who may know."""

    because: str


Decision = Allowed | Denied


@dataclass(frozen=True, slots=True)
class ShareUse:
    """What a statement reaches through a share; `member` is None where no object is meant."""

    share: ShareKey
    member: RelationId | FunctionId | None = None
    #: Through the account's Data Catalog.
    catalog: bool = False


def may_use_share(
    share: Datashare | None, consumer: Namespace, *, catalog: bool = False
) -> Decision:
    """Whether `consumer` may use the share now, as a consumer or through the Data Catalog.

    The two ways are grants of their own: neither stands for the other.
    """
    if share is None:
        return Denied("the datashare doesn't exist")
    if share.namespace == consumer.namespace_id:
        return Denied("a namespace does not consume its own datashare")
    reasons = []
    for principal in principals(share, consumer, catalog=catalog):
        decision = through(share, principal, consumer)
        if isinstance(decision, Allowed):
            return decision
        if decision is not None:
            reasons.append(decision.because)
    return Denied("; ".join(reasons) or "the datashare isn't granted to the namespace or account")


def principals(
    share: Datashare, consumer: Namespace, *, catalog: bool = False
) -> tuple[Consumer, ...]:
    """Whom a grant may name to reach the namespace, in the order that they are asked."""
    if catalog:
        return (DataCatalogConsumer(consumer.account),)
    account = AccountConsumer(consumer.account)
    if share.account != consumer.account:
        return (account,)
    return NamespaceConsumer(consumer.namespace_id), account


def through(share: Datashare, principal: Consumer, consumer: Namespace) -> Decision | None:
    """Whether one principal's entry lets the namespace use the share; None without an entry."""
    entry = share.authorization(principal)
    if entry is None:
        return None
    if entry.status is not Status.ACTIVE:
        return Denied(f"the authorization of {entry.consumer} is {entry.status}")
    if isinstance(principal, NamespaceConsumer):
        # No consent step exists within an account: privileges TO DATASHARE decide alone.
        return Allowed("granted to the namespace", writes=True)
    association = covering(share, principal, consumer)
    if association is None:
        return Denied("no association covers the namespace")
    return Allowed(f"associated by {association.scope.kind}", _writes(entry, association))


def covering(share: Datashare, principal: Consumer, consumer: Namespace) -> Association | None:
    """The association, made through the principal's entry, that the namespace is in."""
    mine = share.associations_for(principal)
    return next((a for a in mine if _covers(a, consumer)), None)


def may_query(
    catalog: Catalog, use: ShareUse, consumer: Namespace, *, publicly_accessible: bool
) -> Decision:
    """Whether a warehouse of `consumer` may run statements through the share of `use` now.

    Beyond the consents it asks what AWS asks of the two sides' compute and storage.
    https://docs.aws.amazon.com/redshift/latest/dg/considerations-datashare-general.html
    """
    found = catalog.datashare(use.share)
    decision = may_use_share(found, consumer, catalog=use.catalog)
    if found is None or isinstance(decision, Denied):
        return decision
    producer = catalog.namespace(found.namespace)
    if producer is None:
        return Denied("the producer's namespace doesn't exist")
    if use.catalog and producer.region != consumer.region:
        return Denied("the Data Catalog shares nothing across Regions")
    if not encryption_fits(producer, consumer, catalog=use.catalog):
        return Denied("the encryption of producer and consumer doesn't allow data sharing")
    if publicly_accessible and not found.publicly_accessible:
        return Denied("the datashare isn't open to publicly accessible consumers")
    return decision


def may_go_on(
    catalog: Catalog, use: ShareUse, consumer: Namespace, *, publicly_accessible: bool
) -> Decision:
    """Whether what was bound may still be run: the share is there, and the object in it."""
    decision = may_query(catalog, use, consumer, publicly_accessible=publicly_accessible)
    found = catalog.datashare(use.share)
    if found is None or use.member is None or found.contents.has(use.member):
        return decision
    return Denied("the object isn't in the datashare")


def encryption_fits(producer: Namespace, consumer: Namespace, *, catalog: bool = False) -> bool:
    """Alike within an account and Region; across either, or through the Data Catalog, both."""
    near = (producer.account, producer.region) == (consumer.account, consumer.region)
    if near and not catalog:
        return producer.encrypted == consumer.encrypted
    return producer.encrypted and consumer.encrypted


def _covers(association: Association, consumer: Namespace) -> bool:
    scope = association.scope
    match scope.kind:
        case ScopeKind.CATALOG | ScopeKind.ACCOUNT:
            return True
        case ScopeKind.REGION:
            return scope.value == consumer.region
        case ScopeKind.NAMESPACE:
            return scope.value == consumer.namespace_id


def _writes(entry: Authorization, association: Association) -> bool:
    return bool(entry.producer_allowed_writes) and association.accepted_writes
