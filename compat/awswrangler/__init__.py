"""awswrangler: pandas frames by Amazon's driver and by the Data API."""

from __future__ import annotations

from collections.abc import Sequence

from compat.bucket import BUCKET, KEYS, node_beside, s3
from compat.client import Client, Step
from compat.driven import recorded_steps
from compat.installed import python_client, versions
from tests.node.running import CONSUMER, PRODUCER, REGION, RunningNode


def _prepare() -> None:
    python_client("awswrangler", "awswrangler[redshift]>=3.12,<4")()


def _run(_: RunningNode) -> Sequence[Step]:
    with s3() as endpoint, node_beside(endpoint) as node:
        return _steps(node, endpoint)


def _steps(node: RunningNode, endpoint: str) -> Sequence[Step]:
    keys = {account["account_id"]: account for account in node.ready["accounts"]}
    sessions = {
        side: {
            "aws_access_key_id": keys[account]["access_key_id"],
            "aws_secret_access_key": keys[account]["secret_access_key"],
            "region_name": REGION,
        }
        for side, account in (("producer", PRODUCER), ("consumer", CONSUMER))
    }
    endpoints = {"AWS_ENDPOINT_URL": node.ready["endpoint"], "AWS_ENDPOINT_URL_S3": endpoint}
    folder = f"s3://{BUCKET}/awswrangler/"
    return recorded_steps(
        "awswrangler", node, environment={**KEYS, **endpoints}, folder=folder, sessions=sessions
    )


CLIENT = Client(
    "awswrangler",
    _prepare,
    versions("awswrangler", "awswrangler", "redshift-connector"),
    _run,
)
