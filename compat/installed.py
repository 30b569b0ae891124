"""A client's own place under .compat: made once, of bounded versions, only for its own job."""

from __future__ import annotations

import hashlib
import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from compat.client import MADE, ROOT, must, run

_VERSIONS = """
import importlib.metadata, sys
print(", ".join(f"{name} {importlib.metadata.version(name)}" for name in sys.argv[1:]))
"""


def python_client(name: str, *requirements: str) -> Callable[[], None]:
    """What makes a client's virtual environment ready."""

    def prepare() -> None:
        place = MADE / name
        mark = place / hashlib.sha256(repr(requirements).encode()).hexdigest()[:16]
        if mark.exists():
            return
        shutil.rmtree(place, ignore_errors=True)
        must([sys.executable, "-m", "venv", place])
        must([place / "bin/pip", "install", "--quiet", "--no-compile", *requirements])
        mark.touch()

    return prepare


def python_of(name: str) -> Path:
    """The interpreter of a client's environment."""
    return MADE / name / "bin/python"


def versions(name: str, *packages: str) -> Callable[[], str]:
    """What is installed there, in words."""
    words: Sequence[str | Path] = [python_of(name), "-c", _VERSIONS, *packages]
    return lambda: run(words)[1]


def node_client(name: str) -> Callable[[], None]:
    """What makes the node_modules of compat/NAME/package.json ready."""

    def prepare() -> None:
        place = MADE / name
        place.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "compat" / name / "package.json", place / "package.json")
        if not (place / "node_modules").exists():
            must(["npm", "install", "--no-audit", "--no-fund", "--silent"], cwd=place)

    return prepare
