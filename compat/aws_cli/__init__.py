"""AWS CLI v1, in an environment of its own."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

from compat.client import MADE, Client, Step, must, run
from compat.share import make_share
from tests.node.running import CONSUMER, PASSWORD, PRODUCER, REGION, RunningNode

PLACE = MADE / "aws_cli"
AWS = PLACE / "bin" / "aws"
_GIVEN = ("AccessKeyId", "SecretAccessKey", "SessionToken")


def _prepare() -> None:
    if not AWS.exists():
        must([sys.executable, "-m", "venv", PLACE])
        must([PLACE / "bin" / "pip", "install", "--quiet", "awscli>=1.40,<2"])


class _Aws:
    """The command with the credentials of both accounts."""

    def __init__(self, node: RunningNode) -> None:
        self._endpoint = node.ready["endpoint"]
        self._keys = {a["account_id"]: a for a in node.ready["accounts"]}

    def __call__(self, account: str, *words: str) -> tuple[int, Any]:
        key = self._keys[account]
        return self.by(key["access_key_id"], key["secret_access_key"], None, *words)

    def by(self, key: str, secret: str, token: str | None, *words: str) -> tuple[int, Any]:
        """With any credentials."""
        environment = {
            "AWS_ENDPOINT_URL": self._endpoint,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ACCESS_KEY_ID": key,
            "AWS_SECRET_ACCESS_KEY": secret,
            "AWS_MAX_ATTEMPTS": "1",
            **({"AWS_SESSION_TOKEN": token} if token else {}),
        }
        code, said = run([AWS, *words, "--output", "json"], environment)
        try:
            return code, json.loads(said)
        except ValueError:
            return code, said


def _steps(node: RunningNode) -> Iterator[Step]:
    aws = _Aws(node)
    arn = make_share(node, "cli")
    to = ("--data-share-arn", arn, "--consumer-identifier", CONSUMER)

    code, said = aws(PRODUCER, "sts", "get-caller-identity")
    yield Step("sts get-caller-identity", code == 0 and said["Account"] == PRODUCER, str(said))
    code, said = aws(PRODUCER, "redshift", "authorize-data-share", *to, "--allow-writes")
    entry = said["DataShareAssociations"][0] if code == 0 else {}
    good = entry.get("Status") == "AUTHORIZED" and entry.get("ProducerAllowedWrites") is True
    yield Step("redshift authorize-data-share --allow-writes", good, str(said))
    consumer = node.namespace_arn("analytics")
    code, said = aws(
        CONSUMER,
        *("redshift", "associate-data-share-consumer", "--data-share-arn", arn),
        *("--consumer-arn", consumer),
    )
    yield Step("redshift associate-data-share-consumer", code == 0, str(said))
    code, said = aws(
        CONSUMER,
        *("redshift", "describe-data-shares", "--data-share-arn", arn),
        *("--query", "DataShares[0].DataShareAssociations[].ConsumerIdentifier"),
    )
    yield Step("redshift describe-data-shares --query", consumer in said, str(said))
    code, said = aws(PRODUCER, "redshift", "deauthorize-data-share", *to)
    yield Step("redshift deauthorize-data-share", code == 0, str(said))
    code, said = aws(PRODUCER, "redshift", "deauthorize-data-share", *to)
    good = code != 0 and "InvalidDataShareFault" in said and "already removed" in said
    yield Step("… a second time: InvalidDataShareFault", good, str(said))
    schedule = ("create-snapshot-schedule", "--schedule-identifier", "nightly")
    code, said = aws(PRODUCER, "redshift", *schedule)
    yield Step("unsupported operation", code != 0 and "UnsupportedOperation" in said, str(said))
    yield from _identities(aws)
    yield from _clusters(aws)
    yield from _data(aws)


def _identities(aws: _Aws) -> Iterator[Step]:
    trust = {"Effect": "Allow", "Principal": {"AWS": CONSUMER}, "Action": "sts:AssumeRole"}
    reads = {"Effect": "Allow", "Action": "redshift:Describe*", "Resource": "*"}
    role, texts = (
        ("--role-name", "by-cli"),
        [json.dumps({"Statement": [s]}) for s in (trust, reads)],
    )
    code, said = aws(
        PRODUCER, "iam", "create-role", *role, "--assume-role-policy-document", texts[0]
    )
    arn = said["Role"]["Arn"] if code == 0 else ""
    yield Step("iam create-role", code == 0, str(said))
    put = ("iam", "put-role-policy", *role, "--policy-name", "reads", "--policy-document", texts[1])
    code, said = aws(PRODUCER, *put)
    yield Step("iam put-role-policy", code == 0, str(said))
    session = ("sts", "assume-role", "--role-arn", arn, "--role-session-name", "cli")
    code, said = aws(CONSUMER, *session)
    yield Step("sts assume-role of another account", code == 0, str(said))
    given = said["Credentials"] if code == 0 else dict.fromkeys(_GIVEN, "none")
    credentials = [given[name] for name in _GIVEN]
    code, said = aws.by(*credentials, "redshift", "describe-clusters")
    yield Step("… and what its policy allows", code == 0, str(said))
    code, said = aws.by(*credentials, "iam", "list-users")
    yield Step("… and what it does not", code != 0 and "AccessDenied" in said, str(said))
    simulated = ("iam", "simulate-principal-policy", "--policy-source-arn", arn)
    code, said = aws(PRODUCER, *simulated, "--action-names", "redshift:DescribeClusters")
    good = code == 0 and said["EvaluationResults"][0]["EvalDecision"] == "allowed"
    yield Step("iam simulate-principal-policy", good, str(said))


def _clusters(aws: _Aws) -> Iterator[Step]:
    name = ("--cluster-identifier", "by-cli")
    user = ("--master-username", "admin", "--master-user-password", PASSWORD)
    code, said = aws(
        PRODUCER, "redshift", "create-cluster", *name, "--node-type", "ra3.xlplus", *user
    )
    yield Step("redshift create-cluster", code == 0, str(said))
    code, said = aws(PRODUCER, "redshift", "wait", "cluster-available", *name)
    yield Step("redshift wait cluster-available", code == 0, str(said))
    code, said = aws(PRODUCER, "redshift", "delete-cluster", *name, "--skip-final-cluster-snapshot")
    yield Step("redshift delete-cluster", code == 0, str(said))
    code, said = aws(PRODUCER, "redshift", "wait", "cluster-deleted", *name)
    yield Step("redshift wait cluster-deleted", code == 0, str(said))


def _data(aws: _Aws) -> Iterator[Step]:
    code, said = aws(PRODUCER, "redshift-serverless", "list-workgroups")
    yield Step("redshift-serverless list-workgroups", code == 0 and said["workgroups"], str(said))
    code, said = aws(
        PRODUCER,
        *("redshift-data", "execute-statement", "--workgroup-name", "sales-wg"),
        *("--database", "dev", "--sql", "select count(*) from t_cli"),
    )
    yield Step("redshift-data execute-statement", code == 0, str(said))
    statement = ("--id", said["Id"])
    for _ in range(100):
        code, said = aws(PRODUCER, "redshift-data", "describe-statement", *statement)
        if said["Status"] in {"FINISHED", "FAILED", "ABORTED"}:
            break
    yield Step("redshift-data describe-statement", said["Status"] == "FINISHED", str(said))
    code, said = aws(PRODUCER, "redshift-data", "get-statement-result", *statement)
    good = code == 0 and said["Records"] == [[{"longValue": 2}]]
    yield Step("redshift-data get-statement-result", good, str(said))


CLIENT = Client(
    "AWS CLI v1", _prepare, lambda: run([AWS, "--version"])[1].split()[0], lambda n: list(_steps(n))
)
