"""`redshare audit verify` on the state of a real node."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from botocore.exceptions import ClientError

from redshare.adapters.postgres import AttachedPostgres
from redshare.bootstrap import CONTROL_DATABASE
from tests.node.running import CONSUMER, WORLD_ROWS, RunningNode

pytestmark = pytest.mark.server


@pytest.fixture
def audited(tmp_path: Path) -> Iterator[RunningNode]:
    """A node of its own, in which a share was authorized twice and one call failed."""
    node = RunningNode(tmp_path).start()
    try:
        with node.connect("sales") as producer:
            producer.execute("CREATE DATASHARE audited")
            producer.execute(f"GRANT USAGE ON DATASHARE audited TO ACCOUNT '{CONSUMER}'")
        call = {"DataShareArn": node.share_arn("audited"), "ConsumerIdentifier": CONSUMER}
        node.client().authorize_data_share(**call)
        with pytest.raises(ClientError):
            node.client(CONSUMER).authorize_data_share(**call)
        node.client().deauthorize_data_share(**call)
        yield node
    finally:
        if node.process is not None and node.process.poll() is None:
            node.stop()


def verify(node: RunningNode) -> tuple[int, dict[str, Any]]:
    """The exit code and the answer."""
    command = [sys.executable, "-m", "redshare", "audit", "verify", "--json"]
    command += ["--dir", str(node.directory / "state")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


def store(node: RunningNode) -> psycopg.Connection[Any]:
    """The state's own PostgreSQL, as an intruder would use it."""
    server = AttachedPostgres(node.directory / "state" / "postgres")
    return psycopg.connect(server.url(CONTROL_DATABASE), autocommit=True)


def test_the_audit_of_a_node_is_whole(audited: RunningNode) -> None:
    """Calls that succeeded and calls that failed are one chain, also after the node ended."""
    code, running = verify(audited)
    assert (code, running["whole"], running["rows"]) == (0, True, WORLD_ROWS + 5)
    assert audited.stop() == 0
    assert verify(audited) == (0, running)


def test_an_edited_row_is_named(audited: RunningNode) -> None:
    """Whoever edits a row in the database is found out, by its sequence number."""
    with store(audited) as connection:
        edited = """UPDATE audit SET body = replace(body::text, 'arn:aws:', 'arn:aws-x:')::json
            WHERE sequence = (SELECT min(sequence) FROM audit) RETURNING sequence"""
        found = connection.execute(edited).fetchone()
    code, answer = verify(audited)
    assert found is not None
    assert (code, answer["broken_at"]) == (1, found[0])


def test_a_transaction_is_audited_whole_or_not_at_all(audited: RunningNode) -> None:
    """Statements on tables and shares leave rows with COMMIT, and none with ROLLBACK."""
    before = verify(audited)[1]["rows"]
    with audited.connect("sales") as producer:
        for end in ("ROLLBACK", "COMMIT"):
            producer.execute("BEGIN")
            producer.execute("CREATE TABLE beside (a int)")
            producer.execute("INSERT INTO beside VALUES (1)")
            producer.execute("ALTER DATASHARE audited ADD SCHEMA public")
            producer.execute("ALTER DATASHARE audited ADD TABLE beside")
            producer.execute(end)
    code, answer = verify(audited)
    assert (code, answer["rows"]) == (0, before + 3)


def test_a_removed_row_is_missed(audited: RunningNode) -> None:
    """A row that was removed, be it the last, breaks the chain."""
    with store(audited) as connection:
        connection.execute("DELETE FROM audit WHERE sequence = (SELECT max(sequence) FROM audit)")
    code, answer = verify(audited)
    assert (code, answer["whole"], answer["rows"]) == (1, False, WORLD_ROWS + 4)


def test_what_is_no_state_is_refused(tmp_path: Path) -> None:
    """A directory without state is exit code 2 and is left as it was."""
    command = [sys.executable, "-m", "redshare", "audit", "verify", "--dir", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "no audit chain" in done.stderr
    assert not list(tmp_path.iterdir())
