"""Where the master key comes from and who is believed about a caller, on a node of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.node.identities import allow, user
from tests.node.running import RunningNode

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
