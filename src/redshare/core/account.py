"""Accounts and their access keys."""

from __future__ import annotations

from dataclasses import dataclass

from redshare.core.ids import AccountId


@dataclass(frozen=True, slots=True)
class Account:
    """An AWS account of this installation: a security boundary."""

    account_id: AccountId
    alias: str = ""
    version: int = 0


@dataclass(frozen=True, slots=True)
class AccessKey:
    """A key of the account's administrator; the secret is sealed under the node's master key."""

    access_key_id: str
    account_id: AccountId
    sealed_secret: bytes
    active: bool = True
    version: int = 0

    @property
    def principal_arn(self) -> str:
        """The principal the key speaks for."""
        return f"arn:aws:iam::{self.account_id}:root"
