"""IAM users, roles and their clients, for tests of a running node."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import boto3
from botocore.config import Config

from tests.node.running import PRODUCER, REGION, RunningNode


def policy(*statements: Mapping[str, Any]) -> str:
    """A document."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action: Any, resource: Any = "*", **more: Any) -> dict[str, Any]:
    """An Allow."""
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: Any, resource: Any = "*", **more: Any) -> dict[str, Any]:
    """A Deny."""
    return {"Effect": "Deny", "Action": action, "Resource": resource, **more}


def trusting(who: Any, action: Any = "sts:AssumeRole", **more: Any) -> str:
    """A trust policy."""
    return policy({"Effect": "Allow", "Principal": {"AWS": who}, "Action": action, **more})


def client(node: RunningNode, service: str, key: str, secret: str, token: str | None = None) -> Any:
    """An unmodified boto3 client of any credentials."""
    return boto3.client(
        service,
        endpoint_url=node.ready["endpoint"],
        region_name=REGION,
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        aws_session_token=token,
        config=Config(retries={"total_max_attempts": 1}),
    )


class Speaker:
    """Clients of one set of credentials."""

    def __init__(self, node: RunningNode, key: str, secret: str, token: str | None = None) -> None:
        self._node = node
        self.credentials = (key, secret, token)
        self._clients: dict[str, Any] = {}

    @classmethod
    def of(cls, node: RunningNode, given: Mapping[str, Any]) -> Speaker:
        """As STS and IAM give them."""
        return cls(node, given["AccessKeyId"], given["SecretAccessKey"], given.get("SessionToken"))

    def __call__(self, service: str) -> Any:
        if service not in self._clients:
            self._clients[service] = client(self._node, service, *self.credentials)
        return self._clients[service]

    @property
    def arn(self) -> str:
        """Who this is."""
        return str(self("sts").get_caller_identity()["Arn"])


def user(
    node: RunningNode, name: str, *statements: Mapping[str, Any], account: str = PRODUCER
) -> Speaker:
    """A user with an inline policy of these statements."""
    iam = node.client(account, "iam")
    iam.create_user(UserName=name)
    if statements:
        iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=policy(*statements))
    return Speaker.of(node, iam.create_access_key(UserName=name)["AccessKey"])
