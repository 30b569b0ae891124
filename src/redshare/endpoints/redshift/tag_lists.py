"""Tags in the query protocol's form, and the tag filters that describes have."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from redshare.app.tags import check_tags

Params = Mapping[str, Any]
Pairs = tuple[tuple[str, str], ...]


def read_tags(params: Params) -> Pairs:
    """`Tags` of a request. Raises InvalidTag, LimitExceeded."""
    return check_tags((t.get("Key") or "", t.get("Value") or "") for t in params.get("Tags") or ())


def shown_tags(tags: Iterable[tuple[str, str]]) -> list[Params]:
    """Tags of an answer."""
    return [{"Key": key, "Value": value} for key, value in tags]


def tagged(tags: Pairs, params: Params) -> bool:
    """Whether any of `TagKeys` and any of `TagValues` is there; not asked for is there."""
    keys, values = params.get("TagKeys") or (), params.get("TagValues") or ()
    return (not keys or any(key in keys for key, _ in tags)) and (
        not values or any(value in values for _, value in tags)
    )
