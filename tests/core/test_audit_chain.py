"""The chain of audit rows: whatever is done to it is seen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from redshare.core.audit_chain import START, ChainedRow, Reading, link

AT = datetime(2026, 1, 2, 3, 4, 5, 6, UTC)


def chain(*bodies: str) -> list[ChainedRow]:
    """Rows as a store would write them; sequence numbers may leave gaps."""
    rows: list[ChainedRow] = []
    head = START
    for number, body in enumerate(bodies):
        made = link(head, AT, "111111111111", body)
        rows.append(ChainedRow(10 * number + 10, AT, "111111111111", body, head, made))
        head = made
    return rows


def test_a_whole_chain_is_followed_to_its_head() -> None:
    """A chain that nobody touched fits, however it is cut into pages."""
    rows, reading = chain("a", "b", "c"), Reading()
    assert reading.follow(rows[:1]) is None
    assert reading.follow(rows[1:]) is None
    assert reading.ends(rows[-1].hash) is None
    assert reading.count == 3


def test_no_rows_are_a_whole_chain() -> None:
    """A store without audit rows is whole."""
    assert Reading().ends(START) is None


def test_a_time_is_one_moment_in_any_zone() -> None:
    """The hash does not depend on the zone a time is read in."""
    elsewhere = AT.astimezone(timezone(timedelta(hours=5)))
    assert link(START, AT, "1", "x") == link(START, elsewhere, "1", "x")


TAMPERED: dict[str, tuple[Callable[[list[ChainedRow]], list[ChainedRow]], int]] = {
    "body": (lambda r: [r[0], replace(r[1], body="x"), r[2]], 20),
    "account": (lambda r: [r[0], replace(r[1], account="222222222222"), r[2]], 20),
    "time": (lambda r: [r[0], replace(r[1], at=AT + timedelta(microseconds=1)), r[2]], 20),
    "hash": (lambda r: [r[0], replace(r[1], hash=START), r[2]], 20),
    "rehashed": (
        lambda r: [
            r[0],
            replace(r[1], body="x", hash=link(r[0].hash, AT, r[1].account, "x")),
            r[2],
        ],
        30,
    ),
    "removed": (lambda r: [r[0], r[2]], 30),
    "first removed": (lambda r: r[1:], 20),
    "moved": (lambda r: [r[1], r[0], r[2]], 20),
    "twice": (lambda r: [r[0], r[0], *r[1:]], 10),
}


@pytest.mark.parametrize("how", TAMPERED)
def test_the_broken_row_is_named(how: str) -> None:
    """A row that was edited, removed, moved or repeated breaks the chain where it stands."""
    tamper, at = TAMPERED[how]
    broken = Reading().follow(tamper(chain("a", "b", "c")))
    assert broken is not None
    assert broken.sequence == at


def test_a_cut_end_is_missed() -> None:
    """The last rows cannot be cut off: the store knows the hash it ended with."""
    rows, reading = chain("a", "b", "c"), Reading()
    assert reading.follow(rows[:2]) is None
    broken = reading.ends(rows[-1].hash)
    assert broken is not None
    assert broken.sequence == 21
