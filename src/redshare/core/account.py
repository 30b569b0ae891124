"""Accounts and their access keys."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from redshare.core.ids import AccountId


@dataclass(frozen=True, slots=True)
class Account:
    """An AWS account of this installation: a security boundary."""

    account_id: AccountId
    alias: str = ""
    version: int = 0


@dataclass(frozen=True, slots=True)
class AccessKey:
    """A key of an IAM user, or with no user of the account's administrator, its root.

    The secret is sealed under the node's master key.
    """

    access_key_id: str
    account_id: AccountId
    sealed_secret: bytes
    active: bool = True
    version: int = 0
    user_id: str = ""
    created: datetime | None = None
