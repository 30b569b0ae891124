"""Which objects a COPY reads: those whose keys begin with the prefix, or a manifest's.

https://docs.aws.amazon.com/redshift/latest/dg/loading-data-files-using-manifest.html
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
import pyarrow as pa

from redshare.core.s3 import ObjectKeys, ObjectUrl, StoredObject
from redshare.core.sql_errors import InvalidObjectUrl, ObjectStoreError, SqlError
from redshare.ports import Objects

#: Of a manifest or a jsonpaths file.
MAX_SMALL_FILE = 16 * 1024 * 1024


class _Entry(msgspec.Struct):
    url: str
    mandatory: bool = False


class _Manifest(msgspec.Struct):
    entries: list[_Entry]


def sources(
    objects: Objects, url: ObjectUrl, keys: ObjectKeys | None, *, manifest: bool
) -> list[StoredObject]:
    """In the order they are read. Raises SqlError where there is nothing to read."""
    found = _listed(objects, url, keys) if not manifest else _of_manifest(objects, url, keys)
    if not found:
        raise SqlError(f"The specified S3 prefix '{url.key}' does not exist")
    return found


def _listed(objects: Objects, url: ObjectUrl, keys: ObjectKeys | None) -> list[StoredObject]:
    if not url.key:
        raise InvalidObjectUrl(str(url), "a prefix is needed behind the bucket")
    # What S3's console shows as a folder is an empty object.
    return [o for o in objects.listed(url, keys) if o.size or not o.url.key.endswith("/")]


def _of_manifest(objects: Objects, url: ObjectUrl, keys: ObjectKeys | None) -> list[StoredObject]:
    try:
        given = msgspec.json.decode(small_file(objects, url, keys), type=_Manifest)
    except msgspec.DecodeError as error:
        raise SqlError(f"Manifest file {url} is not valid", "22023") from error
    found = []
    for entry in given.entries:
        place = ObjectUrl.parse(entry.url)
        there = objects.find(place, keys)
        if there is not None:
            found.append(there)
        elif entry.mandatory:
            raise ObjectStoreError(f"The specified key does not exist: {place}", 404, "NoSuchKey")
    return found


def small_file(objects: Objects, url: ObjectUrl, keys: ObjectKeys | None) -> bytes:
    """A whole object. Raises SqlError where it is not small."""
    with objects.read(url, keys) as file:
        data = file.read(MAX_SMALL_FILE + 1)
    if len(data) > MAX_SMALL_FILE:
        raise SqlError(f"{url} is larger than 16 MB", "54000")
    return data


@contextmanager
def opened(
    objects: Objects, url: ObjectUrl, keys: ObjectKeys | None, compression: str | None
) -> Iterator[Any]:
    """An object's contents, uncompressed as they are read. Raises SqlError."""
    with objects.read(url, keys) as file:
        stream = pa.PythonFile(file, mode="r")
        if compression is not None:
            stream = pa.CompressedInputStream(stream, compression)
        try:
            yield stream
        except OSError as error:
            shown = _SHOWN.get(compression or "", "text")
            raise SqlError(f"{url} cannot be read as {shown}") from error


_SHOWN = {"gzip": "GZIP", "bz2": "BZIP2", "zstd": "ZSTD"}
