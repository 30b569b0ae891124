"""examples/terraform applied, planned again, revoked by hand, destroyed.

The provider waits 30 seconds for each statement, whatever the Data API says.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg

from compat.client import Step
from compat.terraform.command import CHANGES, EMPTY, EXAMPLE, Terraform
from tests.node.running import CONSUMER, PASSWORD, PRODUCER, RunningNode


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


def sharing_steps(node: RunningNode, place: Path) -> Iterator[Step]:
    """Both accounts of a share."""
    terraform = Terraform(node, place, sorted(EXAMPLE.glob("*.tf")))
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
