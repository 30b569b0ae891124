"""The rows of a batch by partition: runs of rows with the same values in PARTITION BY's columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from redshare.app.unloading.names import partition_folder
from redshare.app.unloading.texts import texts


def runs(batch: Any, columns: Sequence[int]) -> Iterator[tuple[str, Any]]:  # noqa: ANN401
    """Each folder with its rows, in order; without columns all of them in none."""
    if not columns:
        yield "", batch
        return
    names = [batch.schema.names[at] for at in columns]
    values = [texts(batch.column(at)).to_pylist() for at in columns]
    start = 0
    for key, rows in groupby(zip(*values, strict=True)):
        count = sum(1 for _ in rows)
        yield partition_folder(names, key), batch.slice(start, count)
        start += count
