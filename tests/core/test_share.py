"""A datashare's verbs: who may, what they leave behind, and which error says no."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from redshare.core import aws_errors
from redshare.core.access import Allowed, may_use_share
from redshare.core.consumer import (
    AccountConsumer,
    AdxConsumer,
    Consumer,
    DataCatalogConsumer,
    NamespaceConsumer,
)
from redshare.core.ids import (
    AccountId,
    DatabaseId,
    NamespaceId,
    NamespaceKind,
    Region,
    ShareKey,
    UserId,
)
from redshare.core.lifecycle import Status
from redshare.core.namespace import Namespace
from redshare.core.share import Datashare, Scope, ScopeKind

T0 = datetime(2026, 1, 1, tzinfo=UTC)
T1, T2, T3, T4 = (T0 + timedelta(hours=hours) for hours in range(1, 5))
OWN = AccountId("111111111111")
OTHER = AccountId("222222222222")
THIRD = AccountId("333333333333")
PRODUCER = NamespaceId("00000000-0000-0000-0000-000000000001")
G1 = NamespaceId("00000000-0000-0000-0000-0000000000a1")
G2 = NamespaceId("00000000-0000-0000-0000-0000000000a2")
REGION = Region("us-east-1")

ACCOUNT = AccountConsumer(OTHER)
CATALOG = DataCatalogConsumer(OTHER)
SIBLING = NamespaceConsumer(G1)

WHOLE = Scope(ScopeKind.ACCOUNT)
EAST = Scope(ScopeKind.REGION, "us-east-1")
WEST = Scope(ScopeKind.REGION, "us-west-2")
ONE = Scope(ScopeKind.NAMESPACE, G1)
TWO = Scope(ScopeKind.NAMESPACE, G2)
GLUE = Scope(ScopeKind.CATALOG)

SHARE = Datashare(
    ShareKey("k"), 100_001, OWN, REGION, PRODUCER, DatabaseId("d"), "sales", UserId(100), T0
)


def namespace(
    guid: NamespaceId = G1, account: AccountId = OTHER, region: Region = REGION
) -> Namespace:
    return Namespace(guid, account, region, NamespaceKind.SERVERLESS, "n", "admin", "dev", T0)


def authorized(*, writes: bool = False, consumer: Consumer = ACCOUNT) -> Datashare:
    return SHARE.grant(consumer, T0).authorize(consumer, T1, writes=writes)


def active(*scopes: Scope, writes: bool = False) -> Datashare:
    share = authorized(writes=writes)
    for scope in scopes or (WHOLE,):
        share = share.associate(ACCOUNT, OTHER, scope, T2, writes=writes)
    return share


def status(share: Datashare, consumer: Consumer = ACCOUNT) -> Status | None:
    entry = share.authorization(consumer)
    return None if entry is None else entry.status


def scopes(share: Datashare, account: AccountId = OTHER) -> list[Scope]:
    return [association.scope for association in share.associations_of(account)]


def reads(share: Datashare, consumer: Namespace) -> bool:
    return isinstance(may_use_share(share, consumer), Allowed)


# --- granting ---------------------------------------------------------------------------------


def test_a_grant_waits_for_authorization() -> None:
    """A granted account has a pending entry of that moment and cannot read."""
    share = SHARE.grant(ACCOUNT, T0)
    entry = share.authorization(ACCOUNT)
    assert entry is not None
    assert (entry.status, entry.created, entry.changed) == (Status.PENDING_AUTHORIZATION, T0, T0)
    assert entry.producer_allowed_writes is None
    assert entry.principal == ACCOUNT
    assert not reads(share, namespace())


def test_a_grant_to_a_namespace_is_active_at_once() -> None:
    """A namespace of the producer's account reads from its grant on."""
    share = SHARE.grant(SIBLING, T0)
    assert status(share, SIBLING) is Status.ACTIVE
    assert reads(share, namespace(G1, OWN))
    assert not reads(share, namespace(G2, OWN))


@pytest.mark.parametrize(
    "share",
    [
        SHARE.grant(ACCOUNT, T0),
        authorized(),
        active(),
        active().reject(ACCOUNT, T3),
        active().deauthorize(ACCOUNT, T3),
    ],
)
def test_granting_again_changes_nothing(share: Datashare) -> None:
    """A second grant is no error and no change, whatever the status."""
    assert share == share.grant(ACCOUNT, T4)


def test_account_catalog_and_namespace_grants_are_independent() -> None:
    """Each consumer has its own entry: revoking one leaves the others."""
    share = SHARE.grant(ACCOUNT, T0).grant(CATALOG, T0).grant(SIBLING, T0).grant(AdxConsumer(), T0)
    assert len(share.authorizations) == 4
    left = share.revoke(ACCOUNT)
    assert [entry.consumer for entry in left.authorizations] == [
        "DataCatalog/222222222222",
        f"namespace/{G1}",
        "ADX",
    ]


