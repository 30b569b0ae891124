"""Signed questions to GET /explain, and the doing of exactly what an answer says would mend it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

import psycopg
from botocore import xform_name
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.httpsession import URLLib3Session

from tests.node.running import CONSUMER, PRODUCER, REGION, RunningNode

NAMESPACES = ("sales", "finance", "analytics", "science")
#: More mends than any question has conditions.
MOST = 25


@dataclass
class Asking:
    """The two accounts of a node as they ask, and as they do what they are told."""

    node: RunningNode

    def __post_init__(self) -> None:
        # Making a client of boto3 takes longer than asking it.
        self.guids = {name: self.node.guid(name) for name in NAMESPACES}
        self.clients = {account: self.node.client(account) for account in (PRODUCER, CONSUMER)}

    def get(self, account: str, method: str = "GET", **parameters: str) -> tuple[int, Any]:
        """Status and document of a signed request; `as_` is `as`."""
        query = urlencode(
            {name.rstrip("_"): value for name, value in parameters.items()}, quote_via=quote
        )
        key = next(a for a in self.node.ready["accounts"] if a["account_id"] == account)
        request = AWSRequest(method, f"{self.node.ready['endpoint']}/explain?{query}")
        credentials = Credentials(key["access_key_id"], key["secret_access_key"])
        SigV4Auth(credentials, "redshift", REGION).add_auth(request)
        answer = URLLib3Session().send(request.prepare())
        return answer.status_code, json.loads(answer.content)

    def ask(self, account: str, **parameters: str) -> Any:
        """The document of a good question."""
        status, document = self.get(account, **parameters)
        assert status == 200, document
        return document

    def do(self, mend: Any) -> None:
        """Exactly what is printed: the statement where it says, the call by who it says."""
        if "api" in mend:
            call = getattr(
                self.clients[mend["api"]["account"]], xform_name(mend["api"]["operation"])
            )
            call(**mend["api"]["parameters"])
            return
        name = next(n for n in NAMESPACES if self.guids[n] == mend["sql"]["namespace"])
        with self.node.connect(name, mend["sql"]["database"] or "dev") as connection:
            connection.execute(mend["text"])


def broken(document: Any) -> Any:
    """The first condition that is not met."""
    return next((link for link in document["links"] if link["status"] == "broken"), None)


def rows(connection: psycopg.Connection[Any], statement: str) -> list[tuple[Any, ...]]:
    """The rows of EXPLAIN ACCESS."""
    return connection.execute(statement).fetchall()


def refused(connection: psycopg.Connection[Any], statement: str) -> tuple[str, ...] | None:
    """The first row that says broken."""
    return next((row for row in rows(connection, statement) if row[1] == "broken"), None)


def holds(connection: psycopg.Connection[Any], statement: str) -> bool:
    """Whether all rows say held."""
    return {row[1] for row in rows(connection, statement)} == {"held"}
