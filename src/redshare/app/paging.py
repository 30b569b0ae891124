"""Pages of a listing: the marker names the listing it belongs to and the last item given out."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from redshare.core.aws_errors import InvalidPageMarker, InvalidParameterValue

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
    """What the client asked for; `listing` is the operation with its filters.

    Where the smallest page is 0, that asks for the default.
    """

    listing: tuple[str | None, ...]
    max_records: int | None = None
    marker: str | None = None
    name: str = "MaxRecords"
    smallest: int = 1
    largest: int = MAX_PAGE
    default: int = DEFAULT_PAGE

    def of(self, items: Iterable[Item], key: Callable[[Item], list[str]]) -> Page[Item]:
        """The page of `items`, which `key` orders. Raises InvalidParameterValue."""
        size = self.default if self.max_records is None else self.max_records
        if not self.smallest <= size <= self.largest:
            raise InvalidParameterValue(
                f"Invalid value {size} for {self.name}. "
                f"It must be between {self.smallest} and {self.largest}."
            )
        size = size or self.default
        after = self.after()
        ordered = sorted(((key(item), item) for item in items), key=lambda pair: pair[0])
        left = [pair for pair in ordered if after is None or pair[0] > after]
        more = len(left) > size
        return Page(
            tuple(item for _, item in left[:size]),
            self.marker_after(left[size - 1][0]) if more else None,
        )

    def marker_after(self, key: list[str]) -> str:
        """What asks for the items behind the one with this key."""
        place = json.dumps([*self.listing, key])
        text = json.dumps([hashlib.sha256(place.encode()).hexdigest()[:16], key])
        return base64.urlsafe_b64encode(text.encode()).decode()

    def after(self) -> list[str] | None:
        """The key the marker was made of; None without one. Raises InvalidPageMarker."""
        if not self.marker:
            return None
        try:
            _, key = json.loads(base64.b64decode(self.marker, b"-_", validate=True))
        except (binascii.Error, ValueError, TypeError, RecursionError) as error:
            raise InvalidPageMarker(self.marker) from error
        if not isinstance(key, list) or not all(isinstance(part, str) for part in key):
            raise InvalidPageMarker(self.marker)
        if self.marker_after(key) != self.marker:  # another listing's, or changed on its way
            raise InvalidPageMarker(self.marker)
        return key
