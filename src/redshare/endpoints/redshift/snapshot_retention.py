"""The days that a request may say snapshots are kept.

https://docs.aws.amazon.com/redshift/latest/APIReference/API_ModifyClusterSnapshot.html
"""

from __future__ import annotations

from typing import Final

from redshare.core.aws_errors import LimitExceeded
from redshare.core.snapshot import INDEFINITE

MAX_RETENTION: Final = 3653
#: Of automated snapshots; 0 days: none are taken.
MAX_AUTOMATED_RETENTION: Final = 35
#: How an error names a retention period that no snapshot can have.
RETENTION: Final = "RetentionPeriod"


def retention(days: int | None, default: int = INDEFINITE) -> int:
    """Of a manual snapshot: days, or for ever. Raises LimitExceeded."""
    if days is None:
        return default
    if days != INDEFINITE and not 1 <= days <= MAX_RETENTION:
        raise LimitExceeded(
            RETENTION, f"The retention period must be -1 or between 1 and {MAX_RETENTION}."
        )
    return days


def check_automated_retention(days: int | None) -> None:
    """Raises LimitExceeded."""
    if days is not None and not 0 <= days <= MAX_AUTOMATED_RETENTION:
        raise LimitExceeded(
            RETENTION,
            f"The automated retention period must be between 0 and {MAX_AUTOMATED_RETENTION}.",
        )
