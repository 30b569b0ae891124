"""Pages of a listing: each item once, and markers of that listing alone."""

from __future__ import annotations

import base64
import json
from dataclasses import replace

import pytest

from redshare.app.paging import PageRequest
from redshare.core.aws_errors import InvalidPageMarker, InvalidParameterValue

ITEMS = [f"{number:03}" for number in range(250)]
REQUEST = PageRequest(("List", "1"), name="MaxResults", smallest=0)


def _all(request: PageRequest) -> list[str]:
    found: list[str] = []
    while True:
        page = request.of(reversed(ITEMS), lambda item: [item])
        found += page.items
        if page.marker is None:
            return found
        request = replace(request, marker=page.marker)


@pytest.mark.parametrize("size", [None, 0, 1, 7, 100])
def test_each_item_once(size: int | None) -> None:
    """Whatever the size of a page; where 0 is allowed it asks for the default."""
    assert _all(replace(REQUEST, max_records=size)) == ITEMS


@pytest.mark.parametrize("size", [-1, 101, 10**9])
def test_sizes_that_are_refused(size: int) -> None:
    """Outside of what the operation allows."""
    with pytest.raises(InvalidParameterValue):
        replace(REQUEST, max_records=size).of(ITEMS, lambda item: [item])


def test_markers_that_are_refused() -> None:
    """Of another listing, changed, or never given out; the error repeats no more than a start."""
    marker = REQUEST.of(ITEMS, lambda item: [item]).marker
    assert marker is not None
    listing, _ = json.loads(base64.urlsafe_b64decode(marker))
    wrong = [
        *(marker + "x", marker[1:], marker[:-4], "x", "\u00e9", "MQ==", "[" * 9, "A" * 100_001),
        *(
            base64.urlsafe_b64encode(json.dumps(document).encode()).decode()
            for document in (1, [listing], [listing, 1], [listing, [1]], {"a": 1, "b": 2})
        ),
        base64.urlsafe_b64encode(b"[" * 100_000).decode(),
    ]
    for text in wrong:
        with pytest.raises(InvalidPageMarker) as caught:
            replace(REQUEST, marker=text).of(ITEMS, lambda item: [item])
        assert len(caught.value.message) < 200
    with pytest.raises(InvalidPageMarker):
        replace(REQUEST, listing=("List", "2"), marker=marker).of(ITEMS, lambda item: [item])


def test_markers_with_a_bit_turned() -> None:
    """Whatever bit of a marker is turned, it is refused."""
    marker = REQUEST.of(ITEMS, lambda item: [item]).marker
    assert marker is not None
    for at in range(len(marker)):
        for bit in range(7):
            turned = marker[:at] + chr(ord(marker[at]) ^ (1 << bit)) + marker[at + 1 :]
            with pytest.raises(InvalidPageMarker):
                replace(REQUEST, marker=turned).after()
