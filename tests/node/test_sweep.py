"""Every member of every operation with values nobody should send, all rightly signed.

A caller gets an error of the service's protocol, never the node's failure; what is refused
changes nothing.
"""

from __future__ import annotations

import http.client
import json
import os
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any
from urllib.parse import quote_plus, urlsplit
from xml.etree import ElementTree as ET

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.model import OperationModel, Shape
from botocore.serialize import create_serializer

from redshare.wire.aws.model import SERVICES, Protocol, Service, load_service
from tests.node.running import CONSUMER, PASSWORD, PRODUCER, REGION, RunningNode
from tests.wire.aws.fitting import fitting

pytestmark = pytest.mark.server

#: All values for all members; the short form tries some for each.
SOAK = os.environ.get("REDSHARE_SOAK") == "1"
SOME = 1
SECONDS = 60.0
MARK, NUMBER = "@@mark@@", 1_234_567_891
#: A text as it is written in a form and in JSON.
TEXTS: dict[str, tuple[str, str]] = {
    name: (quote_plus(text), json.dumps(text)[1:-1])
    for name, text in {
        "empty": "",
        "one letter": "a",
        "one wildcard": "*",
        "no ASCII": "\u00e9\u2028\U0001f986\x01\x7f",
        "what others escape": "'\"\\;--%s{0}$1<a>&\r\n",
        "a path": "../../etc/passwd",
        "60,000 letters": "a" * 60_000,
        "60,000 colons": ":" * 60_000,
        "U+0000": "a\0b",
    }.items()
} | {"half a surrogate pair": ("%ED%A0%80", "\\ud800"), "no UTF-8": ("%ff", "\\udfff")}
#: Which no member may have.
NEVER = {"U+0000", "half a surrogate pair", "no UTF-8"}
NUMBERS = ("0", "-1", "1000000000", "99999999999999999999", "1.5", "abc", '""', "")
#: What the node says when it has failed.
FAILURES = {"InternalFailure", "InternalServerException", "ServiceUnavailable"}
#: Values that name what the node has, so that more than the first check is reached.
REAL = {
    "clusteridentifier": "finance",
    "namespacename": "analytics",
    "workgroupname": "analytics-wg",
    "database": "dev",
    "dbname": "dev",
    "dbuser": "admin",
    "masteruserpassword": PASSWORD,
    "adminuserpassword": PASSWORD,
    "sql": "SELECT 1",
    "username": "sweep-user",
    "rolename": "sweep-role",
    "policyname": "sweep-policy",
}


