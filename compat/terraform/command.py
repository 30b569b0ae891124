"""The terraform command: where it finds its provider, and a place to run in."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from compat.client import ROOT, NotFound, run
from tests.node.running import CONSUMER, PASSWORD, PRODUCER, REGION, RunningNode

EXAMPLE = ROOT / "examples/terraform"
PROVIDER = "registry.terraform.io/hashicorp/aws"
#: Names the folder of a provider mirror.
MIRROR_VARIABLE = "REDSHARE_TERRAFORM_MIRROR"
#: Where Terraform itself looks, and where machines that prepare one put it.
_USUAL = (
    "~/.terraform.d/plugins",
    "~/.local/share/terraform/plugins",
    "/usr/local/share/terraform/plugins",
    "/usr/share/terraform/plugins",
    "/usr/share/*",
    "/opt/*",
    "/opt/*/*",
)
#: What `plan -detailed-exitcode` says.
EMPTY, CHANGES = 0, 2


def mirror() -> Path | None:
    """The folder of a provider mirror, if this machine has one."""
    named = os.environ.get(MIRROR_VARIABLE)
    patterns = [named] if named else [str(Path(p).expanduser()) for p in _USUAL]
    for pattern in patterns:
        for place in sorted(Path("/").glob(pattern.lstrip("/"))):
            if any((place / PROVIDER).glob("*/*/terraform-provider-aws*")):
                return place
    return None


def prepare() -> None:
    """Raises NotFound where the command or the provider is missing."""
    if shutil.which("terraform") is None:
        raise NotFound("terraform is not on the PATH")
    if mirror() is None:
        raise NotFound(f"no mirror has the provider {PROVIDER}; {MIRROR_VARIABLE} can name one")


def version() -> str:
    """Of both."""
    # What Terraform has to say about a person's own settings stands behind the document.
    said, _ = json.JSONDecoder().raw_decode(run(["terraform", "version", "-json"])[1])
    place = mirror()
    assert place is not None, "prepared"
    providers = ", ".join(sorted(p.name for p in (place / PROVIDER).iterdir()))
    return f"terraform {said['terraform_version']}, provider aws {providers}"


class Terraform:
    """The command in a folder with the given files, and what they ask to be told."""

    def __init__(self, node: RunningNode, place: Path, sources: Sequence[Path]) -> None:
        self._place = place / "configuration"
        self._place.mkdir()
        for source in sources:
            shutil.copy(source, self._place)
        settings = place / "terraform.rc"
        found = f'filesystem_mirror {{\n    path = "{mirror()}"\n  }}'
        settings.write_text(f"provider_installation {{\n  {found}\n}}\n")
        self._environment = {
            "TF_CLI_CONFIG_FILE": str(settings),
            "TF_IN_AUTOMATION": "1",
            "CHECKPOINT_DISABLE": "1",
        }
        keys = {
            a["account_id"]: {k: v for k, v in a.items() if k != "account_id"}
            for a in node.ready["accounts"]
        }
        told = {
            "endpoint": node.ready["endpoint"],
            "region": REGION,
            "producer": keys[PRODUCER],
            "consumer": keys[CONSUMER],
            "admin_password": PASSWORD,
        }
        (self._place / "terraform.tfvars.json").write_text(json.dumps(told))

    def __call__(self, *words: str) -> tuple[int, str]:
        command = ["terraform", words[0], "-no-color", *words[1:]]
        return run(command, self._environment, cwd=self._place)

    def plan(self, *words: str) -> tuple[int, str]:
        """What would be changed; EMPTY or CHANGES."""
        return self("plan", "-input=false", "-detailed-exitcode", *words)

    def outputs(self) -> dict[str, Any]:
        """The values of the outputs."""
        said = json.loads(self("output", "-json")[1])
        return {name: output["value"] for name, output in said.items()}
