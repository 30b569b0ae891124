"""The handshake as boto3 and psycopg see it (acceptance scenarios 8 to 19, 46, 50)."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from botocore.exceptions import ClientError

from tests.node.conftest import Connect
from tests.node.running import CONSUMER, PRODUCER, REGION, STRANGER, RunningNode

pytestmark = pytest.mark.server

NOT_ACCESSIBLE = "The requested data share doesn't exist or is not accessible."


class Share:
    """A share with one table of three rows, granted to the consumer's account."""

    def __init__(self, node: RunningNode, name: str, producer: psycopg.Connection[Any]) -> None:
        self.node, self.name, self.producer = node, name, producer
        self.arn = node.share_arn(name)
        self.schema = f"s_{name}"
        for sql in (
            f"CREATE SCHEMA {self.schema}",
            f"CREATE TABLE {self.schema}.t (i integer, words varchar(20))",
            f"INSERT INTO {self.schema}.t VALUES (1, 'a'), (2, 'b'), (3, 'c')",
            f"CREATE DATASHARE {name}",
            f"ALTER DATASHARE {name} ADD SCHEMA {self.schema}",
            f"ALTER DATASHARE {name} ADD TABLE {self.schema}.t",
        ):
            producer.execute(sql)

    def grant(self, account: str = CONSUMER) -> None:
        self.producer.execute(f"GRANT USAGE ON DATASHARE {self.name} TO ACCOUNT '{account}'")

    def authorize(self, **extra: Any) -> dict[str, Any]:
        return self.node.client().authorize_data_share(
            DataShareArn=self.arn, ConsumerIdentifier=CONSUMER, **extra
        )

    def deauthorize(self) -> dict[str, Any]:
        return self.node.client().deauthorize_data_share(
            DataShareArn=self.arn, ConsumerIdentifier=CONSUMER
        )

    def associate(self, namespace: str = "analytics", **extra: Any) -> dict[str, Any]:
        return self.node.client(CONSUMER).associate_data_share_consumer(
            DataShareArn=self.arn, ConsumerArn=self.node.namespace_arn(namespace), **extra
        )

    def disassociate(self, namespace: str = "analytics") -> dict[str, Any]:
        return self.node.client(CONSUMER).disassociate_data_share_consumer(
            DataShareArn=self.arn, ConsumerArn=self.node.namespace_arn(namespace)
        )

    def create_database(self, consumer: psycopg.Connection[Any]) -> None:
        consumer.execute(
            f"CREATE DATABASE d_{self.name} FROM DATASHARE {self.name} "
            f"OF ACCOUNT '{PRODUCER}' NAMESPACE '{self.node.guid('sales')}'"
        )

    def count(self, consumer: psycopg.Connection[Any]) -> int:
        row = consumer.execute(f"SELECT count(*) FROM d_{self.name}.{self.schema}.t").fetchone()
        assert row is not None
        return int(row[0])

    def statuses(self, account: str) -> list[tuple[str, str]]:
        """(ConsumerIdentifier, Status) as the account sees them; [] where it sees nothing."""
        try:
            found = self.node.client(account).describe_data_shares(DataShareArn=self.arn)
        except ClientError as error:
            assert error.response["Error"]["Code"] == "InvalidDataShareFault"
            return []
        assert len(found["DataShares"]) == 1
        entries = found["DataShares"][0]["DataShareAssociations"]
        return [(e["ConsumerIdentifier"], e["Status"]) for e in entries]


@pytest.fixture
def share(node: RunningNode, name: str, connect: Connect) -> Share:
    return Share(node, name, connect("sales"))


def _code(raised: pytest.ExceptionInfo[ClientError]) -> str:
    return str(raised.value.response["Error"]["Code"])


@pytest.mark.scenario(8, 9)
def test_every_status_is_seen_from_the_side_that_sees_it(
    node: RunningNode, share: Share, connect: Connect
) -> None:
    """PENDING, AUTHORIZED, AVAILABLE, ACTIVE, DEAUTHORIZED, REJECTED, each on its side."""
    consumer = connect("analytics")
    analytics = node.namespace_arn("analytics")

    assert share.statuses(PRODUCER) == []
    share.grant()
    assert share.statuses(PRODUCER) == [(CONSUMER, "PENDING_AUTHORIZATION")]
    assert share.statuses(CONSUMER) == []
    share.authorize()
    assert share.statuses(PRODUCER) == [(CONSUMER, "AUTHORIZED")]
    assert share.statuses(CONSUMER) == [(CONSUMER, "AVAILABLE")]
    with pytest.raises(psycopg.Error, match="not accessible"):
        share.create_database(consumer)
    share.associate()
    assert share.statuses(PRODUCER) == [(CONSUMER, "ACTIVE")]
    assert (analytics, "ACTIVE") in share.statuses(CONSUMER)
    share.create_database(consumer)
    assert share.count(consumer) == 3
    share.deauthorize()
    assert share.statuses(PRODUCER) == [(CONSUMER, "DEAUTHORIZED")]
    assert share.statuses(CONSUMER) == []
    share.authorize()
    rejected = node.client(CONSUMER).reject_data_share(DataShareArn=share.arn)
    assert [e["Status"] for e in rejected["DataShareAssociations"]] == ["REJECTED"]
    assert share.statuses(PRODUCER) == [(CONSUMER, "REJECTED")]
    assert share.statuses(CONSUMER) == []


