"""The directory from which DuckDB loads its extensions: made once from the wheels, no network.

DuckDB finds an extension by name under `<directory>/<version>/<platform>/`; the wheels carry the
signed files elsewhere. This module must not know what the extensions do.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import duckdb

#: The extension's name to DuckDB and the package that carries it.
EXTENSIONS = {
    "ducklake": "duckdb_extension_ducklake",
    "postgres_scanner": "duckdb_extension_postgres_scanner",
}


class ExtensionMissing(Exception):
    """A wheel is not installed, or is for another DuckDB."""


def build_extensions(directory: Path) -> Path:
    """Gather the extensions in `directory` unless they are there. Raises ExtensionMissing."""
    place = directory / f"v{duckdb.__version__}" / _platform()
    place.mkdir(parents=True, exist_ok=True)
    for name, package in EXTENSIONS.items():
        wanted = place / f"{name}.duckdb_extension"
        source = _source(name, package)
        if not wanted.exists() or wanted.stat().st_size != source.stat().st_size:
            _copy(source, wanted)
    return directory


def _source(name: str, package: str) -> Path:
    found = importlib.util.find_spec(package)
    if found is not None and found.origin is not None:
        folder = Path(found.origin).parent / "extensions" / f"v{duckdb.__version__}"
        source = folder / f"{name}.duckdb_extension"
        if source.exists():
            return source
    raise ExtensionMissing(f"{package} for DuckDB {duckdb.__version__} is not installed")


def _copy(source: Path, wanted: Path) -> None:
    """Into place at once, so that a second node never loads half a file."""
    handle, name = tempfile.mkstemp(dir=wanted.parent)
    os.close(handle)
    shutil.copyfile(source, name)
    Path(name).chmod(0o444)
    Path(name).replace(wanted)


def _platform() -> str:
    with contextlib.closing(duckdb.connect()) as connection:
        row = connection.execute("PRAGMA platform").fetchone()
    assert row is not None
    return str(row[0])


def loadable() -> Iterator[str]:
    """The statements that load the extensions."""
    for name in EXTENSIONS:
        yield f"LOAD {name}"
