"""The two views of a datashare's status: what the producer sees, and what a consumer account sees.

The producer sees every authorization entry with its own status. A consumer sees a share only while
it is authorized: AUTHORIZED is AVAILABLE to it, and beside the authorization it sees its own
associations. Who is both sees the producer's words and its associations. A share nobody was granted
is listed for nobody.
https://docs.aws.amazon.com/redshift/latest/dg/datashare_status.html
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from redshare.core.consumer import NamespaceConsumer, consumer_account
from redshare.core.ids import AccountId, GlueCatalogArn, NamespaceArn, NamespaceId
from redshare.core.lifecycle import Status
from redshare.core.share import Association, Authorization, Datashare, ScopeKind

#: The ARN of a namespace, or None where it is gone.
ArnOf = Callable[[NamespaceId], NamespaceArn | None]


@dataclass(frozen=True, slots=True)
class EntryView:
    """A DataShareAssociation of the API; None members are left out of the answer."""

    consumer_identifier: str
    status: Status
    created: datetime
    changed: datetime
    consumer_region: str | None = None
    producer_allowed_writes: bool | None = None
    consumer_accepted_writes: bool | None = None


@dataclass(frozen=True, slots=True)
class ShareView:
    """A DataShare of the API, as one account sees it."""

    share: Datashare
    producer_arn: str
    entries: tuple[EntryView, ...]

    def has(self, status: Status) -> bool:
        """Whether an entry has that status."""
        return any(entry.status is status for entry in self.entries)


def view(
    share: Datashare, viewer: AccountId, arn_of: ArnOf, *, as_consumer: bool = False
) -> ShareView | None:
    """What `viewer` sees of the share, or None where it does not exist for it.

    `as_consumer` is for who is both and asks for what it consumes.
    """
    producer = share.account == viewer and not as_consumer
    entries = []
    for entry in share.authorizations:
        mine = (consumer_account(entry.principal) or share.account) == viewer
        status = entry.status if producer else _consumer_status(entry)
        if status is not None and (producer or (mine and entry.consumer != "ADX")):
            entries.append(_authorization(share, entry, status, arn_of))
    entries.extend(
        _association(share, association, arn_of)
        for association in share.associations_of(viewer)
        if association.scope.kind is not ScopeKind.ACCOUNT  # that one is the authorization's entry
    )
    if not entries:
        return None
    producer_arn = arn_of(share.namespace)
    return ShareView(share, str(producer_arn), tuple(entries))


def rejected_view(share: Datashare, viewer: AccountId, arn_of: ArnOf) -> ShareView:
    """What RejectDataShare answers: the entry the consumer sees for the last time."""
    entries = tuple(
        _authorization(share, entry, entry.status, arn_of)
        for entry in share.authorizations
        if consumer_account(entry.principal) == viewer
    )
    return ShareView(share, str(arn_of(share.namespace)), entries)


def _consumer_status(entry: Authorization) -> Status | None:
    match entry.status:
        case Status.AUTHORIZED:
            return Status.AVAILABLE
        case Status.ACTIVE:
            return Status.ACTIVE
        case _:
            return None


def _authorization(
    share: Datashare, entry: Authorization, status: Status, arn_of: ArnOf
) -> EntryView:
    principal = entry.principal
    if isinstance(principal, NamespaceConsumer):
        identifier = str(arn_of(principal.namespace) or entry.consumer)
        return EntryView(identifier, status, entry.created, entry.changed)
    associations = share.associations_for(principal)
    return EntryView(
        entry.consumer,
        status,
        entry.created,
        entry.changed,
        producer_allowed_writes=entry.producer_allowed_writes,
        consumer_accepted_writes=(
            any(a.accepted_writes for a in associations) if associations else None
        ),
    )


def _association(share: Datashare, association: Association, arn_of: ArnOf) -> EntryView:
    scope, region = association.scope, None
    match scope.kind:
        case ScopeKind.NAMESPACE:
            identifier = str(arn_of(NamespaceId(scope.value)) or scope.value)
        case ScopeKind.CATALOG:
            identifier = str(GlueCatalogArn(share.region, association.account))
        case _:
            identifier, region = str(association.account), scope.value
    allowed = next(
        (
            entry.producer_allowed_writes
            for entry in share.authorizations
            if association in share.associations_for(entry.principal)
        ),
        None,
    )
    return EntryView(
        identifier,
        Status.ACTIVE,
        association.created,
        association.changed,
        consumer_region=region,
        producer_allowed_writes=allowed,
        consumer_accepted_writes=association.accepted_writes,
    )
