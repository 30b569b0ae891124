"""Policies that every account has from AWS: those that users of Redshift attach first."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

#: Their ARNs have no account.
PREFIX: Final = "arn:aws:iam::aws:policy/"

_DATA = "redshift-data"


def _text(*actions: str) -> str:
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


#: ARN -> text
AWS_MANAGED: Final[Mapping[str, str]] = {
    f"{PREFIX}AdministratorAccess": _text("*"),
    f"{PREFIX}IAMFullAccess": _text("iam:*"),
    f"{PREFIX}AmazonRedshiftFullAccess": _text("redshift:*", "redshift-serverless:*"),
    f"{PREFIX}AmazonRedshiftReadOnlyAccess": _text(
        *(f"redshift:{verb}" for verb in ("Describe*", "ViewQueriesInConsole"))
    ),
    f"{PREFIX}AmazonRedshiftDataFullAccess": _text(
        f"{_DATA}:*", "redshift:GetClusterCredentials", "redshift-serverless:GetCredentials"
    ),
}
