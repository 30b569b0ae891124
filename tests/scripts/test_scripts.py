"""Every script by every way it is for."""

from __future__ import annotations

import pytest

from tests.node.running import RunningNode
from tests.scripts.playing import play
from tests.scripts.reading import Script, scripts

pytestmark = pytest.mark.server


@pytest.mark.parametrize(
    ("script", "way"),
    [
        pytest.param(
            script,
            way,
            id=f"{script.path.stem}-{way}",
            marks=pytest.mark.scenario(script.number),
        )
        for script in scripts()
        for way in script.ways
    ],
)
def test_script(node: RunningNode, script: Script, way: str) -> None:
    """Each statement and call answers what the script says."""
    play(node, script, way, f"n{script.number:02}_{way.replace('-', '_')}")
