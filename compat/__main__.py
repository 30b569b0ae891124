"""`make compat [NAME]`: run the clients, write docs/compat/clients.md."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from compat import (
    arrow_readers,
    asyncpg,
    aws_cli,
    aws_sdk_js,
    awswrangler,
    datahub,
    dbt,
    dlt,
    node_pg,
    pg8000,
    pgjdbc,
    psql,
    psycopg2,
    psycopg3,
    redshift_connector,
    redshift_mcp,
    sling,
    sqlalchemy,
    sqlmesh,
    terraform,
)
from compat.client import ROOT, Client, NotFound, Step
from tests.node.running import RunningNode

CLIENTS = {
    "arrow_readers": arrow_readers.CLIENT,
    "asyncpg": asyncpg.CLIENT,
    "aws_cli": aws_cli.CLIENT,
    "aws_sdk_js": aws_sdk_js.CLIENT,
    "awswrangler": awswrangler.CLIENT,
    "datahub": datahub.CLIENT,
    "dbt": dbt.CLIENT,
    "dlt": dlt.CLIENT,
    "node_pg": node_pg.CLIENT,
    "pg8000": pg8000.CLIENT,
    "pgjdbc": pgjdbc.CLIENT,
    "psql": psql.CLIENT,
    "psycopg2": psycopg2.CLIENT,
    "psycopg3": psycopg3.CLIENT,
    "redshift_connector": redshift_connector.CLIENT,
    "redshift_mcp": redshift_mcp.CLIENT,
    "sling": sling.CLIENT,
    "sqlalchemy": sqlalchemy.CLIENT,
    "sqlmesh": sqlmesh.CLIENT,
    "terraform": terraform.CLIENT,
}
PAGE = ROOT / "docs/compat/clients.md"


def _run(client: Client, node: RunningNode) -> tuple[str, list[Step]] | None:
    """Its version and steps; None where it is skipped, and the page keeps its last rows."""
    print(f"{client.name}", flush=True)
    try:
        client.prepare()
    except NotFound as missing:
        print(f"  skipped: {missing}", flush=True)
        return None
    except Exception as error:  # noqa: BLE001 - as below
        return "?", [Step("is made ready", ok=False, said=repr(error))]
    try:
        version, steps = client.version(), list(client.run(node))
    except Exception as error:  # noqa: BLE001 - whatever a foreign client does is its result
        version, steps = "?", [Step("runs", ok=False, said=repr(error))]
    for step in steps:
        print(f"  {'ok    ' if step.ok else 'FAILED'} {step.what}", flush=True)
        if not step.ok:
            print(f"         {step.said[:2000]}", flush=True)
    return version, steps


def _page(results: dict[str, tuple[str, list[Step]]]) -> str:
    """Rows of this run, and of clients that were not run those of the last one."""
    rows = {
        client.name: [
            line for line in PAGE.read_text().splitlines() if line.startswith(f"| {client.name} |")
        ]
        for client in CLIENTS.values()
    }
    for name, (version, steps) in results.items():
        rows[name] = [f"| {name} | {version} | {s.what} | {_answer(s)} |" for s in steps]
    lines = [
        "# Clients",
        "",
        "Made by `make compat`, or `make compat CLIENT=name` for one: each client, unmodified, in",
        "an environment of its own, against a running node. boto3 and psycopg 3 are driven by",
        "`tests/node` in every `make test` as well.",
        "",
        "| client | version | step | result |",
        "| --- | --- | --- | --- |",
        *(row for client in rows.values() for row in client),
    ]
    return "\n".join([*lines, ""])


def _answer(step: Step) -> str:
    return "yes" if step.ok else "no"


def main(names: list[str]) -> int:
    """0 if every step of every client did what it says."""
    chosen = {name: CLIENTS[name] for name in names or CLIENTS}
    with tempfile.TemporaryDirectory(prefix="redshare-compat-") as directory:
        node = RunningNode(Path(directory)).start()
        try:
            runs = {c.name: _run(c, node) for c in chosen.values()}
        finally:
            node.stop()
    results = {name: run for name, run in runs.items() if run is not None}
    PAGE.write_text(_page(results))
    return 0 if all(s.ok for _, steps in results.values() for s in steps) else 1


sys.exit(main(sys.argv[1:]))