def test_the_namespace_grant_outlives_the_own_accounts() -> None:
    """Revoking from the own account leaves the grant to one of its namespaces."""
    own = AccountConsumer(OWN)
    share = SHARE.grant(own, T0).grant(SIBLING, T0).revoke(own)
    assert reads(share, namespace(G1, OWN))


@pytest.mark.parametrize("share", [SHARE, SHARE.grant(ACCOUNT, T0), authorized(), active(ONE, TWO)])
def test_a_revoke_removes_entry_and_associations(share: Datashare) -> None:
    """After a revoke nothing is left of the consumer; without a grant it is no error."""
    assert share.revoke(ACCOUNT) == SHARE


def test_a_grant_after_a_revoke_revives_nothing() -> None:
    """A consumer granted anew starts as pending, without its old associations."""
    share = active().revoke(ACCOUNT).grant(ACCOUNT, T4)
    assert (status(share), scopes(share)) == (Status.PENDING_AUTHORIZATION, [])


# --- authorizing ------------------------------------------------------------------------------


@pytest.mark.parametrize("writes", [True, False])
def test_authorizing_says_whether_writes_are_allowed(writes: bool) -> None:
    """The entry is authorized at that moment, with the producer's word on writes."""
    entry = authorized(writes=writes).authorization(ACCOUNT)
    assert entry is not None
    assert (entry.status, entry.created, entry.changed) == (Status.AUTHORIZED, T0, T1)
    assert entry.producer_allowed_writes is writes


def test_authorizing_again_overwrites_the_consent_alone() -> None:
    """Authorizing an active entry without writes ends writes and nothing else."""
    share = active(writes=True).authorize(ACCOUNT, T3, writes=False)
    assert (status(share), scopes(share)) == (Status.ACTIVE, [WHOLE])
    decision = may_use_share(share, namespace())
    assert isinstance(decision, Allowed)
    assert not decision.writes


@pytest.mark.parametrize("consumer", [ACCOUNT, CATALOG, AdxConsumer()])
def test_authorizing_needs_a_grant(consumer: Consumer) -> None:
    """A consumer nobody granted the share to cannot be authorized or deauthorized."""
    with pytest.raises(aws_errors.InvalidDataShare):
        SHARE.authorize(consumer, T1, writes=False)
    with pytest.raises(aws_errors.InvalidDataShare):
        SHARE.deauthorize(consumer, T1)


def test_no_verb_but_revoke_applies_to_a_namespace() -> None:
    """A namespace's entry knows no authorization, association or rejection."""
    share = SHARE.grant(SIBLING, T0)
    verbs: list[Callable[[], Datashare]] = [
        lambda: share.authorize(SIBLING, T1, writes=True),
        lambda: share.deauthorize(SIBLING, T1),
        lambda: share.associate(SIBLING, OWN, ONE, T1, writes=True),
        lambda: share.disassociate(SIBLING, OWN, ONE, T1),
        lambda: share.reject(SIBLING, T1),
    ]
    for verb in verbs:
        with pytest.raises(aws_errors.InvalidDataShare):
            verb()
    assert share.revoke(SIBLING) == SHARE


@pytest.mark.parametrize(
    "share", [SHARE.grant(ACCOUNT, T0), authorized(), active(), active().reject(ACCOUNT, T3)]
)
def test_deauthorizing_ends_access(share: Datashare) -> None:
    """After a deauthorization the entry is deauthorized and nothing is associated."""
    ended = share.deauthorize(ACCOUNT, T4)
    assert (status(ended), scopes(ended)) == (Status.DEAUTHORIZED, [])
    assert not reads(ended, namespace())


def test_deauthorizing_twice_is_a_fault() -> None:
    """The second deauthorization says that it was done before."""
    with pytest.raises(
        aws_errors.AlreadyDeauthorized, match="you have already removed authorization"
    ):
        authorized().deauthorize(ACCOUNT, T2).deauthorize(ACCOUNT, T3)


@pytest.mark.parametrize("end", ["deauthorized", "rejected"])
def test_an_ended_entry_can_be_authorized_again(end: str) -> None:
    """Authorizing again offers the share anew; the consumer has to associate again."""
    ended = (
        active().deauthorize(ACCOUNT, T3) if end == "deauthorized" else active().reject(ACCOUNT, T3)
    )
    again = ended.authorize(ACCOUNT, T4, writes=False)
    assert (status(again), scopes(again)) == (Status.AUTHORIZED, [])
    assert not reads(again, namespace())


