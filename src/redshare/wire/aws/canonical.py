"""The canonical request of Signature Version 4; knows no key and makes no decision.

The path is normalised and encoded once more, as every service but S3 does. The query is decoded
and encoded anew, so that two spellings that a form parser reads alike also sign alike: a plus is
a space in both.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, unquote_to_bytes

from redshare.wire.aws.authorization import Kind, SignatureError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from redshare.wire.aws.request import HttpRequest

_SPACES: Final = re.compile(r"[ \t\r\n]+")


def request(http: HttpRequest, signed_headers: Iterable[str], payload_hash: str) -> bytes:
    """Raises: SignatureError for text that no wire can have carried."""
    names = tuple(signed_headers)
    headers = "".join(f"{name}:{_header(http, name)}\n" for name in names)
    text = "\n".join(
        (http.method, _path(http.path), _query(http.query), headers, ";".join(names), payload_hash)
    )
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError as error:
        raise SignatureError(Kind.INCOMPLETE, "The request is not made of bytes.") from error


def _header(http: HttpRequest, name: str) -> str:
    return ",".join(_SPACES.sub(" ", value).strip(" ") for value in http.values(name))


def _path(path: str) -> str:
    kept: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            del kept[-1:]
        elif segment not in ("", "."):
            kept.append(segment)
    trailing = "/" if kept and path.endswith("/") else ""
    return quote(f"/{'/'.join(kept)}{trailing}", safe="/~", encoding="latin-1", errors="replace")


def _query(query: str) -> str:
    pairs = []
    for pair in query.split("&"):
        if pair:
            name, _, value = pair.partition("=")
            if name != "X-Amz-Signature":
                pairs.append((_again(name), _again(value)))
    return "&".join(f"{name}={value}" for name, value in sorted(pairs))


def _again(text: str) -> str:
    raw = text.replace("+", " ").encode("latin-1", errors="replace")
    return quote(unquote_to_bytes(raw), safe="-_.~")
