"""The manifest of an UNLOAD, which COPY and others read.

https://docs.aws.amazon.com/redshift/latest/dg/r_UNLOAD.html
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from redshare.app.sessions.described import modified
from redshare.app.unloading.files import Written
from redshare.sql.result import ResultColumn


def manifest(files: Sequence[Written], columns: Sequence[ResultColumn], *, verbose: bool) -> bytes:
    """Its bytes; VERBOSE adds the columns and the numbers of rows."""
    entries = []
    for file in files:
        meta: dict[str, int] = {"content_length": file.size}
        if verbose:
            meta["record_count"] = file.rows
        entries.append({"url": str(file.url), "meta": meta})
    made: dict[str, Any] = {"entries": entries}
    if verbose:
        made["schema"] = {"elements": [{"name": c.name, "type": _type(c.type)} for c in columns]}
        made["meta"] = {
            "content_length": sum(file.size for file in files),
            "record_count": sum(file.rows for file in files),
        }
        made["author"] = {"name": "Amazon Redshift", "version": "1.0.0"}
    return json.dumps(made, indent=2).encode()


def _type(kind: str) -> dict[str, Any]:
    name, a, b = modified(kind)
    if name == "numeric":
        return {"base": name, "precision": a, "scale": b or 0}
    return {"base": name} if a is None else {"base": name, "max_length": a}