# --- associating ------------------------------------------------------------------------------


def test_the_first_association_activates() -> None:
    """Associating an authorized entry makes it active at that moment."""
    share = authorized().associate(ACCOUNT, OTHER, EAST, T2, writes=True)
    entry = share.authorization(ACCOUNT)
    assert entry is not None
    assert (entry.status, entry.changed) == (Status.ACTIVE, T2)
    (association,) = share.associations_of(OTHER)
    assert (association.created, association.changed) == (T2, T2)
    assert association.accepted_writes
    # The producer did not consent, so nobody writes.
    decision = may_use_share(share, namespace())
    assert isinstance(decision, Allowed)
    assert not decision.writes


def test_a_second_association_leaves_the_entrys_time() -> None:
    """An entry that is active already does not change with another association."""
    share = active(ONE).associate(ACCOUNT, OTHER, TWO, T4, writes=False)
    entry = share.authorization(ACCOUNT)
    assert entry is not None
    assert entry.changed == T2


@pytest.mark.parametrize(
    ("first", "second", "left"),
    [
        ([ONE], TWO, [ONE, TWO]),
        ([EAST], WEST, [EAST, WEST]),
        ([ONE, TWO], WHOLE, [WHOLE]),
        ([ONE, TWO], EAST, [EAST]),
        ([WHOLE], EAST, [EAST]),
        ([WHOLE], ONE, [ONE]),
        ([EAST, WEST], ONE, [ONE]),
        ([EAST], WHOLE, [WHOLE]),
        ([ONE, TWO], ONE, [TWO, ONE]),
        ([WHOLE], WHOLE, [WHOLE]),
    ],
)
def test_another_kind_of_scope_replaces(
    first: list[Scope], second: Scope, left: list[Scope]
) -> None:
    """Scopes of one kind stand beside each other; another kind takes their place."""
    share = active(*first).associate(ACCOUNT, OTHER, second, T4, writes=False)
    assert left == scopes(share)
    assert status(share) is Status.ACTIVE


def test_associating_again_overwrites_the_consent() -> None:
    """The same scope again keeps its creation and takes the new word on writes."""
    share = active(ONE, writes=True).associate(ACCOUNT, OTHER, ONE, T4, writes=False)
    (association,) = share.associations_of(OTHER)
    assert (association.created, association.changed) == (T2, T4)
    assert not association.accepted_writes


def test_a_replacement_leaves_other_accounts_alone() -> None:
    """What another account associated stays as it is."""
    third = AccountConsumer(THIRD)
    share = active(ONE).grant(third, T0).authorize(third, T1, writes=False)
    share = share.associate(third, THIRD, WHOLE, T3, writes=False)
    assert (scopes(share), scopes(share, THIRD)) == ([ONE], [WHOLE])
    left = share.disassociate(third, THIRD, WHOLE, T4)
    assert (status(left), status(left, third)) == (Status.ACTIVE, Status.AUTHORIZED)


@pytest.mark.parametrize(
    "share",
    [
        SHARE,
        SHARE.grant(ACCOUNT, T0),
        authorized().deauthorize(ACCOUNT, T3),
        authorized().reject(ACCOUNT, T3),
    ],
)
def test_what_is_not_offered_cannot_be_used(share: Datashare) -> None:
    """Without an authorization in force the consumer's verbs are one and the same fault."""
    verbs: list[Callable[[], Datashare]] = [
        lambda: share.associate(ACCOUNT, OTHER, WHOLE, T4, writes=False),
        lambda: share.disassociate(ACCOUNT, OTHER, WHOLE, T4),
        lambda: share.reject(ACCOUNT, T4),
    ]
    for verb in verbs:
        with pytest.raises(
            aws_errors.NotAConsumer, match="isn't associated with this data consumer"
        ):
            verb()


def test_one_of_two_namespaces_leaves() -> None:
    """Disassociating one of two namespaces ends that one alone; the last ends activity."""
    share = active(ONE, TWO)
    one_left = share.disassociate(ACCOUNT, OTHER, ONE, T3)
    assert (status(one_left), scopes(one_left)) == (Status.ACTIVE, [TWO])
    assert (reads(one_left, namespace(G1)), reads(one_left, namespace(G2))) == (False, True)
    none_left = one_left.disassociate(ACCOUNT, OTHER, TWO, T4)
    assert (status(none_left), scopes(none_left)) == (Status.AUTHORIZED, [])


