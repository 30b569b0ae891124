"""What a client's folder gives: how to make it ready, how to run it, what it is called."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.node.running import RunningNode

ROOT = Path(__file__).resolve().parent.parent
#: Clients' own environments; not part of the project.
MADE = ROOT / ".compat"


class NotFound(Exception):
    """The client is not on this machine and no package brings it: it is skipped by name."""


@dataclass(frozen=True)
class Step:
    """One thing a client did."""

    what: str
    ok: bool
    said: str = ""


@dataclass(frozen=True)
class Client:
    """`version` is asked for once the client is ready."""

    name: str
    prepare: Callable[[], None]
    version: Callable[[], str]
    run: Callable[[RunningNode], Sequence[Step]]


def run(
    command: Sequence[str | Path],
    environment: Mapping[str, str] | None = None,
    *,
    cwd: Path | None = None,
    text: str | None = None,
) -> tuple[int, str]:
    """Run a command; its exit code and all it printed."""
    done = subprocess.run(
        [str(part) for part in command],
        env={**os.environ, **(environment or {})},
        cwd=cwd,
        input=text,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    return done.returncode, (done.stdout + done.stderr).strip()


def must(command: Sequence[str | Path], *, cwd: Path | None = None) -> None:
    """Run a command that only makes things ready."""
    code, said = run(command, cwd=cwd)
    if code:
        raise RuntimeError(f"{' '.join(map(str, command))}: {said}")
