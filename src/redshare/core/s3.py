"""Where an object is: `s3://bucket/key`, read by ourselves and in one form only.

No query part, no `..`, no other scheme: what a URL may say is where an object is, never whom to
ask for it. https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Self

from redshare.core.sql_errors import InvalidObjectUrl

_BUCKET: Final = re.compile(r"[a-z0-9][a-z0-9.\-]{1,61}[a-z0-9]")
#: Of a key, in bytes of UTF-8.
_MAX_KEY: Final = 1024


@dataclass(frozen=True, slots=True)
class ObjectUrl:
    """An object, or all whose keys begin like this; an empty key is the whole bucket."""

    bucket: str
    key: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises InvalidObjectUrl."""
        if not text.startswith("s3://"):
            raise InvalidObjectUrl(text, "it must begin with s3://")
        bucket, _, key = text.removeprefix("s3://").partition("/")
        if not _BUCKET.fullmatch(bucket) or ".." in bucket:
            raise InvalidObjectUrl(text, "the bucket's name is not valid")
        if "?" in key or any(ord(c) < 32 or ord(c) == 127 for c in key):
            raise InvalidObjectUrl(text, "a key has no ? and no control characters here")
        if ".." in key.split("/"):
            raise InvalidObjectUrl(text, "a key has no .. here")
        if len(key.encode("utf-8", "surrogatepass")) > _MAX_KEY:
            raise InvalidObjectUrl(text, "the key is longer than 1024 bytes")
        return cls(bucket, key)

    def with_key(self, key: str) -> ObjectUrl:
        """Another object of the bucket. Raises InvalidObjectUrl."""
        return ObjectUrl.parse(f"s3://{self.bucket}/{key}")

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.key}"


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An object that is there."""

    url: ObjectUrl
    size: int


@dataclass(frozen=True, slots=True)
class ObjectKeys:
    """Access keys that a statement brings itself; never shown."""

    access_key_id: str
    secret_access_key: str
    session_token: str | None = None

    def __repr__(self) -> str:
        return "ObjectKeys(...)"
