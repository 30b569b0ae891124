"""One embedded PostgreSQL and one engine for all tests of the engine."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from redshare.adapters.postgres import EmbeddedPostgres
from tests.adapters.engine.lake import Lake, World


@pytest.fixture(scope="package", name="world")
def _world() -> Iterator[World]:
    directory = Path(tempfile.mkdtemp(prefix="redshare-engine-"))
    with EmbeddedPostgres(directory / "postgres") as postgres:
        world = World(postgres, directory)
        try:
            yield world
        finally:
            world.engine.close()
    shutil.rmtree(directory)


@pytest.fixture(autouse=True)
def _sessions_end(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if "world" in request.fixturenames:
        world: World = request.getfixturevalue("world")
        world.close_sessions()


@pytest.fixture(scope="package", name="shared_lake")
def _shared_lake(world: World) -> Lake:
    return world.lake()


@pytest.fixture(name="lake")
def _lake(shared_lake: Lake) -> Lake:
    """A table's name of its own in a lake that others use, too."""
    return shared_lake.other()


@pytest.fixture(name="new_lake")
def _new_lake(world: World) -> Lake:
    return world.lake()
