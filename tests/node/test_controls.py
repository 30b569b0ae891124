"""The clock, faults and reset of a node that was started for tests."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import psycopg
import pytest
from botocore.exceptions import ClientError

from tests.node.running import CONSUMER, RunningNode

pytestmark = pytest.mark.server

AUTHORIZE = {"service": "redshift", "operation": "AuthorizeDataShare"}


@pytest.fixture(scope="module")
def controlled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningNode]:
    node = RunningNode(tmp_path_factory.mktemp("controls"), arguments=("--test-controls",))
    yield node.start()
    node.stop()


@pytest.fixture(autouse=True)
def plain(controlled: RunningNode) -> Iterator[None]:
    """Each test leaves the clock and the rules as they were."""
    yield
    asked(controlled, "clock", {"reset": True})
    asked(controlled, "faults", method="DELETE")


def asked(
    node: RunningNode, path: str, body: object = None, method: str = "", **headers: str
) -> Any:
    """The JSON answer of a control."""
    data = None if body is None else json.dumps(body).encode()
    given = {
        "content-type": "application/json",
        **{k.replace("_", "-"): headers[k] for k in headers},
    }
    url = f"{node.ready['endpoint']}/_redshare/{path}"
    request = Request(url, data, given, method=method or ("GET" if data is None else "POST"))
    with urlopen(request, timeout=60) as answer:
        return json.load(answer)


def refused(node: RunningNode, path: str, body: object = None, method: str = "", **h: str) -> int:
    """The status of a refusal, which says why."""
    with pytest.raises(HTTPError) as caught:
        asked(node, path, body, method, **h)
    assert json.load(caught.value)["error"]
    return caught.value.code


def offered(node: RunningNode, name: str) -> str:
    """A share that waits for its authorization; its ARN."""
    with node.connect("sales") as producer:
        producer.execute(f"CREATE DATASHARE {name}")
        producer.execute(f"GRANT USAGE ON DATASHARE {name} TO ACCOUNT '{CONSUMER}'")
    return node.share_arn(name)


def authorized(node: RunningNode, arn: str, **more: Any) -> str:
    """AuthorizeDataShare; the status it answers."""
    answer = node.client().authorize_data_share(
        DataShareArn=arn, ConsumerIdentifier=CONSUMER, **more
    )
    return str(answer["DataShareAssociations"][0]["Status"])


def test_the_clock_moves_and_stands_still(controlled: RunningNode) -> None:
    """SQL, the API's dates and the credentials' end follow it; signatures follow the machine's."""
    moment = "2031-02-03T04:05:06+00:00"
    assert asked(controlled, "clock", {"now": moment, "frozen": True}) == {
        "now": moment,
        "frozen": True,
    }
    arn = offered(controlled, "dated")
    entry = controlled.client().authorize_data_share(DataShareArn=arn, ConsumerIdentifier=CONSUMER)[
        "DataShareAssociations"
    ][0]
    assert entry["CreatedDate"] == entry["StatusChangeDate"] == datetime.fromisoformat(moment)
    with controlled.connect("sales") as session:
        row = session.execute("SELECT getdate(), sysdate, current_date").fetchone()
        assert row is not None
        assert [str(value)[:19] for value in row] == [
            "2031-02-03 04:05:06",
            "2031-02-03 04:05:06",
            "2031-02-03",
        ]
    moved = asked(controlled, "clock", {"advance_seconds": 86_400, "frozen": False})
    assert not moved["frozen"]
    now = datetime.fromisoformat(asked(controlled, "clock")["now"])
    assert now - datetime.fromisoformat(moment) >= timedelta(days=1)
    asked(controlled, "clock", {"reset": True})
    now = datetime.fromisoformat(asked(controlled, "clock")["now"])
    assert abs(now - datetime.now(UTC)) < timedelta(minutes=1)


def test_temporary_credentials_end_with_the_clock(controlled: RunningNode) -> None:
    """A password that is good for an hour is refused two hours later."""
    found = controlled.client(CONSUMER, "redshift-serverless").get_credentials(
        workgroupName="analytics-wg", durationSeconds=3600
    )
    host, port = controlled.endpoint("analytics")
    login = {
        "host": host,
        "port": port,
        "dbname": "dev",
        "user": found["dbUser"],
        "password": found["dbPassword"],
    }
    psycopg.connect(**login).close()
    asked(controlled, "clock", {"advance_seconds": 7_200})
    with pytest.raises(psycopg.OperationalError, match="authentication failed"):
        psycopg.connect(**login)