def test_authorize_answers_with_every_field(node: RunningNode, share: Share) -> None:
    """AuthorizeDataShare with AllowWrites tells all that applies."""
    share.grant()
    answer = share.authorize(AllowWrites=True)
    assert answer["DataShareArn"] == share.arn
    assert answer["ProducerArn"] == node.namespace_arn("sales")
    assert answer["AllowPubliclyAccessibleConsumers"] is False
    (entry,) = answer["DataShareAssociations"]
    assert entry["ConsumerIdentifier"] == CONSUMER
    assert entry["Status"] == "AUTHORIZED"
    assert entry["ProducerAllowedWrites"] is True
    assert entry["CreatedDate"] <= entry["StatusChangeDate"]
    assert entry["CreatedDate"].tzinfo is not None
    assert "ConsumerAcceptedWrites" not in entry
    assert "ManagedBy" not in answer


@pytest.mark.scenario(10)
def test_authorize_needs_the_grant(node: RunningNode, share: Share) -> None:
    """Before the GRANT there is nothing to authorize: boto3's own InvalidDataShareFault."""
    client = node.client()
    with pytest.raises(client.exceptions.InvalidDataShareFault):
        client.authorize_data_share(DataShareArn=share.arn, ConsumerIdentifier=CONSUMER)


@pytest.mark.scenario(11)
def test_unknown_arn(node: RunningNode) -> None:
    """An ARN that names nothing is told in the words Terraform looks for."""
    client = node.client()
    arn = node.share_arn("nothing")
    for call in (
        lambda: client.describe_data_shares(DataShareArn=arn),
        lambda: client.deauthorize_data_share(DataShareArn=arn, ConsumerIdentifier=CONSUMER),
        lambda: client.authorize_data_share(DataShareArn=arn, ConsumerIdentifier=CONSUMER),
    ):
        with pytest.raises(client.exceptions.InvalidDataShareFault) as raised:
            call()
        assert "because the ARN doesn't exist." in str(raised.value)


@pytest.mark.scenario(12)
def test_deauthorize_twice(share: Share, connect: Connect) -> None:
    """Access stops with the first; the second says that it had stopped."""
    consumer = connect("analytics")
    share.grant()
    share.authorize()
    share.associate()
    share.create_database(consumer)
    share.deauthorize()
    with pytest.raises(psycopg.Error) as refused:
        share.count(consumer)
    assert refused.value.diag.message_primary == NOT_ACCESSIBLE
    with pytest.raises(ClientError, match="already removed authorization from the data share"):
        share.deauthorize()


@pytest.mark.scenario(13)
def test_reauthorize_revives_the_same_share(share: Share, connect: Connect) -> None:
    """After authorizing and associating again, the old database works."""
    consumer = connect("analytics")
    share.grant()
    share.authorize()
    share.associate()
    share.create_database(consumer)
    share.deauthorize()
    share.authorize()
    assert share.statuses(CONSUMER) == [(CONSUMER, "AVAILABLE")]
    share.associate()
    assert share.count(consumer) == 3


@pytest.mark.scenario(14)
def test_disassociate_one_namespace_then_the_other(share: Share, connect: Connect) -> None:
    """Each namespace loses access at its own step; the last makes it AUTHORIZED again."""
    first, second = connect("analytics"), connect("science")
    share.grant()
    share.authorize()
    for namespace, consumer in (("analytics", first), ("science", second)):
        share.associate(namespace)
        share.create_database(consumer)
    share.disassociate("analytics")
    assert share.statuses(PRODUCER) == [(CONSUMER, "ACTIVE")]
    with pytest.raises(psycopg.Error, match="not accessible"):
        share.count(first)
    assert share.count(second) == 3
    share.disassociate("science")
    assert share.statuses(PRODUCER) == [(CONSUMER, "AUTHORIZED")]
    assert share.statuses(CONSUMER) == [(CONSUMER, "AVAILABLE")]
    with pytest.raises(psycopg.Error, match="not accessible"):
        share.count(second)


