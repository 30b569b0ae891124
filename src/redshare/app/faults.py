"""Faults that a test asks for: calls that wait, fail, or do not take effect.

A rule says which calls it is about, all where it does not say, and for how many of them. The rules
of a call are taken in the order they were made. They are in memory, and gone with the node.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace

from redshare.app.caller import Caller


@dataclass(frozen=True, slots=True)
class FailWith:
    """An error's code, as the service's model or an SDK names it, and its HTTP status."""

    code: str
    message: str = "A fault that a test asked for."
    status: int = 400


@dataclass(frozen=True, slots=True)
class FaultRule:
    """`times` is how many calls it still has an effect on, None any number; the rest are filters.

    `stuck_pending`: AuthorizeDataShare answers and leaves everything as it is.
    `writes_unavailable`: the Region has no DATA_SHARING_WRITES.
    """

    rule_id: str
    service: str | None = None
    operation: str | None = None
    account: str | None = None
    region: str | None = None
    times: int | None = None
    delay_seconds: float = 0.0
    error: FailWith | None = None
    stuck_pending: bool = False
    writes_unavailable: bool = False

    def matches(self, caller: Caller, service: str, operation: str) -> bool:
        """Whether it is about the call."""
        return (
            self.service in {None, service}
            and self.operation in {None, operation}
            and self.account in {None, caller.account}
            and self.region in {None, caller.region}
        )


class Faults:
    """The rules there are."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rules: list[FaultRule] = []

    def add(self, rule: FaultRule) -> None:
        """From the next call on."""
        with self._lock:
            self._rules.append(rule)

    def all(self) -> list[FaultRule]:
        """Those that still have an effect."""
        with self._lock:
            return list(self._rules)

    def remove(self, rule_id: str) -> bool:
        """Whether there was such a rule."""
        with self._lock:
            left = [rule for rule in self._rules if rule.rule_id != rule_id]
            found = len(left) < len(self._rules)
            self._rules = left
        return found

    def clear(self) -> None:
        """No rule is left."""
        with self._lock:
            self._rules = []

    def take(self, caller: Caller, service: str, operation: str) -> list[FaultRule]:
        """The rules of one call, each used once more."""
        taken, left = [], []
        with self._lock:
            for rule in self._rules:
                if not rule.matches(caller, service, operation):
                    left.append(rule)
                    continue
                taken.append(rule)
                if rule.times is None:
                    left.append(rule)
                elif rule.times > 1:
                    left.append(replace(rule, times=rule.times - 1))
            self._rules = left
        return taken
