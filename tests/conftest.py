"""What several folders of tests share: one node for a whole session of tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests.node.running import RunningNode

# How fast a machine is at the moment is nothing a test may fail for.
settings.register_profile("any speed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any speed")


@pytest.fixture(scope="session")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningNode]:
    """A node that lives as long as the session."""
    running = RunningNode(tmp_path_factory.mktemp("node")).start()
    yield running
    assert running.stop() == 0
