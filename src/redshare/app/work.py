"""Deciding on the newest catalogue and making the decision durable, again if someone was faster."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from redshare.app.declared import rows_of
from redshare.app.iam.last_uses import LastUses
from redshare.app.sessions.history import History
from redshare.app.sessions.load_log import LoadLog
from redshare.app.sessions.plans import Plans
from redshare.app.sessions.running import Running
from redshare.app.shares.log import ShareLog
from redshare.app.shares.usage import ShareUsage
from redshare.app.trail import Trail, with_row
from redshare.core.catalog import Catalog, Change
from redshare.core.cross_region import TERABYTE
from redshare.core.errors import DuplicateName, StaleState
from redshare.core.ids import DatabaseId
from redshare.core.namespace import Namespace
from redshare.core.share import Datashare
from redshare.core.warehouse import Warehouse
from redshare.ports import AuditRecord, Clock, Commit, Ids, Store

Answer = TypeVar("Answer")

#: What access through a share is decided by.
_DECIDING = (Datashare, Namespace, Warehouse)

#: A decision loses only to another commit on the same entity: each retry means progress elsewhere.
ATTEMPTS = 100


class Work:
    """What every use case works with."""

    def __init__(
        self, store: Store, clock: Clock, ids: Ids, running: Running, terabyte: int = TERABYTE
    ) -> None:
        self.store = store
        self.clock = clock
        self.ids = ids
        self.running = running
        #: Megabytes that a usage limit's amount is in.
        self.terabyte = terabyte
        self.plans = Plans()
        self.loads = LoadLog()
        self.history = History(clock)
        self.usage = ShareUsage(store, clock, ids)
        self.share_log = ShareLog(store, clock, self.usage)
        self.last_uses = LastUses(store, clock)
        self.trail = Trail()
        self._owed: list[tuple[DatabaseId, int, str]] = []
        self._settling = threading.Lock()

    def catalog(self) -> Catalog:
        """The newest committed catalogue."""
        return self.store.catalog()

    def commit(self, commit: Commit, answer: object = None) -> Catalog:
        """Make a use case's decision durable, with the row of the API call it is part of.

        `answer` is what the use case will say. Raises StaleState, DuplicateName, StoreUnavailable.
        """
        if self.trail.is_declared:
            rows = tuple(rows_of(commit.changes, self.clock.now()))
            return self.store.commit(replace(commit, audit=(*commit.audit, *rows)))
        call = self.trail.call
        if call is None or not (commit.changes or commit.audit):
            return self.store.commit(commit)
        published = self.store.commit(with_row(commit, call, self.store.catalog(), answer))
        call.kept = True
        return published

    def record(self, row: AuditRecord) -> None:
        """Keep the row of an API call that commits nothing. Raises StoreUnavailable."""
        call = self.trail.call
        self.store.record([row])
        if call is not None:
            call.kept = True

    def decide(self, decision: Callable[[Catalog], tuple[Commit, Answer]]) -> Answer:
        """Commit what `decision` makes of the newest catalogue. Raises what it does, StaleState."""
        for _ in range(ATTEMPTS):
            commit, answer = decision(self.store.catalog())
            try:
                published = self.commit(commit, answer)
            except (StaleState, DuplicateName):
                continue
            self.published(commit.changes, published)
            return answer
        raise StaleState

    def owe(self, database: DatabaseId, snapshot: int, changes: str) -> None:
        """A lake's snapshot was committed whose changes the store could not take."""
        with self._settling:
            self._owed.append((database, snapshot, changes))

    def settle(self) -> None:
        """Give the store what it is owed, in order, before anything else is written."""
        if not self._owed:
            return
        with self._settling:
            while self._owed:
                self.store.recover(*self._owed[0])
                del self._owed[0]

    def published(self, changes: tuple[Change, ...], catalog: Catalog) -> None:
        """After a commit: end what lost its access."""
        if any(isinstance(change.entity, _DECIDING) for change in changes):
            self.running.revalidate(catalog)


class Foreseen(Work):
    """For looking things up in a catalogue that a commit is about to make, or has replaced."""

    def __init__(self, work: Work, catalog: Catalog) -> None:
        # All else is the node's own, and nothing is made for it.
        self.__dict__.update(work.__dict__)
        self._seen = catalog

    def catalog(self) -> Catalog:
        """That catalogue."""
        return self._seen
