"""A real S3 server for tests: SeaweedFS of its wheel, with one key, on ports nobody else has."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import boto3
from botocore.config import Config

KEY_ID, SECRET = "AKIATESTTESTTEST0001", "test-secret-key"
START_SECONDS = 60


@dataclass(frozen=True)
class S3Server:
    """`url` is its endpoint."""

    url: str

    def client(self) -> Any:
        """An unmodified boto3 client of its owner."""
        return boto3.client(
            "s3",
            endpoint_url=self.url,
            region_name="us-east-1",
            aws_access_key_id=KEY_ID,
            aws_secret_access_key=SECRET,
            config=Config(s3={"addressing_style": "path"}),
        )


def executable() -> Path | None:
    """The server's program, where its wheel is for this machine."""
    found = Path(sys.prefix) / "bin" / "weed"
    return found if found.exists() else None


@contextmanager
def running_s3(directory: Path) -> Iterator[S3Server]:
    """The server, until the context ends."""
    program = executable()
    assert program is not None
    config = directory / "s3.json"
    credentials = [{"accessKey": KEY_ID, "secretKey": SECRET}]
    actions = ["Admin", "Read", "List", "Write", "Tagging"]
    identity = {"name": "owner", "credentials": credentials, "actions": actions}
    config.write_text(json.dumps({"identities": [identity]}))
    names = ["master", "volume", "filer", "s3"]
    ports = iter(_free_ports(2 * len(names)))
    options = {f"{name}.port{kind}": next(ports) for name in names for kind in ("", ".grpc")}
    command = [str(program), "-logtostderr", "server", "-s3", f"-dir={directory}"]
    command += ["-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-master.telemetry=false"]
    command += ["-master.volumeSizeLimitMB=64", "-volume.max=20", "-s3.port.iceberg=0"]
    command += [f"-s3.config={config}", *(f"-{name}={port}" for name, port in options.items())]
    with (directory / "log").open("w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=directory)
    try:
        server = S3Server(f"http://127.0.0.1:{options['s3.port']}")
        _wait(process, server, directory / "log")
        yield server
    finally:
        process.kill()
        process.wait()
        shutil.rmtree(directory, ignore_errors=True)


def _wait(process: subprocess.Popen[bytes], server: S3Server, log: Path) -> None:
    """Until it answers."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        try:
            with urlopen(f"{server.url}/healthz", timeout=1):
                return
        except (URLError, OSError):
            time.sleep(0.1)


def _free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
