"""The AWS SDK for JavaScript v3 on Node.js."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

from compat.client import MADE, Client, Step
from compat.driven import steps
from compat.installed import node_client
from compat.share import make_share
from tests.node.running import CONSUMER, PRODUCER, RunningNode

HERE = Path(__file__).parent
PLACE = MADE / "aws_sdk_js"


def _version() -> str:
    package = PLACE / "node_modules/@aws-sdk/client-redshift/package.json"
    return f"client-redshift {json.loads(package.read_text())['version']}"


def _run(node: RunningNode) -> Sequence[Step]:
    keys = {a["account_id"]: a for a in node.ready["accounts"]}
    shutil.copy(HERE / "steps.mjs", PLACE / "steps.mjs")
    told = {
        "endpoint": node.ready["endpoint"],
        "arn": make_share(node, "js"),
        "consumerArn": node.namespace_arn("analytics"),
        "producer": keys[PRODUCER],
        "consumer": keys[CONSUMER],
    }
    return steps(["node", "--no-warnings", "steps.mjs", json.dumps(told)], cwd=PLACE)


CLIENT = Client("AWS SDK for JavaScript v3", node_client("aws_sdk_js"), _version, _run)
