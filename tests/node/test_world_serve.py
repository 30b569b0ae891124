"""`redshare serve --world` with contents: the documentation's example, scripts, the reset."""

from __future__ import annotations

import json
import re
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import psycopg
import pytest
import yaml
from typer.testing import CliRunner

from redshare.adapters.postgres import AttachedPostgres
from redshare.bootstrap import CONTROL_DATABASE
from redshare.cli.world import app
from tests.node.running import CONSUMER, PASSWORD, PRODUCER, REGION, RunningNode

pytestmark = pytest.mark.server

_PAGE = Path(__file__).parents[2] / "docs" / "reference" / "world.md"
_BLOCK = re.compile(r"```(yaml|sql)\n(.*?)```", re.DOTALL)
EXAMPLE = dict(_BLOCK.findall(_PAGE.read_text("utf-8")))
ENVIRONMENT = {
    "PRODUCER_SECRET": "producer-secret-key-000000000000000000001",
    "ANA_SECRET": "ana-secret-key-00000000000000000000000001",
    "CONSUMER_SECRET": "consumer-secret-key-000000000000000000001",
    "SALES_PASSWORD": PASSWORD,
    "ANALYTICS_PASSWORD": PASSWORD,
    "ANN_PASSWORD": PASSWORD,
}


def example(directory: Path) -> RunningNode:
    """A node for the example, not started."""
    directory.joinpath("sales.sql").write_text(EXAMPLE["sql"])
    world = yaml.safe_load(EXAMPLE["yaml"])
    arguments = ("--test-controls",)
    return RunningNode(directory, world=world, environment=ENVIRONMENT, arguments=arguments)


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningNode]:
    """The example's node."""
    running = example(tmp_path_factory.mktemp("node")).start()
    try:
        yield running
    finally:
        running.stop()


def world(*arguments: object) -> Any:
    """`redshare world …`."""
    return CliRunner().invoke(app, [*map(str, arguments)], env=ENVIRONMENT)


def works(node: RunningNode) -> None:
    """The example's share is read and written by its consumer."""
    with node.connect("analytics") as consumer:
        assert consumer.execute("SELECT id FROM big_orders").fetchall() == [(101,)]
        consumer.execute("INSERT INTO far.public.orders VALUES (2, 'lamp')")
    with node.connect("sales", user="ann") as ann:
        assert ann.execute("SELECT count(*) FROM orders").fetchall() == [(3,)]
    key = {
        "endpoint_url": node.ready["endpoint"],
        "region_name": REGION,
        "aws_access_key_id": "AKIAANA0000000000001",
        "aws_secret_access_key": ENVIRONMENT["ANA_SECRET"],
    }
    shares = boto3.client("redshift", **key).describe_data_shares()["DataShares"]
    assert [share["DataShareArn"].rpartition("/")[2] for share in shares] == ["orders"]
    steward = f"arn:aws:iam::{PRODUCER}:role/steward"
    boto3.client("sts", **key).assume_role(RoleArn=steward, RoleSessionName="steward")


def test_the_example_is_what_the_documentation_says(node: RunningNode) -> None:
    """A node started with the page's file has all of it, under the GUID of the file."""
    assert node.guid("sales") == "6d3b1f6e-2b54-4c1e-9d0f-0a1b2c3d4e5f"
    works(node)
    file, endpoint = node.directory / "world.yaml", node.ready["endpoint"]
    difference = world("diff", file, "--endpoint-url", endpoint)
    assert (difference.exit_code, difference.stdout) == (0, "")
    again = world("apply", file, "--endpoint-url", endpoint)
    assert (again.exit_code, again.stdout, again.stderr) == (0, "", "")


