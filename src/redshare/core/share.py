"""A datashare and its verbs: each returns the share as it is afterwards, or raises.

One share carries two kinds of entries. An *authorization* is made by a GRANT and moved by the
producer's and the consumer's verbs of core/lifecycle.py. An *association* is made by the consumer
account and says which of its namespaces read; it has no status of its own: it is there or not.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Final, assert_never

from redshare.core import aws_errors
from redshare.core.consumer import (
    AccountConsumer,
    AdxConsumer,
    Consumer,
    DataCatalogConsumer,
    NamespaceConsumer,
    consumer_account,
    parse_consumer,
)
from redshare.core.contents import Contents
from redshare.core.ids import (
    AccountId,
    DatabaseId,
    DataShareArn,
    NamespaceId,
    Region,
    ShareKey,
    UserId,
)
from redshare.core.lifecycle import ForbiddenTransition, Status, Verb, next_status
from redshare.core.privileges import Acl

#: What `managed_by` says of a share of AWS Data Exchange.
ADX: Final = str(AdxConsumer())
#: What `share_type` says of a share that RegisterNamespace made.
INTERNAL: Final = "INTERNAL"


class ScopeKind(StrEnum):
    """How much of a consumer account an association covers."""

    ACCOUNT = "account"
    REGION = "region"
    NAMESPACE = "namespace"
    CATALOG = "catalog"


@dataclass(frozen=True, slots=True)
class Scope:
    """The covered part: `value` is a Region, a namespace GUID, or empty."""

    kind: ScopeKind
    value: str = ""


@dataclass(frozen=True, slots=True)
class Authorization:
    """One per GRANT; `consumer` in its stored form (core/consumer.py)."""

    consumer: str
    status: Status
    created: datetime
    changed: datetime
    producer_allowed_writes: bool | None = None

    @property
    def principal(self) -> Consumer:
        """The consumer as a value."""
        return parse_consumer(self.consumer)


@dataclass(frozen=True, slots=True)
class Association:
    """One per consumer-side association."""

    account: AccountId
    scope: Scope
    accepted_writes: bool
    created: datetime
    changed: datetime


@dataclass(frozen=True, slots=True)
class Datashare:
    """A named container in one database of one namespace. `share_key` is this life of it."""

    share_key: ShareKey
    share_id: int
    account: AccountId
    region: Region
    namespace: NamespaceId
    database: DatabaseId
    name: str
    owner: UserId
    created: datetime
    publicly_accessible: bool = False
    managed_by: str | None = None
    #: INTERNAL, where RegisterNamespace made it.
    share_type: str | None = None
    contents: Contents = field(default_factory=Contents)
    acl: Acl = field(default_factory=Acl)
    authorizations: tuple[Authorization, ...] = ()
    associations: tuple[Association, ...] = ()
    version: int = 0

    @property
    def adx_managed(self) -> bool:
        """Whether AWS Data Exchange chooses its consumers."""
        return self.managed_by == ADX

    @property
    def arn(self) -> DataShareArn:
        """The handle of the share in every API."""
        return DataShareArn(self.region, self.account, self.namespace, self.name)

    def authorization(self, consumer: Consumer) -> Authorization | None:
        """The entry of that consumer."""
        stored = str(consumer)
        return next((a for a in self.authorizations if a.consumer == stored), None)

    def associations_of(self, account: AccountId) -> tuple[Association, ...]:
        """What that account associated."""
        return tuple(a for a in self.associations if a.account == account)

    def associations_for(self, consumer: Consumer) -> tuple[Association, ...]:
        """What was associated through that consumer's entry: its account's, of its kinds."""
        account, kinds = consumer_account(consumer), _scope_kinds(consumer)
        return tuple(a for a in self.associations if a.account == account and a.scope.kind in kinds)

    # --- the producer's SQL ---------------------------------------------------------------

    def grant(self, consumer: Consumer, at: datetime) -> Datashare:
        """`GRANT USAGE ON DATASHARE`: a new entry; granting again changes nothing."""
        verb = Verb.GRANT_NAMESPACE if isinstance(consumer, NamespaceConsumer) else Verb.GRANT
        old = self.authorization(consumer)
        status = self._next(verb, old)
        if old is not None or status is None:
            return self
        entry = Authorization(str(consumer), status, at, at)
        return replace(self, authorizations=(*self.authorizations, entry))

    def revoke(self, consumer: Consumer) -> Datashare:
        """`REVOKE USAGE ON DATASHARE`: the entry is gone, and what its account associated."""
        self._next(Verb.REVOKE, self.authorization(consumer))
        stored = str(consumer)
        kept = tuple(a for a in self.authorizations if a.consumer != stored)
        return replace(self, authorizations=kept).without_associations_of(consumer)

    # --- the producer's account -----------------------------------------------------------

    def authorize(self, consumer: Consumer, at: datetime, *, writes: bool) -> Datashare:
        """AuthorizeDataShare; again, it only overwrites the consent to write.

        Raises InvalidDataShare where the consumer was never granted the share in SQL.
        """
        old = self.authorization(consumer)
        if old is None or isinstance(consumer, NamespaceConsumer):
            raise aws_errors.InvalidDataShare(
                f"You can't authorize the data share {self.arn} for the data consumer {consumer} "
                "because the data consumer hasn't been granted usage on the data share."
            )
        status = self._next(Verb.AUTHORIZE, old)
        return self._moved(old, status, at, writes=writes)

    def deauthorize(self, consumer: Consumer, at: datetime) -> Datashare:
        """DeauthorizeDataShare: access ends at once, what the consumer associated is gone.

        Raises AlreadyDeauthorized the second time, InvalidDataShare without a grant.
        """
        old = self.authorization(consumer)
        if old is None or isinstance(consumer, NamespaceConsumer):
            raise aws_errors.InvalidDataShare(
                f"You can't remove authorization from the data share {self.arn} because "
                f"{consumer} isn't a data consumer of the data share."
            )
        try:
            status = self._next(Verb.DEAUTHORIZE, old)
        except ForbiddenTransition as error:
            raise aws_errors.AlreadyDeauthorized(str(self.arn), old.consumer) from error
        return self._moved(old, status, at).without_associations_of(consumer)

    # --- the consumer's account -----------------------------------------------------------

    def associate(
        self, consumer: Consumer, account: AccountId, scope: Scope, at: datetime, *, writes: bool
    ) -> Datashare:
        """AssociateDataShareConsumer: another kind of scope replaces the old ones.

        Raises NotAConsumer unless the entry is AUTHORIZED or ACTIVE.
        """
        old = self._entry_for(Verb.ASSOCIATE, consumer)
        if account != consumer_account(consumer) or scope.kind not in _scope_kinds(consumer):
            raise aws_errors.NotAConsumer(str(self.arn))
        status = self._next(Verb.ASSOCIATE, old)
        mine = self.associations_for(consumer)
        known = next((a for a in mine if a.scope == scope), None)
        created = known.created if known else at
        kept = tuple(
            a
            for a in self.associations
            if a not in mine or (a.scope.kind is scope.kind and a.scope != scope)
        )
        association = Association(account, scope, writes, created, at)
        return replace(
            self._moved(old, status, at if old.status is not status else old.changed),
            associations=(*kept, association),
        )

    def disassociate(
        self, consumer: Consumer, account: AccountId, scope: Scope, at: datetime
    ) -> Datashare:
        """DisassociateDataShareConsumer. Raises NotAConsumer where this was not associated."""
        old = self._entry_for(Verb.DISASSOCIATE, consumer)
        mine = self.associations_for(consumer)
        kept = tuple(a for a in self.associations if a not in mine or a.scope != scope)
        if account != consumer_account(consumer) or len(kept) == len(self.associations):
            raise aws_errors.NotAConsumer(str(self.arn))
        left = len(mine) > 1
        status = self._next(Verb.DISASSOCIATE if left else Verb.DISASSOCIATE_LAST, old)
        return replace(
            self._moved(old, status, at if old.status is not status else old.changed),
            associations=kept,
        )

    def reject(self, consumer: Consumer, at: datetime) -> Datashare:
        """RejectDataShare: the consumer cannot undo it, the producer may authorize again."""
        old = self._entry_for(Verb.REJECT, consumer)
        status = self._next(Verb.REJECT, old)
        return self._moved(old, status, at).without_associations_of(consumer)

    # --- how ------------------------------------------------------------------------------

    def _entry_for(self, verb: Verb, consumer: Consumer) -> Authorization:
        """The consumer's entry if `verb` is possible on it; any other is not there for it."""
        entry = self.authorization(consumer)
        if entry is None or isinstance(consumer, NamespaceConsumer):
            raise aws_errors.NotAConsumer(str(self.arn))
        try:
            self._next(verb, entry)
        except ForbiddenTransition as error:
            raise aws_errors.NotAConsumer(str(self.arn)) from error
        return entry

    @staticmethod
    def _next(verb: Verb, entry: Authorization | None) -> Status | None:
        return next_status(verb, entry.status if entry else None)

    def _moved(
        self, old: Authorization, status: Status | None, at: datetime, writes: bool | None = None
    ) -> Datashare:
        assert status is not None, "only REVOKE removes an entry"
        allowed = old.producer_allowed_writes if writes is None else writes
        new = replace(old, status=status, changed=at, producer_allowed_writes=allowed)
        return replace(
            self, authorizations=tuple(new if a is old else a for a in self.authorizations)
        )

    def without_associations_of(self, consumer: Consumer) -> Datashare:
        """Without what was associated through the consumer's entry."""
        gone = self.associations_for(consumer)
        return replace(self, associations=tuple(a for a in self.associations if a not in gone))


def _scope_kinds(consumer: Consumer) -> frozenset[ScopeKind]:
    """What can be associated through a consumer's entry."""
    match consumer:
        case AccountConsumer():
            return frozenset({ScopeKind.ACCOUNT, ScopeKind.REGION, ScopeKind.NAMESPACE})
        case DataCatalogConsumer():
            return frozenset({ScopeKind.CATALOG})
        case AdxConsumer() | NamespaceConsumer():
            return frozenset()
        case _:
            assert_never(consumer)
