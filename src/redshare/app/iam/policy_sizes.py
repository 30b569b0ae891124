"""Quotas of policies, counted as AWS counts them: in characters that are no white space.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""

from __future__ import annotations

from redshare.core.iam.errors import QuotaExceeded


def check_size(text: str, most: int, message: str) -> None:
    """Raises QuotaExceeded."""
    if size(text) > most:
        raise QuotaExceeded(message)


def size(text: str) -> int:
    """Characters but for white space."""
    return sum(not character.isspace() for character in text)
