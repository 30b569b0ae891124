"""pgjdbc from Debian: a small Java program, compiled here."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from compat.client import MADE, Client, Step, must, run
from compat.driven import steps, told
from tests.node.running import RunningNode

HERE = Path(__file__).parent
PLACE = MADE / "pgjdbc"
JAR = PLACE / "usr/share/java/postgresql.jar"


def _prepare() -> None:
    """The package is unpacked, not installed: nothing of the system is changed."""
    if JAR.exists():
        return
    PLACE.mkdir(parents=True, exist_ok=True)
    must(["apt-get", "download", "libpostgresql-jdbc-java"], cwd=PLACE)
    (package,) = PLACE.glob("libpostgresql-jdbc-java_*.deb")
    must(["dpkg", "-x", package, PLACE])


def _version() -> str:
    return run(["dpkg-deb", "-f", *PLACE.glob("*.deb"), "Version"])[1]


def _run(node: RunningNode) -> Sequence[Step]:
    classes = PLACE / "classes"
    shutil.rmtree(classes, ignore_errors=True)
    must(["javac", "-cp", JAR, "-d", classes, HERE / "Steps.java"])
    given = told(node, "by_pgjdbc")
    words = [
        *(f"{given[side]['host']}:{given[side]['port']}" for side in ("producer", "consumer")),
        *(given[key] for key in ("database", "user", "password", "ca_file")),
        *(given[key] for key in ("share", "account", "namespace")),
    ]
    command = ["java", "-XX:TieredStopAtLevel=1", "-cp", f"{JAR}:{classes}", "Steps", *words]
    return steps(command, cwd=PLACE)


CLIENT = Client("pgjdbc", _prepare, _version, _run)
