"""How long a snapshot is kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from redshare.core.ids import AccountId, NamespaceId, NamespaceKind, Region
from redshare.core.snapshot import INDEFINITE, Snapshot

_TAKEN = datetime(2026, 1, 1, 12, tzinfo=UTC)
_SNAPSHOT = Snapshot(
    snapshot_id="1",
    account=AccountId("111111111111"),
    region=Region("us-east-1"),
    kind=NamespaceKind.SERVERLESS,
    identifier="s",
    namespace=NamespaceId("1"),
    namespace_name="n",
    cluster=None,
    admin_username="admin",
    default_database="dev",
    encrypted=True,
    kms_key_id="",
    created=_TAKEN,
    contents="",
    lakes=(),
    size=0,
)


@pytest.mark.parametrize(
    ("days", "age", "left", "over"),
    [
        (INDEFINITE, timedelta(days=9999), None, False),
        (1, timedelta(0), 1, False),
        (7, timedelta(days=6, hours=12), 1, False),
        (7, timedelta(days=6), 1, False),
        (7, timedelta(days=7), 0, True),
        (7, timedelta(days=8), 0, True),
    ],
)
def test_days_left(days: int, age: timedelta, left: int | None, over: bool) -> None:
    """A day begun is counted whole; behind the last one its time is over."""
    snapshot = replace(_SNAPSHOT, retention=days)
    assert (snapshot.remaining_days(_TAKEN + age), snapshot.is_over(_TAKEN + age)) == (left, over)


def test_a_copy_is_kept_from_when_it_was_made() -> None:
    """The retention period of a copy begins with the copy."""
    copied = replace(_SNAPSHOT, retention=2, retained_since=_TAKEN + timedelta(days=5))
    assert copied.remaining_days(_TAKEN + timedelta(days=6)) == 1
