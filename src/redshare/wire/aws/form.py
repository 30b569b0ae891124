"""Form fields out of a query string or a form body; knows no shape.

Everything is bounded and strict: broken percent-encoding or UTF-8 is an error, a name given twice
keeps its last value.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import unquote_to_bytes

from redshare.wire.aws import errors

MAX_BODY: Final = 1024 * 1024
MAX_FIELDS: Final = 10_000

_BAD_ESCAPE: Final = re.compile(rb"%(?![0-9A-Fa-f]{2})")


def parse(*sources: bytes) -> dict[str, str]:
    """The fields of all sources, the later ones on top.

    Raises: WireError (MalformedQueryString, RequestEntityTooLarge).
    """
    if sum(map(len, sources)) > MAX_BODY:
        raise errors.too_large(MAX_BODY, json=False)
    if sum(source.count(b"&") + 1 for source in sources if source) > MAX_FIELDS:
        raise errors.malformed_query(f"more than {MAX_FIELDS} parameters")
    return {
        _decode(name): _decode(value)
        for source in sources
        for name, _, value in (pair.partition(b"=") for pair in source.split(b"&") if pair)
    }


def _decode(raw: bytes) -> str:
    if _BAD_ESCAPE.search(raw):
        raise errors.malformed_query("a percent sign without two hexadecimal digits")
    try:
        return unquote_to_bytes(raw.replace(b"+", b" ")).decode("utf-8")
    except UnicodeDecodeError as error:
        raise errors.malformed_query("text that is not UTF-8") from error
