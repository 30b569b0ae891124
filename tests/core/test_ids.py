"""Identifiers and ARNs: lenient reading, canonical printing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redshare.core.consumer import (
    AccountConsumer,
    AdxConsumer,
    Consumer,
    DataCatalogConsumer,
    NamespaceConsumer,
    consumer_account,
    parse_consumer,
)
from redshare.core.ids import (
    AccountId,
    DataShareArn,
    GlueCatalogArn,
    GlueDatabaseArn,
    MalformedId,
    NamespaceArn,
    NamespaceId,
    NamespaceKind,
    Region,
    account_id,
    namespace_id,
    region_name,
)

GUID = "13b8833d-17c6-4f16-8fe4-1a018f5ed00d"
ACCOUNT = "111122223333"

accounts = st.from_regex(r"[0-9]{12}", fullmatch=True).map(AccountId)
guids = st.uuids().map(str).map(NamespaceId)
regions = st.sampled_from(["us-east-1", "eu-central-2", "us-gov-west-1", "ap-southeast-12"]).map(
    Region
)
partitions = st.sampled_from(["aws", "aws-cn", "aws-us-gov", "aws-iso-b"])
names = st.text(min_size=1)


@given(st.builds(DataShareArn, regions, accounts, guids, names, partitions))
def test_a_datashare_arn_comes_back(arn: DataShareArn) -> None:
    """Reading what was printed gives the same ARN, whatever the share's name."""
    assert arn == DataShareArn.parse(str(arn))


@given(
    st.builds(NamespaceArn, st.sampled_from(NamespaceKind), regions, accounts, guids, partitions)
)
def test_a_namespace_arn_comes_back(arn: NamespaceArn) -> None:
    """Reading what was printed gives the same ARN, of both kinds."""
    assert arn == NamespaceArn.parse(str(arn))


@given(st.builds(GlueCatalogArn, regions, accounts, partitions))
def test_a_catalog_arn_comes_back(arn: GlueCatalogArn) -> None:
    """Reading what was printed gives the same ARN."""
    assert arn == GlueCatalogArn.parse(str(arn))


@given(st.builds(GlueDatabaseArn, regions, accounts, st.text(min_size=1), partitions))
def test_a_catalog_databases_arn_comes_back(arn: GlueDatabaseArn) -> None:
    """Reading what was printed gives the same ARN, whatever the name."""
    assert arn == GlueDatabaseArn.parse(str(arn))


@pytest.mark.parametrize("name", ["salesshare", "the-data-share", "a/b:c", "Ünï"])
def test_a_datashare_arn_has_a_colon_and_a_slash(name: str) -> None:
    """The GUID stands after a colon, the name after a slash, raw."""
    text = f"arn:aws:redshift:us-east-1:{ACCOUNT}:datashare:{GUID}/{name}"
    assert text == str(DataShareArn.parse(text))
    assert name == DataShareArn.parse(text).name


@pytest.mark.parametrize(
    ("read", "printed"),
    [
        (
            "redshift:us-east-1:111122223333:namespace:",
            "redshift:us-east-1:111122223333:namespace:",
        ),
        (
            "redshift:us-east-1:111122223333:namespace/",
            "redshift:us-east-1:111122223333:namespace:",
        ),
        (
            "redshift-serverless:us-east-1:111122223333:namespace/",
            "redshift-serverless:us-east-1:111122223333:namespace/",
        ),
        (
            "redshift-serverless:us-east-1:111122223333:namespace:",
            "redshift-serverless:us-east-1:111122223333:namespace/",
        ),
    ],
)
@pytest.mark.parametrize("guid", [GUID, GUID.upper()])
def test_a_namespace_arn_is_read_leniently(read: str, printed: str, guid: str) -> None:
    """Either separator and any letter case is read; each service's own form is printed."""
    assert f"arn:aws:{printed}{GUID}" == str(NamespaceArn.parse(f"arn:aws:{read}{guid}"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "arn",
        "datashare",
        f"arn:aws:redshift:us-east-1:{ACCOUNT}",
        f"urn:aws:redshift:us-east-1:{ACCOUNT}:datashare:{GUID}/s",
        f"arn:gcp:redshift:us-east-1:{ACCOUNT}:datashare:{GUID}/s",
        f"arn::redshift:us-east-1:{ACCOUNT}:datashare:{GUID}/s",
        f"arn:aws:s3:us-east-1:{ACCOUNT}:datashare:{GUID}/s",
        f"arn:aws:redshift-serverless:us-east-1:{ACCOUNT}:datashare:{GUID}/s",
        f"arn:aws:redshift:us-east-1:{ACCOUNT}:cluster:{GUID}/s",
        f"arn:aws:redshift:us-east-1:{ACCOUNT}:datashare/{GUID}/s",
        f"arn:aws:redshift:us-east-1:{ACCOUNT}:datashare:{GUID}",
        f"arn:aws:redshift:us-east-1:{ACCOUNT}:datashare:{GUID}/",
        f"arn:aws:redshift:us-east-1:{ACCOUNT}:datashare:{GUID}x/s",
        f"arn:aws:redshift:us-east-1:{ACCOUNT}:datashare:/s",
        f"arn:aws:redshift::{ACCOUNT}:datashare:{GUID}/s",
        f"arn:aws:redshift:moon:{ACCOUNT}:datashare:{GUID}/s",
        f"arn:aws:redshift:us-east-1:1234:datashare:{GUID}/s",
        f"arn:aws:redshift:us-east-1:{ACCOUNT}\n:datashare:{GUID}/s",
        f"arn:aws:redshift:us-east-1:١١١١٢٢٢٢٣٣٣٣:datashare:{GUID}/s",
    ],
)
def test_what_is_no_datashare_arn_is_malformed(text: str) -> None:
    """Any other text is refused by name."""
    with pytest.raises(MalformedId):
        DataShareArn.parse(text)


