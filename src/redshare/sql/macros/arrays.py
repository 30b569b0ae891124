"""Arrays of the system catalogue."""

from __future__ import annotations

from typing import Final

ARRAYS: Final[dict[str, str]] = {
    # The elements of a key, each with its place from 1: what _pg_expandarray answers.
    "rs_expand_array(l)": "list_transform(l, lambda e, i: {'x': e, 'n': i::INTEGER})",
}