@dataclass
class Sender:
    """Signs bytes and sends them on one connection."""

    node: RunningNode
    service: Service
    account: str

    def __post_init__(self) -> None:
        key = next(a for a in self.node.ready["accounts"] if a["account_id"] == self.account)
        self._credentials = Credentials(key["access_key_id"], key["secret_access_key"])
        address = urlsplit(self.node.ready["endpoint"]).netloc
        self._connection = http.client.HTTPConnection(address, timeout=SECONDS)

    def send(self, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        """Status and body of the answer."""
        request = AWSRequest("POST", self.node.ready["endpoint"] + "/", headers, body)
        SigV4Auth(self._credentials, self.service.signing_name, REGION).add_auth(request)
        self._connection.request("POST", "/", body, dict(request.headers))
        answer = self._connection.getresponse()
        return answer.status, answer.read()

    def close(self) -> None:
        self._connection.close()


def places(shape: Shape | None, kinds: set[str], path: tuple[str, ...] = ()) -> Iterator[Any]:
    """The paths to members of these types."""
    if shape is None:
        return
    match shape.type_name:
        case "structure":
            for name, member in shape.members.items():
                yield from places(member, kinds, (*path, name))
        case "list":
            yield from places(shape.member, kinds, (*path, "[]"))
        case "map":
            yield from places(shape.value, kinds, (*path, "{}"))
        case kind if kind in kinds:
            yield path


def filled(shape: Shape, path: tuple[str, ...], mark: object, random: Random) -> Any:
    """Parameters of the shape, with the mark at the path."""
    if not path:
        return mark
    match shape.type_name:
        case "list":
            return [filled(shape.member, path[1:], mark, random)]
        case "map":
            return {"key": filled(shape.value, path[1:], mark, random)}
    at = path[0]
    made = {at: filled(shape.members[at], path[1:], mark, random)}
    if not shape.metadata.get("union"):
        for name in shape.required_members:
            if name != at:
                made[name] = REAL.get(name.lower()) or fitting(shape.members[name], random)
        if "Sql" in shape.members or "Database" in shape.members:  # where the Data API runs it
            made.setdefault("WorkgroupName", "analytics-wg")
            made.setdefault("Database", "dev")
    return made


def written(service: Service, operation: OperationModel, params: Any) -> tuple[dict[str, str], str]:
    """Headers and body as botocore writes them."""
    serializer = create_serializer(service.protocol.value, include_validation=False)
    raw = serializer.serialize_to_request(params, operation)
    prepared = AWSRequest("POST", "http://x/", headers=raw["headers"], data=raw["body"]).prepare()
    body = prepared.body or ""
    headers = {name: str(text) for name, text in raw["headers"].items()}
    headers.setdefault("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
    return headers, body.decode() if isinstance(body, bytes) else body


def code_of(service: Service, status: int, body: bytes) -> str | None:
    """The code of an error; it and an answer are documents of the protocol."""
    if service.protocol is Protocol.JSON:
        document = json.loads(body or b"{}")
        return None if status == 200 else str(document["__type"])
    root = ET.fromstring(body)
    if status == 200:
        return None
    return next(str(part.text) for part in root.iter() if part.tag.endswith("Code"))


def attempts(
    service: Service, operation: OperationModel, *, never: bool
) -> Iterator[tuple[str, str, dict[str, str], bytes]]:
    """Where, what, and the headers and the body of a request."""
    random = Random(zlib.crc32(f"{service.name} {operation.name}".encode()))
    is_json = service.protocol is Protocol.JSON
    shape = operation.input_shape
    for path in places(shape, {"string"}):
        for name in _some([name for name in TEXTS if (name in NEVER) == never], random):
            headers, body = written(service, operation, filled(shape, path, MARK, random))
            mark = MARK if is_json else quote_plus(MARK)
            yield ".".join(path), name, headers, body.replace(mark, TEXTS[name][is_json]).encode()
    for path in places(shape, {"integer", "long", "double"}):
        for text in [] if never else _some(NUMBERS, random):
            headers, body = written(service, operation, filled(shape, path, NUMBER, random))
            yield ".".join(path), text, headers, body.replace(str(NUMBER), text).encode()


def _some(values: Sequence[str], random: Random) -> Sequence[str]:
    return values if SOAK else random.sample(values, min(SOME, len(values)))


def state(node: RunningNode) -> dict[str, Any]:
    """What the two accounts have."""
    found: dict[str, Any] = {}
    for account in (PRODUCER, CONSUMER):
        redshift, iam = node.client(account), node.client(account, "iam")
        serverless = node.client(account, "redshift-serverless")
        for call, key in (
            (redshift.describe_clusters, "Clusters"),
            (redshift.describe_cluster_parameter_groups, "ParameterGroups"),
            (redshift.describe_cluster_snapshots, "Snapshots"),
            (redshift.describe_cluster_subnet_groups, "ClusterSubnetGroups"),
            (redshift.describe_data_shares, "DataShares"),
            (redshift.describe_tags, "TaggedResources"),
            (redshift.describe_usage_limits, "UsageLimits"),
            (serverless.list_namespaces, "namespaces"),
            (serverless.list_snapshots, "snapshots"),
            (serverless.list_workgroups, "workgroups"),
            (iam.list_policies, "Policies"),
            (iam.list_roles, "Roles"),
            (iam.list_users, "Users"),
        ):
            found[f"{account} {key}"] = call()[key]
    return found


def swept(node: RunningNode, name: str, *, never: bool) -> tuple[int, list[object]]:
    """How many requests were sent, and those that were not answered as they should.

    `never`: only what no member may have, which must be refused.
    """
    service = load_service(name)
    account = PRODUCER if name == "redshift" else CONSUMER
    sender, sent, wrong = Sender(node, service, account), 0, []
    # What deletes comes last: the others need something to be there.
    for operation in sorted(service.operations.values(), key=lambda o: o.name.startswith("Delete")):
        made = list(attempts(service, operation, never=never))
        sender.close()  # an idle connection ends some time; the next request opens one
        for where, what, headers, body in made:
            status, answer = sender.send(headers, body)
            sent += 1
            code = code_of(service, status, answer)
            failure = code in FAILURES or (status >= 500 and service.error(code or "") is None)
            if failure or (never and status == 200):
                wrong.append((operation.name, where, what, status, answer[:300]))
            elif f"The operation {operation.name} is not supported".encode() in answer:
                break
    sender.close()
    return sent, wrong


@pytest.fixture(scope="module")
def own_node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningNode]:
    """A node of its own: what is not refused is done."""
    running = RunningNode(tmp_path_factory.mktemp("sweep")).start()
    yield running
    assert running.stop() == 0


def test_what_no_member_may_have(own_node: RunningNode) -> None:
    """U+0000, half a surrogate pair, bytes that are no UTF-8: refused, and nothing is changed."""
    before = state(own_node)
    for name in SERVICES:
        sent, wrong = swept(own_node, name, never=True)
        assert wrong == []
        assert sent >= len(load_service(name).operations) // 2
    assert state(own_node) == before


@pytest.mark.parametrize("name", SERVICES)
def test_every_member(own_node: RunningNode, name: str) -> None:
    """Whatever a member is, the answer is the protocol's and no failure; others go on."""
    sent, wrong = swept(own_node, name, never=False)

    assert wrong == []
    assert sent >= len(load_service(name).operations) // 2
    with own_node.connect("sales") as witness:
        assert witness.execute("SELECT 1").fetchone() == (1,)
