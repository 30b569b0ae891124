"""Terraform with the AWS provider: what this machine has of both; nothing is downloaded."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from compat.client import Client, Step
from compat.terraform.command import prepare, version
from compat.terraform.resources import resource_steps
from compat.terraform.sharing import sharing_steps
from tests.node.running import RunningNode


def _run(node: RunningNode) -> list[Step]:
    found = []
    for steps in (sharing_steps, resource_steps):
        began = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="redshare-terraform-") as directory:
            found += list(steps(node, Path(directory)))
        print(f"  {steps.__name__}: {time.monotonic() - began:.0f} s", flush=True)
    return found


CLIENT = Client("Terraform", prepare, version, _run)