@pytest.mark.scenario(15)
def test_disassociate_what_never_was(share: Share) -> None:
    """A consumer that was not associated is told so."""
    share.grant()
    share.authorize()
    with pytest.raises(ClientError, match="either doesn't exist or isn't associated") as raised:
        share.disassociate()
    assert _code(raised) == "InvalidDataShareFault"


@pytest.mark.scenario(16)
def test_reject_ends_access_and_may_be_authorized_again(
    node: RunningNode, share: Share, connect: Connect
) -> None:
    """The consumer's refusal hides the share from it; the producer sees REJECTED."""
    consumer = connect("analytics")
    share.grant()
    share.authorize()
    share.associate()
    share.create_database(consumer)
    node.client(CONSUMER).reject_data_share(DataShareArn=share.arn)
    with pytest.raises(psycopg.Error, match="not accessible"):
        share.count(consumer)
    mine = node.client(CONSUMER).describe_data_shares_for_consumer()["DataShares"]
    assert share.arn not in [s["DataShareArn"] for s in mine]
    theirs = node.client().describe_data_shares_for_producer(Status="REJECTED")["DataShares"]
    assert share.arn in [s["DataShareArn"] for s in theirs]
    share.authorize()
    assert share.statuses(CONSUMER) == [(CONSUMER, "AVAILABLE")]


@pytest.mark.scenario(18)
@pytest.mark.parametrize(
    ("selector", "code"),
    [
        ({}, "InvalidParameterCombination"),
        ({"AssociateEntireAccount": False}, "InvalidParameterCombination"),
        ({"AssociateEntireAccount": True, "ConsumerRegion": REGION}, "InvalidParameterCombination"),
    ],
)
def test_exactly_one_selector(
    node: RunningNode, share: Share, selector: dict[str, Any], code: str
) -> None:
    """None or two of the three say nothing clear."""
    share.grant()
    share.authorize()
    with pytest.raises(ClientError) as raised:
        node.client(CONSUMER).associate_data_share_consumer(DataShareArn=share.arn, **selector)
    assert _code(raised) == code


@pytest.mark.scenario(18)
def test_entire_account_false_counts_as_absent(share: Share) -> None:
    """What real clients send beside a ConsumerArn."""
    share.grant()
    share.authorize()
    share.associate(AssociateEntireAccount=False)
    assert share.statuses(PRODUCER) == [(CONSUMER, "ACTIVE")]


@pytest.mark.scenario(17)
def test_scope_replacement(node: RunningNode, share: Share, connect: Connect) -> None:
    """Namespace, then entire account, then Region: one association at a time."""
    client, science = node.client(CONSUMER), connect("science")
    share.grant()
    share.authorize()
    share.associate("analytics")
    client.associate_data_share_consumer(DataShareArn=share.arn, AssociateEntireAccount=True)
    assert share.statuses(CONSUMER) == [(CONSUMER, "ACTIVE")]
    share.create_database(science)
    assert share.count(science) == 3
    client.associate_data_share_consumer(DataShareArn=share.arn, ConsumerRegion="eu-west-1")
    with pytest.raises(psycopg.Error, match="not accessible"):
        share.count(science)
    answer = client.associate_data_share_consumer(DataShareArn=share.arn, ConsumerRegion=REGION)
    regions = [e.get("ConsumerRegion") for e in answer["DataShareAssociations"]]
    assert REGION in regions
    assert share.count(science) == 3


@pytest.mark.scenario(19)
def test_own_account(node: RunningNode, share: Share) -> None:
    """GRANT TO ACCOUNT of one's own needs the same handshake, with oneself."""
    client = node.client()
    share.grant(PRODUCER)
    assert share.statuses(PRODUCER) == [(PRODUCER, "PENDING_AUTHORIZATION")]
    client.authorize_data_share(DataShareArn=share.arn, ConsumerIdentifier=PRODUCER)
    assert share.statuses(PRODUCER) == [(PRODUCER, "AUTHORIZED")]
    client.associate_data_share_consumer(DataShareArn=share.arn, AssociateEntireAccount=True)
    assert share.statuses(PRODUCER) == [(PRODUCER, "ACTIVE")]


def test_accounts_are_a_boundary(node: RunningNode, share: Share) -> None:
    """Only the producer authorizes, only a consumer it was offered to associates."""
    share.grant()
    for account in (CONSUMER, STRANGER):
        with pytest.raises(ClientError) as raised:
            node.client(account).authorize_data_share(
                DataShareArn=share.arn, ConsumerIdentifier=account
            )
        assert _code(raised) == "AccessDenied"
        assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403
    share.authorize()
    with pytest.raises(ClientError) as raised:
        node.client(STRANGER).associate_data_share_consumer(
            DataShareArn=share.arn, AssociateEntireAccount=True
        )
    assert _code(raised) == "InvalidDataShareFault"
    assert share.statuses(STRANGER) == []
    with pytest.raises(ClientError) as raised:
        node.client(CONSUMER).associate_data_share_consumer(
            DataShareArn=share.arn, ConsumerArn=node.namespace_arn("sales")
        )
    assert _code(raised) == "InvalidNamespaceFault"


