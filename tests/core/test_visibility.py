"""What each side sees of a share, moment by moment."""

from __future__ import annotations

import pytest

from redshare.core.consumer import AccountConsumer, AdxConsumer
from redshare.core.ids import AccountId, NamespaceArn, NamespaceId, NamespaceKind
from redshare.core.lifecycle import Status
from redshare.core.share import Datashare
from redshare.core.visibility import ShareView, rejected_view, view
from tests.core.test_share import (
    ACCOUNT,
    EAST,
    G1,
    ONE,
    OTHER,
    OWN,
    PRODUCER,
    REGION,
    SHARE,
    SIBLING,
    T0,
    T1,
    T2,
    T3,
    THIRD,
    WHOLE,
    active,
    authorized,
    both,
)

ARN = "arn:aws:redshift-serverless:us-east-1:111111111111:namespace/"


def arn_of(namespace: NamespaceId) -> NamespaceArn | None:
    if namespace not in {PRODUCER, G1}:
        return None
    return NamespaceArn(NamespaceKind.SERVERLESS, REGION, OWN, namespace)


def seen(
    share: Datashare, viewer: AccountId, *, as_consumer: bool = False
) -> list[tuple[str, str]]:
    """The entries as (consumer, status); none where the share is not listed."""
    found = view(share, viewer, arn_of, as_consumer=as_consumer)
    return [] if found is None else [(e.consumer_identifier, e.status) for e in found.entries]


@pytest.mark.parametrize(
    ("share", "producer", "consumer"),
    [
        pytest.param(SHARE, [], [], id="created"),
        pytest.param(SHARE.grant(ACCOUNT, T0), ["PENDING_AUTHORIZATION"], [], id="granted"),
        pytest.param(authorized(), ["AUTHORIZED"], ["AVAILABLE"], id="authorized"),
        pytest.param(active(), ["ACTIVE"], ["ACTIVE"], id="associated"),
        pytest.param(
            active().disassociate(ACCOUNT, OTHER, WHOLE, T3),
            ["AUTHORIZED"],
            ["AVAILABLE"],
            id="disassociated",
        ),
        pytest.param(active().reject(ACCOUNT, T3), ["REJECTED"], [], id="rejected"),
        pytest.param(active().deauthorize(ACCOUNT, T3), ["DEAUTHORIZED"], [], id="deauthorized"),
        pytest.param(active().revoke(ACCOUNT), [], [], id="revoked"),
    ],
)
def test_each_side_has_its_own_word(
    share: Datashare, producer: list[str], consumer: list[str]
) -> None:
    """Producer, consumer and a stranger each see at every moment what is theirs to see."""
    assert [(OTHER, status) for status in producer] == seen(share, OWN)
    assert [(OTHER, status) for status in consumer] == seen(share, OTHER)
    assert seen(share, THIRD) == []


def test_a_namespace_of_the_account_is_seen_as_both() -> None:
    """A grant to a namespace is active for its account as producer and as consumer."""
    share = SHARE.grant(SIBLING, T0)
    assert seen(share, OWN) == [(f"{ARN}{G1}", "ACTIVE")]
    assert seen(share, OWN, as_consumer=True) == [(f"{ARN}{G1}", "ACTIVE")]
    assert seen(share, OTHER) == []


def test_the_own_account_sees_the_producers_words_or_the_consumers() -> None:
    """Who is both sees AUTHORIZED as producer and AVAILABLE as consumer."""
    own = AccountConsumer(OWN)
    share = SHARE.grant(own, T0).authorize(own, T1, writes=False)
    assert seen(share, OWN) == [(OWN, "AUTHORIZED")]
    assert seen(share, OWN, as_consumer=True) == [(OWN, "AVAILABLE")]


def test_exchange_is_the_producers_to_see() -> None:
    """An entry of AWS Data Exchange is nothing an account consumes."""
    adx = AdxConsumer()
    share = SHARE.grant(adx, T0).authorize(adx, T1, writes=False)
    assert seen(share, OWN) == [("ADX", "AUTHORIZED")]
    assert seen(share, OWN, as_consumer=True) == []


def test_associations_are_the_consumers_to_see() -> None:
    """A consumer sees its namespaces, Regions and catalog; the producer only the authorization."""
    share = both()
    assert seen(share, OTHER) == [
        (OTHER, "ACTIVE"),
        (f"DataCatalog/{OTHER}", "ACTIVE"),
        (f"{ARN}{G1}", "ACTIVE"),
        (f"arn:aws:glue:us-east-1:{OTHER}:catalog", "ACTIVE"),
    ]
    assert seen(share, OWN) == [(OTHER, "ACTIVE"), (f"DataCatalog/{OTHER}", "ACTIVE")]


def entries(share: Datashare) -> ShareView:
    found = view(share, OTHER, arn_of)
    assert found is not None
    return found


def test_a_region_is_shown_with_its_account() -> None:
    """An association of a Region names the account and the Region."""
    region = entries(active(EAST)).entries[1]
    assert (region.consumer_identifier, region.consumer_region) == (OTHER, "us-east-1")


def test_both_consents_are_shown() -> None:
    """Each entry shows the producer's word on writes and the consumer's, once there is one."""
    share = authorized(writes=True)
    (entry,) = entries(share).entries
    assert (entry.producer_allowed_writes, entry.consumer_accepted_writes) == (True, None)
    associated = share.associate(ACCOUNT, OTHER, ONE, T2, writes=False)
    for entry in entries(associated).entries:
        assert (entry.producer_allowed_writes, entry.consumer_accepted_writes) == (True, False)


def test_a_catalogs_consent_is_its_own() -> None:
    """The account's consents are not shown for its Data Catalog, nor the other way round."""
    share = both().authorize(ACCOUNT, T3, writes=True)
    share = share.associate(ACCOUNT, OTHER, ONE, T3, writes=True)
    shown = {
        e.consumer_identifier: (e.producer_allowed_writes, e.consumer_accepted_writes)
        for e in entries(share).entries
    }
    assert shown == {
        OTHER: (True, True),
        f"{ARN}{G1}": (True, True),
        f"DataCatalog/{OTHER}": (False, False),
        f"arn:aws:glue:us-east-1:{OTHER}:catalog": (False, False),
    }


def test_a_rejection_answers_the_entry_for_the_last_time() -> None:
    """The answer to a rejection shows REJECTED, although the share is then listed no more."""
    rejected = active().reject(ACCOUNT, T3)
    answer = rejected_view(rejected, OTHER, arn_of)
    assert [(e.consumer_identifier, e.status) for e in answer.entries] == [(OTHER, "REJECTED")]
    assert answer.producer_arn == f"{ARN}{PRODUCER}"
    assert answer.has(Status.REJECTED)
    assert not answer.has(Status.ACTIVE)
