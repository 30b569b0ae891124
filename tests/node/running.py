"""A real node in a process of its own, and unmodified clients of its two accounts."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import psycopg
import yaml
from botocore.config import Config

PRODUCER, CONSUMER, STRANGER = "111111111111", "222222222222", "333333333333"
PASSWORD = "Passw0rd!"
REGION = "us-east-1"


def _account(alias: str, number: int, namespaces: Mapping[str, str]) -> dict[str, Any]:
    return {
        "alias": alias,
        "access_keys": [
            {"id": f"AKIA{alias.upper():0<16}", "secret": f"{alias}-secret-{number:032}"}
        ],
        "namespaces": {
            name: {
                "kind": kind,
                "admin": {"user": "admin", "password": PASSWORD},
                **({"workgroup": f"{name}-wg"} if kind == "serverless" else {}),
            }
            for name, kind in namespaces.items()
        },
    }


#: The producer has a serverless and a provisioned namespace beside its own, so that same-account
#: shares, both kinds of ARN and cross-account shares can be tried.
WORLD = {
    "region": REGION,
    "accounts": {
        PRODUCER: _account("producer", 1, {"sales": "serverless", "finance": "provisioned"}),
        CONSUMER: _account("consumer", 2, {"analytics": "serverless", "science": "serverless"}),
        STRANGER: _account("stranger", 3, {}),
    },
}
#: Audit rows that it leaves: accounts, keys, serverless namespaces and their workgroups, a cluster.
WORLD_ROWS = 3 + 3 + 3 + 3 + 1


@dataclass
class RunningNode:
    """`kill -9` and start() again is how a crash is tried."""

    directory: Path
    process: subprocess.Popen[str] | None = None
    ready: dict[str, Any] = field(default_factory=dict)
    #: More of `redshare serve`, and of its environment.
    arguments: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    #: What its world file says.
    world: Mapping[str, Any] = field(default_factory=lambda: WORLD)

    def start(self) -> RunningNode:
        """Start and wait until everything answers."""
        world = self.directory / "world.yaml"
        world.write_text(yaml.safe_dump(self.world))
        command = [sys.executable, "-m", "redshare", "serve", "--json", "--world", str(world)]
        command += ["--dir", str(self.directory / "state"), "--listen", "127.0.0.1:0"]
        command += ["--sql-port-base", "15439", "--buckets", str(self.buckets), *self.arguments]
        (self.buckets / "landing").mkdir(parents=True, exist_ok=True)
        with (self.directory / "node.log").open("a") as log:
            self.process = subprocess.Popen(
                command,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env={**os.environ, **self.environment},
            )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, (self.directory / "node.log").read_text()
        self.ready = json.loads(line)
        return self

    @property
    def buckets(self) -> Path:
        """The folder of its buckets; it has one, `landing`."""
        return self.directory / "buckets"

    def stop(self) -> int:
        """SIGTERM; the exit code."""
        assert self.process is not None
        self.process.terminate()
        return self._ended()

    def kill(self) -> None:
        """SIGKILL."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self._ended()

    def _ended(self) -> int:
        assert self.process is not None
        code = self.process.wait(60)
        if self.process.stdout is not None:
            self.process.stdout.close()
        return code

    # --- clients --------------------------------------------------------------------------

    def client(self, account: str = PRODUCER, service: str = "redshift", **config: Any) -> Any:
        """An unmodified boto3 client of an account's administrator; `config` is botocore's."""
        key = next(a for a in self.ready["accounts"] if a["account_id"] == account)
        return boto3.client(
            service,
            endpoint_url=self.ready["endpoint"],
            region_name=REGION,
            aws_access_key_id=key["access_key_id"],
            aws_secret_access_key=key["secret_access_key"],
            config=Config(**{"retries": {"total_max_attempts": 1}, **config}),
        )

    def endpoint(self, name: str) -> tuple[str, int]:
        """Host and port of a namespace's warehouse."""
        if name == "finance":
            clusters = self.client().describe_clusters(ClusterIdentifier=name)["Clusters"]
            found = clusters[0]["Endpoint"]
            return found["Address"], found["Port"]
        account = PRODUCER if name == "sales" else CONSUMER
        serverless = self.client(account, "redshift-serverless")
        group = serverless.get_workgroup(workgroupName=f"{name}-wg")["workgroup"]
        return group["endpoint"]["address"], group["endpoint"]["port"]

    def namespace_arn(self, name: str) -> str:
        """A namespace's ARN."""
        if name == "finance":
            clusters = self.client().describe_clusters(ClusterIdentifier=name)["Clusters"]
            return str(clusters[0]["ClusterNamespaceArn"])
        account = PRODUCER if name == "sales" else CONSUMER
        serverless = self.client(account, "redshift-serverless")
        return str(serverless.get_namespace(namespaceName=name)["namespace"]["namespaceArn"])

    def guid(self, name: str) -> str:
        """A namespace's GUID."""
        return self.namespace_arn(name)[-36:]

    def connect(
        self, name: str, database: str = "dev", user: str = "admin", password: str = PASSWORD
    ) -> psycopg.Connection[Any]:
        """An unmodified psycopg connection, in autocommit mode."""
        host, port = self.endpoint(name)
        return psycopg.connect(
            host=host,
            port=port,
            dbname=database,
            user=user,
            password=password,
            sslmode="require",
            autocommit=True,
        )

    def share_arn(self, share: str, namespace: str = "sales") -> str:
        """The ARN of a datashare of the producer."""
        return f"arn:aws:redshift:{REGION}:{PRODUCER}:datashare:{self.guid(namespace)}/{share}"
