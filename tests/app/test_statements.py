"""Statements of the Data API without a warehouse: admission, waiting, stopping, keeping."""

from __future__ import annotations

import threading
import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from redshare.adapters.ids import RandomIds
from redshare.adapters.results import ResultFiles
from redshare.adapters.store.memory import MemoryStore
from redshare.app.data import kept_statements, statements
from redshare.app.data import sessions as data_sessions
from redshare.app.data import threads as statement_threads
from redshare.app.data.statements import Statements
from redshare.app.data.submission import Submission
from redshare.app.sessions.connections import Connections
from redshare.app.sessions.running import Running
from redshare.app.work import Work
from redshare.core.aws_errors import InvalidParameterValue
from redshare.core.data_errors import (
    ActiveSessionsExceeded,
    ActiveStatementsExceeded,
    ActiveWaitingRequestsExceeded,
    StatementNotFound,
)
from redshare.core.data_statement import (
    DataSession,
    DataStatement,
    Owner,
    StatementStatus,
    Target,
)
from redshare.core.errors import StoreUnavailable
from redshare.core.ids import AccountId, Region, WarehouseId

ACCOUNT = AccountId("111111111111")
REGION = Region("us-east-1")
ROOT = Owner(ACCOUNT, f"arn:aws:iam::{ACCOUNT}:root", REGION)
HERE = Target(WarehouseId("w"), "arn", "dev", "admin", workgroup="wg")

OTHER = Target(WarehouseId("other"), "arn", "dev", "admin", cluster="c")


class Moment:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.at = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at


class Shelf:
    """A log in memory, which can be out of order."""

    def __init__(self) -> None:
        self.kept: dict[str, DataStatement | DataSession] = {}
        self.broken = False

    def statements(self) -> Sequence[DataStatement]:
        return [entry for entry in self.kept.values() if isinstance(entry, DataStatement)]

    def sessions(self) -> Sequence[DataSession]:
        return [entry for entry in self.kept.values() if isinstance(entry, DataSession)]

    def save(self, entry: DataStatement | DataSession) -> None:
        if self.broken:
            raise StoreUnavailable
        key = entry.statement_id if isinstance(entry, DataStatement) else entry.session_id
        self.kept[key] = entry

    def remove(self, ids: Collection[str]) -> None:
        for key in ids:
            self.kept.pop(key, None)


class Door:
    """Connections that nobody gets: who asks for one waits until the door opens, then fails."""

    def __init__(self) -> None:
        self.opened = threading.Event()
        self.asked = threading.Semaphore(0)

    def user(self, _warehouse: WarehouseId, _name: str) -> None:
        self.asked.release()
        assert self.opened.wait(30)


class Place:
    """Statements whose every run waits at the door."""

    def __init__(self, folder: Path) -> None:
        self.clock = Moment()
        self.log = Shelf()
        self.door = Door()
        self.folder = folder
        self.made = self.another()

    def another(self) -> Statements:
        """A node after a restart."""
        work = Work(MemoryStore(), self.clock, RandomIds(), Running())
        results = ResultFiles(self.folder, 1 << 20)
        self.made = Statements(work, cast("Connections", self.door), self.log, results)
        return self.made

    def submit(self, **more: Any) -> DataStatement:
        wanted: dict[str, Any] = {
            "owner": ROOT, "target": HERE,
            "texts": [("SELECT 1", ())], "shown": ["SELECT 1"], **more,
        }  # fmt: skip
        return self.made.submit(Submission(**wanted))

    def ended(self, statement: DataStatement) -> DataStatement:
        self.door.opened.set()
        found = self.made.wait(ROOT, statement.statement_id, 30)
        assert found.done
        return found


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    made = Place(tmp_path / "results")
    made.made.start()
    yield made
    made.log.broken = False
    made.door.opened.set()
    made.made.close()


