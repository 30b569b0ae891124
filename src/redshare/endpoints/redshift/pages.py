"""Pages of the describes of the redshift service.

They document 20 to 100 records a page; a marker belongs to the describe with the filters that gave
it out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from redshare.app.caller import Caller
from redshare.app.paging import PageRequest

SMALLEST_PAGE: Final = 20


def page_request(operation: str, caller: Caller, params: Mapping[str, Any]) -> PageRequest:
    """What the client asked for."""
    filters = [
        f"{name}={value}"
        for name, value in sorted(params.items())
        if name not in {"MaxRecords", "Marker"}
    ]
    return PageRequest(
        (operation, caller.account, caller.region, *filters),
        params.get("MaxRecords"),
        params.get("Marker"),
        smallest=SMALLEST_PAGE,
    )
