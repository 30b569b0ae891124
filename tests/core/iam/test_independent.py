"""Random cases decided alike by an independent evaluator: the short form of `make compat-iam`."""

from __future__ import annotations

import pytest

from compat.iam_simulate.compare import differences, installed


@pytest.mark.skipif(not installed(), reason="`make compat-iam` installs the simulator")
def test_decided_alike() -> None:
    """No difference in 2000 cases."""
    assert list(differences(seed=5, count=2000)) == []