@pytest.mark.parametrize(
    "text",
    [
        f"arn:aws:redshift:us-east-1:{ACCOUNT}:namespace",
        f"arn:aws:redshift:us-east-1:{ACCOUNT}:namespace:",
        f"arn:aws:redshift:us-east-1:{ACCOUNT}:namespace-{GUID}",
        f"arn:aws:redshift:us-east-1:{ACCOUNT}:namespace:{GUID}/x",
        f"arn:aws:redshift-data:us-east-1:{ACCOUNT}:namespace:{GUID}",
        f"arn:aws:redshift::{ACCOUNT}:namespace:{GUID}",
        f"arn:aws:redshift:us-east-1::namespace:{GUID}",
        f"arn:aws:redshift-serverless:us-east-1:{ACCOUNT}:workgroup/{GUID}",
    ],
)
def test_what_is_no_namespace_arn_is_malformed(text: str) -> None:
    """Any other text is refused by name."""
    with pytest.raises(MalformedId):
        NamespaceArn.parse(text)


@pytest.mark.parametrize(
    "text",
    [
        f"arn:aws:glue:us-east-1:{ACCOUNT}:database",
        f"arn:aws:redshift:us-east-1:{ACCOUNT}:catalog",
        f"arn:aws:glue::{ACCOUNT}:catalog",
        "arn:aws:glue:us-east-1:1:catalog",
    ],
)
def test_what_is_no_catalog_arn_is_malformed(text: str) -> None:
    """Any other text is refused by name."""
    with pytest.raises(MalformedId):
        GlueCatalogArn.parse(text)


@pytest.mark.parametrize(
    "text",
    [
        f"arn:aws:glue:us-east-1:{ACCOUNT}:database/",
        f"arn:aws:glue:us-east-1:{ACCOUNT}:catalog",
        f"arn:aws:glue::{ACCOUNT}:database/d",
        f"arn:aws:redshift:us-east-1:{ACCOUNT}:database/d",
        "arn:aws:glue:us-east-1:1:database/d",
    ],
)
def test_what_is_no_catalog_databases_arn_is_malformed(text: str) -> None:
    """Any other text is refused by name."""
    with pytest.raises(MalformedId):
        GlueDatabaseArn.parse(text)


def test_plain_ids() -> None:
    """Account ids, GUIDs and Regions are checked and folded."""
    assert account_id(ACCOUNT) == ACCOUNT
    assert namespace_id(f" {GUID.upper()} ") == GUID
    assert region_name("us-gov-west-1") == "us-gov-west-1"
    for wrong in ("1", "a" * 12, f"{ACCOUNT}\n"):
        with pytest.raises(MalformedId):
            account_id(wrong)
    for wrong in ("", GUID[1:], GUID.replace("-", "")):
        with pytest.raises(MalformedId):
            namespace_id(wrong)
    for wrong in ("", "us", "US-EAST-1", "us-east-1a"):
        with pytest.raises(MalformedId):
            region_name(wrong)


CONSUMERS: list[tuple[str, Consumer, str | None]] = [
    (ACCOUNT, AccountConsumer(AccountId(ACCOUNT)), ACCOUNT),
    (f"DataCatalog/{ACCOUNT}", DataCatalogConsumer(AccountId(ACCOUNT)), ACCOUNT),
    ("ADX", AdxConsumer(), None),
    (f"namespace/{GUID}", NamespaceConsumer(NamespaceId(GUID)), None),
]


@pytest.mark.parametrize(("text", "consumer", "account"), CONSUMERS)
def test_each_consumer_is_read_and_printed(
    text: str, consumer: Consumer, account: str | None
) -> None:
    """A consumer's text is its stored form; its account answers for it."""
    assert consumer == parse_consumer(text)
    assert text == str(consumer)
    assert account == consumer_account(consumer)


def test_a_consumer_may_be_a_namespace_arn() -> None:
    """A namespace ARN of either service names a consumer."""
    for text in ("redshift:us-east-1:1:namespace:", "redshift-serverless:us-east-1:1:namespace/"):
        arn = f"arn:aws:{text.replace(':1:', f':{ACCOUNT}:')}{GUID}"
        assert NamespaceConsumer(NamespaceId(GUID)) == parse_consumer(arn)


@pytest.mark.parametrize(
    "text", ["", "adx", "123", "DataCatalog/", "DataCatalog/1", "namespace/", "arn:aws:s3:::x"]
)
def test_what_is_no_consumer_is_malformed(text: str) -> None:
    """Any other text is refused."""
    with pytest.raises(MalformedId):
        parse_consumer(text)
