"""Amazon's Python driver: passwords and IAM, types, and its metadata API across a share."""

from __future__ import annotations

from collections.abc import Sequence

from compat.client import Client, Step
from compat.driven import python_steps, told
from compat.installed import python_client, versions
from tests.node.running import CONSUMER, PRODUCER, REGION, RunningNode


def _run(node: RunningNode) -> Sequence[Step]:
    keys = {account["account_id"]: account for account in node.ready["accounts"]}
    iam = {
        side: {
            "iam": True,
            "endpoint_url": node.ready["endpoint"],
            "region": REGION,
            "access_key_id": keys[account]["access_key_id"],
            "secret_access_key": keys[account]["secret_access_key"],
        }
        for side, account in (("producer", PRODUCER), ("consumer", CONSUMER))
    }
    host, port = node.endpoint("finance")
    given = {**told(node, "by_driver"), "iam": iam, "cluster": {"host": host, "port": port}}
    # The driver trusts its own bundle and what the environment names.
    return python_steps("redshift_connector", given, {"SSL_CERT_FILE": node.ready["ca_file"]})


CLIENT = Client(
    "redshift_connector",
    python_client("redshift_connector", "redshift-connector>=2.1.8,<3"),
    versions("redshift_connector", "redshift-connector"),
    _run,
)
