"""An S3 endpoint for tools that load by COPY, and a node that is told of it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.node.running import REGION, RunningNode
from tests.node.s3_server import KEY_ID, SECRET, running_s3

#: `landing` is in the node's own folder of buckets.
BUCKET: Final = "tools"
KEYS: Final = {
    "AWS_ACCESS_KEY_ID": KEY_ID,
    "AWS_SECRET_ACCESS_KEY": SECRET,
    "AWS_REGION": REGION,
    "AWS_DEFAULT_REGION": REGION,
}


@contextmanager
def s3() -> Iterator[str]:
    """A real server with a bucket; its address."""
    with (
        tempfile.TemporaryDirectory(prefix="redshare-compat-s3-") as directory,
        running_s3(Path(directory)) as server,
    ):
        server.client().create_bucket(Bucket=BUCKET)
        yield server.url


@contextmanager
def node_beside(endpoint: str) -> Iterator[RunningNode]:
    """A node of its own, that reads and writes there."""
    with tempfile.TemporaryDirectory(prefix="redshare-compat-") as directory:
        environment = {
            "REDSHARE_S3_ENDPOINT": endpoint,
            "REDSHARE_S3_ACCESS_KEY_ID": KEYS["AWS_ACCESS_KEY_ID"],
            "REDSHARE_S3_SECRET_ACCESS_KEY": KEYS["AWS_SECRET_ACCESS_KEY"],
        }
        node = RunningNode(Path(directory), environment=environment).start()
        try:
            yield node
        finally:
            node.stop()
