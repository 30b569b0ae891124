"""Buckets in a folder: `s3://BUCKET/key` is the file DIR/BUCKET/key.

Every step from the folder down is opened by name relative to the step before and never through a
symbolic link, so no key leads out. An object is written beside its place and then moved there.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from redshare.core.s3 import ObjectKeys, ObjectUrl, StoredObject
from redshare.core.sql_errors import ObjectStoreError

#: Objects that are being written; no listing shows them.
PARTIAL = ".redshare-partial-"
_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK


class FolderObjects:
    """Objects. Thread-safe; a statement's own keys mean nothing here."""

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()

    def has(self, bucket: str) -> bool:
        """Whether there is such a bucket."""
        try:
            return stat.S_ISDIR((self._root / bucket).lstat().st_mode)
        except OSError:
            return False

    def listed(self, prefix: ObjectUrl, keys: ObjectKeys | None = None) -> Iterator[StoredObject]:
        """The objects whose keys begin like this, in the order of their keys."""
        del keys
        above = prefix.key.rpartition("/")[0]
        parts = above.split("/") if above else []
        found: list[StoredObject] = []
        with contextlib.suppress(FileNotFoundError), self._directory(prefix.bucket, parts) as at:
            start = "".join(f"{part}/" for part in parts)
            found = list(_walk(at, prefix, start))
        yield from sorted(found, key=lambda o: o.url.key.encode())

    def find(self, url: ObjectUrl, keys: ObjectKeys | None = None) -> StoredObject | None:
        """The object, if it is there."""
        del keys
        with contextlib.suppress(FileNotFoundError):
            parts, name = _split(url)
            with self._directory(url.bucket, parts) as at:
                status = os.stat(name, dir_fd=at, follow_symlinks=False)
            if stat.S_ISREG(status.st_mode):
                return StoredObject(url, status.st_size)
        return None

    @contextlib.contextmanager
    def read(self, url: ObjectUrl, keys: ObjectKeys | None = None) -> Iterator[BinaryIO]:
        """The object's bytes."""
        del keys
        try:
            parts, name = _split(url)
            with self._directory(url.bucket, parts) as at:
                handle = os.open(name, _FILE, dir_fd=at)
        except OSError as error:
            raise _missing(error) from error
        with os.fdopen(handle, "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise _no_such_key()
            yield file

    @contextlib.contextmanager
    def write(self, url: ObjectUrl, keys: ObjectKeys | None = None) -> Iterator[BinaryIO]:
        """Make the object."""
        del keys
        try:
            parts, name = _split(url)
            with self._directory(url.bucket, parts, make=True) as at:
                partial = f"{PARTIAL}{secrets.token_hex(8)}"
                flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
                handle = os.open(partial, flags, 0o666, dir_fd=at)
                try:
                    with os.fdopen(handle, "wb") as file:
                        yield file
                        file.flush()
                        os.fsync(file.fileno())
                    os.replace(partial, name, src_dir_fd=at, dst_dir_fd=at)
                    os.fsync(at)
                except BaseException:
                    with contextlib.suppress(OSError):
                        os.unlink(partial, dir_fd=at)
                    raise
        except OSError as error:
            raise _unwritable(error) from error

    def remove(self, url: ObjectUrl, keys: ObjectKeys | None = None) -> None:
        """Remove the object."""
        del keys
        try:
            parts, name = _split(url)
            with self._directory(url.bucket, parts) as at:
                os.unlink(name, dir_fd=at)
        except FileNotFoundError:
            pass
        except OSError as error:
            raise _unwritable(error) from error

    @contextlib.contextmanager
    def _directory(self, bucket: str, parts: Sequence[str], *, make: bool = False) -> Iterator[int]:
        """A directory of a bucket. Raises FileNotFoundError also for what is none."""
        at = os.open(self._root, _DIRECTORY)
        try:
            for part in (bucket, *parts):
                if not _plain(part):
                    raise FileNotFoundError(part)
                if make and at and part is not bucket:
                    with contextlib.suppress(FileExistsError):
                        os.mkdir(part, dir_fd=at)
                try:
                    below = os.open(part, _DIRECTORY, dir_fd=at)
                except OSError as error:
                    raise FileNotFoundError(part) from error
                os.close(at)
                at = below
            yield at
        finally:
            os.close(at)


def _plain(part: str) -> bool:
    return part not in {"", ".", ".."} and "/" not in part and "\0" not in part


def _split(url: ObjectUrl) -> tuple[list[str], str]:
    *parts, name = url.key.split("/")
    if not _plain(name) or name.startswith(PARTIAL):
        raise FileNotFoundError(name)
    return parts, name


def _walk(at: int, prefix: ObjectUrl, start: str) -> Iterator[StoredObject]:
    """Regular files below a directory, by their keys."""
    with os.scandir(at) as entries:
        found = [(entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries]
    for name, is_directory in found:
        key = start + name
        if is_directory:
            if not f"{key}/".startswith(prefix.key) and not prefix.key.startswith(f"{key}/"):
                continue
            with contextlib.suppress(OSError):
                below = os.open(name, _DIRECTORY, dir_fd=at)
                try:
                    yield from _walk(below, prefix, f"{key}/")
                finally:
                    os.close(below)
        elif key.startswith(prefix.key) and not name.startswith(PARTIAL):
            with contextlib.suppress(OSError):
                status = os.stat(name, dir_fd=at, follow_symlinks=False)
                if stat.S_ISREG(status.st_mode):
                    yield StoredObject(ObjectUrl(prefix.bucket, key), status.st_size)


def _no_such_key() -> ObjectStoreError:
    return ObjectStoreError("The specified key does not exist", 404, "NoSuchKey")


def _missing(error: OSError) -> ObjectStoreError:
    """A place that may not be read is answered as S3 does; a link is no object."""
    if isinstance(error, PermissionError):
        return ObjectStoreError("Access Denied", 403, "AccessDenied")
    return _no_such_key()


def _unwritable(error: OSError) -> ObjectStoreError:
    if isinstance(error, FileNotFoundError | NotADirectoryError | IsADirectoryError):
        return ObjectStoreError("The specified key is not valid", 400, "InvalidRequest")
    if isinstance(error, PermissionError):
        return ObjectStoreError("Access Denied", 403, "AccessDenied")
    return ObjectStoreError("The object could not be written", 500, "InternalError")
