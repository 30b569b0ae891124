"""What the two sides agreed on about a share: granted, authorized, associated, the writes.

It is asked for somebody who sees the share. Of another account's choices the producer sees what its
own entry says, as in DescribeDataShares: that something was associated, not which namespaces.
https://docs.aws.amazon.com/redshift/latest/dg/datashare_status.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from redshare.core.access import (
    Allowed,
    covering,
    principals,
    through,
)
from redshare.core.consumer import (
    AccountConsumer,
    Consumer,
    DataCatalogConsumer,
    NamespaceConsumer,
)
from redshare.core.explanation import ApiMend, Chain, SqlMend, Step
from redshare.core.ids import (
    AccountId,
    GlueCatalogArn,
    MalformedId,
    NamespaceArn,
    NamespaceId,
    account_id,
    namespace_id,
)
from redshare.core.lifecycle import Actor, Status
from redshare.core.namespace import Namespace
from redshare.core.share import Association, Authorization, Datashare, ScopeKind


@dataclass(frozen=True, slots=True)
class Target:
    """The consumer of a question: an account, or with `namespace` one namespace of it.

    `inside` says whether the asker sees what the account associated and how its namespace is.
    `arn` is what another account's namespace was called by; `whole` prefers the account's entry;
    `catalog` asks for the way through the account's Data Catalog.
    """

    account: AccountId
    namespace: Namespace | None = None
    inside: bool = False
    arn: str = ""
    whole: bool = False
    catalog: bool = False


@dataclass(frozen=True, slots=True)
class NamedConsumer:
    """A consumer as a question names it: an account, a namespace's GUID, or a namespace's ARN."""

    account: AccountId | None = None
    namespace: NamespaceId | None = None
    arn: str = ""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read one of the three forms. Raises MalformedId."""
        if text.startswith("arn:"):
            arn = NamespaceArn.parse(text)
            return cls(arn.account, arn.namespace, str(arn))
        try:
            return cls(account=account_id(text))
        except MalformedId:
            pass
        try:
            return cls(namespace=namespace_id(text))
        except MalformedId as error:
            said = f"{text!r} is neither an account id, a namespace's GUID nor a namespace's ARN"
            raise MalformedId(said) from error