def test_keys_of_users_are_in_the_audit(node: RunningNode) -> None:
    """The node makes them itself, after the contents: the row is the world file's."""
    store = AttachedPostgres(node.directory / "state" / "postgres").url(CONTROL_DATABASE)
    with psycopg.connect(store) as connection:
        found = connection.execute(
            "SELECT DISTINCT body->>'principal' FROM audit WHERE body->>'action' = %s"
            " AND body->'parameters'->>'accessKeyId' = 'AKIAANA0000000000001'",
            ("iam:CreateAccessKey",),
        ).fetchall()
    assert found == [(f"arn:aws:iam::{PRODUCER}:system/world-file",)]


def test_the_ready_line_has_the_keys(node: RunningNode) -> None:
    """`export` takes the line of `serve --json` in place of a world file."""
    line = node.directory / "ready.json"
    line.write_text(json.dumps(node.ready))
    done = world("export", line)
    assert done.exit_code == 0, done.stderr
    accounts = yaml.safe_load(done.stdout)["accounts"]
    assert list(accounts) == [PRODUCER, CONSUMER]
    assert list(accounts[PRODUCER]["namespaces"]["sales"]["datashares"]) == ["orders"]


def test_a_reset_makes_the_contents_again(node: RunningNode) -> None:
    """Tables, rows and shares of the file are there again, and what was made since is gone."""
    with node.connect("sales") as producer:
        producer.execute("CREATE TABLE made_since (a int)")
    request = urllib.request.Request(
        f"{node.ready['endpoint']}/_redshare/reset",
        b"{}",
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request) as answer:
        assert "script sales.sql in 111111111111/sales/dev" in json.load(answer)["made"]
    works(node)
    with node.connect("sales") as producer:
        found = producer.execute("SELECT count(*) FROM pg_class WHERE relname = 'made_since'")
        assert found.fetchall() == [(0,)]


def test_a_thousand_shares(node: RunningNode) -> None:
    """They are made in batches, read back, and made once."""
    declared = yaml.safe_load(EXAMPLE["yaml"])
    sales = declared["accounts"][PRODUCER]["namespaces"]["sales"]
    sales["datashares"] |= {f"s{n}": {"database": "dev"} for n in range(1000)}
    file = node.directory / "many.yaml"
    file.write_text(yaml.safe_dump(declared))
    made = world("apply", file, "--endpoint-url", node.ready["endpoint"])
    assert made.exit_code == 0, made.stderr
    assert len(made.stdout.splitlines()) == 1000
    again = world("apply", file, "--endpoint-url", node.ready["endpoint"])
    assert (again.exit_code, again.stdout, again.stderr) == (0, "", "")


def test_a_failing_script_leaves_nothing(node: RunningNode) -> None:
    """Its line is named; once it is mended it runs whole."""
    declared = yaml.safe_load(EXAMPLE["yaml"])
    sales = declared["accounts"][PRODUCER]["namespaces"]["sales"]
    sales["databases"]["second"] = {"scripts": ["second.sql"]}
    file, script = node.directory / "scripts.yaml", node.directory / "second.sql"
    file.write_text(yaml.safe_dump(declared))
    arguments = ("apply", file, "--endpoint-url", node.ready["endpoint"])
    missing = world(*arguments)
    assert (missing.exit_code, missing.stderr) == (
        2,
        "redshare: second.sql: No such file or directory\n",
    )
    script.write_text("-- one\nCREATE TABLE half (a int);\n\nSELECT 1 / 0;\n")
    failed = world(*arguments)
    assert failed.exit_code == 2
    assert "111111111111/sales: second.sql, line 4: " in failed.stderr
    script.write_text("CREATE TABLE half (a int);")
    mended = world(*arguments)
    assert mended.stdout == "script second.sql in 111111111111/sales/second\n"
    assert world(*arguments).stdout == ""


def test_a_world_that_cannot_be_made_ends_the_node(tmp_path: Path) -> None:
    """Exit code 2 and one line that says why."""
    node = example(tmp_path)
    (tmp_path / "sales.sql").write_text("SELEC 1")
    with pytest.raises(AssertionError, match=r"redshare: .*sales\.sql, line 1: syntax error"):
        node.start()
    assert node.stop() == 2
