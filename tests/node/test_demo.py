"""The first thing a new user runs."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytestmark = pytest.mark.server


def test_the_demo_ends_well() -> None:
    """`redshare demo` goes the whole loop and says that each step was as expected."""
    done = subprocess.run(
        [sys.executable, "-m", "redshare", "demo"],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "FAILED" not in done.stdout