def test_a_warehouse_has_so_many(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Active statements are limited by warehouse; one that ended makes room."""
    monkeypatch.setattr(statements, "MAX_ACTIVE", 2)
    first, _ = place.submit(), place.submit()
    with pytest.raises(ActiveStatementsExceeded):
        place.submit()
    place.submit(target=OTHER)
    assert place.ended(first).status is StatementStatus.FAILED
    place.made.wait(ROOT, place.submit().statement_id, 30)


def test_sessions_are_limited_too(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """One too many is refused, and no statement is left of it."""
    monkeypatch.setattr(data_sessions, "MAX_SESSIONS", 1)
    place.submit(keep_alive=60)
    with pytest.raises(ActiveSessionsExceeded):
        place.submit(keep_alive=60)
    assert len(place.made.all(ROOT)) == 1


def test_so_many_may_wait(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """One more is refused; all together they are answered before their time instead."""
    monkeypatch.setattr(kept_statements, "MAX_WAITING", 0)
    made = place.submit()
    with pytest.raises(ActiveWaitingRequestsExceeded):
        place.made.wait(ROOT, made.statement_id, 1)
    monkeypatch.setattr(kept_statements, "MAX_WAITING", 1)
    monkeypatch.setattr(kept_statements, "MAX_WAITING_ALL", 0)
    assert not place.made.wait(ROOT, made.statement_id, 30).done


def test_what_waits_for_a_thread_is_cancelled_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A SUBMITTED statement is ABORTED though no thread came to it; other warehouses go on."""
    monkeypatch.setattr(statement_threads, "CONNECTING", 1)
    place = Place(tmp_path / "results")
    place.made.start()
    place.submit()
    place.door.asked.acquire()
    queued = place.submit()
    place.submit(target=OTHER)
    assert place.door.asked.acquire(timeout=30)
    place.made.cancel(ROOT, queued.statement_id)
    found = place.made.find(ROOT, queued.statement_id)
    assert found.status is StatementStatus.ABORTED
    assert [part.status for part in found.parts] == [StatementStatus.ABORTED]
    with pytest.raises(InvalidParameterValue, match="ABORTED"):
        place.made.cancel(ROOT, queued.statement_id)
    place.door.opened.set()
    place.made.close()


def test_nothing_runs_that_was_not_saved(place: Place) -> None:
    """Without the store nothing is acknowledged and nothing is left, the session neither."""
    place.log.broken = True
    with pytest.raises(StoreUnavailable):
        place.submit()
    with pytest.raises(StoreUnavailable):
        place.submit(keep_alive=60)
    assert place.made.all(ROOT) == []
    assert place.made.sessions.all(ROOT) == []


def test_an_end_that_was_not_saved_is_saved_later(place: Place) -> None:
    """A statement ends though the store is away, and its end is kept when it is back."""
    made = place.submit()
    place.door.asked.acquire()
    place.log.broken = True
    assert place.ended(made).status is StatementStatus.FAILED
    assert not place.log.statements()[0].done
    place.log.broken = False
    until = time.monotonic() + 60
    while not place.log.statements()[0].done:
        assert time.monotonic() < until, "the end was not saved"
        time.sleep(0.01)  # for the next round
    assert place.log.statements()[0].status is StatementStatus.FAILED


def test_a_token_is_known_for_eight_hours(place: Place) -> None:
    """Then it is free again; each user has tokens of his own."""
    place.door.opened.set()
    first = place.submit(token="t", request="a")
    assert place.submit(token="t", request="a").statement_id == first.statement_id
    with pytest.raises(InvalidParameterValue, match="token"):
        place.submit(token="t", request="b")
    alice = Owner(ACCOUNT, f"arn:aws:iam::{ACCOUNT}:user/alice", REGION)
    assert place.submit(token="t", owner=alice).statement_id != first.statement_id
    place.clock.at += timedelta(hours=8, seconds=1)
    assert place.submit(token="t", request="b").statement_id != first.statement_id


def test_a_restart_fails_what_ran(place: Place) -> None:
    """What had ended is as it was, what had not says that the service was stopped."""
    ended = place.ended(place.submit(token="t"))
    place.door.opened.clear()
    running = place.submit(keep_alive=60)
    before = place.made
    after = place.another()
    after.start()
    try:
        assert after.find(ROOT, ended.statement_id) == ended
        found = after.find(ROOT, running.statement_id)
        assert (found.status, "stopped" in found.error) == (StatementStatus.FAILED, True)
        assert [s.status for s in after.sessions.all(ROOT)] == ["CLOSED"]
    finally:
        place.door.opened.set()
        before.close()


def test_who_may_see_a_statement(place: Place) -> None:
    """Its user, or another IAM session of its role; of another account or Region nobody."""

    def owner(who: str, account: str = ACCOUNT) -> Owner:
        return Owner(AccountId(account), f"arn:aws:sts::{account}:{who}", REGION)

    mine = owner("assumed-role/reader/monday")
    made = place.submit(owner=mine)
    later = owner("assumed-role/reader/tuesday")
    assert place.made.find(later, made.statement_id) == place.made.find(mine, made.statement_id)
    assert len(place.made.all(later)) == 1
    assert place.made.all(later, role_level=False) == []
    for other in (
        ROOT,
        owner("assumed-role/writer/monday"),
        replace(mine, region=Region("eu-west-1")),
        owner("assumed-role/reader/monday", "222222222222"),
    ):
        with pytest.raises(StatementNotFound):
            place.made.find(other, made.statement_id)
