"""The master key from the environment, on a real node."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.node.running import RunningNode

pytestmark = pytest.mark.server


def test_a_key_of_the_environment(tmp_path: Path) -> None:
    """It is used in place of the file; with another one the node does not start, and says why."""
    node = RunningNode(tmp_path, environment={"REDSHARE_MASTER_KEY": "ab" * 32}).start()
    node.client().describe_clusters()
    assert node.stop() == 0
    assert not (tmp_path / "state" / "master.key").exists()
    command = [sys.executable, "-m", "redshare", "serve", "--listen", "127.0.0.1:0"]
    command += ["--dir", str(tmp_path / "state"), "--master-key-command", f"echo {'cd' * 32}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert "the master key is not the one" in done.stderr
