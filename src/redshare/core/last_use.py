"""When an access key or a role was last used.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_AccessKeyLastUsed.html
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class LastUse:
    """`subject` is an access key's id or a role's, `service` what was called last."""

    subject: str
    at: datetime
    service: str
    region: str
