"""Events of several nodes on one store: what each node's sink is told."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from redshare.app.outbox import Outbox
from tests.adapters.store.conftest import Open
from tests.kits.store_kit import audit

pytestmark = pytest.mark.server

ROWS = 60


class Sink:
    """Keeps what it is told; `all_there` is set with the last row."""

    def __init__(self) -> None:
        self.ids: list[str] = []
        self.all_there = threading.Event()
        self._position = 0

    def position(self) -> int:
        return self._position

    def deliver(
        self, events: Sequence[tuple[int, Mapping[str, Any]]], _stopped: Callable[[], bool]
    ) -> None:
        self.ids += [str(event["id"]) for _, event in events]
        self._position = events[-1][0]
        if len(self.ids) >= 2 * ROWS:
            self.all_there.set()


def test_each_nodes_sink_is_told_all_by_the_same_ids(
    fresh: Callable[[], str], opened: Open
) -> None:
    """Rows written by two nodes at once reach both sinks once, in one order, under one id each.

    So a receiver that two nodes are told to tell knows by the id what it has already.
    """
    url = fresh()
    stores, sinks = [opened(url), opened(url)], [Sink(), Sink()]
    outboxes = [Outbox(store, sink) for store, sink in zip(stores, sinks, strict=True)]
    with ThreadPoolExecutor(8) as pool:
        for number in range(2 * ROWS):
            pool.submit(stores[number % 2].record, [audit(f"redshift:{number}")])
    for sink in sinks:
        assert sink.all_there.wait(60)
    for outbox in outboxes:
        outbox.close()
    one, other = sinks
    assert len(one.ids) == len(set(one.ids)) == 2 * ROWS
    assert one.ids == other.ids
