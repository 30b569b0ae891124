"""Terraform with the AWS provider: examples/terraform applied, planned again, revoked, destroyed.

Terraform and the provider are what this machine has; nothing is downloaded. The provider waits 30
seconds for each statement, whatever the Data API says.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg

from compat.client import ROOT, Client, NotFound, Step, run
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


def _mirror() -> Path | None:
    named = os.environ.get(MIRROR_VARIABLE)
    patterns = [named] if named else [str(Path(p).expanduser()) for p in _USUAL]
    for pattern in patterns:
        for place in sorted(Path("/").glob(pattern.lstrip("/"))):
            if any((place / PROVIDER).glob("*/*/terraform-provider-aws*")):
                return place
    return None


def _prepare() -> None:
    if shutil.which("terraform") is None:
        raise NotFound("terraform is not on the PATH")
    if _mirror() is None:
        raise NotFound(f"no mirror has the provider {PROVIDER}; {MIRROR_VARIABLE} can name one")


def _version() -> str:
    # What Terraform has to say about a person's own settings stands behind the document.
    said, _ = json.JSONDecoder().raw_decode(run(["terraform", "version", "-json"])[1])
    mirror = _mirror()
    assert mirror is not None, "prepared"
    providers = ", ".join(sorted(p.name for p in (mirror / PROVIDER).iterdir()))
    return f"terraform {said['terraform_version']}, provider aws {providers}"


class _Terraform:
    """The command in a copy of the example."""

    def __init__(self, node: RunningNode, place: Path) -> None:
        self._place = place / "example"
        shutil.copytree(
            EXAMPLE,
            self._place,
            ignore=shutil.ignore_patterns(".terraform*", "terraform.tfstate*", "*.tfvars*"),
        )
        settings = place / "terraform.rc"
        mirror = f'filesystem_mirror {{\n    path = "{_mirror()}"\n  }}'
        settings.write_text(f"provider_installation {{\n  {mirror}\n}}\n")
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

    def plan(self) -> tuple[int, str]:
        return self("plan", "-input=false", "-detailed-exitcode")

    def outputs(self) -> dict[str, Any]:
        said = json.loads(self("output", "-json")[1])
        return {name: output["value"] for name, output in said.items()}


def _read(host: str, port: int) -> list[tuple[Any, ...]]:
    with psycopg.connect(
        host=host, port=port, dbname="dev", user="admin", password=PASSWORD, sslmode="require"
    ) as connection:
        return connection.execute("SELECT id, item FROM shop.public.orders ORDER BY id").fetchall()


def _both_read(outputs: dict[str, Any]) -> bool:
    workgroup = outputs["consumer_workgroup"]
    host, _, port = outputs["consumer_cluster"].rpartition(":")
    rows = [(1, "ticket"), (2, "programme")]
    return _read(workgroup["address"], workgroup["port"]) == rows and _read(host, int(port)) == rows


def _steps(node: RunningNode, place: Path) -> Iterator[Step]:
    terraform = _Terraform(node, place)
    began = time.monotonic()
    code, said = terraform("init", "-input=false")
    yield Step("init from a local mirror", code == 0, said)
    code, said = terraform("apply", "-auto-approve", "-input=false")
    good = code == 0 and "Resources: 16 added, 0 changed, 0 destroyed" in said
    yield Step("apply: both accounts, the share from CREATE DATASHARE to the consumers", good, said)
    outputs = terraform.outputs()
    yield Step("the consumer's workgroup and cluster read the share", _both_read(outputs))
    code, said = terraform.plan()
    yield Step("a second plan is empty", code == EMPTY, said)

    arn = outputs["data_share_arn"]
    _deauthorize(node, arn)
    code, said = terraform.plan()
    good = code == CHANGES and "Plan: 3 to add, 0 to change, 0 to destroy" in said
    yield Step("deauthorized by hand: the plan restores it", good, said)
    code, said = terraform("apply", "-auto-approve", "-input=false")
    good = code == 0 and "Resources: 3 added, 0 changed, 0 destroyed" in said
    yield Step("… and apply does", good and _both_read(outputs), said)
    code, said = terraform.plan()
    yield Step("… and the plan is empty again", code == EMPTY, said)

    _deauthorize(node, arn)
    target = "-target=aws_redshift_data_share_authorization.consumer"
    code, said = terraform("destroy", "-auto-approve", "-refresh=false", target)
    good = code == 0 and "Resources: 5 destroyed" in said
    yield Step("deauthorized by hand, unseen: destroy of what is gone", good, said)
    with _producer(node) as connection:
        connection.execute(f"REVOKE USAGE ON DATASHARE orders_share FROM ACCOUNT '{CONSUMER}'")
        connection.execute("DROP DATASHARE orders_share")
    code, said = terraform("destroy", "-auto-approve")
    good = code == 0 and "Resources: 11 destroyed" in said
    yield Step("revoked and dropped by hand: destroy is clean", good, said)
    code, said = terraform("show", "-json")
    good = code == 0 and "values" not in json.loads(said)
    yield Step("nothing is left", good and not _left(node), said)
    print(f"  {time.monotonic() - began:.0f} s in all", flush=True)


def _deauthorize(node: RunningNode, arn: str) -> None:
    node.client().deauthorize_data_share(DataShareArn=arn, ConsumerIdentifier=CONSUMER)


def _producer(node: RunningNode) -> psycopg.Connection[Any]:
    serverless = node.client(PRODUCER, "redshift-serverless")
    endpoint = serverless.get_workgroup(workgroupName="shop-wg")["workgroup"]["endpoint"]
    return psycopg.connect(
        host=endpoint["address"],
        port=endpoint["port"],
        dbname="dev",
        user="admin",
        password=PASSWORD,
        sslmode="require",
        autocommit=True,
    )


def _left(node: RunningNode) -> bool:
    clusters = node.client(CONSUMER).describe_clusters()["Clusters"]
    namespaces = [
        namespace["namespaceName"]
        for account in (PRODUCER, CONSUMER)
        for namespace in node.client(account, "redshift-serverless").list_namespaces()["namespaces"]
    ]
    return bool(clusters) or bool({"shop", "reports"} & set(namespaces))


def _run(node: RunningNode) -> list[Step]:
    with tempfile.TemporaryDirectory(prefix="redshare-terraform-") as directory:
        return list(_steps(node, Path(directory)))


CLIENT = Client("Terraform", _prepare, _version, _run)
