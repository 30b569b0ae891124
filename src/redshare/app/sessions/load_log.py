"""The loads and unloads of this node, by namespace: those that run, and the last that ended.

In memory and bounded: the oldest go first. An error outlives the transaction that met it, as in
Redshift; a restart forgets it.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from redshare.core.ids import NamespaceId
from redshare.core.loads import LoadError, LoadHistory, Replacement, Transfer

#: Kept of one namespace.
MAX_ERRORS = 10_000
MAX_TRANSFERS = 1_000
MAX_REPLACEMENTS = 1_000


@dataclass(slots=True)
class _Kept:
    errors: deque[LoadError] = field(default_factory=lambda: deque(maxlen=MAX_ERRORS))
    replacements: deque[Replacement] = field(default_factory=lambda: deque(maxlen=MAX_REPLACEMENTS))
    ended: deque[Transfer] = field(default_factory=lambda: deque(maxlen=MAX_TRANSFERS))
    running: dict[int, Transfer] = field(default_factory=dict)


class LoadLog:
    """Thread-safe."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._kept: dict[NamespaceId, _Kept] = {}

    def started(self, namespace: NamespaceId, transfer: Transfer) -> None:
        """It runs."""
        with self._guard:
            self._kept.setdefault(namespace, _Kept()).running[transfer.query] = transfer

    def changed(self, namespace: NamespaceId, query: int, **changes: Any) -> None:  # noqa: ANN401
        """How it goes."""
        with self._guard:
            running = self._kept[namespace].running
            running[query] = replace(running[query], **changes)

    def ended(self, namespace: NamespaceId, query: int, **changes: Any) -> None:  # noqa: ANN401
        """It runs no more."""
        with self._guard:
            kept = self._kept[namespace]
            kept.ended.append(replace(kept.running.pop(query), **changes))

    def failed_rows(self, namespace: NamespaceId, errors: Iterable[LoadError]) -> None:
        """Rows that were not loaded."""
        with self._guard:
            self._kept.setdefault(namespace, _Kept()).errors.extend(errors)

    def replaced(self, namespace: NamespaceId, row: Replacement) -> None:
        """A row that was loaded with other characters."""
        with self._guard:
            self._kept.setdefault(namespace, _Kept()).replacements.append(row)

    def history(self, namespace: NamespaceId) -> LoadHistory:
        """What there is now."""
        with self._guard:
            kept = self._kept.get(namespace)
            if kept is None:
                return LoadHistory()
            transfers = (*kept.ended, *kept.running.values())
            return LoadHistory(transfers, tuple(kept.errors), tuple(kept.replacements))
