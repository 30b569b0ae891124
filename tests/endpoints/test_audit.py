"""What the audit shows of parameters and answers, and of which operations it keeps anything."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from redshare.endpoints.audit import MAX_ELEMENTS, document, is_audited
from redshare.wire.aws.model import load_service

REDSHIFT = load_service("redshift")
HIDDEN = "HIDDEN_DUE_TO_SECURITY_REASONS"

SHOWN: list[tuple[str, str, str, dict[str, Any], dict[str, Any]]] = [
    (
        "redshift",
        "CreateCluster",
        "input",
        {"DBName": "dev", "MasterUserPassword": "Secret1x", "Tags": [{"Key": "K", "Value": "V"}]},
        {"dBName": "dev", "masterUserPassword": "****", "tags": [{"key": "K", "value": "V"}]},
    ),
    (
        "redshift",
        "GetClusterCredentials",
        "output",
        {"DbUser": "IAM:u", "DbPassword": "s", "Expiration": datetime(2026, 1, 2, 3, tzinfo=UTC)},
        {"dbUser": "IAM:u", "dbPassword": "****", "expiration": "2026-01-02T03:00:00.000Z"},
    ),
    (
        "redshift-serverless",
        "CreateNamespace",
        "input",
        {"namespaceName": "n", "adminUsername": "a", "adminUserPassword": "s", "kmsKeyId": None},
        {"namespaceName": "n", "adminUsername": HIDDEN, "adminUserPassword": HIDDEN},
    ),
    (
        "redshift-data",
        "BatchExecuteStatement",
        "input",
        {"Sqls": ["SELECT 's'"], "Database": "dev"},
        {"sqls": "***OMITTED***", "database": "dev"},
    ),
    (
        "sts",
        "AssumeRole",
        "output",
        {"Credentials": {"AccessKeyId": "A", "SecretAccessKey": "s", "SessionToken": "s"}},
        {
            "credentials": {
                "accessKeyId": "A",
                "secretAccessKey": HIDDEN,
                "sessionToken": HIDDEN,
            }
        },
    ),
]


@pytest.mark.parametrize(("service", "operation", "side", "value", "expected"), SHOWN)
def test_what_is_shown(
    service: str, operation: str, side: str, value: dict[str, Any], expected: dict[str, Any]
) -> None:
    """Names in lower camel case, times as text, secrets hidden, what was not given left out."""
    loaded = load_service(service)
    shape = getattr(loaded.operations[operation], f"{side}_shape")
    assert expected == document(loaded, shape, value)


def test_too_much_is_not_shown() -> None:
    """Nothing is shown of what is too long, or where there is nothing."""
    shape = REDSHIFT.operations["CreateTags"].input_shape
    assert document(REDSHIFT, shape, {"ResourceName": "x" * MAX_ELEMENTS}) is None
    assert document(REDSHIFT, shape, {}) is None
    assert document(REDSHIFT, REDSHIFT.operations["CreateTags"].output_shape, {}) is None


def test_what_is_audited() -> None:
    """All that changes something and what hands out credentials, no other reading."""
    kept = {
        *("CreateCluster", "ModifyCluster", "RejectDataShare", "PutResourcePolicy", "PauseCluster"),
        *("GetClusterCredentials", "GetClusterCredentialsWithIAM", "GetCredentials"),
        *("ExecuteStatement", "AssumeRole", "CreateAccessKey"),
    }
    silent = {"DescribeClusters", "ListNamespaces", "GetNamespace", "GetCallerIdentity"}
    assert {name for name in kept | silent if is_audited(name)} == kept