@pytest.mark.parametrize("scope", [TWO, WHOLE, EAST, GLUE])
def test_only_what_was_associated_can_be_disassociated(scope: Scope) -> None:
    """Disassociating what is not associated is a fault."""
    with pytest.raises(aws_errors.NotAConsumer):
        active(ONE).disassociate(ACCOUNT, OTHER, scope, T3)
    with pytest.raises(aws_errors.NotAConsumer):
        authorized().disassociate(ACCOUNT, OTHER, scope, T3)


@pytest.mark.parametrize("share", [authorized(), active(), active(ONE, TWO)])
def test_rejecting_is_final_for_the_consumer(share: Datashare) -> None:
    """A rejected share has no associations, and the consumer's verbs are faults from then on."""
    rejected = share.reject(ACCOUNT, T3)
    assert (status(rejected), scopes(rejected)) == (Status.REJECTED, [])
    with pytest.raises(aws_errors.NotAConsumer):
        rejected.reject(ACCOUNT, T4)


# --- an account and its Data Catalog ----------------------------------------------------------


def both() -> Datashare:
    share = active(ONE).grant(CATALOG, T0).authorize(CATALOG, T1, writes=False)
    return share.associate(CATALOG, OTHER, GLUE, T3, writes=False)


def test_account_and_catalog_associate_beside_each_other() -> None:
    """The catalog's association does not replace those of the account, nor the other way round."""
    assert scopes(both()) == [ONE, GLUE]
    assert scopes(both().associate(ACCOUNT, OTHER, WHOLE, T4, writes=False)) == [GLUE, WHOLE]


def test_account_and_catalog_end_apart() -> None:
    """The last association of the one ends its activity, whatever the other has."""
    share = both().disassociate(ACCOUNT, OTHER, ONE, T4)
    assert (status(share), status(share, CATALOG)) == (Status.AUTHORIZED, Status.ACTIVE)
    assert scopes(share) == [GLUE]
    for ended in (
        both().reject(CATALOG, T4),
        both().revoke(CATALOG),
        both().deauthorize(CATALOG, T4),
    ):
        assert scopes(ended) == [ONE]
        assert status(ended) is Status.ACTIVE


@pytest.mark.parametrize(("consumer", "scope"), [(ACCOUNT, GLUE), (CATALOG, ONE), (CATALOG, WHOLE)])
def test_each_entry_takes_its_own_scopes(consumer: Consumer, scope: Scope) -> None:
    """An account's entry takes no catalog, a catalog's entry nothing else."""
    with pytest.raises(aws_errors.NotAConsumer):
        authorized(consumer=consumer).associate(consumer, OTHER, scope, T2, writes=False)


def test_an_account_associates_for_itself_alone() -> None:
    """Nobody associates, or ends an association, through another account's entry."""
    with pytest.raises(aws_errors.NotAConsumer):
        active(ONE).associate(ACCOUNT, THIRD, WHOLE, T3, writes=False)
    with pytest.raises(aws_errors.NotAConsumer):
        active(ONE).disassociate(ACCOUNT, THIRD, ONE, T3)


def test_exchange_has_no_associations() -> None:
    """AWS Data Exchange is authorized and deauthorized; it associates nothing here."""
    adx = AdxConsumer()
    share = authorized(consumer=adx)
    assert share.associations_for(adx) == ()
    with pytest.raises(aws_errors.NotAConsumer):
        share.associate(adx, OTHER, WHOLE, T2, writes=False)
    assert status(share.deauthorize(adx, T3), adx) is Status.DEAUTHORIZED


# --- the own account --------------------------------------------------------------------------


def test_the_own_account_shakes_hands_with_itself() -> None:
    """An account that grants to itself authorizes and associates like any other."""
    own = AccountConsumer(OWN)
    share = SHARE.grant(own, T0).authorize(own, T1, writes=True)
    assert not reads(share, namespace(G1, OWN))
    share = share.associate(own, OWN, ONE, T2, writes=True)
    decision = may_use_share(share, namespace(G1, OWN))
    assert isinstance(decision, Allowed)
    assert decision.writes
    assert not reads(share, namespace(G2, OWN))
    assert not reads(share, namespace(PRODUCER, OWN))


def test_verbs_leave_the_old_share_as_it_was() -> None:
    """A verb answers a new share; the one it was asked on is unchanged."""
    share = active(ONE)
    copy = replace(share)
    share.reject(ACCOUNT, T4)
    share.associate(ACCOUNT, OTHER, TWO, T4, writes=True)
    assert copy == share


def test_the_arn_follows_the_name() -> None:
    """A share's ARN is made of its producer and its name now."""
    expected = f"arn:aws:redshift:us-east-1:111111111111:datashare:{PRODUCER}/renamed"
    assert expected == str(replace(SHARE, name="renamed").arn)
