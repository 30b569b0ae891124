"""Everything at once on one lake: writers of several processes, DDL, upkeep, read-only readers.

Invariants, looked at by every read and at the end: the sum over two tables is constant, key counts
are constant, every acknowledged sequence number is there exactly once and no other, a reader
sees what was acknowledged before its statement began. Serialization failures are the only errors.
REDSHARE_SOAK=1 runs for a minute and more.
"""

from __future__ import annotations

import logging
import os
import random
import threading
import time
from dataclasses import dataclass, field
from typing import Any

import pytest

from redshare.core.plan import EnginePlan, LakeUse, WriteVerb
from redshare.core.sql_errors import SerializationFailure
from tests.adapters.engine.lake import Lake, World, rows, transact

pytestmark = pytest.mark.server

SECONDS = 75.0 if os.environ.get("REDSHARE_SOAK") else 12.0
KEYS = 200
TOTAL = KEYS * 100 * 2


@dataclass
class Stress:
    """The tables under stress and what is known to be in them."""

    world: World
    left: Lake
    right: Lake
    log: Lake
    counter: Lake
    stop: float = 0.0
    guard: threading.Lock = field(default_factory=threading.Lock)
    sequence: int = 0
    acknowledged: dict[int, int] = field(default_factory=dict)
    failures: list[BaseException] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)

    def running(self) -> bool:
        """Until the time is up or something went wrong."""
        return time.monotonic() < self.stop and not self.failures

    def count(self, what: str) -> None:
        """One more of these."""
        with self.guard:
            self.counts[what] = self.counts.get(what, 0) + 1

    def next(self) -> int:
        """A sequence number nobody has had."""
        with self.guard:
            self.sequence += 1
            return self.sequence


def _transfer(stress: Stress, session: Any, dice: random.Random) -> None:
    """Read two balances, write absolute values: lost updates would change the sum."""
    key, amount = dice.randrange(KEYS), dice.randrange(1, 50)
    (left,) = rows(session, stress.left.read(f"SELECT b FROM T WHERE a = {key}"))
    (right,) = rows(session, stress.right.read(f"SELECT b FROM T WHERE a = {key}"))
    session.run(stress.left.update(f"SET b = {left[0] - amount} WHERE a = {key}"))
    session.run(stress.right.update(f"SET b = {right[0] + amount} WHERE a = {key}"))


def _upsert(stress: Stress, session: Any, dice: random.Random) -> None:
    """Delete a range of keys and insert it again."""
    first = dice.randrange(KEYS - 20)
    span = f"a BETWEEN {first} AND {first + 19}"
    found = rows(session, stress.left.read(f"SELECT a, b FROM T WHERE {span}"))
    session.run(stress.left.delete(span))
    values = ", ".join(f"({a}, {b})" for a, b in found)
    session.run(stress.left.insert(values))


def _relative(stress: Stress, session: Any, dice: random.Random) -> None:
    """An overlapping range, written first: never aborts."""
    first, amount = dice.randrange(KEYS - 10), dice.randrange(1, 9)
    span = f"a BETWEEN {first} AND {first + 9}"
    session.run(stress.right.update(f"SET b = b + {amount} WHERE {span}"))
    session.run(stress.left.update(f"SET b = b - {amount} WHERE {span}"))


def _count(stress: Stress, session: Any, _: random.Random) -> None:
    """Read the counter, write one more."""
    ((number,),) = rows(session, stress.counter.read("SELECT b FROM T"))
    session.run(stress.counter.update(f"SET b = {number + 1}"))


def _nothing(_stress: Stress, _session: Any, _dice: random.Random) -> None:
    """Only the log."""


OPERATIONS = (_transfer, _upsert, _relative, _count, _nothing)


def _write(stress: Stress, session: Any, number: int) -> None:
    dice = random.Random(number)
    while stress.running():
        sequence, operation = stress.next(), dice.choice(OPERATIONS)
        delta = 1 if operation is _count else 0
        session.begin()
        try:
            if operation is _nothing:
                session.run(stress.log.insert(f"({sequence}, {delta})"))
            else:
                operation(stress, session, dice)
                session.run(stress.log.insert(f"({sequence}, {delta})"))
            if dice.random() < 0.1:
                session.rollback()
                stress.count("rollback")
                continue
            session.commit()
        except SerializationFailure:
            session.rollback()
            stress.count("conflict")
            continue
        with stress.guard:
            stress.acknowledged[sequence] = delta
        stress.count(operation.__name__)


