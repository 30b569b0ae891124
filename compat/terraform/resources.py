"""control_plane/: every other resource a node answers, applied, changed in place, destroyed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from compat.client import Step
from compat.terraform.command import EMPTY, EXAMPLE, Terraform
from tests.node.running import RunningNode

HERE = Path(__file__).parent / "control_plane"
SOURCES = [EXAMPLE / f"{name}.tf" for name in ("versions", "providers", "variables")]
CHOSEN = {
    "node_type": "ra3.4xlarge",
    "nodes": "2",
    "public": "true",
    "amount": "9",
    "team": "ops",
}


def resource_steps(node: RunningNode, place: Path) -> Iterator[Step]:
    """Clusters with their groups, roles, limits, policy and snapshots; serverless likewise."""
    terraform = Terraform(node, place, [*SOURCES, *sorted(HERE.glob("*.tf"))])
    code, said = terraform("init", "-input=false")
    if code:
        yield Step("control plane: init", ok=False, said=said)
        return
    code, said = terraform("apply", "-auto-approve", "-input=false")
    good = code == 0 and "Resources: 11 added, 0 changed, 0 destroyed" in said
    yield Step("groups, roles, limits, policy, snapshot, a restored cluster: apply", good, said)
    code, said = terraform.plan()
    yield Step("… a second plan is empty", code == EMPTY, said)
    chosen = [f"-var={name}={value}" for name, value in CHOSEN.items()]
    code, said = terraform("apply", "-auto-approve", "-input=false", *chosen)
    good = code == 0 and "Resources: 0 added, 5 changed, 0 destroyed" in said
    yield Step("… resized, opened, tagged, limited otherwise: changed in place", good, said)
    code, said = terraform.plan(*chosen)
    yield Step("… and the plan is empty", code == EMPTY, said)
    code, said = terraform("destroy", "-auto-approve", *chosen)
    good = code == 0 and "Resources: 11 destroyed" in said
    yield Step("… destroy, with a final snapshot", good, said)
    last = node.client().describe_cluster_snapshots(SnapshotIdentifier="tf-shop-final")
    node.client().delete_cluster_snapshot(SnapshotIdentifier="tf-shop-final")
    yield Step("… which is there", len(last["Snapshots"]) == 1)
