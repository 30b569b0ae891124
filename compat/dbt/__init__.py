"""dbt with its Redshift adapter: seeds, models of every kind, snapshots, docs; a share of them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from compat.client import MADE, Client, Step, run
from compat.driven import told
from compat.installed import python_client, versions
from compat.recorder import Recorder
from tests.node.running import PRODUCER, RunningNode

HERE = Path(__file__).parent
PLACE = MADE / "dbt"
PROJECT = PLACE / "project"


class _Dbt:
    """The command, and what the warehouse refused while it ran."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder

    def __call__(self, *words: str) -> tuple[bool, str]:
        before = len(self._recorder.refused)
        code, said = run([PLACE / "bin/dbt", "--no-use-colors", *words], cwd=PROJECT)
        refused = self._recorder.refused[before:]
        said_no = [f"{why}: {' '.join(sql.split())[:600]}" for sql, why in refused]
        return code == 0, "\n".join([*said_no, said[-4000:]])


def _profile(told: dict[str, Any], port: int) -> str:
    output = {
        "type": "redshift",
        "host": "127.0.0.1",
        "port": port,
        "user": told["user"],
        "password": told["password"],
        "dbname": told["database"],
        "schema": "dbt",
        "threads": 1,
        "sslmode": "disable",
    }
    return json.dumps({"redshare": {"target": "dev", "outputs": {"dev": output}}})


def _steps(node: RunningNode) -> Iterator[Step]:
    given = told(node, "by_dbt")
    shutil.rmtree(PROJECT, ignore_errors=True)
    shutil.copytree(HERE / "project", PROJECT)
    recorder = Recorder(node.endpoint("sales"))
    (PROJECT / "profiles.yml").write_text(_profile(given, recorder.port))
    dbt = _Dbt(recorder)
    try:
        yield Step("debug", *dbt("debug"))
        yield Step("seed", *dbt("seed"))
        yield Step("run: table, view, late-binding view, incremental", *dbt("run"))
        yield _asked(node, "what the models hold", _models, [3, 2, 3, 3, 3])
        yield Step("run again: incremental, replaced views and tables", *dbt("run"))
        yield _asked(node, "what the second run changed", _second, [[1, 1, 2], [1, 1, 2]])
        yield Step("test", *dbt("test"))
        yield Step("snapshot", *dbt("snapshot"))
        seed = PROJECT / "seeds/people.csv"
        seed.write_text(seed.read_text().replace("1.68", "1.70"))
        yield Step("seed and snapshot of what changed", *_both(dbt("seed"), dbt("snapshot")))
        yield _asked(node, "what the snapshot holds", _snapshot, [4, 1])
        yield Step("docs generate", *dbt("docs", "generate"))
        yield Step("the catalog of docs generate", *_catalog())
        yield _asked(node, "consumer: reads the models through a share", _shared(node), [3, 3])
    finally:
        recorder.close()


def _both(*done: tuple[bool, str]) -> tuple[bool, str]:
    return all(ok for ok, _ in done), "\n".join(said for _, said in done)


def _asked(
    node: RunningNode, what: str, ask: Callable[[RunningNode], object], expected: object
) -> Step:
    try:
        found = ask(node)
    except Exception as error:  # noqa: BLE001 - a model that is not there is the client's result
        return Step(what, ok=False, said=repr(error))
    return Step(what, found == expected, f"{found} is not {expected}")


def _column(node: RunningNode, sql: str, side: str = "sales") -> list[Any]:
    with node.connect(side) as connection:
        return [row[0] for row in connection.execute(sql)]


def _models(node: RunningNode) -> Sequence[int]:
    names = ("table", "view", "late", "incremental", "merged")
    return [_column(node, f"SELECT count(*) FROM dbt.people_{name}")[0] for name in names]


def _second(node: RunningNode) -> object:
    names = ("incremental", "merged")
    return [_column(node, f"SELECT run FROM dbt.people_{name} ORDER BY id") for name in names]


def _snapshot(node: RunningNode) -> object:
    counts = "SELECT count(*) FROM dbt.people_snapshot"
    return [
        _column(node, counts)[0],
        _column(node, f"{counts} WHERE dbt_valid_to IS NOT NULL")[0],
    ]


def _catalog() -> tuple[bool, str]:
    path = PROJECT / "target/catalog.json"
    nodes = json.loads(path.read_text())["nodes"] if path.exists() else {}
    table = nodes.get("model.redshare_compat.people_table", {})
    columns = {name: kind["type"] for name, kind in table.get("columns", {}).items()}
    late = nodes.get("model.redshare_compat.people_late", {}).get("columns", {})
    good = list(columns) == ["id", "name", "born", "height"] and list(late) == ["id", "name"]
    return good, f"{columns} {list(late)}"


def _shared(node: RunningNode) -> Callable[[RunningNode], object]:
    def ask(_: RunningNode) -> object:
        with node.connect("sales") as producer:
            producer.execute("ALTER DATASHARE by_dbt ADD SCHEMA dbt")
            producer.execute("ALTER DATASHARE by_dbt ADD ALL TABLES IN SCHEMA dbt")
        with node.connect("analytics") as consumer:
            consumer.execute(
                f"CREATE DATABASE by_dbt FROM DATASHARE by_dbt OF ACCOUNT '{PRODUCER}' "
                f"NAMESPACE '{node.guid('sales')}'"
            )
        names = ("people_table", "people_late")
        return [
            _column(node, f"SELECT count(*) FROM by_dbt.dbt.{name}", "analytics")[0]
            for name in names
        ]

    return ask


CLIENT = Client(
    "dbt-redshift",
    python_client("dbt", "dbt-redshift>=1.9.5,<1.10", "dbt-core>=1.9,<1.10"),
    versions("dbt", "dbt-redshift", "dbt-core"),
    lambda node: list(_steps(node)),
)
