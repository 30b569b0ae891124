"""The settings of COPY and UNLOAD on the command line, and both through the Data API."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.node.running import RunningNode

pytestmark = pytest.mark.server


def refused(*arguments: str) -> str:
    """What `redshare serve` says when it does not start."""
    command = [sys.executable, "-m", "redshare", "serve", "--listen", "127.0.0.1:0", *arguments]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 2
    assert ended.stdout == ""
    return ended.stderr


def test_what_makes_no_sense_is_refused(tmp_path: Path) -> None:
    """One line on standard error and exit code 2; no line of a file with secrets is shown."""
    file = tmp_path / "s3.yaml"
    state = ("--dir", str(tmp_path / "state"))
    missing = str(tmp_path / "missing")
    assert "is not a directory" in refused(*state, "--buckets", missing)
    assert "No such file" in refused(*state, "--s3-config", missing)
    assert "is not an http" in refused(*state, "--s3-endpoint", "ftp://somewhere")
    file.write_text("endpoints: [{url: 'http://x', secret_access_key: HIDDEN}]")
    assert "HIDDEN" not in refused(*state, "--s3-config", str(file))
    file.write_text("endpoints: [ {url: 'http://x', secret_access_key: HIDDEN")
    assert "HIDDEN" not in refused(*state, "--s3-config", str(file))
    file.write_text("endpoints: [{url: 'http://x'}]")
    both = refused(*state, "--s3-config", str(file), "--s3-endpoint", "http://y")
    assert "two endpoints name no buckets" in both
    assert not (tmp_path / "state").exists()


def test_the_data_api_loads(node: RunningNode, name: str) -> None:
    """A COPY and an UNLOAD as statements of the Data API; a failed one has Redshift's text."""
    client = node.client(service="redshift-data")
    folder = node.buckets / "landing" / name
    folder.mkdir()
    (folder / "good").write_text("1\n2\n")
    (folder / "bad").write_text("x\n")

    def run(sql: str) -> dict[str, Any]:
        made = client.execute_statement(WorkgroupName="sales-wg", Database="dev", Sql=sql)
        while True:
            found: dict[str, Any] = client.describe_statement(Id=made["Id"])
            if found["Status"] in {"FINISHED", "FAILED", "ABORTED"}:
                return found
            time.sleep(0.05)

    assert run(f"CREATE TABLE t_{name} (i integer)")["Status"] == "FINISHED"
    copy = f"COPY t_{name} FROM 's3://landing/{name}/%s' IAM_ROLE default"
    assert run(copy % "good")["Status"] == "FINISHED"
    failed = run(copy % "bad")
    assert failed["Status"] == "FAILED"
    assert f"Load into table 't_{name}' failed." in failed["Error"]
    query = f"SELECT sum(i) FROM t_{name}"
    unloaded = run(f"UNLOAD ('{query}') TO 's3://landing/{name}/sum_' IAM_ROLE default CSV")
    assert unloaded["Status"] == "FINISHED"
    assert (folder / "sum_0000_part_00").read_text() == "3\n"
