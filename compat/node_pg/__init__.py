"""node-pg: parameters without types, text both ways, and its cursors."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

from compat.client import MADE, Client, Step
from compat.driven import steps, told
from compat.installed import node_client
from tests.node.running import RunningNode

HERE = Path(__file__).parent
PLACE = MADE / "node_pg"


def _version() -> str:
    return str(json.loads((PLACE / "node_modules/pg/package.json").read_text())["version"])


def _run(node: RunningNode) -> Sequence[Step]:
    shutil.copy(HERE / "steps.mjs", PLACE / "steps.mjs")
    command = ["node", "--no-warnings", "steps.mjs", json.dumps(told(node, "by_node_pg"))]
    return steps(command, cwd=PLACE)


CLIENT = Client("node-pg", node_client("node_pg"), _version, _run)