def test_a_call_fails_as_often_as_asked(controlled: RunningNode) -> None:
    """With a modelled code or any other, and then no more."""
    arn = offered(controlled, "failing")
    error = {"code": "Throttling", "message": "Rate exceeded", "status": 400}
    asked(controlled, "faults", {**AUTHORIZE, "times": 2, "error": error})
    asked(controlled, "faults", {**AUTHORIZE, "account": CONSUMER, "error": error})
    for _ in range(2):
        with pytest.raises(ClientError, match="Rate exceeded") as caught:
            authorized(controlled, arn)
        assert caught.value.response["Error"]["Code"] == "Throttling"
    assert authorized(controlled, arn) == "AUTHORIZED"
    (left,) = asked(controlled, "faults")["faults"]
    assert left["account"] == CONSUMER
    asked(controlled, f"faults/{left['rule_id']}", method="DELETE")
    assert asked(controlled, "faults") == {"faults": []}

    model = {"service": "redshift-data", "error": {"code": "ActiveStatementsExceededException"}}
    asked(controlled, "faults", model)
    client = controlled.client(CONSUMER, "redshift-data")
    with pytest.raises(client.exceptions.ActiveStatementsExceededException):
        client.list_statements()


def test_a_call_waits(controlled: RunningNode) -> None:
    """A delay is before the call, which then does what it does."""
    arn = offered(controlled, "slow")
    asked(controlled, "faults", {**AUTHORIZE, "times": 1, "delay_seconds": 0.5})
    began = time.monotonic()
    assert authorized(controlled, arn) == "AUTHORIZED"
    assert time.monotonic() - began >= 0.5


def test_a_share_stays_pending(controlled: RunningNode) -> None:
    """Authorize answers, and nothing happened."""
    arn = offered(controlled, "stuck")
    asked(controlled, "faults", {"stuck_pending": True, "times": 1})
    assert authorized(controlled, arn) == "PENDING_AUTHORIZATION"
    found = controlled.client().describe_data_shares(DataShareArn=arn)["DataShares"][0]
    assert found["DataShareAssociations"][0]["Status"] == "PENDING_AUTHORIZATION"
    assert authorized(controlled, arn) == "AUTHORIZED"


def test_a_region_without_writes(controlled: RunningNode) -> None:
    """AllowWrites is refused in the Region's own words; without it all is well."""
    arn = offered(controlled, "readers")
    asked(controlled, "faults", {"region": "us-east-1", "writes_unavailable": True})
    with pytest.raises(ClientError, match="DATA_SHARING_WRITES support is not yet available"):
        authorized(controlled, arn, AllowWrites=True)
    assert authorized(controlled, arn) == "AUTHORIZED"


def test_reset_makes_the_world_anew(controlled: RunningNode) -> None:
    """Shares, data and sessions are gone; the same keys and logins work on new namespaces."""
    offered(controlled, "gone")
    before = controlled.guid("sales")
    session = controlled.connect("sales")
    session.execute("CREATE TABLE gone (i integer)")
    made = asked(controlled, "reset", {})["made"]
    assert "namespace sales" in made
    with pytest.raises(psycopg.Error):
        session.execute("SELECT 1")
    assert controlled.client().describe_data_shares()["DataShares"] == []
    assert controlled.guid("sales") != before
    with (
        controlled.connect("sales") as fresh,
        pytest.raises(psycopg.errors.UndefinedTable),
    ):
        fresh.execute("SELECT * FROM gone")
    assert authorized(controlled, offered(controlled, "again")) == "AUTHORIZED"


def test_what_cannot_be_is_refused(controlled: RunningNode) -> None:
    """Each with its reason, and nothing changes."""
    assert refused(controlled, "clock", {"now": "yesterday"}) == 400
    assert refused(controlled, "clock", {"advance_seconds": 1e300}) == 400
    assert refused(controlled, "clock", {"tomorrow": True}) == 400
    assert refused(controlled, "faults", {}) == 400
    assert refused(controlled, "faults", {"delay_seconds": 61}) == 400
    assert refused(controlled, "faults", {"stuck_pending": True, "times": 0}) == 400
    assert refused(controlled, "faults", {"error": {"code": "X", "status": 200}}) == 400
    assert refused(controlled, "faults/none", method="DELETE") == 404
    assert refused(controlled, "nothing") == 404
    assert refused(controlled, "reset", {}, content_type="text/plain") == 415
    assert refused(controlled, "reset", {}, host="evil.example:80") == 403
    assert asked(controlled, "faults") == {"faults": []}


def test_an_ordinary_node_has_no_controls(node: RunningNode) -> None:
    """The path is an AWS request like any other, and none that there is."""
    with pytest.raises(HTTPError) as caught:
        asked(node, "clock")
    assert caught.value.code in {400, 403, 404}
    assert b"MissingAuthenticationToken" in caught.value.read()


def test_controls_are_for_the_loopback_alone(tmp_path: Path) -> None:
    """A node that others can reach does not start with them."""
    command = [sys.executable, "-m", "redshare", "serve", "--test-controls"]
    command += ["--listen", "0.0.0.0:0", "--dir", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2
    assert "--test-controls" in done.stderr
