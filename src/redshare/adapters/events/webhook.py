"""Events sent to an HTTP address, one POST each: any answer of 2xx takes it."""

from __future__ import annotations

import http.client
import json
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from redshare.adapters.events.position import Position
from redshare.ports import SinkUnavailable

TIMEOUT: Final = 10.0


def webhook_host(url: str) -> str:
    """Whom it reaches: an address may hold a secret. Raises ValueError."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("wants an http or https URL")
    return parts.hostname


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:  # noqa: ANN401 - urllib's own arguments
        """An address that moved is told to the operator, not followed."""


class WebhookSink:
    """The port EventSink."""

    def __init__(self, url: str, positions: Path) -> None:
        """Raises ValueError."""
        self._host = webhook_host(url)
        self._url = url
        self._position = Position(positions, f"webhook:{url}")
        self._opener = urllib.request.build_opener(_NoRedirect)

    def position(self) -> int:
        """The last event that was taken."""
        return self._position.sequence

    def deliver(
        self, events: Sequence[tuple[int, Mapping[str, Any]]], stopped: Callable[[], bool]
    ) -> None:
        """Send them in order. Raises SinkUnavailable at the first that was not taken."""
        for sequence, event in events:
            if stopped():
                return
            request = urllib.request.Request(  # noqa: S310 - its scheme was checked
                self._url, json.dumps(event).encode(), {"Content-Type": "application/json"}
            )
            try:
                with self._opener.open(request, timeout=TIMEOUT):
                    pass
                self._position.advance(sequence)
            except (OSError, http.client.HTTPException, urllib.error.URLError) as error:
                raise SinkUnavailable(f"webhook at {self._host}: {error}") from error
