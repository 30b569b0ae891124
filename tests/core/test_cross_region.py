"""What reads across Regions count, and the periods of usage limits."""

from __future__ import annotations

from datetime import date

import pytest

from redshare.core.cross_region import megabytes
from redshare.core.ids import AccountId, Region, WarehouseId
from redshare.core.usage_limit import CROSS_REGION_DATASHARING, UsageLimit


@pytest.mark.parametrize(
    ("size", "counts"),
    [(0, 10), (1, 10), (10 << 20, 10), ((10 << 20) + 1, 11), (1 << 40, 1 << 20)],
)
def test_a_query_counts_whole_megabytes_and_ten_at_least(size: int, counts: int) -> None:
    """Rounded up."""
    assert counts == megabytes(size)


@pytest.mark.parametrize(
    ("period", "day", "first", "following"),
    [
        ("daily", date(2026, 12, 31), date(2026, 12, 31), date(2027, 1, 1)),
        ("weekly", date(2026, 11, 22), date(2026, 11, 22), date(2026, 11, 29)),
        ("weekly", date(2026, 11, 28), date(2026, 11, 22), date(2026, 11, 29)),
        ("weekly", date(2027, 1, 1), date(2026, 12, 27), date(2027, 1, 3)),
        ("monthly", date(2028, 2, 29), date(2028, 2, 1), date(2028, 3, 1)),
        ("monthly", date(2026, 12, 1), date(2026, 12, 1), date(2027, 1, 1)),
    ],
)
def test_periods(period: str, day: date, first: date, following: date) -> None:
    """A day, a week from Sunday, a month from its first day."""
    limit = UsageLimit(
        "l",
        AccountId("1" * 12),
        Region("us-east-1"),
        WarehouseId("w"),
        CROSS_REGION_DATASHARING,
        "data-scanned",
        1,
        period,
        "log",
    )
    assert (first, following) == limit.period_of(day)
