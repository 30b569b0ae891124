"""awslabs' Redshift MCP server over stdio: what an assistant sees of both sides of a share."""

from __future__ import annotations

from collections.abc import Sequence

from compat.client import MADE, Client, Step
from compat.driven import python_steps, told
from compat.installed import python_client, versions
from tests.node.running import CONSUMER, PRODUCER, REGION, RunningNode


def _run(node: RunningNode) -> Sequence[Step]:
    given = told(node, "by_mcp")
    with node.connect("analytics") as consumer:
        consumer.execute(
            f"CREATE DATABASE by_mcp FROM DATASHARE by_mcp OF ACCOUNT '{PRODUCER}' "
            f"NAMESPACE '{given['namespace']}'"
        )
    keys = {account["account_id"]: account for account in node.ready["accounts"]}
    environments = {
        side: {
            "AWS_ENDPOINT_URL": node.ready["endpoint"],
            "AWS_REGION": REGION,
            "AWS_ACCESS_KEY_ID": keys[account]["access_key_id"],
            "AWS_SECRET_ACCESS_KEY": keys[account]["secret_access_key"],
            "LOG_LEVEL": "WARNING",
        }
        for side, account in (("producer", PRODUCER), ("consumer", CONSUMER))
    }
    server = str(MADE / "redshift_mcp/bin/awslabs.redshift-mcp-server")
    return python_steps("redshift_mcp", {**given, "server": server, "environments": environments})


CLIENT = Client(
    "awslabs Redshift MCP server",
    python_client("redshift_mcp", "awslabs.redshift-mcp-server>=0.1,<0.2"),
    versions("redshift_mcp", "awslabs.redshift-mcp-server"),
    _run,
)
