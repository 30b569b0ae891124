"""Statements and sessions of the Data API come back from PostgreSQL as they were kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from redshare.core.data_statement import (
    DataSession,
    DataStatement,
    ExecutionMode,
    Owner,
    ResultFormat,
    SessionStatus,
    StatementStatus,
    SubStatement,
    Target,
)
from redshare.core.ids import AccountId, Region, WarehouseId
from tests.adapters.store.conftest import Open

pytestmark = pytest.mark.server

AT = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
OWNER = Owner(AccountId("111111111111"), "arn:aws:iam::111111111111:root", Region("us-east-1"))
TARGET = Target(WarehouseId("w"), "arn", "dev", "admin", cluster="c")
PART = SubStatement(
    "SELECT 'é\\\\u0000'", AT, AT, StatementStatus.FINISHED, "", True, 3, 24, 7,
    timedelta(microseconds=1_234_567),
)  # fmt: skip
STATEMENT = DataStatement(
    statement_id="s",
    owner=OWNER,
    target=TARGET,
    parts=(PART, replace(PART, duration=None, status=StatementStatus.FAILED, error="no")),
    created=AT,
    updated=AT,
    name="n",
    mode=ExecutionMode.AUTO_COMMIT,
    result_format=ResultFormat.CSV,
    parameters=(("a", "1"),),
    session_id="d",
    with_event=True,
    token="t",
    request="r",
)
SESSION = DataSession("d", OWNER, TARGET, AT, AT, 60, expires=AT)


def test_what_is_kept_comes_back(fresh: Callable[[], str], opened: Open) -> None:
    """All members, replaced as a whole, also after a start; what is removed is gone.

    Other nodes know nothing of it.
    """
    url = fresh()
    log = opened(url).data_log("a")
    log.save(STATEMENT)
    log.save(replace(STATEMENT, statement_id="other"))
    log.save(SESSION)
    ended = replace(STATEMENT, status=StatementStatus.FINISHED, pid=5)
    closed = replace(SESSION, status=SessionStatus.CLOSED, expires=None)
    log.save(ended)
    log.save(closed)
    log.remove(["other", "nobody"])
    again = opened(url).data_log("a")
    assert list(again.statements()) == [ended]
    assert list(again.sessions()) == [closed]
    assert list(opened(url).data_log("b").statements()) == []
    again.remove(["s", "d"])
    assert [*log.statements(), *log.sessions()] == []