def _define(stress: Stress, session: Any, _: int) -> None:
    """CREATE, ALTER and INSERT in one transaction, DROP in the next."""
    while stress.running():
        scratch = stress.left.other()
        try:
            transact(
                session,
                scratch.create("(a INTEGER)"),
                scratch.insert("(1)"),
                scratch.write("ALTER TABLE T ADD COLUMN b INTEGER DEFAULT 7", WriteVerb.DDL),
                scratch.insert("(2, 8)"),
            )
            assert rows(session, scratch.read("SELECT sum(a), sum(b) FROM T")) == [(3, 15)]
            transact(session, scratch.write("DROP TABLE T", WriteVerb.DDL))
            stress.count("ddl")
        except SerializationFailure:
            stress.count("ddl conflict")


def _read(stress: Stress, session: Any, number: int) -> None:
    """Check every invariant, by turns alone and in a transaction of several statements."""
    sums = EnginePlan(
        f"SELECT (SELECT sum(b) FROM {stress.left.name})::BIGINT AS l,"
        f" (SELECT sum(b) FROM {stress.right.name})::BIGINT AS r,"
        f" (SELECT count(DISTINCT a) FROM {stress.left.name}) AS dl,"
        f" (SELECT count(*) FROM {stress.left.name}) AS cl,"
        f" (SELECT count(*) FROM {stress.right.name}) AS cr,"
        f" (SELECT sum(b) FROM {stress.log.name})::BIGINT AS deltas,"
        f" (SELECT b FROM {stress.counter.name}) AS counter",
        (LakeUse(stress.left.id, may_write=False),),
    )
    while stress.running():
        with stress.guard:
            known = set(stress.acknowledged)
        left, right, distinct, in_left, in_right, deltas, counter = rows(session, sums)[0]
        assert left + right == TOTAL
        assert (distinct, in_left, in_right) == (KEYS, KEYS, KEYS)
        assert (deltas or 0) == counter
        found = [row[0] for row in rows(session, stress.log.read("SELECT a FROM T"))]
        assert len(found) == len(set(found))
        assert known <= set(found)
        if number % 2:
            session.begin(read_only=True)
            first = rows(session, sums)
            assert first == rows(session, sums)
            session.commit()
        stress.count("read")


def _maintain(stress: Stress, _session: Any, _: int) -> None:
    while stress.running():
        stress.world.engine.maintain(stress.left.id)
        stress.count("upkeep")


def test_nothing_is_lost_doubled_or_wrong(world: World, new_lake: Lake) -> None:
    """Writers, definers, readers and upkeep together: no wrong read, no error but conflicts."""
    stress = Stress(world, new_lake, new_lake.other(), new_lake.other(), new_lake.other())
    session = world.session()
    numbers = "(a INTEGER, b BIGINT)"
    for lake in (stress.left, stress.right, stress.log, stress.counter):
        transact(session, lake.create(numbers))
    fill = f"INSERT INTO T SELECT i, 100 FROM range({KEYS}) r(i)"
    for lake in (stress.left, stress.right):
        transact(session, lake.write(fill, WriteVerb.INSERT))
    transact(session, stress.counter.insert("(0, 0)"))
    plan = [
        (_write, "stress-one"),
        (_write, "stress-one"),
        (_write, "stress-two"),
        (_write, "stress-two"),
        (_define, "stress-two"),
        (_read, "stress-reader"),
        (_read, "stress-reader"),
        (_maintain, "stress-reader"),
    ]
    stress.stop = time.monotonic() + SECONDS
    threads = [
        threading.Thread(target=_guarded, args=(stress, work, world.session(warehouse), number))
        for number, (work, warehouse) in enumerate(plan)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    world.close_sessions()
    for warehouse in ("stress-one", "stress-two", "stress-reader"):
        world.engine.stop_warehouse(warehouse)
    logging.getLogger(__name__).info("%s", stress.counts)
    assert stress.failures == []
    _check_end(stress)


def _guarded(stress: Stress, work: Any, session: Any, number: int) -> None:
    try:
        work(stress, session, number)
    except BaseException as error:  # noqa: BLE001 - any failure of a thread is the test's
        stress.failures.append(error)


def _check_end(stress: Stress) -> None:
    session = stress.world.session()
    found = sorted(row[0] for row in rows(session, stress.log.read("SELECT a FROM T")))
    assert found == sorted(stress.acknowledged)
    sums = [
        rows(session, lake.read("SELECT sum(b)::BIGINT, count(*) FROM T"))[0]
        for lake in (stress.left, stress.right)
    ]
    assert sum(total for total, _ in sums) == TOTAL
    assert [number for _, number in sums] == [KEYS, KEYS]
    for wanted in ("read", "upkeep", "ddl", *(operation.__name__ for operation in OPERATIONS)):
        assert stress.counts.get(wanted, 0) > 0, (wanted, stress.counts)
