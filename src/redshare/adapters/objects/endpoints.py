"""S3 endpoints as the node is told of them: an address, its keys, the buckets that are there.

The file of `redshare serve --s3-config`:

    endpoints:
      - url: https://s3.eu-west-1.amazonaws.com
        region: eu-west-1
        access_key_id: AKIA...
        secret_access_key: ...
        path_style: false
        buckets: [landing]         # without it: every bucket that no other entry names
        accounts: ["111111111111"] # without it: every account of the node
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import msgspec


class InvalidEndpoints(ValueError):
    """The settings of S3 endpoints make no sense; the text says why."""


@dataclass(frozen=True, slots=True)
class S3Endpoint:
    """`buckets` None means every bucket that no other endpoint names, `accounts` None all."""

    url: str
    region: str = "us-east-1"
    access_key_id: str | None = None
    secret_access_key: str | None = field(default=None, repr=False)
    session_token: str | None = field(default=None, repr=False)
    path_style: bool = True
    buckets: frozenset[str] | None = None
    accounts: frozenset[str] | None = None

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username:
            raise InvalidEndpoints(f"{self.url!r} is not an http:// or https:// address")
        if (self.access_key_id is None) != (self.secret_access_key is None):
            raise InvalidEndpoints(f"{self.url}: an access key id and its secret go together")


class _Entry(msgspec.Struct, forbid_unknown_fields=True):
    url: str
    region: str = "us-east-1"
    access_key_id: str | None = None
    secret_access_key: str | None = None
    session_token: str | None = None
    path_style: bool = True
    buckets: list[str] | None = None
    accounts: list[str] | None = None


class _File(msgspec.Struct, forbid_unknown_fields=True):
    endpoints: list[_Entry]


def read_endpoints(path: Path) -> tuple[S3Endpoint, ...]:
    """The endpoints of a file. Raises InvalidEndpoints, OSError."""
    try:
        file = msgspec.yaml.decode(path.read_bytes(), type=_File)
    except msgspec.ValidationError as error:
        raise InvalidEndpoints(f"{path}: {error}") from error
    except (msgspec.DecodeError, ValueError) as error:
        # A YAML error shows lines of the file, which may be secrets.
        raise InvalidEndpoints(f"{path}: it is not YAML") from error
    found = tuple(
        S3Endpoint(
            entry.url,
            entry.region,
            entry.access_key_id,
            entry.secret_access_key,
            entry.session_token,
            entry.path_style,
            None if entry.buckets is None else frozenset(entry.buckets),
            None if entry.accounts is None else frozenset(entry.accounts),
        )
        for entry in file.endpoints
    )
    check_endpoints(found)
    return found


def check_endpoints(endpoints: tuple[S3Endpoint, ...]) -> None:
    """No bucket is in two places. Raises InvalidEndpoints."""
    named = [bucket for endpoint in endpoints for bucket in endpoint.buckets or ()]
    twice = {bucket for bucket in named if named.count(bucket) > 1}
    if twice:
        raise InvalidEndpoints(f"the bucket {min(twice)} is named twice")
    if sum(endpoint.buckets is None for endpoint in endpoints) > 1:
        raise InvalidEndpoints("two endpoints name no buckets: which has the others?")
