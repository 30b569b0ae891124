"""The logs of datashares as one namespace may read them; changes are read from the audit.

https://docs.aws.amazon.com/redshift/latest/dg/SYS_DATASHARE_CHANGE_LOG.html
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from redshare.app.shares.usage import RETENTION, ShareUsage
from redshare.core.namespace import Namespace
from redshare.core.share_change import LoggedChange
from redshare.core.share_usage import ShareMeter, ShareRequest
from redshare.ports import Clock, Store

#: Rows that a view shows at most, the newest.
MOST_CHANGES: Final = 10_000
MOST_REQUESTS: Final = 20_000


class ShareLog:
    """sql/share_log.py. Its methods raise StoreUnavailable."""

    def __init__(self, store: Store, clock: Clock, usage: ShareUsage) -> None:
        self._store = store
        self._clock = clock
        self._usage = usage

    def changes(self, namespace: Namespace) -> Sequence[LoggedChange]:
        """Changes of the namespace's shares and of its shared databases."""
        logs = (namespace.namespace_id, namespace.account)
        since = self._clock.now() - RETENTION
        return [
            LoggedChange(record.at, record.resource, record.error, record.message, record.change)
            for record in self._store.share_changes(logs, since, MOST_CHANGES)
            if record.change is not None
        ]

    def consumed(self, namespace: Namespace) -> Sequence[ShareRequest]:
        """The requests of the namespace's own statements."""
        return self._requests(namespace, produced=False)

    def produced(self, namespace: Namespace) -> Sequence[ShareRequest]:
        """The requests that others' statements made of the namespace's shares."""
        return self._requests(namespace, produced=True)

    def metered(self, namespace: Namespace) -> Sequence[ShareMeter]:
        """What the namespace took from shares, and what others took from its own."""
        self._usage.flush()
        return self._store.metered(namespace.namespace_id)

    def _requests(self, namespace: Namespace, *, produced: bool) -> Sequence[ShareRequest]:
        self._usage.flush()
        since = self._clock.now() - RETENTION
        return self._store.usage(namespace.namespace_id, since, MOST_REQUESTS, produced=produced)
