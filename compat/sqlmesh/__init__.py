"""SQLMesh in the consumer's namespace: models over a producer's table, planned and applied."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

from compat.client import MADE, Client, Step, run
from compat.driven import told
from compat.installed import python_client, versions
from tests.node.running import PASSWORD, PRODUCER, RunningNode

PLACE = MADE / "sqlmesh"
PROJECT = PLACE / "project"


def _sqlmesh(*words: str) -> tuple[bool, str]:
    environment = {"SQLMESH__DISABLE_ANONYMIZED_ANALYTICS": "1", "COLUMNS": "200"}
    code, said = run([PLACE / "bin/sqlmesh", *words], environment, cwd=PROJECT)
    return code == 0, said[-4000:]


def _config(node: RunningNode) -> str:
    host, port = node.endpoint("analytics")
    connection = {
        "type": "redshift",
        "host": host,
        "port": int(port),
        "user": "admin",
        "password": PASSWORD,
        "database": "dev",
        "ssl": False,
    }
    gateway = {"gateways": {"redshare": {"connection": connection}}}
    defaults = {"dialect": "redshift", "start": "2026-01-01"}
    return json.dumps({**gateway, "default_gateway": "redshare", "model_defaults": defaults})


def _share(node: RunningNode) -> None:
    told(node, "by_sqlmesh")
    with node.connect("sales") as producer:
        producer.execute("CREATE TABLE mesh_source (id int, what varchar(20), made date)")
        producer.execute(
            "INSERT INTO mesh_source VALUES (1, 'chair', '2026-01-02'), (2, 'table', '2026-01-02'),"
            " (3, 'lamp', '2026-01-03')"
        )
        producer.execute("ALTER DATASHARE by_sqlmesh ADD TABLE public.mesh_source")
    with node.connect("analytics") as consumer:
        consumer.execute(
            f"CREATE DATABASE by_sqlmesh FROM DATASHARE by_sqlmesh OF ACCOUNT '{PRODUCER}' "
            f"NAMESPACE '{node.guid('sales')}'"
        )


def _rows(node: RunningNode, model: str, expected: list[str]) -> Step:
    with node.connect("analytics") as consumer:
        found = [" ".join(map(str, row)) for row in consumer.execute(f"SELECT * FROM mesh.{model}")]
    return Step(f"what {model} holds", sorted(found) == expected, f"{found} is not {expected}")


def _steps(node: RunningNode) -> Iterator[Step]:
    _share(node)
    shutil.rmtree(PROJECT, ignore_errors=True)
    shutil.copytree(Path(__file__).parent / "project", PROJECT)
    (PROJECT / "config.yaml").write_text(_config(node))
    yield Step("info: the connection", *_sqlmesh("info"))
    yield Step("plan and apply: full, incremental, view", *_sqlmesh("plan", "--auto-apply"))
    yield _rows(node, "daily", ["2026-01-02 2", "2026-01-03 1"])
    with node.connect("sales") as producer:
        producer.execute("INSERT INTO mesh_source VALUES (4, 'sofa', '2026-01-03')")
    yield Step(
        "restate what the producer changed",
        *_sqlmesh("plan", "--auto-apply", "--no-prompts", "--restate-model", "mesh.orders"),
    )
    yield _rows(node, "daily", ["2026-01-02 2", "2026-01-03 2"])
    model = PROJECT / "models/newest.sql"
    model.write_text(
        model.read_text().replace(
            "SELECT MAX(made)::date AS made", "SELECT MAX(made)::date AS made, 1 AS n"
        )
    )
    changed = ("plan", "dev", "--auto-apply", "--no-prompts", "--include-unmodified")
    yield Step("a changed view in an environment of its own", *_sqlmesh(*changed))
    yield Step("audit", *_sqlmesh("audit"))


CLIENT = Client(
    "SQLMesh",
    python_client("sqlmesh", "sqlmesh[redshift]>=0.200,<1"),
    versions("sqlmesh", "sqlmesh", "redshift_connector"),
    lambda node: list(_steps(node)),
)
