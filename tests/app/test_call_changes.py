"""In whose change logs an API call is, and what it says there."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from redshare.app.shares.call_changes import of_call
from redshare.core.ids import AccountId, DatabaseId, NamespaceId, Region, ShareKey, UserId
from redshare.core.share import Datashare

PRODUCER, CONSUMER = AccountId("111111111111"), AccountId("222222222222")
NAMESPACE = NamespaceId("13b8833d-17c6-4f16-8fe4-1a018f5ed00d")
OTHER = "00000000-17c6-4f16-8fe4-1a018f5ed00d"
ARN = f"arn:aws:redshift:us-east-1:{PRODUCER}:datashare:{NAMESPACE}/s"
CONSUMER_ARN = f"arn:aws:redshift:us-east-1:{CONSUMER}:namespace:{OTHER}"
SHARE = Datashare(
    ShareKey("k"),
    7,
    PRODUCER,
    Region("us-east-1"),
    NAMESPACE,
    DatabaseId("d"),
    "s",
    UserId(100),
    datetime(2026, 1, 1, tzinfo=UTC),
)


@pytest.mark.parametrize(
    ("operation", "account", "parameters", "share", "log", "consumer"),
    [
        ("AuthorizeDataShare", PRODUCER, {"i": CONSUMER}, SHARE, NAMESPACE, (CONSUMER, None)),
        ("AuthorizeDataShare", PRODUCER, {"i": CONSUMER}, None, NAMESPACE, (CONSUMER, None)),
        ("DeauthorizeDataShare", PRODUCER, {"i": "ADX"}, SHARE, NAMESPACE, ("ADX", None)),
        (
            "AuthorizeDataShare",
            PRODUCER,
            {"i": f"DataCatalog/{CONSUMER}"},
            SHARE,
            NAMESPACE,
            (CONSUMER, None),
        ),
        ("AuthorizeDataShare", CONSUMER, {"i": CONSUMER}, None, None, (CONSUMER, None)),
        ("AuthorizeDataShare", PRODUCER, {"i": "nobody"}, None, NAMESPACE, ("nobody", None)),
        (
            "AssociateDataShareConsumer",
            CONSUMER,
            {"consumerArn": CONSUMER_ARN},
            SHARE,
            OTHER,
            (CONSUMER, OTHER),
        ),
        (
            "AssociateDataShareConsumer",
            CONSUMER,
            {"consumerRegion": "us-east-1"},
            SHARE,
            None,
            (CONSUMER, None),
        ),
        (
            "AssociateDataShareConsumer",
            CONSUMER,
            {"consumerArn": "x"},
            None,
            None,
            (CONSUMER, None),
        ),
        ("RejectDataShare", CONSUMER, {}, SHARE, None, (CONSUMER, None)),
    ],
)
def test_a_call_is_in_its_callers_logs(
    operation: str,
    account: AccountId,
    parameters: dict[str, str],
    share: Datashare | None,
    log: str | None,
    consumer: tuple[str | None, str | None],
) -> None:
    """The producer's calls in the share's namespace, a consumer's in the one it names or all."""
    given = {"dataShareArn": ARN, **parameters}
    if "i" in parameters:
        given["consumerIdentifier"] = given.pop("i")
    change = of_call(operation, account, given, share)
    assert (change.namespace, change.producer_namespace, change.share_name) == (log, NAMESPACE, "s")
    part = change.parts[0]
    assert (part.action, part.consumer_account, part.consumer_namespace) == (operation, *consumer)
    # Only the producer knows the share's id.
    expected = 7 if share is not None and account == PRODUCER else None
    assert change.share_id == expected


def test_an_attribute_says_what_else_was_asked() -> None:
    """A failed call's parameters are spelled as the API spells them."""
    given = {"DataShareArn": "nonsense", "AllowWrites": False, "AssociateEntireAccount": True}
    change = of_call("AssociateDataShareConsumer", CONSUMER, given)
    assert (change.parts[0].attribute, change.parts[0].value) == ("associateEntireAccount", "true")
    assert (change.namespace, change.share_name, change.producer_namespace) == (None, None, None)
