"""Whether a namespace may use a share: every status, scope and pair of consents."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from redshare.core.access import Allowed, Denied, ShareUse, may_go_on, may_query, may_use_share
from redshare.core.catalog import Catalog, Put
from redshare.core.consumer import AccountConsumer, NamespaceConsumer
from redshare.core.contents import Contents
from redshare.core.ids import Region, RelationId, SchemaId, ShareKey
from redshare.core.lifecycle import Status
from redshare.core.privileges import Privilege
from redshare.core.share import Association, Authorization, Scope
from tests.core.test_share import (
    EAST,
    G1,
    GLUE,
    ONE,
    OTHER,
    OWN,
    PRODUCER,
    SHARE,
    T0,
    THIRD,
    TWO,
    WEST,
    WHOLE,
    active,
    authorized,
    namespace,
)

CONSUMER = namespace(G1, OTHER, Region("us-east-1"))
STATUSES = [status for status in Status if status is not Status.AVAILABLE]

#: consumer form -> the scopes that cover the namespace G1 in us-east-1 through its entry
COVERING = {str(OTHER): {WHOLE, EAST, ONE}, f"DataCatalog/{OTHER}": {GLUE}}


@pytest.mark.parametrize(
    ("consumer", "status", "scope", "allowed", "accepted"),
    list(
        product(
            COVERING,
            STATUSES,
            [WHOLE, EAST, WEST, ONE, TWO, GLUE],
            [None, False, True],
            [False, True],
        )
    ),
)
def test_an_account_reads_what_it_associated(
    consumer: str, status: Status, scope: Scope, allowed: bool | None, accepted: bool
) -> None:
    """Only an active entry and a covering association allow; only both consents allow writes."""
    share = replace(
        SHARE,
        authorizations=(Authorization(consumer, status, T0, T0, allowed),),
        associations=(Association(OTHER, scope, accepted, T0, T0),),
    )
    catalog = consumer != OTHER
    decision = may_use_share(share, CONSUMER, catalog=catalog)
    assert isinstance(may_use_share(share, CONSUMER, catalog=not catalog), Denied)
    if status is Status.ACTIVE and scope in COVERING[consumer]:
        expected = Allowed(f"associated by {scope.kind}", writes=allowed is True and accepted)
        assert expected == decision
    else:
        assert isinstance(decision, Denied)
        assert decision.because


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("account", [OWN, OTHER])
def test_a_namespace_grant_serves_its_own_account(status: Status, account: str) -> None:
    """A namespace's entry counts while active, within the producer's account alone."""
    entry = Authorization(f"namespace/{G1}", status, T0, T0)
    decision = may_use_share(
        replace(SHARE, authorizations=(entry,)), replace(CONSUMER, account=account)
    )
    if account == OWN and status is Status.ACTIVE:
        assert Allowed("granted to the namespace", writes=True) == decision
    else:
        assert isinstance(decision, Denied)


def test_each_refusal_has_its_reason() -> None:
    """Who may know is told why."""
    pending = SHARE.grant(authorized().authorizations[0].principal, T0)
    reasons = [
        may_use_share(None, CONSUMER),
        may_use_share(SHARE, namespace(PRODUCER, OWN)),
        may_use_share(SHARE, CONSUMER),
        may_use_share(pending, CONSUMER),
        may_use_share(
            replace(SHARE, authorizations=(Authorization(OTHER, Status.ACTIVE, T0, T0),)), CONSUMER
        ),
    ]
    assert reasons == [
        Denied("the datashare doesn't exist"),
        Denied("a namespace does not consume its own datashare"),
        Denied("the datashare isn't granted to the namespace or account"),
        Denied(f"the authorization of {OTHER} is PENDING_AUTHORIZATION"),
        Denied("no association covers the namespace"),
    ]


def test_one_accounts_association_is_not_anothers() -> None:
    """An association of another account covers nothing of this one."""
    share = replace(
        SHARE,
        authorizations=(Authorization(OTHER, Status.ACTIVE, T0, T0),),
        associations=(Association(THIRD, ONE, True, T0, T0),),
    )
    assert isinstance(may_use_share(share, CONSUMER), Denied)
    assert isinstance(may_use_share(share, replace(CONSUMER, account=THIRD)), Denied)


@pytest.mark.parametrize("producer_encrypted", [True, False])
@pytest.mark.parametrize("consumer_encrypted", [True, False])
@pytest.mark.parametrize("account", [OWN, OTHER])
@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1"])
def test_encryption_fits_or_not(
    producer_encrypted: bool, consumer_encrypted: bool, account: str, region: str
) -> None:
    """Alike within account and Region; both encrypted across either."""
    producer = replace(namespace(PRODUCER, OWN), encrypted=producer_encrypted)
    consumer = replace(
        CONSUMER, account=account, region=Region(region), encrypted=consumer_encrypted
    )
    principal = NamespaceConsumer(G1) if account == OWN else AccountConsumer(OTHER)
    entry = Authorization(str(principal), Status.ACTIVE, T0, T0)
    share = replace(
        SHARE, authorizations=(entry,), associations=(Association(OTHER, WHOLE, False, T0, T0),)
    )
    catalog = Catalog().after([Put(producer), Put(consumer), Put(share)])
    decision = may_query(catalog, ShareUse(share.share_key), consumer, publicly_accessible=False)
    near = account == OWN and region == SHARE.region
    fits = producer_encrypted == consumer_encrypted if near else producer_encrypted
    assert isinstance(decision, Allowed) == (fits and (near or consumer_encrypted))


@pytest.mark.parametrize("open_share", [True, False])
@pytest.mark.parametrize("public", [True, False])
def test_publicly_accessible_consumers_need_an_open_share(open_share: bool, public: bool) -> None:
    """A share is closed to them unless it says otherwise."""
    share = replace(active(), publicly_accessible=open_share)
    catalog = Catalog().after([Put(namespace(PRODUCER, OWN)), Put(CONSUMER), Put(share)])
    decision = may_query(catalog, ShareUse(share.share_key), CONSUMER, publicly_accessible=public)
    assert isinstance(decision, Allowed) == (open_share or not public)


def test_a_share_whose_producer_is_gone_serves_nobody() -> None:
    """Without the producer's namespace, or the share, there is nothing to read."""
    catalog = Catalog().after([Put(CONSUMER), Put(active())])
    for share in (active().share_key, ShareKey("gone")):
        decision = may_query(catalog, ShareUse(share), CONSUMER, publicly_accessible=False)
        assert isinstance(decision, Denied)


@pytest.mark.parametrize(
    ("member", "goes_on"), [(None, True), (RelationId("t"), True), (RelationId("u"), False)]
)
def test_what_was_bound_goes_on_while_its_object_is_a_member(
    member: RelationId | None, goes_on: bool
) -> None:
    """An object that left the share is no longer used, however the share stands."""
    contents = Contents().grant_relation(
        RelationId("t"), SchemaId("s"), frozenset({Privilege.SELECT})
    )
    share = replace(active(), contents=contents)
    catalog = Catalog().after([Put(namespace(PRODUCER, OWN)), Put(CONSUMER), Put(share)])
    use = ShareUse(share.share_key, member)
    decision = may_go_on(catalog, use, CONSUMER, publicly_accessible=False)
    assert isinstance(decision, Allowed) == goes_on
