"""Events of a real node: a file, a webhook that fails first, and a node that dies."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import psycopg
import pytest
from botocore.exceptions import ClientError

from tests.node.running import CONSUMER, PRODUCER, REGION, WORLD_ROWS, RunningNode

pytestmark = pytest.mark.server


class Webhook:
    """A server that refuses while `refusing`, and keeps what it was sent."""

    def __init__(self) -> None:
        self.refusing = True
        self.refused = 0
        self.taken: list[dict[str, Any]] = []
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if hook.refusing:
                    hook.refused += 1
                else:
                    hook.taken.append(json.loads(body))
                self.send_response(503 if hook.refusing else 204)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/events"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


def eventually(true: Callable[[], bool]) -> None:
    """Wait until it is so."""
    end = time.monotonic() + 60
    while not true():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)


def lines(path: Path) -> list[dict[str, Any]]:
    """The events of a file."""
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


@pytest.fixture
def hook() -> Iterator[Webhook]:
    made = Webhook()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.mark.scenario(49)
def test_events_reach_file_and_webhook_at_least_once(tmp_path: Path, hook: Webhook) -> None:
    """Calls are told in order, failed ones too, though a webhook refuses and the node dies."""
    file = tmp_path / "events.jsonl"
    node = RunningNode(
        tmp_path, arguments=("--events-file", str(file), "--events-webhook", hook.url)
    ).start()
    try:
        with node.connect("sales") as producer:
            producer.execute("CREATE DATASHARE told")
            producer.execute(f"GRANT USAGE ON DATASHARE told TO ACCOUNT '{CONSUMER}'")
            with pytest.raises(psycopg.Error):
                producer.execute("CREATE DATASHARE told")
        arn = node.share_arn("told")
        call = {"DataShareArn": arn, "ConsumerIdentifier": CONSUMER}
        node.client().authorize_data_share(**call)
        with pytest.raises(ClientError) as denied:
            node.client(CONSUMER).authorize_data_share(**call)
        eventually(lambda: len(lines(file)) == WORLD_ROWS + 5 and hook.refused > 0)
        node.client().deauthorize_data_share(**call)
        node.kill()
        hook.refusing = False
        node.start()
        eventually(lambda: len({e["id"] for e in hook.taken}) == WORLD_ROWS + 6)
        eventually(lambda: len({e["id"] for e in lines(file)}) == WORLD_ROWS + 6)
    finally:
        if node.process is not None and node.process.poll() is None:
            node.stop()
    created, granted, refused, first, failed = lines(file)[WORLD_ROWS:][:5]
    assert [e["detail"]["eventName"] for e in (created, granted, refused)] == [
        "CreateDatashare",
        "GrantDatashareUsage",
        "CreateDatashare",
    ]
    assert created["resources"] == [arn]
    assert granted["detail"]["requestParameters"]["consumers"] == [CONSUMER]
    assert "errorCode" not in created["detail"]
    assert refused["detail"]["errorCode"] == "42710"
    detail = first["detail"]
    assert (first["source"], first["detail-type"]) == (
        "aws.redshift",
        "AWS API Call via CloudTrail",
    )
    assert (first["account"], first["region"], first["resources"]) == (PRODUCER, REGION, [arn])
    assert detail["eventName"] == "AuthorizeDataShare"
    assert detail["requestParameters"] == {"dataShareArn": arn, "consumerIdentifier": CONSUMER}
    assert "errorCode" not in detail
    assert failed["account"] == CONSUMER
    assert failed["detail"]["errorCode"] == denied.value.response["Error"]["Code"]
    names = list(dict.fromkeys(e["detail"]["eventID"] for e in hook.taken))
    assert names == list(dict.fromkeys(e["detail"]["eventID"] for e in lines(file)))
