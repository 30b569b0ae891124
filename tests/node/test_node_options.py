"""Options of a node: the master key, who is believed about a caller, how often one may call."""

from __future__ import annotations

import collections
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.node.identities import allow, user
from tests.node.running import CONSUMER, RunningNode

pytestmark = pytest.mark.server


def _forwarded(request: Any, **_: Any) -> None:
    request.headers["X-Forwarded-For"] = "10.0.0.1"
    request.headers["X-Forwarded-Proto"] = "https"


def test_a_key_of_the_environment_and_a_proxy(tmp_path: Path) -> None:
    """The variable's key is used in place of the file, and a named proxy is believed.

    With another key the node does not start, and says why.
    """
    node = RunningNode(
        tmp_path,
        arguments=("--trusted-proxies", "127.0.0.1"),
        environment={"REDSHARE_MASTER_KEY": "ab" * 32},
    ).start()
    condition = {
        "IpAddress": {"aws:SourceIp": "10.0.0.0/8"},
        "Bool": {"aws:SecureTransport": "true"},
    }
    redshift = user(node, "ana", allow("redshift:*", Condition=condition))("redshift")
    redshift.meta.events.register("before-send.redshift.*", _forwarded)
    assert redshift.describe_clusters()["Clusters"]
    assert node.stop() == 0
    assert not (tmp_path / "state" / "master.key").exists()
    command = [sys.executable, "-m", "redshare", "serve", "--listen", "127.0.0.1:0"]
    command += ["--dir", str(tmp_path / "state"), "--master-key-command", f"echo {'cd' * 32}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert "the master key is not the one" in done.stderr


def test_calls_beyond_the_rate(tmp_path: Path) -> None:
    """They fail as an SDK expects it, and an SDK that tries again gets its answer."""
    node = RunningNode(tmp_path, arguments=("--calls-per-second", "2")).start()
    for service, operation, code in (
        ("redshift", "describe_clusters", "Throttling"),
        ("redshift-data", "list_statements", "ThrottlingException"),
    ):
        client = node.client(CONSUMER, service)
        call = getattr(client, operation)
        with pytest.raises(ClientError) as caught:
            collections.deque((call() for _ in range(50)), maxlen=0)
        assert caught.value.response["Error"]["Code"] == code
    patient = node.client(CONSUMER, retries={"total_max_attempts": 8, "mode": "standard"})
    for _ in range(3):
        patient.describe_clusters()
    assert node.stop() == 0
