"""Usage limits of reads across Regions on a real node: they count, tell, and end the reads."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import psycopg
import pytest

from tests.node.running import CONSUMER, PASSWORD, RunningNode
from tests.node.test_share_logs import database_of, share_across

pytestmark = pytest.mark.server

FAR = "eu-west-1"
FEATURE = "cross-region-datasharing"


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningNode]:
    """A node on which one small query reaches a limit of 1, with a share of its tables."""
    directory = tmp_path_factory.mktemp("limits")
    running = RunningNode(
        directory,
        arguments=(
            "--usage-limit-unit",
            "10",
            "--test-controls",
            "--events-file",
            str(directory / "events"),
        ),
    ).start()
    with running.connect("sales") as producer:
        share_across(running, "shared", producer)
    yield running
    running.stop()


def far_client(node: RunningNode, service: str) -> Any:
    key = next(a for a in node.ready["accounts"] if a["account_id"] == CONSUMER)
    return boto3.client(
        service,
        endpoint_url=node.ready["endpoint"],
        region_name=FAR,
        aws_access_key_id=key["access_key_id"],
        aws_secret_access_key=key["secret_access_key"],
    )


def connected(node: RunningNode, host: str, port: int) -> psycopg.Connection[Any]:
    """A consumer in the other Region, with a database of the share."""
    consumer = psycopg.connect(
        host=host,
        port=port,
        dbname="dev",
        user="admin",
        password=PASSWORD,
        sslmode="require",
        autocommit=True,
    )
    consumer.execute(database_of(node, "shared"))  # type: ignore[call-overload]
    return consumer


def read(consumer: psycopg.Connection[Any]) -> None:
    rows = consumer.execute("SELECT count(*) FROM d_shared.shared.t").fetchall()
    assert rows == [(3,)]


def refusal(consumer: psycopg.Connection[Any]) -> str:
    with pytest.raises(psycopg.errors.ConfigurationLimitExceeded) as refused:
        read(consumer)
    return str(refused.value.diag.message_primary)


def to_next_month(node: RunningNode) -> None:
    request = urllib.request.Request(
        f"{node.ready['endpoint']}/_redshare/clock",
        json.dumps({"advance_seconds": 31 * 86_400}).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request) as answer:
        assert answer.status == 200


def test_a_clusters_limits_log_tell_and_disable(node: RunningNode) -> None:
    """Each acts when its amount is read; a changed amount and a new period allow reads again."""
    redshift = far_client(node, "redshift")
    redshift.create_cluster(
        ClusterIdentifier="far",
        NodeType="ra3.xlplus",
        MasterUsername="admin",
        MasterUserPassword=PASSWORD,
        Encrypted=True,
        ClusterType="single-node",
    )
    endpoint = redshift.describe_clusters(ClusterIdentifier="far")["Clusters"][0]["Endpoint"]
    limits = {
        action: redshift.create_usage_limit(
            ClusterIdentifier="far",
            FeatureType=FEATURE,
            LimitType="data-scanned",
            Amount=amount,
            Period="monthly",
            BreachAction=action,
        )["UsageLimitId"]
        for amount, action in enumerate(("log", "emit-metric", "disable"), 1)
    }
    with connected(node, endpoint["Address"], endpoint["Port"]) as consumer:
        with pytest.raises(psycopg.Error, match="zero"):
            consumer.execute("SELECT 1 / (i - i) FROM d_shared.shared.t")
        logged = "SELECT trim(usage_limit_id), trim(feature_type) FROM stl_usage_control"
        expected: list[tuple[str, str]] = []
        for action in ("log", "emit-metric", "disable"):
            assert consumer.execute(logged).fetchall() == expected
            read(consumer)
            expected.append((limits[action], "CROSS_REGION_DATASHARING"))
        assert consumer.execute(logged).fetchall() == expected
        assert consumer.execute(
            "SELECT q.usage_limit FROM sys_query_history q JOIN stl_usage_control c "
            "ON q.query_id = c.query WHERE q.session_id = c.pid AND q.transaction_id = c.xid "
            "ORDER BY c.eventtime"
        ).fetchall() == [(found,) for found, _ in expected]

        told = refusal(consumer)
        assert told.startswith("The usage limit of cross-region-datasharing is reached")
        why = consumer.execute("EXPLAIN ACCESS TO d_shared.shared.t").fetchall()
        assert [row[:3] for row in why if row[1] == "broken"] == [("usage limit", "broken", told)]
        errors = consumer.execute("SELECT error FROM svl_datashare_usage_consumer").fetchall()
        assert errors[-1] == (told,)

        redshift.modify_usage_limit(UsageLimitId=limits["disable"], Amount=5)
        read(consumer)
        redshift.modify_usage_limit(UsageLimitId=limits["disable"], Amount=4)
        assert refusal(consumer) == told, "lowered to what is read already"
        redshift.modify_usage_limit(UsageLimitId=limits["disable"], Amount=5)
        read(consumer)
        assert refusal(consumer) == told
        redshift.modify_usage_limit(UsageLimitId=limits["disable"], BreachAction="log")
        read(consumer)
        redshift.modify_usage_limit(UsageLimitId=limits["disable"], BreachAction="disable")
        assert refusal(consumer) == told
        told_of = redshift.describe_events(SourceType="cluster", SourceIdentifier="far")["Events"]
        reached = [e for e in told_of if e["EventId"] == "REDSHARE-EVENT-USAGE-LIMIT"]
        assert len(reached) == 4
        to_next_month(node)
        read(consumer)

    assert events(node.directory / "events", 4) == [
        (limits["emit-metric"], "emit-metric"),
        *[(limits["disable"], "disable")] * 3,
    ]


def test_a_workgroups_limit_deactivates(node: RunningNode) -> None:
    """`deactivate` is `disable`; reads of what is the consumer's own go on."""
    serverless = far_client(node, "redshift-serverless")
    serverless.create_namespace(
        namespaceName="far", adminUsername="admin", adminUserPassword=PASSWORD
    )
    group = serverless.create_workgroup(workgroupName="far", namespaceName="far")["workgroup"]
    serverless.create_usage_limit(
        resourceArn=group["workgroupArn"],
        usageType=FEATURE,
        amount=1,
        period="daily",
        breachAction="deactivate",
    )
    endpoint = serverless.get_workgroup(workgroupName="far")["workgroup"]["endpoint"]
    with connected(node, endpoint["address"], endpoint["port"]) as consumer:
        consumer.execute("CREATE TABLE own AS SELECT i FROM d_shared.shared.t")
        refusal(consumer)
        with pytest.raises(psycopg.Error, match="usage limit"):
            consumer.execute("INSERT INTO own SELECT i FROM d_shared.shared.t")
        assert consumer.execute("SELECT count(*) FROM own").fetchall() == [(3,)]


def events(file: Path, number: int) -> list[tuple[str, str]]:
    """The limits that events tell of, once so many are delivered."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        told = [json.loads(line) for line in file.read_text().splitlines()]
        found = [e["detail"] for e in told if e["detail-type"] == "Redshift Usage Limit Reached"]
        if len(found) >= number:
            return [(detail["usageLimitId"], detail["breachAction"]) for detail in found]
        time.sleep(0.05)
    raise AssertionError(told)