@dataclass(frozen=True, slots=True)
class Consents:
    """The conditions of one share and target, written into a chain."""

    share: Datashare
    target: Target
    writes: bool
    #: The quoted name of the share, and of the database that it is in, where the asker knows it.
    name: str
    database: str = ""

    @property
    def principal(self) -> Consumer:
        """Whom the grant names, or would."""
        share, namespace = self.share, self.target.namespace
        if namespace is None:
            return AccountConsumer(self.target.account)
        named = principals(share, namespace, catalog=self.target.catalog)
        if self.target.whole:
            named = tuple(p for p in named if not isinstance(p, NamespaceConsumer))
        entries = [p for p in named if share.authorization(p) is not None]
        allowing = [p for p in entries if isinstance(through(share, p, namespace), Allowed)]
        return (*allowing, *entries, *named)[0]

    def explain(self, chain: Chain) -> None:
        """All of them."""
        principal = self.principal
        entry = self.share.authorization(principal)
        held = None if entry is None else f"granted to {_words(principal)} {entry.created:%Y-%m-%d}"
        chain.say(Step.GRANTED, held, f"not granted to {_words(principal)}", self._grant(principal))
        if not isinstance(principal, NamespaceConsumer):
            self._authorized(chain, principal, entry)
            self._associated(chain, principal, entry)
        elif self.writes:
            for step in (Step.WRITES_ALLOWED, Step.WRITES_ACCEPTED):
                chain.held(step, "within an account the privileges TO DATASHARE decide alone")

    def _grant(self, principal: Consumer) -> SqlMend | None:
        if self.share.adx_managed:
            return None
        match principal:
            case NamespaceConsumer(guid):
                to = f"NAMESPACE '{guid}'"
            case DataCatalogConsumer(account):
                to = f"ACCOUNT '{account}' VIA DATA CATALOG"
            case _:
                to = f"ACCOUNT '{self.target.account}'"
        statement = f"GRANT USAGE ON DATASHARE {self.name} TO {to}"
        namespace = self.share.namespace
        return SqlMend(Actor.PRODUCER_SQL, statement, namespace, self.database)

    # --- the producer's account -----------------------------------------------------------

    def _authorized(self, chain: Chain, principal: Consumer, entry: Authorization | None) -> None:
        authorize = self._authorize(principal)
        if entry is None:
            chain.broken(Step.AUTHORIZED, "there is no grant to authorize", authorize)
            if self.writes:
                chain.broken(Step.WRITES_ALLOWED, "there is no grant to authorize", authorize)
            return
        done = entry.status in {Status.AUTHORIZED, Status.ACTIVE}
        said = f"the entry of {_words(principal)} is {entry.status}"
        chain.say(Step.AUTHORIZED, said if done else None, said, authorize)
        if self.writes:
            allowed = "AllowWrites is true" if done and entry.producer_allowed_writes else None
            chain.say(Step.WRITES_ALLOWED, allowed, "not authorized with AllowWrites", authorize)

    def _authorize(self, principal: Consumer) -> ApiMend:
        arn = ("DataShareArn", str(self.share.arn))
        consumer = ("ConsumerIdentifier", str(principal))
        return self._call(Actor.PRODUCER, "AuthorizeDataShare", arn, consumer)

    # --- the consumer's account -----------------------------------------------------------

    def _associated(self, chain: Chain, principal: Consumer, entry: Authorization | None) -> None:
        if self.target.namespace is not None and self.target.inside:
            association = covering(self.share, principal, self.target.namespace)
            self._covered(chain, principal, entry, association)
            return
        made = self.share.associations_for(principal)
        active = entry is not None and entry.status is Status.ACTIVE
        associate = self._associate(principal, None)
        if not active:
            chain.broken(Step.ASSOCIATED, "nothing is associated", associate)
        elif self.target.namespace is not None or self.target.arn:
            said = "the entry is ACTIVE; which namespaces are associated is the account's to see"
            chain.unknown(Step.ASSOCIATED, detail=said)
        else:
            chain.held(Step.ASSOCIATED, "the entry is ACTIVE")
        if not self.writes:
            return
        accepted = any(a.accepted_writes for a in made)
        if active and accepted and (self.target.namespace is not None or self.target.arn):
            said = "some association accepts writes; which one is the account's to see"
            chain.unknown(Step.WRITES_ACCEPTED, detail=said)
        else:
            held = "the association accepts writes" if active and accepted else None
            chain.say(Step.WRITES_ACCEPTED, held, "no association accepts writes", associate)

    def _covered(
        self,
        chain: Chain,
        principal: Consumer,
        entry: Authorization | None,
        association: Association | None,
    ) -> None:
        active = entry is not None and entry.status is Status.ACTIVE
        found = association if active else None
        associate = self._associate(principal, association)
        held = None if found is None else f"associated by {found.scope.kind}"
        chain.say(Step.ASSOCIATED, held, "no association covers the namespace", associate)
        if self.writes:
            accepted = "the association accepts writes" if found and found.accepted_writes else None
            chain.say(Step.WRITES_ACCEPTED, accepted, "not associated with AllowWrites", associate)

    def _associate(self, principal: Consumer, old: Association | None) -> ApiMend:
        """Associate, or what is associated again: another kind of scope would replace it."""
        which: tuple[str, str | bool]
        kind = None if old is None else old.scope.kind
        if isinstance(principal, DataCatalogConsumer):
            which = ("ConsumerArn", str(GlueCatalogArn(self.share.region, principal.account)))
        elif kind is ScopeKind.REGION and old is not None:
            which = ("ConsumerRegion", old.scope.value)
        elif self.target.namespace is not None and kind in {None, ScopeKind.NAMESPACE}:
            which = ("ConsumerArn", str(self.target.namespace.arn))
        elif self.target.arn:
            which = ("ConsumerArn", self.target.arn)
        else:
            which = ("AssociateEntireAccount", True)
        arn = ("DataShareArn", str(self.share.arn))
        return self._call(Actor.CONSUMER, "AssociateDataShareConsumer", arn, which)

    def _call(self, by: Actor, operation: str, *parameters: tuple[str, str | bool]) -> ApiMend:
        also = (("AllowWrites", True),) if self.writes else ()
        account = self.share.account if by is Actor.PRODUCER else self.target.account
        return ApiMend(by, account, operation, (*parameters, *also), self.share.region)


def _words(principal: Consumer) -> str:
    match principal:
        case NamespaceConsumer(guid):
            return f"the namespace {guid}"
        case DataCatalogConsumer(account):
            return f"the Data Catalog of the account {account}"
        case _:
            return f"the account {principal}"
