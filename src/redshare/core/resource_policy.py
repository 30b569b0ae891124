"""Resource policies: what an account says of who else may use one of its namespaces.

https://docs.aws.amazon.com/redshift/latest/APIReference/API_PutResourcePolicy.html
"""

from __future__ import annotations

from dataclasses import dataclass

from redshare.core.ids import AccountId


@dataclass(frozen=True, slots=True)
class ResourcePolicy:
    """The text as it was given."""

    resource_arn: str
    account: AccountId
    policy: str
    version: int = 0
