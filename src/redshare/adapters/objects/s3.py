"""Objects behind one S3 endpoint, over boto3.

The client is made of the endpoint's settings alone: no profile, no environment, no instance role
of the machine is asked for keys.
"""

from __future__ import annotations

import contextlib
import tempfile
import threading
from collections.abc import Iterator
from typing import Any, BinaryIO, cast

import botocore.session
from boto3.s3.transfer import S3UploadFailedError, TransferConfig
from boto3.session import Session
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from redshare.adapters.objects.endpoints import S3Endpoint
from redshare.core.ids import AccountId
from redshare.core.s3 import ObjectKeys, ObjectUrl, StoredObject
from redshare.core.sql_errors import ObjectStoreError

#: Of an object being written: what is kept in memory before it goes to a file.
MEMORY_BYTES = 8 * 1024 * 1024
#: Clients kept for the keys that statements brought.
KEPT = 32


class S3Objects:
    """Objects. Thread-safe."""

    def __init__(self, endpoint: S3Endpoint) -> None:
        self._endpoint = endpoint
        self._guard = threading.Lock()
        self._clients: dict[ObjectKeys | None, Any] = {}

    def serves(self, account: AccountId) -> bool:
        """Whether the account may use the endpoint's buckets."""
        return self._endpoint.accounts is None or account in self._endpoint.accounts

    def listed(self, prefix: ObjectUrl, keys: ObjectKeys | None = None) -> Iterator[StoredObject]:
        """The objects whose keys begin like this."""
        pages = self._client(keys).get_paginator("list_objects_v2")
        with _told():
            for page in pages.paginate(Bucket=prefix.bucket, Prefix=prefix.key):
                for found in page.get("Contents", ()):
                    yield StoredObject(ObjectUrl(prefix.bucket, found["Key"]), found["Size"])

    def find(self, url: ObjectUrl, keys: ObjectKeys | None = None) -> StoredObject | None:
        """The object, if it is there."""
        try:
            with _told():
                found = self._client(keys).head_object(Bucket=url.bucket, Key=url.key)
        except ObjectStoreError as error:
            if error.status == 404:
                return None
            raise
        return StoredObject(url, found["ContentLength"])

    @contextlib.contextmanager
    def read(self, url: ObjectUrl, keys: ObjectKeys | None = None) -> Iterator[BinaryIO]:
        """The object's bytes."""
        with _told():
            body = self._client(keys).get_object(Bucket=url.bucket, Key=url.key)["Body"]
        with contextlib.closing(body), _told():
            yield body

    @contextlib.contextmanager
    def write(self, url: ObjectUrl, keys: ObjectKeys | None = None) -> Iterator[BinaryIO]:
        """Make the object."""
        with tempfile.SpooledTemporaryFile(MEMORY_BYTES) as file:
            yield cast(BinaryIO, file)
            file.seek(0)
            config = TransferConfig(use_threads=False)
            with _told():
                self._client(keys).upload_fileobj(file, url.bucket, url.key, Config=config)

    def remove(self, url: ObjectUrl, keys: ObjectKeys | None = None) -> None:
        """Remove the object."""
        with _told():
            self._client(keys).delete_object(Bucket=url.bucket, Key=url.key)

    def _client(self, keys: ObjectKeys | None) -> Any:  # noqa: ANN401 - boto3 has no types
        with self._guard:
            found = self._clients.get(keys)
            if found is None:
                while len(self._clients) >= KEPT:
                    del self._clients[next(iter(self._clients))]
                found = self._clients[keys] = self._made(keys)
            return found

    def _made(self, keys: ObjectKeys | None) -> Any:  # noqa: ANN401
        endpoint = self._endpoint
        core = botocore.session.Session(profile=None)
        core.set_config_variable("config_file", "/dev/null")
        core.set_config_variable("credentials_file", "/dev/null")
        if keys is None and endpoint.access_key_id is not None:
            assert endpoint.secret_access_key is not None
            keys = ObjectKeys(
                endpoint.access_key_id, endpoint.secret_access_key, endpoint.session_token
            )
        config = Config(
            region_name=endpoint.region,
            signature_version=UNSIGNED if keys is None else "s3v4",
            connect_timeout=5,
            read_timeout=60,
            retries={"total_max_attempts": 3, "mode": "standard"},
            s3={"addressing_style": "path" if endpoint.path_style else "virtual"},
            # Endpoints other than AWS's know checksums in trailers only lately.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            proxies={},
        )
        return Session(botocore_session=core).client(
            "s3",
            endpoint_url=endpoint.url,
            region_name=endpoint.region,
            aws_access_key_id=None if keys is None else keys.access_key_id,
            aws_secret_access_key=None if keys is None else keys.secret_access_key,
            aws_session_token=None if keys is None else keys.session_token,
            config=config,
        )


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """boto3's errors as what the SQL client is told; the endpoint's address is not."""
    try:
        yield
    except ClientError as error:
        raise _service_error(error) from error
    except S3UploadFailedError as error:
        cause = error.__cause__ or error.__context__
        if isinstance(cause, ClientError):
            raise _service_error(cause) from error
        raise ObjectStoreError("The object could not be written", 500, "InternalError") from error
    except (BotoCoreError, OSError) as error:
        message = "The S3 endpoint could not be reached"
        raise ObjectStoreError(message, 503, "ServiceUnavailable") from error


def _service_error(error: ClientError) -> ObjectStoreError:
    given = error.response.get("Error", {})
    told = error.response.get("ResponseMetadata", {})
    status = int(told.get("HTTPStatusCode", 500))
    code = str(given.get("Code", "InternalError"))
    if code == str(status):  # HEAD has no body to say more
        code = {403: "AccessDenied", 404: "NoSuchKey"}.get(status, "InternalError")
    default = {403: "Access Denied", 404: "The specified key does not exist"}
    message = str(given.get("Message", "")) or default.get(status, "")
    if message in {"Forbidden", "Not Found"}:
        message = default[status]
    return ObjectStoreError(message[:500], status, code, str(told.get("RequestId", "")))
