"""What the logs of datashares know, as the system views want to know it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from redshare.core.namespace import Namespace
from redshare.core.share_change import LoggedChange
from redshare.core.share_usage import ShareMeter, ShareRequest


class ShareLog(Protocol):
    """Of all nodes on one store; a namespace sees its own side alone. Each, oldest first."""

    def changes(self, namespace: Namespace) -> Sequence[LoggedChange]:
        """Changes of the namespace's shares and of its shared databases."""

    def consumed(self, namespace: Namespace) -> Sequence[ShareRequest]:
        """The requests of the namespace's own statements."""

    def produced(self, namespace: Namespace) -> Sequence[ShareRequest]:
        """The requests that others' statements made of the namespace's shares."""

    def metered(self, namespace: Namespace) -> Sequence[ShareMeter]:
        """What the namespace took from shares, and what others took from its own."""
