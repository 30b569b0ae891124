"""How many AWS calls an account may make: a bucket of tokens each, a second's worth at most.

https://docs.aws.amazon.com/redshift/latest/APIReference/CommonErrors.html (Throttling)
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from redshare.core.aws_errors import Throttled
from redshare.core.ids import AccountId


class CallRates:
    """`per_second` calls of each account; a quiet account may make as many at once, or one."""

    def __init__(self, per_second: float, seconds: Callable[[], float] = time.monotonic) -> None:
        self._per_second = per_second
        self._most = max(1.0, per_second)
        self._seconds = seconds
        self._lock = threading.Lock()
        #: Of an account that has called: its tokens then, and when that was.
        self._left: dict[AccountId, tuple[float, float]] = {}

    def take(self, account: AccountId) -> None:
        """One call more. Raises Throttled."""
        with self._lock:
            now = self._seconds()
            tokens, at = self._left.get(account, (self._most, now))
            tokens = min(self._most, tokens + (now - at) * self._per_second)
            allowed = tokens >= 1
            self._left[account] = (tokens - 1 if allowed else tokens, now)
        if not allowed:
            raise Throttled
