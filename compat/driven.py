"""A client driven by a script in its own environment: what the script is told, what it says."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from compat.client import ROOT, Step, run
from compat.installed import python_of
from compat.recorder import Recorder
from compat.share import offer
from tests.node.running import PASSWORD, PRODUCER, RunningNode

SIDES = ("producer", "consumer")


def told(node: RunningNode, name: str) -> dict[str, Any]:
    """A share of that name, offered and associated, and the way to both sides of it."""
    offer(node, name)
    return {
        "share": name,
        "account": PRODUCER,
        "namespace": node.guid("sales"),
        "producer": dict(zip(("host", "port"), node.endpoint("sales"), strict=True)),
        "consumer": dict(zip(("host", "port"), node.endpoint("analytics"), strict=True)),
        "database": "dev",
        "user": "admin",
        "password": PASSWORD,
        "ca_file": node.ready["ca_file"],
    }


def steps(
    command: Sequence[str | Path], *, cwd: Path, environment: Mapping[str, str] | None = None
) -> list[Step]:
    """Run a script that says each step as a line of JSON; its failure is a step, too."""
    code, said = run(command, environment, cwd=cwd)
    found = [Step(**json.loads(line)) for line in said.splitlines() if line.startswith('{"what"')]
    return [*found, *([Step("the script ends well", ok=False, said=said)] if code else [])]


def python_steps(
    name: str, told: Mapping[str, Any], environment: Mapping[str, str] | None = None
) -> list[Step]:
    """Run compat/NAME/steps.py in the client's environment."""
    here = ROOT / "compat" / name
    return steps(
        [python_of(name), here / "steps.py", json.dumps(told)],
        cwd=here,
        environment={
            "PYTHONPATH": str(ROOT / "compat/within"),
            "PYTHONDONTWRITEBYTECODE": "1",
            **(environment or {}),
        },
    )


def recorded_steps(name: str, node: RunningNode, **more: object) -> list[Step]:
    """The same through recorders, for tools: what fails is told with what was refused."""
    given = {**told(node, f"by_{name}"), **more}
    recorders = {side: Recorder((given[side]["host"], given[side]["port"])) for side in SIDES}
    for side, recorder in recorders.items():
        given[side] = {"host": "127.0.0.1", "port": recorder.port}
    try:
        found = python_steps(name, given)
    finally:
        for recorder in recorders.values():
            recorder.close()
    refused = "\n".join(recorder.told() for recorder in recorders.values())
    return [
        step if step.ok else dataclasses.replace(step, said=f"{step.said}\n{refused}")
        for step in found
    ]
