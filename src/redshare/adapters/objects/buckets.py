"""The ports ObjectStores and Objects: which bucket is where, and who may use it.

A bucket that an endpoint names is there and nowhere else; then comes the folder, if it has such a
directory; then the endpoint that names none. There is no default: a node that was told of no place
has no bucket.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import BinaryIO

from redshare.adapters.objects.endpoints import S3Endpoint, check_endpoints
from redshare.adapters.objects.folder import FolderObjects
from redshare.adapters.objects.s3 import S3Objects
from redshare.core.ids import AccountId
from redshare.core.s3 import ObjectKeys, ObjectUrl, StoredObject
from redshare.core.sql_errors import ObjectStoreError
from redshare.ports import Objects


class Buckets:
    """ObjectStores. Thread-safe."""

    def __init__(self, folder: Path | None = None, endpoints: Sequence[S3Endpoint] = ()) -> None:
        check_endpoints(tuple(endpoints))
        self._folder = None if folder is None else FolderObjects(folder)
        self._named: dict[str, S3Objects] = {}
        self._others: S3Objects | None = None
        for endpoint in endpoints:
            objects = S3Objects(endpoint)
            if endpoint.buckets is None:
                self._others = objects
            else:
                self._named.update(dict.fromkeys(endpoint.buckets, objects))

    def of(self, account: AccountId) -> Objects:
        """The buckets as an account may use them."""
        return _AccountBuckets(self, account)

    def place(self, bucket: str, account: AccountId) -> Objects:
        """Who has the bucket. Raises ObjectStoreError."""
        found = self._named.get(bucket)
        if found is None and self._folder is not None and self._folder.has(bucket):
            return self._folder
        found = found or self._others
        if found is None:
            raise ObjectStoreError("The specified bucket does not exist", 404, "NoSuchBucket")
        if not found.serves(account):
            raise ObjectStoreError("Access Denied", 403, "AccessDenied")
        return found


class _AccountBuckets:
    """Objects. Thread-safe."""

    def __init__(self, buckets: Buckets, account: AccountId) -> None:
        self._buckets = buckets
        self._account = account

    def listed(self, prefix: ObjectUrl, keys: ObjectKeys | None = None) -> Iterator[StoredObject]:
        """The objects whose keys begin like this."""
        return self._place(prefix).listed(prefix, keys)

    def find(self, url: ObjectUrl, keys: ObjectKeys | None = None) -> StoredObject | None:
        """The object, if it is there."""
        return self._place(url).find(url, keys)

    def read(
        self, url: ObjectUrl, keys: ObjectKeys | None = None
    ) -> AbstractContextManager[BinaryIO]:
        """The object's bytes."""
        return self._place(url).read(url, keys)

    def write(
        self, url: ObjectUrl, keys: ObjectKeys | None = None
    ) -> AbstractContextManager[BinaryIO]:
        """Make the object."""
        return self._place(url).write(url, keys)

    def remove(self, url: ObjectUrl, keys: ObjectKeys | None = None) -> None:
        """Remove the object."""
        self._place(url).remove(url, keys)

    def _place(self, url: ObjectUrl) -> Objects:
        return self._buckets.place(url.bucket, self._account)
