"""What the Data API acknowledged outlives the node, for a day."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.node.data_api import TARGET, DataApi
from tests.node.running import PRODUCER, REGION, RunningNode
from tests.node.test_controls import asked
from tests.node.test_data_api import refused
from tests.node.test_events import eventually, lines

STATUS_CHANGE = "Redshift Data Statement Status Change"

pytestmark = [pytest.mark.server, pytest.mark.crash]


@pytest.fixture
def node(tmp_path: Path) -> Iterator[RunningNode]:
    """A node of its own, with events and a clock that can be moved."""
    file = tmp_path / "events.jsonl"
    made = RunningNode(tmp_path, arguments=("--test-controls", "--events-file", str(file)))
    yield made.start()
    made.stop()


def blocked(node: RunningNode, api: DataApi, end: Callable[[], object]) -> str:
    """A statement that waits for a lock until the node is gone."""
    api.run("CREATE TABLE IF NOT EXISTS held (i integer)")
    holder = node.connect("sales")
    holder.execute("BEGIN")
    holder.execute("LOCK held")
    sql = "INSERT INTO held VALUES (1)"
    made = api.client.execute_statement(Sql=sql, WithEvent=True, StatementName="held", **TARGET)
    while api.client.describe_statement(Id=made["Id"])["Status"] != "STARTED":
        time.sleep(0.01)  # polling is how this API is used
    end()
    holder.close()
    return str(made["Id"])


def test_nothing_acknowledged_is_lost(node: RunningNode, tmp_path: Path) -> None:
    """A kill loses no statement, result or token; what ran has failed; sessions are closed.

    A day later all is forgotten; a stop undoes what runs and says so.
    """
    api = DataApi(node)
    more = {"StatementName": "kept", "ClientToken": "once", "WithEvent": True}
    before = api.run("SELECT 1 AS one UNION ALL SELECT 2 ORDER BY 1", **more)
    batch = api.batch("SELECT 'a'", "SELECT 'b'", ResultFormat="CSV", SessionKeepAliveSeconds=60)
    running = blocked(node, api, node.kill)
    node.start()
    api = DataApi(node)
    assert api.client.describe_statement(Id=before["Id"]) | {"ResponseMetadata": None} == (
        before | {"ResponseMetadata": None}
    )
    result = api.client.get_statement_result(Id=before["Id"])
    assert result["Records"] == [[{"longValue": 1}], [{"longValue": 2}]]
    second = api.client.get_statement_result_v2(Id=f"{batch['Id']}:2")
    assert second["Records"] == [{"CSVRecords": "b\r\n"}]
    again = api.client.execute_statement(
        Sql="SELECT 1 AS one UNION ALL SELECT 2 ORDER BY 1", **more, **TARGET
    )
    assert again["Id"] == before["Id"]
    assert api.client.list_statements(StatementName="kept")["Statements"][0]["Id"] == before["Id"]
    failed = api.client.describe_statement(Id=running)
    assert (failed["Status"], "was stopped" in failed["Error"]) == ("FAILED", True)
    assert api.rows("SELECT count(*) FROM held") == [[0]]
    session = batch["SessionId"]
    assert api.client.list_sessions(SessionId=session)["Sessions"][0]["Status"] == "CLOSED"
    message = refused(api.client.execute_statement, Sql="SELECT 1", SessionId=session)
    assert message == "Session is not available."
    _events_were_told(tmp_path, before["Id"], running)
    _are_forgotten_after_a_day(node, api, before["Id"])
    _a_stop_ends_what_runs(node, api)


def _events_were_told(folder: Path, finished: str, failed: str) -> None:
    def told() -> list[dict[str, Any]]:
        found = lines(folder / "events.jsonl")
        return [event for event in found if event["detail-type"] == STATUS_CHANGE]

    eventually(lambda: len(told()) == 2)
    first, second = told()
    assert first["source"] == "aws.redshift-data"
    assert (first["account"], first["region"]) == (PRODUCER, REGION)
    assert first["resources"][0].startswith(f"arn:aws:redshift-serverless:{REGION}:{PRODUCER}:")
    detail = first["detail"]
    assert detail["principal"] == f"arn:aws:iam::{PRODUCER}:root"
    assert (detail["statementId"], detail["statementName"]) == (finished, "kept")
    assert (detail["state"], detail["rows"]) == ("FINISHED", 2)
    assert detail["redshiftQueryId"] > 0
    assert detail["expireAt"] > time.time()
    assert (second["detail"]["statementId"], second["detail"]["state"]) == (failed, "FAILED")


def _are_forgotten_after_a_day(node: RunningNode, api: DataApi, statement: str) -> None:
    results = node.directory / "state" / "results"
    asked(node, "clock", {"advance_seconds": 23 * 3600})
    assert api.client.describe_statement(Id=statement)["Status"] == "FINISHED"
    assert list(results.iterdir())
    asked(node, "clock", {"advance_seconds": 3600 + 60})
    refused(api.client.describe_statement, "ResourceNotFoundException", Id=statement)
    assert api.client.list_statements(Status="ALL")["Statements"] == []
    eventually(lambda: not list(results.iterdir()))
    made = api.run("SELECT 1", ClientToken="once")
    assert made["Id"] != statement


def _a_stop_ends_what_runs(node: RunningNode, api: DataApi) -> None:
    told: list[str] = []

    def one_waits(statement: str, seconds: int) -> bool:
        try:
            answer = api.client.describe_statement(Id=statement, WaitTimeSeconds=seconds)
        except api.client.exceptions.ActiveWaitingRequestsExceededException:
            return False
        if seconds == 30:
            told.append(answer["Status"])
        return True

    def wait(statement: str) -> None:
        while not one_waits(statement, 30):
            pass

    def stop() -> None:
        (made,) = api.client.list_statements(Status="STARTED")["Statements"]
        waiting = [threading.Thread(target=wait, args=(made["Id"],)) for _ in range(10)]
        for thread in waiting:
            thread.start()
        while one_waits(made["Id"], 1):
            pass  # one more is refused when all ten wait
        node.stop()
        for thread in waiting:
            thread.join()

    running = blocked(node, api, stop)
    api = DataApi(node.start())
    assert len(told) == 10
    assert set(told) <= {"STARTED", "FAILED"}
    failed = api.client.describe_statement(Id=running)
    assert (failed["Status"], "was stopped" in failed["Error"]) == ("FAILED", True)
    assert api.rows("SELECT count(*) FROM held") == [[0]]
