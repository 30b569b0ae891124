"""How many calls an account may make."""

from __future__ import annotations

import pytest

from redshare.app.call_rates import CallRates
from redshare.core.aws_errors import Throttled
from redshare.core.ids import AccountId

ONE, OTHER = AccountId("111111111111"), AccountId("222222222222")


def made(rates: CallRates, account: AccountId, most: int = 100) -> int:
    """How many calls pass before one is refused."""
    for count in range(most):
        try:
            rates.take(account)
        except Throttled as error:
            assert error.message == "Rate exceeded"
            return count
    return most


@pytest.mark.parametrize(
    ("per_second", "after", "calls"),
    [(5, 0, 0), (5, 0.2, 1), (5, 1, 5), (5, 60, 5), (0.5, 1, 0), (0.5, 2, 1)],
)
def test_tokens_come_back_with_time(per_second: float, after: float, calls: int) -> None:
    """At the rate, and never more than a second's."""
    now = 0.0
    rates = CallRates(per_second, lambda: now)
    assert made(rates, ONE) == max(1, int(per_second))
    now += after
    assert made(rates, ONE) == calls


def test_accounts_have_their_own() -> None:
    """One that is refused takes nothing from another."""
    rates = CallRates(3, lambda: 0.0)
    assert made(rates, ONE) == 3
    assert made(rates, OTHER) == 3
