"""Policies that every account has from AWS: those that users of Redshift attach first.

They are written for what is served here; AWS's own of these names allow more services.
https://docs.aws.amazon.com/redshift/latest/mgmt/redshift-iam-access-control-identity-based.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from redshare.core.iam.identity import ManagedPolicy, PolicyVersion
from redshare.core.ids import AccountId

#: What stands in their ARNs in place of an account.
AWS: Final = AccountId("aws")
PREFIX: Final = f"arn:aws:iam::{AWS}:policy/"
#: No policy of AWS is older.
_MADE: Final = datetime(2015, 2, 6, tzinfo=UTC)

_ACTIONS: Final = {
    "AdministratorAccess": ["*"],
    "IAMFullAccess": ["iam:*"],
    "AmazonRedshiftFullAccess": ["redshift:*", "redshift-serverless:*"],
    "AmazonRedshiftReadOnlyAccess": ["redshift:Describe*", "redshift:ViewQueriesInConsole"],
    "AmazonRedshiftDataFullAccess": [
        "redshift-data:*",
        "redshift:GetClusterCredentials",
        "redshift-serverless:GetCredentials",
    ],
}


def _policy(name: str, actions: list[str]) -> ManagedPolicy:
    statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
    text = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    return ManagedPolicy(
        f"ANPA{name.upper():.17}", AWS, name, _MADE, _MADE, (PolicyVersion(1, text, _MADE),)
    )


_POLICIES: Final = [_policy(name, actions) for name, actions in _ACTIONS.items()]

#: By ARN.
AWS_MANAGED: Final[Mapping[str, ManagedPolicy]] = {policy.arn: policy for policy in _POLICIES}