@pytest.mark.scenario(46)
def test_paging(node: RunningNode, name: str, connect: Connect) -> None:
    """Seven shares and what is there, by three: a marker on all pages but the last."""
    producer = connect("finance")
    arn = node.namespace_arn("finance")
    others = {
        share["DataShareArn"]
        for share in node.client().describe_data_shares_for_producer(ProducerArn=arn)["DataShares"]
    }
    made = [f"{name}_{number}" for number in range(7)]
    for share in made:
        producer.execute(f"CREATE DATASHARE {share}")
        producer.execute(f"GRANT USAGE ON DATASHARE {share} TO ACCOUNT '{STRANGER}'")
    paginator = node.client().get_paginator("describe_data_shares_for_producer")
    pages = list(paginator.paginate(ProducerArn=arn, PaginationConfig={"PageSize": 3}))
    *full, last = pages
    assert {len(page["DataShares"]) for page in full} == {3}
    assert ["Marker" in page for page in pages] == [True] * len(full) + [False]
    found = [s["DataShareArn"] for page in pages for s in page["DataShares"]]
    assert len(last["DataShares"]) == len(found) - 3 * len(full) <= 3
    assert sorted(found) == sorted(others | {node.share_arn(share, "finance") for share in made})


@pytest.mark.scenario(50)
def test_producer_arn_follows_the_kind(node: RunningNode, share: Share) -> None:
    """A serverless producer: the share's service is redshift, the producer's is not."""
    share.grant()
    answer = node.client().describe_data_shares(DataShareArn=share.arn)["DataShares"][0]
    assert answer["DataShareArn"].startswith(f"arn:aws:redshift:{REGION}:{PRODUCER}:datashare:")
    prefix = f"arn:aws:redshift-serverless:{REGION}:{PRODUCER}:namespace/"
    assert answer["ProducerArn"].startswith(prefix)


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({"DataShareArn": "", "ConsumerIdentifier": CONSUMER}, "InvalidParameterValue"),
        ({"DataShareArn": "sales", "ConsumerIdentifier": CONSUMER}, "InvalidParameterValue"),
        (
            {"DataShareArn": "arn:aws:redshift:x", "ConsumerIdentifier": CONSUMER},
            "InvalidDataShareFault",
        ),
        ({"DataShareArn": "OWN", "ConsumerIdentifier": "12"}, "InvalidParameterValue"),
        ({"DataShareArn": "OWN", "ConsumerIdentifier": ""}, "InvalidParameterValue"),
    ],
)
def test_bad_parameters(
    node: RunningNode, share: Share, parameters: dict[str, str], code: str
) -> None:
    """What cannot be is refused by name, with 400."""
    if parameters["DataShareArn"] == "OWN":
        parameters = {**parameters, "DataShareArn": share.arn}
    with pytest.raises(ClientError) as raised:
        node.client().authorize_data_share(**parameters)
    assert _code(raised) == code
    assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert raised.value.response["ResponseMetadata"]["RequestId"]


@pytest.mark.parametrize("size", [0, -1, 101, 1_000_000_000])
def test_page_sizes_have_bounds(node: RunningNode, size: int) -> None:
    """MaxRecords is 1 to 100."""
    with pytest.raises(ClientError) as raised:
        node.client().describe_data_shares(MaxRecords=size)
    assert _code(raised) == "InvalidParameterValue"


def test_unknown_status_and_marker(node: RunningNode) -> None:
    """Enums and markers that were not given out are refused."""
    client = node.client()
    for call in (
        lambda: client.describe_data_shares_for_producer(Status="AVAILABLE"),
        lambda: client.describe_data_shares_for_consumer(Status="SLEEPING"),
        lambda: client.describe_data_shares(Marker="from elsewhere"),
    ):
        with pytest.raises(ClientError) as raised:
            call()
        assert _code(raised) == "InvalidParameterValue"


def test_unimplemented_operations_answer_in_form(node: RunningNode) -> None:
    """An operation the model knows and the product does not is boto3's UnsupportedOperation."""
    client = node.client()
    with pytest.raises(client.exceptions.UnsupportedOperationFault):
        client.create_snapshot_schedule(ScheduleIdentifier="nightly")
    assert node.client(PRODUCER, "sts").get_caller_identity()["Account"] == PRODUCER
