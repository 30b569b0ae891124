"""sling: files into a producer's warehouse by way of S3 and COPY, and a table back by UNLOAD."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from compat.bucket import BUCKET, KEYS, node_beside, s3
from compat.client import MADE, Client, Step, run
from compat.driven import told
from compat.installed import python_client, versions
from compat.recorder import Recorder
from tests.node.running import RunningNode

SLING = MADE / "sling/lib"
ROWS = 'id,name,born,height\n1,Ada,1815-12-10,1.65\n2,"Jürgen ""q""",,\n3,Grace,1906-12-09,1.68\n'


def _prepare() -> None:
    python_client("sling", "sling-linux-amd64>=1.4,<2")()


class _Sling:
    """The command with a connection by the recorder."""

    def __init__(self, given: dict[str, Any], port: int, endpoint: str, home: Path) -> None:
        connection = {
            "type": "redshift",
            "host": "127.0.0.1",
            "port": port,
            "user": given["user"],
            "password": given["password"],
            "database": given["database"],
            "sslmode": "disable",
            "aws_bucket": BUCKET,
            "aws_access_key_id": KEYS["AWS_ACCESS_KEY_ID"],
            "aws_secret_access_key": KEYS["AWS_SECRET_ACCESS_KEY"],
            "aws_region": KEYS["AWS_REGION"],
            "aws_endpoint": endpoint,
            "endpoint": endpoint,
        }
        self._home = home
        self._environment = {
            **KEYS,
            "AWS_ENDPOINT_URL": endpoint,
            "AWS_ENDPOINT": endpoint,
            "HERE": json.dumps(connection),
            "SLING_HOME_DIR": str(home),
            "SLING_DISABLE_TELEMETRY": "TRUE",
        }

    def __call__(self, *words: str) -> tuple[bool, str]:
        (sling,) = SLING.glob("python3*/site-packages/sling_linux_amd64/bin/sling-linux-amd64")
        code, said = run([sling, *words], self._environment, cwd=self._home)
        return code == 0, said[-3000:]


def _steps(_: RunningNode) -> Iterator[Step]:
    with s3() as endpoint, node_beside(endpoint) as node, tempfile.TemporaryDirectory() as home:
        given = told(node, "by_sling")
        recorder = Recorder(node.endpoint("sales"))
        sling = _Sling(given, recorder.port, endpoint, Path(home))
        for step in _loads(node, sling, Path(home)):
            said = f"{recorder.told()}\n{step.said}"
            yield step if step.ok else Step(step.what, ok=False, said=said)
        recorder.close()


def _loads(node: RunningNode, sling: _Sling, home: Path) -> Iterator[Step]:
    file = home / "people.csv"
    file.write_text(ROWS)
    to = ("--src-stream", f"file://{file}", "--tgt-conn", "HERE", "--tgt-object", "public.people")
    yield Step("conns test", *sling("conns", "test", "HERE"))
    yield Step("a file to a new table", *sling("run", *to, "--mode", "full-refresh"))
    yield _holds(node, "what the table holds", [(1, "Ada"), (2, 'Jürgen "q"'), (3, "Grace")])
    file.write_text(ROWS.replace("Ada", "Augusta"))
    merge = ("--mode", "incremental", "--primary-key", "id")
    yield Step("a changed file, incremental on its key", *sling("run", *to, *merge))
    yield _holds(node, "what changed", [(1, "Augusta"), (2, 'Jürgen "q"'), (3, "Grace")])
    yield Step("conns discover", *sling("conns", "discover", "HERE", "--pattern", "public.*"))
    back = ("--src-conn", "HERE", "--src-stream", "public.people")
    out = home / "back.csv"
    ok, said = sling("run", *back, "--tgt-object", f"file://{out}")
    found = out.read_text().count("\n") if out.exists() else 0
    yield Step("a table to a file", ok and found == 4, said)


def _holds(node: RunningNode, what: str, expected: list[tuple[int, str]]) -> Step:
    try:
        with node.connect("sales") as connection:
            found = connection.execute("SELECT id, name FROM people ORDER BY id").fetchall()
    except Exception as error:  # noqa: BLE001 - a table that is not there is the client's result
        return Step(what, ok=False, said=repr(error))
    return Step(what, found == expected, str(found))


CLIENT = Client(
    "sling", _prepare, versions("sling", "sling-linux-amd64"), lambda node: list(_steps(node))
)
