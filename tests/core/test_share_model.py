"""Any sequence of verbs on a share against a model: a status and a set of scopes a consumer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from redshare.core import aws_errors
from redshare.core.access import Allowed, may_use_share
from redshare.core.consumer import AccountConsumer, Consumer, DataCatalogConsumer, NamespaceConsumer
from redshare.core.share import Datashare, Scope
from tests.core.test_share import (
    EAST,
    G1,
    G2,
    GLUE,
    ONE,
    OTHER,
    OWN,
    SHARE,
    THIRD,
    TWO,
    WEST,
    WHOLE,
    namespace,
)

ACCOUNTS = {
    AccountConsumer(OTHER): (OTHER, (WHOLE, EAST, WEST, ONE, TWO)),
    AccountConsumer(OWN): (OWN, (WHOLE, EAST, WEST, ONE, TWO)),
    DataCatalogConsumer(OTHER): (OTHER, (GLUE,)),
    DataCatalogConsumer(THIRD): (THIRD, (GLUE,)),
}
SIBLING = NamespaceConsumer(G2)
consumers = st.sampled_from(list(ACCOUNTS))
picks = st.integers(0, 4)


class Shares(RuleBasedStateMachine):
    """The share and the model side by side."""

    def __init__(self) -> None:
        super().__init__()
        self.share = SHARE
        self.status: dict[Consumer, str] = {}
        self.allowed: dict[Consumer, bool] = {}
        self.scopes: dict[Consumer, dict[Scope, bool]] = {who: {} for who in ACCOUNTS}
        self.at = datetime(2026, 1, 1, tzinfo=UTC)

    def do(self, verb: Callable[[datetime], Datashare], *, possible: bool) -> bool:
        """Run the verb; it must work exactly where the model says so."""
        self.at += timedelta(seconds=1)
        before = self.share
        try:
            self.share = verb(self.at)
        except aws_errors.InvalidDataShare:
            assert not possible
            assert before == self.share
            return False
        assert possible
        return True

    @rule(who=consumers)
    def grant(self, who: Consumer) -> None:
        self.do(lambda at: self.share.grant(who, at), possible=True)
        self.status.setdefault(who, "PENDING_AUTHORIZATION")

    @rule()
    def grant_sibling(self) -> None:
        self.do(lambda at: self.share.grant(SIBLING, at), possible=True)
        self.status[SIBLING] = "ACTIVE"

    @rule(who=st.one_of(consumers, st.just(SIBLING)))
    def revoke(self, who: Consumer) -> None:
        self.do(lambda _: self.share.revoke(who), possible=True)
        self.status.pop(who, None)
        self.scopes[who] = {}

    @rule(who=consumers, writes=st.booleans())
    def authorize(self, who: Consumer, writes: bool) -> None:
        if self.do(
            lambda at: self.share.authorize(who, at, writes=writes), possible=who in self.status
        ):
            self.allowed[who] = writes
            if self.status[who] != "ACTIVE":
                self.status[who] = "AUTHORIZED"

    @rule(who=consumers)
    def deauthorize(self, who: Consumer) -> None:
        possible = self.status.get(who, "DEAUTHORIZED") != "DEAUTHORIZED"
        if self.do(lambda at: self.share.deauthorize(who, at), possible=possible):
            self.status[who] = "DEAUTHORIZED"
            self.scopes[who] = {}

    @rule(who=consumers, pick=picks, writes=st.booleans())
    def associate(self, who: Consumer, pick: int, writes: bool) -> None:
        account, scopes = ACCOUNTS[who]  # type: ignore[index]
        scope = scopes[pick % len(scopes)]
        possible = self.status.get(who) in {"AUTHORIZED", "ACTIVE"}
        if self.do(
            lambda at: self.share.associate(who, account, scope, at, writes=writes),
            possible=possible,
        ):
            self.status[who] = "ACTIVE"
            kept = {s: w for s, w in self.scopes[who].items() if s.kind is scope.kind}
            self.scopes[who] = {**kept, scope: writes}

    @rule(who=consumers, pick=picks)
    def disassociate(self, who: Consumer, pick: int) -> None:
        account, scopes = ACCOUNTS[who]  # type: ignore[index]
        scope = scopes[pick % len(scopes)]
        if self.do(
            lambda at: self.share.disassociate(who, account, scope, at),
            possible=scope in self.scopes[who],
        ):
            del self.scopes[who][scope]
            self.status[who] = "ACTIVE" if self.scopes[who] else "AUTHORIZED"

    @rule(who=consumers)
    def reject(self, who: Consumer) -> None:
        possible = self.status.get(who) in {"AUTHORIZED", "ACTIVE"}
        if self.do(lambda at: self.share.reject(who, at), possible=possible):
            self.status[who] = "REJECTED"
            self.scopes[who] = {}

    @invariant()
    def statuses_agree(self) -> None:
        found = {entry.principal: entry.status for entry in self.share.authorizations}
        assert self.status == found

    @invariant()
    def associations_agree(self) -> None:
        for who in ACCOUNTS:
            found = {a.scope: a.accepted_writes for a in self.share.associations_for(who)}
            assert self.scopes[who] == found
            # An entry is active exactly while something is associated through it.
            assert (self.status.get(who) == "ACTIVE") == bool(found)

    @invariant()
    def access_agrees(self) -> None:
        for account in (OTHER, OWN, THIRD):
            for guid in (G1, G2):
                for catalog in (False, True):
                    reader = namespace(guid, account)
                    decision = may_use_share(self.share, reader, catalog=catalog)
                    expected = self.may_read(guid, account, catalog=catalog)
                    assert isinstance(decision, Allowed) == expected

    def may_read(self, guid: str, account: str, *, catalog: bool) -> bool:
        if account == OWN and guid == G2 and SIBLING in self.status and not catalog:
            return True
        covering = {GLUE} if catalog else {WHOLE, EAST}
        return any(
            scope in covering or (not catalog and scope.value == guid)
            for who, (owner, _) in ACCOUNTS.items()
            if owner == account
            for scope in self.scopes[who]
        )


Shares.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestShares = Shares.TestCase
