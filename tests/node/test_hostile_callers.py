"""Markers and credentials that are not, or no longer, what their sender needs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.node.conftest import Connect
from tests.node.identities import Speaker, allow, trusting, user
from tests.node.running import CONSUMER, PRODUCER, RunningNode

pytestmark = pytest.mark.server

INVALID = {"InvalidParameterValue", "ValidationError", "ValidationException"}
#: Operations that list, with the parameter of their markers.
LISTINGS = {
    ("redshift", "Marker"): (
        "describe_data_shares",
        "describe_data_shares_for_producer",
        "describe_data_shares_for_consumer",
        "describe_clusters",
        "describe_cluster_parameter_groups",
        "describe_cluster_snapshots",
        "describe_cluster_subnet_groups",
        "describe_events",
        "describe_tags",
        "describe_usage_limits",
    ),
    ("iam", "Marker"): ("list_users", "list_roles", "list_policies"),
    ("redshift-serverless", "nextToken"): (
        "list_namespaces",
        "list_snapshots",
        "list_usage_limits",
        "list_workgroups",
    ),
    ("redshift-data", "NextToken"): ("list_statements",),
}


def refused(call: Callable[..., object], **parameters: Any) -> str:
    """The code of the error."""
    with pytest.raises(ClientError) as caught:
        call(**parameters)
    return str(caught.value.response["Error"]["Code"])


def listings(
    node: RunningNode, account: str, marker: str
) -> Iterator[tuple[str, Callable[[], object]]]:
    """The listings of all services, each asked to go on behind the marker."""
    for (service, parameter), operations in LISTINGS.items():
        client = node.client(account, service, parameter_validation=False)
        for operation in operations:
            yield operation, partial(getattr(client, operation), **{parameter: marker})


def test_foreign_markers(node: RunningNode, connect: Connect, name: str) -> None:
    """A marker of another account or another listing, cut or turned, is refused everywhere."""
    producer = connect("sales")
    for number in range(2):
        producer.execute(f"CREATE DATASHARE {name}{number}")
        producer.execute(f"GRANT USAGE ON DATASHARE {name}{number} TO ACCOUNT '{CONSUMER}'")
    client = node.client()
    marker = client.describe_data_shares(MaxRecords=1)["Marker"]
    assert client.describe_data_shares(Marker=marker)["DataShares"]
    for account in (PRODUCER, CONSUMER):
        for operation, call in listings(node, account, marker):
            if (account, operation) != (PRODUCER, "describe_data_shares"):
                assert refused(call) in INVALID, operation
        for wrong in (marker[:-4], marker[1:], marker[::-1], "\u00e9", "[" * 900, "AAAA"):
            for operation, call in listings(node, account, wrong):
                assert refused(call) in INVALID, operation
    for number in range(2):
        producer.execute(f"DROP DATASHARE {name}{number}")


def test_a_key_switched_off_between_calls(node: RunningNode, name: str) -> None:
    """Its next call is refused, by every service; switched on it works; deleted it does not."""
    ana = user(node, name, allow("*"))
    iam, key = node.client(service="iam"), ana.credentials[0]
    assert ana("redshift").describe_clusters()
    iam.update_access_key(UserName=name, AccessKeyId=key, Status="Inactive")
    for service, call, code in (
        ("redshift", "describe_clusters", "InvalidClientTokenId"),
        ("iam", "list_users", "InvalidClientTokenId"),
        ("sts", "get_caller_identity", "InvalidClientTokenId"),
        ("redshift-serverless", "list_namespaces", "UnrecognizedClientException"),
        ("redshift-data", "list_statements", "UnrecognizedClientException"),
    ):
        assert refused(getattr(ana(service), call)) == code
    iam.update_access_key(UserName=name, AccessKeyId=key, Status="Active")
    assert ana("redshift").describe_clusters()
    iam.delete_access_key(UserName=name, AccessKeyId=key)
    assert refused(ana("redshift").describe_clusters) == "InvalidClientTokenId"


def test_spoilt_session_tokens(node: RunningNode, name: str) -> None:
    """A session's token that is cut, changed, invented or left out is no credential."""
    ana = user(node, f"{name}u", allow("*"))
    role = node.client(service="iam").create_role(
        RoleName=f"{name}r", AssumeRolePolicyDocument=trusting(PRODUCER)
    )["Role"]["Arn"]
    given = ana("sts").assume_role(RoleArn=role, RoleSessionName="one")["Credentials"]
    key, secret, token = (
        given[part] for part in ("AccessKeyId", "SecretAccessKey", "SessionToken")
    )
    assert Speaker(node, key, secret, token).arn.endswith(f"assumed-role/{name}r/one")
    turned = [token[:at] + chr(ord(token[at]) ^ 1) + token[at + 1 :] for at in (0, 40, -40)]
    for wrong in (token[:-4], token[1:], *turned, "x", "A" * 20_000, None):
        spoilt = Speaker(node, key, secret, wrong)
        assert refused(spoilt("sts").get_caller_identity) == "InvalidClientTokenId"
        assert refused(spoilt("redshift-data").list_statements) == "UnrecognizedClientException"
