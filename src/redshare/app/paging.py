"""Pages of a listing: the marker names the listing it belongs to and the last item given out."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from redshare.core.errors import InvalidPageMarker, InvalidParameterValue

Item = TypeVar("Item")

#: The older describes of Redshift document 100 records a page as default and most.
DEFAULT_PAGE = 100
MAX_PAGE = 100


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """Some items of a listing; `marker` asks for those after them."""

    items: tuple[Item, ...]
    marker: str | None


@dataclass(frozen=True, slots=True)
class PageRequest:
    """What the client asked for; `listing` is the operation with its filters."""

    listing: tuple[str | None, ...]
    max_records: int | None = None
    marker: str | None = None
    name: str = "MaxRecords"
    smallest: int = 1
    largest: int = MAX_PAGE

    def of(self, items: Iterable[Item], key: Callable[[Item], list[str]]) -> Page[Item]:
        """The page of `items`, which `key` orders. Raises InvalidParameterValue."""
        size = DEFAULT_PAGE if self.max_records is None else self.max_records
        if not self.smallest <= size <= self.largest:
            raise InvalidParameterValue(
                f"Invalid value {size} for {self.name}. "
                f"It must be between {self.smallest} and {self.largest}."
            )
        after = self._after()
        ordered = sorted(((key(item), item) for item in items), key=lambda pair: pair[0])
        left = [pair for pair in ordered if after is None or pair[0] > after]
        more = len(left) > size
        return Page(
            tuple(item for _, item in left[:size]),
            self._marker(left[size - 1][0]) if more else None,
        )

    def _listing(self) -> str:
        return hashlib.sha256(json.dumps(self.listing).encode()).hexdigest()[:16]

    def _marker(self, key: list[str]) -> str:
        text = json.dumps([self._listing(), key], separators=(",", ":"))
        return base64.urlsafe_b64encode(text.encode()).decode()

    def _after(self) -> list[str] | None:
        if not self.marker:
            return None
        try:
            listing, key = json.loads(base64.urlsafe_b64decode(self.marker.encode()))
        except (binascii.Error, ValueError, TypeError) as error:
            raise InvalidPageMarker(self.marker) from error
        if listing != self._listing() or not isinstance(key, list):
            raise InvalidPageMarker(self.marker)
        if not all(isinstance(part, str) for part in key):
            raise InvalidPageMarker(self.marker)
        return key
