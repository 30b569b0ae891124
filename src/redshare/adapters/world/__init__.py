"""A world read from and made in a running system, through AWS's own API alone: any system that
answers it, a Redshare or an AWS account.
"""

from __future__ import annotations

from redshare.adapters.world.account import AwsAccount, file_accounts, profile_account
from redshare.adapters.world.apply import apply_contents
from redshare.adapters.world.read import read_system

__all__ = [
    "AwsAccount",
    "apply_contents",
    "file_accounts",
    "profile_account",
    "read_system",
]
